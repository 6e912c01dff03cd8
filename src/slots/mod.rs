//! Bookable times and honest promises: rules. Who has which seat is kept by `seat`.
//!
//! **The grid.** Each window of the hours is cut into slots from its start on, `length` long with `buffer` between.
//! A slot lies wholly within its window. Lengths are of real time: a window over the night in which the clock is put
//! back has more slots, over the other night fewer, and no two have one start. Where an exception's window begins
//! before that of the evening before has ended, it is cut from that end on.
//!
//! **By hand.** A slot of which a moment is closed by hand is none. What is open by hand adds no slots: who opens the
//! line for an evening has not promised to call people back then.

mod calendar;
pub mod ics;
mod offers;
mod promise;
mod taken;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Utc;
use crate::hours::{ClockTime, Hours};

pub use offers::{Offers, offers};
pub use promise::{Crew, Workload, latest, rounded};
pub use taken::Taken;

/// A bookable time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When somebody calls.
    pub start: Utc,
    /// First moment after it.
    pub end: Utc,
}

/// When slots are, and how many seats they have.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Slots lie within these.
    pub hours: Hours,
    /// In which local times are meant.
    pub zone: TimeZone,
    /// Length of a slot.
    pub length: Duration,
    /// Between the end of a slot and the start of the next.
    pub buffer: Duration,
    /// Seats of a slot.
    pub seats: Seats,
    /// No slot is offered that starts sooner.
    pub lead: Duration,
    /// No slot is offered that starts later.
    pub horizon: Duration,
}

/// How many callers a slot takes.
#[derive(Clone, Debug)]
pub enum Seats {
    /// Always so many.
    Fixed(u16),
    /// So many for each of these who is at work for the whole of the slot.
    Staff {
        /// For one of them.
        each: u16,
        /// When each is at work.
        people: Vec<Hours>,
    },
}

/// Which slots are wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The first ones.
    Soonest,
    /// The first ones that start after this.
    After(Utc),
    /// Those of a day that are nearest to a time of day; then those of the days after it.
    Around {
        /// Of the calendar's zone.
        date: Date,
        /// Of the calendar's zone.
        time: ClockTime,
    },
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn later(at: Utc, by: Duration) -> Utc {
    Utc(at.0.saturating_add(millis(by)))
}
