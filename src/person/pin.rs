//! The PIN with which an owner reaches the mailbox by phone.
//!
//! Six digits are few: what keeps them is that they can be tried ten times, not that they are hard to hash.
//! Still a stolen database must not give them away, so the hash is slow and keyed by a file beside it.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;

use super::hex;

/// Digits at least.
pub const DIGITS_MIN: usize = 6;
/// Digits at most.
pub const DIGITS_MAX: usize = 12;
/// Wrong tries of one call, after which it is asked for no more.
pub const TRIES_PER_CALL: u8 = 3;
/// Wrong tries over all calls, after which it is locked until somebody unlocks it.
pub const TRIES_MAX: u32 = 10;

/// Patterns of the keypad and of the calendar of habits, besides those that a rule finds.
const USUAL: [&str; 12] = [
    "147258", "258369", "147369", "159753", "159357", "741852", "456789", "789456", "112233", "102030", "314159",
    "271828",
];

/// Digits that may be a PIN. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

/// Why digits may be no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPin {
    /// Too few, too many, or something else than 0–9.
    #[error("a PIN has 6 to 12 digits")]
    Digits,
    /// 111111, 123123, 112211.
    #[error("too few different digits: it would be among the first that are tried")]
    Repeated,
    /// 123456, 987654, 147258.
    #[error("a row of the keypad or of numbers: it would be among the first that are tried")]
    Row,
    /// 240587, 19870524.
    #[error("it can be read as a date, and birthdays are guessed first: take other digits")]
    Date,
}

impl Pin {
    /// Checked: long enough, and none of those that are tried first.
    pub fn new(text: &str) -> Result<Pin, BadPin> {
        let fits = (DIGITS_MIN..=DIGITS_MAX).contains(&text.len());
        if !fits || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadPin::Digits);
        }
        let digits: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
        if repeated(&digits) {
            return Err(BadPin::Repeated);
        }
        if row(&digits) || USUAL.iter().any(|usual| text.starts_with(usual) || text.ends_with(usual)) {
            return Err(BadPin::Row);
        }
        if date(text) {
            return Err(BadPin::Date);
        }
        Ok(Pin(text.to_owned()))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Two digits only, or one piece again and again.
fn repeated(digits: &[u8]) -> bool {
    let different = (0..10).filter(|digit| digits.contains(digit)).count();
    let piece = |length: usize| {
        digits.len().is_multiple_of(length) && digits.iter().zip(digits.iter().skip(length)).all(|(a, b)| a == b)
    };
    different <= 2 || (1..=digits.len() / 2).any(piece)
}

/// Each digit the one before plus the same step.
fn row(digits: &[u8]) -> bool {
    let mut steps = digits.iter().zip(digits.iter().skip(1)).map(|(a, b)| (10 + b - a) % 10);
    let first = steps.next();
    matches!(first, Some(1 | 2 | 8 | 9)) && steps.all(|step| Some(step) == first)
}

/// DDMMYY, MMDDYY, YYMMDD, and with all four digits of a year of living people.
fn date(text: &str) -> bool {
    let number = |at: std::ops::Range<usize>| text.get(at).and_then(|part| part.parse::<u16>().ok()).unwrap_or(0);
    let day = |day: u16, month: u16| (1..=31).contains(&day) && (1..=12).contains(&month);
    let year = |year: u16| (1900..=2099).contains(&year);
    match text.len() {
        6 => {
            let (a, b, c) = (number(0..2), number(2..4), number(4..6));
            day(a, b) || day(b, a) || day(c, b)
        }
        8 => {
            let (a, b) = (number(0..2), number(2..4));
            let (first, last) = (number(0..4), number(4..8));
            year(last) && (day(a, b) || day(b, a)) || year(first) && day(number(6..8), number(4..6))
        }
        _ => false,
    }
}

/// What the hash is keyed with: 256 random bits that are not in the database. `Debug` does not show it.
#[derive(Clone)]
pub struct PinKey([u8; 32]);

impl PinKey {
    /// Of bytes that somebody drew.
    pub fn new(bytes: [u8; 32]) -> PinKey {
        PinKey(bytes)
    }

    fn hash(&self, digits: &str, salt: &[u8]) -> Option<[u8; 32]> {
        let mut out = [0; 32];
        // RFC 9106 §4 with the memory that OWASP asks for: 19 MiB, two passes, one lane.
        let params = Params::new(19 * 1024, 2, 1, Some(out.len())).ok()?;
        let argon = Argon2::new_with_secret(&self.0, Algorithm::Argon2id, Version::V0x13, params).ok()?;
        argon.hash_password_into(digits.as_bytes(), salt, &mut out).ok()?;
        Some(out)
    }

    /// What the row holds; some 20 ms of work and 19 MiB.
    pub(super) fn seal(&self, pin: &Pin, salt: [u8; 16]) -> Option<String> {
        let hash = self.hash(&pin.0, &salt)?;
        Some(format!("1${}${}", hex(&salt), hex(&hash)))
    }

    /// Whether `tried` is the PIN of the row: the same work where there is no row, or none that can be read.
    pub(super) fn fits(&self, sealed: Option<&str>, tried: &str) -> bool {
        let mut parts = sealed.unwrap_or_default().split('$');
        let read = match (parts.next(), parts.next().and_then(unhex::<16>), parts.next().and_then(unhex::<32>)) {
            (Some("1"), Some(salt), Some(hash)) => Some((salt, hash)),
            _ => None,
        };
        let (salt, hash) = read.unwrap_or(([0; 16], [0; 32]));
        let tried = tried.get(..DIGITS_MAX).unwrap_or(tried);
        let own = self.hash(tried, &salt).unwrap_or([0; 32]);
        bool::from(own.ct_eq(&hash)) & read.is_some()
    }
}

impl fmt::Debug for PinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(out)
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is the owner, as far as a PIN can tell.
    Right,
    /// Not the PIN, or none is set: callers hear no difference.
    Wrong,
    /// Too many were wrong: nothing is looked at until somebody unlocks it.
    Locked,
}

/// How a tenant's PIN is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinState {
    /// When it was set.
    pub set_at: crate::clock::Utc,
    /// By whom, by name.
    pub author: String,
    /// Wrong tries since the last right one.
    pub wrong: u32,
    /// Since when it is locked.
    pub locked_at: Option<crate::clock::Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trivial_pins_are_refused() {
        for (text, bad) in [
            ("12345", BadPin::Digits),
            ("1234567890123", BadPin::Digits),
            ("12a456", BadPin::Digits),
            ("４７１１０８", BadPin::Digits),
            ("111111", BadPin::Repeated),
            ("121212", BadPin::Repeated),
            ("123123", BadPin::Repeated),
            ("774774", BadPin::Repeated),
            ("112221", BadPin::Repeated),
            ("123456", BadPin::Row),
            ("987654", BadPin::Row),
            ("890123", BadPin::Row),
            ("246802", BadPin::Row),
            ("159753", BadPin::Row),
            ("9147258", BadPin::Row),
            ("240587", BadPin::Date),
            ("870524", BadPin::Date),
            ("122587", BadPin::Date),
            ("24051987", BadPin::Date),
            ("19870524", BadPin::Date),
        ] {
            assert_eq!(Pin::new(text), Err(bad), "{text}");
        }
        for good in ["473926", "862049", "5830271", "40593817", "999000128374"] {
            assert!(Pin::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_seal_fits_its_pin_and_key_only() {
        let key = PinKey::new([7; 32]);
        let sealed = key.seal(&Pin::new("473926").unwrap(), [1; 16]).unwrap();
        assert!(!sealed.contains("473926") && format!("{key:?}{:?}", Pin::new("473926")).contains('…'));
        assert!(key.fits(Some(&sealed), "473926"));
        for wrong in ["473925", "", "4739260", "ä7392645678901"] {
            assert!(!key.fits(Some(&sealed), wrong), "{wrong}");
        }
        assert!(!PinKey::new([8; 32]).fits(Some(&sealed), "473926"), "another key");
        assert!(!key.fits(None, "473926") && !key.fits(Some("1$x$y"), "473926"));
        // A row of zeros is no way in.
        assert!(!key.fits(Some("2$00$00"), "000000"));
    }
}
