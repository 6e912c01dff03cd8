//! Words that hold digits: times, dates, amounts, ordinals, numbers.

use jiff::civil::Date;

use super::super::when::Clock;
use super::super::{HalfHours, Language, Manner, PartOfDay, de, digits, en};
use super::letters;

/// What a number's reading depends on.
pub struct Around<'a> {
    /// Whose rules.
    pub language: Language,
    /// The word before it.
    pub before: &'a str,
    /// The word after it, without its marks.
    pub next: &'a str,
    /// It ends in a full stop and is not the last word.
    pub dot: bool,
}

/// What is read.
#[derive(Default)]
pub struct Read {
    /// In words.
    pub words: String,
    /// The next word is in them.
    pub next_taken: bool,
    /// The full stop made it an ordinal or a date, and ends no sentence.
    pub dot_taken: bool,
}

impl From<String> for Read {
    fn from(words: String) -> Read {
        Read { words, ..Read::default() }
    }
}

const GERMAN: de::German = de::German { half_hours: HalfHours::Read };
const ENGLISH: en::English = en::English { half_hours: HalfHours::Read, part_of_day: PartOfDay::Letters };
/// Leap year, so that every day and month that there is can be checked.
const ANY_YEAR: i16 = 2028;

/// `core` has a digit and no marks at its ends.
pub fn read(core: &str, around: &Around<'_>) -> Read {
    if core == "24/7" {
        let always = if around.language == Language::De { "rund um die Uhr" } else { "around the clock" };
        return always.to_owned().into();
    }
    times(core, around)
        .or_else(|| dates(core, around))
        .or_else(|| amounts(core, around))
        .or_else(|| ordinals(core, around))
        .or_else(|| ranges(core, around))
        .unwrap_or_else(|| plain(core, around).into())
}

/// A date in digits, and nothing else: told apart from a telephone number by this.
pub fn is_date(text: &str) -> bool {
    date(text).is_some()
}

// Times.

fn times(core: &str, around: &Around<'_>) -> Option<Read> {
    match around.language {
        Language::De => german_time(core, around),
        Language::En => english_time(core, around),
    }
}

fn german_time(core: &str, around: &Around<'_>) -> Option<Read> {
    let attached = core.strip_suffix("Uhr").or(core.strip_suffix("uhr"));
    let next_is = around.next == "Uhr" || around.next == "uhr";
    let uhr = attached.is_some() || next_is;
    let core = attached.unwrap_or(core);
    let words = match core.split_once('-') {
        Some((from, to)) => {
            let both_plain = !from.contains(':') && !to.contains(':');
            let (from, to) = (clock(from, uhr)?, clock(to, uhr)?);
            (uhr || !both_plain).then(|| GERMAN.stretch(from, to, ""))?
        }
        None if core.contains(':') || uhr => GERMAN.time(clock(core, uhr)?),
        None => return None,
    };
    Some(Read { words, next_taken: next_is && attached.is_none(), dot_taken: false })
}

/// "9:30"; with an hour's word beside it also "9" and "9.30".
fn clock(text: &str, hour_word: bool) -> Option<Clock> {
    let parts = text.split_once(':').or_else(|| hour_word.then(|| text.split_once('.'))?);
    match parts {
        Some((hour, minute)) if minute.len() == 2 => Clock::of(small(hour)?, small(minute)?),
        None if hour_word || text.len() <= 2 => Clock::of(small(text)?, 0),
        _ => None,
    }
}

/// At most two digits.
fn small(text: &str) -> Option<u64> {
    let digits = text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn english_time(core: &str, around: &Around<'_>) -> Option<Read> {
    let (attached, rest) = afternoon(core);
    let next = if attached.is_none() { afternoon(around.next) } else { (None, "") };
    let next_taken = next.0.is_some() && next.1.is_empty();
    let afternoon = attached.or(next.0.filter(|_| next_taken));
    let core = if attached.is_some() { rest } else { core };
    let named = afternoon.is_some();
    let words = match core.split_once('-') {
        Some((from, to)) => {
            let told = named || (from.contains(':') && to.contains(':'));
            if !told {
                return None;
            }
            let (own, from) = self::afternoon(from);
            let to = hour_of(clock(to, named)?, afternoon)?;
            match own {
                // "9am-5pm": each has its own.
                Some(_) => ENGLISH.stretch(hour_of(clock(from, true)?, own)?, to, ""),
                None => format!("{} to {}", ENGLISH.bare(clock(from, named)?), said(to, named)),
            }
        }
        None if core.contains(':') || named => said(hour_of(clock(core, named)?, afternoon)?, named),
        None => return None,
    };
    Some(Read { words, next_taken, dot_taken: false })
}

/// A time with its part of the day where that is known, from 13:00 it is.
fn said(clock: Clock, named: bool) -> String {
    match clock {
        Clock { hour: 1..=12, minute: 0 } if !named => format!("{} o'clock", ENGLISH.bare(clock)),
        Clock { hour: 1..=12, .. } if !named => ENGLISH.bare(clock),
        _ => ENGLISH.time(clock),
    }
}

/// Whether `text` ends in "pm" or "am", and what stands before it.
fn afternoon(text: &str) -> (Option<bool>, &str) {
    for (ending, afternoon) in [("am", false), ("pm", true), ("a.m", false), ("p.m", true)] {
        let Some((before, end)) = text.len().checked_sub(ending.len()).and_then(|at| text.split_at_checked(at)) else {
            continue;
        };
        let number = before.is_empty() || before.ends_with(|c: char| c.is_ascii_digit());
        if number && end.eq_ignore_ascii_case(ending) {
            return (Some(afternoon), before);
        }
    }
    (None, text)
}

fn hour_of(clock: Clock, afternoon: Option<bool>) -> Option<Clock> {
    let hour = match (afternoon, clock.hour) {
        (None, hour) => hour,
        (Some(false), 12) => 0,
        (Some(true), 1..=11) => clock.hour + 12,
        (Some(_), 0..=12) => clock.hour,
        (Some(_), hour) => hour,
    };
    Clock::of(u64::try_from(hour).ok()?, u64::try_from(clock.minute).ok()?)
}

// Dates.

fn dates(core: &str, around: &Around<'_>) -> Option<Read> {
    if let Some((from, to)) = core.split_once("-")
        && let (Some(from), Some(to)) = (date(from.trim_end_matches('.')), date(to))
    {
        let between = if around.language == Language::De { "bis" } else { "to" };
        let words = format!("{} {between} {}", date_words(from, around), date_words(to, around));
        return Some(Read { words, next_taken: false, dot_taken: to.1.is_none() && around.dot });
    }
    let found = date(core)?;
    // "3.5" alone is a number of some kind, "3.5." is the third of May.
    let short = found.1.is_none();
    let last = around.next.is_empty();
    if short && (around.language == Language::En || !(around.dot || last || core.starts_with('0'))) {
        return None;
    }
    Some(Read { words: date_words(found, around), next_taken: false, dot_taken: short && around.dot })
}

/// "3.3", "3.3.2026", "03.03.26", "2026-03-03", "03/03/2026": the day, and the year where it has one.
fn date(text: &str) -> Option<(Date, Option<i16>)> {
    let part = |text: &str, len: usize| (text.len() <= len).then(|| text.parse::<u16>().ok()).flatten();
    let fits = text.bytes().all(|b| b.is_ascii_digit() || [b'.', b'-', b'/'].contains(&b));
    if !fits {
        return None;
    }
    let sign = ['.', '-', '/'].into_iter().find(|sign| text.contains(*sign))?;
    let parts: Vec<&str> = text.split(sign).collect();
    let (day, month, year) = match (sign, parts.as_slice()) {
        ('.', [day, month]) => (day, month, None),
        ('.', [day, month, year]) if year.len() == 2 => (day, month, Some(2000 + part(year, 2)?)),
        ('.' | '/', [day, month, year]) if year.len() == 4 => (day, month, Some(part(year, 4)?)),
        ('-', [year, month, day]) if year.len() == 4 => (day, month, Some(part(year, 4)?)),
        _ => return None,
    };
    let year = match year {
        Some(year) => Some(i16::try_from(year).ok()?),
        None => None,
    };
    let (day, month) = (i8::try_from(part(day, 2)?).ok()?, i8::try_from(part(month, 2)?).ok()?);
    Some((Date::new(year.unwrap_or(ANY_YEAR), month, day).ok()?, year))
}

fn date_words((date, year): (Date, Option<i16>), around: &Around<'_>) -> String {
    let day = u64::from(date.day().unsigned_abs());
    match around.language {
        Language::De => {
            let year = year.map(|year| format!(" {}", de::year(year))).unwrap_or_default();
            format!("{} {}{year}", de::ordinal(day, ending(around)), de::month(date.month()))
        }
        Language::En => {
            let year = year.map(|year| format!(" {}", en::year(year))).unwrap_or_default();
            let the = if around.before.eq_ignore_ascii_case("the") { "" } else { "the " };
            format!("{the}{} of {}{year}", en::ordinal(day), en::month(date.month()))
        }
    }
}

/// "der dritte", "Stand: dritter", but after "am", "dem", "zum" and most else "dritten".
fn ending(around: &Around<'_>) -> &'static str {
    let is = |words: &[&str]| words.iter().any(|word| around.before.eq_ignore_ascii_case(word));
    if is(&["der", "die", "das"]) {
        "e"
    } else if is(&["", "stand", "datum"]) || around.before.ends_with(':') {
        "er"
    } else {
        "en"
    }
}

// Amounts.

fn amounts(core: &str, around: &Around<'_>) -> Option<Read> {
    if let Some(positive) = core.strip_prefix('-').filter(|rest| !rest.starts_with('-')) {
        let read = amounts(positive, around)?;
        return Some(Read { words: format!("minus {}", read.words), ..read });
    }
    let (amount, per) = core.split_once('/').unwrap_or((core, ""));
    let (number, sign) = match amount.strip_prefix(['€', '$', '£']) {
        Some(number) => (number, amount.get(..amount.len() - number.len())?),
        None => {
            let end = amount.find(|c: char| !c.is_ascii_digit() && ![',', '.'].contains(&c)).unwrap_or(amount.len());
            amount.split_at_checked(end).map(|(number, sign)| (number, sign.trim_start_matches('-')))?
        }
    };
    let next_taken = sign.is_empty() && per.is_empty();
    let (unit, per) = if next_taken { around.next.split_once('/').unwrap_or((around.next, "")) } else { (sign, per) };
    let (unit, per) = (Unit::of(unit, around.language)?, every(per, around.language)?);
    let (whole, fraction) = decimal(number.trim_end_matches([',', '.']), around.language)?;
    let words = format!("{}{per}", unit.amount(whole, &fraction, around.language));
    Some(Read { words, next_taken, dot_taken: false })
}

/// "€/Min.": what an amount is for.
fn every(text: &str, language: Language) -> Option<&'static str> {
    Some(match (language, text) {
        (_, "") => "",
        (Language::De, "Min" | "min" | "Minute") => " pro Minute",
        (Language::De, "Std" | "h" | "Stunde") => " pro Stunde",
        (Language::De, "Tag") => " pro Tag",
        (Language::De, "Monat") => " pro Monat",
        (Language::De, "Anruf") => " pro Anruf",
        (Language::De, "km") => " pro Kilometer",
        (Language::En, "min" | "minute") => " per minute",
        (Language::En, "h" | "hr" | "hour") => " per hour",
        (Language::En, "day") => " per day",
        (Language::En, "month") => " per month",
        (Language::En, "call") => " per call",
        (Language::En, "km") => " per kilometre",
        _ => return None,
    })
}

/// What an amount is of: one, many, and what a hundredth of it is called.
struct Unit {
    one: &'static str,
    many: &'static str,
    hundredths: Option<[&'static str; 2]>,
}

impl Unit {
    fn of(text: &str, language: Language) -> Option<Unit> {
        let cents = Some(["cent", "cents"]);
        let (one, many, hundredths) = match (language, text) {
            (Language::De, "€" | "EUR" | "Euro" | "Euros") => ("ein Euro", "Euro", Some(["ein Cent", "Cent"])),
            (Language::De, "CHF" | "Franken") => ("ein Franken", "Franken", Some(["ein Rappen", "Rappen"])),
            (Language::De, "$" | "USD" | "Dollar") => ("ein Dollar", "Dollar", Some(["ein Cent", "Cent"])),
            (Language::De, "£" | "GBP" | "Pfund") => ("ein Pfund", "Pfund", Some(["ein Penny", "Pence"])),
            (Language::De, "ct" | "Cent") => ("ein Cent", "Cent", None),
            (Language::De, "%" | "Prozent") => ("ein Prozent", "Prozent", None),
            (Language::De, "°C" | "°") => ("ein Grad", "Grad", None),
            (Language::De, "km") => ("ein Kilometer", "Kilometer", None),
            (Language::De, "m") => ("ein Meter", "Meter", None),
            (Language::De, "cm") => ("ein Zentimeter", "Zentimeter", None),
            (Language::De, "kg") => ("ein Kilo", "Kilo", None),
            (Language::De, "Std" | "h" | "Stunde" | "Stunden") => ("eine Stunde", "Stunden", None),
            (Language::De, "Min" | "min" | "Minute" | "Minuten") => ("eine Minute", "Minuten", None),
            (Language::De, "Sek" | "Sekunde" | "Sekunden") => ("eine Sekunde", "Sekunden", None),
            (Language::De, "Woche") => ("eine Woche", "Wochen", None),
            (Language::De, "Tag") => ("ein Tag", "Tag", None),
            (Language::De, "x") => ("einmal", "mal", None),
            (Language::En, "€" | "EUR" | "euro" | "euros") => ("one euro", "euros", cents),
            (Language::En, "$" | "USD" | "dollar" | "dollars") => ("one dollar", "dollars", cents),
            (Language::En, "£" | "GBP" | "pound" | "pounds") => ("one pound", "pounds", Some(["penny", "pence"])),
            (Language::En, "p") => ("one penny", "pence", None),
            (Language::En, "%" | "percent") => ("one per cent", "per cent", None),
            (Language::En, "°C" | "°") => ("one degree", "degrees", None),
            (Language::En, "km") => ("one kilometre", "kilometres", None),
            (Language::En, "kg") => ("one kilo", "kilos", None),
            (Language::En, "min" | "mins") => ("one minute", "minutes", None),
            (Language::En, "h" | "hr") => ("one hour", "hours", None),
            (Language::En, "x") => ("once", "times", None),
            _ => return None,
        };
        Some(Unit { one, many, hundredths })
    }

    fn amount(&self, whole: u64, fraction: &str, language: Language) -> String {
        let number = |n: u64| match language {
            Language::De => de::cardinal(n, "ein"),
            Language::En => en::cardinal(n),
        };
        let whole_words = if whole == 1 { self.one.to_owned() } else { format!("{} {}", number(whole), self.many) };
        let cents = fraction.parse::<u64>().unwrap_or(0);
        match self.hundredths {
            _ if cents == 0 => whole_words,
            Some([_, _]) if fraction.len() == 2 && whole > 0 => match language {
                Language::De => format!("{whole_words} {}", de::cardinal(cents, "eins")),
                Language::En => format!("{whole_words} {}", en::cardinal(cents)),
            },
            Some([one, _]) if fraction == "01" && language == Language::De => one.to_owned(),
            Some([one, _]) if fraction == "01" => format!("one {one}"),
            Some([_, many]) if fraction.len() == 2 => format!("{} {many}", number(cents)),
            _ => format!("{} {}", decimal_words(whole, fraction, language), self.many),
        }
    }
}

/// "1.000,50" and "1,000.50": the whole part, and the digits behind it.
fn decimal(text: &str, language: Language) -> Option<(u64, String)> {
    let (thousands, point) = match language {
        Language::De => ('.', ','),
        Language::En => (',', '.'),
    };
    let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(thousands);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.is_empty() || first.len() <= 3;
    if first.is_empty() || !digits(first) || !digits(fraction) || !grouped {
        return None;
    }
    if rest.iter().any(|group| group.len() != 3 || !digits(group)) {
        return None;
    }
    Some((whole.replace(thousands, "").parse().ok()?, fraction.to_owned()))
}

fn decimal_words(whole: u64, fraction: &str, language: Language) -> String {
    let (whole, point) = match language {
        Language::De => (de::cardinal(whole, "eins"), "Komma"),
        Language::En => (en::cardinal(whole), "point"),
    };
    if fraction.is_empty() { whole } else { format!("{whole} {point} {}", digits::spelled(fraction, language)) }
}

// Ordinals.

/// What German floors, quarters and feasts are counted by.
const COUNTED: [&str; 17] = [
    "Stock",
    "Stockwerk",
    "Etage",
    "Obergeschoss",
    "Untergeschoss",
    "OG",
    "UG",
    "Quartal",
    "Mal",
    "Klasse",
    "Halbjahr",
    "Advent",
    "Weihnachtstag",
    "Weihnachtsfeiertag",
    "Feiertag",
    "Jahrhundert",
    "Generation",
];
const BEFORE_ORDINALS: [&str; 12] = ["am", "im", "zum", "vom", "beim", "dem", "den", "der", "die", "das", "ab", "seit"];

fn ordinals(core: &str, around: &Around<'_>) -> Option<Read> {
    match around.language {
        Language::De => {
            let n: u64 = core.parse().ok().filter(|n| *n > 0 && core.len() <= 4)?;
            let next = around.next;
            let month = (1..=12).any(|month| de::month(month) == next) && n <= 31;
            let lower = next.starts_with(char::is_lowercase);
            let announced = BEFORE_ORDINALS.iter().any(|word| around.before.eq_ignore_ascii_case(word));
            let fits = month || lower || announced || COUNTED.contains(&next);
            if !around.dot || !fits {
                return None;
            }
            Some(Read { words: de::ordinal(n, ending(around)), next_taken: false, dot_taken: true })
        }
        Language::En => {
            let digits = core.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let suffix = core.get(digits.len()..)?.to_ascii_lowercase();
            let n: u64 = digits.parse().ok()?;
            let is_month = |text: &str| (1..=12).any(|month| en::month(month) == text.trim_end_matches([',', '.']));
            let named = ["st", "nd", "rd", "th"].contains(&suffix.as_str());
            let day = (1..=31).contains(&n) && suffix.is_empty() || named;
            let the = if around.before.eq_ignore_ascii_case("the") { "" } else { "the " };
            let words = match () {
                () if day && is_month(around.next) => format!("{the}{} of", en::ordinal(n)),
                () if day && is_month(around.before) => format!("the {}", en::ordinal(n)),
                () if named && around.next == "of" => format!("{the}{}", en::ordinal(n)),
                () if named => en::ordinal(n),
                () => return None,
            };
            Some(words.into())
        }
    }
}

// Numbers.

fn ranges(core: &str, around: &Around<'_>) -> Option<Read> {
    let (from, to) = core.split_once('-')?;
    let between = if around.language == Language::De { "bis" } else { "to" };
    let (from, to) = (decimal(from, around.language)?, decimal(to, around.language)?);
    let words = |(whole, fraction): (u64, String)| decimal_words(whole, &fraction, around.language);
    Some(format!("{} {between} {}", words(from), words(to)).into())
}

fn plain(core: &str, around: &Around<'_>) -> String {
    if core.bytes().all(|b| b.is_ascii_digit()) {
        return integer(core, around);
    }
    if let Some((whole, fraction)) = decimal(core, around.language) {
        return decimal_words(whole, &fraction, around.language);
    }
    if let Some(n) = core.strip_prefix('-')
        && let Some((whole, fraction)) = decimal(n, around.language)
    {
        return format!("minus {}", decimal_words(whole, &fraction, around.language));
    }
    if let Some(n) = core.strip_prefix('#')
        && n.bytes().all(|b| b.is_ascii_digit())
    {
        let number = if around.language == Language::De { "Nummer" } else { "number" };
        return format!("{number} {}", integer(n, around));
    }
    mixed(core, around)
}

/// Digits alone: a number, a year, an emergency number, a postal code, or simply many digits.
fn integer(core: &str, around: &Around<'_>) -> String {
    let spelled = || digits::spelled(core, around.language);
    let grouped = || digits::phone(core, Manner::from(around.language));
    let Ok(n) = core.parse::<u64>() else { return grouped() };
    let emergency = match around.language {
        Language::De => ["110", "112", "115"].contains(&core),
        Language::En => ["101", "111", "112", "911", "999"].contains(&core),
    };
    let postal = around.language == Language::De && core.len() == 5 && !core.ends_with("000");
    match core.len() {
        2.. if core.starts_with('0') => spelled(),
        6.. => grouped(),
        _ if emergency || postal => spelled(),
        4 if (1900..2100).contains(&n) => match (around.language, i16::try_from(n).unwrap_or_default()) {
            (Language::De, year) => de::year(year),
            (Language::En, year) => en::year(year),
        },
        _ => decimal_words(n, "", around.language),
    }
}

/// Letters, digits and signs in one word: "5a", "A4", "C3PO", "1/2".
fn mixed(core: &str, around: &Around<'_>) -> String {
    let half = if around.language == Language::De { "einhalb" } else { "one half" };
    if core == "1/2" {
        return half.to_owned();
    }
    let mut words = Vec::new();
    let mut rest = core;
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        words.push(if digit { integer(run, around) } else { between(run, around.language) });
        rest = after;
    }
    words.join(" ")
}

fn between(run: &str, language: Language) -> String {
    match run {
        "." if language == Language::De => "Punkt".to_owned(),
        "." => "dot".to_owned(),
        "-" => String::new(),
        "," | ":" | "/" | "(" | ")" => ",".to_owned(),
        _ => letters::words(run, language),
    }
}
