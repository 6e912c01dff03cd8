//! Golden texts, and that nothing which anybody types breaks a calendar.

use icalendar::Component as _;
use icalendar::parser::{read_calendar, unfold};
use proptest::prelude::*;

use super::*;

/// 2026-11-24T08:30:00Z.
const START: Utc = Utc(1_795_509_000_000);

fn event() -> Event {
    Event {
        uid: "0199-1@nightdesk".into(),
        sequence: 0,
        start: START,
        end: Utc(START.0 + 600_000),
        stamp: Utc(START.0 - 86_400_000),
        summary: "Rückruf: Heizung".into(),
        description: String::new(),
        status: Status::Confirmed,
        organizer: None,
        attendee: None,
    }
}

fn invited() -> Event {
    let party = |name: &str, mail: &str| Some(Party { name: name.into(), mail: mail.into() });
    Event {
        sequence: 2,
        description: "Wir rufen Sie an.\r\nNummer: +49 30 23125041; bitte halten Sie die Unterlagen bereit, danke"
            .into(),
        organizer: party("Praxis \"Süd\": Ärzte; Labor", "post@praxis.example"),
        attendee: party("", "anrufer@example.org"),
        ..event()
    }
}

#[test]
fn a_feed_is_read_by_other_calendars() {
    let gone = Event { uid: "0199-2@nightdesk".into(), sequence: 1, status: Status::Cancelled, ..event() };
    insta::assert_snapshot!(shown(&feed("Rückrufe, Praxis Süd", &[event(), gone])));
    assert_eq!(feed("leer", &[]).matches("BEGIN:VEVENT").count(), 0);
}

#[test]
fn invitations_ask_to_enter_and_to_take_out() {
    insta::assert_snapshot!(format!(
        "{}\n{}",
        shown(&invitation(&invited(), Method::Request)),
        shown(&invitation(&invited(), Method::Cancel))
    ));
}

/// Line ends made visible.
fn shown(text: &str) -> String {
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends with CRLF");
    text.replace("\r\n", "⏎\n")
}

#[test]
fn nobody_adds_a_line() {
    let sly = "x\r\nATTENDEE:mailto:other@example.org\r\n\"END:VEVENT\u{b}\u{0}";
    let party = Some(Party { name: sly.into(), mail: sly.into() });
    let event = Event {
        uid: sly.into(),
        summary: sly.into(),
        description: sly.into(),
        organizer: party.clone(),
        attendee: party,
        ..event()
    };
    let text = unfold(&invitation(&event, Method::Request));
    let starts = |key: &str| text.lines().filter(|line| line.starts_with(key)).count();
    assert_eq!(["ATTENDEE", "ORGANIZER", "UID", "SUMMARY", "END:VEVENT", "DTSTAMP"].map(starts), [1; 6], "{text}");
    assert_eq!(text.lines().count(), 18, "{text}");
}

fn any_event() -> impl Strategy<Value = Event> {
    let texts = proptest::collection::vec("(?s).{0,90}", 7);
    (texts, any::<u32>(), 0..4_000_000_000_000_i64).prop_map(|(mut texts, sequence, at)| {
        let mut next = || texts.pop().unwrap_or_default();
        Event {
            uid: next(),
            sequence,
            start: Utc(at),
            end: Utc(at + 1),
            stamp: Utc(at),
            summary: next(),
            description: next(),
            status: Status::Tentative,
            organizer: Some(Party { name: next(), mail: next() }),
            attendee: Some(Party { name: next(), mail: next() }),
        }
    })
}

proptest! {
    #[test]
    fn any_text_gives_a_calendar_that_reads_back(events in proptest::collection::vec(any_event(), 1..3), name in "(?s).{0,200}") {
        let written = feed(&name, &events);
        for line in written.split_terminator("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(char::is_control), "{line:?}");
        }
        let unfolded = unfold(&written);
        let read = read_calendar(&unfolded).map_err(TestCaseError::fail)?;
        prop_assert_eq!(read.components.len(), events.len());
        let calendar = icalendar::Calendar::from(read);
        for (event, read) in events.iter().zip(calendar.events()) {
            let value = |key: &str| read.property_value(key).unwrap_or_default().to_owned();
            prop_assert_eq!(value("SUMMARY"), one_line(&event.summary));
            prop_assert_eq!(value("DESCRIPTION"), text(&event.description));
            prop_assert_eq!(value("UID"), one_line(&event.uid));
            prop_assert_eq!(value("SEQUENCE"), event.sequence.to_string());
            prop_assert_eq!(value("DTSTART"), moment(event.start));
        }
    }
}
