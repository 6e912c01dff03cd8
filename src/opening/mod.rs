//! Opening hours set aside by hand for a while. Each ends by itself ([`crate::hours::Override`]); it can be
//! lifted before. And the times that people type for them.

pub mod store;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::clock::Utc;
use crate::hours::{self, ClockTime, Hours, Override, Overrides, State, Why};
use crate::ids::{Language, OverrideId};

/// Overrides of one tenant that have not ended.
pub const RUNNING_MAX: i64 = 100;
/// Bytes of a time that somebody typed.
const TEXT_BYTES_MAX: usize = 64;

/// An override as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: OverrideId,
    /// What it says.
    pub by_hand: Override,
    /// When somebody ended it early.
    pub lifted_at: Option<Utc>,
}

impl Kept {
    /// Whether it still counts at `at`, or will.
    pub fn stands(&self, at: Utc) -> bool {
        self.lifted_at.is_none() && at < self.by_hand.until()
    }
}

/// Why it is open or closed, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `hours`, `outside`, `closure`, `holiday` or `override`.
    pub why: &'static str,
    /// The name of the holiday, or the reason that was given.
    pub detail: Option<String>,
}

/// What a state says.
pub fn told(state: &State<'_>, language: Language) -> Told {
    let (why, detail) = match state.why {
        Why::Window { .. } => ("hours", None),
        Why::Outside { .. } => ("outside", None),
        Why::Closure { closure, .. } => ("closure", closure.reason.clone()),
        Why::Holiday { holiday, .. } => {
            let name = if language == Language::De { holiday.de } else { holiday.en };
            ("holiday", Some(name.to_owned()))
        }
        Why::Override(by_hand) => ("override", by_hand.reason().map(str::to_owned)),
    };
    Told { why, detail }
}

/// A reason as it is spoken: one line; none where nothing is left.
pub fn reason(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Text that names no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMoment {
    /// None of the forms.
    #[error(
        "{0:?} is no time: write 20:00, mon 08:00, tomorrow 08:00, 2026-12-28T08:00, 2026-12-28T08:00:00+01:00, \
         next opening or next closing"
    )]
    Form(String),
    /// A day without a time would be read either way.
    #[error("{0:?} names no time of the day: write {0}T08:00, or {0}T24:00 for its end")]
    NoTime(String),
    /// It opens or closes by no rule.
    #[error("the plan's hours never change, so there is no {0}: write a time such as mon 08:00")]
    NoChange(&'static str),
    /// Beyond the calendar.
    #[error("{0:?} is beyond the calendar")]
    Beyond(String),
}

/// The moment that somebody means who types `text`, on a clock in `zone`, after `after`:
///
/// - `20:00`, `mon 08:00`, `today 18:00`, `tomorrow 08:00`: the first such time after `after`;
/// - `2026-12-28T08:00` (or with a blank): that time; with `Z` or an offset behind it, that moment;
/// - `next opening`, `next closing`: by `hours` alone, whatever overrides there are.
///
/// Where the clock jumps over the time, it is the end of the jump; where the time comes twice, the first
/// ([`hours::moment`]).
pub fn moment(text: &str, zone: &TimeZone, hours: &Hours, after: Utc) -> Result<Utc, BadMoment> {
    let text = text.trim();
    let form = || BadMoment::Form(text.chars().take(TEXT_BYTES_MAX).collect());
    if text.len() > TEXT_BYTES_MAX {
        return Err(form());
    }
    match text.to_lowercase().as_str() {
        "next opening" => return next(hours, zone, after, true).ok_or(BadMoment::NoChange("next opening")),
        "next closing" => return next(hours, zone, after, false).ok_or(BadMoment::NoChange("next closing")),
        _ => {}
    }
    if let Ok(exact) = text.parse::<jiff::Timestamp>() {
        return Ok(Utc(exact.as_millisecond()));
    }
    let beyond = || BadMoment::Beyond(text.to_owned());
    let (day, clock) = match text.rsplit_once(|c: char| c == 'T' || c.is_whitespace()) {
        Some((day, clock)) => (day.trim(), clock),
        None if text.parse::<Date>().is_ok() => return Err(BadMoment::NoTime(text.to_owned())),
        None => ("", text),
    };
    let clock: ClockTime = clock.parse().map_err(|_| form())?;
    if let Ok(date) = day.parse::<Date>() {
        return on(date, clock).and_then(|local| hours::moment(zone, local)).ok_or_else(beyond);
    }
    let wanted = Wanted::read(day).ok_or_else(form)?;
    let today = local(zone, after).map(DateTime::date).ok_or_else(beyond)?;
    let dates = std::iter::successors(Some(today), |date| date.tomorrow().ok()).take(9).enumerate();
    let mut fitting = dates.filter(|(ahead, date)| wanted.fits(*ahead, *date));
    let found = fitting.find_map(|(_, date)| hours::moment(zone, on(date, clock)?).filter(|at| *at > after));
    // `today 08:00` in the afternoon is a slip, not a moment.
    found.ok_or_else(form)
}

/// The next time that `hours` open (or close) after `after`: where they are open already, once they have been
/// closed.
pub fn next(hours: &Hours, zone: &TimeZone, after: Utc, open: bool) -> Option<Utc> {
    let none = Overrides::none();
    let now = hours::state(hours, none, zone, after);
    if now.open == open { hours::next_change(hours, none, zone, now.until?) } else { now.until }
}

/// As a clock in `zone` shows it, `Mon 2026-12-28 08:00 CET`.
pub fn shown(zone: &TimeZone, at: Utc) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string())
        .unwrap_or_default()
}

fn local(zone: &TimeZone, at: Utc) -> Option<DateTime> {
    Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()).datetime())
}

/// A time of a day; 24:00 is the midnight with which it ends.
fn on(date: Date, clock: ClockTime) -> Option<DateTime> {
    let minutes = clock.minutes();
    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
    if hour == 24 { Some(date.tomorrow().ok()?.at(0, 0, 0, 0)) } else { Some(date.at(hour, minute, 0, 0)) }
}

/// Which day is meant.
enum Wanted {
    Any,
    Ahead(usize),
    Weekday(jiff::civil::Weekday),
}

impl Wanted {
    fn read(day: &str) -> Option<Wanted> {
        match day.to_lowercase().as_str() {
            "" => Some(Wanted::Any),
            "today" | "heute" => Some(Wanted::Ahead(0)),
            "tomorrow" | "morgen" => Some(Wanted::Ahead(1)),
            other => match hours::weekdays(other).ok()?.as_slice() {
                [one] => Some(Wanted::Weekday(*one)),
                _ => None,
            },
        }
    }

    fn fits(&self, ahead: usize, date: Date) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::Ahead(wanted) => ahead == *wanted,
            Wanted::Weekday(weekday) => date.weekday() == *weekday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::Draft;

    fn berlin() -> TimeZone {
        hours::zone("Europe/Berlin").unwrap()
    }

    fn office() -> Hours {
        let day = || vec!["08:00-12:00".parse().unwrap()];
        let week = [day(), day(), day(), day(), day(), vec![], vec![]];
        Hours::new(Draft { week, ..Draft::default() }).unwrap()
    }

    fn utc(text: &str) -> Utc {
        Utc(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    /// Typed at this moment, it means that one.
    fn typed(text: &str, at: &str) -> String {
        match moment(text, &berlin(), &office(), utc(at)) {
            Ok(at) => shown(&berlin(), at),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn times_as_people_type_them() {
        // A Friday, 15:00 on the wall.
        let friday = "2026-11-20T14:00:00Z";
        for (text, means) in [
            ("20:00", "Fri 2026-11-20 20:00 CET"),
            ("15:00", "Sat 2026-11-21 15:00 CET"),
            ("mon 08:00", "Mon 2026-11-23 08:00 CET"),
            ("Fri 14:00", "Fri 2026-11-27 14:00 CET"),
            ("fri 16:00", "Fri 2026-11-20 16:00 CET"),
            ("tomorrow 08:00", "Sat 2026-11-21 08:00 CET"),
            ("today 24:00", "Sat 2026-11-21 00:00 CET"),
            ("2026-12-28T08:00", "Mon 2026-12-28 08:00 CET"),
            ("2026-12-28 08:00", "Mon 2026-12-28 08:00 CET"),
            ("2026-12-28T07:00:00Z", "Mon 2026-12-28 08:00 CET"),
            ("2026-12-28T08:00:00+01:00", "Mon 2026-12-28 08:00 CET"),
            ("2026-12-28T08:00+01:00", "Mon 2026-12-28 08:00 CET"),
            ("next opening", "Mon 2026-11-23 08:00 CET"),
            ("Next closing", "Mon 2026-11-23 12:00 CET"),
        ] {
            assert_eq!(typed(text, friday), means, "{text}");
        }
        for text in ["", "soon", "25:00", "today 08:00", "mon-thu 08:00", "2026-13-01T08:00", "8"] {
            assert!(typed(text, friday).contains("is no time"), "{text}: {}", typed(text, friday));
        }
        assert!(typed("2026-12-28", friday).contains("no time of the day"));
        assert!(typed(&"9".repeat(1000), friday).len() < 300);
        // While it is open, the next opening is not the one that has been.
        assert_eq!(typed("next opening", "2026-11-20T08:00:00Z"), "Mon 2026-11-23 08:00 CET");
        let never = moment("next opening", &berlin(), &Hours::always(), utc(friday));
        assert_eq!(never, Err(BadMoment::NoChange("next opening")));
    }

    #[test]
    fn clock_changes_are_walked_over() {
        // 29 March 2026: 02:00 is 03:00. 25 October 2026: 03:00 is 02:00.
        assert_eq!(typed("02:30", "2026-03-28T20:00:00Z"), "Sun 2026-03-29 03:00 CEST");
        assert_eq!(typed("2026-03-29T02:00", "2026-03-28T20:00:00Z"), "Sun 2026-03-29 03:00 CEST");
        assert_eq!(typed("2026-10-25T02:30", "2026-10-24T20:00:00Z"), "Sun 2026-10-25 02:30 CEST");
        assert_eq!(typed("2026-10-25T02:30:00+01:00", "2026-10-24T20:00:00Z"), "Sun 2026-10-25 02:30 CET");
        // In the second of the two hours the first is over: the next day's is meant.
        assert_eq!(typed("02:30", "2026-10-25T01:10:00Z"), "Mon 2026-10-26 02:30 CET");
        assert_eq!(typed("08:00", "2026-10-24T20:00:00Z"), "Sun 2026-10-25 08:00 CET");
        // Twelve hours by the clock are thirteen, and eleven.
        let hours = |from: &str, until: &str| {
            let at = |text| moment(text, &berlin(), &office(), utc("2026-01-01T00:00:00Z")).unwrap().0;
            (at(until) - at(from)) / 3_600_000
        };
        assert_eq!(hours("2026-10-24T20:00", "2026-10-25T08:00"), 13);
        assert_eq!(hours("2026-03-28T20:00", "2026-03-29T08:00"), 11);
    }
}
