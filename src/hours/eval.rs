//! Is it open, why, and until when.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::holiday::Holiday;
use super::overrides::{Override, Overrides};
use super::schedule::{Closure, Hours, Part, Source};
use super::window::{DAY, Window};
use super::zone::Wall;
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
pub fn state<'a>(hours: &'a Hours, overrides: &'a Overrides, zone: &TimeZone, at: Utc) -> State<'a> {
    let asked = Asked { hours, overrides, wall: Wall(zone), limit: ahead(at) };
    let now = asked.stretch(at);
    let until = asked.other(now.open, now.until);
    State { open: now.open, why: now.why, until }
}

/// The first moment after `at` at which it is open instead of closed, or closed instead of open; none within
/// [`AHEAD_MAX`].
pub fn next_change(hours: &Hours, overrides: &Overrides, zone: &TimeZone, at: Utc) -> Option<Utc> {
    state(hours, overrides, zone, at).until
}

/// The first moment after `at` at which [`State::why`] may be another, whether open or not: midnight at the
/// latest, but for overrides.
pub fn next_reason(hours: &Hours, overrides: &Overrides, zone: &TimeZone, at: Utc) -> Option<Utc> {
    let asked = Asked { hours, overrides, wall: Wall(zone), limit: ahead(at) };
    asked.edges(at).filter(|edge| *edge > at).min()
}

/// Whole minutes of `range` in which it is open; what is beyond [`AHEAD_MAX`] after its start does not count.
pub fn opening_minutes(hours: &Hours, overrides: &Overrides, zone: &TimeZone, range: Range<Utc>) -> u64 {
    let limit = ahead(range.start).min(range.end);
    let asked = Asked { hours, overrides, wall: Wall(zone), limit };
    asked.open_stretches(range.start).map(|open| millis(&open)).sum::<u64>() / MINUTE_MILLIS
}

/// The moment at which it will have been open for `minutes` since `from`; none within [`AHEAD_MAX`].
pub fn after_opening_minutes(
    hours: &Hours,
    overrides: &Overrides,
    zone: &TimeZone,
    from: Utc,
    minutes: u64,
) -> Option<Utc> {
    let asked = Asked { hours, overrides, wall: Wall(zone), limit: ahead(from) };
    let mut left = minutes.checked_mul(MINUTE_MILLIS)?;
    for open in asked.open_stretches(from) {
        if left <= millis(&open) {
            return open.start.0.checked_add_unsigned(left).map(Utc);
        }
        left -= millis(&open);
    }
    None
}

/// Every stretch in which it is open, from `from` on, within [`AHEAD_MAX`]; those that touch may be one or two.
pub fn open_stretches<'a>(
    hours: &'a Hours,
    overrides: &'a Overrides,
    zone: &'a TimeZone,
    from: Utc,
) -> impl Iterator<Item = Range<Utc>> + use<'a> {
    Asked { hours, overrides, wall: Wall(zone), limit: ahead(from) }.open_stretches(from)
}

const MINUTE_MILLIS: u64 = 60_000;
const DAY_MILLIS: i64 = 86_400_000;

fn ahead(at: Utc) -> Utc {
    Utc(at.0.saturating_add(i64::try_from(AHEAD_MAX.as_millis()).unwrap_or(i64::MAX)))
}

fn millis(stretch: &Range<Utc>) -> u64 {
    stretch.end.0.saturating_sub(stretch.start.0).try_into().unwrap_or(0)
}

/// One question with all that it is asked about.
#[derive(Clone, Copy)]
struct Asked<'a, 'z> {
    hours: &'a Hours,
    overrides: &'a Overrides,
    wall: Wall<'z>,
    /// Nothing is looked for after it.
    limit: Utc,
}

/// From a moment on the same until `until`, where it may change (none: nothing before the limit).
struct Stretch<'a> {
    open: bool,
    why: Why<'a>,
    until: Option<Utc>,
}

/// A window on its day.
#[derive(Clone, Copy)]
struct Span<'a> {
    date: Date,
    window: Window,
    source: Source<'a>,
    /// Start and end in minutes since the first midnight that is looked at.
    start: i64,
    end: i64,
}

impl<'a> Asked<'a, '_> {
    /// The first moment from `edge` on at which it is not `open`. Each step goes to an edge of an override or to
    /// a change, so there are few.
    fn other(self, open: bool, mut edge: Option<Utc>) -> Option<Utc> {
        while let Some(at) = edge.filter(|at| *at <= self.limit) {
            let stretch = self.stretch(at);
            if stretch.open != open {
                return Some(at);
            }
            edge = stretch.until;
        }
        None
    }

    /// Every stretch of opening from `from` to the limit.
    fn open_stretches(self, from: Utc) -> impl Iterator<Item = Range<Utc>> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            loop {
                let start = next.filter(|at| *at < self.limit)?;
                let stretch = self.stretch(start);
                next = stretch.until;
                if stretch.open {
                    return Some(start..next.unwrap_or(self.limit).min(self.limit));
                }
            }
        })
    }

    fn stretch(self, at: Utc) -> Stretch<'a> {
        let edge = self.overrides.edge_after(at);
        if let Some(by_hand) = self.overrides.at(at) {
            return Stretch { open: by_hand.open(), why: Why::Override(by_hand), until: edge };
        }
        let (now, change) = self.schedule(at, edge.map_or(self.limit, |edge| edge.min(self.limit)));
        let why = now.map_or_else(
            || self.why_closed(at),
            |span| Why::Window { date: span.date, window: span.window, source: span.source },
        );
        let until = [change, edge].into_iter().flatten().min();
        Stretch { open: now.is_some(), why, until }
    }

    /// Every edge around `at`: of the stretch, of windows of yesterday and today, of half days, and midnight.
    fn edges(self, at: Utc) -> impl Iterator<Item = Utc> {
        let date = self.wall.shows(at).date();
        let first = date.yesterday().unwrap_or(date);
        let windows = self.spans(first, 2).flat_map(move |span| [self.start(&span), self.end(&span)]);
        let cuts = self.hours.day(date).cuts().filter_map(|(_, cut)| match cut.part {
            Part::Whole => None,
            Part::From(at) | Part::Until(at) => Some(at.minutes()),
        });
        let times = cuts.chain([DAY]).map(move |minutes| self.moment(date, minutes));
        windows.chain(times).chain([self.stretch(at).until]).flatten()
    }

    /// Without overrides: the window that is open at `at`, and the next change, looked for until `limit`.
    fn schedule(self, at: Utc, limit: Utc) -> (Option<Span<'a>>, Option<Utc>) {
        let shows = self.wall.shows(at);
        let days = if self.hours.constant() { 0 } else { limit.0.saturating_sub(at.0) / DAY_MILLIS + 2 };
        // Yesterday's windows may last until today.
        let (first, before) = shows.date().yesterday().map_or((shows.date(), 0), |date| (date, i64::from(DAY)));
        let minute = before + i64::from(shows.hour()) * 60 + i64::from(shows.minute());
        let mut now: Option<Span<'a>> = None;
        let mut end: Option<Span<'a>> = None;
        for span in self.spans(first, days + 2).filter(|span| span.end > minute) {
            match end {
                _ if span.start <= minute => {
                    now.get_or_insert(span);
                    end = Some(end.filter(|e| e.end >= span.end).unwrap_or(span));
                }
                // It may lie where the clock jumps over and never open: who asks sees that nothing changes then.
                None => return (None, self.start(&span)),
                Some(e) if span.start <= e.end => end = Some(if e.end >= span.end { e } else { span }),
                Some(_) => break,
            }
        }
        let change = end.filter(|_| !self.hours.constant()).and_then(|e| self.end(&e));
        (now, change)
    }

    /// The windows of `days` days from `first` on, in the order of their starts.
    fn spans(self, first: Date, days: i64) -> impl Iterator<Item = Span<'a>> {
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok());
        (0..days).zip(dates).flat_map(move |(index, date)| {
            let day = self.hours.day(date);
            day.open().map(move |window| {
                let (from, to) = window.span();
                let midnight = index * i64::from(DAY);
                let (start, end) = (midnight + i64::from(from), midnight + i64::from(to));
                Span { date, window, source: day.source, start, end }
            })
        })
    }

    fn start(self, span: &Span<'_>) -> Option<Utc> {
        self.moment(span.date, span.window.span().0)
    }

    fn end(self, span: &Span<'_>) -> Option<Utc> {
        self.moment(span.date, span.window.span().1)
    }

    /// The first moment at which the clock shows `minutes` after the midnight with which `date` begins.
    fn moment(self, date: Date, minutes: u16) -> Option<Utc> {
        let mut date = date;
        for _ in 0..minutes / DAY {
            date = date.tomorrow().ok()?;
        }
        let of_day = minutes % DAY;
        let (hour, minute) = (i8::try_from(of_day / 60).ok()?, i8::try_from(of_day % 60).ok()?);
        self.wall.first(date.at(hour, minute, 0, 0))
    }

    fn why_closed(self, at: Utc) -> Why<'a> {
        let shows = self.wall.shows(at);
        let date = shows.date();
        let day = self.hours.day(date);
        match day.source {
            Source::Closure(index, closure) => return Why::Closure { date, index, closure },
            Source::Holiday(holiday) => return Why::Holiday { date, holiday },
            Source::Week(_) | Source::Opening(..) => {}
        }
        let minute = u16::try_from(i32::from(shows.hour()) * 60 + i32::from(shows.minute())).unwrap_or(0);
        let cut = day.cuts().find(|(_, cut)| match cut.part {
            Part::Whole => true,
            Part::From(from) => from.minutes() <= minute,
            Part::Until(until) => minute < until.minutes(),
        });
        match cut {
            Some((index, closure)) => Why::Closure { date, index, closure },
            None => Why::Outside { date, source: day.source },
        }
    }
}
