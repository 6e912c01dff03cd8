//! A simulated call and a week as text, for terminals and golden tests.

use std::fmt::Write;

use super::{Simulated, Stretch, What};
use crate::ids::Language;

impl Simulated {
    /// As a terminal shows it.
    pub fn told(&self, language: Language) -> String {
        let mut text = String::new();
        let (who, calls) = match (language, self.caller.as_deref()) {
            (Language::De, Some(caller)) => (caller, "ruft an"),
            (Language::De, None) => ("jemand ohne Nummer", "ruft an"),
            (Language::En, Some(caller)) => (caller, "calls"),
            (Language::En, None) => ("somebody without a number", "calls"),
        };
        let _ = writeln!(text, "{}: {who} {calls}", self.at);
        let _ = writeln!(text, "{}{}", self.why.get(language), in_line(self.line, language));
        for heard in &self.heard {
            let seconds = heard.after_ms / 1000;
            let what = word(&heard.what, language);
            let lead = if matches!(heard.what, What::Says { .. }) { "      " } else { "" };
            if lead.is_empty() {
                let _ = writeln!(text, "{:>3}:{:02}  {what}", seconds / 60, seconds % 60);
            } else {
                let _ = writeln!(text, "        {what}");
            }
        }
        text
    }
}

/// A week as a terminal shows it.
pub fn week_told(week: &[Stretch], language: Language) -> String {
    let mut text = String::new();
    let mut day = "";
    for stretch in week {
        let (date, from) = split(&stretch.from);
        let (end, until) = split(&stretch.until);
        if date != day {
            let _ = writeln!(text, "{} {date}", weekday(date, language));
            day = date;
        }
        let next = if end == date || (until == "00:00") { "" } else { "+" };
        let why = stretch.why.get(language);
        let line = in_line(stretch.line, language);
        let _ = writeln!(text, "  {from}–{until}{next:<1}  {:<24} {why}{line}", stretch.step);
    }
    text
}

/// Date and minute of an RFC 3339 time.
fn split(at: &str) -> (&str, &str) {
    let (date, time) = at.split_once('T').unwrap_or((at, ""));
    (date, time.get(..5).unwrap_or(time))
}

fn weekday(date: &str, language: Language) -> String {
    let date: Option<jiff::civil::Date> = date.parse().ok();
    date.map(|date| crate::speech::Say::Weekday(date.weekday()).in_words(language)).unwrap_or_default()
}

fn in_line(line: Option<usize>, language: Language) -> String {
    let word = match language {
        Language::De => "Zeile",
        Language::En => "line",
    };
    line.map(|line| format!(" ({word} {line})")).unwrap_or_default()
}

fn word(what: &What, language: Language) -> String {
    let de = language == Language::De;
    let pick = |german: &str, english: &str| (if de { german } else { english }).to_owned();
    match what {
        What::Step { step, line, by } => {
            let by = match *by {
                "keys" => pick("gewählt", "chosen"),
                "silence" => pick("keine Taste", "no key"),
                "invalid" => pick("falsche Tasten", "wrong keys"),
                "done" => pick("danach", "after that"),
                "otherwise" => pick("niemand frei", "nobody free"),
                "back" => pick("zurück", "back"),
                _ => pick("beginnt hier", "begins here"),
            };
            format!("→ {step}{}: {by}", in_line(Some(*line), language))
        }
        What::Says { text, prompt: Some(prompt) } if prompt == "beep" && !text.is_empty() => format!("♪ {text}"),
        What::Says { text, prompt: Some(prompt) } if text.is_empty() => format!("» [{prompt}]"),
        What::Says { text, prompt: Some(prompt) } => format!("» {text} [{prompt}]"),
        What::Says { text, prompt: None } => format!("» {text}"),
        What::Presses { key } => pick(&format!("Taste {key}"), &format!("key {key}")),
        What::Silent { seconds } => pick(&format!("{seconds} s Stille"), &format!("{seconds} s of silence")),
        What::Speaks { seconds } => pick(&format!("spricht {seconds} s"), &format!("speaks for {seconds} s")),
        What::Kept { urgent: true } => pick("dringende Nachricht gespeichert", "urgent message saved"),
        What::Kept { urgent: false } => pick("Nachricht gespeichert", "message saved"),
        What::Pin => pick("Geheimzahl", "PIN"),
        What::SetsHours { open: true, until } => {
            pick(&format!("von Hand geöffnet bis {until}"), &format!("opened by hand until {until}"))
        }
        What::SetsHours { open: false, until } => {
            pick(&format!("von Hand geschlossen bis {until}"), &format!("closed by hand until {until}"))
        }
        What::LiftsHours => pick("von Hand Eingestelltes aufgehoben", "what was set by hand is lifted"),
        What::KeepsPrompt { prompt } => pick(&format!("Ansage {prompt} ersetzt"), &format!("prompt {prompt} replaced")),
        What::RestoresPrompt { prompt } => {
            pick(&format!("frühere Fassung der Ansage {prompt}"), &format!("version before of the prompt {prompt}"))
        }
        What::Books { start, latest, number, moved } => {
            let when = start.as_ref().unwrap_or(latest);
            let number = number.as_ref().map(|number| format!(", {number}")).unwrap_or_default();
            let (de, en) = match (moved, start.is_some()) {
                (true, _) => ("Rückruf verlegt auf", "callback moved to"),
                (false, true) => ("Rückruf gebucht für", "callback booked for"),
                (false, false) => ("Rückruf vorgemerkt bis", "callback noted until"),
            };
            pick(&format!("{de} {when}{number}"), &format!("{en} {when}{number}"))
        }
        What::Cancels => pick("Rückruf abgesagt", "callback cancelled"),
        What::Promised { words, latest } => {
            pick(&format!("zugesagt bis {latest}: {words}"), &format!("promised until {latest}: {words}"))
        }
        What::Ends { by_caller: true } => pick("legt auf", "hangs up"),
        What::Ends { by_caller: false } => pick("Nightdesk legt auf", "Nightdesk hangs up"),
    }
}
