//! `nightdesk tenant` and `nightdesk number`: businesses, their numbers and PINs.

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use nightdesk::clock::System;
use nightdesk::config::Config;
use nightdesk::db::Db;
use nightdesk::person::pin::Pin;
use nightdesk::person::store::pin;
use nightdesk::person::{self, Action, Actor};
use nightdesk::run::{key, node};
use nightdesk::tenant::{self, NewTenant, Tenant, number_key};

use super::{config, existing, json_arg, print, settings};

/// Longest name of a business, in characters.
const NAME_MAX: usize = 120;
/// Longest number, in bytes.
const NUMBER_MAX: usize = 64;

/// `nightdesk tenant …`.
pub fn command() -> Command {
    let pin = Command::new("pin")
        .about("The PIN with which the owner reaches the mailbox by phone")
        .subcommand_required(true)
        .subcommand(of_tenant(Command::new("set").about("Set it: 6 to 12 digits, read from the standard input")))
        .subcommand(of_tenant(Command::new("unlock").about("Let it be tried again after too many wrong ones")))
        .subcommand(of_tenant(
            Command::new("show").about("Whether one is set, and whether it is locked").arg(json_arg()),
        ));
    Command::new("tenant")
        .about("Businesses")
        .subcommand_required(true)
        .subcommand(settings(Command::new("list").about("All, oldest first").arg(json_arg())))
        .subcommand(settings(
            Command::new("add")
                .about("Make one; --language and --timezone are its own")
                .arg(Arg::new("name").required(true).value_name("NAME"))
                .arg(json_arg()),
        ))
        .subcommand(pin)
}

/// `nightdesk number …`.
pub fn number_command() -> Command {
    let number = || Arg::new("number").required(true).value_name("NUMBER").help("Such as +493023125000");
    Command::new("number")
        .about("Numbers whose calls reach a business")
        .subcommand_required(true)
        .subcommand(of_tenant(Command::new("list").about("Those of a business").arg(json_arg())))
        .subcommand(of_tenant(Command::new("add").about("Give it one").arg(number())))
        .subcommand(of_tenant(Command::new("remove").about("Take one from it").arg(number())))
}

/// A command about one business.
pub fn of_tenant(command: Command) -> Command {
    let tenant =
        Arg::new("tenant").long("tenant").value_name("NAME|ID|NUMBER").help("Which business [default: the first]");
    settings(command.arg(tenant))
}

/// The first plan of an installation may come before its first start.
pub async fn make_database(given: &ArgMatches) -> Result<()> {
    let config = config(given)?;
    std::fs::create_dir_all(&config.data).with_context(|| format!("{} cannot be made", config.data.display()))?;
    Db::open(&config.database).await?.close().await;
    Ok(())
}

/// The database, and the business that is meant.
pub async fn opened(given: &ArgMatches) -> Result<(Config, Db, Tenant)> {
    let config = config(given)?;
    let db = existing(&config).await?;
    let tenant = match given.get_one::<String>("tenant") {
        Some(text) => chosen(&db, text).await?,
        None => node::first_tenant(&db, &config, System::new()).await?,
    };
    Ok((config, db, tenant))
}

/// By id, number or name; a name that several have names none.
async fn chosen(db: &Db, text: &str) -> Result<Tenant> {
    if let Ok(id) = text.parse() {
        return tenant::store::by_id(db, id).await?.ok_or_else(|| anyhow!("there is no tenant {text}"));
    }
    if let Some(tenant) = tenant::store::by_number(db, text).await? {
        return Ok(tenant);
    }
    let all = tenant::store::all(db).await?;
    let mut named = all.into_iter().filter(|tenant| tenant.name().to_lowercase() == text.to_lowercase());
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => bail!("several tenants are called {text:?}: name one by its id (nightdesk tenant list)"),
        (None, _) => bail!("there is no tenant {text:?}: nightdesk tenant list shows all"),
    }
}

/// Runs `nightdesk tenant …`.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    match given.subcommand() {
        Some(("list", given)) => list(given).await,
        Some(("add", given)) => add(given).await,
        Some(("pin", given)) => match given.subcommand() {
            Some(("set", given)) => pin_set(given).await,
            Some(("unlock", given)) => pin_unlock(given).await,
            Some((_, given)) => pin_show(given).await,
            None => Err(anyhow!("say what: nightdesk tenant pin set")),
        },
        _ => Err(anyhow!("say what: nightdesk tenant list")),
    }
}

async fn list(given: &ArgMatches) -> Result<ExitCode> {
    let db = existing(&config(given)?).await?;
    let mut rows = Vec::new();
    for tenant in tenant::store::all(&db).await? {
        let numbers = tenant::store::numbers_of(&db, &tenant).await?;
        let numbers: Vec<String> = numbers.into_iter().map(|(number, _)| number).collect();
        rows.push((tenant, numbers));
    }
    if given.get_flag("json") {
        let rows: Vec<_> = rows.iter().map(|(tenant, numbers)| tenant_json(tenant, numbers)).collect();
        print(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        for (tenant, numbers) in &rows {
            print(&format!("{}  {:<24} {}  {}", tenant.id(), tenant.name(), tenant.language(), numbers.join(" ")))?;
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn tenant_json(tenant: &Tenant, numbers: &[String]) -> serde_json::Value {
    json!({
        "id": tenant.id().to_string(),
        "name": tenant.name(),
        "language": tenant.language(),
        "timezone": tenant.timezone(),
        "numbers": numbers,
    })
}

/// A fresh directory is fine here: the first business of an installation is made before its first start.
async fn add(given: &ArgMatches) -> Result<ExitCode> {
    let config = config(given)?;
    let name = given.get_one::<String>("name").map(|name| name.trim().to_owned()).unwrap_or_default();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        bail!("a name has 1 to {NAME_MAX} characters");
    }
    let db = Db::open(&config.database).await?;
    let new = NewTenant { name, language: config.language, timezone: config.timezone.clone() };
    let at = System::new().now().utc;
    let mut tx = db.write().await?;
    let tenant = tenant::store::create(&mut tx, &new, at).await?;
    person::store::audit(&mut tx, &tenant, at, Actor::Console, Action::TenantAdded, tenant.name()).await?;
    tx.commit().await?;
    if given.get_flag("json") {
        print(&serde_json::to_string_pretty(&tenant_json(&tenant, &[]))?)?;
    } else {
        print(&tenant.id().to_string())?;
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Not as an argument: others on the machine see those.
async fn pin_set(given: &ArgMatches) -> Result<ExitCode> {
    let (config, db, tenant) = opened(given).await?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the PIN is read from the standard input")?;
    let pin = Pin::new(line.trim())?;
    let key = key::open(&config.key_file)?;
    let mut tx = db.write().await?;
    pin::set(&mut tx, &tenant, &key, &pin, &author(given), Actor::Console, System::new().now().utc).await?;
    tx.commit().await?;
    print(&format!("the PIN of {} is set", tenant.name()))?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn pin_unlock(given: &ArgMatches) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let mut tx = db.write().await?;
    let done = pin::unlock(&mut tx, &tenant, Actor::Console, System::new().now().utc).await?;
    tx.commit().await?;
    db.close().await;
    if !done {
        bail!("{} has no PIN: nightdesk tenant pin set", tenant.name());
    }
    print(&format!("the PIN of {} can be tried again", tenant.name()))?;
    Ok(ExitCode::SUCCESS)
}

async fn pin_show(given: &ArgMatches) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let state = pin::state(&db, &tenant).await?;
    if given.get_flag("json") {
        let state = state.map(|state| {
            json!({
                "set_at": state.set_at.rfc3339(),
                "author": state.author,
                "wrong": state.wrong,
                "locked_at": state.locked_at.map(|at| at.rfc3339()),
            })
        });
        print(&serde_json::to_string_pretty(&state)?)?;
    } else {
        print(&match state {
            None => "not set".to_owned(),
            Some(state) => match state.locked_at {
                Some(at) => format!("locked since {}: nightdesk tenant pin unlock", at.rfc3339()),
                None => format!("set {} by {}, {} wrong since", state.set_at.rfc3339(), state.author, state.wrong),
            },
        })?;
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Runs `nightdesk number …`.
pub async fn run_number(given: &ArgMatches) -> Result<ExitCode> {
    match given.subcommand() {
        Some(("list", given)) => list_numbers(given).await,
        Some((verb, given)) => change_number(given, verb == "add").await,
        None => Err(anyhow!("say what: nightdesk number list")),
    }
}

async fn list_numbers(given: &ArgMatches) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let numbers = tenant::store::numbers_of(&db, &tenant).await?;
    if given.get_flag("json") {
        let rows: Vec<_> = numbers.iter().map(|(number, plan)| json!({"number": number, "from_plan": plan})).collect();
        print(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        for (number, from_plan) in &numbers {
            print(&format!("{number}{}", if *from_plan { "  (of the plan)" } else { "" }))?;
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn change_number(given: &ArgMatches, add: bool) -> Result<ExitCode> {
    let (_, db, tenant) = opened(given).await?;
    let text = given.get_one::<String>("number").cloned().unwrap_or_default();
    let number = number_key(&text);
    let good = |c: char| c.is_alphanumeric() || "+-_.*#".contains(c);
    if number.is_empty() || number == "+" || number.len() > NUMBER_MAX || !number.chars().all(good) {
        bail!("{text:?} is no number: write one like +493023125000");
    }
    let at = System::new().now().utc;
    let mut tx = db.write().await?;
    let (done, action) = if add {
        (tenant::store::add_number(&mut tx, &tenant, &number, at).await?, Action::NumberAdded)
    } else {
        (tenant::store::remove_number(&mut tx, &tenant, &number).await?, Action::NumberRemoved)
    };
    if !done {
        let why = if add { "is another tenant's" } else { "is none of its numbers" };
        bail!("{number} {why}: nightdesk tenant list shows all");
    }
    person::store::audit(&mut tx, &tenant, at, Actor::Console, action, &number).await?;
    tx.commit().await?;
    print(&format!("{number} {} {}", if add { "reaches" } else { "no longer reaches" }, tenant.name()))?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Who did it: `--author`, or whom the machine knows.
pub fn author(given: &ArgMatches) -> String {
    let named = given.try_get_one::<String>("author").ok().flatten().cloned();
    let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
    named.or_else(user).unwrap_or_else(|| "command line".to_owned())
}
