//! What days, times and spans have in common, whatever the language.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};

/// A time of day in minutes; unlike [`Time`] it can be the end of the day, 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// 0 to 24.
    pub hour: i8,
    /// 0 to 59; with hour 24 only 0.
    pub minute: i8,
}

impl From<Time> for Clock {
    fn from(time: Time) -> Clock {
        Clock { hour: time.hour(), minute: time.minute() }
    }
}

impl Clock {
    /// The end of a day.
    pub const END: Clock = Clock { hour: 24, minute: 0 };

    /// Of two numbers, where they are a time of day.
    pub fn of(hour: u64, minute: u64) -> Option<Clock> {
        let fits = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
        let clock = Clock { hour: i8::try_from(hour).ok()?, minute: i8::try_from(minute).ok()? };
        fits.then_some(clock)
    }

    /// As an end: midnight is the end of the day that was, not the start of the next.
    pub fn ending(self) -> Clock {
        if self.hour == 0 && self.minute == 0 { Clock::END } else { self }
    }
}

/// A moment as an end: 00:00 is 24:00 of the day before.
pub fn ending(at: DateTime) -> (Date, Clock) {
    let clock = Clock::from(at.time());
    match at.date().yesterday() {
        Ok(before) if clock.ending() == Clock::END => (before, Clock::END),
        _ => (at.date(), clock),
    }
}

/// How many days `date` lies after `today`. Counted in dates, so a day of 23 or 25 hours is a day.
pub fn days_ahead(date: Date, today: Date) -> i64 {
    date.duration_since(today).as_hours() / 24
}

/// The year is said where the day and the month alone would be taken for another year's.
pub fn says_year(date: Date, today: Date) -> bool {
    let nearly_a_year = today.checked_add(11.months()).map_or(SignedDuration::MAX, |end| end.duration_since(today));
    let distance = date.duration_since(today);
    distance >= nearly_a_year || (distance.is_negative() && date.year() != today.year())
}

/// A unit of a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 24 hours.
    Day,
    /// 60 minutes.
    Hour,
    /// 60 seconds.
    Minute,
    /// The smallest that is said.
    Second,
}

/// A span in its largest unit and, where there is any of it, the next smaller one; the rest is dropped.
pub fn in_units(length: Duration) -> (u64, Unit, Option<(u64, Unit)>) {
    let seconds = length.as_secs();
    let units = [(Unit::Day, 86_400), (Unit::Hour, 3_600), (Unit::Minute, 60), (Unit::Second, 1)];
    let mut larger = None;
    for (unit, size) in units {
        let n = seconds / size;
        match larger {
            None if n > 0 => larger = Some((n, unit, seconds % size)),
            Some((whole, of, rest)) => {
                let n = rest / size;
                return (whole, of, (n > 0).then_some((n, unit)));
            }
            None => {}
        }
    }
    larger.map_or((0, Unit::Second, None), |(n, unit, _)| (n, unit, None))
}
