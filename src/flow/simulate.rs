//! What a caller would hear: the engine itself, with a caller made of keys and a clock that jumps.

pub mod ask;
mod desk;
mod tell;
mod week;

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use super::message::Stage;
use super::route::route;
use super::setting::{Setting, Visitor};
use super::walk::State;
use super::{Action, Answer, Ask, Done, Draft, Event, Flow, Pin, RecordEnd, Recording, Say, When};
use crate::clock::{Mono, Now, Utc};
use crate::ids::Language;
use crate::plan::{Text, To};

pub use desk::{Desk, Held};
pub use tell::week_told;
pub use week::{Stretch, week};

/// What prompts say.
pub trait Transcripts {
    /// The words of a prompt: the owner's own, or the one that ships.
    fn transcript(&self, language: Language, prompt: &str) -> Option<String>;
}

/// One simulated call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// When it comes, RFC 3339, with the time zone of the line.
    pub at: String,
    /// Who calls; none: withheld.
    pub caller: Option<String>,
    /// Where it begins.
    pub step: String,
    /// Why.
    pub why: Text,
    /// The line of the plan that decides; none: it was set by hand.
    pub line: Option<usize>,
    /// In order.
    pub heard: Vec<Heard>,
}

/// Something that happens in a simulated call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Since the call was answered; how long words take is estimated.
    pub after_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// The call goes on at a step.
    Step {
        /// `menu.abend`.
        step: String,
        /// The line of the plan that says so.
        line: usize,
        /// `route`, `keys`, `silence`, `invalid`, `done`, `otherwise` or `back`.
        by: &'static str,
    },
    /// The caller hears this.
    Says {
        /// The words.
        text: String,
        /// The prompt; none: a sentence of the plan.
        #[serde(skip_serializing_if = "Option::is_none")]
        prompt: Option<String>,
    },
    /// The caller presses.
    Presses {
        /// `0-9*#`.
        key: char,
    },
    /// The caller says and presses nothing.
    Silent {
        /// For so long.
        seconds: u64,
    },
    /// The caller speaks.
    Speaks {
        /// For so long.
        seconds: u64,
    },
    /// The message is in the list.
    Kept {
        /// Marked as urgent.
        urgent: bool,
    },
    /// The owner gives the PIN. Simulated ones are right, and never shown.
    Pin,
    /// The owner opens or closes by hand.
    SetsHours {
        /// Open, or closed.
        open: bool,
        /// RFC 3339, with the time zone of the line.
        until: String,
    },
    /// The owner lifts what was set by hand.
    LiftsHours,
    /// The owner replaces a prompt by what was recorded.
    KeepsPrompt {
        /// Which.
        prompt: String,
    },
    /// The owner takes a prompt back to the version before.
    RestoresPrompt {
        /// Which.
        prompt: String,
    },
    /// A callback is booked.
    Books {
        /// The booked time, RFC 3339, with the time zone of the line; none: as soon as possible.
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<String>,
        /// When it is late.
        latest: String,
        /// The number to call, where it is not the one that the call comes from.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// It was booked before, for another time.
        moved: bool,
    },
    /// A callback is not wanted any more.
    Cancels,
    /// The caller was told when somebody calls back.
    Promised {
        /// In these words.
        words: String,
        /// The latest moment, RFC 3339, with the time zone of the line.
        latest: String,
    },
    /// The call ends.
    Ends {
        /// The caller hangs up, not we.
        by_caller: bool,
    },
}

/// How long a simulated caller speaks after the beep.
const SPEAKS: Duration = Duration::from_secs(10);
/// Events of one simulation at most: a call has fewer ([`super::TURNS_MAX`]).
const EVENTS_MAX: usize = 10_000;

/// What a caller would hear who calls at `at` and presses `keys`, each once all is said that was being said;
/// keys of a greeting while it is heard. `,` waits half a second, `…` two, `_` until we go on by ourselves.
/// After a beep the caller speaks for ten seconds (with `_` not at all), and hangs up where no key is left once
/// the message is kept.
///
/// All times are free then, and nothing is open: [`simulate_at`] asks otherwise.
pub fn simulate(setting: &Setting, visitor: &Visitor, at: Utc, keys: &str, texts: &dyn Transcripts) -> Simulated {
    simulate_at(&mut Desk::default(), setting, visitor, at, keys, texts)
}

/// The same, with a desk: what is free there, and what is open for the caller. What the call does stays there.
pub fn simulate_at(
    desk: &mut Desk,
    setting: &Setting,
    visitor: &Visitor,
    at: Utc,
    keys: &str,
    texts: &dyn Transcripts,
) -> Simulated {
    let begins = route(setting, visitor, at);
    let step = match begins.target.to {
        To::Step(step) => setting.plan.step(step).map(|step| step.name.clone()).unwrap_or_default(),
        To::Back => "back".to_owned(),
    };
    let told = Simulated {
        at: wall(at, setting),
        caller: visitor.caller.clone(),
        step,
        why: begins.explained(setting),
        line: begins.decided_at(setting).map(|place| place.line),
        heard: Vec::new(),
    };
    let now = Now { mono: Mono(0), utc: at };
    let mut caller = Caller {
        flow: Flow::new(setting.clone(), visitor.clone()),
        now,
        keys: keys.chars().filter(|c| !c.is_whitespace()).collect(),
        told,
        texts,
        words: None,
        waits_for: None,
        desk,
        answers: VecDeque::new(),
        call: at.rfc3339(),
        urgent: false,
        kept: false,
        over: false,
    };
    caller.calls();
    let Caller { desk, call, told, .. } = caller;
    desk.ended(&call);
    told
}

/// RFC 3339 with the offset of the line's time zone.
fn wall(at: Utc, setting: &Setting) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(setting.plan.line.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// What a simulated caller has to answer.
#[derive(Clone, Copy, Debug)]
enum Waits {
    /// The row of a take.
    Row,
    /// Speech after the beep; silence ends it after so long.
    Speech { wait: Duration, silence: Duration, draft: bool },
    /// Somebody looks at the PIN.
    Pin,
    /// What the owner has changed.
    Done,
    /// Room for the recording of a prompt.
    Room,
}

impl Waits {
    fn speech(recording: &Recording, draft: bool) -> Waits {
        Waits::Speech { wait: recording.silence_before, silence: recording.silence_after, draft }
    }
}

struct Caller<'a> {
    flow: Flow,
    now: Now,
    keys: VecDeque<char>,
    told: Simulated,
    texts: &'a dyn Transcripts,
    /// What is being said takes so long.
    words: Option<Duration>,
    waits_for: Option<Waits>,
    desk: &'a mut Desk,
    answers: VecDeque<Answer>,
    /// Its name at the desk.
    call: String,
    urgent: bool,
    kept: bool,
    over: bool,
}

impl Caller<'_> {
    fn calls(&mut self) {
        self.tell(Event::Started);
        for _ in 0..EVENTS_MAX {
            if self.over || self.flow.is_over() {
                return;
            }
            self.goes_on();
        }
    }

    /// The next thing that happens.
    fn goes_on(&mut self) {
        if let Some(answer) = self.answers.pop_front() {
            return self.tell(Event::Desk(answer));
        }
        match self.waits_for.take() {
            Some(Waits::Row) => return self.tell(Event::Ready),
            Some(Waits::Speech { wait, silence, draft }) => return self.speaks(wait, silence, draft),
            Some(Waits::Pin) => return self.tell(Event::Pin(Pin::Right)),
            Some(Waits::Done) => return self.tell(Event::Done(Done::Yes)),
            Some(Waits::Room) => return self.tell(Event::Draft(Draft::Ready)),
            None => {}
        }
        if let Some(words) = self.words {
            if let Some(key) = self.key_of_greeting() {
                return self.presses(key);
            }
            self.words = None;
            self.passes(words);
            return self.tell(Event::Said);
        }
        match self.keys.pop_front() {
            Some(',') => self.passes(Duration::from_millis(500)),
            Some('…') => self.passes(Duration::from_secs(2)),
            Some('_') => self.waits(),
            Some(key) => self.presses(key),
            None if self.kept => self.hangs_up(),
            None => self.waits(),
        }
        // A wait may have been long enough.
        if self.flow.poll_timeout().is_some_and(|at| at <= self.now.mono) {
            self.tell(Event::Timeout);
        }
    }

    /// The next key, where the greeting that is heard has a way for it.
    fn key_of_greeting(&mut self) -> Option<char> {
        let State::Message(step, Stage::Before { typed, .. }) = &self.flow.state else { return None };
        let key = *self.keys.front()?;
        let typed = format!("{typed}{key}");
        let leads = self.flow.keys_of(*step).iter().any(|(choice, _)| choice.starts_with(&typed));
        leads.then(|| self.keys.pop_front()).flatten()
    }

    fn presses(&mut self, key: char) {
        if key == '*' || !self.flow.hides_keys() {
            self.hears(What::Presses { key });
        }
        self.tell(Event::Key(key));
    }

    fn waits(&mut self) {
        match self.flow.poll_timeout() {
            Some(at) => {
                let wait = at.since(self.now.mono);
                self.hears(What::Silent { seconds: wait.as_secs() });
                self.passes(wait);
            }
            // Nothing will ever happen: nobody waits for that.
            None => self.hangs_up(),
        }
    }

    fn speaks(&mut self, wait: Duration, silence: Duration, draft: bool) {
        if self.keys.front() == Some(&'_') {
            self.keys.pop_front();
            self.hears(What::Silent { seconds: wait.as_secs() });
            self.passes(wait);
            self.tell(Event::Recorded(RecordEnd::Silence));
            return self.tell(if draft { Event::Draft(Draft::Empty) } else { Event::Empty });
        }
        self.hears(What::Speaks { seconds: SPEAKS.as_secs() });
        self.passes(SPEAKS);
        if self.keys.front() == Some(&'#') {
            self.keys.pop_front();
            self.hears(What::Presses { key: '#' });
            self.tell(Event::Recorded(RecordEnd::Key));
        } else {
            self.passes(silence);
            self.tell(Event::Recorded(RecordEnd::Silence));
        }
        if draft {
            return self.tell(Event::Draft(Draft::Heard));
        }
        self.kept = true;
        self.hears(What::Kept { urgent: self.urgent });
        self.tell(Event::Kept);
    }

    fn hangs_up(&mut self) {
        self.tell(Event::HungUp);
        self.hears(What::Ends { by_caller: true });
        self.over = true;
    }

    fn passes(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    fn hears(&mut self, what: What) {
        self.told.heard.push(Heard { after_ms: self.now.mono.0 / 1_000_000, what });
    }

    fn tell(&mut self, event: Event) {
        self.flow.handle(event, self.now);
        while let Some(action) = self.flow.poll_action() {
            self.carry_out(action);
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Enter(entered) => {
                let step = self.flow.setting().plan.step(entered.step).map(|step| step.name.clone());
                let (by, line) = (entered.by.code(), entered.place.line);
                self.hears(What::Step { step: step.unwrap_or_default(), line, by });
            }
            Action::Say(all) => {
                let mut length = Duration::ZERO;
                for say in all {
                    length += self.hears_words(say);
                }
                self.words = Some(length);
            }
            Action::Hush => self.words = None,
            Action::Prepare { .. } => {
                self.urgent = false;
                self.kept = false;
                self.waits_for = Some(Waits::Row);
            }
            Action::Record(_, recording) => self.waits_for = Some(Waits::speech(&recording, false)),
            Action::StopRecording => self.waits_for = None,
            Action::MarkUrgent => self.urgent = true,
            Action::Desk(ask) => self.asks(&ask),
            Action::Promised(told) => {
                let latest = wall(told.latest, self.flow.setting());
                self.hears(What::Promised { words: told.words.clone(), latest });
                self.desk.promised.push((self.call.clone(), told));
            }
            Action::HangUp(_) => self.hears(What::Ends { by_caller: false }),
            action => self.carry_out_of_owner(action),
        }
    }

    fn carry_out_of_owner(&mut self, action: Action) {
        match action {
            Action::CheckPin(_) => {
                self.hears(What::Pin);
                self.waits_for = Some(Waits::Pin);
            }
            Action::SetHours { open, until } => {
                let until = wall(until, self.flow.setting());
                self.changes(What::SetsHours { open, until });
            }
            Action::LiftHours => self.changes(What::LiftsHours),
            Action::KeepDraft { prompt, .. } => self.changes(What::KeepsPrompt { prompt }),
            Action::RestorePrompt { prompt, .. } => self.changes(What::RestoresPrompt { prompt }),
            Action::PrepareDraft => self.waits_for = Some(Waits::Room),
            Action::RecordDraft(recording) => self.waits_for = Some(Waits::speech(&recording, true)),
            _ => {}
        }
    }

    fn asks(&mut self, ask: &Ask) {
        let (setting, caller) = (self.flow.setting(), self.told.caller.as_deref());
        let Some(answer) = self.desk.ask(setting, &self.call, caller, ask, self.now.utc) else { return };
        // What was asked before is not waited for any more.
        self.answers.clear();
        match (ask, &answer) {
            (Ask::Book(booking), Answer::Booked(_)) => {
                let start = match &booking.when {
                    When::Slot { slot, .. } => Some(wall(slot.start, setting)),
                    When::Soon { .. } => None,
                };
                let (latest, number) = (wall(booking.told.latest, setting), booking.number.clone());
                self.hears(What::Books { start, latest, number, moved: booking.moves.is_some() });
            }
            (Ask::Cancel(_), Answer::Cancelled) => self.hears(What::Cancels),
            (Ask::Renew { told, .. }, Answer::Renewed) => {
                let latest = wall(told.latest, setting);
                self.hears(What::Promised { words: told.words.clone(), latest });
            }
            _ => {}
        }
        self.answers.push_back(answer);
    }

    fn changes(&mut self, what: What) {
        self.hears(what);
        self.waits_for = Some(Waits::Done);
    }

    /// How long it takes.
    fn hears_words(&mut self, say: Say) -> Duration {
        let (text, prompt) = match say {
            Say::Spoken { words, .. } => (words, None),
            Say::Prompt { id, language } => {
                let text = self.texts.transcript(language, &id).unwrap_or_default();
                (text, Some(id.into_owned()))
            }
            Say::Message => (String::new(), Some("message".to_owned())),
            Say::Draft => (String::new(), Some("draft".to_owned())),
            Say::Name(_) => (String::new(), Some("name".to_owned())),
        };
        // German and English voices read some fourteen letters a second.
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.hears(What::Says { text, prompt });
        Duration::from_millis(300) + Duration::from_millis(70) * letters
    }
}
