//! Digits that people type, and the days and times that they mean.

use std::fmt;

use jiff::civil::{Date, DateTime};

/// Digits of a day and of a time.
pub(super) const FOUR: usize = 4;
/// Digits of an hour.
pub(super) const TWO: usize = 2;

/// Digits as they were typed; a PIN, perhaps. `Debug` does not show them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Digits(String);

impl From<&str> for Digits {
    /// What is no digit is left out.
    fn from(text: &str) -> Digits {
        Digits(text.chars().filter(char::is_ascii_digit).collect())
    }
}

impl Digits {
    /// The digits: for who checks a PIN, and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn push(&mut self, digit: char) {
        self.0.push(digit);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The digit, where there is one alone.
    pub(super) fn only(&self) -> Option<char> {
        let mut digits = self.0.chars();
        digits.next().filter(|_| digits.next().is_none())
    }

    /// As a number; none where it is too long for one.
    pub(super) fn number(&self) -> Option<usize> {
        self.0.parse().ok()
    }

    /// Two halves of four digits.
    fn halves(&self) -> Option<(i8, i8)> {
        let half = |part: Option<&str>| part?.parse::<i8>().ok();
        (self.0.len() == FOUR).then(|| half(self.0.get(..2)).zip(half(self.0.get(2..)))).flatten()
    }

    /// Day and month: this year's, or the next year's where that one is over. None where neither has it.
    pub(super) fn day(&self, today: Date) -> Option<Day> {
        let (day, month) = self.halves()?;
        let of = |year: i16| Date::new(year, month, day).ok().filter(|date| *date >= today);
        of(today.year()).or_else(|| of(today.year().checked_add(1)?)).map(Day)
    }

    /// An hour of two digits, 0 to 23.
    pub(super) fn hour(&self) -> Option<u8> {
        self.0.parse().ok().filter(|hour| self.0.len() == TWO && *hour < 24)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Hour and minute of `date`; 24:00 is the midnight with which it ends.
    pub(super) fn time(&self, Day(date): Day) -> Option<DateTime> {
        match self.halves()? {
            (24, 0) => Some(date.tomorrow().ok()?.at(0, 0, 0, 0)),
            (hour, minute) => Some(date.to_datetime(jiff::civil::Time::new(hour, minute, 0, 0).ok()?)),
        }
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A day that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(pub(super) Date);

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn typed(text: &str) -> Digits {
        Digits(text.to_owned())
    }

    #[test]
    fn a_day_that_is_over_is_next_years() {
        let day = |text: &str, today: Date| typed(text).day(today).map(|Day(day)| day.to_string());
        let friday = date(2026, 11, 20);
        for (text, means) in [
            ("0701", "2027-01-07"),
            ("2011", "2026-11-20"),
            ("1911", "2027-11-19"),
            ("3112", "2026-12-31"),
            ("2902", ""),
            ("3104", ""),
            ("0013", ""),
            ("701", ""),
            ("07012", ""),
            ("", ""),
        ] {
            assert_eq!(day(text, friday).unwrap_or_default(), means, "{text}");
        }
        assert_eq!(day("2902", date(2027, 3, 1)).as_deref(), Some("2028-02-29"));
    }

    #[test]
    fn a_time_has_four_digits() {
        let time = |text: &str| typed(text).time(Day(date(2026, 12, 31))).map(|at| at.to_string());
        for (text, means) in [
            ("0830", "2026-12-31T08:30:00"),
            ("0000", "2026-12-31T00:00:00"),
            ("2359", "2026-12-31T23:59:00"),
            ("2400", "2027-01-01T00:00:00"),
            ("2401", ""),
            ("0860", ""),
            ("830", ""),
            ("8", ""),
        ] {
            assert_eq!(time(text).unwrap_or_default(), means, "{text}");
        }
        assert_eq!(format!("{:?}", typed("271828")), "…");
    }
}
