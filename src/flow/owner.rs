//! The owner's entry: a PIN, then what matters when no computer is at hand: to close or open by hand, to lift
//! that again, and to record prompts.
//!
//! Nothing is changed before a right PIN and a key that confirms it; what the callers after this one hear
//! changes when the shell says so, and not at all where the owner hangs up before.

mod hours;
mod record;

use std::time::Duration;

use super::choice::GAP;
use super::typed::{Day, Digits, FOUR};
use super::walk::State;
use super::{Action, By, Cause, Event, Flow, STORE_MAX, Say, Timer};
use crate::clock::{Now, Utc};
use crate::plan::{Kind, StepId, Target, To};

pub use hours::AUTHOR;
pub use record::PROMPT_MAX;
use record::{Chosen, Take};

/// What became of a PIN. Callers hear the same whether it was wrong, none is set, or the line is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// It is the owner.
    Right,
    /// It is not, or nobody will look at it any more.
    Wrong,
    /// It could not be looked at.
    Unknown,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is kept: the next caller hears it.
    Yes,
    /// There was nothing to change.
    Nothing,
    /// It was not kept, and all is as it was.
    Failed,
}

/// What becomes of the recording of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draft {
    /// It may start.
    Ready,
    /// There is no room for it.
    Refused,
    /// It can be heard.
    Heard,
    /// It held too little sound.
    Empty,
    /// It is lost.
    Failed,
}

/// Where the owner is.
#[derive(Debug)]
pub(super) enum Desk {
    /// Is asked for keys.
    Asked(Asked),
    /// Waits for the shell.
    Waiting(Wait),
    /// Records this prompt.
    Recording(Chosen, Take),
}

/// What the owner is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    ask: Ask,
    typed: Digits,
    /// How often it may still be said, this time included.
    tries: u8,
    /// It was said to its end, or cut short by a key.
    said: bool,
}

/// A question.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// Who is it.
    Pin,
    /// What is to be done.
    Menu,
    /// Until when it is to be closed.
    Close,
    /// On which day it is to open again.
    Day,
    /// At which time of that day.
    Time(Day),
    /// Until what time it is to be open.
    Open,
    /// Whether this is meant.
    Confirm {
        /// Open, or closed.
        open: bool,
        /// First moment after it.
        until: Utc,
    },
    /// Which prompt.
    Prompts,
    /// What is to be done with this prompt.
    Prompt(Chosen),
    /// Whether what was recorded is kept.
    Review(Chosen),
}

/// What the shell is to say.
#[derive(Debug)]
pub(super) enum Wait {
    Pin,
    Set { open: bool, until: Utc },
    Lift,
    Restore(Chosen),
    Keep(Chosen),
}

/// Questions are said this often to somebody who presses nothing or something wrong.
const PATIENCE: u8 = 3;
/// Wrong PINs of one call, after which it is asked for no more (SECURITY.md).
pub(super) const PINS_MAX: u8 = 3;
/// Digits of a PIN at most: more are not waited for.
const PIN_DIGITS_MAX: usize = 12;
/// How long an owner may think after a question.
const CHOICE_MAX: Duration = Duration::from_secs(8);
/// Between the digits of a PIN, a day or a time: people read them from somewhere.
const DIGITS_GAP: Duration = Duration::from_secs(4);

impl Ask {
    /// How long the next digit is waited for, and whether these digits are all there can be.
    fn gap(&self) -> Duration {
        if matches!(self, Ask::Prompts) { GAP } else { DIGITS_GAP }
    }
}

impl Flow {
    pub(super) fn enter_owner(&mut self, step: StepId, now: Now) -> State {
        let plan = self.setting.plan.clone();
        let said = plan.step(step).map(|step| self.words(now).say(step.kind.say())).unwrap_or_default();
        self.lead.extend(said);
        self.act(Action::AskPin);
        // From the first digit on, and whatever follows of a slow one after a farewell.
        self.secret = true;
        self.put(step, Ask::Pin, &[], now)
    }

    pub(super) fn owner(&mut self, step: StepId, desk: Desk, event: Event, now: Now) -> State {
        match (desk, event) {
            (Desk::Asked(asked), Event::Said) => {
                if !asked.said && asked.typed.is_empty() {
                    self.set_timer(Timer::Choice, CHOICE_MAX, now);
                }
                State::Owner(step, Desk::Asked(Asked { said: true, ..asked }))
            }
            (Desk::Asked(asked), Event::Key(key)) => self.owner_key(step, asked, key, now),
            (Desk::Waiting(Wait::Pin), Event::Pin(pin)) => self.pin_checked(step, pin, now),
            (Desk::Waiting(wait), Event::Done(done)) => self.answered_by_shell(step, wait, done, now),
            (Desk::Recording(chosen, take), event) => self.recording_draft(step, chosen, take, event, now),
            (desk, _) => State::Owner(step, desk),
        }
    }

    pub(super) fn owner_timed_out(&mut self, step: StepId, desk: Desk, timer: Timer, now: Now) -> State {
        match (timer, desk) {
            (Timer::Choice, Desk::Asked(asked)) => self.put_again(step, asked, &[], now),
            (Timer::DigitGap, Desk::Asked(asked)) => self.typed_by_owner(step, asked, now),
            (Timer::Store, Desk::Waiting(Wait::Pin)) => self.pin_checked(step, Pin::Unknown, now),
            (Timer::Store, Desk::Waiting(wait)) => self.answered_by_shell(step, wait, Done::Failed, now),
            (Timer::Store, Desk::Recording(chosen, take)) => self.draft_failed(step, chosen, &take, now),
            (_, desk) => State::Owner(step, desk),
        }
    }

    /// What was not kept is gone.
    pub(super) fn owner_hung_up(&mut self, desk: &Desk) {
        match desk {
            Desk::Recording(_, take) => {
                if matches!(take, Take::Running) {
                    self.act(Action::StopRecording);
                }
                self.act(Action::DropDraft);
            }
            Desk::Asked(Asked { ask: Ask::Review(_), .. }) => self.act(Action::DropDraft),
            _ => {}
        }
    }

    /// Puts a question, after these prompts.
    fn put(&mut self, step: StepId, ask: Ask, lead: &[&'static str], now: Now) -> State {
        let words = self.question(&ask, false, now);
        self.put_words(step, Asked { ask, typed: Digits::default(), tries: PATIENCE, said: false }, lead, words, now)
    }

    /// Puts it once more, to somebody who pressed nothing or something wrong; not for ever.
    fn put_again(&mut self, step: StepId, mut asked: Asked, lead: &[&'static str], now: Now) -> State {
        asked.tries = asked.tries.saturating_sub(1);
        if asked.tries > 0 {
            let words = self.question(&asked.ask, true, now);
            return self.put_words(step, asked, lead, words, now);
        }
        match asked.ask {
            // Who types what cannot be read is there all the same.
            Ask::Day | Ask::Time(_) | Ask::Open if !lead.is_empty() => {
                self.put(step, Ask::Menu, &["owner-unchanged"], now)
            }
            Ask::Prompts if !lead.is_empty() => self.put(step, Ask::Menu, &[], now),
            _ => self.leave(["owner-goodbye"], Cause::Silent),
        }
    }

    fn put_words(&mut self, step: StepId, asked: Asked, lead: &[&'static str], words: Vec<Say>, now: Now) -> State {
        self.timer = None;
        if !self.takes_a_turn() {
            return self.farewell(Cause::TooMany);
        }
        let mut all = self.prompts(lead);
        all.extend(words);
        let said = !self.say_all(all);
        if said {
            self.set_timer(Timer::Choice, CHOICE_MAX, now);
        }
        State::Owner(step, Desk::Asked(Asked { typed: Digits::default(), said, ..asked }))
    }

    /// The words of a question. `again`: without what is only to be heard.
    fn question(&self, ask: &Ask, again: bool, now: Now) -> Vec<Say> {
        match ask {
            Ask::Pin => self.prompts(&["owner-pin"]),
            Ask::Menu => {
                let mut words: Vec<Say> = self.state_told(now).into_iter().collect();
                words.extend(self.prompts(&["owner-menu"]));
                if self.is_by_hand(now) {
                    words.extend(self.prompts(&["owner-menu-lift"]));
                }
                words.extend(self.prompts(&["owner-menu-rest"]));
                words
            }
            Ask::Close => {
                let first =
                    if self.next_opening(now).is_some() { "owner-close-opening" } else { "owner-close-midnight" };
                self.prompts(&[first, "owner-close-day", "owner-back"])
            }
            Ask::Day => self.prompts(&["owner-day"]),
            Ask::Time(_) => self.prompts(&["owner-time"]),
            Ask::Open => self.prompts(&["owner-open"]),
            Ask::Confirm { open, until } => {
                let mut words: Vec<Say> = self.hours_told(*open, Some(*until), now).into_iter().collect();
                words.extend(self.prompts(&["owner-confirm", "owner-back"]));
                words
            }
            Ask::Prompts => self.which_prompt(),
            Ask::Prompt(chosen) => self.what_with_prompt(chosen, again),
            Ask::Review(_) => {
                let mut words = if again { Vec::new() } else { vec![Say::Draft] };
                words.extend(self.prompts(&["owner-recorded"]));
                words
            }
        }
    }

    fn owner_key(&mut self, step: StepId, mut asked: Asked, key: char, now: Now) -> State {
        let typed_some = !asked.typed.is_empty();
        // A # that comes late, of an impatient thumb, is no mistake; A to D are on no telephone.
        if !(key.is_ascii_digit() || key == '*' || (key == '#' && typed_some)) {
            return State::Owner(step, Desk::Asked(asked));
        }
        if !asked.said {
            asked.said = true;
            self.act(Action::Hush);
        }
        self.timer = None;
        match key {
            '*' if typed_some => {
                let words = self.question(&asked.ask, true, now);
                self.put_words(step, asked, &[], words, now)
            }
            '*' => self.owner_back(step, asked.ask, now),
            '#' => self.typed_by_owner(step, asked, now),
            digit => {
                asked.typed.push(digit);
                if self.is_all(&asked) {
                    return self.typed_by_owner(step, asked, now);
                }
                self.set_timer(Timer::DigitGap, asked.ask.gap(), now);
                State::Owner(step, Desk::Asked(asked))
            }
        }
    }

    /// No further digit is waited for.
    fn is_all(&self, asked: &Asked) -> bool {
        let length = asked.typed.len();
        match asked.ask {
            Ask::Pin => length >= PIN_DIGITS_MAX,
            Ask::Day | Ask::Time(_) | Ask::Open => length >= FOUR,
            Ask::Prompts => self.is_whole_number(&asked.typed),
            _ => true,
        }
    }

    fn typed_by_owner(&mut self, step: StepId, asked: Asked, now: Now) -> State {
        let digit = asked.typed.only();
        match (&asked.ask, digit) {
            (Ask::Pin, _) => {
                self.act(Action::CheckPin(asked.typed));
                self.wait_for(step, Wait::Pin, now)
            }
            (Ask::Menu, Some('1')) => self.put(step, Ask::Close, &[], now),
            (Ask::Menu, Some('2')) => self.put(step, Ask::Open, &[], now),
            (Ask::Menu, Some('3')) => {
                self.act(Action::LiftHours);
                self.wait_for(step, Wait::Lift, now)
            }
            (Ask::Menu, Some('4')) => self.list_prompts(step, now),
            (Ask::Close, Some('1')) => {
                let until = self.next_opening(now).or_else(|| self.midnight(now));
                self.confirm(step, false, until, now)
            }
            (Ask::Close, Some('2')) => self.put(step, Ask::Day, &[], now),
            (Ask::Confirm { open, until }, Some('1')) => {
                let (open, until) = (*open, *until);
                self.act(Action::SetHours { open, until });
                self.wait_for(step, Wait::Set { open, until }, now)
            }
            (Ask::Day | Ask::Time(_) | Ask::Open, _) => self.time_typed(step, asked, now),
            (Ask::Prompts, _) => self.prompt_typed(step, asked, now),
            (Ask::Prompt(chosen), Some(digit @ ('1' | '2'))) => {
                let chosen = chosen.clone();
                self.with_prompt(step, chosen, digit, now)
            }
            (Ask::Review(chosen), Some(digit @ ('1' | '2' | '3'))) => {
                let chosen = chosen.clone();
                self.with_draft(step, chosen, digit, now)
            }
            _ => self.put_again(step, asked, &["error-invalid"], now),
        }
    }

    fn owner_back(&mut self, step: StepId, ask: Ask, now: Now) -> State {
        match ask {
            Ask::Pin | Ask::Menu => self.leave_owner(step, now),
            Ask::Close | Ask::Day | Ask::Time(_) | Ask::Open | Ask::Prompts => self.put(step, Ask::Menu, &[], now),
            Ask::Confirm { .. } => self.put(step, Ask::Menu, &["owner-unchanged"], now),
            Ask::Prompt(_) => self.put(step, Ask::Prompts, &[], now),
            Ask::Review(chosen) => {
                self.act(Action::DropDraft);
                self.put(step, Ask::Prompt(chosen), &["owner-unchanged"], now)
            }
        }
    }

    /// To the menu from which the owner came; where none was, the end.
    fn leave_owner(&mut self, step: StepId, now: Now) -> State {
        let place = self.setting.plan.step(step).map(|step| step.place);
        match place {
            Some(place) if !self.menus.is_empty() => self.go(step, Target { to: To::Back, place }, By::Back, now),
            _ => self.leave(["owner-goodbye"], Cause::Done),
        }
    }

    fn wait_for(&mut self, step: StepId, wait: Wait, now: Now) -> State {
        self.set_timer(Timer::Store, STORE_MAX, now);
        State::Owner(step, Desk::Waiting(wait))
    }

    fn pin_checked(&mut self, step: StepId, pin: Pin, now: Now) -> State {
        match pin {
            Pin::Right => {
                self.secret = false;
                self.put(step, Ask::Menu, &[], now)
            }
            Pin::Wrong => {
                self.pins_left = self.pins_left.saturating_sub(1);
                if self.pins_left == 0 {
                    return self.leave(["owner-pin-wrong", "goodbye"], Cause::Done);
                }
                self.put(step, Ask::Pin, &["owner-pin-wrong"], now)
            }
            Pin::Unknown => self.leave(["owner-failed", "goodbye"], Cause::Done),
        }
    }

    fn answered_by_shell(&mut self, step: StepId, wait: Wait, done: Done, now: Now) -> State {
        let lead = match (&wait, done) {
            (_, Done::Yes) => "owner-done",
            (Wait::Lift, Done::Nothing) => "owner-nothing-set",
            (Wait::Restore(_), Done::Nothing) => "owner-prompt-oldest",
            _ => "owner-failed",
        };
        match wait {
            Wait::Set { open, until } if done == Done::Yes => self.is_set(open, until, now),
            Wait::Lift if done != Done::Failed => self.is_lifted(now),
            _ => {}
        }
        match wait {
            // What was recorded is still there: it can be tried again, or discarded.
            Wait::Keep(chosen) if done != Done::Yes => {
                let words = self.question(&Ask::Review(chosen.clone()), true, now);
                let asked = Asked { ask: Ask::Review(chosen), typed: Digits::default(), tries: PATIENCE, said: false };
                self.put_words(step, asked, &[lead], words, now)
            }
            Wait::Keep(chosen) | Wait::Restore(chosen) => self.put(step, Ask::Prompt(chosen), &[lead], now),
            Wait::Pin | Wait::Set { .. } | Wait::Lift => self.put(step, Ask::Menu, &[lead], now),
        }
    }
}

/// Whether a call may begin with it as with any step: an owner is told nothing that is meant for callers.
pub(super) fn is_owner(kind: &Kind) -> bool {
    matches!(kind, Kind::Owner(_))
}
