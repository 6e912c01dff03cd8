//! What somebody asks of a simulation, as people type it: on the command line and on the page.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::setting::{Contact, Setting, Visitor};
use crate::clock::Utc;
use crate::ids;

/// Keys of one simulated call, waits included.
pub const KEYS_MAX: usize = 200;
/// The word for a caller who shows no number.
pub const WITHHELD: &str = "withheld";
/// Bytes of anything else that is typed.
const TEXT_BYTES_MAX: usize = 512;
/// Holidays are known by rules of today; a question about another century is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// A question that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAsk {
    /// No moment.
    #[error("a time like 2026-12-24T19:30 is expected, not {0:?}")]
    Time(String),
    /// A moment, but far away.
    #[error("{0:?} is too far away: a year from 2000 to 2199 is expected")]
    Far(String),
    /// No word of a contact.
    #[error("`yes`, `no`, `vip`, `blocked` or `list:NAME` is expected, not {0:?}")]
    Contact(String),
    /// On no telephone.
    #[error("there is no key {0:?}: 0–9, *, #, and `,` `…` `_` to wait")]
    Key(char),
    /// More than [`KEYS_MAX`].
    #[error("there are more than {KEYS_MAX} keys")]
    Keys,
}

/// The moment that is meant by `text`: RFC 3339, or a time on a clock in `zone`.
pub fn at(text: &str, zone: &TimeZone) -> Result<Utc, BadAsk> {
    let bad = || BadAsk::Time(shown(text));
    if text.len() > TEXT_BYTES_MAX {
        return Err(bad());
    }
    let zoned = match text.parse::<jiff::Timestamp>() {
        Ok(exact) => exact.to_zoned(zone.clone()),
        Err(_) => {
            let local: DateTime = text.parse().map_err(|_| bad())?;
            // A time that the clock change leaves out is the one an hour later, as everywhere (RFC 5545 §3.3.5).
            zone.to_ambiguous_zoned(local).compatible().map_err(|_| BadAsk::Far(shown(text)))?
        }
    };
    if !YEARS.contains(&zoned.year()) {
        return Err(BadAsk::Far(shown(text)));
    }
    Ok(Utc(zoned.timestamp().as_millisecond()))
}

/// Who calls: a number in the one form; none or [`WITHHELD`] for nobody's.
pub fn caller(text: Option<&str>) -> Option<String> {
    text.filter(|text| *text != WITHHELD).map(ids::dialled).filter(|caller| !caller.is_empty())
}

/// Somebody who rings `called`; the first number of the line where none is given.
pub fn visitor(caller: Option<String>, called: Option<&str>, contact: Option<Contact>, setting: &Setting) -> Visitor {
    let called = called.map(ids::dialled).or_else(|| setting.plan.line.numbers.first().cloned());
    Visitor { trusted: caller.is_some(), caller, called: called.unwrap_or_default(), contact }
}

/// What the business is to know of a caller: `no` for nothing, else `yes`, `vip`, `blocked`, `list:NAME`, with commas.
pub fn contact(text: &str) -> Result<Option<Contact>, BadAsk> {
    let mut contact = Contact::default();
    if text.len() > TEXT_BYTES_MAX {
        return Err(BadAsk::Contact(shown(text)));
    }
    if text.trim() == "no" {
        return Ok(None);
    }
    for word in text.split(',').map(str::trim) {
        match (word, word.strip_prefix("list:")) {
            ("yes", _) => {}
            ("vip", _) => contact.vip = true,
            ("blocked", _) => contact.blocked = true,
            (_, Some(list)) => contact.lists.push(list.to_owned()),
            _ => return Err(BadAsk::Contact(shown(word))),
        }
    }
    Ok(Some(contact))
}

/// Whether these are keys of [`super::simulate`].
pub fn keys(text: &str) -> Result<(), BadAsk> {
    if text.chars().count() > KEYS_MAX {
        return Err(BadAsk::Keys);
    }
    let wrong = text.chars().find(|key| !"0123456789*#,…_ ".contains(*key));
    wrong.map_or(Ok(()), |key| Err(BadAsk::Key(key)))
}

/// The beginning of it.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_on_the_clock_of_the_line() {
        let berlin = crate::hours::zone("Europe/Berlin").unwrap();
        let utc = |text: &str| at(text, &berlin).map(Utc::rfc3339);
        for (text, means) in [
            ("2026-12-24T19:30", "2026-12-24T18:30:00.000Z"),
            ("2026-12-24T19:30:00+01:00", "2026-12-24T18:30:00.000Z"),
            ("2026-12-24T18:30:00Z", "2026-12-24T18:30:00.000Z"),
            // Left out, and twice there.
            ("2026-03-29T02:30", "2026-03-29T01:30:00.000Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00.000Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Ok(means), "{text}");
        }
        for text in ["", "now", "soon", "19:30", "2026-13-01T00:00", &"9".repeat(9999)] {
            assert!(matches!(utc(text), Err(BadAsk::Time(shown)) if shown.len() <= 60), "{text}");
        }
        for text in ["9999-12-30T23:59", "0001-01-01T00:00:00Z", "1999-12-31T12:00"] {
            assert_eq!(utc(text), Err(BadAsk::Far(text.to_owned())));
        }
    }

    #[test]
    fn contacts_and_keys_are_read() {
        let vip = Contact { vip: true, lists: vec!["stamm".into(), "".into()], ..Contact::default() };
        assert_eq!(contact("yes, vip,list:stamm,list:"), Ok(Some(vip)));
        assert_eq!((contact("yes"), contact("no")), (Ok(Some(Contact::default())), Ok(None)));
        assert_eq!(contact("nobody"), Err(BadAsk::Contact("nobody".into())));
        assert!(contact(&"vip,".repeat(200)).is_err());
        assert_eq!(keys(" 1,…_*# "), Ok(()));
        assert_eq!(keys("12a"), Err(BadAsk::Key('a')));
        assert_eq!((keys(&"…".repeat(KEYS_MAX)), keys(&"1".repeat(KEYS_MAX + 1))), (Ok(()), Err(BadAsk::Keys)));
    }
}
