//! Seats of slots: held for a call while its caller decides, booked for a callback, never given twice.
//!
//! Who gives seats of a tenant takes a turn first ([`store::turn`]): what is free is then true until the commit. The
//! rules of what is free and what is offered are in [`crate::slots`].

pub mod store;

use std::time::Duration;

use crate::ids::{CallId, CallbackId};
use crate::slots::Slot;

/// A seat is held for so long, and again at each turn of the dialogue. A call that crashed lets go with it.
pub const HOLD: Duration = Duration::from_secs(5 * 60);
/// A caller who was told of a latest time and has no entry yet is counted for so long: the longest message.
pub const WAITING: Duration = Duration::from_secs(45 * 60);

/// A calendar of a tenant, with the rules that hold now.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Its name in the plan.
    pub name: &'a str,
    /// When slots are.
    pub rules: &'a crate::slots::Calendar,
    /// What was set by hand.
    pub overrides: &'a crate::hours::Overrides,
}

/// A booked seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Of which calendar.
    pub calendar: String,
    /// When.
    pub slot: Slot,
    /// For whom.
    pub callback: CallbackId,
}

/// Who holds seats.
pub type Holder = CallId;
