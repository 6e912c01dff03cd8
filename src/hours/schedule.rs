//! Opening hours, checked: the week, exceptional openings, closures, public holidays.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};

use super::days::{BadDays, Days};
use super::holiday::{Holiday, Region, holiday};
use super::overrides::REASON_MAX;
use super::window::{BadTime, ClockTime, DAY, Window};

/// Windows of one day at most.
pub const WINDOWS_MAX: usize = 24;
/// Openings, and closures, of one set of hours at most.
pub const ENTRIES_MAX: usize = 400;

/// When a business is open. What holds on a date, the first that says something about it:
///
/// 1. an [`Opening`] of this very date;
/// 2. a [`Closure`] of the whole day (a date, a range, each year);
/// 3. an opening on this day of each year;
/// 4. a public holiday;
/// 5. an opening in a range of dates, then in a yearly one;
/// 6. the weekday.
///
/// Closures of a part of a day cut what 3 to 6 leave. A window belongs to the day on which it starts: a
/// closure on the 24th ends nothing that began on the 23rd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    draft: Draft,
    /// No window at all: nothing has to be looked for.
    never: bool,
    /// Open at any time, without an exception.
    always: bool,
}

impl Default for Hours {
    /// Never open.
    fn default() -> Hours {
        Hours::of(Draft::default())
    }
}

/// The parts of [`Hours`], not yet checked against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Windows of Monday to Sunday.
    pub week: [Vec<Window>; 7],
    /// Other hours on certain days.
    pub openings: Vec<Opening>,
    /// Closed on certain days.
    pub closures: Vec<Closure>,
    /// Closed on the public holidays of this region…
    pub holidays: Option<Region>,
    /// …but for these windows.
    pub holiday_windows: Vec<Window>,
}

/// Other hours on certain days, in place of the usual ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When.
    pub days: Days,
    /// Open then; none at all is a closure and refused.
    pub windows: Vec<Window>,
}

/// Closed on certain days, or on a part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// When.
    pub days: Days,
    /// How much of the day.
    pub part: Part,
    /// Spoken to callers.
    pub reason: Option<String>,
}

/// How much of a day is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All windows that start on it.
    Whole,
    /// From this time on: a half day.
    From(ClockTime),
    /// Up to this time.
    Until(ClockTime),
}

/// Text that is no closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadClosure {
    /// The days are not.
    #[error(transparent)]
    Days(#[from] BadDays),
    /// The time after `from` or `until` is not.
    #[error(transparent)]
    Time(#[from] BadTime),
    /// The reason cannot be spoken.
    #[error("the reason is too long to be spoken: 200 characters at most")]
    Reason,
}

/// An entry of a [`Draft`], by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `week[day]`, window.
    Week(Weekday, usize),
    /// `openings`.
    Opening(usize),
    /// A window of an opening.
    OpeningWindow(usize, usize),
    /// `closures`.
    Closure(usize),
    /// `holiday_windows`.
    HolidayWindow(usize),
}

/// What is wrong with a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Two windows share time.
    #[error("the windows overlap")]
    Overlap(Place, Place),
    /// An opening and a closure speak of the same date.
    #[error("open and closed on the same date")]
    Contradiction(Place, Place),
    /// Two openings of the same days.
    #[error("the same days twice")]
    Twice(Place, Place),
    /// An opening without a window.
    #[error("no window: to be closed then, list the days under closed")]
    Empty(Place),
    /// Windows on holidays, and no region that says when those are.
    #[error("hours on holidays, but no region of holidays is named")]
    NoRegion(Place),
    /// More than [`WINDOWS_MAX`] windows on a day, or [`ENTRIES_MAX`] entries: the first too many.
    #[error("too many")]
    TooMany(Place),
}

/// Which entry gives the windows of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// The weekday's.
    Week(Weekday),
    /// An exceptional opening, by its place among the openings.
    Opening(usize, &'a Opening),
    /// A public holiday: [`Draft::holiday_windows`], usually none.
    Holiday(Holiday),
    /// A closure of the whole day, by its place among the closures: no windows.
    Closure(usize, &'a Closure),
}

/// What holds on one date.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// Which entry says so.
    pub source: Source<'a>,
    /// In ascending order, before [`Day::cuts`].
    pub windows: &'a [Window],
    hours: &'a Hours,
    date: Date,
}

impl Hours {
    /// Checks the parts against each other; gives everything that is wrong, in the draft's order.
    pub fn new(mut draft: Draft) -> Result<Hours, Vec<Problem>> {
        let problems = super::check::problems(&draft);
        if !problems.is_empty() {
            return Err(problems);
        }
        let lists = draft.week.iter_mut().chain(draft.openings.iter_mut().map(|o| &mut o.windows));
        for windows in lists.chain([&mut draft.holiday_windows]) {
            windows.sort();
        }
        Ok(Hours::of(draft))
    }

    /// Open at any time.
    pub fn always() -> Hours {
        let whole = Window::of_span(0, DAY).into_iter().collect::<Vec<_>>();
        Hours::of(Draft { week: std::array::from_fn(|_| whole.clone()), ..Draft::default() })
    }

    fn of(draft: Draft) -> Hours {
        let mut lists = draft.week.iter().chain(draft.openings.iter().map(|o| &o.windows));
        let never = lists.all(Vec::is_empty) && draft.holiday_windows.is_empty();
        let whole = |day: &Vec<Window>| day.iter().any(|w| w.span() == (0, DAY));
        let regular = draft.closures.is_empty() && draft.openings.is_empty() && draft.holidays.is_none();
        let always = regular && draft.week.iter().all(whole);
        Hours { draft, never, always }
    }

    /// Whether it is the same at every moment: then no change has to be looked for.
    pub(super) fn constant(&self) -> bool {
        self.never || self.always
    }

    /// The parts.
    pub fn parts(&self) -> &Draft {
        &self.draft
    }

    /// What holds on `date`.
    pub fn day(&self, date: Date) -> Day<'_> {
        let (source, windows) = self.source(date);
        Day { source, windows, hours: self, date }
    }

    /// The windows that start on `date`, ascending, parts that are closed cut away.
    pub fn windows_of(&self, date: Date) -> Vec<Window> {
        self.day(date).open().collect()
    }

    fn source(&self, date: Date) -> (Source<'_>, &[Window]) {
        let opening = self.opening(date);
        let of_rank = |wanted| opening.filter(|(rank, _, _)| *rank == wanted);
        if let Some((_, at, exact)) = of_rank(Rank::Date) {
            return (Source::Opening(at, exact), &exact.windows);
        }
        if let Some((at, closure)) = self.closure(date) {
            return (Source::Closure(at, closure), &[]);
        }
        if let Some((_, at, yearly)) = of_rank(Rank::Yearly) {
            return (Source::Opening(at, yearly), &yearly.windows);
        }
        if let Some(found) = self.draft.holidays.and_then(|region| holiday(region, date)) {
            return (Source::Holiday(found), &self.draft.holiday_windows);
        }
        if let Some((_, at, range)) = opening {
            return (Source::Opening(at, range), &range.windows);
        }
        let weekday = date.weekday();
        (Source::Week(weekday), at_weekday(&self.draft.week, weekday))
    }

    /// The opening that says most exactly that it means `date`; of several the first.
    fn opening(&self, date: Date) -> Option<(Rank, usize, &Opening)> {
        let all = self.draft.openings.iter().enumerate();
        let meant = all.filter(|(_, o)| o.days.contains(date)).map(|(at, o)| (Rank::of(&o.days), at, o));
        meant.min_by_key(|(rank, at, _)| (*rank, *at))
    }

    fn closure(&self, date: Date) -> Option<(usize, &Closure)> {
        self.draft.closures.iter().enumerate().find(|(_, c)| c.part == Part::Whole && c.days.contains(date))
    }
}

/// How exactly an opening names a date: the first counts most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Date,
    Yearly,
    Range,
    YearlyRange,
}

impl Rank {
    fn of(days: &Days) -> Rank {
        match days {
            Days::Date(_) => Rank::Date,
            Days::Yearly(_) => Rank::Yearly,
            Days::Range(..) => Rank::Range,
            Days::YearlyRange(..) => Rank::YearlyRange,
        }
    }
}

pub(super) fn at_weekday(week: &[Vec<Window>; 7], day: Weekday) -> &[Window] {
    let at = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
    week.get(at).map_or(&[], Vec::as_slice)
}

impl<'a> Day<'a> {
    /// Windows as far as they are open, ascending.
    pub fn open(&self) -> impl Iterator<Item = Window> + use<'a> {
        let (from, until) = self.cuts().fold((0, 2 * DAY), |(from, until), (_, cut)| match cut.part {
            Part::Whole => (from, until),
            Part::From(at) => (from, until.min(at.minutes())),
            Part::Until(at) => (from.max(at.minutes()), until),
        });
        self.windows.iter().filter_map(move |window| {
            let (start, end) = window.span();
            Window::of_span(start.max(from), end.min(until))
        })
    }

    /// Closures of a part of this day, by their place among the closures. They do not touch an opening of
    /// this very date: it says exactly when it is open.
    pub fn cuts(&self) -> impl Iterator<Item = (usize, &'a Closure)> + use<'a> {
        let exact = matches!(self.source, Source::Opening(_, Opening { days: Days::Date(_), .. }));
        let date = self.date;
        let closures: &'a [Closure] = if exact { &[] } else { &self.hours.draft.closures };
        closures.iter().enumerate().filter(move |(_, c)| c.part != Part::Whole && c.days.contains(date))
    }
}

impl FromStr for Closure {
    type Err = BadClosure;

    /// `12-24`, `2026-12-28..2027-01-06 Betriebsferien`, `12-31 from 12:00 Silvester` (or `ab`),
    /// `12-27 until 10:00` (or `bis`): days, part, reason.
    fn from_str(text: &str) -> Result<Closure, BadClosure> {
        let (days, rest) = word(text);
        let days = days.parse()?;
        let (key, after) = word(rest);
        let (time, reason) = word(after);
        // A reason may well start with "ab": only a time behind it makes it a part of the day.
        let timed = time.starts_with(|c: char| c.is_ascii_digit());
        let (part, reason) = match key {
            "from" | "ab" if timed => (Part::From(time.parse()?), reason),
            "until" | "bis" if timed => (Part::Until(time.parse()?), reason),
            _ => (Part::Whole, rest),
        };
        if reason.chars().count() > REASON_MAX {
            return Err(BadClosure::Reason);
        }
        Ok(Closure { days, part, reason: (!reason.is_empty()).then(|| reason.to_owned()) })
    }
}

/// The first word of `text`, and the rest without blanks around it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

impl fmt::Display for Closure {
    /// As a plan writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.days.fmt(f)?;
        match self.part {
            Part::Whole => {}
            Part::From(at) => write!(f, " from {at}")?,
            Part::Until(at) => write!(f, " until {at}")?,
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, " {reason}"))
    }
}
