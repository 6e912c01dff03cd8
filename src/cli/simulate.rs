//! `nightdesk simulate`: what would a caller hear at this moment?

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};

use nightdesk::clock::{System, Utc};
use nightdesk::flow::simulate::{simulate, week, week_told};
use nightdesk::flow::{Contact, Setting, Visitor};
use nightdesk::hours::Overrides;
use nightdesk::ids::{self, Language};
use nightdesk::opening;
use nightdesk::plan::{Plan, Severity, render};
use nightdesk::run::plans;
use nightdesk::run::sounds::Sounds;

use super::tenant::{of_tenant, opened};
use super::{check, print};

/// What it takes.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    of_tenant(Command::new("simulate"))
        .about("What a caller would hear, step by step, with the line of the plan that says so")
        .arg(text("plan", "FILE", "A plan that need not be applied [default: the one that counts now]"))
        .arg(text("at", "TIME", "When: 2026-12-24T19:30 where the line is, or with an offset [default: now]"))
        .arg(text("caller", "NUMBER", "Who calls; `withheld` shows no number").default_value("+493023125042"))
        .arg(text("called", "NUMBER", "Which number is called [default: the first of the plan]"))
        .arg(text("contact", "LIST", "The caller is a contact: `yes`, `vip`, `blocked`, `list:NAME`, with commas"))
        .arg(
            text("keys", "KEYS", "Pressed one after the other; `,` waits half a second, `…` two, `_` until we go on")
                .default_value(""),
        )
        .arg(flag("week", "Instead, the seven days from then on: when which step answers, and why"))
        .arg(text("in", "de|en", "Language of the explanations").default_value("de"))
        .arg(flag("json", "As JSON, for programs"))
}

/// Runs it.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
    let language: Language = text("in").and_then(|text| text.parse().ok()).context("--in: de or en expected")?;
    let setting = match text("plan") {
        Some(path) => written(Path::new(path), language)?,
        None => Some(running(given).await?),
    };
    let Some(setting) = setting else { return Ok(ExitCode::from(1)) };
    let at = at(text("at"), &setting)?;
    let visitor = visitor(given, &setting)?;
    let json = given.get_flag("json");
    if given.get_flag("week") {
        let week = week(&setting, &visitor, at);
        let shown = if json { serde_json::to_string_pretty(&week)? } else { week_told(&week, language) };
        print(shown.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let keys = text("keys").unwrap_or_default();
    if let Some(wrong) = keys.chars().find(|key| !"0123456789*#,…_ ".contains(*key)) {
        bail!("--keys: there is no key {wrong:?}: 0–9, *, #, and `,` `…` `_` to wait");
    }
    let told = simulate(&setting, &visitor, at, keys, &Sounds::open()?);
    let shown = if json { serde_json::to_string_pretty(&told)? } else { told.told(language) };
    print(shown.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of a file; none where it is not good, and why is said.
fn written(path: &Path, language: Language) -> Result<Option<Setting>> {
    let bytes = check::read(path)?;
    let checked = Plan::parse_bytes(&bytes, &check::context()?);
    let Some(plan) = checked.plan else {
        let errors: Vec<_> = checked.findings.into_iter().filter(|f| f.severity == Severity::Error).collect();
        let source = String::from_utf8_lossy(&bytes);
        eprint!("{}", render(&errors, &path.display().to_string(), &source, language));
        return Ok(None);
    };
    Ok(Some(Setting::of(plan, "Nightdesk")))
}

/// The plan and the overrides that calls meet now.
async fn running(given: &ArgMatches) -> Result<Setting> {
    let (config, db, tenant) = opened(given).await?;
    let current = plans::current(&db, &Arc::new(plans::basis(&config)?), &tenant).await?;
    let standing = opening::store::standing(&db, &tenant, System::new().now().utc).await?;
    let overrides = Overrides::new(standing.into_iter().map(|kept| kept.by_hand).collect());
    db.close().await;
    Ok(Setting { overrides: Arc::new(overrides), ..Setting::of(current.plan.clone(), tenant.name()) })
}

fn at(text: Option<&str>, setting: &Setting) -> Result<Utc> {
    let Some(text) = text.filter(|text| *text != "now") else { return Ok(System::new().now().utc) };
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Utc(moment.as_millisecond()));
    }
    let local: jiff::civil::DateTime =
        text.parse().map_err(|_| anyhow!("--at: a time like 2026-12-24T19:30 is expected, not {text:?}"))?;
    // A time that the clock change leaves out is the one an hour later, as everywhere (RFC 5545 §3.3.5).
    let zoned = setting.plan.line.zone.to_ambiguous_zoned(local).compatible()?;
    Ok(Utc(zoned.timestamp().as_millisecond()))
}

fn visitor(given: &ArgMatches, setting: &Setting) -> Result<Visitor> {
    let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
    let caller = text("caller").filter(|caller| *caller != "withheld").map(ids::dialled);
    let called = text("called").map(ids::dialled).or_else(|| setting.plan.line.numbers.first().cloned());
    let contact = text("contact").map(contact).transpose()?;
    Ok(Visitor { caller, called: called.unwrap_or_default(), contact })
}

fn contact(text: &str) -> Result<Contact> {
    let mut contact = Contact::default();
    for word in text.split(',').map(str::trim) {
        match (word, word.strip_prefix("list:")) {
            ("yes", _) => {}
            ("vip", _) => contact.vip = true,
            ("blocked", _) => contact.blocked = true,
            (_, Some(list)) => contact.lists.push(list.to_owned()),
            _ => bail!("--contact: `yes`, `vip`, `blocked` or `list:NAME` is expected, not {word:?}"),
        }
    }
    Ok(contact)
}
