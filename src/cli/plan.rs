//! `nightdesk plan`: the plan of a business, its revisions, and the way back.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use nightdesk::clock::{System, Utc};
use nightdesk::config::Config;
use nightdesk::db::Db;
use nightdesk::ids::Language;
use nightdesk::person::{self, Action, Actor};
use nightdesk::plan::{Finding, Plan, limits, render};
use nightdesk::revision::{self, Applied, Basis, Draft, Entry, Origin};
use nightdesk::run::plans;
use nightdesk::tenant::Tenant;

use super::tenant::{author, make_database, of_tenant, opened};
use super::{check, json_arg, print};

/// Revisions that are listed.
const LISTED: u32 = 100;

/// What it takes.
pub fn command() -> Command {
    let text = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("TEXT").help(help);
    let changing = |command: Command| {
        of_tenant(command)
            .arg(text("note", "Why, for the history"))
            .arg(text("author", "Who does it [default: the user]"))
            .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Change nothing"))
            .arg(Arg::new("in").long("in").value_name("de|en").default_value("de").help("Language of the findings"))
            .arg(json_arg())
    };
    let seq = |name: &'static str, help: &'static str| {
        Arg::new(name).value_name("REVISION").value_parser(clap::value_parser!(u32)).help(help)
    };
    let based_on = seq("based-on", "Refuse if another revision than this is the plan by now (0: none)");
    Command::new("plan")
        .about("How calls are answered")
        .subcommand_required(true)
        .subcommand(changing(
            Command::new("apply")
                .about("Make a text the plan: exit 1 with findings, and nothing changed, if it is not good")
                .arg(Arg::new("file").required(true).value_name("FILE").help("A plan; - is the standard input"))
                .arg(based_on.long("based-on")),
        ))
        .subcommand(changing(
            Command::new("rollback")
                .about("Make the text of an older revision the plan again")
                .arg(seq("revision", "Which").required(true)),
        ))
        .subcommand(of_tenant(
            Command::new("show")
                .about("The text of the plan")
                .arg(seq("revision", "An older one; 0 is the standard plan"))
                .arg(json_arg()),
        ))
        .subcommand(of_tenant(
            Command::new("diff")
                .about("What changed: from the one before to the last, from A to the last, or from A to B")
                .arg(seq("a", "From"))
                .arg(seq("b", "To")),
        ))
        .subcommand(of_tenant(Command::new("history").about("Revisions, newest first").arg(json_arg())))
}

/// Runs it.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    match given.subcommand() {
        Some(("apply", given)) => apply(given).await,
        Some(("rollback", given)) => rollback(given).await,
        Some(("show", given)) => show(given).await,
        Some(("diff", given)) => diff(given).await,
        Some(("history", given)) => history(given).await,
        _ => Err(anyhow!("say what: nightdesk plan show")),
    }
}

/// One business and its plans.
struct Desk {
    db: Db,
    tenant: Tenant,
    basis: Arc<Basis>,
    at: Utc,
}

impl Desk {
    async fn open(given: &ArgMatches) -> Result<Desk> {
        let (config, db, tenant): (Config, Db, Tenant) = opened(given).await?;
        Ok(Desk { db, tenant, basis: Arc::new(plans::basis(&config)?), at: System::new().now().utc })
    }

    /// Plans in files are changed as files.
    fn may_change(&self) -> Result<()> {
        match &self.basis.dir {
            Some(dir) => bail!(
                "plans are the files of {} (plan-dir): change the file there; it counts as soon as it is saved and good",
                dir.display()
            ),
            None => Ok(()),
        }
    }

    /// A text and what it is called: a revision, or with 0 the standard plan.
    async fn text(&self, seq: u32) -> Result<(String, String)> {
        if seq == 0 {
            let text = self.basis.standard(self.tenant.language(), self.tenant.timezone());
            return Ok(("standard plan".to_owned(), text));
        }
        let found = revision::store::get(&self.db, &self.tenant, seq).await?;
        let found = found.with_context(|| format!("there is no revision {seq}: nightdesk plan history lists them"))?;
        Ok((format!("revision {seq}"), found.text))
    }

    async fn last(&self) -> Result<u32> {
        Ok(revision::store::last(&self.db, &self.tenant).await?.map_or(0, |last| last.entry.seq))
    }
}

async fn apply(given: &ArgMatches) -> Result<ExitCode> {
    if !given.get_flag("dry-run") {
        make_database(given).await?;
    }
    let desk = Desk::open(given).await?;
    desk.may_change()?;
    let name = given.get_one::<String>("file").cloned().unwrap_or_default();
    let bytes = if name == "-" { read_input()? } else { check::read(Path::new(&name))? };
    let origin = Origin { author: author(given), based_on: given.get_one("based-on").copied(), ..Origin::default() };
    change(given, &desk, &name, &bytes, origin).await
}

async fn rollback(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    desk.may_change()?;
    let seq: u32 = given.get_one("revision").copied().unwrap_or_default();
    let (name, text) = desk.text(seq).await?;
    let restores = (seq > 0).then_some(seq);
    change(given, &desk, &name, text.as_bytes(), Origin { author: author(given), restores, ..Origin::default() }).await
}

fn read_input() -> Result<Vec<u8>> {
    let most = u64::try_from(limits::TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(most).read_to_end(&mut bytes).context("the plan cannot be read")?;
    Ok(bytes)
}

/// Checks a text and makes it the plan; tells what it found and did.
async fn change(given: &ArgMatches, desk: &Desk, name: &str, bytes: &[u8], origin: Origin) -> Result<ExitCode> {
    let language: Language =
        given.get_one::<String>("in").and_then(|text| text.parse().ok()).context("--in: de or en expected")?;
    let context = revision::store::context(&desk.db, &desk.tenant, &desk.basis.known, desk.at).await?;
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (draft, findings) = match std::str::from_utf8(bytes) {
        Ok(text) => Draft::check(text, &context),
        Err(_) => (None, Plan::parse_bytes(bytes, &context).findings),
    };
    let mut report = Report { json: given.get_flag("json"), name, text: &text, language, findings };
    let Some(draft) = draft else {
        report.end("refused", None, "")?;
        return Ok(ExitCode::from(1));
    };
    let last = desk.last().await?;
    let (before_name, before) = desk.text(last).await?;
    let told = revision::diff((&before_name, &before), (name, draft.text()));
    if given.get_flag("dry-run") {
        report.end("dry run: nothing changed", None, &told)?;
        return Ok(ExitCode::SUCCESS);
    }
    let note = given.get_one::<String>("note").cloned().unwrap_or_default();
    let origin = Origin { note, ..origin };
    let mut tx = desk.db.write().await?;
    let done = revision::store::apply(&mut tx, &desk.tenant, &draft, &origin, desk.at).await?;
    let seq = match &done {
        Applied::Done(seq) => *seq,
        Applied::Same(seq) => {
            report.end("this is the plan already", Some(*seq), "")?;
            return Ok(ExitCode::SUCCESS);
        }
        Applied::Overtaken(seq) => {
            bail!("somebody else was faster: revision {seq} is the plan by now; see nightdesk plan diff {seq}")
        }
        Applied::Taken(numbers) => bail!("these numbers are another tenant's: {}", numbers.join(", ")),
    };
    let action = if origin.restores.is_some() { Action::PlanRolledBack } else { Action::PlanApplied };
    person::store::audit(&mut tx, &desk.tenant, desk.at, Actor::Console, action, &seq.to_string()).await?;
    tx.commit().await?;
    report.end(&format!("revision {seq} is the plan of {}", desk.tenant.name()), Some(seq), &told)?;
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// What is said of a text.
struct Report<'a> {
    json: bool,
    name: &'a str,
    text: &'a str,
    language: Language,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn end(&mut self, result: &str, revision: Option<u32>, diff: &str) -> Result<()> {
        if self.json {
            let told = json!({ "result": result, "revision": revision, "findings": self.findings, "diff": diff });
            return print(&serde_json::to_string_pretty(&told)?);
        }
        let told = render(&self.findings, self.name, self.text, self.language);
        for part in [told.as_str(), diff, result] {
            if !part.trim().is_empty() {
                print(part.trim_end())?;
            }
        }
        Ok(())
    }
}

async fn show(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let current = plans::current(&desk.db, &desk.basis, &desk.tenant).await?;
    let (name, text) = match given.get_one::<u32>("revision") {
        Some(seq) => desk.text(*seq).await?,
        None => match &current.file {
            Some(file) => (file.clone(), current.text.to_string()),
            None => desk.text(desk.last().await?).await?,
        },
    };
    let known = revision::store::known(&desk.db, &desk.tenant, &desk.basis.known).await?;
    let findings = Plan::parse(&text, &known).findings;
    if given.get_flag("json") {
        let told = json!({
            "name": name, "text": text, "findings": findings,
            "answers_with": { "revision": current.revision, "file": current.file },
        });
        print(&serde_json::to_string_pretty(&told)?)?;
    } else {
        print(text.trim_end())?;
        if let (Some(held), None) = (&current.held_back, given.get_one::<u32>("revision")) {
            eprintln!("{}", render(held, &name, &text, Language::De).trim_end());
            let instead =
                current.revision.map_or_else(|| "the standard plan".to_owned(), |seq| format!("revision {seq}"));
            eprintln!("it does not check any more: calls are answered with {instead}");
        }
    }
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn diff(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let last = desk.last().await?;
    let (a, b) = (given.get_one::<u32>("a").copied(), given.get_one::<u32>("b").copied());
    let (from, to) = (a.unwrap_or(last.saturating_sub(1)), b.unwrap_or(last));
    let ((old_name, old), (new_name, new)) = (desk.text(from).await?, desk.text(to).await?);
    let told = revision::diff((&old_name, &old), (&new_name, &new));
    if !told.is_empty() {
        print(told.trim_end())?;
    }
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn history(given: &ArgMatches) -> Result<ExitCode> {
    let desk = Desk::open(given).await?;
    let entries = revision::store::history(&desk.db, &desk.tenant, None, LISTED).await?;
    if given.get_flag("json") {
        let rows: Vec<_> = entries.iter().map(entry_json).collect();
        print(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        for entry in &entries {
            let restores = entry.restores.map(|seq| format!(" (revision {seq} again)")).unwrap_or_default();
            print(
                format!("{:>4}  {}  {:<16} {}{restores}", entry.seq, entry.at.rfc3339(), entry.author, entry.note)
                    .trim_end(),
            )?;
        }
    }
    desk.db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn entry_json(entry: &Entry) -> serde_json::Value {
    json!({
        "revision": entry.seq, "author": entry.author, "note": entry.note, "at": entry.at.rfc3339(),
        "based_on": entry.based_on, "restores": entry.restores,
    })
}
