//! Is it open, why, and until when.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::holiday::Holiday;
use super::overrides::{Override, Overrides};
use super::schedule::{Closure, Hours, Source};
use super::window::Window;
use crate::clock::Utc;

/// How far ahead a change is looked for.
pub const AHEAD_MAX: Duration = Duration::from_secs(400 * 24 * 3600);

/// Whether a business is open at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State<'a> {
    /// Open, or closed.
    pub open: bool,
    /// Which entry says so.
    pub why: Why<'a>,
    /// The first moment at which `open` is otherwise; none within [`AHEAD_MAX`].
    pub until: Option<Utc>,
}

/// Why it is open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// Open: a window that started on `date`, as far as it is open.
    Window {
        /// The day on which it started.
        date: Date,
        /// Which window.
        window: Window,
        /// Which entry gives it.
        source: Source<'a>,
    },
    /// Closed: `date` is open at other times, or is a weekday without windows.
    Outside {
        /// Today.
        date: Date,
        /// Which entry gives today's windows.
        source: Source<'a>,
    },
    /// Closed: this closure, by its place among the closures.
    Closure {
        /// Today.
        date: Date,
        /// Its place.
        index: usize,
        /// Itself.
        closure: &'a Closure,
    },
    /// Closed: a public holiday.
    Holiday {
        /// Today.
        date: Date,
        /// Which.
        holiday: Holiday,
    },
    /// Open or closed by hand.
    Override(&'a Override),
}

/// Whether it is open at `at`, why, and until when.
pub fn state<'a>(_hours: &'a Hours, _overrides: &'a Overrides, _zone: &TimeZone, _at: Utc) -> State<'a> {
    State {
        open: false,
        why: Why::Outside { date: Date::ZERO, source: Source::Week(Date::ZERO.weekday()) },
        until: None,
    }
}

/// The first moment after `at` at which it is open instead of closed or closed instead of open; none within [`AHEAD_MAX`].
pub fn next_change(hours: &Hours, overrides: &Overrides, zone: &TimeZone, at: Utc) -> Option<Utc> {
    state(hours, overrides, zone, at).until
}

/// Whole minutes of `range` in which it is open; what is beyond [`AHEAD_MAX`] after its start does not count.
pub fn opening_minutes(_hours: &Hours, _overrides: &Overrides, _zone: &TimeZone, _range: Range<Utc>) -> u64 {
    0
}

/// The moment at which it will have been open for `minutes` since `from`; none within [`AHEAD_MAX`].
pub fn after_opening_minutes(
    _hours: &Hours,
    _overrides: &Overrides,
    _zone: &TimeZone,
    _from: Utc,
    _minutes: u64,
) -> Option<Utc> {
    None
}
