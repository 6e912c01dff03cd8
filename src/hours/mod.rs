//! Opening hours: which windows a day has, when it is open, why, and until when. Everything in local time,
//! and nothing read from the machine: moments, schedule and time zone are given.
//!
//! Build [`Hours`] from a [`Draft`], ask [`state`]. A plan's texts are read by the `FromStr` of
//! [`Window`], [`Days`], [`Closure`], [`Region`] and by [`weekdays`]; each error is typed and says what to write.
//!
//! **Clock changes.** A time on the wall means the first moment at which the clock shows it or a later one.
//! So 02:30 that does not exist is 03:00, and of 02:30 that exists twice the first counts: a window that ends
//! then is over when the hour comes again. A window over the night of the change is an hour shorter or longer
//! and never has a hole, and windows that touch still do.

mod check;
mod days;
mod eval;
mod holiday;
mod overrides;
mod schedule;
#[cfg(test)]
mod tests;
mod window;
mod zone;

pub use days::{BadDays, BadWeekdays, Days, MonthDay, weekdays};
pub use eval::{
    AHEAD_MAX, State, Why, after_opening_minutes, next_change, next_reason, open_stretches, opening_minutes, state,
};
pub use holiday::{Holiday, Region, UnknownRegion, holiday, holidays};
pub use overrides::{BadOverride, OVERRIDE_MAX, Override, Overrides, REASON_MAX};
pub use schedule::{
    BadClosure, Closure, Day, Draft, ENTRIES_MAX, Hours, Opening, Part, Place, Problem, Source, WINDOWS_MAX,
};
pub use window::{BadTime, BadWindow, ClockTime, Swapped, Window};
pub use zone::{UnknownZone, moment, zone};
