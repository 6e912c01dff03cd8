//! What a call asks of the desk, and what the desk answers: times, seats, promises, what is open for a caller.
//!
//! The desk is the store of seats and callbacks; it does each request in one transaction, and those of a call in
//! their order. Seats that are held for a call are let go with its next [`Ask::Offer`] or [`Ask::Release`], with what
//! it books, and when it ends; a latest moment that nobody was told of with the next [`Ask::Latest`], too. What was
//! asked before the caller hung up is done all the same.

use std::time::Duration;

use super::StepId;
use crate::clock::Utc;
use crate::ids::{CallbackId, Language};
use crate::slots::{Slot, Wish};

/// What is asked. Each is answered by an [`Answer`], but for [`Ask::Release`]; one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What is open for this caller: [`Answer::Status`].
    Status,
    /// Times to offer, at most `most`. A seat of each is held for this call; what it held before is let go in the
    /// same transaction. [`Answer::Offers`].
    Offer {
        /// Name of the plan's calendar.
        calendar: String,
        /// Which times.
        wish: Wish,
        /// At most so many.
        most: u8,
    },
    /// The seats of these slots are still wanted, for as long again: others are let go. [`Answer::Held`] where all of
    /// them are held; otherwise [`Answer::Gone`].
    Hold {
        /// Name of the plan's calendar.
        calendar: String,
        /// Those that the caller heard, or the one that was taken; none: as soon as possible was.
        slots: Vec<Slot>,
    },
    /// Nothing that is held is wanted, nor a latest moment that was not told. Nobody answers.
    Release,
    /// By when somebody can call back at the latest, opening hours, seats and all that is open before this call
    /// taken into account; counted for other callers from now on. [`Answer::Latest`].
    Latest {
        /// What the plan promises, in opening time; none: as soon as possible.
        within: Option<Duration>,
    },
    /// [`Answer::Booked`], or [`Answer::Gone`].
    Book(Booking),
    /// The caller wants no call back any more. [`Answer::Cancelled`].
    Cancel(CallbackId),
    /// A promise was not kept: the caller is told of this one in its place. The old one stays broken.
    /// [`Answer::Renewed`].
    Renew {
        /// Whose promise.
        callback: CallbackId,
        /// The new one; its latest moment is that of the last [`Answer::Latest`].
        told: Told,
    },
}

/// A callback that a caller wants, and what was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The step that booked it.
    pub step: StepId,
    /// When.
    pub when: When,
    /// The number to call, where it is not the one that the caller calls from; E.164.
    pub number: Option<String>,
    /// The callback that is moved, and not another one.
    pub moves: Option<CallbackId>,
    /// What the caller was or will be told of it, in words.
    pub told: Told,
}

/// When a callback is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// In this slot, whose seat is held.
    Slot {
        /// Name of the plan's calendar.
        calendar: String,
        /// Which one.
        slot: Slot,
    },
    /// As soon as possible.
    Soon {
        /// As [`Answer::Latest`] said.
        latest: Utc,
    },
}

/// A promise as the caller heard it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// In words.
    pub words: String,
    /// In which language.
    pub language: Language,
    /// The latest moment at which it is kept; the end of a slot.
    pub latest: Utc,
}

/// What the desk answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Ask::Status`]: what is open, the most pressing first.
    Status(Vec<Open>),
    /// To [`Ask::Offer`]: these seats are held. None: there is no free time.
    Offers {
        /// In the order of time.
        slots: Vec<Slot>,
        /// There are later ones.
        later: bool,
    },
    /// The seat is held.
    Held,
    /// The seat is no longer held: the call was silent for too long, or the calendar was changed.
    Gone,
    /// To [`Ask::Latest`]; none: nothing honest can be said.
    Latest(Option<Utc>),
    /// It stands.
    Booked(CallbackId),
    /// It is cancelled.
    Cancelled,
    /// The new promise stands.
    Renewed,
    /// This caller has, or all together have, too many open already.
    TooMany,
    /// The number may not be called back without leave.
    NotAllowed,
    /// It could not be done: nothing was changed.
    Failed,
}

/// A callback that is open for the caller. Never its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub callback: CallbackId,
    /// The step that made it; the plan may have changed since.
    pub step: String,
    /// The booked time, and the name of its calendar.
    pub slot: Option<(String, Slot)>,
    /// The latest moment that was promised; none: nothing was.
    pub promise: Option<Utc>,
    /// The promise was not kept.
    pub broken: bool,
    /// When somebody tried to reach the caller last.
    pub tried_at: Option<Utc>,
}
