//! Values as plans write them.

use std::time::Duration;

use super::limits;

/// `25s`, `3m`, `1h30m`, `14d`, `500ms`: number and unit, larger units first.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut millis: u64 = 0;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !(1..=6).contains(&digits) {
            return None;
        }
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
        let (unit, after) = after.split_at(letters);
        let unit = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        if unit >= last {
            return None;
        }
        millis = millis.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        (last, rest) = (unit, after);
    }
    (last != u64::MAX).then_some(Duration::from_millis(millis))
}

/// As [`duration`] reads it.
pub(super) fn show_duration(duration: Duration) -> String {
    let mut millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")] {
        if millis >= unit {
            shown.push_str(&format!("{}{name}", millis / unit));
            millis %= unit;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

/// `+` and 7 to 15 digits, no country code begins with 0 (ITU-T E.164 §6).
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// Names of steps and things.
pub(super) fn is_name(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !text.is_empty() && text.len() <= limits::NAME_MAX && text.bytes().all(fine)
}

/// Whether a text names a prompt; any other text is spoken. A word of a–z, 0–9, dot, - and _ is a name.
pub(super) fn is_prompt(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_' || b == b'.';
    !text.is_empty() && text.len() <= limits::NAME_MAX && text.bytes().all(fine) && !text.ends_with('.')
}

/// Keys of a telephone.
pub(super) fn is_key(text: &str) -> bool {
    let many = (1..=limits::KEY_DIGITS_MAX).contains(&text.len());
    many && text.bytes().all(|b| b.is_ascii_digit() || b == b'*' || b == b'#')
}

/// The country code of a number in E.164 form (ITU-T E.164 annex D: one digit, these two, or three).
pub(super) fn country_code(number: &str) -> &str {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let two = digits.get(..2).unwrap_or_default();
    let length = match two.as_bytes() {
        [b'1' | b'7', _] => 1,
        [b'2', b'0' | b'7']
        | [b'3', b'0'..=b'4' | b'6' | b'9']
        | [b'4', b'0' | b'1' | b'3'..=b'9']
        | [b'5', b'1'..=b'8']
        | [b'6', b'0'..=b'6']
        | [b'8', b'1' | b'2' | b'4' | b'6']
        | [b'9', b'0'..=b'5' | b'8'] => 2,
        _ => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

/// Numbers that cost whoever calls them (BNetzA, RTR, BAKOM, Ofcom).
const PREMIUM: &[&str] = &[
    "+49900", "+49137", "+49180", "+49118", "+4912", "+43810", "+43820", "+43821", "+43828", "+43900", "+43901",
    "+43930", "+43931", "+43939", "+43118", "+41900", "+41901", "+41906", "+4118", "+449", "+4487", "+4484", "+44118",
    "+979", "+1900", "+1976", "+870", "+881", "+882", "+883", "+888",
];

/// Whether calls to it cost more than calls.
pub(super) fn is_premium(number: &str) -> bool {
    PREMIUM.iter().any(|prefix| number.starts_with(prefix))
}

/// German mobile prefixes, the digits that lead to a mailbox behind them, and the usual length of what follows.
const MAILBOXES: &[(&str, &[&str], usize)] = &[
    ("151", &["13"], 8),
    ("160", &["13"], 7),
    ("170", &["33"], 7),
    ("171", &["13"], 7),
    ("175", &["13"], 7),
    ("152", &["50"], 8),
    ("162", &["50"], 7),
    ("172", &["50"], 7),
    ("173", &["50"], 7),
    ("174", &["50"], 7),
    ("157", &["99"], 8),
    ("163", &["99"], 7),
    ("177", &["99"], 7),
    ("178", &["99"], 7),
    ("159", &["33"], 8),
    ("176", &["33"], 8),
    ("179", &["33"], 7),
];

/// The inserted digits of a mobile mailbox, and the number without them.
///
/// A network's own digits always mean its mailboxes. Digits of another network do so where the number is
/// longer than its prefix allows: it was ported.
pub(super) fn mailbox(number: &str) -> Option<(&'static str, String)> {
    let national = number.strip_prefix("+49")?;
    let (prefix, own, usual) = MAILBOXES.iter().find(|(prefix, ..)| national.starts_with(prefix))?;
    let rest = national.get(prefix.len()..)?;
    let begins = |infix: &&&'static str| rest.starts_with(**infix);
    let infix = own.iter().find(begins).or_else(|| {
        let longer = rest.len() >= usual + 2;
        ["13", "33", "50", "55", "99"].iter().find(|infix| longer && rest.starts_with(**infix))
    })?;
    Some((infix, format!("+49{prefix}{}", rest.get(infix.len()..).unwrap_or_default())))
}
