//! Which numbers may be called, and called back: against toll fraud. What is in no known range of telephones of the
//! home country needs leave of the owner, who gives it by number or by prefix.
//!
//! Numbers are in the one form of `ids::dialled`: `+` and ASCII digits.

mod ranges;
#[cfg(test)]
mod tests;

use std::fmt;

pub use ranges::{country_code, is_e164};

/// What kind of number it is, seen from home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A telephone in a place of the home country.
    Landline,
    /// A mobile telephone of the home country.
    Mobile,
    /// Costs the one who is called: 0800.
    Free,
    /// Shared cost: 0180x; and what is for closed groups.
    Service,
    /// Costs much: 0900, 0137.
    Premium,
    /// Follows somebody, who knows where to: 0700, 032.
    Personal,
    /// Emergency, directories (118xx), numbers inside a house.
    Short,
    /// In another country.
    Foreign(Country),
    /// Satellites, and networks of no country.
    Satellite,
    /// Chooses a network first: 010xx.
    CallByCall,
    /// No number that anybody has.
    Invalid,
}

/// ISO 3166 code of a country; `ZZ` where it is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

/// Who may be called without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The country code of home: `49`.
    pub home: String,
    /// Numbers, and beginnings of numbers, that may be called too: `+43`, `+41791234567`. A beginning that is shorter
    /// than a special range does not open it: `+43` is Austria without its 0900.
    pub allow: Vec<String>,
}

/// Whether a number may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// Only when the owner gave leave: it is of this kind.
    NeedsLeave(Kind),
}

/// The kind of a number, seen from a country code such as `49`.
pub fn kind(home: &str, number: &str) -> Kind {
    if !is_e164(number) {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let short = (1..7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        return if short { Kind::Short } else { Kind::Invalid };
    }
    let code = country_code(number);
    if let Some((_, kind)) = ranges::special(number) {
        return kind;
    }
    let known = ranges::telephone(code, number).or_else(|| listed(number));
    match known {
        // What costs much does so abroad too.
        Some(kind @ (Kind::Premium | Kind::Service | Kind::Personal)) => kind,
        _ if code != home => Kind::Foreign(Country::of(number)),
        found => found.unwrap_or(Kind::Invalid),
    }
}

/// Whether calls to it cost more than calls, wherever one calls from.
pub fn is_costly(number: &str) -> bool {
    ranges::special(number).is_some_and(|(_, kind)| kind != Kind::Free)
}

/// What the metadata of libphonenumber say of a number of a country whose ranges are not known here.
fn listed(number: &str) -> Option<Kind> {
    use phonenumber::Type;
    let parsed = phonenumber::parse(None, number).ok()?;
    Some(match parsed.number_type(&phonenumber::metadata::DATABASE) {
        Type::FixedLine | Type::Voip => Kind::Landline,
        Type::Mobile | Type::FixedLineOrMobile => Kind::Mobile,
        Type::TollFree => Kind::Free,
        Type::PremiumRate => Kind::Premium,
        Type::SharedCost | Type::Pager | Type::Uan => Kind::Service,
        Type::PersonalNumber => Kind::Personal,
        _ => return None,
    })
}

impl Policy {
    /// Whether the number may be called. Nothing is allowed that is not a number in E.164 form.
    pub fn verdict(&self, number: &str) -> Verdict {
        let kind = kind(&self.home, number);
        let free = matches!(kind, Kind::Landline | Kind::Mobile);
        let leave = || self.allow.iter().any(|entry| gives_leave(entry, kind, number));
        if is_e164(number) && (free || leave()) { Verdict::Allowed } else { Verdict::NeedsLeave(kind) }
    }

    /// Whether it may.
    pub fn allows(&self, number: &str) -> bool {
        self.verdict(number) == Verdict::Allowed
    }
}

/// Whether a text can stand in [`Policy::allow`]: `+` and 1 to 15 digits.
pub fn is_allow(entry: &str) -> bool {
    entry.strip_prefix('+').is_some_and(|digits| {
        (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

fn gives_leave(entry: &str, kind: Kind, number: &str) -> bool {
    if entry == number {
        return true;
    }
    if !is_allow(entry) || !number.starts_with(entry) {
        return false;
    }
    match (ranges::special(number), kind) {
        (Some((prefix, _)), _) => entry.len() >= prefix.len(),
        // Told by the metadata, which name no prefix: only the number itself opens it.
        (None, Kind::Premium | Kind::Service | Kind::Personal) => false,
        _ => true,
    }
}

impl Kind {
    /// For scripts: stable.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Landline => "landline",
            Kind::Mobile => "mobile",
            Kind::Free => "free",
            Kind::Service => "service",
            Kind::Premium => "premium",
            Kind::Personal => "personal",
            Kind::Short => "short",
            Kind::Foreign(_) => "foreign",
            Kind::Satellite => "satellite",
            Kind::CallByCall => "call_by_call",
            Kind::Invalid => "invalid",
        }
    }

    /// The country, where it is abroad.
    pub fn country(self) -> Option<Country> {
        match self {
            Kind::Foreign(country) => Some(country),
            _ => None,
        }
    }

    /// For people: German, English.
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Kind::Landline => ("Festnetz", "landline"),
            Kind::Mobile => ("Mobilfunk", "mobile"),
            Kind::Free => ("kostenfreie Servicenummer", "freephone number"),
            Kind::Service => ("Servicenummer mit geteilten Kosten", "shared-cost service number"),
            Kind::Premium => ("teure Sondernummer", "premium number"),
            Kind::Personal => ("persönliche oder ortsunabhängige Nummer", "personal number"),
            Kind::Short => ("Notruf, Auskunft oder Kurzwahl", "emergency, directory or short number"),
            Kind::Foreign(_) => ("Nummer im Ausland", "number abroad"),
            Kind::Satellite => ("Satellitentelefon", "satellite telephone"),
            Kind::CallByCall => ("Vorwahl eines anderen Netzes", "prefix of another network"),
            Kind::Invalid => ("keine gültige Rufnummer", "not a valid number"),
        }
    }
}

impl Country {
    /// Not known.
    pub const UNKNOWN: Country = Country(*b"ZZ");

    fn of(number: &str) -> Country {
        let parsed = phonenumber::parse(None, number).ok();
        let id = parsed.and_then(|parsed| parsed.country().id());
        id.and_then(|id| <[u8; 2]>::try_from(id.as_ref().as_bytes()).ok()).map_or(Country::UNKNOWN, Country)
    }

    /// `AT`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
