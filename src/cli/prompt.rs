//! `nightdesk prompt`: what callers hear, from the terminal.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgMatches, Command};
use serde::Serialize;

use nightdesk::clock::System;
use nightdesk::db::Db;
use nightdesk::ids::{Language, PromptVersionId};
use nightdesk::media::Prompts;
use nightdesk::person::Actor;
use nightdesk::prompt::{self, Place, PromptId, Version, store};
use nightdesk::run::node;
use nightdesk::run::sounds::Sounds;
use nightdesk::run::studio::Studio;
use nightdesk::tenant::Tenant;
use nightdesk::web::Studio as _;

use super::tenant::{of_tenant, opened};
use super::{json_arg, print};

/// What it takes.
pub fn command() -> Command {
    let text =
        |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).value_name(value).help(help);
    let id = || text("id", "ID", "The prompt, as plans name it: greeting").required(true);
    let on = |command: Command| of_tenant(command.arg(id()));
    Command::new("prompt")
        .about("What callers hear: list, replace, hear and restore prompts (--language de|en says which)")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(of_tenant(Command::new("list").about("All prompts, and which are your own").arg(json_arg())))
        .subcommand(
            on(Command::new("set")
                .about("Replace a prompt by a recording")
                .arg(text("transcript", "TEXT", "What is said in it").long("transcript")))
            .arg(
                text(
                    "file",
                    "FILE",
                    "WAV, MP3, FLAC, OGG (Vorbis), M4A (AAC), AIFF or CAF; - reads it from standard input",
                )
                .required(true),
            ),
        )
        .subcommand(
            on(Command::new("say").about("Replace a prompt by text that is spoken"))
                .arg(text("text", "TEXT", "What is to be said").required(true)),
        )
        .subcommand(on(Command::new("play")
            .about("Write what callers hear as a WAV file")
            .arg(text("out", "F.wav", "Where to; otherwise to standard output, if that is no terminal").long("out"))
            .arg(text("version", "VERSION", "A version from the history, or `shipped`").long("version"))))
        .subcommand(on(Command::new("history").about("The versions of a prompt, newest first").arg(json_arg())))
        .subcommand(
            on(Command::new("restore").about("Make an older version current again"))
                .arg(text("version", "VERSION", "Its number or its id, from the history").required(true)),
        )
        .subcommand(on(Command::new("reset").about("Back to the shipped prompt; the versions are kept")))
}

/// Runs it.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    let Some((verb, given)) = given.subcommand() else {
        bail!("say what: nightdesk prompt list");
    };
    let (config, db, tenant) = opened(given).await?;
    // `--language` is a setting too, and says here which prompt is meant; otherwise the business's own.
    let language = given.contains_id("language").then_some(config.language);
    let sounds = Arc::new(Sounds::open()?);
    let studio = node::studio(&db, &config, System::new(), Arc::clone(&sounds))?;
    let desk = Desk { language: language.unwrap_or(tenant.language()), db, tenant, studio, sounds };
    let done = desk.run(verb, given).await;
    desk.db.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// A business, and what is needed to work on its prompts.
struct Desk {
    db: Db,
    tenant: Tenant,
    studio: Studio,
    sounds: Arc<Sounds>,
    language: Language,
}

/// One prompt as scripts read it. Fields are only ever added.
#[derive(Serialize)]
struct Line {
    language: String,
    id: String,
    /// What callers hear, as text; null where nobody wrote it down.
    transcript: Option<String>,
    /// Callers hear an own version.
    own: bool,
    /// It ships, under this id.
    shipped: bool,
    /// Own versions that are kept.
    versions: usize,
}

/// One version as scripts read it. Fields are only ever added.
#[derive(Serialize)]
struct VersionLine {
    version: u32,
    id: String,
    current: bool,
    source: &'static str,
    transcript: String,
    /// Seconds.
    duration: f64,
    /// RFC 3339, UTC.
    created_at: String,
    sha256: String,
    file: String,
}

impl Desk {
    async fn run(&self, verb: &str, given: &ArgMatches) -> Result<()> {
        if verb == "list" {
            return self.list(given.get_flag("json")).await;
        }
        let prompt: PromptId = argument(given, "id").parse().map_err(|error| anyhow!("{error}"))?;
        let place = Place { language: self.language, prompt };
        match verb {
            "set" => self.set(&place, given).await,
            "say" => {
                let version = self.studio.say(&self.tenant, Actor::Console, &place, argument(given, "text"));
                self.tell_made(&place, &version.await?)
            }
            "play" => self.play(&place, given).await,
            "history" => self.history(&place, given.get_flag("json")).await,
            "restore" => self.restore(&place, argument(given, "version")).await,
            "reset" => self.reset(&place).await,
            other => Err(anyhow!("there is no verb {other:?}: nightdesk prompt --help lists them")),
        }
    }

    async fn list(&self, json: bool) -> Result<()> {
        let versions = store::versions(&self.db, &self.tenant).await?;
        let mut lines: Vec<Line> = Vec::new();
        for language in Language::ALL {
            let own = || versions.iter().filter(move |version| version.place.language == language);
            let shipped = self.studio.shipped(language);
            let mut ids: Vec<&str> = shipped.iter().map(|prompt| prompt.id.as_str()).collect();
            ids.extend(own().map(|version| version.place.prompt.as_str()));
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                let all: Vec<&Version> = own().filter(|version| version.place.prompt.as_str() == id).collect();
                let current = all.iter().find(|version| version.current);
                let shipped = self.shipped(language)?.transcript(id);
                let heard = current.map_or(shipped, |version| Some(version.transcript.as_str()));
                lines.push(Line {
                    language: language.to_string(),
                    id: id.to_owned(),
                    transcript: heard.filter(|text| !text.is_empty()).map(str::to_owned),
                    own: current.is_some(),
                    shipped: shipped.is_some(),
                    versions: all.len(),
                });
            }
        }
        if json {
            return print(&serde_json::to_string_pretty(&lines)?);
        }
        for line in &lines {
            let whose = if line.own {
                "own"
            } else if line.shipped {
                "shipped"
            } else {
                "none"
            };
            let words = line.transcript.as_deref().unwrap_or("");
            print(format!("{}  {:<22} {whose:<8} {words}", line.language, line.id).trim_end())?;
        }
        Ok(())
    }

    async fn set(&self, place: &Place, given: &ArgMatches) -> Result<()> {
        let file = read(argument(given, "file"))?;
        let transcript = given.get_one::<String>("transcript").map_or("", String::as_str);
        let version = self.studio.upload(&self.tenant, Actor::Console, place, file, transcript).await?;
        self.tell_made(place, &version)
    }

    fn tell_made(&self, place: &Place, version: &Version) -> Result<()> {
        let (seconds, id) = (seconds(version), place.prompt.as_str());
        print(&format!("{place}: version {} is current, {seconds:.1} s", version.seq))?;
        let shipped = self.shipped(place.language)?;
        if shipped.transcript(id).is_none()
            && let Some(meant) = prompt::near_miss(&place.prompt, shipped.ids())
        {
            eprintln!("nightdesk: no prompt {id:?} ships; did you mean {meant:?}? A plan may name {id:?} all the same");
        }
        Ok(())
    }

    async fn play(&self, place: &Place, given: &ArgMatches) -> Result<()> {
        let out = given.get_one::<String>("out");
        if out.is_none() && std::io::stdout().is_terminal() {
            bail!("a WAV file is nothing for a terminal: give --out F.wav, or pipe it into a player");
        }
        let versions = store::history(&self.db, &self.tenant, place).await?;
        let version = match given.get_one::<String>("version").map(String::as_str) {
            Some("shipped") => None,
            Some(which) => Some(named(&versions, place, which)?),
            None => versions.iter().find(|version| version.current),
        };
        let (wav, words, whose) = match version {
            Some(version) => {
                let path = self.studio.file(version.id);
                let wav = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
                (wav, version.transcript.as_str(), format!("own, version {}", version.seq))
            }
            None => {
                let wav = self.studio.shipped_wav(place).ok_or_else(|| self.unknown(place))?;
                let words = self.shipped(place.language)?.transcript(place.prompt.as_str());
                (wav, words.unwrap_or_default(), "shipped".to_owned())
            }
        };
        // Standard output may be the sound itself.
        eprintln!("{place} ({whose}): {}", if words.is_empty() { "no transcript" } else { words });
        match out {
            Some(path) => std::fs::write(path, wav).with_context(|| format!("{path} cannot be written")),
            None => Ok(std::io::stdout().write_all(&wav)?),
        }
    }

    async fn history(&self, place: &Place, json: bool) -> Result<()> {
        let versions = store::history(&self.db, &self.tenant, place).await?;
        if versions.is_empty() && self.studio.shipped_wav(place).is_none() {
            return Err(self.unknown(place));
        }
        if json {
            let lines: Vec<VersionLine> = versions.iter().map(|version| self.version_line(version)).collect();
            return print(&serde_json::to_string_pretty(&lines)?);
        }
        for version in &versions {
            let current = if version.current { "*" } else { " " };
            let (at, source) = (version.created_at.rfc3339(), version.source.as_str());
            let line = format!(
                "{current} {:>3}  {at}  {source:<6} {:>5.1} s  {}",
                version.seq,
                seconds(version),
                version.transcript
            );
            print(line.trim_end())?;
        }
        if let Some(text) = self.shipped(place.language)?.transcript(place.prompt.as_str()) {
            let current = if versions.iter().any(|version| version.current) { " " } else { "*" };
            print(&format!("{current} shipped  {text}"))?;
        }
        Ok(())
    }

    fn version_line(&self, version: &Version) -> VersionLine {
        VersionLine {
            version: version.seq,
            id: version.id.to_string(),
            current: version.current,
            source: version.source.as_str(),
            transcript: version.transcript.clone(),
            duration: seconds(version),
            created_at: version.created_at.rfc3339(),
            sha256: version.sha256.clone(),
            file: self.studio.file(version.id).display().to_string(),
        }
    }

    async fn restore(&self, place: &Place, which: &str) -> Result<()> {
        let versions = store::history(&self.db, &self.tenant, place).await?;
        let version = named(&versions, place, which)?;
        let restored = self.studio.restore(&self.tenant, Actor::Console, place, version.id).await?;
        restored.with_context(|| format!("version {which} of {place} was removed meanwhile"))?;
        print(&format!("{place}: version {} is current", version.seq))
    }

    async fn reset(&self, place: &Place) -> Result<()> {
        let was = self.studio.reset(&self.tenant, Actor::Console, place).await?;
        let ships = self.studio.shipped_wav(place).is_some();
        match (was, ships) {
            (_, true) => print(&format!("{place}: the shipped prompt is heard")),
            (true, false) => {
                print(&format!("{place}: nothing is heard, for no such prompt ships; restore brings it back"))
            }
            (false, false) => Err(self.unknown(place)),
        }
    }

    /// What ships in a language.
    fn shipped(&self, language: Language) -> Result<&Prompts> {
        self.sounds.shipped(language).with_context(|| format!("no prompts ship in {language}"))
    }

    fn unknown(&self, place: &Place) -> anyhow::Error {
        let shipped = self.studio.shipped(place.language);
        match prompt::near_miss(&place.prompt, shipped.iter().map(|prompt| prompt.id.as_str())) {
            Some(meant) => anyhow!("there is no prompt {place}: did you mean {meant:?}?"),
            None => anyhow!("there is no prompt {place}: nightdesk prompt list shows them all"),
        }
    }
}

fn argument<'a>(given: &'a ArgMatches, name: &str) -> &'a str {
    given.get_one::<String>(name).map_or("", String::as_str)
}

fn seconds(version: &Version) -> f64 {
    std::time::Duration::from_millis(version.duration_ms).as_secs_f64()
}

/// By its number or its id.
fn named<'v>(versions: &'v [Version], place: &Place, which: &str) -> Result<&'v Version> {
    let id = which.parse::<PromptVersionId>().ok();
    let seq = which.parse::<u32>().ok();
    let found = versions.iter().find(|version| Some(version.id) == id || Some(version.seq) == seq);
    found.with_context(|| {
        format!("{place} has no version {which}: nightdesk prompt history {} lists them", place.prompt)
    })
}

/// A byte more than may be is enough to say that it is too large.
fn read(path: &str) -> Result<Vec<u8>> {
    let most = prompt::UPLOAD_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if path == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(Path::new(path)).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{path} cannot be read"))?;
    Ok(bytes)
}
