//! The turn of the year in a German office, as text.

use std::fmt::Write;

use jiff::civil::{Date, date};

use super::*;

fn because(why: &Why<'_>) -> String {
    match why {
        Why::Window { date, window, source } => format!("{window} of {date} ({})", named(source)),
        Why::Outside { source, .. } => format!("outside the hours of {}", named(source)),
        Why::Closure { index, closure, .. } => format!("closed[{index}] {closure}"),
        Why::Holiday { holiday, .. } => format!("{} / {}", holiday.de, holiday.en),
        Why::Override(o) => format!("set by {}: {}", o.by(), o.reason().unwrap_or("no reason")),
    }
}

fn named(source: &Source<'_>) -> String {
    match source {
        Source::Week(day) => format!("{day:?}"),
        Source::Opening(at, opening) => format!("opening[{at}] {}", opening.days),
        Source::Holiday(holiday) => holiday.de.to_owned(),
        Source::Closure(at, closure) => format!("closed[{at}] {closure}"),
    }
}

/// Each change from `first` to before `last`, with its reason and how long it lasts.
fn timeline(hours: &Hours, overrides: &Overrides, first: Date, last: Date) -> String {
    let mut text = String::new();
    let mut at = local(&format!("{first}T00:00"));
    while at < local(&format!("{last}T00:00")) {
        let found = state(hours, overrides, &berlin(), at);
        let open = if found.open { "open  " } else { "closed" };
        let until = found.until.map_or("for good".to_owned(), shown);
        writeln!(text, "{} {open} until {until}  {}", shown(at), because(&found.why)).expect("a string");
        // At midnight the reason may be another, though it stays closed.
        let midnight = Utc(at.0 + 86_400_000 - (at.0 + 3_600_000).rem_euclid(86_400_000));
        at = found.until.map_or(midnight, |until| until.min(midnight));
    }
    text
}

#[test]
fn a_german_office_at_the_turn_of_the_year() {
    let office = hours(Draft {
        openings: vec![opening("2026-12-30", &["09:00-11:00"])],
        closures: closures(&["12-24 from 12:00 Heiligabend", "12-31", "2026-12-28..2027-01-05 Betriebsferien"]),
        ..office()
    });
    let days = std::iter::successors(Some(date(2026, 12, 21)), |d| d.tomorrow().ok()).take(20);
    let mut text = String::new();
    for day in days {
        let windows: Vec<String> = office.windows_of(day).iter().map(Window::to_string).collect();
        let day_of = office.day(day);
        let windows = if windows.is_empty() { "–".to_owned() } else { windows.join(" ") };
        writeln!(text, "{day} {:<9?} {windows:<24} {}", day.weekday(), named(&day_of.source)).expect("a string");
    }
    insta::assert_snapshot!("the_turn_of_the_year_by_day", text);

    let by_hand = Override::new(
        false,
        local("2027-01-07T10:15"),
        local("2027-01-08T08:00"),
        local("2027-01-07T10:15"),
        Some("Rohrbruch".to_owned()),
        "Telefon".to_owned(),
    );
    let overrides = Overrides::new(vec![by_hand.expect("an override")]);
    let text = timeline(&office, &overrides, date(2026, 12, 23), date(2027, 1, 9));
    insta::assert_snapshot!("the_turn_of_the_year_by_change", text);
}
