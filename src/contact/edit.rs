//! Several contacts that become one, and numbers that become a contact: what is told of it.

use std::fmt;
use std::str::FromStr;

use super::{Card, Contact};
use crate::clock::Utc;
use crate::ids::{ContactEditId, ContactId, Language};

/// So long it can be undone.
pub const UNDO_LIFE_MS: i64 = 30 * 24 * 3600 * 1000;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    /// Several became one.
    Merge,
    /// Numbers became a contact of their own.
    Split,
}

impl EditKind {
    /// As rows and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            EditKind::Merge => "merge",
            EditKind::Split => "split",
        }
    }
}

/// A word that is no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither merge nor split")]
pub struct BadEditKind;

impl FromStr for EditKind {
    type Err = BadEditKind;
    fn from_str(text: &str) -> Result<Self, BadEditKind> {
        [EditKind::Merge, EditKind::Split].into_iter().find(|kind| kind.as_str() == text).ok_or(BadEditKind)
    }
}

/// A merge or a split that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its id: what undoing names.
    pub id: ContactEditId,
    /// What was done.
    pub kind: EditKind,
    /// When.
    pub at: Utc,
    /// To whom, as lists showed them.
    pub label: String,
    /// When it was undone.
    pub undone_at: Option<Utc>,
}

impl Edit {
    /// The last moment at which it can be undone.
    pub fn until(&self) -> Utc {
        Utc(self.at.0.saturating_add(UNDO_LIFE_MS))
    }
}

/// What the others said and the one that stays does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// A name.
    Name(String),
    /// One of them was important.
    Vip,
    /// One of them was not wanted.
    Blocked,
    /// One of them spoke it.
    Language(Language),
    /// A recording of this one's name.
    NameClip(String),
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dropped::Name(name) => write!(f, "the name {name}"),
            Dropped::Vip => f.write_str("the mark vip"),
            Dropped::Blocked => f.write_str("the mark blocked: their numbers get through now"),
            Dropped::Language(language) => write!(f, "the language {language}"),
            Dropped::NameClip(of) => write!(f, "the recorded name of {of}"),
        }
    }
}

/// What else a tenant keeps of contacts goes by this, in the same transaction: callbacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follow {
    /// The first is the second now.
    pub became: Vec<(ContactId, ContactId)>,
    /// These numbers are theirs now.
    pub adopts: Vec<(ContactId, Vec<String>)>,
}

impl Follow {
    /// All numbers of a card are this contact's.
    pub fn adopts(contact: ContactId, card: &Card) -> Follow {
        Follow { adopts: vec![(contact, card.numbers.clone())], ..Follow::default() }
    }
}

/// Several have become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// To undo it by.
    pub edit: ContactEditId,
    /// The one.
    pub contact: Contact,
    /// What is not in it.
    pub dropped: Vec<Dropped>,
    /// What is to follow.
    pub follow: Follow,
}

/// Numbers have become a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// To undo it by.
    pub edit: ContactEditId,
    /// Whose they were.
    pub from: ContactId,
    /// The new one.
    pub contact: Contact,
    /// What is to follow.
    pub follow: Follow,
}

/// It is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// What was undone.
    pub kind: EditKind,
    /// Who is there again.
    pub contacts: Vec<ContactId>,
    /// What is to follow.
    pub follow: Follow,
}
