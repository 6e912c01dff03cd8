//! Calls and their timelines: every call is a row, answered or abandoned, and says why it ended.
//!
//! Live snapshots for the page, and the page's wishes to running calls, will cross here too, as a
//! channel of [`Event`]s out and commands in: `web` never reaches into `call`.

pub mod store;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Utc;
use crate::ids::CallId;

pub use store::export;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A message was kept.
    Message,
    /// Answered; the caller left nothing.
    NoMessage,
    /// The caller hung up before we answered.
    Abandoned,
    /// We did not take it: busy, no common codec.
    Refused,
    /// Answered, but something on our side failed: what the caller said could not be kept.
    Failed,
    /// The program ended while it ran.
    Interrupted,
    /// It was the owner, by PIN.
    Owner,
    /// A callback was booked, moved or cancelled.
    Callback,
}

impl Outcome {
    /// As rows and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Message => "message",
            Outcome::NoMessage => "no_message",
            Outcome::Abandoned => "abandoned",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
            Outcome::Owner => "owner",
            Outcome::Callback => "callback",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an outcome of a call")]
pub struct BadOutcome;

impl FromStr for Outcome {
    type Err = BadOutcome;
    fn from_str(text: &str) -> Result<Self, BadOutcome> {
        use Outcome::{Abandoned, Callback, Failed, Interrupted, Message, NoMessage, Owner, Refused};
        [Message, NoMessage, Abandoned, Refused, Failed, Interrupted, Owner, Callback]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(BadOutcome)
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The caller's number; none where it is withheld.
    pub caller: Option<String>,
    /// The name that came with it; may be empty. No proof of anything.
    pub caller_name: String,
    /// What was dialled.
    pub called: String,
    /// The first INVITE.
    pub started_at: Utc,
    /// Our 200.
    pub answered_at: Option<Utc>,
    /// None while it runs.
    pub ended_at: Option<Utc>,
    /// None while it runs.
    pub outcome: Option<Outcome>,
}

/// One line of a call's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Utc,
    /// What, in one word: `played`, `key`, `recorded`, …
    pub kind: String,
    /// More about it, by kind.
    pub detail: serde_json::Value,
}
