//! `nightdesk init`: a few questions, and a plan that checks clean.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};

use nightdesk::hours::{ClockTime, Region};
use nightdesk::ids::Language;
use nightdesk::plan::start::{self, Eves, Start, TRADES, Trade};
use nightdesk::plan::{Plan, Severity, Text, render};

use super::{check, print};

/// Bytes of one answer.
const LINE_MAX: u64 = 4_096;
/// How often one question is asked.
const TRIES_MAX: usize = 10;

/// What it takes.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("init")
        .about("Make a plan to start from: asks what is not given as an option")
        .arg(Arg::new("path").value_name("DIR|FILE").default_value(".").help("Where; in a directory it is plan.toml"))
        .arg(text("business", "NAME", "Name of the business, as it is spoken"))
        .arg(text("land", "REGION", "Whose public holidays: DE-BW, AT-9, CH-ZH, GB-ENG, or a name"))
        .arg(text("hours", "HOURS", "Opening hours: \"Mo-Fr 8-12, 13-17; Sa 9-12\""))
        .arg(text("eves", "closed|open|TIME", "24 and 31 December: closed, open, or closed from a time"))
        .arg(text("trade", "TRADE", "What kind of business: plumber, klempner, …"))
        .arg(text("phone", "NUMBER", "Rings first in opening hours"))
        .arg(text("language", "de|en", "Language of calls and questions [default: that of the terminal]"))
        .arg(flag("yes", "Ask nothing: what is not given has its default"))
        .arg(flag("force", "Replace a file that is there"))
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("the input ended before all was answered; nothing was written")]
    EndOfInput,
    #[error("{0}")]
    WrongUse(String),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Runs it.
pub fn run(given: &ArgMatches) -> Result<ExitCode> {
    let stdin = std::io::stdin();
    let shown = !stdin.is_terminal();
    match made(given, stdin.lock(), shown) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Stop::Other(error)) => Err(error),
        Err(stop) => {
            eprintln!("nightdesk: {stop}");
            Ok(ExitCode::from(if matches!(stop, Stop::WrongUse(_)) { 2 } else { 1 }))
        }
    }
}

fn made(given: &ArgMatches, input: impl BufRead, piped: bool) -> Result<(), Stop> {
    let file = target(Path::new(given.get_one::<String>("path").map_or(".", String::as_str)));
    let force = given.get_flag("force");
    if file.exists() && !force {
        return Err(Stop::WrongUse(format!(
            "{} is there already: name another file, or replace it with --force",
            file.display()
        )));
    }
    let mut asking = Asking { given, input, piped, language: locale(|name| std::env::var(name).ok()) };
    let start = asking.all()?;
    let text = start.text();
    let checked = Plan::parse(&text, &check::context()?);
    let name = file.display().to_string();
    if !checked.findings.is_empty() {
        print(render(&checked.findings, &name, &text, start.language).trim_end())?;
    }
    if checked.plan.is_none() {
        return Err(Stop::Other(anyhow::anyhow!("nothing was written: answer again, with what is named above")));
    }
    write(&file, &text, force)?;
    next(&name, start.language)?;
    Ok(())
}

/// `plan.toml` in a directory, or the file that was named.
fn target(path: &Path) -> PathBuf {
    let file = !path.is_dir() && path.extension().is_some_and(|end| end == "toml");
    match path.to_str() {
        _ if file => path.to_owned(),
        Some(".") => PathBuf::from("plan.toml"),
        _ => path.join("plan.toml"),
    }
}

/// The language of the terminal; German where it names none.
fn locale(variable: impl Fn(&str) -> Option<String>) -> Language {
    let found = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    if found.is_some_and(|locale| locale.starts_with("en")) { Language::En } else { Language::De }
}

fn write(file: &Path, text: &str, force: bool) -> Result<()> {
    let refused = || format!("{} cannot be written: choose another place", file.display());
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).with_context(refused)?;
    }
    if force {
        // What is there stays whole until the new text is.
        let aside = file.with_extension("toml.new");
        std::fs::write(&aside, text).and_then(|()| std::fs::rename(&aside, file)).with_context(refused)?;
        return Ok(());
    }
    let mut made = std::fs::File::create_new(file).with_context(refused)?;
    made.write_all(text.as_bytes()).with_context(refused)
}

fn next(name: &str, language: Language) -> Result<()> {
    let shown = if name.contains(char::is_whitespace) { format!("'{name}'") } else { name.to_owned() };
    let (made, check, simulate, apply) = match language {
        Language::De => {
            ("ist geschrieben. Weiter geht es mit:", "prüfen", "einen Anruf ausprobieren", "in Kraft setzen")
        }
        Language::En => ("is written. Next:", "check it", "try a call", "put it into force"),
    };
    print(&format!("✓ {name} {made}"))?;
    let lines = [
        (format!("nightdesk check {shown}"), check),
        (format!("nightdesk simulate --plan {shown} --at 2026-12-24T18:00"), simulate),
        (format!("nightdesk plan apply {shown}"), apply),
    ];
    let width = lines.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    lines.iter().try_for_each(|(command, about)| print(&format!("  {command:<width$}   # {about}")))
}

/// Why an answer is none, and what was probably meant.
struct No {
    why: Text,
    meant: Option<String>,
}

impl From<Text> for No {
    fn from(why: Text) -> No {
        No { why, meant: None }
    }
}

fn no(de: &str, en: &str) -> No {
    No::from(Text::new(de, en))
}

struct Asking<'g, R> {
    given: &'g ArgMatches,
    input: R,
    /// Nobody sees what is typed: the answer's end of line is not shown by a terminal.
    piped: bool,
    language: Language,
}

impl<R: BufRead> Asking<'_, R> {
    fn all(&mut self) -> Result<Start, Stop> {
        let terminal = self.language.as_str().to_owned();
        self.language = self.ask("language", ("Sprache (de, en)", "Language (de, en)"), Some(terminal), |text| {
            match text.to_lowercase().as_str() {
                "de" | "deutsch" | "german" => Ok(Language::De),
                "en" | "englisch" | "english" => Ok(Language::En),
                _ => Err(no("de oder en", "de or en")),
            }
        })?;
        let language = self.language;
        let business = self.ask("business", ("Name des Betriebs", "Name of the business"), None, |text| {
            start::business(text).ok_or_else(|| no("Wie heißt der Betrieb?", "What is the business called?"))
        })?;
        let trade = self.trade()?;
        let region = self.region()?;
        let usual = if language == Language::De { "Mo-Fr 8-12, 13-17" } else { "mon-fri 9-17" };
        let question = ("Öffnungszeiten", "Opening hours");
        let week =
            self.ask("hours", question, Some(usual.to_owned()), |text| start::week(text).map_err(|bad| bad.0.into()))?;
        print(&format!("  {}", start::week_text(&week, language)))?;
        let question = (
            "24. und 31. Dezember: zu, offen, oder zu ab (12:00)",
            "24 and 31 December: closed, open, or closed from (12:00)",
        );
        let closed = if language == Language::De { "zu" } else { "closed" };
        let eves = self.ask("eves", question, Some(closed.to_owned()), eves)?;
        let mut start = Start { business, region, week, eves, trade, language, phone: None };
        if !matches!(trade, Trade::MessageOnly | Trade::AnnouncementOnly) {
            start.phone = self.phone(&start)?;
        }
        Ok(start)
    }

    fn trade(&mut self) -> Result<Trade, Stop> {
        if self.given.get_one::<String>("trade").is_none() && !self.given.get_flag("yes") {
            let names = (1..).zip(TRADES).map(|(at, (trade, ..))| format!("{at} {}", trade.name(self.language)));
            print(&format!("  {}", names.collect::<Vec<_>>().join("  ")))?;
        }
        let usual = Trade::Office.name(self.language).to_owned();
        self.ask("trade", ("Art des Betriebs", "Kind of business"), Some(usual), |text| {
            Trade::named(text)
                .ok_or_else(|| no("Eine Zahl von 1 bis 10, oder ein Name.", "A number from 1 to 10, or a name."))
        })
    }

    fn region(&mut self) -> Result<Region, Stop> {
        let usual = if self.language == Language::De { "DE" } else { "GB-ENG" };
        let question = ("Land (DE-BW, Bayern, AT-9, CH-ZH …)", "Region (GB-ENG, DE-BW, AT-9, CH-ZH …)");
        let region = self.ask("land", question, Some(usual.to_owned()), |text| {
            start::region(text).map_err(|near| {
                let no = no(
                    "Das Land ist nicht bekannt. Zum Beispiel: DE-BW, Bayern, AT-9, CH-ZH, GB-ENG",
                    "This region is not known. For example: GB-ENG, DE-BW, Bavaria, AT-9, CH-ZH",
                );
                No { meant: near.map(|region| region.code().to_owned()), ..no }
            })
        })?;
        let name = |region: Region| if self.language == Language::De { region.name_de() } else { region.name_en() };
        print(&format!("  {} {}", region.code(), name(region)))?;
        let whole = !region.code().contains('-');
        for narrower in region.narrower().filter(|_| !whole) {
            print(&format!("  ({}: {})", narrower.code(), name(narrower)))?;
        }
        Ok(region)
    }

    /// A number that rings, as far as the checker lets it be called.
    fn phone(&mut self, so_far: &Start) -> Result<Option<String>, Stop> {
        let question = (
            "Telefon, das zur Öffnungszeit klingelt (leer: keines)",
            "Telephone that rings in opening hours (empty: none)",
        );
        let context = check::context()?;
        self.ask("phone", question, Some(String::new()), |text| {
            if text.is_empty() {
                return Ok(None);
            }
            let example = || no("Zum Beispiel: 030 23125-011 oder +493023125011", "For example: +442079460011");
            let number = start::number(text, so_far.region).ok_or_else(example)?;
            let start = Start { phone: Some(number.clone()), ..so_far.clone() };
            let found = Plan::parse(&start.text(), &context).findings;
            match found.into_iter().find(|finding| finding.severity == Severity::Error) {
                Some(finding) => Err(finding.message.into()),
                None => Ok(Some(number)),
            }
        })
    }

    /// The answer to a question: the option `name`, or what is typed; nothing typed is the default.
    fn ask<T>(
        &mut self,
        name: &str,
        (de, en): (&str, &str),
        mut usual: Option<String>,
        read: impl Fn(&str) -> Result<T, No>,
    ) -> Result<T, Stop> {
        let language = self.language;
        let refused = |no: No| {
            let meant = no.meant.map(|meant| format!(" ({meant}?)")).unwrap_or_default();
            Stop::WrongUse(format!("--{name}: {}{meant}", no.why.get(language)))
        };
        if let Some(given) = self.given.get_one::<String>(name) {
            return read(given.trim()).map_err(refused);
        }
        if self.given.get_flag("yes") {
            let usual = usual.ok_or_else(|| Stop::WrongUse(format!("--yes needs --{name}")))?;
            return read(&usual).map_err(refused);
        }
        let question = if language == Language::De { de } else { en };
        for _ in 0..TRIES_MAX {
            let shown = usual.as_ref().filter(|usual| !usual.is_empty()).map(|usual| format!(" [{usual}]"));
            self.show(&format!("{question}{}: ", shown.unwrap_or_default()))?;
            let line = self.line()?;
            let typed = if line.is_empty() { usual.clone().unwrap_or_default() } else { line };
            match read(&typed) {
                Ok(answer) => return Ok(answer),
                Err(No { why, meant }) => {
                    print(&format!("  {}", why.get(language)))?;
                    usual = meant.or(usual);
                }
            }
        }
        Err(Stop::WrongUse(format!("no answer to \"{question}\"; --{name} takes it too")))
    }

    fn show(&self, text: &str) -> Result<()> {
        let mut out = std::io::stdout();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// One line, whatever its bytes.
    fn line(&mut self) -> Result<String, Stop> {
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes);
        let ended = read.context("the input cannot be read")? == 0;
        if self.piped || ended {
            self.show("\n")?;
        }
        if ended {
            return Err(Stop::EndOfInput);
        }
        if bytes.len() as u64 >= LINE_MAX {
            return Err(Stop::WrongUse("this line is too long to be an answer".to_owned()));
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned())
    }
}

fn eves(text: &str) -> Result<Eves, No> {
    match text.to_lowercase().as_str() {
        "zu" | "geschlossen" | "closed" => Ok(Eves::Closed),
        "offen" | "open" | "geöffnet" => Ok(Eves::Open),
        time => {
            let time = time.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches("uhr").trim();
            let full = if time.contains([':', '.']) { time.to_owned() } else { format!("{time}:00") };
            let until =
                full.parse::<ClockTime>().ok().filter(|time| *time != ClockTime::MIDNIGHT && time.minutes() > 0);
            until
                .map(Eves::Until)
                .ok_or_else(|| no("zu, offen, oder eine Uhrzeit wie 12:00", "closed, open, or a time such as 12:00"))
        }
    }
}
