//! After the booking: it is told, and one sentence may be recorded that says what it is about.

use std::time::Duration;

use super::{Dialogue, Stage, say};
use crate::clock::Now;
use crate::flow::desk::Booking;
use crate::flow::phrases;
use crate::flow::walk::State;
use crate::flow::{Action, By, Cause, Event, Flow, Recording, Role, STORE_MAX, Say, Timer};

/// Silence before and after speech that ends it: it is one sentence.
const SILENCE_BEFORE: Duration = Duration::from_secs(8);
const SILENCE_AFTER: Duration = Duration::from_secs(4);
/// Less sound says nothing.
const SOUND_MIN: Duration = Duration::from_millis(500);

/// How far it has come. Nothing is recorded before the beep, and none sounds before the row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Hears what is booked, while the row is made.
    Told { row: Row, said: bool },
    /// Is asked for the reason.
    Wanted,
    /// Hears the beep.
    Beep,
    /// Speaks.
    Recording,
    /// It is being written.
    Saving,
}

/// Of the take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Asked,
    Stands,
    /// No reason is recorded.
    None,
}

impl Flow {
    /// It stands: the caller hears so, in the words that are kept.
    pub(super) fn tell_booked(&mut self, dialogue: Dialogue, booking: &Booking, now: Now) -> State {
        let asks = dialogue.moves.is_none() && self.reason_max(&dialogue).is_some();
        if asks {
            self.act(Action::Prepare { role: Role::First, step: dialogue.step, adds: None });
            self.set_timer(Timer::Store, STORE_MAX, now);
        }
        let told = &booking.told;
        self.say_all(vec![Say::Spoken { words: told.words.clone(), language: told.language }]);
        let row = if asks { Row::Asked } else { Row::None };
        dialogue.at(Stage::Booked(Reason::Told { row, said: false }))
    }

    pub(super) fn reason(&mut self, dialogue: Dialogue, reason: Reason, event: Event, now: Now) -> State {
        let next = match (reason, event) {
            (Reason::Told { row, .. }, Event::Said) => return self.after_told(dialogue, row, true, now),
            (Reason::Told { row, said: false }, Event::Key('#')) => {
                self.act(Action::Hush);
                return self.after_told(dialogue, row, true, now);
            }
            (Reason::Told { row: Row::Asked, said }, Event::Ready) => {
                self.timer = None;
                return self.after_told(dialogue, Row::Stands, said, now);
            }
            (Reason::Told { row: Row::Asked, said }, Event::Refused) => {
                self.timer = None;
                return self.after_told(dialogue, Row::None, said, now);
            }
            (Reason::Wanted, Event::Said) => self.beep(),
            (Reason::Wanted, Event::Key('#')) => {
                self.act(Action::Hush);
                self.beep()
            }
            (Reason::Beep, Event::Said) => {
                let max = self.reason_max(&dialogue).unwrap_or_default();
                self.act(Action::Record(Role::First, recording(max)));
                Reason::Recording
            }
            (Reason::Recording, Event::WriteFailed) => {
                self.act(Action::StopRecording);
                return self.slots_done(dialogue, now);
            }
            (Reason::Recording, Event::Recorded(_)) => {
                self.act(Action::Hush);
                self.set_timer(Timer::Store, STORE_MAX, now);
                Reason::Saving
            }
            // The callback stands, whatever became of its reason.
            (Reason::Saving, Event::Kept | Event::Empty | Event::NotKept) => return self.slots_done(dialogue, now),
            (reason, _) => reason,
        };
        dialogue.at(Stage::Booked(next))
    }

    pub(super) fn reason_late(&mut self, dialogue: Dialogue, reason: Reason, now: Now) -> State {
        match reason {
            Reason::Told { said, .. } => self.after_told(dialogue, Row::None, said, now),
            _ => self.slots_done(dialogue, now),
        }
    }

    fn after_told(&mut self, dialogue: Dialogue, row: Row, said: bool, now: Now) -> State {
        match (row, said) {
            (Row::None, true) => self.slots_done(dialogue, now),
            (Row::Stands, true) => {
                let words = vec![self.phrase(say::REASON)];
                self.say_all(words);
                dialogue.at(Stage::Booked(Reason::Wanted))
            }
            _ => dialogue.at(Stage::Booked(Reason::Told { row, said })),
        }
    }

    fn beep(&mut self) -> Reason {
        self.say(["beep"]);
        Reason::Beep
    }

    fn slots_done(&mut self, dialogue: Dialogue, now: Now) -> State {
        self.timer = None;
        match self.slots_step(dialogue.step).and_then(|slots| slots.goto) {
            Some(target) => {
                let thanks = self.phrase(phrases::THANKS);
                self.lead.push(thanks);
                self.go(dialogue.step, target, By::Done, now)
            }
            None => self.farewell(Cause::Done),
        }
    }

    fn reason_max(&self, dialogue: &Dialogue) -> Option<Duration> {
        self.slots_step(dialogue.step)?.reason
    }
}

fn recording(max: Duration) -> Recording {
    Recording {
        silence_before: SILENCE_BEFORE,
        silence_after: SILENCE_AFTER,
        max,
        // One sentence needs no warning.
        warning: Duration::ZERO,
        sound_min: SOUND_MIN,
    }
}
