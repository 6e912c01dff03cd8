//! Codes and telephone numbers.

use super::{Language, Manner, de, en};

/// Digits of a telephone number that are said: E.164 allows 15, prefixes and extensions come on top.
const DIGITS_MAX: usize = 24;
/// Digits of an area code with its zero, which are said at one go.
const PREFIX_MAX: usize = 5;
/// Characters of a code that are said.
const CODE_MAX: usize = 64;

/// The word of one character; nothing for what a code cannot hold.
fn name(c: char, language: Language) -> Option<String> {
    if let Some(digit) = c.to_digit(10) {
        return Some(match language {
            Language::De => de::number(i64::from(digit)),
            Language::En => en::number(i64::from(digit)),
        });
    }
    let named = match (c, language) {
        ('+', _) => "plus",
        ('*', Language::De) => "Stern",
        ('*', Language::En) => "star",
        ('#', Language::De) => "Raute",
        ('#', Language::En) => "hash",
        (c, _) if c.is_ascii_alphabetic() => return Some(c.to_ascii_uppercase().to_string()),
        _ => return None,
    };
    Some(named.to_owned())
}

/// Character by character.
pub fn spelled(text: &str, language: Language) -> String {
    let words: Vec<String> = text.chars().take(CODE_MAX).filter_map(|c| name(c, language)).collect();
    words.join(" ")
}

/// A telephone number in groups.
pub fn phone(text: &str, manner: Manner) -> String {
    let mut runs = runs(text);
    let digits: usize = runs.iter().map(String::len).sum();
    if digits == 0 {
        return match manner.language {
            Language::De => "unbekannte Nummer".to_owned(),
            Language::En => "unknown number".to_owned(),
        };
    }
    let plus = text.trim_start_matches(['(', ' ']).starts_with('+');
    let mut groups = Vec::new();
    if plus || (digits > 6 && runs.first().is_some_and(|run| run.starts_with("00"))) {
        drop_digits(&mut runs, if plus { 0 } else { 2 });
        let country = country_code(&runs.concat());
        drop_digits(&mut runs, country.len());
        if manner.home.is_some_and(|home| home.to_string() == country) {
            match runs.first_mut() {
                Some(first) => first.insert(0, '0'),
                None => groups.push(country),
            }
        } else {
            // The North American plan is known in three, three and four everywhere.
            if let ("1", [only]) = (country.as_str(), runs.as_slice())
                && let (Some(area), Some(exchange), Some(line)) = (only.get(..3), only.get(3..6), only.get(6..10))
                && only.len() == 10
            {
                runs = [area, exchange, line].map(str::to_owned).into();
            }
            groups.push(format!("+{country}"));
        }
    }
    let national = if manner.home == Some(49) && groups.is_empty() { with_area_code(runs) } else { runs };
    for (at, run) in national.iter().enumerate() {
        split(run, at == 0 && national.len() > 1, manner.language, &mut groups);
    }
    let spoken: Vec<String> = groups.iter().map(|group| spelled(group, manner.language)).collect();
    spoken.join(", ")
}

/// The digits as they were written together.
fn runs(text: &str) -> Vec<String> {
    // "+49 (0) 711": the zero is not dialled from abroad, and "+49 …" is said as from there.
    let text = if text.contains('+') { text.replace("(0)", " ") } else { text.to_owned() };
    let mut left = DIGITS_MAX;
    let mut runs = Vec::new();
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        let run: String = run.chars().take(left).collect();
        left -= run.len();
        if !run.is_empty() {
            runs.push(run);
        }
    }
    runs
}

fn drop_digits(runs: &mut Vec<String>, mut n: usize) {
    while let Some(first) = runs.first_mut() {
        let here = n.min(first.len());
        first.drain(..here);
        n -= here;
        if !first.is_empty() {
            return;
        }
        runs.remove(0);
    }
}

/// ITU-T E.164 country codes have one, two or three digits and no code starts another.
fn country_code(digits: &str) -> String {
    const TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    let len = match digits.get(..2) {
        _ if digits.starts_with(['1', '7']) => 1,
        Some(two) if TWO.contains(&two) => 2,
        _ => 3,
    };
    digits.chars().take(len).collect()
}

/// A German number written in one run gets its area code apart, as far as it can be told without a table.
fn with_area_code(mut runs: Vec<String>) -> Vec<String> {
    if let [only] = runs.as_slice()
        && only.starts_with('0')
        && only.len() > 7
    {
        let large_city = ["030", "040", "069", "089"].iter().any(|code| only.starts_with(code));
        if let Some((area, number)) = only.split_at_checked(if large_city { 3 } else { 4 }) {
            runs = vec![area.to_owned(), number.to_owned()];
        }
    }
    runs
}

/// Pairs, or threes; an area code stays whole.
fn split(run: &str, prefix: bool, language: Language, groups: &mut Vec<String>) {
    let len = run.len();
    if len <= 3 || (prefix && len <= PREFIX_MAX) {
        groups.push(run.to_owned());
        return;
    }
    // 116117 and its like are known in threes everywhere.
    let threes = len == 9 || (len == 6 && (language == Language::En || run.starts_with("116")));
    let mut rest = run;
    while !rest.is_empty() {
        let size = if threes || rest.len() % 2 == 1 { 3 } else { 2 };
        let (group, after) = rest.split_at_checked(size).unwrap_or((rest, ""));
        groups.push(group.to_owned());
        rest = after;
    }
}
