//! People who sign in, how they do it, and what they did.
//!
//! A person signs in with a one-time link; its secret is stored as a hash, is good for a day and for
//! one use. A session is a row too, found by the hash of the id in the cookie: who reads the database
//! can take over nobody's session. What people do with what callers said is in an append-only log.

pub mod pin;
pub mod store;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Utc;
use crate::ids::{BadId, CallId, PersonId};
use crate::tenant::Language;

/// How long a login link can be used.
pub const LOGIN_LINK_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything of the tenant.
    Owner,
    /// The messages of the tenant.
    Agent,
}

impl Role {
    /// As rows spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Agent => "agent",
        }
    }
}

/// A word that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role: owner or agent")]
pub struct BadRole;

impl FromStr for Role {
    type Err = BadRole;
    fn from_str(text: &str) -> Result<Self, BadRole> {
        match text {
            "owner" => Ok(Role::Owner),
            "agent" => Ok(Role::Agent),
            _ => Err(BadRole),
        }
    }
}

/// Someone who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What the page speaks to them.
    pub language: Language,
}

/// Who is made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What the page speaks to them.
    pub language: Language,
}

/// What is written into the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Signed in.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Heard a message, from its start or anywhere in it.
    Listened,
    /// Took a message's file.
    Downloaded,
    /// Marked or unmarked as heard.
    MarkedHeard,
    /// Marked or unmarked as urgent.
    MarkedUrgent,
    /// Deleted a message.
    Deleted,
    /// Brought it back.
    Restored,
    /// Replaced a prompt: the object is its place and the version.
    PromptSet,
    /// Made an older version of a prompt current.
    PromptRestored,
    /// Went back to the shipped prompt.
    PromptReset,
    /// Made a text the plan; the object is its revision.
    PlanApplied,
    /// Made the text of an older revision the plan again.
    PlanRolledBack,
    /// Set the hours aside for a while.
    OverrideSet,
    /// Ended that early.
    OverrideLifted,
    /// Set the PIN of the mailbox.
    PinSet,
    /// Gave the right one.
    PinRight,
    /// Gave a wrong one, or one where none is set.
    PinWrong,
    /// Tried one though too many were wrong.
    PinLocked,
    /// Lets it be tried again.
    PinUnlocked,
    /// Made a tenant.
    TenantAdded,
    /// Gave a number to a tenant.
    NumberAdded,
    /// Took it away.
    NumberRemoved,
    /// Made a contact.
    ContactAdded,
    /// Changed one.
    ContactChanged,
    /// Took one away.
    ContactRemoved,
    /// Read contacts from a file; the object is how many.
    ContactsImported,
    /// Put several together; the object is the one that stays, and the merge.
    ContactsMerged,
    /// Took numbers out of one into a new one; the object is both.
    ContactSplit,
    /// Undid one of these; the object is it.
    ContactEditUndone,
    /// Gave a contact a recorded name; the object is the contact and the recording.
    NameSet,
    /// Heard it, and wants it to be said.
    NameConfirmed,
    /// Took it away.
    NameRemoved,
    /// Made a callback by hand.
    CallbackAdded,
    /// Did something with a callback: the object is its id and what was done.
    CallbackChanged,
    /// Gave out the address of a calendar's feed; the object is the calendar.
    FeedGiven,
    /// Made it useless.
    FeedRevoked,
    /// Had a job that had failed for good tried again.
    JobRetried,
}

impl Action {
    /// As rows spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::SignedIn => "signed_in",
            Action::SignedOut => "signed_out",
            Action::Listened => "listened",
            Action::Downloaded => "downloaded",
            Action::MarkedHeard => "marked_heard",
            Action::MarkedUrgent => "marked_urgent",
            Action::Deleted => "deleted",
            Action::Restored => "restored",
            Action::PromptSet => "prompt_set",
            Action::PromptRestored => "prompt_restored",
            Action::PromptReset => "prompt_reset",
            Action::PlanApplied => "plan_applied",
            Action::PlanRolledBack => "plan_rolled_back",
            Action::OverrideSet => "override_set",
            Action::OverrideLifted => "override_lifted",
            Action::PinSet => "pin_set",
            Action::PinRight => "pin_right",
            Action::PinWrong => "pin_wrong",
            Action::PinLocked => "pin_locked",
            Action::PinUnlocked => "pin_unlocked",
            Action::TenantAdded => "tenant_added",
            Action::NumberAdded => "number_added",
            Action::NumberRemoved => "number_removed",
            Action::ContactAdded => "contact_added",
            Action::ContactChanged => "contact_changed",
            Action::ContactRemoved => "contact_removed",
            Action::ContactsImported => "contacts_imported",
            Action::ContactsMerged => "contacts_merged",
            Action::ContactSplit => "contact_split",
            Action::ContactEditUndone => "contact_edit_undone",
            Action::NameSet => "contact_name_set",
            Action::NameConfirmed => "contact_name_confirmed",
            Action::NameRemoved => "contact_name_removed",
            Action::CallbackAdded => "callback_added",
            Action::CallbackChanged => "callback_changed",
            Action::FeedGiven => "feed_given",
            Action::FeedRevoked => "feed_revoked",
            Action::JobRetried => "job_retried",
        }
    }
}

/// Who did what the audit log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Someone who signed in.
    Person(PersonId),
    /// Who has the machine: the command line.
    Console,
    /// Who rang, whoever that was.
    Call(CallId),
}

impl From<PersonId> for Actor {
    fn from(person: PersonId) -> Actor {
        Actor::Person(person)
    }
}

/// As rows spell it.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Person(person) => write!(f, "{person}"),
            Actor::Console => f.write_str("console"),
            Actor::Call(call) => write!(f, "call:{call}"),
        }
    }
}

impl FromStr for Actor {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.strip_prefix("call:") {
            Some(call) => call.parse().map(Actor::Call),
            None if text == "console" => Ok(Actor::Console),
            None => text.parse().map(Actor::Person),
        }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Utc,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// To what: an id, or empty.
    pub object: String,
}

/// A secret that is shown once and stored as a hash. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 random bits as 64 hex digits.
    pub(crate) fn random() -> Secret {
        let bits: [u8; 32] = rand::random();
        Secret(hex(&bits))
    }

    /// The secret itself, for the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What is stored of a secret. It has 128 random bits or more, so a plain hash is enough: there is
/// nothing to guess, and finding a row by it takes the same time for all.
pub(crate) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::random();
        assert_eq!(format!("{secret:?}"), "…");
        assert_eq!(secret.reveal().len(), 64);
        assert_ne!(hash(secret.reveal()), secret.reveal());
    }
}
