//! What there was with a contact or a number, newest first: calls, messages, callbacks, tries, promises, notes.
//!
//! Rows of other nouns, read only: each says of itself what it says there.

pub mod store;

use std::fmt;
use std::str::FromStr;

use crate::clock::Utc;
use crate::ids::{AttemptId, BadCursor, CallId, CallbackId, ContactId, MessageId, PromiseId};

/// Whose history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// All numbers of a contact, and what was put to it otherwise.
    Contact(ContactId),
    /// One number, in the one form; what a contact has besides is not in it.
    Number(String),
}

/// Something that was, with its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Utc,
    /// What.
    pub what: What,
    place: Place,
}

impl Moment {
    /// Where it is: the next page begins after it.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// What was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A call came in.
    Call {
        /// Its id.
        id: CallId,
        /// From this number.
        caller: String,
        /// What was dialled.
        called: String,
        /// How it ended, as [`crate::calllog`] spells it; none while it runs.
        outcome: Option<String>,
        /// When we answered.
        answered_at: Option<Utc>,
        /// When it ended.
        ended_at: Option<Utc>,
    },
    /// A message was left.
    Message {
        /// Its id.
        id: MessageId,
        /// The call it was left in.
        call: CallId,
        /// `new` or `heard`.
        state: String,
        /// The step that took it.
        step: Option<String>,
        /// Its length.
        duration_ms: u64,
        /// It is urgent.
        urgent: bool,
    },
    /// An entry of the queue was made.
    Callback {
        /// Its id.
        id: CallbackId,
        /// What it is about.
        matter: Option<String>,
        /// How it stands now, as [`crate::callback`] spells it.
        state: String,
        /// What came of it.
        outcome: Option<String>,
        /// Calls that joined it.
        calls: u64,
    },
    /// Somebody was rung.
    Attempt {
        /// Its id.
        id: AttemptId,
        /// Of which entry.
        callback: CallbackId,
        /// What came of it, as [`crate::callback`] spells it.
        result: String,
        /// What was noted.
        note: String,
        /// Who rang, by id.
        person: Option<String>,
    },
    /// A caller was told when somebody rings back.
    Promise {
        /// Its id.
        id: PromiseId,
        /// Of which entry.
        callback: CallbackId,
        /// As it was said.
        words: String,
        /// How it stands now.
        state: String,
        /// The latest moment that was told.
        latest_at: Utc,
    },
    /// Somebody wrote something down.
    Note {
        /// Of which entry.
        callback: CallbackId,
        /// Who, as the audit log spells it.
        by: String,
        /// What.
        text: String,
    },
}

/// A place in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    at: Utc,
    key: String,
}

impl Place {
    /// Bytes of a key: two ids are the most.
    const KEY_MAX: usize = 80;

    /// Before the newest.
    pub fn newest() -> Place {
        Place { at: Utc(i64::MAX), key: String::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.0, self.key)
    }
}

impl FromStr for Place {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (at, key) = text.split_once('_').ok_or(BadCursor)?;
        let at = Utc(at.parse().map_err(|_| BadCursor)?);
        let fine = |b: u8| b.is_ascii_hexdigit() || b == b'-' || b == b'.';
        let good = (1..=Place::KEY_MAX).contains(&key.len()) && key.bytes().all(fine);
        if good { Ok(Place { at, key: key.to_owned() }) } else { Err(BadCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_went() {
        let place = Place { at: Utc(-7), key: "0199d2d1-3f00-7000-8000-000000000000.12".into() };
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "1", "1_", "x_ab", "1_ab'", "1_ä", &format!("1_{}", "a".repeat(81))] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
