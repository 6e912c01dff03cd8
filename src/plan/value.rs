//! Values as plans write them.

use std::time::Duration;

use super::limits;
pub(super) use crate::dial::{country_code, is_costly as is_premium, is_e164};

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

/// A mobile prefix, the digits behind it that lead to a mailbox, and the least length of what follows.
///
/// Germany, as teltarif.de and prepaid-wiki.de list them (both found, and they agree): 13 for numbers of Telekom,
/// 50 of Vodafone, 99 of E-Plus, 33 of o2; they stay with a number that is ported. Behind 015x the digits follow the
/// whole block: 01520-50-…, not 0152-50-…, which is a telephone. 55 leads to Vodafone's mailboxes too; telephones may
/// begin with it, so it only counts in a number that is too long for one. 1&1's own (0155) was not confirmed.
/// Austria, from one list (Wikipedia, "Mailbox-Durchwahl"): A1, Magenta, Drei, HoT.
const MAILBOXES: &[(&str, &str, usize)] = &[
    ("+49151", "13", 8),
    ("+49160", "13", 7),
    ("+49170", "13", 7),
    ("+49171", "13", 7),
    ("+49175", "13", 7),
    ("+491520", "50", 7),
    ("+491522", "50", 7),
    ("+491523", "50", 7),
    ("+491525", "50", 7),
    ("+491526", "50", 7),
    ("+49162", "50", 7),
    ("+49172", "50", 7),
    ("+49173", "50", 7),
    ("+49174", "50", 7),
    ("+491570", "99", 7),
    ("+491573", "99", 7),
    ("+491575", "99", 7),
    ("+491577", "99", 7),
    ("+491578", "99", 7),
    ("+49163", "99", 7),
    ("+49177", "99", 7),
    ("+49178", "99", 7),
    ("+491590", "33", 7),
    ("+49176", "33", 8),
    ("+49179", "33", 7),
    ("+43664", "77", 7),
    ("+43680", "77", 7),
    ("+43676", "22", 7),
    ("+43650", "11", 7),
    ("+43660", "33", 7),
    ("+43677", "60", 8),
];

/// Digits of any network, where a ported number may carry another's.
const INFIXES: [&str; 5] = ["13", "33", "50", "55", "99"];

/// The inserted digits of a mobile mailbox, and the number without them.
///
/// A German network gives no telephone its own digits, so they always mean a mailbox. Digits of another network do
/// so where the number is longer than its prefix allows: it was ported. Swiss mailboxes are 086 and the number
/// (BAKOM: 0860, access to answering systems).
pub(super) fn mailbox(number: &str) -> Option<(&'static str, String)> {
    if let Some(rest) = number.strip_prefix("+41860") {
        return Some(("860", format!("+41{rest}")));
    }
    let (prefix, own, least) = MAILBOXES.iter().find(|(prefix, ..)| number.starts_with(prefix))?;
    let rest = number.get(prefix.len()..)?;
    let german = prefix.starts_with("+49");
    let longer = rest.len() >= least + 2;
    let infix = if rest.starts_with(own) && (german || longer) {
        own
    } else {
        INFIXES.iter().find(|infix| german && longer && rest.starts_with(**infix))?
    };
    Some((infix, format!("{prefix}{}", rest.get(infix.len()..).unwrap_or_default())))
}
