//! The caller's end of a line that follows a plan: what flow does, told in words.

use std::time::Duration;

use nightdesk::clock::{Mono, Now, Utc};
use nightdesk::flow::{Action, Event, Flow, Say, Setting, Visitor};
use nightdesk::ids::Language;
use nightdesk::plan::{CheckContext, Plan, Severity};

/// A plan that takes a message of everybody.
pub const MESSAGE: &str = "[line]\nopen = \"message.a\"\n[message.a]\n";

/// Friday, 2026-11-20, 19:00 in Berlin.
pub const FRIDAY_EVENING: Utc = Utc(1_795_197_600_000);

/// A plan of this text. Warnings are no matter here.
pub fn plan(text: &str) -> Plan {
    let checked = Plan::parse(text, &CheckContext { prompts: any_prompt(text), ..CheckContext::default() });
    let errors: Vec<_> = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    checked.plan.unwrap_or_else(|| panic!("{errors:#?}\n{text}"))
}

/// Every word of the text is a prompt that exists.
fn any_prompt(text: &str) -> std::collections::HashMap<Language, std::collections::HashSet<String>> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).map(str::to_owned);
    let words: std::collections::HashSet<String> = words.collect();
    Language::ALL.into_iter().map(|language| (language, words.clone())).collect()
}

/// Somebody who shows a number.
pub fn somebody() -> Visitor {
    Visitor { caller: Some("+493023125042".into()), trusted: false, called: "+493023125000".into(), contact: None }
}

/// The other end of the line.
pub struct Line {
    pub flow: Flow,
    pub now: Now,
    done: Vec<String>,
}

impl Line {
    /// A call that has just been answered.
    pub fn answered(setting: Setting, visitor: Visitor, at: Utc) -> Line {
        let now = Now { mono: Mono(1), utc: at };
        let mut line = Line { flow: Flow::new(setting, visitor), now, done: Vec::new() };
        line.tell(Event::Started);
        line
    }

    /// A call on Friday evening.
    pub fn of(text: &str) -> Line {
        Line::answered(Setting::of(plan(text), "Nightdesk"), somebody(), FRIDAY_EVENING)
    }

    pub fn tell(&mut self, event: Event) -> &mut Line {
        self.flow.handle(event, self.now);
        while let Some(action) = self.flow.poll_action() {
            self.done.extend(word(&self.flow, &action));
        }
        self
    }

    pub fn presses(&mut self, key: char) -> &mut Line {
        self.tell(Event::Key(key))
    }

    pub fn types(&mut self, keys: &str) -> &mut Line {
        keys.chars().for_each(|key| {
            self.presses(key);
        });
        self
    }

    /// What was done since it was asked last.
    pub fn sees(&mut self) -> String {
        std::mem::take(&mut self.done).join(", ")
    }

    /// Until what is waited for.
    pub fn waits(&mut self) -> &mut Line {
        let at = self.flow.poll_timeout().expect("something is waited for");
        self.now = self.now.after(at.since(self.now.mono).max(Duration::from_millis(1)));
        self.tell(Event::Timeout)
    }
}

fn word(flow: &Flow, action: &Action) -> Option<String> {
    Some(match action {
        Action::Enter(entered) => {
            let step = flow.setting().plan.step(entered.step).map(|step| step.name.as_str());
            // The first step of a message says nothing that a test of messages wants to hear.
            return (entered.by.code() != "route").then(|| format!("goes to {}", step.unwrap_or("?")));
        }
        Action::Say(what) => {
            assert!(!what.is_empty(), "silence is not said");
            let words: Vec<&str> = what
                .iter()
                .map(|say| match say {
                    Say::Prompt { id, .. } => id.as_ref(),
                    Say::Spoken { words, .. } => words.as_str(),
                    Say::Message => "<message>",
                    Say::Draft => "<draft>",
                    Say::Name(_) => "<name>",
                })
                .collect();
            format!("says {}", words.join("+"))
        }
        Action::Prepare { role, .. } => format!("prepares {role:?}"),
        Action::Record(role, _) => format!("records {role:?}"),
        Action::Hush => "hushes".into(),
        Action::StopRecording => "stops recording".into(),
        Action::MarkUrgent => "urgent".into(),
        Action::AskPin => return None,
        Action::CheckPin(_) => "checks the PIN".into(),
        Action::SetHours { open, until } => {
            let at = jiff::Timestamp::from_millisecond(until.0).unwrap();
            let at = at.to_zoned(flow.setting().plan.line.zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string();
            format!("{} until {at}", if *open { "opens" } else { "closes" })
        }
        Action::LiftHours => "lifts".into(),
        Action::PrepareDraft => "makes room".into(),
        Action::RecordDraft(_) => "records a prompt".into(),
        Action::KeepDraft { language, prompt } => format!("keeps {language}/{prompt}"),
        Action::DropDraft => "drops it".into(),
        Action::RestorePrompt { language, prompt } => format!("restores {language}/{prompt}"),
        Action::Desk(ask) => format!("asks {ask:?}"),
        Action::Promised(told) => format!("promises {}", told.words),
        Action::HangUp(cause) => format!("hangs up {}", cause.code()),
    })
}
