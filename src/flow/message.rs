//! The message step: greeting → beep → record → kept → listen again, replace, add, urgent.

use std::time::Duration;

use super::choice::{GAP, Match, look_up};
use super::promise::SILENT_MAX;
use super::walk::State;
use super::{Action, By, Cause, Event, Flow, RecordEnd, Role, STORE_MAX, Say, Timer};
use crate::clock::Now;
use crate::plan::{self, Kind, StepId, Target, Value};

/// How a take is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Silence before any sound that ends the recording.
    pub silence_before: Duration,
    /// Silence after sound that ends it.
    pub silence_after: Duration,
    /// Longest take.
    pub max: Duration,
    /// How long before `max` the caller is warned.
    pub warning: Duration,
    /// Less sound than this is a missed call, not a message.
    pub sound_min: Duration,
}

/// Menus are repeated, wrong keys forgiven and empty recordings tried again this often.
const PATIENCE: u8 = 3;
/// How long a caller may think after the menu.
const CHOICE_MAX: Duration = Duration::from_secs(6);

/// How far a message has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// Hears nothing yet: the desk says by when somebody calls back, and what is said needs that.
    Promising { take: Take, ready: bool },
    /// Hears what leads to the beep, while the row of the take is made.
    Before { take: Take, ready: bool, said: bool, typed: String },
    /// Hears the beep.
    Beep(Take),
    /// Speaks.
    Recording(Take),
    /// The take is being written.
    Saving { take: Take, end: RecordEnd },
    /// Hears the menu or thinks about it; something is kept.
    Review { tries: u8 },
}

/// A take on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Take {
    role: Role,
    /// How often nothing may still be heard.
    tries: u8,
    /// The greeting is said, with its keys; not a try after it.
    greeted: bool,
    /// The message is marked as urgent.
    urgent: bool,
}

impl Flow {
    pub(super) fn begin_message(&mut self, step: StepId, message: &plan::Message, now: Now) -> State {
        let take = Take { role: Role::First, tries: PATIENCE, greeted: true, urgent: message.urgent };
        let asked = self.promises(message);
        if asked && self.words(now).says(&message.say, Value::Promise) {
            self.act(Action::Prepare { role: take.role, step, adds: self.adds });
            self.set_timer(Timer::Desk, SILENT_MAX, now);
            return State::Message(step, Stage::Promising { take, ready: false });
        }
        let words = self.greeting_of(message, now);
        self.lead_in(step, take, words, now)
    }

    fn greeting_of(&self, message: &plan::Message, now: Now) -> Vec<Say> {
        let words = self.words(now).say(&message.say);
        if words.is_empty() { self.prompts(&["greeting", "leave-message"]) } else { words }
    }

    /// The desk has answered, or is waited for no more: with its answer, or by the hours alone.
    fn greets(&mut self, step: StepId, take: Take, ready: bool, now: Now) -> State {
        let plan = self.setting.plan.clone();
        let words = match plan.step(step).map(|step| &step.kind) {
            Some(Kind::Message(message)) => self.greeting_of(message, now),
            _ => Vec::new(),
        };
        self.timer = None;
        let said = !self.say_all(words);
        if !ready {
            self.set_timer(Timer::Store, STORE_MAX, now);
        }
        State::Message(step, Stage::Before { take, ready, said, typed: String::new() })
    }

    pub(super) fn message(&mut self, step: StepId, stage: Stage, event: Event, now: Now) -> State {
        match (stage, event) {
            (Stage::Promising { take, ready }, Event::Desk(_)) => self.greets(step, take, ready, now),
            (Stage::Promising { take, .. }, Event::Ready) => {
                if take.urgent {
                    self.act(Action::MarkUrgent);
                }
                State::Message(step, Stage::Promising { take, ready: true })
            }
            (Stage::Promising { take, .. }, Event::Refused) => {
                self.timer = None;
                self.not_kept(take)
            }
            (Stage::Before { take, ready, said, typed }, event) => {
                self.before(step, take, (ready, said), typed, event, now)
            }
            (Stage::Beep(take), Event::Said) => {
                let recording = self.recording_of(step);
                self.act(Action::Record(take.role, recording));
                State::Message(step, Stage::Recording(take))
            }
            (Stage::Recording(take), event) => self.recording(step, take, event, now),
            (Stage::Saving { take, end }, event) => self.saving(step, take, end, event, now),
            (Stage::Review { tries }, event) => self.review(step, tries, event, now),
            (stage, _) => State::Message(step, stage),
        }
    }

    pub(super) fn message_timed_out(&mut self, step: StepId, stage: Stage, timer: Timer, now: Now) -> State {
        match (timer, stage) {
            (Timer::Store, Stage::Before { take, .. } | Stage::Saving { take, .. }) => self.not_kept(take),
            (Timer::Desk, Stage::Promising { take, ready }) => self.greets(step, take, ready, now),
            (Timer::DigitGap, Stage::Before { take, ready, said, typed }) => {
                match look_up(self.keys_of(step), &typed) {
                    Match::Begins(Some(target)) => self.go(step, target, By::Keys(typed), now),
                    _ => self.at_the_beep(step, take, (ready, said), String::new()),
                }
            }
            (Timer::Choice, Stage::Review { tries }) => match self.goto_of(step) {
                Some(target) => self.go(step, target, By::Done, now),
                None => self.ask_again(step, tries, None),
            },
            (_, stage) => State::Message(step, stage),
        }
    }

    /// The row is made while the words before the beep are heard: it costs the caller no time.
    fn lead_in(&mut self, step: StepId, take: Take, words: Vec<Say>, now: Now) -> State {
        self.act(Action::Prepare { role: take.role, step, adds: self.adds });
        self.say_all(words);
        self.set_timer(Timer::Store, STORE_MAX, now);
        State::Message(step, Stage::Before { take, ready: false, said: false, typed: String::new() })
    }

    fn before(
        &mut self,
        step: StepId,
        take: Take,
        (ready, said): (bool, bool),
        typed: String,
        event: Event,
        now: Now,
    ) -> State {
        match event {
            Event::Ready => {
                self.timer = None;
                if take.urgent {
                    self.act(Action::MarkUrgent);
                }
                self.at_the_beep(step, take, (true, said), typed)
            }
            Event::Said => self.at_the_beep(step, take, (ready, true), typed),
            Event::Refused => {
                self.timer = None;
                self.not_kept(take)
            }
            Event::Key(key) => self.key_before(step, take, (ready, said), typed, key, now),
            _ => State::Message(step, Stage::Before { take, ready, said, typed }),
        }
    }

    fn key_before(
        &mut self,
        step: StepId,
        take: Take,
        (ready, said): (bool, bool),
        mut typed: String,
        key: char,
        now: Now,
    ) -> State {
        let keys = if take.greeted { self.keys_of(step) } else { &[] };
        typed.push(key);
        match look_up(keys, &typed) {
            Match::Whole(target) => {
                self.act(Action::Hush);
                self.go(step, target, By::Keys(typed), now)
            }
            Match::Begins(_) => {
                self.act(Action::Hush);
                self.set_timer(Timer::DigitGap, GAP, now);
                State::Message(step, Stage::Before { take, ready, said: true, typed })
            }
            // Those who know the greeting go straight to the beep.
            Match::Nothing if key == '#' => {
                self.act(Action::Hush);
                self.at_the_beep(step, take, (ready, true), String::new())
            }
            Match::Nothing => State::Message(step, Stage::Before { take, ready, said, typed: String::new() }),
        }
    }

    /// The beep sounds once the row stands and the words are said, and no choice has begun.
    fn at_the_beep(&mut self, step: StepId, take: Take, (ready, said): (bool, bool), typed: String) -> State {
        if !(ready && said && typed.is_empty()) {
            return State::Message(step, Stage::Before { take, ready, said, typed });
        }
        self.say(["beep"]);
        State::Message(step, Stage::Beep(take))
    }

    fn recording(&mut self, step: StepId, take: Take, event: Event, now: Now) -> State {
        match event {
            Event::NearMax => self.say(["record-warning"]),
            Event::WriteFailed => {
                self.act(Action::StopRecording);
                return self.not_kept(take);
            }
            Event::Recorded(end) => {
                self.act(Action::Hush);
                self.set_timer(Timer::Store, STORE_MAX, now);
                return State::Message(step, Stage::Saving { take, end });
            }
            _ => {}
        }
        State::Message(step, Stage::Recording(take))
    }

    fn saving(&mut self, step: StepId, take: Take, end: RecordEnd, event: Event, now: Now) -> State {
        match event {
            Event::Kept => {
                self.timer = None;
                self.say(["saved", "review-menu"]);
                State::Message(step, Stage::Review { tries: PATIENCE })
            }
            Event::Empty => {
                self.timer = None;
                self.empty(step, take, end, now)
            }
            Event::NotKept => {
                self.timer = None;
                self.not_kept(take)
            }
            _ => State::Message(step, Stage::Saving { take, end }),
        }
    }

    /// Nothing was heard. Who pressed a key is there and may try again; who was silent has gone.
    fn empty(&mut self, step: StepId, take: Take, end: RecordEnd, now: Now) -> State {
        match (take.role, end) {
            (Role::Again | Role::More, _) => {
                self.say(["nothing-heard", "kept-so-far", "review-menu"]);
                State::Message(step, Stage::Review { tries: PATIENCE })
            }
            (Role::First, RecordEnd::Key) if take.tries > 1 => {
                let take = Take { tries: take.tries.saturating_sub(1), greeted: false, ..take };
                let words = self.prompts(&["nothing-heard", "leave-message"]);
                self.lead_in(step, take, words, now)
            }
            (Role::First, _) => self.leave(["nothing-heard", "goodbye"], Cause::Silent),
        }
    }

    fn review(&mut self, step: StepId, tries: u8, event: Event, now: Now) -> State {
        match event {
            Event::Said => {
                self.set_timer(Timer::Choice, CHOICE_MAX, now);
                State::Message(step, Stage::Review { tries })
            }
            Event::Key(key) => {
                self.timer = None;
                self.choose(step, key, tries, now)
            }
            _ => State::Message(step, Stage::Review { tries }),
        }
    }

    fn choose(&mut self, step: StepId, key: char, tries: u8, now: Now) -> State {
        if !self.takes_a_turn() {
            return self.farewell(Cause::TooMany);
        }
        match key {
            '2' => {
                let menu = Say::prompt("review-menu", self.language);
                self.say_all(vec![Say::Message, menu]);
            }
            '3' => return self.another(step, Role::Again, "record-again", now),
            '4' => return self.another(step, Role::More, "record-more", now),
            '5' if self.is_urgent(step) => self.say(["already-urgent", "review-menu"]),
            '5' => {
                self.act(Action::MarkUrgent);
                self.say(["marked-urgent", "review-menu"]);
            }
            // A second # of an impatient thumb is no mistake.
            '#' => return self.ask_again(step, tries, None),
            _ => return self.ask_again(step, tries, Some("error-invalid")),
        }
        State::Message(step, Stage::Review { tries: PATIENCE })
    }

    fn another(&mut self, step: StepId, role: Role, words: &'static str, now: Now) -> State {
        let words = self.prompts(&[words]);
        self.lead_in(step, Take { role, tries: 1, greeted: false, urgent: false }, words, now)
    }

    fn ask_again(&mut self, step: StepId, tries: u8, mistake: Option<&'static str>) -> State {
        if tries <= 1 {
            return self.farewell(Cause::Done);
        }
        let words: Vec<&'static str> = mistake.into_iter().chain(["review-menu"]).collect();
        let words = self.prompts(&words);
        self.say_all(words);
        State::Message(step, Stage::Review { tries: tries.saturating_sub(1) })
    }

    /// No dead end: what could be kept is named, and nothing else is promised.
    fn not_kept(&mut self, take: Take) -> State {
        let words = match (take.role, &self.visitor.caller) {
            (Role::Again | Role::More, _) => "kept-so-far",
            (Role::First, Some(_)) => "not-kept",
            (Role::First, None) => "not-kept-withheld",
        };
        self.leave([words, "goodbye"], Cause::NotKept)
    }

    fn recording_of(&self, step: StepId) -> Recording {
        let message = self.message_step(step);
        let seconds = |of: fn(&plan::Message) -> Duration, usual| message.map_or(Duration::from_secs(usual), of);
        Recording {
            silence_before: seconds(|message| message.wait, 15),
            silence_after: seconds(|message| message.silence, 8),
            max: seconds(|message| message.max, 300),
            warning: self.setting.warning,
            sound_min: seconds(|message| message.min, 1),
        }
    }

    pub(super) fn keys_of(&self, step: StepId) -> &[(String, Target)] {
        self.message_step(step).map_or(&[], |message| &message.keys)
    }

    fn goto_of(&self, step: StepId) -> Option<Target> {
        self.message_step(step)?.goto
    }

    fn is_urgent(&self, step: StepId) -> bool {
        self.message_step(step).is_some_and(|message| message.urgent)
    }

    fn message_step(&self, step: StepId) -> Option<&plan::Message> {
        match &self.setting.plan.step(step)?.kind {
            Kind::Message(message) => Some(message),
            _ => None,
        }
    }
}
