//! Opening hours against stated cases, a naive reference, and a year's end as text.

mod cases;
mod golden;
mod naive;
mod texts;

use jiff::tz::TimeZone;

use super::*;
use crate::clock::Utc;

fn windows(texts: &[&str]) -> Vec<Window> {
    texts.iter().map(|t| t.parse().expect(t)).collect()
}

fn week(mon_thu: &[&str], fri: &[&str], sat: &[&str], sun: &[&str]) -> [Vec<Window>; 7] {
    let [usual, fri, sat, sun] = [mon_thu, fri, sat, sun].map(windows);
    [usual.clone(), usual.clone(), usual.clone(), usual, fri, sat, sun]
}

fn closures(texts: &[&str]) -> Vec<Closure> {
    texts.iter().map(|t| t.parse().expect(t)).collect()
}

fn opening(days: &str, texts: &[&str]) -> Opening {
    Opening { days: days.parse().expect(days), windows: windows(texts) }
}

fn hours(draft: Draft) -> Hours {
    Hours::new(draft).expect("good hours")
}

fn berlin() -> TimeZone {
    zone("Europe/Berlin").expect("a zone that everyone has")
}

/// `2026-12-24T19:30` of Berlin's summer or winter: the first time the clock shows it.
fn local(text: &str) -> Utc {
    let local: jiff::civil::DateTime = text.parse().expect(text);
    let moment = berlin().to_ambiguous_timestamp(local).compatible().expect(text);
    Utc(moment.as_millisecond())
}

/// `2026-10-25T00:30Z`.
fn utc(text: &str) -> Utc {
    Utc(text.parse::<jiff::Timestamp>().expect(text).as_millisecond())
}

/// As the clock in Berlin shows it, with its offset.
fn shown(at: Utc) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).expect("a moment of ours").to_zoned(berlin());
    moment.strftime("%Y-%m-%dT%H:%M%:z").to_string()
}

fn until(hours: &Hours, at: Utc) -> Option<String> {
    state(hours, Overrides::none(), &berlin(), at).until.map(shown)
}

fn is_open(hours: &Hours, at: Utc) -> bool {
    state(hours, Overrides::none(), &berlin(), at).open
}

fn office() -> Draft {
    Draft {
        week: week(&["07:30-12:00", "13:00-17:00"], &["07:30-13:00"], &[], &[]),
        closures: closures(&["12-24", "12-31", "2026-12-28..2027-01-06 Betriebsferien"]),
        holidays: Some("DE-BW".parse().expect("a Land")),
        ..Draft::default()
    }
}
