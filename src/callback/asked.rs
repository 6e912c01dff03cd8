//! What calls and people bring and ask.

use super::{ArrivalKind, Booked, Outcome, Place, PromiseKind, Reach};
use crate::clock::Utc;
use crate::ids::{CallId, CallbackId, ContactId, Language, MessageId, PersonId};

/// What a call brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Used where a new entry is made.
    pub id: CallbackId,
    /// Which call.
    pub call: CallId,
    /// When.
    pub at: Utc,
    /// E.164; none: withheld.
    pub caller: Option<String>,
    /// As the network names them; may be empty.
    pub caller_name: String,
    /// The line that was called.
    pub called: String,
    /// What the caller speaks.
    pub language: Language,
    /// None: the call ended before anything was chosen.
    pub matter: Option<String>,
    /// The step of the plan.
    pub step: Option<String>,
    /// The caller says so.
    pub urgent: bool,
    /// What the caller did.
    pub kind: Kind,
    /// A number that the caller typed.
    pub given: Option<String>,
    /// Why the number to call needs leave; none: it may be called.
    pub leave: Option<String>,
    /// The entry that this one changes.
    pub moves: Option<CallbackId>,
}

/// What a caller did, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Hung up without a message.
    Missed,
    /// Left one.
    Message(MessageId),
    /// Booked a time.
    Booked(Booked),
    /// Wants to be called as soon as possible.
    Soon,
    /// Heard how it stands.
    Status,
}

impl Kind {
    /// As rows spell it.
    pub fn word(&self) -> ArrivalKind {
        match self {
            Kind::Missed => ArrivalKind::Missed,
            Kind::Message(_) => ArrivalKind::Message,
            Kind::Booked(_) => ArrivalKind::Slot,
            Kind::Soon => ArrivalKind::Soon,
            Kind::Status => ArrivalKind::Status,
        }
    }
}

/// A promise as it is told during a call, or by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// What kind.
    pub kind: PromiseKind,
    /// In words, as told.
    pub words: String,
    /// In which language.
    pub language: Language,
    /// When it was told.
    pub told_at: Utc,
    /// It is kept by then at the latest.
    pub latest_at: Utc,
    /// The start of the booked time.
    pub start: Option<Utc>,
}

/// An entry made by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// E.164; none: one is needed.
    pub number: Option<String>,
    /// Why the number needs leave.
    pub leave: Option<String>,
    /// Whom it is for.
    pub name: String,
    /// What it is about.
    pub matter: Option<String>,
    /// More of it.
    pub note: String,
    /// What they speak.
    pub language: Language,
    /// It goes before others.
    pub urgent: bool,
    /// What they were told.
    pub promise: Option<Promised>,
}

/// What somebody does with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes it; renews the claim where it is theirs.
    Claim,
    /// Gives it back.
    Release,
    /// Has rung.
    Attempt {
        /// What came of it.
        result: Reach,
        /// What is to be known of it.
        note: String,
    },
    /// Notes something.
    Note(String),
    /// Not before then.
    Snooze(Utc),
    /// Nothing is left to do.
    Done {
        /// How it ended.
        outcome: Outcome,
        /// What is to be known of it.
        note: String,
    },
    /// Nobody is tried any more.
    GiveUp {
        /// Why.
        note: String,
    },
    /// Something is left to do after all.
    Reopen,
    /// For one person for a while; none: for all.
    Assign(Option<PersonId>),
    /// Before others, or no longer.
    Urgent(bool),
    /// Another number to call.
    Number {
        /// E.164.
        number: String,
        /// Why it needs leave.
        leave: Option<String>,
    },
    /// The number may be called.
    Allow,
    /// What was held back goes among the others.
    Admit,
}

/// An entry that is open for somebody who rings again. Never its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenEntry {
    /// Its id.
    pub id: CallbackId,
    /// The step that made it.
    pub step: Option<String>,
    /// What it is about.
    pub matter: Option<String>,
    /// The booked time.
    pub slot: Option<Booked>,
    /// The latest moment of the newest promise that runs or is broken.
    pub promise: Option<Utc>,
    /// That promise is broken.
    pub broken: bool,
    /// When somebody tried to reach the caller last.
    pub tried_at: Option<Utc>,
}

/// What comes before a new entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Open entries without a booked time, those held back not counted.
    pub open: u32,
    /// Open entries with one that is yet to come.
    pub booked: u32,
}

/// Which entries are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Those with something left to do, the most pressing first.
    #[default]
    Open,
    /// Those that are over, the newest first.
    Done,
    /// The open ones, then the others.
    All,
}

/// Which entries are listed, and where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// By state.
    pub show: Show,
    /// Those that this person has, or that are assigned to them.
    pub mine: Option<PersonId>,
    /// Those that this person could be given next.
    pub due: Option<PersonId>,
    /// Past what was promised or booked.
    pub overdue: bool,
    /// Urgent ones.
    pub urgent: bool,
    /// About this.
    pub matter: Option<String>,
    /// Of callers who speak this.
    pub language: Option<Language>,
    /// Of this line.
    pub called: Option<String>,
    /// Of this contact.
    pub contact: Option<ContactId>,
    /// Part of a name, number or matter; empty: all.
    pub search: String,
    /// After this one.
    pub after: Option<Place>,
    /// At most so many; 0: the usual page.
    pub limit: u32,
}

/// What the passing of time did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocked {
    /// Promises that will break soon.
    pub warned: u32,
    /// Promises that broke.
    pub broken: u32,
    /// Promises that ran out though somebody had rung in time.
    pub tried: u32,
    /// Claims that ended.
    pub leases_ended: u32,
    /// There was more than fitted: call again.
    pub more: bool,
}
