//! Slots as other calendars read them: a feed, and invitations (RFC 5545, RFC 5546).
//!
//! All times are UTC, so that no time zone has to be described. Texts come from anybody: what is no text (control
//! characters) is left out here, the rest is escaped. Written here: the crate `icalendar` draws ids and reads the
//! clock by itself, folds some lines an octet too late and does not escape NAME; it reads back what we write in tests.

use crate::clock::Utc;

/// RFC 5545 §3.7.3.
const PRODUCT: &str = "-//Nightdesk//Nightdesk//EN";
/// How often a feed is to be asked for again.
const REFRESH: &str = "PT15M";
/// Longest text of a field, in characters.
const TEXT_MAX: usize = 2000;
/// Of a line without its end, in octets.
const LINE_MAX: usize = 75;

/// One slot that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same for ever: a callback's.
    pub uid: String,
    /// Raised by each move, and by a cancellation.
    pub sequence: u32,
    /// When it begins.
    pub start: Utc,
    /// First moment after it.
    pub end: Utc,
    /// When this version of it was made.
    pub stamp: Utc,
    /// In one line.
    pub summary: String,
    /// In some lines; empty: none.
    pub description: String,
    /// Whether it stands.
    pub status: Status,
    /// Who invites.
    pub organizer: Option<Party>,
    /// Who is invited.
    pub attendee: Option<Party>,
}

/// Whether an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is held, and not booked yet.
    Tentative,
    /// It stands.
    Confirmed,
    /// It does not.
    Cancelled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Tentative => "TENTATIVE",
            Status::Confirmed => "CONFIRMED",
            Status::Cancelled => "CANCELLED",
        }
    }
}

/// Somebody with a mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// As people read it; empty: none.
    pub name: String,
    /// `somebody@example.org`.
    pub mail: String,
}

/// What an invitation asks of a calendar (RFC 5546 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Enter it, or change it.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    /// As in `METHOD:` and in the type of a mail's part.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
        }
    }
}

/// A calendar of this name.
pub fn feed(name: &str, events: &[Event]) -> String {
    let mut out = Lines::begin();
    out.property("NAME", &escaped(&one_line(name)));
    out.property("X-WR-CALNAME", &escaped(&one_line(name)));
    out.property("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    out.property("X-PUBLISHED-TTL", REFRESH);
    for event in events {
        out.event(event, event.status);
    }
    out.end()
}

/// One event for the one who is invited.
pub fn invitation(event: &Event, method: Method) -> String {
    let mut out = Lines::begin();
    out.property("METHOD", method.as_str());
    out.event(event, if method == Method::Cancel { Status::Cancelled } else { event.status });
    out.end()
}

/// Content lines (RFC 5545 §3.1).
struct Lines(String);

impl Lines {
    fn begin() -> Lines {
        let mut out = Lines(String::new());
        for (name, value) in
            [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN")]
        {
            out.property(name, value);
        }
        out
    }

    fn end(mut self) -> String {
        self.property("END", "VCALENDAR");
        self.0
    }

    /// `name` with its parameters, and the value as it stands there: folded, so that no line has more than 75 octets.
    fn property(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if octets + c.len_utf8() > LINE_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn event(&mut self, event: &Event, status: Status) {
        self.property("BEGIN", "VEVENT");
        self.property("UID", &escaped(&one_line(&event.uid)));
        self.property("SEQUENCE", &event.sequence.to_string());
        self.property("DTSTAMP", &moment(event.stamp));
        self.property("DTSTART", &moment(event.start));
        self.property("DTEND", &moment(event.end));
        self.property("STATUS", status.as_str());
        self.property("SUMMARY", &escaped(&one_line(&event.summary)));
        if !event.description.is_empty() {
            self.property("DESCRIPTION", &escaped(&text(&event.description)));
        }
        if let Some(party) = &event.organizer {
            self.party("ORGANIZER", party);
        }
        if let Some(party) = &event.attendee {
            // Who booked has said yes already.
            self.party("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", party);
        }
        self.property("END", "VEVENT");
    }

    fn party(&mut self, name: &str, party: &Party) {
        let mail: String =
            party.mail.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(TEXT_MAX).collect();
        // RFC 5545 §3.2: a parameter's value cannot hold the quotes that it stands in.
        let shown = one_line(&party.name).replace('"', "'");
        let name = if shown.trim().is_empty() { name.to_owned() } else { format!("{name};CN=\"{shown}\"") };
        self.property(&name, &format!("mailto:{mail}"));
    }
}

/// RFC 5545 §3.3.5, form 2.
fn moment(at: Utc) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545 §3.3.11.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Without control characters but for the ends of lines.
fn text(from: &str) -> String {
    from.chars().filter(|c| *c == '\n' || !c.is_control()).take(TEXT_MAX).collect()
}

fn one_line(from: &str) -> String {
    text(from).replace('\n', " ")
}

#[cfg(test)]
mod tests;
