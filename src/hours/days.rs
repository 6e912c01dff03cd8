//! Days of the calendar as plans name them: a date, a range of dates, the same each year; weekdays.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};

/// Which days a closure or an exceptional opening means. Ranges hold both their ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Days {
    /// `2026-12-28`.
    Date(Date),
    /// `2026-12-28..2027-01-06`.
    Range(Date, Date),
    /// `12-24`: each year.
    Yearly(MonthDay),
    /// `12-24..01-06`: each year, over the turn of the year where it ends before it starts.
    YearlyRange(MonthDay, MonthDay),
}

/// A day that comes each year; 29 February only in leap years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

/// Not days of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDays {
    /// None of the forms.
    #[error("not a day: write 2026-12-24, 12-24 for each year, or 2026-12-28..2027-01-06")]
    Form,
    /// A form that names a day that does not exist, like 2026-02-30.
    #[error("no calendar has this day")]
    NoSuchDay,
    /// A range that ends before it starts.
    #[error("the range ends before it starts")]
    Inverted,
    /// A range whose one end has a year and whose other has none.
    #[error("give both ends of the range a year, or neither")]
    Mixed,
    /// A year that is surely a slip.
    #[error("years from 2000 to 2199 are known")]
    Year,
}

/// Not weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a weekday: write mon, mon-thu, sat-sun or daily (mo, mo-do, sa-so, täglich)")]
pub struct BadWeekdays;

impl MonthDay {
    /// `month`-`day`; none where no year has it.
    pub fn new(month: i8, day: i8) -> Option<MonthDay> {
        // 2000 is a leap year: 29 February exists in it.
        Date::new(2000, month, day).ok().map(|_| MonthDay { month, day })
    }

    fn of(date: Date) -> MonthDay {
        MonthDay { month: date.month(), day: date.day() }
    }
}

impl Days {
    /// Whether `date` is one of them.
    pub fn contains(&self, date: Date) -> bool {
        match *self {
            Days::Date(day) => day == date,
            Days::Range(first, last) => first <= date && date <= last,
            Days::Yearly(day) => day == MonthDay::of(date),
            Days::YearlyRange(first, last) => {
                let day = MonthDay::of(date);
                if first <= last { first <= day && day <= last } else { first <= day || day <= last }
            }
        }
    }

    /// A range of dates; one that ends before it starts is refused.
    pub fn range(first: Date, last: Date) -> Result<Days, BadDays> {
        if last < first { Err(BadDays::Inverted) } else { Ok(Days::Range(first, last)) }
    }
}

impl FromStr for Days {
    type Err = BadDays;

    fn from_str(text: &str) -> Result<Days, BadDays> {
        let Some((first, last)) = text.split_once("..") else {
            return Ok(match End::parse(text)? {
                End::Date(date) => Days::Date(date),
                End::Yearly(day) => Days::Yearly(day),
            });
        };
        match (End::parse(first)?, End::parse(last)?) {
            (End::Date(first), End::Date(last)) => Days::range(first, last),
            (End::Yearly(first), End::Yearly(last)) => Ok(Days::YearlyRange(first, last)),
            _ => Err(BadDays::Mixed),
        }
    }
}

/// One end of a range.
enum End {
    Date(Date),
    Yearly(MonthDay),
}

impl End {
    fn parse(text: &str) -> Result<End, BadDays> {
        let parts: Vec<&str> = text.trim().split('-').collect();
        match parts.as_slice() {
            [month, day] => {
                let (month, day) = (number(month, 2)?, number(day, 2)?);
                month_day(month, day).map(End::Yearly)
            }
            [year, month, day] => {
                let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
                if !(2000..2200).contains(&year) {
                    return Err(BadDays::Year);
                }
                let MonthDay { month, day } = month_day(month, day)?;
                Date::new(year, month, day).map(End::Date).map_err(|_| BadDays::NoSuchDay)
            }
            _ => Err(BadDays::Form),
        }
    }
}

fn month_day(month: i16, day: i16) -> Result<MonthDay, BadDays> {
    let small = |n: i16| i8::try_from(n).map_err(|_| BadDays::NoSuchDay);
    MonthDay::new(small(month)?, small(day)?).ok_or(BadDays::NoSuchDay)
}

fn number(text: &str, digits: usize) -> Result<i16, BadDays> {
    if text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadDays::Form);
    }
    text.parse().map_err(|_| BadDays::Form)
}

const WEEKDAYS: [(Weekday, &[&str]); 7] = [
    (Weekday::Monday, &["mon", "mo", "monday", "montag"]),
    (Weekday::Tuesday, &["tue", "di", "tuesday", "dienstag"]),
    (Weekday::Wednesday, &["wed", "mi", "wednesday", "mittwoch"]),
    (Weekday::Thursday, &["thu", "do", "thursday", "donnerstag"]),
    (Weekday::Friday, &["fri", "fr", "friday", "freitag"]),
    (Weekday::Saturday, &["sat", "sa", "saturday", "samstag"]),
    (Weekday::Sunday, &["sun", "so", "sunday", "sonntag"]),
];

/// The weekdays that a key of a plan names: `mon`, `mon-thu`, `sat-mon` (over the week's end), `daily`,
/// also in German. In the order named.
pub fn weekdays(text: &str) -> Result<Vec<Weekday>, BadWeekdays> {
    let text = text.trim().to_lowercase();
    if ["daily", "täglich", "taeglich"].contains(&text.as_str()) {
        return Ok(WEEKDAYS.iter().map(|(day, _)| *day).collect());
    }
    let day = |name: &str| {
        let name = name.trim();
        WEEKDAYS.iter().find(|(_, names)| names.contains(&name)).map(|(day, _)| *day).ok_or(BadWeekdays)
    };
    let Some((first, last)) = text.split_once('-') else {
        return Ok(vec![day(&text)?]);
    };
    let (first, last) = (day(first)?, day(last)?);
    let mut days = vec![first];
    let mut next = first;
    while next != last {
        next = next.next();
        days.push(next);
    }
    Ok(days)
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl fmt::Display for Days {
    /// As a plan writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Days::Date(date) => write!(f, "{date}"),
            Days::Range(first, last) => write!(f, "{first}..{last}"),
            Days::Yearly(day) => write!(f, "{day}"),
            Days::YearlyRange(first, last) => write!(f, "{first}..{last}"),
        }
    }
}
