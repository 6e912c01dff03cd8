//! What callers recorded. A message goes `recording → new → heard`; one without sound is `missed` and
//! not listed. The row stands before the beep, and a message that was kept is only ever taken away by
//! its owner: deleted softly, with a time of grace.

pub mod store;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Utc;
use crate::ids::{CallId, CallbackId, Cursor, Language, MessageId, TakeId};
use crate::tenant::Tenant;

pub use store::export;

/// How many bars the page draws of a message.
pub const PEAKS: usize = 96;
/// The folder below the data folder that paths in rows start from.
pub const RECORDINGS: &str = "recordings";
/// How long a deleted message can be restored.
pub const GRACE: Duration = Duration::from_secs(30 * 24 * 3600);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $bad:ident, { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// As rows spell it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// A word that is none of these.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("not one of the words that are known here")]
        pub struct $bad;

        impl FromStr for $name {
            type Err = $bad;
            fn from_str(text: &str) -> Result<Self, $bad> {
                match text { $($word => Ok($name::$variant),)+ _ => Err($bad) }
            }
        }
    };
}

words!(
    /// What an owner can hear: whether it was heard. The other states of a row never leave the store.
    State, BadState, {
    /// Not heard yet.
    New = "new",
    /// Heard.
    Heard = "heard",
});

words!(
    /// What became of a take.
    TakeState, BadTakeState, {
    /// It is being written, or a crash ended it.
    Recording = "recording",
    /// Part of the message.
    Kept = "kept",
    /// The caller spoke again; its file stays until the message is purged.
    Replaced = "replaced",
    /// Too little sound.
    Empty = "empty",
    /// Its file could not be written or read.
    Lost = "lost",
});

/// A message that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// The call it is left in; its row must stand.
    pub call: CallId,
    /// The caller's number.
    pub caller: Option<String>,
    /// The caller's name; may be empty.
    pub caller_name: String,
    /// What was dialled.
    pub called: String,
    /// The step of the plan that takes it: `message.standard`.
    pub step: String,
    /// What it is about, as the plan calls it; the step's name where it does not.
    pub matter: String,
    /// What the caller is spoken to in.
    pub language: Language,
    /// The open callback that it is added to.
    pub adds: Option<CallbackId>,
    /// The beep.
    pub at: Utc,
}

/// What a message is about: for the queue of callbacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub id: MessageId,
    /// The call it was left in.
    pub call: CallId,
    /// The caller's number.
    pub caller: Option<String>,
    /// The caller's name; may be empty.
    pub caller_name: String,
    /// What was dialled.
    pub called: String,
    /// The step of the plan that took it; none in old rows.
    pub step: Option<String>,
    /// As the plan called it; none in old rows.
    pub matter: Option<String>,
    /// What the caller was spoken to in; none in old rows.
    pub language: Option<Language>,
    /// The callback that the caller wanted to add it to.
    pub adds: Option<CallbackId>,
    /// The caller said so.
    pub urgent: bool,
}

/// A take that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTake {
    /// Its id.
    pub id: TakeId,
    /// Relative to the folder of recordings; made of our ids only.
    pub file: String,
    /// When.
    pub started_at: Utc,
}

/// A take as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Its id.
    pub id: TakeId,
    /// From 1, in the order of recording.
    pub seq: u32,
    /// What became of it.
    pub state: TakeState,
    /// Relative to the folder of recordings.
    pub file: String,
    /// Its whole length.
    pub total_ms: u64,
    /// How much of it was sound.
    pub sound_ms: u64,
    /// When.
    pub started_at: Utc,
}

/// What can be heard of a message: written when it is kept, and again when a take is added or spoken anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Length of the listening file.
    pub duration_ms: u64,
    /// 8000 or 16000.
    pub rate_hz: u32,
    /// Highest sample.
    pub peak: u16,
    /// Of the listening file, lower-case hex.
    pub sha256: String,
    /// [`PEAKS`] bars of 0–255.
    pub peaks: Vec<u8>,
    /// The listening file, relative to the folder of recordings.
    pub path: String,
    /// Part of what was said could not be read.
    pub damaged: bool,
    /// When.
    pub at: Utc,
}

/// A message that can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The call it was left in.
    pub call: CallId,
    /// The caller's number.
    pub caller: Option<String>,
    /// The caller's name; may be empty.
    pub caller_name: String,
    /// What was dialled.
    pub called: String,
    /// The step of the plan that took it: what the caller chose.
    pub step: Option<String>,
    /// The beep.
    pub at: Utc,
    /// Heard or not.
    pub state: State,
    /// The caller said so.
    pub urgent: bool,
    /// Part of it could not be read.
    pub damaged: bool,
    /// Length of what can be heard.
    pub duration_ms: u64,
    /// 8000 or 16000.
    pub rate_hz: u32,
    /// Highest sample.
    pub peak: u16,
    /// Of the listening file.
    pub sha256: String,
    /// For the page to draw.
    pub peaks: Vec<u8>,
    /// The listening file, relative to the folder of recordings.
    pub path: String,
    /// What was said, as text.
    pub transcript: Option<String>,
}

/// A message that a crash left unfinished.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Whose.
    pub tenant: Tenant,
    /// Which.
    pub message: MessageId,
    /// The call it was left in.
    pub call: CallId,
    /// The beep.
    pub at: Utc,
    /// It had been kept before, and the crash came while more was spoken.
    pub kept_before: bool,
    /// All takes in order; those in [`TakeState::Recording`] are to be read.
    pub takes: Vec<Take>,
}

/// A message whose grace is over: its files go first, then [`store::purged`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// Which.
    pub message: MessageId,
    /// Relative to the folder of recordings.
    pub files: Vec<String>,
}

/// Which messages are listed.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Older than this.
    pub before: Cursor,
    /// At most so many; the store has its own limit too.
    pub limit: u32,
    /// Only these.
    pub state: Option<State>,
}

impl Default for Filter {
    fn default() -> Self {
        Filter { before: Cursor::newest(), limit: 50, state: None }
    }
}

/// How many there are to hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not heard yet.
    pub new: u64,
    /// All.
    pub total: u64,
}
