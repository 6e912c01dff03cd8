//! `nightdesk check`: is this plan good, and if not, where and why?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;

use nightdesk::clock::System;
use nightdesk::ids::Language;
use nightdesk::plan::{CheckContext, Finding, Plan, Severity, limits, render};

use super::print;

/// What it takes.
pub fn command() -> Command {
    Command::new("check")
        .about("Check plans: exit 0 if all are good, 1 with findings at their place")
        .arg(
            Arg::new("path")
                .required(true)
                .num_args(1..)
                .value_name("PATH")
                .help("Plans, or directories of them (*.toml)"),
        )
        .arg(Arg::new("in").long("in").value_name("de|en").default_value("de").help("Language of the findings"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON, for programs"))
}

/// One plan and what is to be said about it.
#[derive(Serialize)]
struct Line {
    path: String,
    good: bool,
    findings: Vec<Finding>,
}

/// Runs it.
pub fn run(given: &ArgMatches) -> Result<ExitCode> {
    let language: Language =
        given.get_one::<String>("in").and_then(|text| text.parse().ok()).context("--in: de or en expected")?;
    // What ships is known; people, lists and numbers of a tenant are not asked for here.
    let context = context()?;
    let json = given.get_flag("json");
    let mut lines = Vec::new();
    for path in paths(given)? {
        let bytes = read(&path)?;
        let checked = Plan::parse_bytes(&bytes, &context);
        let name = path.display().to_string();
        if !json {
            let text = String::from_utf8_lossy(&bytes);
            let told = render(&checked.findings, &name, &text, language);
            if !told.is_empty() {
                print(told.trim_end())?;
            }
            print(&format!("{} {name}", if checked.plan.is_some() { "✓" } else { "×" }))?;
        }
        lines.push(Line { path: name, good: checked.plan.is_some(), findings: checked.findings });
    }
    if json {
        print(&serde_json::to_string_pretty(&lines)?)?;
    }
    let refused = lines.iter().any(|line| !line.good || line.findings.iter().any(|f| f.severity == Severity::Error));
    Ok(ExitCode::from(u8::from(refused)))
}

/// What ships is known, and today; people, lists and numbers of a tenant are not asked for here.
pub(super) fn context() -> Result<CheckContext> {
    Ok(CheckContext { today: today(), ..nightdesk::run::plans::known()? })
}

/// Where most plans are: elsewhere it is a day more or less for some hours, which no finding depends on.
fn today() -> Option<jiff::civil::Date> {
    let now = jiff::Timestamp::from_millisecond(System::new().now().utc.0).ok()?;
    Some(now.to_zoned(nightdesk::hours::zone("Europe/Berlin").ok()?).date())
}

fn paths(given: &ArgMatches) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in given.get_many::<String>("path").into_iter().flatten().map(PathBuf::from) {
        if !path.is_dir() {
            found.push(path);
            continue;
        }
        let entries = std::fs::read_dir(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let plans = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut plans: Vec<PathBuf> = plans.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
        if plans.is_empty() {
            bail!("{} holds no plan (*.toml)", path.display());
        }
        plans.sort();
        found.append(&mut plans);
    }
    Ok(found)
}

/// One byte more than a plan may have is enough to say that it is too long.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let most = u64::try_from(limits::TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}
