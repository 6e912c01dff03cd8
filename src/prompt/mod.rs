//! A tenant's own prompts. A prompt is recorded speech with its transcript; those that ship stand until
//! an owner replaces them, by a file, by text that is spoken, or by telephone.
//!
//! Each replacement is a version. At most one of a prompt is current; without one the shipped prompt is
//! heard. Going back makes an older version current again, and nothing that was made is lost by it: old
//! versions go only where there are too many ([`VERSIONS_MAX`], [`KEPT_MS_MAX`]), oldest first.

pub mod store;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Utc;
use crate::ids::{Language, PromptVersionId};

/// The folder below the data folder that versions are in, named by their ids.
pub const FOLDER: &str = "prompts";
/// Characters of an id.
pub const ID_MAX: usize = 64;
/// Characters of a transcript, and of a text that is spoken.
pub const TEXT_CHARS_MAX: usize = 1_000;
/// Bytes of an upload.
pub const UPLOAD_BYTES_MAX: usize = 20 * 1000 * 1000;
/// Seconds of a prompt.
pub const SECONDS_MAX: u32 = 180;
/// Versions of a prompt; beyond it the oldest that is not current goes.
pub const VERSIONS_MAX: usize = 20;
/// Prompts of a tenant that have versions, each language counted.
pub const PROMPTS_MAX: usize = 200;
/// All current versions of a tenant: they are held in memory, and a clip takes 24 kB a second.
pub const CURRENT_MS_MAX: u64 = 30 * 60 * 1000;
/// All versions of a tenant; beyond it the oldest that are not current go.
pub const KEPT_MS_MAX: u64 = 4 * 3600 * 1000;

/// What plans and the program name a prompt by: `greeting`, `unsere-begruessung`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromptId(String);

impl PromptId {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PromptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no prompt's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a prompt: {ID_MAX} of a-z, 0-9, dot, - and _ at most, no dot at the end")]
pub struct BadPromptId;

impl FromStr for PromptId {
    type Err = BadPromptId;
    /// As plans read it: anything else is spoken there.
    fn from_str(text: &str) -> Result<Self, BadPromptId> {
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        let good = (1..=ID_MAX).contains(&text.len()) && text.bytes().all(fine) && !text.ends_with('.');
        if good { Ok(PromptId(text.to_owned())) } else { Err(BadPromptId) }
    }
}

/// A prompt in a language: what a version belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Spoken in it.
    pub language: Language,
    /// Which prompt.
    pub prompt: PromptId,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.language, self.prompt)
    }
}

/// How a version came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A file, or recorded in the page.
    Upload,
    /// Text that was spoken by the program's voice.
    Text,
    /// Spoken at a telephone.
    Phone,
}

impl Source {
    /// As rows spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Upload => "upload",
            Source::Text => "text",
            Source::Phone => "phone",
        }
    }
}

/// A word that is no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a source: upload, text or phone")]
pub struct BadSource;

impl FromStr for Source {
    type Err = BadSource;
    fn from_str(text: &str) -> Result<Self, BadSource> {
        match text {
            "upload" => Ok(Source::Upload),
            "text" => Ok(Source::Text),
            "phone" => Ok(Source::Phone),
            _ => Err(BadSource),
        }
    }
}

/// A version that is to become current. Its file stands already, under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Its id, and its file's name.
    pub id: PromptVersionId,
    /// What it replaces.
    pub place: Place,
    /// How it came.
    pub source: Source,
    /// What it says; may be empty.
    pub transcript: String,
    /// Length of its file.
    pub duration_ms: u64,
    /// Level of its speech in tenths of dBFS, −200 as a rule.
    pub level: i32,
    /// Of its file, lower-case hex.
    pub sha256: String,
    /// Who made it, as the audit log spells it.
    pub author: String,
    /// When.
    pub at: Utc,
}

/// A version as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id, and its file's name.
    pub id: PromptVersionId,
    /// What it replaces.
    pub place: Place,
    /// From 1, in the order in which they came; never used again.
    pub seq: u32,
    /// How it came.
    pub source: Source,
    /// What it says; may be empty.
    pub transcript: String,
    /// Length of its file.
    pub duration_ms: u64,
    /// Level of its speech in tenths of dBFS.
    pub level: i32,
    /// Of its file, lower-case hex.
    pub sha256: String,
    /// Who made it, as the audit log spells it.
    pub author: String,
    /// When.
    pub created_at: Utc,
    /// It is what callers hear.
    pub current: bool,
}

/// The file of a version, within [`FOLDER`].
pub fn file_name(version: PromptVersionId) -> String {
    format!("{version}.wav")
}

/// Why something is no prompt, or none more can be kept: the owner's to put right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing that we decode.
    #[error("this is no audio that can be read: save it as WAV, MP3, FLAC, OGG (Vorbis), M4A (AAC), AIFF or CAF")]
    NotAudio,
    /// Bytes.
    #[error("the file is too large: {} MB are the most", UPLOAD_BYTES_MAX / 1_000_000)]
    TooLarge,
    /// Seconds.
    #[error("it is too long: a prompt has {SECONDS_MAX} seconds at most")]
    TooLong,
    /// More than a microphone has.
    #[error("{0} channels are too many: save it as mono or stereo")]
    Channels(u16),
    /// Not one of the rates that we convert.
    #[error("{0} samples a second cannot be converted: save it at 16000, 44100 or 48000")]
    Rate(u32),
    /// No sound in it.
    #[error("nothing is to be heard in it: check the microphone, and record it again")]
    Silent,
    /// Driven so far over the top that little of the voice is left.
    #[error("it is overdriven: record it again with the microphone turned down")]
    Clipped,
    /// No text, or only signs that are not spoken.
    #[error("there is nothing to be spoken in this text")]
    NoText,
    /// Characters of a text or a transcript.
    #[error("the text is too long: {TEXT_CHARS_MAX} characters are the most")]
    TextTooLong,
    /// [`PROMPTS_MAX`].
    #[error("there are {PROMPTS_MAX} own prompts already; replace one of them")]
    TooManyPrompts,
    /// [`CURRENT_MS_MAX`].
    #[error("the own prompts in use would be over {} minutes long together; shorten or reset one", CURRENT_MS_MAX / 60_000)]
    TooMuch,
    /// Seconds of a contact's recorded name.
    #[error("it is too long: a recorded name has 10 seconds at most")]
    LongName,
    /// Characters of what is said in it.
    #[error("the text is too long: a recorded name has 200 characters at most")]
    LongNameText,
}

impl Refusal {
    /// For programs; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotAudio => "not_audio",
            Refusal::TooLarge => "too_large",
            Refusal::TooLong => "too_long",
            Refusal::Channels(_) => "too_many_channels",
            Refusal::Rate(_) => "odd_rate",
            Refusal::Silent => "silent",
            Refusal::Clipped => "overdriven",
            Refusal::NoText => "no_text",
            Refusal::TextTooLong => "text_too_long",
            Refusal::TooManyPrompts => "too_many_prompts",
            Refusal::TooMuch => "too_much",
            Refusal::LongName => "too_long",
            Refusal::LongNameText => "text_too_long",
        }
    }
}

/// The id that was probably meant: one of `known` that is near `written`, but not it.
pub fn near_miss<'n>(written: &PromptId, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // One slip in a short word, three in a long one: as in plans.
    let most = (written.0.len() / 4).clamp(1, 3);
    let distance = |name: &'n str| (strsim::osa_distance(&written.0, name), name);
    known.map(distance).filter(|(slips, _)| (1..=most).contains(slips)).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_plans_take_for_names() {
        for good in ["greeting", "unsere-begruessung", "a.b_c-9", &"x".repeat(64)] {
            assert_eq!(good.parse::<PromptId>().unwrap().as_str(), good);
        }
        for bad in ["", "Greeting", "a b", "ende.", "../x", "a/b", "ä", &"x".repeat(65)] {
            assert!(bad.parse::<PromptId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slip_is_seen_and_another_name_is_not() {
        let known = ["greeting", "goodbye", "saved"];
        let meant = |written: &str| near_miss(&written.parse().unwrap(), known.into_iter());
        assert_eq!(meant("greting"), Some("greeting"));
        assert_eq!(meant("savde"), Some("saved"));
        assert_eq!(meant("greeting"), None, "that is it");
        assert_eq!(meant("unsere-begruessung"), None);
    }
}
