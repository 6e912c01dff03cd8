//! Numbers as people write them, in the one form in which calls are compared with them.

use super::{Bad, blank};
use crate::ids::dialled;

/// Bytes of a number as it is typed.
const NUMBER_BYTES_MAX: usize = 64;
/// Digits of a number: E.164 has 15, and some are dialled with more.
const DIGITS_MAX: usize = 20;
/// Digits of an extension.
const EXTENSION_MAX: usize = 7;

/// What is written before an extension that is a part of the number: dialled from outside, shown by calls.
const DIRECT: &[&str] = &["dw", "durchwahl", "kl", "klappe"];
/// What is written before an extension that may be one behind a switchboard.
const BEHIND: &[&str] = &["ext", "extension", "x", "app", "apparat", "nst", "nebenstelle"];

/// The one form of a number that somebody typed or exported: `+49 (0)30 23125-042`, `tel:…`, with blanks and
/// dashes of any kind.
///
/// An extension is joined to the number where that makes the number that is dialled and shown: after `DW` or
/// `Klappe`, and in the place of the switchboard's `-0` (DIN 5008): `+49 30 23125-0 ext. 42` is
/// `+493023125 42`. Any other is refused: a call from behind a switchboard does not show it, so nobody could be known
/// by it, and the main number would stand for a whole house.
pub fn number(text: &str) -> Result<String, Bad> {
    let bad = || Bad::Number(text.chars().take(NUMBER_BYTES_MAX).collect());
    if text.len() > NUMBER_BYTES_MAX {
        return Err(bad());
    }
    let plain: String = text.chars().filter_map(plain).collect();
    let plain = plain.trim().to_ascii_lowercase();
    let plain = plain.strip_prefix("tel:").unwrap_or(&plain);
    let (main, extension) = parted(plain).ok_or_else(bad)?;
    // The 0 in +49 (0)30 is dialled within the country only.
    let within = main.starts_with('+') || main.starts_with("00");
    let form = |main: &str| dialled(&if within { main.replacen("(0)", "", 1) } else { main.to_owned() });
    let number = match extension {
        None => form(main),
        Some(extension) => {
            let switchboard = main.strip_suffix('0').and_then(|main| main.trim_end().strip_suffix('-'));
            let trunk = form(switchboard.unwrap_or(main));
            if !trunk.starts_with('+') || !(extension.direct || switchboard.is_some()) {
                return Err(Bad::Extension(text.chars().take(NUMBER_BYTES_MAX).collect()));
            }
            trunk + &extension.digits
        }
    };
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let good = (2..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(number) } else { Err(bad()) }
}

fn plain(c: char) -> Option<char> {
    match c {
        '\u{2010}'..='\u{2015}' => Some('-'),
        // Marks of direction and of no width are what copied numbers bring along.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        c if blank(c) => Some(' '),
        c => Some(c),
    }
}

struct Extension {
    /// A part of the number, whatever it follows.
    direct: bool,
    digits: String,
}

/// The number and what is said to be its extension (RFC 3966 §5.1.1, or in words). None: words that are neither.
fn parted(text: &str) -> Option<(&str, Option<Extension>)> {
    let mut parts = text.split(';');
    let main = parts.next().unwrap_or_default().trim();
    if let Some(digits) = parts.find_map(|part| part.trim().strip_prefix("ext=")) {
        return Some((main, Some(Extension { direct: false, digits: extension(digits)? })));
    }
    let Some(at) = main.find(|c: char| c.is_alphabetic()) else { return Some((main, None)) };
    let (main, rest) = main.split_at(at);
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (word, digits) = rest.split_at(end);
    let direct = DIRECT.contains(&word);
    if !direct && !BEHIND.contains(&word) {
        return None;
    }
    let main = main.trim_end_matches([' ', ',', '(', '/']);
    let digits = extension(digits.trim_start_matches(['.', ':', ' ', '-']).trim_end_matches(')'))?;
    Some((main, Some(Extension { direct, digits })))
}

fn extension(digits: &str) -> Option<String> {
    let digits: String = digits.chars().filter(|c| *c != ' ').collect();
    let good = (1..=EXTENSION_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_come_in_many_spellings() {
        for (typed, form) in [
            ("+49 (0)30 23125-042", "+493023125042"),
            ("0049 (0) 30 23125042", "+493023125042"),
            ("030 / 23125 042", "+493023125042"),
            ("030/23125042", "+493023125042"),
            ("+49\u{a0}30\u{2011}23125\u{2013}042", "+493023125042"),
            ("\u{202d}+49 30 23125042\u{202c}", "+493023125042"),
            ("tel:+493023125042", "+493023125042"),
            ("TEL:+49-30-23125042;phone-context=+49", "+493023125042"),
            ("+49 30 23125-0", "+4930231250"),
            ("200", "200"),
        ] {
            assert_eq!(number(typed).as_deref(), Ok(form), "{typed:?}");
        }
        for bad in
            ["", "+", "5", "anna", "４９３０", "=1+1", "+49 30 23125042 oder 43", &"9".repeat(21), &" ".repeat(99)]
        {
            assert!(number(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_extension_is_joined_where_it_is_dialled() {
        for typed in [
            "+49 30 23125-0 ext. 042",
            "+49 30 23125-0;ext=042",
            "tel:+49-30-23125-0;ext=042",
            "030 23125 - 0 App. 042",
            "030/23125-0 DW 042",
            "030/23125 DW 042",
            "030 23125 Durchwahl: 042",
            "030 23125 (DW 042)",
            "0049 30 23125-0 x042",
        ] {
            assert_eq!(number(typed).as_deref(), Ok("+493023125042"), "{typed:?}");
        }
        assert_eq!(number("+43 1 25085 Klappe 17").as_deref(), Ok("+4312508517"));
        for behind in
            ["+49 30 23125042 ext. 7", "+1 202 555 0123 x89", "+493023125042;ext=7", "200 DW 5", "030 231250 App. 4"]
        {
            assert!(matches!(number(behind), Err(Bad::Extension(_))), "{behind:?}: {:?}", number(behind));
        }
        for bad in ["+49 30 23125-0 ext. 12345678", "+49 30 23125-0 ext.", "ext. 42", "+49 30 23125-0 ext=4a"] {
            assert!(number(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_came_out_goes_in_unchanged(typed in "[-+0-9 ()/.;extDWApp]{0,40}") {
            if let Ok(form) = number(&typed) {
                prop_assert_eq!(number(&form), Ok(form));
            }
        }

        #[test]
        fn no_text_is_too_strange(typed in "\\PC{0,80}") {
            let _ = number(&typed);
        }
    }
}
