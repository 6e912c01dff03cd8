use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::{Region, UnknownRegion, holiday, holidays};

/// See its head for where it comes from.
const INDEPENDENT: &str = include_str!("../../../tests/data/hours/holidays.txt");

fn region(code: &str) -> Region {
    code.parse().expect(code)
}

#[test]
fn every_region_agrees_with_independent_lists() {
    let mut seen = BTreeSet::new();
    let mut differences = Vec::new();
    for line in INDEPENDENT.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split(' ');
        let (code, year) = (words.next().expect(line), words.next().expect(line));
        let theirs: BTreeSet<String> = words.map(|day| format!("{year}-{day}")).collect();
        let ours: BTreeSet<String> =
            holidays(region(code), year.parse().expect(line)).into_iter().map(|(day, _)| day.to_string()).collect();
        for day in ours.symmetric_difference(&theirs) {
            let who = if ours.contains(day) { "ours alone" } else { "theirs alone" };
            differences.push(format!("{code} {day}: {who}"));
        }
        seen.insert((region(code), year));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(seen.len(), Region::all().count() * 11, "every region in each of 2024 to 2034");
}

#[test]
fn what_owners_get_wrong_is_right() {
    let name = |code: &str, day: Date| holiday(region(code), day).map(|h| h.de);
    for code in Region::all().map(Region::code).filter(|c| c.starts_with("DE")) {
        for year in 2024..2035 {
            assert_eq!(name(code, date(year, 12, 24)), None, "{code}");
            assert_eq!(name(code, date(year, 12, 31)), None, "{code}");
        }
    }
    assert_eq!(name("DE-BY", date(2026, 8, 15)), None);
    assert_eq!(name("DE-BY-KATH", date(2026, 8, 15)), Some("Mariä Himmelfahrt"));
    assert_eq!(name("DE-BY-A", date(2026, 8, 8)), Some("Augsburger Hohes Friedensfest"));
    assert_eq!(name("DE-SN", date(2026, 11, 18)), Some("Buß- und Bettag"));
    assert_eq!(name("DE-TH-KATH", date(2026, 6, 4)), Some("Fronleichnam"));
    assert_eq!(name("AT", date(2026, 4, 3)), None, "no Good Friday in Austria");
    assert_eq!(holiday(region("GB-ENG"), date(2026, 12, 28)).map(|h| h.en), Some("Boxing Day substitute"));
    // Ascension and Labour Day on one day: the first of the country's.
    assert_eq!(name("DE-BW", date(2008, 5, 1)), Some("Tag der Arbeit"));
}

#[test]
fn regions_are_known_by_their_codes() {
    assert_eq!(region("de-by-a").code(), "DE-BY-A");
    assert_eq!(region("AT-9"), region("AT"));
    for unknown in ["", "D", "DE-", "DE-XX", "AT-0", "AT-10", "FR", "GB", " DE"] {
        assert_eq!(unknown.parse::<Region>(), Err(UnknownRegion), "{unknown}");
    }
    let narrower: Vec<&str> = region("DE-BY").narrower().map(Region::code).collect();
    assert_eq!(narrower, ["DE-BY-KATH", "DE-BY-A"]);
    assert_eq!(region("DE-BW").narrower().count(), 0);
    let codes: BTreeSet<&str> = Region::all().map(Region::code).collect();
    assert_eq!(codes.len(), Region::all().count());
    for land in ["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"] {
        assert!(codes.contains(format!("DE-{land}").as_str()), "{land}");
    }
    assert_eq!(codes.iter().filter(|c| c.starts_with("CH-") && c.len() == 5).count(), 26);
}

#[test]
fn no_date_is_too_far() {
    for region in Region::all() {
        for day in [Date::MIN, Date::MAX, date(-1, 12, 25)] {
            let _ = holiday(region, day);
        }
        assert!(!holidays(region, 9999).is_empty());
        assert!(holidays(region, i16::MAX).is_empty());
    }
}
