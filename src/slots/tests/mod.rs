//! Slots, offers and promises: stated cases, and references that go minute by minute.

mod cases;
mod naive;

use jiff::tz::TimeZone;

use super::*;
use crate::hours::{Draft, Overrides};

fn zone(name: &str) -> TimeZone {
    crate::hours::zone(name).expect(name)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// `08:00-12:00 13:00-17:00` for each day from Monday on; missing days are closed.
fn hours(week: &[&str], exceptions: &[(&str, &str)], closed: &[&str]) -> Option<Hours> {
    let windows = |text: &str| text.split_whitespace().map(|window| window.parse().expect(window)).collect();
    let mut draft = Draft::default();
    for (day, text) in draft.week.iter_mut().zip(week) {
        *day = windows(text);
    }
    let opening = |(days, text): &(&str, &str)| crate::hours::Opening {
        days: days.parse().expect("days"),
        windows: windows(text),
    };
    draft.openings = exceptions.iter().map(opening).collect();
    draft.closures = closed.iter().map(|text| text.parse().expect("a closure")).collect();
    Hours::new(draft).ok()
}

/// The first moment at which the clock shows it.
fn at(zone: &TimeZone, text: &str) -> Utc {
    crate::hours::moment(zone, text.parse().expect(text)).expect(text)
}

/// As the clock shows it, with its offset.
fn shown(zone: &TimeZone, at: Utc) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).expect("a moment of ours").to_zoned(zone.clone());
    moment.strftime("%m-%d %H:%M%:z").to_string()
}

fn calendar(hours: Hours, zone: TimeZone, length: u64, seats: u16) -> Calendar {
    let (lead, horizon) = (Duration::ZERO, minutes(14 * 1440));
    let (length, buffer) = (minutes(length), Duration::ZERO);
    Calendar { hours, zone, length, buffer, seats: Seats::Fixed(seats), lead, horizon }
}
