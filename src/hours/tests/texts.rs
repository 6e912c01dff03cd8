//! Texts of plans and what they mean.

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;

#[test]
fn windows_are_read() {
    for (text, form, minutes) in [
        ("07:30-12:00", "07:30-12:00", 270),
        ("7:30 – 12:00", "07:30-12:00", 270),
        ("7.30-12.00", "07:30-12:00", 270),
        ("00:00-24:00", "00:00-24:00", 1440),
        ("18:00-24:00", "18:00-24:00", 360),
        ("22:00-02:00", "22:00-02:00", 240),
        ("22:00-00:00", "22:00-24:00", 120),
        ("17:00-11:00", "17:00-11:00", 1080),
    ] {
        let window: Window = text.parse().expect(text);
        assert_eq!((window.to_string().as_str(), window.minutes()), (form, minutes), "{text}");
        assert_eq!(form.parse(), Ok(window));
    }
    assert!("22:00-02:00".parse::<Window>().expect("a window").crosses_midnight());
    assert!(!"22:00-00:00".parse::<Window>().expect("a window").crosses_midnight());
    for text in
        ["", "08:00", "08:00-", "8-12", "08:60-12:00", "25:00-26:00", "08:00-24:01", "08:0-12:00", "+8:00-12:00"]
    {
        assert_eq!(text.parse::<Window>(), Err(BadWindow::Form), "{text}");
    }
    assert_eq!("08:00-08:00".parse::<Window>(), Err(BadWindow::Empty));
    assert_eq!("24:00-08:00".parse::<Window>(), Err(BadWindow::Empty));
    let swapped = "17:00-12:00".parse::<Window>().expect_err("swapped");
    assert!(swapped.to_string().contains("12:00-17:00 would be right"), "{swapped}");
}

#[test]
fn days_are_read() {
    let read = |text: &str| text.parse::<Days>();
    assert_eq!(read("2026-12-24"), Ok(Days::Date(date(2026, 12, 24))));
    assert_eq!(read("2026-12-28..2027-01-06"), Ok(Days::Range(date(2026, 12, 28), date(2027, 1, 6))));
    for text in ["2026-12-24", "12-24", "02-29", "2028-02-29", "12-24..01-06", "2026-12-28..2027-01-06"] {
        assert_eq!(read(text).map(|d| d.to_string()).as_deref(), Ok(text));
    }
    assert_eq!(read("02-30"), Err(BadDays::NoSuchDay));
    assert_eq!(read("2026-02-29"), Err(BadDays::NoSuchDay));
    assert_eq!(read("2026-13-01"), Err(BadDays::NoSuchDay));
    assert_eq!(read("2027-01-06..2026-12-28"), Err(BadDays::Inverted));
    assert_eq!(read("2026-12-28..01-06"), Err(BadDays::Mixed));
    assert_eq!(read("0226-12-24"), Err(BadDays::Year));
    for text in ["", "24.12.", "24.12.2026", "12-24-", "1-2", "26-12-24", "12–24", "-12-24", "..", "12-24..", "+1-24"]
    {
        assert_eq!(read(text), Err(BadDays::Form), "{text}");
    }
    let turn = read("12-24..01-06").expect("days");
    assert!(turn.contains(date(2026, 12, 31)) && turn.contains(date(2030, 1, 6)) && turn.contains(date(2026, 12, 24)));
    assert!(!turn.contains(date(2026, 12, 23)) && !turn.contains(date(2027, 1, 7)));
}

#[test]
fn weekdays_are_read() {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    assert_eq!(weekdays("mon-thu"), Ok(vec![Monday, Tuesday, Wednesday, Thursday]));
    assert_eq!(weekdays("Fri"), Ok(vec![Friday]));
    assert_eq!(weekdays("sa-mo"), Ok(vec![Saturday, Sunday, Monday]));
    assert_eq!(weekdays("täglich").map(|d| d.len()), Ok(7));
    for text in ["", "mon-", "-mon", "mon-thu-fri", "moon", "mon,tue", "1"] {
        assert_eq!(weekdays(text), Err(BadWeekdays), "{text}");
    }
}

#[test]
fn closures_are_read() {
    let read = |text: &str| text.parse::<Closure>().map(|c| (c.to_string(), c.part, c.reason));
    let whole = |text: &str, reason: &str| Ok((text.to_owned(), Part::Whole, Some(reason.to_owned())));
    assert_eq!(read("12-24"), Ok(("12-24".to_owned(), Part::Whole, None)));
    assert_eq!(
        read("  2026-12-28..2027-01-06   Betriebsferien "),
        whole("2026-12-28..2027-01-06 Betriebsferien", "Betriebsferien")
    );
    assert_eq!(read("12-24 ab in den Urlaub"), whole("12-24 ab in den Urlaub", "ab in den Urlaub"));
    let noon = ClockTime::new(12, 0).expect("noon");
    let reason = Some("Silvester".to_owned());
    assert_eq!(
        read("12-31 ab 12:00 Silvester"),
        Ok(("12-31 from 12:00 Silvester".to_owned(), Part::From(noon), reason))
    );
    assert_eq!(read("12-27 bis 12:00"), Ok(("12-27 until 12:00".to_owned(), Part::Until(noon), None)));
    assert_eq!(read("12-32"), Err(BadClosure::Days(BadDays::NoSuchDay)));
    assert_eq!(read("12-31 ab 12:99"), Err(BadClosure::Time(BadTime)));
    assert_eq!(read(&format!("12-31 {}", "a".repeat(201))), Err(BadClosure::Reason));
    assert_eq!(read(""), Err(BadClosure::Days(BadDays::Form)));
}

#[test]
fn zones_are_known_by_their_names() {
    assert!(zone("Europe/Berlin").is_ok() && zone("UTC").is_ok());
    for name in ["", "Berlin", "Europe/Berlim", "../etc/localtime", "\0"] {
        assert_eq!(zone(name).map(|_| ()), Err(UnknownZone), "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_panic(text in "\\PC{0,40}|[0-9 .:fromabis\\-–]{0,30}") {
        let _ = (text.parse::<Window>(), text.parse::<Days>(), text.parse::<Region>(), weekdays(&text));
        if let Ok(closure) = text.parse::<Closure>() {
            // The form in which it is shown says the same.
            prop_assert_eq!(closure.to_string().parse::<Closure>(), Ok(closure));
        }
    }

    #[test]
    fn no_moment_makes_a_panic(at in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -400_000_000_000_000..400_000_000_000_000i64], zone_at in 0..super::naive::ZONES.len()) {
        let office = hours(office());
        let zone = zone(super::naive::ZONES[zone_at]).expect("a zone");
        for hours in [&office, &Hours::always(), &Hours::default()] {
            let found = state(hours, Overrides::none(), &zone, Utc(at));
            prop_assert!(found.until.is_none_or(|until| until > Utc(at)));
            opening_minutes(hours, Overrides::none(), &zone, Utc(at)..Utc(at.saturating_add(9_000_000_000)));
            after_opening_minutes(hours, Overrides::none(), &zone, Utc(at), 90);
        }
        for day in [Date::MIN, Date::MAX] {
            office.windows_of(day);
        }
    }
}
