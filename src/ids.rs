//! Names of things: newtypes, so that a call's id is never taken for a message's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Utc;

/// An id that is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: a UUID is expected")]
pub struct BadId;

/// A UUIDv7 (RFC 9562 §5.7) of `at` and 74 random bits: sorts by time, cannot be guessed.
fn uuid_v7(at: Utc, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at.0).unwrap_or(0), &random).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id: the shell gives the time and the randomness.
            pub fn new(at: Utc, random: [u8; 10]) -> Self {
                Self(uuid_v7(at, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::try_parse(text).map(Self).map_err(|_| BadId)
            }
        }
    };
}

id!(/** One business. */ TenantId);
id!(/** One phone call with its timeline. */ CallId);
id!(/** What a caller recorded. */ MessageId);
id!(/** One stretch of recording of a message: the first, one added, or one that replaced it. */ TakeId);
id!(/** Work that must be done. */ JobId);
id!(/** A person who may sign in. */ PersonId);
id!(/** One version of a tenant's own prompt. */ PromptVersionId);
id!(/** Opening hours set aside for a while. */ OverrideId);
id!(/** Somebody whom a business knows by number. */ ContactId);
id!(/** A recording of how a contact is greeted by name. */ NameClipId);
id!(/** A merge or split of contacts. */ ContactEditId);
id!(/** Somebody to call back. */ CallbackId);
id!(/** What a caller was told of when somebody calls back. */ PromiseId);
id!(/** One try to reach somebody. */ AttemptId);

/// The media stream of one leg, as its thread knows it. Unique while the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// One leg of a call, as the SIP endpoint knows it. Unique while the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

/// A language that callers and people are spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Language; 2] = [Language::De, Language::En];

    /// `de` or `en`.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::De => "de",
            Language::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Neither `de` nor `en`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a language that is spoken here: de or en")]
pub struct BadLanguage;

impl FromStr for Language {
    type Err = BadLanguage;
    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        match text {
            "de" => Ok(Language::De),
            "en" => Ok(Language::En),
            _ => Err(BadLanguage),
        }
    }
}

/// Where a page of a list begins: after the row of this time and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last row of the page before.
    pub at: Utc,
    /// Its id.
    pub id: String,
}

impl Cursor {
    /// Rows of one page at most.
    pub const PAGE_MAX: u32 = 200;

    /// Before the newest row.
    pub fn newest() -> Cursor {
        Cursor { at: Utc(i64::MAX), id: String::new() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.0, self.id)
    }
}

/// Not a cursor that we gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: give back `next` as it came")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (at, id) = text.split_once('_').ok_or(BadCursor)?;
        let at = at.parse().map_err(|_| BadCursor)?;
        let id = Uuid::try_parse(id).map_err(|_| BadCursor)?;
        Ok(Cursor { at: Utc(at), id: id.as_hyphenated().to_string() })
    }
}

/// A number as it was dialled, in the one form in which numbers are compared and shown: `+` and
/// digits where it can be told (`00…`, `0…` as German), otherwise the digits, or the text where there
/// are none. ASCII digits only (SECURITY.md, one normaliser).
pub fn dialled(user: &str) -> String {
    let text = user.split(';').next().unwrap_or_default().trim();
    let plain = text.chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_digit).take(32).collect();
    if !plain || digits.is_empty() {
        return text.chars().filter(|c| !c.is_control()).take(64).collect();
    }
    if text.starts_with('+') {
        return format!("+{digits}");
    }
    match digits.strip_prefix("00") {
        Some(foreign) if foreign.len() > 4 => format!("+{foreign}"),
        _ => match digits.strip_prefix('0') {
            Some(national) if national.len() > 4 => format!("+49{national}"),
            _ => digits,
        },
    }
}

/// As letters are sorted and sought (DIN 5007-1): `Äpfel` is `apfel`, `Straße` is `strasse`.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' => folded.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' => folded.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => folded.push('u'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'ç' => folded.push('c'),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::dialled;

    #[test]
    fn numbers_have_one_form() {
        for (typed, form) in [
            ("+49 711 123456", "+49711123456"),
            ("0049711123456", "+49711123456"),
            ("0711/123456", "+49711123456"),
            ("+49711123456;phone-context=x", "+49711123456"),
            ("200", "200"),
            ("0", "0"),
            ("anna", "anna"),
            ("４９", "４９"),
            ("", ""),
        ] {
            assert_eq!(dialled(typed), form, "{typed}");
        }
    }
}
