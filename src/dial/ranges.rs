//! Ranges of numbers: which cost, which are for no caller, and which are people's telephones.

use super::Kind;

/// Numbers that cost whoever calls them, or lead to who knows whom; the longest prefix counts.
///
/// Germany: 010xy call-by-call, 0137/0138 mass calls, 0180, 0700, 0800, 0900, 118xy as the Bundesnetzagentur lists
/// its ranges; 012, 0181 to 0189 and 019 are no longer for the public, 032 is for no place; 0164, 0168 and 0169 were
/// pagers. 031 is for tests, 0115 and 0116 lead to authorities and help lines. Austria: RTR's table of ranges (0800,
/// 0810, 0820, 0821, 0828, 0900, 0901, 0930, 0931, 0939, 118). Switzerland: BAKOM's division of E.164 (0800, 084n,
/// 0878, 0900, 0901, 0906). United Kingdom: 070, 080, 084, 087, 09, 118 of Ofcom's service numbers. From memory only:
/// satellites and networks of no country (+870, +881 to +883, +888), +800, +808, +878, +979 and +1 900.
const SPECIAL: &[(&str, Kind)] = &[
    ("+4910", Kind::CallByCall),
    ("+4911", Kind::Short),
    ("+4912", Kind::Premium),
    ("+4913", Kind::Premium),
    ("+49164", Kind::Service),
    ("+49168", Kind::Service),
    ("+49169", Kind::Service),
    ("+4918", Kind::Service),
    ("+4919", Kind::Premium),
    ("+4931", Kind::CallByCall),
    ("+4932", Kind::Personal),
    ("+49700", Kind::Personal),
    ("+49800", Kind::Free),
    ("+49900", Kind::Premium),
    ("+43118", Kind::Short),
    ("+43800", Kind::Free),
    ("+43810", Kind::Service),
    ("+43820", Kind::Service),
    ("+43821", Kind::Service),
    ("+43828", Kind::Service),
    ("+43900", Kind::Premium),
    ("+43901", Kind::Premium),
    ("+43930", Kind::Premium),
    ("+43931", Kind::Premium),
    ("+43939", Kind::Premium),
    ("+41800", Kind::Free),
    ("+4184", Kind::Service),
    ("+41878", Kind::Personal),
    ("+41900", Kind::Premium),
    ("+41901", Kind::Premium),
    ("+41906", Kind::Premium),
    ("+44118", Kind::Short),
    ("+4470", Kind::Personal),
    ("+4480", Kind::Free),
    ("+4484", Kind::Service),
    ("+4487", Kind::Service),
    ("+449", Kind::Premium),
    ("+800", Kind::Free),
    ("+808", Kind::Service),
    ("+870", Kind::Satellite),
    ("+878", Kind::Personal),
    ("+881", Kind::Satellite),
    ("+882", Kind::Satellite),
    ("+883", Kind::Satellite),
    ("+888", Kind::Satellite),
    ("+979", Kind::Premium),
    ("+1900", Kind::Premium),
];

/// The ranges of people's telephones in the countries whose ranges are known here. What is in none of them is no
/// number that anybody has: 0200, 0701 or 0901 in Germany.
const TELEPHONES: &[(&str, Kind)] = &[
    ("+4915", Kind::Mobile),
    ("+4916", Kind::Mobile),
    ("+4917", Kind::Mobile),
    ("+492", Kind::Landline),
    ("+493", Kind::Landline),
    ("+494", Kind::Landline),
    ("+495", Kind::Landline),
    ("+496", Kind::Landline),
    ("+497", Kind::Landline),
    ("+498", Kind::Landline),
    ("+499", Kind::Landline),
    ("+431", Kind::Landline),
    ("+432", Kind::Landline),
    ("+433", Kind::Landline),
    ("+434", Kind::Landline),
    ("+435", Kind::Landline),
    ("+436", Kind::Landline),
    ("+4365", Kind::Mobile),
    ("+4366", Kind::Mobile),
    ("+43662", Kind::Landline),
    ("+4367", Kind::Mobile),
    ("+4368", Kind::Mobile),
    ("+4369", Kind::Mobile),
    ("+437", Kind::Landline),
    ("+412", Kind::Landline),
    ("+413", Kind::Landline),
    ("+414", Kind::Landline),
    ("+415", Kind::Landline),
    ("+416", Kind::Landline),
    ("+4174", Kind::Service),
    ("+417", Kind::Mobile),
    ("+4181", Kind::Landline),
    ("+4186", Kind::Mobile),
    ("+4191", Kind::Landline),
    ("+441", Kind::Landline),
    ("+442", Kind::Landline),
    ("+443", Kind::Landline),
    ("+445", Kind::Landline),
    ("+4476", Kind::Service),
    ("+447", Kind::Mobile),
];

/// Three digits after the country code that no German place has: 0901 to 0905, 0801 to 0805, 0701.
const UNUSED: &[&str] = &[
    "+49200", "+49701", "+49801", "+49802", "+49803", "+49804", "+49805", "+49901", "+49902", "+49903", "+49904",
    "+49905",
];

/// Countries whose ranges stand above.
const KNOWN: [&str; 4] = ["49", "43", "41", "44"];

/// The special range in which a number is, and its prefix.
pub(super) fn special(number: &str) -> Option<(&'static str, Kind)> {
    longest(SPECIAL, number)
}

/// What the telephones of a range are; none in a country whose ranges are not known here.
pub(super) fn telephone(country: &str, number: &str) -> Option<Kind> {
    let unused = UNUSED.iter().any(|prefix| number.starts_with(prefix));
    let found = || longest(TELEPHONES, number).map_or(Kind::Invalid, |(_, kind)| kind);
    KNOWN.contains(&country).then(|| if unused { Kind::Invalid } else { found() })
}

fn longest(table: &'static [(&'static str, Kind)], number: &str) -> Option<(&'static str, Kind)> {
    let meant = table.iter().filter(|(prefix, _)| number.starts_with(prefix));
    meant.max_by_key(|(prefix, _)| prefix.len()).copied()
}

/// `+` and 7 to 15 digits, no country code begins with 0 (ITU-T E.164 §6).
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// The country code of a number in E.164 form (ITU-T E.164 annex D: one digit, these two, or three).
pub fn country_code(number: &str) -> &str {
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
