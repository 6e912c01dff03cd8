//! How an entry was before somebody did something: kept with the timeline, so that it can be taken back.

use serde::{Deserialize, Serialize};

use super::{Entry, Refusal};
use crate::callback::{Assigned, Booked, By, Callback, Leave, Over, PromiseState, State};
use crate::clock::Utc;
use crate::ids::{AttemptId, PersonId, PromiseId};

/// What acts of people change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    state: How,
    assigned: Option<(PersonId, i64)>,
    slot: Option<(String, i64, i64)>,
    number: Option<String>,
    leave: Option<(String, Option<String>)>,
    urgent: bool,
    held: bool,
    note: String,
    opened_at: i64,
    attempts: u32,
    tried_at: Option<i64>,
    broken: Option<i64>,
    promises: Vec<Told>,
    /// The try that it made.
    pub attempt: Option<AttemptId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Open,
    Claimed(PersonId, i64),
    Reached(PersonId, i64),
    Snoozed(i64),
    Over(Option<String>, i64, String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    id: PromiseId,
    state: String,
    settled_at: Option<i64>,
    tried_at: Option<i64>,
}

impl Before {
    /// As it is now.
    pub fn of(entry: &Entry) -> Before {
        let callback = &entry.callback;
        let millis = |at: Option<Utc>| at.map(|at| at.0);
        Before {
            state: match callback.state {
                State::Open => How::Open,
                State::Claimed { by, until } => How::Claimed(by, until.0),
                State::Reached { by, at } => How::Reached(by, at.0),
                State::Snoozed { until } => How::Snoozed(until.0),
                State::Over(over) => {
                    How::Over(over.outcome.map(|o| o.as_str().to_owned()), over.at.0, over.by.to_string())
                }
            },
            assigned: callback.assigned.map(|assigned| (assigned.to, assigned.until.0)),
            slot: callback.slot.as_ref().map(|slot| (slot.calendar.clone(), slot.start.0, slot.end.0)),
            number: callback.number.clone(),
            leave: callback.leave.as_ref().map(|leave| (leave.why.clone(), leave.by.map(|by| by.to_string()))),
            urgent: callback.urgent,
            held: callback.held,
            note: callback.note.clone(),
            opened_at: callback.opened_at.0,
            attempts: callback.attempts,
            tried_at: millis(callback.tried_at),
            broken: millis(callback.broken),
            promises: entry
                .promises
                .iter()
                // Acts change no others.
                .filter(|promise| promise.state == PromiseState::Open)
                .map(|promise| Told {
                    id: promise.id,
                    state: promise.state.as_str().to_owned(),
                    settled_at: millis(promise.settled_at),
                    tried_at: millis(promise.tried_at),
                })
                .collect(),
            attempt: None,
        }
    }

    /// The entry as it was. What cannot be read is not guessed.
    pub(super) fn restore(&self, entry: Entry) -> Result<Entry, Refusal> {
        let utc = |at: Option<i64>| at.map(Utc);
        let mut promises = entry.promises;
        for told in &self.promises {
            let state: PromiseState = told.state.parse().map_err(|_| Refusal::NothingToUndo)?;
            for promise in promises.iter_mut().filter(|promise| promise.id == told.id) {
                promise.state = state;
                promise.settled_at = utc(told.settled_at);
                promise.tried_at = utc(told.tried_at);
            }
        }
        let leave = |(why, by): &(String, Option<String>)| {
            let by = by.as_ref().map(|by| by.parse::<By>()).transpose();
            by.map(|by| Leave { why: why.clone(), by }).map_err(|_| Refusal::NothingToUndo)
        };
        let slot = |(calendar, start, end): &(String, i64, i64)| Booked {
            calendar: calendar.clone(),
            start: Utc(*start),
            end: Utc(*end),
        };
        let callback = Callback {
            state: self.state.read()?,
            assigned: self.assigned.map(|(to, until)| Assigned { to, until: Utc(until) }),
            slot: self.slot.as_ref().map(slot),
            number: self.number.clone(),
            leave: self.leave.as_ref().map(leave).transpose()?,
            urgent: self.urgent,
            held: self.held,
            note: self.note.clone(),
            opened_at: Utc(self.opened_at),
            attempts: self.attempts,
            tried_at: utc(self.tried_at),
            broken: utc(self.broken),
            ..entry.callback
        };
        Ok(Entry { callback, promises })
    }
}

impl How {
    fn read(&self) -> Result<State, Refusal> {
        Ok(match self {
            How::Open => State::Open,
            How::Claimed(by, until) => State::Claimed { by: *by, until: Utc(*until) },
            How::Reached(by, at) => State::Reached { by: *by, at: Utc(*at) },
            How::Snoozed(until) => State::Snoozed { until: Utc(*until) },
            How::Over(outcome, at, by) => State::Over(Over {
                outcome: outcome.as_ref().map(|o| o.parse()).transpose().map_err(|_| Refusal::NothingToUndo)?,
                at: Utc(*at),
                by: by.parse().map_err(|_| Refusal::NothingToUndo)?,
            }),
        })
    }
}
