//! How a contact is greeted by name: a short recording, "Guten Tag, Frau …", as the owner wants it heard.

use crate::clock::Utc;
use crate::ids::NameClipId;

/// The folder below the data folder that recordings of names are in, named by their ids.
pub const NAMES: &str = "names";
/// Seconds of a recording.
pub const NAME_SECONDS_MAX: u32 = 10;
/// Characters of what is said in it.
pub const NAME_TEXT_MAX: usize = 200;
/// All that are confirmed of a tenant: they are held in memory, and a clip takes 24 kB a second.
pub const NAMES_MS_MAX: u64 = 15 * 60 * 1000;

/// A recording that is to be a contact's. Its file stands already, under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNameClip {
    /// Its id, and its file's name.
    pub id: NameClipId,
    /// What is said; may be empty.
    pub transcript: String,
    /// Length of its file.
    pub duration_ms: u64,
    /// Of its file, lower-case hex.
    pub sha256: String,
    /// Who made it, as the audit log spells it.
    pub author: String,
    /// When.
    pub at: Utc,
}

/// A recording as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameClip {
    /// Its id, and its file's name.
    pub id: NameClipId,
    /// What is said; may be empty.
    pub transcript: String,
    /// Length of its file.
    pub duration_ms: u64,
    /// Of its file, lower-case hex.
    pub sha256: String,
    /// When it was made.
    pub created_at: Utc,
    /// An owner has heard it, and wants it to be heard.
    pub confirmed: bool,
}

/// The file of a recording, within [`NAMES`].
pub fn name_file(id: NameClipId) -> String {
    format!("{id}.wav")
}

/// Why a recording was not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameRefused {
    /// The contact has no recording, or another one by now.
    #[error("this recording is no longer the contact's: listen to the one that is there, and confirm that")]
    Another,
    /// [`NAMES_MS_MAX`].
    #[error("the confirmed names would be over {} minutes long together: take some away, or shorten them", NAMES_MS_MAX / 60_000)]
    TooMuch,
}
