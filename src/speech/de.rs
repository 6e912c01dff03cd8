//! German.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Weekday};

use super::when::{Clock, Unit, days_ahead, ending, in_units, says_year};
use super::{End, HalfHours, Window, word};

const ONES: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const TENS: [&str; 10] =
    ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
const SCALES: [(u64, &str, &str); 5] = [
    (1_000_000_000_000_000_000, "Trillion", "Trillionen"),
    (1_000_000_000_000_000, "Billiarde", "Billiarden"),
    (1_000_000_000_000, "Billion", "Billionen"),
    (1_000_000_000, "Milliarde", "Milliarden"),
    (1_000_000, "Million", "Millionen"),
];
const MONTHS: [&str; 13] = [
    "",
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const WEEKDAYS: [&str; 8] = ["", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];

/// "minus einundzwanzig".
pub fn number(n: i64) -> String {
    let words = cardinal(n.unsigned_abs(), "eins");
    if n < 0 { format!("minus {words}") } else { words }
}

/// `n` in words, `one` for its last "eins": "eins" alone, "ein" before a noun ("hundertein Nachrichten").
pub fn cardinal(n: u64, one: &str) -> String {
    if n == 0 {
        return word(&ONES, 0).to_owned();
    }
    let mut words = Vec::new();
    let mut rest = n;
    for (size, single, many) in SCALES {
        match rest / size {
            0 => {}
            1 => words.push(format!("eine {single}")),
            some => words.push(format!("{} {many}", below_thousand(some, "ein"))),
        }
        rest %= size;
    }
    let thousands = if rest < 1000 { String::new() } else { below_thousand(rest / 1000, "ein") + "tausend" };
    let ones = below_thousand(rest % 1000, one);
    // One word by the rules, but two where a synthesiser would refuse its length.
    let gap = if thousands.chars().count() + ones.chars().count() > super::WORD_LETTERS_MAX { " " } else { "" };
    let last = if ones.is_empty() { thousands } else { format!("{thousands}{gap}{ones}") };
    if !last.is_empty() {
        words.push(last);
    }
    words.join(" ")
}

fn below_thousand(n: u64, one: &str) -> String {
    let hundreds = match n / 100 {
        0 => String::new(),
        1 => "einhundert".to_owned(),
        some => format!("{}hundert", word(&ONES, some)),
    };
    let (tens, ones) = (n % 100 / 10, n % 10);
    let rest = match n % 100 {
        0 => String::new(),
        1 => one.to_owned(),
        small @ 2..20 => word(&ONES, small).to_owned(),
        _ if ones == 0 => word(&TENS, tens).to_owned(),
        _ if ones == 1 => format!("einund{}", word(&TENS, tens)),
        _ => format!("{}und{}", word(&ONES, ones), word(&TENS, tens)),
    };
    hundreds + &rest
}

/// "dritte", "siebte", "zwanzigste", "hundertste", with the ending that its article asks for.
pub fn ordinal(n: u64, ending: &str) -> String {
    let small = n % 100;
    let before = if n == small { String::new() } else { cardinal(n - small, "ein") };
    let stem = match small {
        0 => "st".to_owned(),
        1 => "erst".to_owned(),
        3 => "dritt".to_owned(),
        7 => "siebt".to_owned(),
        8 => "acht".to_owned(),
        2..20 => format!("{}t", word(&ONES, small)),
        _ => format!("{}st", below_thousand(small, "eins")),
    };
    format!("{before}{stem}{ending}")
}

/// "neunzehnhundertneunundneunzig", "zweitausendsechsundzwanzig".
pub fn year(year: i16) -> String {
    let n = u64::from(year.unsigned_abs());
    if (1100..2000).contains(&year) {
        return format!("{}hundert{}", word(&ONES, n / 100), below_thousand(n % 100, "eins"));
    }
    number(i64::from(year))
}

/// "Dienstag".
pub fn weekday(weekday: Weekday) -> &'static str {
    word(&WEEKDAYS, weekday.to_monday_one_offset())
}

/// "März".
pub fn month(month: i8) -> &'static str {
    word(&MONTHS, month)
}

/// "dritten März", and the year where it is to be said.
fn day_and_month(date: Date, today: Date) -> String {
    let day = ordinal(u64::from(date.day().unsigned_abs()), "en");
    let year = if says_year(date, today) { format!(" {}", year(date.year())) } else { String::new() };
    format!("{day} {}{year}", month(date.month()))
}

/// "heute", "übermorgen"; nothing for a day that has no such word.
fn near_day(date: Date, today: Date) -> Option<&'static str> {
    match days_ahead(date, today) {
        -2 => Some("vorgestern"),
        -1 => Some("gestern"),
        0 => Some("heute"),
        1 => Some("morgen"),
        2 => Some("übermorgen"),
        _ => None,
    }
}

/// "morgen", "am Dienstag, dem dritten März".
pub fn on_day(date: Date, today: Date) -> String {
    near_day(date, today)
        .map_or_else(|| format!("am {}, dem {}", weekday(date.weekday()), day_and_month(date, today)), str::to_owned)
}

/// "eine Stunde und fünfzehn Minuten", "einen Tag".
pub fn lasting(length: Duration) -> String {
    span(length, |n, unit| match (unit, n) {
        (Unit::Day, 1) => "einen Tag".to_owned(),
        (Unit::Day, _) => format!("{} Tage", cardinal(n, "ein")),
        _ => unit_words(n, unit),
    })
}

/// "in einer Stunde", "in zwei Tagen".
pub fn in_how_long(length: Duration) -> String {
    let words = span(length, |n, unit| match (unit, n) {
        (Unit::Day, 1) => "einem Tag".to_owned(),
        (Unit::Day, _) => format!("{} Tagen", cardinal(n, "ein")),
        (Unit::Hour, 1) => "einer Stunde".to_owned(),
        (Unit::Minute, 1) => "einer Minute".to_owned(),
        (Unit::Second, 1) => "einer Sekunde".to_owned(),
        _ => unit_words(n, unit),
    });
    format!("in {words}")
}

fn span(length: Duration, in_unit: impl Fn(u64, Unit) -> String) -> String {
    let (n, unit, rest) = in_units(length);
    let whole = in_unit(n, unit);
    match rest {
        Some((n, unit)) => format!("{whole} und {}", in_unit(n, unit)),
        None => whole,
    }
}

fn unit_words(n: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Day => ("Tag", "Tage"),
        Unit::Hour => ("Stunde", "Stunden"),
        Unit::Minute => ("Minute", "Minuten"),
        Unit::Second => ("Sekunde", "Sekunden"),
    };
    if n == 1 { format!("eine {one}") } else { format!("{} {many}", cardinal(n, "ein")) }
}

/// What times sound like.
#[derive(Clone, Copy, Debug)]
pub struct German {
    /// "halb zehn" or "neun Uhr dreißig".
    pub half_hours: HalfHours,
}

impl German {
    /// "neun Uhr dreißig", "ein Uhr", "neun Uhr eins", "vierundzwanzig Uhr".
    pub fn time(self, clock: Clock) -> String {
        let Clock { hour, minute } = clock;
        // After noon "halb fünf" could be either, and nobody says "halb" of midnight's hour.
        if self.half_hours == HalfHours::Named && minute == 30 && (1..=12).contains(&hour) {
            return format!("halb {}", word(&ONES, if hour == 12 { 1 } else { hour + 1 }));
        }
        let hours = format!("{} Uhr", Self::hour(hour));
        if minute == 0 {
            hours
        } else {
            format!("{hours} {}", below_thousand(u64::from(minute.unsigned_abs()), "eins"))
        }
    }

    /// "ein" (Uhr), "neun", "null".
    pub fn hour(hour: i8) -> String {
        cardinal(u64::from(hour.unsigned_abs()), "ein")
    }

    /// "heute um neun Uhr", "am Dienstag, dem dritten März, um neun Uhr dreißig".
    pub fn moment(self, at: DateTime, today: Date) -> String {
        let comma = if near_day(at.date(), today).is_some() { "" } else { "," };
        format!("{}{comma} um {}", on_day(at.date(), today), self.time(Clock::from(at.time())))
    }

    /// "bis morgen, acht Uhr", "bis Montag, acht Uhr", "bis zum siebten Januar".
    pub fn until(self, end: End, today: Date) -> String {
        let at = match end {
            End::At(at) => at,
            End::On(date) => {
                return match Self::named_day(date, today) {
                    Some(day) => format!("bis {day}"),
                    None => format!("bis zum {}", day_and_month(date, today)),
                };
            }
        };
        let (date, clock) = ending(at);
        let day = Self::named_day(date, today)
            .map_or_else(|| format!("{}, den {}", weekday(date.weekday()), day_and_month(date, today)), str::to_owned);
        if clock == Clock::END && date != today {
            return format!("bis einschließlich {day}");
        }
        format!("bis {day}, {}", self.time(clock))
    }

    /// A day of the coming week that needs no date.
    fn named_day(date: Date, today: Date) -> Option<&'static str> {
        let within_a_week = (3..7).contains(&days_ahead(date, today)).then(|| weekday(date.weekday()));
        near_day(date, today).or(within_a_week)
    }

    /// "spätestens morgen, Dienstag, bis zwölf Uhr".
    pub fn promise(self, by: DateTime, today: Date) -> String {
        let (date, clock) = ending(by);
        let day = match near_day(date, today) {
            Some(near) if date == today => near.to_owned(),
            Some(near) => format!("{near}, {},", weekday(date.weekday())),
            None => format!("{},", on_day(date, today)),
        };
        format!("spätestens {day} bis {}", self.time(clock))
    }

    /// "von sieben Uhr dreißig bis zwölf Uhr und von dreizehn bis siebzehn Uhr", "geschlossen".
    pub fn hours(self, windows: &[Window]) -> String {
        if let [Window { from, to }] = windows
            && from == to
        {
            return "rund um die Uhr".to_owned();
        }
        let stretches: Vec<String> = windows
            .iter()
            .map(|window| self.stretch(Clock::from(window.from), Clock::from(window.to).ending(), "von "))
            .collect();
        match stretches.split_last() {
            None => "geschlossen".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} und {last}", before.join(", ")),
        }
    }

    /// "von acht bis zwölf Uhr": "Uhr" once where both hours are full, but "ein Uhr" keeps its own.
    pub fn stretch(self, from: Clock, to: Clock, von: &str) -> String {
        let short = from.minute == 0 && to.minute == 0 && from.hour != 1;
        let start = if short { Self::hour(from.hour) } else { self.time(from) };
        format!("{von}{start} bis {}", self.time(to))
    }
}
