//! Public holidays, by region: a table of our own, right for 2024 and later.

mod easter;
mod rules;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use rules::after_easter;
use table::{Entry, REGIONS};

/// Whose holidays: a country or a part of it, `DE-BW`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u8);

/// A public holiday, by its names as they are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holiday {
    /// In German.
    pub de: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Not a region whose holidays are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a region whose holidays are known: write one like DE-BW, DE-BY-KATH, AT, CH-ZH or GB-ENG")]
pub struct UnknownRegion;

impl Region {
    /// Every region there is, those of a country behind it.
    pub fn all() -> impl Iterator<Item = Region> {
        (0..u8::try_from(REGIONS.len()).unwrap_or(u8::MAX)).map(Region)
    }

    /// As plans write it: ISO 3166-2, with a part of our own where municipalities of a region differ.
    pub fn code(self) -> &'static str {
        self.entry().map_or("", |e| e.code)
    }

    /// Its name in German.
    pub fn name_de(self) -> &'static str {
        self.entry().map_or("", |e| e.de)
    }

    /// Its name in English.
    pub fn name_en(self) -> &'static str {
        self.entry().map_or("", |e| e.en)
    }

    /// Regions within this one that have more holidays: `DE-BY` holds `DE-BY-KATH` and `DE-BY-A`. For hints.
    pub fn narrower(self) -> impl Iterator<Item = Region> {
        Region::all().filter(move |r| r.code().strip_prefix(self.code()).is_some_and(|rest| rest.starts_with('-')))
    }

    fn entry(self) -> Option<&'static Entry> {
        REGIONS.get(usize::from(self.0))
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    /// Upper or lower case. The Länder of Austria (`AT-9`) have the holidays of `AT`.
    fn from_str(text: &str) -> Result<Region, UnknownRegion> {
        let code = match text.as_bytes() {
            [b'A' | b'a', b'T' | b't', b'-', b'1'..=b'9'] => "AT",
            _ => text,
        };
        Region::all().find(|r| r.code().eq_ignore_ascii_case(code)).ok_or(UnknownRegion)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.code())
    }
}

/// The holiday of `region` on `date`. Where two fall on one day, the country's.
pub fn holiday(region: Region, date: Date) -> Option<Holiday> {
    let entry = region.entry()?;
    let easter = after_easter(date);
    entry.country.iter().chain(entry.own).find_map(|rule| rule.holiday(date, easter))
}

/// Every holiday of `region` in `year`, ascending.
pub fn holidays(region: Region, year: i16) -> Vec<(Date, Holiday)> {
    let Ok(first) = Date::new(year, 1, 1) else { return Vec::new() };
    let days = std::iter::successors(Some(first), |d| d.tomorrow().ok()).take_while(|d| d.year() == year);
    days.filter_map(|day| holiday(region, day).map(|found| (day, found))).collect()
}
