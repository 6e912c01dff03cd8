//! The command line.

mod callback;
mod check;
mod contact;
mod init;
mod job;
mod opening;
mod plan;
mod prompt;
mod simulate;
mod tenant;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::{Arg, ArgAction, ArgMatches, Command};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use nightdesk::calllog;
use nightdesk::clock::System;
use nightdesk::config::{Config, SECRETS, SPECS, Values};
use nightdesk::db::Db;
use nightdesk::message;
use nightdesk::run::node::{self, Node};
use nightdesk::run::softphone::heard::{Found, at_8k, look_for};
use nightdesk::run::softphone::{self, Options};
use nightdesk::run::sounds::Sounds;
use nightdesk::run::voice::{self, Voice};
use nightdesk::run::worker::Worker;
use nightdesk::run::{demo, files};

/// All commands. Every setting of [`SPECS`] is an option of each that boots.
pub fn command() -> Command {
    Command::new("nightdesk")
        .about("A virtual telephone answering service for small businesses")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(settings(Command::new("serve").about("Answer calls and serve the page")))
        .subcommand(settings(
            Command::new("demo")
                .about("Show it all on this machine: a caller rings, leaves a message, the page plays it")
                .arg(
                    Arg::new("once")
                        .long("once")
                        .action(ArgAction::SetTrue)
                        .help("Ring once, check what was kept, and end"),
                ),
        ))
        .subcommand(init::command())
        .subcommand(check::command())
        .subcommand(simulate::command())
        .subcommand(plan::command())
        .subcommand(opening::command())
        .subcommand(tenant::command())
        .subcommand(tenant::number_command())
        .subcommand(contact::command())
        .subcommand(callback::command())
        .subcommand(job::command())
        .subcommand(call_command())
        .subcommand(
            Command::new("message").about("Messages").subcommand_required(true).subcommand(settings(
                Command::new("list").about("What an owner can hear, newest first").arg(json_arg()),
            )),
        )
        .subcommand(prompt::command())
        .subcommand(settings(Command::new("login").about("Print a one-time link to the page")))
        .subcommand(settings(
            Command::new("config").about("Print every setting and where it comes from").arg(json_arg()),
        ))
        .subcommand(settings(
            Command::new("health").about("Exit 0 if a running server is ready").arg(
                Arg::new("url").long("url").value_name("URL").help("Its address; otherwise from the setting http"),
            ),
        ))
        .subcommand(Command::new("openapi").about("Print the API's description (OpenAPI)"))
        .subcommand(Command::new("worker").hide(true).arg(Arg::new("task").required(true)))
}

/// The task of a child that this program started ([`nightdesk::run::worker`]).
pub fn worker_task(matches: &ArgMatches) -> Option<&str> {
    match matches.subcommand() {
        Some(("worker", given)) => given.get_one::<String>("task").map(String::as_str),
        _ => None,
    }
}

fn json_arg() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON, for programs")
}

fn settings(command: Command) -> Command {
    let file =
        Arg::new("config").long("config").value_name("FILE").help("Settings file [default: nightdesk.toml if there]");
    let shown = SPECS.iter().filter(|spec| !SECRETS.contains(&spec.name));
    shown.fold(command.arg(file), |command, spec| {
        let arg =
            Arg::new(spec.name).long(spec.name).value_name("VALUE").action(ArgAction::Append).help_heading("Settings");
        let default = if spec.default.is_empty() { String::new() } else { format!(" [default: {}]", spec.default) };
        command.arg(arg.help(format!("{}{default}", spec.doc)))
    })
}

fn call_command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    settings(
        Command::new("call")
            .about(
                "Ring somebody from the terminal and report what was heard; `call list` lists the calls that came in",
            )
            .arg(Arg::new("target").required(true).value_name("sip:…|list").help("Who is rung"))
            .arg(text("play", "F.wav", "Say this after the beep"))
            .arg(text("keys", "KEYS", "Press these after that; `,` is half a second, `…` two; with `~` from the answer on, saying --play at each"))
            .arg(text("record", "F.wav", "Write what was heard"))
            .arg(
                text(
                    "hear",
                    "WHAT",
                    "Look for this in what was heard: a prompt's id, F.wav or a text; exit 1 without it",
                )
                .action(ArgAction::Append),
            )
            .arg(text("from", "URI", "Who calls [default: sip:nightdesk@our address]"))
            .arg(
                Arg::new("no-asserted")
                    .long("no-asserted")
                    .action(ArgAction::SetTrue)
                    .help("Do not vouch for the number of --from, as a carrier does (P-Asserted-Identity)"),
            )
            .arg(text("transport", "udp|tcp", "How the signalling travels [default: udp]"))
            .arg(text("for", "SECONDS", "Hang up after this long at most [default: 120]"))
            .arg(text("linger", "SECONDS", "Listen on this long when all is said [default: 3]"))
            .arg(Arg::new("at-once").long("at-once").action(ArgAction::SetTrue).help("Do not wait for a beep"))
            .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON, for programs")),
    )
}

/// Runs what was asked.
pub async fn run(matches: &ArgMatches) -> Result<ExitCode> {
    match matches.subcommand() {
        Some(("serve", given)) => serve(given).await,
        Some(("demo", given)) => {
            let config = demo::config(&values(given)?)?;
            log(&config.log);
            let good = demo::run(config, given.get_flag("once")).await?;
            Ok(ExitCode::from(u8::from(!good)))
        }
        Some(("init", given)) => init::run(given),
        Some(("check", given)) => check::run(given),
        Some(("simulate", given)) => simulate::run(given).await,
        Some(("plan", given)) => plan::run(given).await,
        Some(("opening", given)) => opening::run(given).await,
        Some(("tenant", given)) => tenant::run(given).await,
        Some(("number", given)) => tenant::run_number(given).await,
        Some(("contact", given)) => contact::run(given).await,
        Some(("callback", given)) => callback::run(given).await,
        Some(("job", given)) => job::run(given).await,
        Some(("call", given)) if given.get_one::<String>("target").is_some_and(|target| target == "list") => {
            list_calls(given).await
        }
        Some(("call", given)) => call(given).await,
        Some(("message", given)) => match given.subcommand() {
            Some((_, given)) => list_messages(given).await,
            None => Err(anyhow!("say what: nightdesk message list")),
        },
        Some(("prompt", given)) => prompt::run(given).await,
        Some(("login", given)) => login(given).await,
        Some(("config", given)) => print_config(given),
        Some(("health", given)) => health(given).await,
        Some(("openapi", _)) => {
            print(&nightdesk::web::openapi_json())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(anyhow!("no such command: nightdesk --help lists them")),
    }
}

fn values(given: &ArgMatches) -> Result<Values> {
    let named = given.get_one::<String>("config").map(PathBuf::from);
    let usual = || Some(PathBuf::from("nightdesk.toml")).filter(|path| path.exists());
    let file = named.or_else(usual);
    let option = |name: &str| {
        given
            .try_get_many::<String>(name)
            .ok()
            .flatten()
            .map(|parts| parts.map(String::as_str).collect::<Vec<_>>().join(","))
    };
    Ok(Values::gather(file.as_deref(), |name| std::env::var(name).ok(), option)?)
}

fn config(given: &ArgMatches) -> Result<Config> {
    Ok(Config::read(&values(given)?)?)
}

fn log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

async fn serve(given: &ArgMatches) -> Result<ExitCode> {
    let config = config(given)?;
    log(&config.log);
    node::end_with_lost_threads();
    // Before anything starts: the first process of a container gets no signal that it did not ask for.
    let terminate = signal(SignalKind::terminate())?;
    let clock = System::new();
    let listener = TcpListener::bind(config.http)
        .await
        .with_context(|| format!("the page cannot be served on {}: choose another address with --http", config.http))?;
    let node = Node::start(&config, listener, clock).await?;
    for address in &node.sip {
        print(&format!("sip   {address} (UDP, TCP)"))?;
    }
    print(&format!("page  http://{}/", node.http))?;
    if node.found.kept + node.found.missed + node.found.lost > 0 {
        tracing::warn!(found = ?node.found, "the last run ended in the middle of calls: what was said is in the list");
    }
    if nightdesk::person::store::all(&node.db, &node.tenant).await?.is_empty() {
        print(&format!("login {}", node.login_link(&page_url(&config, node.http), clock).await?))?;
    }
    stop_signal(terminate).await?;
    node.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn page_url(config: &Config, http: std::net::SocketAddr) -> String {
    if config.public_url.is_empty() { format!("http://{http}") } else { config.public_url.clone() }
}

async fn stop_signal(mut terminate: Signal) -> Result<()> {
    tokio::select! {
        signal = tokio::signal::ctrl_c() => signal?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

async fn call(given: &ArgMatches) -> Result<ExitCode> {
    let text = |name: &str| given.get_one::<String>(name).cloned();
    let seconds = |name: &str, default: u64| -> Result<Duration> {
        let read = text(name).map(|text| text.parse::<u64>().with_context(|| format!("--{name}: seconds expected")));
        Ok(Duration::from_secs(read.transpose()?.unwrap_or(default).min(3600)))
    };
    let options = Options {
        target: text("target").unwrap_or_default(),
        from: text("from"),
        asserted: !given.get_flag("no-asserted"),
        play: text("play").map(|path| softphone::read_wav(Path::new(&path))).transpose()?,
        at_once: given.get_flag("at-once"),
        keys: text("keys").unwrap_or_default(),
        tcp: text("transport").is_some_and(|transport| transport.eq_ignore_ascii_case("tcp")),
        longest: seconds("for", 120)?,
        linger: seconds("linger", 3)?,
        watch: None,
    };
    let report = softphone::call(options, System::new()).await?;
    if let Some(path) = text("record") {
        std::fs::write(&path, report.wav()).with_context(|| format!("{path} cannot be written"))?;
    }
    let found = wanted(given, &report).await?;
    if given.get_flag("json") {
        let mut told = serde_json::to_value(&report)?;
        if let Some(told) = told.as_object_mut().filter(|_| !found.is_empty()) {
            told.insert("found".to_owned(), serde_json::to_value(&found)?);
        }
        print(&serde_json::to_string_pretty(&told)?)?
    } else {
        print(&report.to_string())?;
        for one in &found {
            let sign = if one.heard { "✓" } else { "✗" };
            print(&format!("{sign} {} (likeness {:.3}, at {:.1} s)", one.what, one.likeness, one.at))?;
        }
    }
    Ok(ExitCode::from(u8::from(!report.answered || found.iter().any(|one| !one.heard))))
}

/// What `--hear` asks for, looked for in what was heard.
async fn wanted(given: &ArgMatches, report: &softphone::Report) -> Result<Vec<Found>> {
    let Some(all) = given.get_many::<String>("hear") else { return Ok(Vec::new()) };
    let config = config(given)?;
    // A probe leaves no data directory behind where none is.
    let folder =
        if config.data.is_dir() { voice::folder(&config.data) } else { std::env::temp_dir().join("nightdesk") };
    let (voice, sounds) = (Voice::start(&folder, Worker::new(1)), Sounds::open()?);
    let heard = at_8k(report.samples());
    let mut found = Vec::new();
    for what in all {
        found.push(look_for(what, &heard, config.language, &sounds, &voice).await?);
    }
    Ok(found)
}

async fn list_messages(given: &ArgMatches) -> Result<ExitCode> {
    let config = config(given)?;
    let db = existing(&config).await?;
    let lines = message::export::lines(&db, &files::folder(&config.data), None).await?;
    if given.get_flag("json") {
        print(&serde_json::to_string_pretty(&lines)?)?;
    } else {
        for line in &lines {
            let caller = line.caller.as_deref().unwrap_or("withheld");
            let urgent = if line.urgent { "  urgent" } else { "" };
            print(&format!("{}  {caller:<18} {:>6.1} s  {}{urgent}", line.at, line.duration, line.path))?;
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list_calls(given: &ArgMatches) -> Result<ExitCode> {
    let config = config(given)?;
    let db = existing(&config).await?;
    let lines = calllog::export::lines(&db).await?;
    if given.get_flag("json") {
        print(&serde_json::to_string_pretty(&lines)?)?;
    } else {
        for line in &lines {
            let caller = line.caller.as_deref().unwrap_or("withheld");
            print(&format!("{}  {caller:<18} {}", line.started_at, line.outcome.as_deref().unwrap_or("running")))?;
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The database, if there is one: asking must not make it.
async fn existing(config: &Config) -> Result<Db> {
    if !config.database.contains("://") && !Path::new(&config.database).exists() {
        return Err(anyhow!(
            "there is no database at {}: name the directory of the server with --data",
            config.database
        ));
    }
    Ok(Db::open(&config.database).await?)
}

async fn login(given: &ArgMatches) -> Result<ExitCode> {
    let config = config(given)?;
    let db = existing(&config).await?;
    let clock = System::new();
    let tenant = node::first_tenant(&db, &config, clock).await?;
    print(&node::login_link(&db, &tenant, &page_url(&config, config.http), clock).await?)?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn print_config(given: &ArgMatches) -> Result<ExitCode> {
    let values = values(given)?;
    Config::read(&values)?;
    if given.get_flag("json") {
        let rows: serde_json::Map<String, serde_json::Value> = values
            .rows()
            .map(|(name, value, source)| {
                (name.to_owned(), serde_json::json!({"value": value, "from": source.to_string()}))
            })
            .collect();
        print(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        for (name, value, source) in values.rows() {
            print(&format!("{name:<18} {value:<28} {source}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks `/readyz` by hand: an HTTP client would be a large dependency for one line.
async fn health(given: &ArgMatches) -> Result<ExitCode> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let config = config(given)?;
    let url = given.get_one::<String>("url").cloned().unwrap_or_else(|| format!("http://{}", config.http));
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(&host).await?;
        let request = format!("GET /readyz HTTP/1.0\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), ask).await;
    let ready = matches!(&answer, Ok(Ok(answer)) if answer.get(8..12) == Some(b" 200"));
    print(if ready { "ready" } else { "not ready" })?;
    Ok(ExitCode::from(u8::from(!ready)))
}

/// A reader that has gone away (`| head`) is no failure worth a panic.
fn print(line: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
