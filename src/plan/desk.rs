//! `[calendar.x]`, `[callbacks]`: which times can be offered, and what becomes of what is promised.

use std::time::Duration;

use super::codes::Code;
use super::finding::{Place, Text};
use super::limits;
use super::model::{Calendar, Callbacks, Kind, Step, Target, To};
use super::read::{Fields, Reader, Thing, short};
use super::times;
use super::value::{duration, show_duration};
use crate::dial;
use crate::hours::weekdays;

pub(super) const CALENDAR: &[&str] = &["hours", "length", "buffer", "seats", "staff", "lead", "horizon"];
pub(super) const CALLBACKS: &[&str] = &[
    "missed",
    "join",
    "reopen",
    "open",
    "strangers",
    "again",
    "message",
    "human",
    "length",
    "seats",
    "hours",
    "warn",
    "lease",
    "personal",
    "retry",
    "tries",
    "allow",
];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl<'t> Reader<'t> {
    /// `[calendar.x]`.
    pub(super) fn calendar(&mut self, fields: &Fields<'t, 't>) -> Calendar {
        let hours = self.named_hours(fields);
        let own = self.own_hours(fields);
        if hours.is_none() && own.is_none() && !self.has_hours {
            self.report(Code::NoHours, fields.place, &[fields.path.as_str().into()]);
        }
        if let (Some(_), Some(value)) = (&own, fields.get("hours")) {
            let place = self.place(value.span());
            self.report(Code::HoursTwice, place, &[fields.path.as_str().into()]);
        }
        let lead = self.duration(fields, "lead", 0..=30 * DAY).unwrap_or(Duration::from_secs(HOUR));
        let horizon = self.duration(fields, "horizon", HOUR..=365 * DAY).unwrap_or(Duration::from_secs(14 * DAY));
        if lead >= horizon {
            let value = fields.get("horizon").or(fields.get("lead"));
            let place = value.map_or(fields.place, |value| self.place(value.span()));
            self.report(Code::Inverted, place, &["lead–horizon".into()]);
        }
        Calendar {
            hours,
            own,
            length: self.duration(fields, "length", 5 * MINUTE..=8 * HOUR).unwrap_or(Duration::from_secs(15 * MINUTE)),
            buffer: self.duration(fields, "buffer", 0..=4 * HOUR).unwrap_or_default(),
            seats: self.count(fields, "seats", 1..=100).unwrap_or(1),
            staff: self.staff(fields),
            lead,
            horizon,
            place: fields.place,
        }
    }

    /// `hours = "x"`.
    fn named_hours(&mut self, fields: &Fields<'t, 't>) -> Option<String> {
        let (name, place) = self.str(fields, "hours")?;
        self.refer(Thing::Hours, name, place);
        Some(name.to_owned())
    }

    /// Windows in the section of a calendar, as in `[hours.x]`. What is neither its key nor one of hours is unknown.
    fn own_hours(&mut self, fields: &Fields<'t, 't>) -> Option<super::HoursPart> {
        let known: Vec<&str> = CALENDAR.iter().chain(times::KEYS).chain(&times::WEEKDAYS).copied().collect();
        let mut also = CALENDAR.to_vec();
        let mut own = false;
        for (key, span, _) in fields.entries() {
            if is_of_hours(key) {
                own = true;
            } else if !CALENDAR.contains(&key) {
                self.unknown_key(fields, key, span, &known);
                also.push(key);
            }
        }
        own.then(|| self.hours(fields, &also))
    }

    fn staff(&mut self, fields: &Fields<'t, 't>) -> Vec<String> {
        let mut staff: Vec<String> = Vec::new();
        for (name, place) in self.list(fields, "staff", limits::STAFF_MAX) {
            if !self.refer(Thing::Hours, name, place) {
                continue;
            }
            if staff.iter().any(|known| known == name) {
                self.report(Code::Twice, place, &[name.into()]);
            } else {
                staff.push(name.to_owned());
            }
        }
        staff
    }

    /// `[callbacks]`.
    pub(super) fn callbacks(&mut self, fields: &Fields<'t, 't>, usual: &Callbacks) -> Callbacks {
        self.known(fields, CALLBACKS);
        Callbacks {
            missed: self.bool(fields, "missed").unwrap_or(usual.missed),
            join: self.duration(fields, "join", 0..=365 * DAY).unwrap_or(usual.join),
            reopen: self.duration(fields, "reopen", 0..=30 * DAY).unwrap_or(usual.reopen),
            open: self.small(fields, "open", 1..=50).unwrap_or(usual.open),
            strangers: self.count(fields, "strangers", 0..=10_000).unwrap_or(usual.strangers),
            again: self.bool(fields, "again").unwrap_or(usual.again),
            message: self.target(fields, "message", false),
            human: self.target(fields, "human", false),
            length: self.duration(fields, "length", MINUTE..=8 * HOUR).unwrap_or(usual.length),
            seats: self.count(fields, "seats", 1..=100).unwrap_or(usual.seats),
            hours: self.named_hours(fields),
            warn: self.duration(fields, "warn", MINUTE..=7 * DAY).unwrap_or(usual.warn),
            lease: self.duration(fields, "lease", MINUTE..=DAY).unwrap_or(usual.lease),
            personal: self.duration(fields, "personal", MINUTE..=30 * DAY).unwrap_or(usual.personal),
            retry: Some(self.retry(fields)).filter(|waits| !waits.is_empty()).unwrap_or(usual.retry.clone()),
            tries: self.small(fields, "tries", 1..=50).unwrap_or(usual.tries),
            allow: self.allow(fields),
            place: fields.place,
        }
    }

    fn count(&mut self, fields: &Fields<'t, 't>, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<u16> {
        self.int(fields, key, range).and_then(|number| u16::try_from(number).ok())
    }

    fn retry(&mut self, fields: &Fields<'t, 't>) -> Vec<Duration> {
        let (min, max) = (Duration::from_secs(MINUTE), Duration::from_secs(30 * DAY));
        let mut waits = Vec::new();
        for (text, place) in self.list(fields, "retry", limits::RETRY_MAX) {
            match duration(text) {
                Some(wait) if min <= wait && wait <= max => waits.push(wait),
                Some(_) => {
                    let args = [short(text), show_duration(min), show_duration(max)].map(Text::from);
                    self.report(Code::DurationRange, place, &args);
                }
                None => self.report(Code::BadDuration, place, &[short(text).into()]),
            }
        }
        waits
    }

    fn allow(&mut self, fields: &Fields<'t, 't>) -> Vec<String> {
        let mut allow: Vec<String> = Vec::new();
        for (text, place) in self.list(fields, "allow", limits::ALLOW_MAX) {
            if !dial::is_allow(text) {
                self.report(Code::BadAllow, place, &[short(text).into()]);
            } else if allow.iter().any(|known| known == text) {
                self.report(Code::Twice, place, &[text.into()]);
            } else {
                allow.push(text.to_owned());
            }
        }
        allow
    }

    /// Whether the targets of `[callbacks]` are what they are for.
    pub(super) fn callback_targets(&mut self, callbacks: &Callbacks, steps: &[Step]) {
        let message = |kind: &Kind| matches!(kind, Kind::Message(_));
        let human = |kind: &Kind| matches!(kind, Kind::Oncall(_) | Kind::Ring(_));
        let message_text = Text::new("eine Nachricht [message.…]", "a message [message.…]");
        let human_text = Text::new("ein Mensch: [oncall.…] oder [ring.…]", "a human: [oncall.…] or [ring.…]");
        self.needs(callbacks.message, steps, message, message_text);
        self.needs(callbacks.human, steps, human, human_text);
    }

    fn needs(&mut self, target: Option<Target>, steps: &[Step], fits: fn(&Kind) -> bool, needed: Text) {
        let Some(Target { to: To::Step(id), place }) = target else { return };
        if let Some(step) = steps.get(id.0 as usize).filter(|step| !fits(&step.kind)) {
            self.report(Code::WrongStep, place, &[step.name.as_str().into(), needed]);
        }
    }

    /// Calendars in which no slot has room: of the longest window of their hours.
    pub(super) fn no_slot(&mut self, path: String, place: Place, length: Duration, minutes: u64) {
        if minutes * MINUTE < length.as_secs() {
            self.report(Code::NoSlot, place, &[path, show_duration(length)].map(Text::from));
        }
    }
}

/// A key of `[hours.x]`, or one that was meant as such.
fn is_of_hours(key: &str) -> bool {
    let first = key.split('-').next().unwrap_or_default();
    times::KEYS.contains(&key) || key.starts_with(|c: char| c.is_ascii_digit()) || weekdays(first).is_ok()
}
