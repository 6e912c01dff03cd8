//! `nightdesk opening`: is it open, and overrides that end by themselves.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::tz::TimeZone;
use serde_json::json;

use nightdesk::clock::{System, Utc};
use nightdesk::db::Db;
use nightdesk::hours::{self, Hours, Override, Overrides};
use nightdesk::ids::{Language, OverrideId};
use nightdesk::opening::{self, Kept};
use nightdesk::person::{self, Action, Actor};
use nightdesk::run::plans;
use nightdesk::tenant::Tenant;

use super::tenant::{author, of_tenant, opened};
use super::{json_arg, print};

/// Overrides that are listed.
const LISTED: u32 = 200;

/// What it takes.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let setting = |command: Command| {
        of_tenant(command)
            .arg(
                text("until", "TIME", "When it ends: 20:00, mon 08:00, 2026-12-28T08:00, next opening, next closing")
                    .required(true),
            )
            .arg(text("from", "TIME", "When it begins [default: now]"))
            .arg(text("reason", "TEXT", "Why: callers are told"))
            .arg(text("author", "TEXT", "Who does it [default: the user]"))
            .arg(json_arg())
    };
    Command::new("opening")
        .visible_alias("override")
        .about("Whether it is open, and hours set aside for a while")
        .after_help(
            "Times are those of a clock at the business. Where the clock jumps over a time in spring, the end of the \
             jump is meant; where a time comes twice in autumn, the first (write an offset for the second: \
             2026-10-25T02:30+01:00).",
        )
        .subcommand_required(true)
        .subcommand(of_tenant(Command::new("show").about("Open now? Why, and until when?").arg(json_arg())))
        .subcommand(setting(Command::new("close").visible_alias("closed").about("Closed, whatever the hours say")))
        .subcommand(setting(Command::new("open").about("Open, whatever the hours say")))
        .subcommand(of_tenant(
            Command::new("list")
                .about("Overrides that stand, or will")
                .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("Those that have ended too"))
                .arg(json_arg()),
        ))
        .subcommand(of_tenant(
            Command::new("lift")
                .about("End one early")
                .arg(Arg::new("id").value_name("ID").help("Which [default: the one that counts now]")),
        ))
}

/// Runs it.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    match given.subcommand() {
        Some(("show", given)) => show(given).await,
        Some(("close", given)) => set(given, false).await,
        Some(("open", given)) => set(given, true).await,
        Some(("list", given)) => list(given).await,
        Some(("lift", given)) => lift(given).await,
        _ => Err(anyhow!("say what: nightdesk opening show")),
    }
}

/// One business and its hours.
struct Desk {
    db: Db,
    tenant: Tenant,
    hours: Hours,
    zone: TimeZone,
    now: Utc,
}

impl Desk {
    async fn open(given: &ArgMatches) -> Result<Desk> {
        let (config, db, tenant) = opened(given).await?;
        let current = plans::current(&db, &Arc::new(plans::basis(&config)?), &tenant).await?;
        let hours = current.plan.line_hours().map_or_else(Hours::always, |part| part.hours.clone());
        Ok(Desk { db, tenant, hours, zone: current.plan.line.zone.clone(), now: System::new().now().utc })
    }

    fn moment(&self, given: &ArgMatches, name: &str, after: Utc) -> Result<Option<Utc>> {
        let text = given.get_one::<String>(name);
        Ok(text.map(|text| opening::moment(text, &self.zone, &self.hours, after)).transpose()?)
    }

    fn line(&self, kept: &Kept) -> String {
        let by_hand = &kept.by_hand;
        let word = if by_hand.open() { "open  " } else { "closed" };
        let [from, until] = [by_hand.from(), by_hand.until()].map(|at| opening::shown(&self.zone, at));
        let over = if kept.stands(self.now) { "" } else { "  (over)" };
        let reason = by_hand.reason().map(|reason| format!("  {reason}")).unwrap_or_default();
        format!("{}  {word} {from} – {until}  by {}{reason}{over}", kept.id, by_hand.by())
    }
}

async fn set(given: &ArgMatches, open: bool) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let from = desk.moment(given, "from", desk.now)?.unwrap_or(desk.now);
    let until = desk.moment(given, "until", from)?.unwrap_or(from);
    if until <= desk.now {
        bail!("{} is over already", opening::shown(&desk.zone, until));
    }
    let reason = given.get_one::<String>("reason").and_then(|text| opening::reason(text));
    let by_hand = Override::new(open, from, until, desk.now, reason, author(given))?;
    let mut tx = desk.db.write().await?;
    let Some(id) = opening::store::set(&mut tx, &desk.tenant, &by_hand).await? else {
        bail!("there are {} already: lift some (nightdesk opening list)", opening::RUNNING_MAX);
    };
    person::store::audit(&mut tx, &desk.tenant, desk.now, Actor::Console, Action::OverrideSet, &id.to_string()).await?;
    tx.commit().await?;
    let kept = Kept { id, by_hand, lifted_at: None };
    print(&if given.get_flag("json") { serde_json::to_string_pretty(&kept_json(&kept))? } else { desk.line(&kept) })?;
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn show(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let standing = opening::store::standing(&desk.db, &desk.tenant, desk.now).await?;
    let overrides = Overrides::new(standing.iter().map(|kept| kept.by_hand.clone()).collect());
    let state = hours::state(&desk.hours, &overrides, &desk.zone, desk.now);
    let told = opening::told(&state, Language::En);
    if given.get_flag("json") {
        let told = json!({
            "open": state.open, "why": told.why, "detail": told.detail, "until": state.until.map(Utc::rfc3339),
            "timezone": desk.zone.iana_name(), "overrides": standing.iter().map(kept_json).collect::<Vec<_>>(),
        });
        print(&serde_json::to_string_pretty(&told)?)?;
    } else {
        let until = state.until.map(|at| format!(" until {}", opening::shown(&desk.zone, at))).unwrap_or_default();
        let detail = told.detail.map(|detail| format!(", {detail}")).unwrap_or_default();
        print(&format!("{}{until} ({}{detail})", if state.open { "open" } else { "closed" }, told.why))?;
        for kept in &standing {
            print(&desk.line(kept))?;
        }
    }
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let found = match given.get_flag("all") {
        true => opening::store::history(&desk.db, &desk.tenant, LISTED).await?,
        false => opening::store::standing(&desk.db, &desk.tenant, desk.now).await?,
    };
    if given.get_flag("json") {
        print(&serde_json::to_string_pretty(&found.iter().map(kept_json).collect::<Vec<_>>())?)?;
    } else {
        for kept in &found {
            print(&desk.line(kept))?;
        }
    }
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn lift(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let id: OverrideId = match given.get_one::<String>("id") {
        Some(text) => text.parse().map_err(|_| anyhow!("{text:?} is no id: nightdesk opening list shows them"))?,
        None => {
            let standing = opening::store::standing(&desk.db, &desk.tenant, desk.now).await?;
            let holds = |kept: &&Kept| kept.by_hand.from() <= desk.now;
            let counts = standing.iter().rev().find(holds).map(|kept| kept.id);
            counts.ok_or_else(|| anyhow!("no override counts now: nightdesk opening list shows those that will"))?
        }
    };
    let mut tx = desk.db.write().await?;
    if !opening::store::lift(&mut tx, &desk.tenant, id, desk.now).await? {
        bail!("{id} does not stand: nightdesk opening list shows those that do");
    }
    person::store::audit(&mut tx, &desk.tenant, desk.now, Actor::Console, Action::OverrideLifted, &id.to_string())
        .await?;
    tx.commit().await?;
    print(&format!("{id} is lifted"))?;
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn kept_json(kept: &Kept) -> serde_json::Value {
    let by_hand = &kept.by_hand;
    json!({
        "id": kept.id.to_string(), "open": by_hand.open(), "from": by_hand.from().rfc3339(),
        "until": by_hand.until().rfc3339(), "reason": by_hand.reason(), "author": by_hand.by(),
        "set_at": by_hand.set_at().rfc3339(), "lifted_at": kept.lifted_at.map(Utc::rfc3339),
    })
}
