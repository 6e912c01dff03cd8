//! `nightdesk simulate`: what would a caller hear at this moment?

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use clap::{Arg, ArgAction, ArgMatches, Command};

use nightdesk::clock::System;
use nightdesk::contact;
use nightdesk::flow::simulate::{ask, simulate, week, week_told};
use nightdesk::flow::{Contact, Setting};
use nightdesk::hours::Overrides;
use nightdesk::ids::Language;
use nightdesk::opening;
use nightdesk::plan::{Plan, Severity, render};
use nightdesk::run::sounds::Sounds;
use nightdesk::run::{lines, plans};

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
        .arg(text("contact", "LIST", "The caller is such a contact, whatever is known: `yes`, `vip`, `blocked`, `list:NAME`, with commas; `no`: none"))
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
    let found = match text("plan") {
        Some(path) => written(Path::new(path), language)?.map(|setting| (setting, None)),
        None => Some(running(given).await?),
    };
    let Some((setting, known)) = found else { return Ok(ExitCode::from(1)) };
    let at = match text("at").filter(|text| *text != "now") {
        Some(text) => ask::at(text, &setting.plan.line.zone).map_err(|bad| anyhow!("--at: {bad}"))?,
        None => System::new().now().utc,
    };
    let contact = match text("contact") {
        Some(text) => ask::contact(text).map_err(|bad| anyhow!("--contact: {bad}"))?,
        None => known,
    };
    let visitor = ask::visitor(ask::caller(text("caller")), text("called"), contact, &setting);
    let json = given.get_flag("json");
    if given.get_flag("week") {
        let week = week(&setting, &visitor, at);
        let shown = if json { serde_json::to_string_pretty(&week)? } else { week_told(&week, language) };
        print(shown.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let keys = text("keys").unwrap_or_default();
    ask::keys(keys).map_err(|bad| anyhow!("--keys: {bad}"))?;
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

/// The plan and the overrides that calls meet now, and the caller where it is a contact.
async fn running(given: &ArgMatches) -> Result<(Setting, Option<Contact>)> {
    let (config, db, tenant) = opened(given).await?;
    let current = plans::current(&db, &Arc::new(plans::basis(&config)?), &tenant).await?;
    let standing = opening::store::standing(&db, &tenant, System::new().now().utc).await?;
    let overrides = Overrides::new(standing.into_iter().map(|kept| kept.by_hand).collect());
    let caller = ask::caller(given.get_one::<String>("caller").map(String::as_str));
    let known = match caller {
        Some(number) => contact::store::by_number(&db, &tenant, &number).await?,
        None => None,
    };
    db.close().await;
    let setting = Setting { overrides: Arc::new(overrides), ..Setting::of(current.plan.clone(), tenant.name()) };
    Ok((setting, known.map(|known| lines::contact(&known.card.standing()))))
}
