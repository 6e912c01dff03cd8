//! English, as it is spoken in Britain: "one hundred and one", "the third of March".

use std::time::Duration;

use jiff::civil::{Date, DateTime, Weekday};

use super::when::{Clock, Unit, days_ahead, ending, in_units, says_year};
use super::{End, HalfHours, PartOfDay, Window, word};

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
const MONTHS: [&str; 13] = [
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 8] = ["", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// "minus twenty-one".
pub fn number(n: i64) -> String {
    let words = cardinal(n.unsigned_abs());
    if n < 0 { format!("minus {words}") } else { words }
}

/// "one thousand and one".
pub fn cardinal(n: u64) -> String {
    let mut words = Vec::new();
    let mut rest = n;
    for (size, name) in SCALES {
        if rest >= size {
            words.push(format!("{} {name}", below_thousand(rest / size)));
        }
        rest %= size;
    }
    match rest {
        0 if n > 0 => {}
        1..100 if !words.is_empty() => words.push(format!("and {}", below_thousand(rest))),
        _ => words.push(below_thousand(rest)),
    }
    words.join(" ")
}

fn below_thousand(n: u64) -> String {
    match (n / 100, n % 100) {
        (0, small) => below_hundred(small),
        (hundreds, 0) => format!("{} hundred", word(&ONES, hundreds)),
        (hundreds, small) => format!("{} hundred and {}", word(&ONES, hundreds), below_hundred(small)),
    }
}

fn below_hundred(n: u64) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => word(&ONES, n).to_owned(),
        (tens, 0) => word(&TENS, tens).to_owned(),
        (tens, ones) => format!("{}-{}", word(&TENS, tens), word(&ONES, ones)),
    }
}

/// "third", "twenty-first", "hundredth".
pub fn ordinal(n: u64) -> String {
    let words = cardinal(n);
    let at = words.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (before, last) = words.split_at_checked(at).unwrap_or(("", &words));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        },
    };
    format!("{before}{last}")
}

/// "nineteen ninety-nine", "two thousand and five", "twenty twenty-six".
pub fn year(year: i16) -> String {
    let n = u64::from(year.unsigned_abs());
    if !(1100..2100).contains(&year) || (2000..2010).contains(&year) {
        return number(i64::from(year));
    }
    let century = below_hundred(n / 100);
    match n % 100 {
        0 => format!("{century} hundred"),
        small @ 1..10 => format!("{century} oh {}", word(&ONES, small)),
        rest => format!("{century} {}", below_hundred(rest)),
    }
}

/// "Tuesday".
pub fn weekday(weekday: Weekday) -> &'static str {
    word(&WEEKDAYS, weekday.to_monday_one_offset())
}

/// "March".
pub fn month(month: i8) -> &'static str {
    word(&MONTHS, month)
}

/// "the third of March", and the year where it is to be said.
fn day_and_month(date: Date, today: Date) -> String {
    let day = ordinal(u64::from(date.day().unsigned_abs()));
    let year = if says_year(date, today) { format!(" {}", year(date.year())) } else { String::new() };
    format!("the {day} of {}{year}", month(date.month()))
}

/// "today", "the day after tomorrow"; nothing for a day that has no such word.
fn near_day(date: Date, today: Date) -> Option<&'static str> {
    match days_ahead(date, today) {
        -2 => Some("the day before yesterday"),
        -1 => Some("yesterday"),
        0 => Some("today"),
        1 => Some("tomorrow"),
        2 => Some("the day after tomorrow"),
        _ => None,
    }
}

fn weekday_and_date(date: Date, today: Date) -> String {
    format!("{}, {}", weekday(date.weekday()), day_and_month(date, today))
}

/// "tomorrow", "on Tuesday, the third of March".
pub fn on_day(date: Date, today: Date) -> String {
    near_day(date, today).map_or_else(|| format!("on {}", weekday_and_date(date, today)), str::to_owned)
}

/// "one hour and fifteen minutes".
pub fn lasting(length: Duration) -> String {
    let (n, unit, rest) = in_units(length);
    let whole = unit_words(n, unit);
    match rest {
        Some((n, unit)) => format!("{whole} and {}", unit_words(n, unit)),
        None => whole,
    }
}

fn unit_words(n: u64, unit: Unit) -> String {
    let name = match unit {
        Unit::Day => "day",
        Unit::Hour => "hour",
        Unit::Minute => "minute",
        Unit::Second => "second",
    };
    format!("{} {name}{}", cardinal(n), if n == 1 { "" } else { "s" })
}

/// What times sound like.
#[derive(Clone, Copy, Debug)]
pub struct English {
    /// "half past nine" or "nine thirty".
    pub half_hours: HalfHours,
    /// "a m" or "in the morning".
    pub part_of_day: PartOfDay,
}

impl English {
    /// "nine thirty a m", "nine oh five a m", "noon", "midnight".
    pub fn time(self, clock: Clock) -> String {
        match (clock.hour, clock.minute) {
            (12, 0) => "noon".to_owned(),
            (0 | 24, 0) => "midnight".to_owned(),
            _ => format!("{} {}", self.bare(clock), self.part(clock)),
        }
    }

    /// Without the part of the day: "nine", "nine thirty", "nine o'clock" where a phrase follows.
    pub fn bare(self, clock: Clock) -> String {
        let hour = word(&ONES, if clock.hour % 12 == 0 { 12 } else { clock.hour % 12 });
        match clock.minute {
            0 if self.part_of_day == PartOfDay::Phrase => format!("{hour} o'clock"),
            0 => hour.to_owned(),
            30 if self.half_hours == HalfHours::Named => format!("half past {hour}"),
            few @ 1..10 => format!("{hour} oh {}", word(&ONES, few)),
            minute => format!("{hour} {}", below_hundred(u64::from(minute.unsigned_abs()))),
        }
    }

    fn part(self, clock: Clock) -> &'static str {
        match (self.part_of_day, clock.hour) {
            (PartOfDay::Letters, 0..12) => "a m",
            (PartOfDay::Letters, _) => "p m",
            (PartOfDay::Phrase, 1..12) => "in the morning",
            (PartOfDay::Phrase, 12..18) => "in the afternoon",
            (PartOfDay::Phrase, 18..22) => "in the evening",
            (PartOfDay::Phrase, _) => "at night",
        }
    }

    /// "tomorrow at nine a m", "on Tuesday, the third of March, at nine thirty a m".
    pub fn moment(self, at: DateTime, today: Date) -> String {
        let (date, clock) = (at.date(), Clock::from(at.time()));
        // "Tuesday at midnight" is taken for its end as often as for its start.
        if clock.ending() == Clock::END {
            return match days_ahead(date, today) {
                0 => "last night at midnight".to_owned(),
                1 => "tonight at midnight".to_owned(),
                _ => format!("at midnight, at the start of {}", Self::day(date, today)),
            };
        }
        let comma = if near_day(date, today).is_some() { "" } else { "," };
        format!("{}{comma} at {}", on_day(date, today), self.time(clock))
    }

    fn day(date: Date, today: Date) -> String {
        near_day(date, today).map_or_else(|| weekday_and_date(date, today), str::to_owned)
    }

    /// "until eight a m tomorrow", "until eight a m on Monday", "until the seventh of January".
    pub fn until(self, end: End, today: Date) -> String {
        let at = match end {
            End::At(at) => at,
            End::On(date) => {
                return match near_day(date, today).or(Self::this_week(date, today)) {
                    Some(day) => format!("until {day}"),
                    None => format!("until {}", day_and_month(date, today)),
                };
            }
        };
        let (date, clock) = ending(at);
        let this_week = Self::this_week(date, today);
        if clock == Clock::END {
            return match this_week {
                _ if date == today => "until midnight tonight".to_owned(),
                Some(day) => format!("until the end of {day}"),
                None => format!("until the end of {}", Self::day(date, today)),
            };
        }
        let day = this_week.map_or_else(|| on_day(date, today), |day| format!("on {day}"));
        format!("until {} {day}", self.time(clock))
    }

    /// A day of the coming week that needs no date, and has no nearer name.
    fn this_week(date: Date, today: Date) -> Option<&'static str> {
        (3..7).contains(&days_ahead(date, today)).then(|| weekday(date.weekday()))
    }

    /// "tomorrow, Tuesday, by noon at the latest".
    pub fn promise(self, by: DateTime, today: Date) -> String {
        let (date, clock) = ending(by);
        let day = match near_day(date, today) {
            Some(near) if date == today => near.to_owned(),
            Some(near) => format!("{near}, {},", weekday(date.weekday())),
            None => format!("{},", on_day(date, today)),
        };
        format!("{day} by {} at the latest", self.time(clock))
    }

    /// "from seven thirty a m to noon and from one to five p m", "closed".
    pub fn hours(self, windows: &[Window]) -> String {
        if let [Window { from, to }] = windows
            && from == to
        {
            return "around the clock".to_owned();
        }
        let stretches: Vec<String> = windows
            .iter()
            .map(|window| self.stretch(Clock::from(window.from), Clock::from(window.to).ending(), "from "))
            .collect();
        match stretches.split_last() {
            None => "closed".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
        }
    }

    /// "from one to five p m": the part of the day once where it is the same for both.
    pub fn stretch(self, from: Clock, to: Clock, lead: &str) -> String {
        let named = |clock: Clock| clock.minute == 0 && clock.hour % 12 == 0;
        let forward = (from.hour, from.minute) < (to.hour, to.minute);
        let once = forward && !named(from) && !named(to) && self.part(from) == self.part(to);
        let start = if once { self.bare(from) } else { self.time(from) };
        format!("{lead}{start} to {}", self.time(to))
    }
}
