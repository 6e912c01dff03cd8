//! `nightdesk job`: work in the queue, and what failed there.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use nightdesk::clock::{System, Utc};
use nightdesk::ids::JobId;
use nightdesk::jobs::{Job, State, store};
use nightdesk::person::{self, Action, Actor};

use super::tenant::{of_tenant, opened};
use super::{json_arg, print};

/// Jobs that are listed, and that are tried again at once.
const LISTED: u32 = 200;

/// What it takes.
pub fn command() -> Command {
    let states = State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>();
    Command::new("job")
        .about("Work in the queue, such as mails to send")
        .subcommand_required(true)
        .subcommand(
            of_tenant(
                Command::new("list")
                    .about("Newest first")
                    .arg(Arg::new("state").long("state").value_name("STATE").value_parser(states).help("Only those")),
            )
            .arg(json_arg()),
        )
        .subcommand(
            of_tenant(
                Command::new("retry")
                    .about("Have what failed for good tried again")
                    .arg(Arg::new("id").value_name("ID").required_unless_present("all"))
                    .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("All of them")),
            )
            .arg(json_arg()),
        )
}

/// Runs it.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    match given.subcommand() {
        Some(("list", given)) => list(given).await,
        Some(("retry", given)) => retry(given).await,
        _ => Err(anyhow!("say what: nightdesk job list")),
    }
}

async fn list(given: &ArgMatches) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let state = given.get_one::<String>("state").and_then(|text| text.parse().ok());
    let jobs = store::list(&db, &tenant, state, LISTED).await?;
    if given.get_flag("json") {
        print(&serde_json::to_string_pretty(&jobs.iter().map(job_json).collect::<Vec<_>>())?)?;
    } else {
        for job in &jobs {
            let error = job.last_error.as_deref().map(|error| format!("  {error}")).unwrap_or_default();
            let tries = if job.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", job.attempts) };
            print(&format!(
                "{}  {:<10} {}  {tries}  {}{error}",
                job.id,
                job.state.as_str(),
                job.due_at.rfc3339(),
                job.key
            ))?;
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn retry(given: &ArgMatches) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let ids: Vec<JobId> = match given.get_one::<String>("id") {
        Some(text) => vec![text.parse().map_err(|_| anyhow!("{text:?} is no id: nightdesk job list shows them"))?],
        None => store::list(&db, &tenant, Some(State::Dead), LISTED).await?.iter().map(|job| job.id).collect(),
    };
    let now = System::new().now().utc;
    let mut tx = db.write().await?;
    for id in &ids {
        if !store::retry(&mut tx, &tenant, *id, now).await? {
            bail!("no job {id} has failed for good: nightdesk job list --state dead shows those");
        }
        person::store::audit(&mut tx, &tenant, now, Actor::Console, Action::JobRetried, &id.to_string()).await?;
    }
    tx.commit().await?;
    print(&if given.get_flag("json") {
        serde_json::to_string_pretty(&json!({ "retried": ids }))?
    } else {
        format!("{} tried again", ids.len())
    })?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn job_json(job: &Job) -> serde_json::Value {
    json!({
        "id": job.id, "kind": job.kind, "state": job.state.as_str(), "key": job.key, "attempts": job.attempts,
        "created_at": job.created_at.rfc3339(), "due_at": job.due_at.rfc3339(),
        "done_at": job.done_at.map(Utc::rfc3339), "error": job.last_error,
    })
}
