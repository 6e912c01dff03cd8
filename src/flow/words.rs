//! What a step says, as prompts and sentences in words.

use std::time::Duration;

use super::Say;
use super::route::{self, local};
use super::setting::{Setting, Visitor};
use crate::clock::Utc;
use crate::hours::{self, State, Why};
use crate::ids::Language;
use crate::plan::{self, Piece, Template, Value};
use crate::speech;

/// All offsets of time zones are whole quarters of an hour today.
const QUARTER_MS: i64 = 15 * 60 * 1000;
/// Prompts that name others, at most this deep: the checker refuses circles, this one needs no trust.
const NESTED_MAX: u8 = 4;

/// What sentences are made with.
pub(super) struct Words<'a> {
    pub setting: &'a Setting,
    pub visitor: &'a Visitor,
    pub language: Language,
    pub now: Utc,
    /// Opening time until somebody calls back, as the last message step promised it.
    pub promise: Option<Duration>,
    /// By when that is, where the desk said so.
    pub by: Option<Utc>,
}

impl Words<'_> {
    /// What is said, in the language of the call. A sentence with a value that is not known now (a withheld
    /// number, no reason) is left out as a whole.
    pub(super) fn say(&self, say: &plan::Say) -> Vec<Say> {
        let mut said = Vec::new();
        self.add(say.get(self.language), NESTED_MAX, &mut said);
        said
    }

    /// Told to callers of a line that was closed by hand, where the first step does not say until when.
    pub(super) fn closed_by_hand(&self, first: Option<&plan::Say>) -> Option<Say> {
        let state = route::state(self.setting, self.now)?;
        let Why::Override(_) = state.why else { return None };
        let told = first.is_some_and(|say| {
            let tells = |piece: &Piece| matches!(piece, Piece::Text(text) if text.values.contains(&Value::Until));
            say.get(self.language).iter().any(tells)
        });
        if state.open || told {
            return None;
        }
        let text = match self.language {
            Language::De => "{reason}. Wir haben zurzeit geschlossen, {until}.",
            Language::En => "{reason}. We are closed at the moment, {until}.",
        };
        self.sentence(&Template { text: text.to_owned(), values: vec![Value::Reason, Value::Until] })
    }

    fn add(&self, pieces: &[Piece], depth: u8, said: &mut Vec<Say>) {
        for piece in pieces {
            match piece {
                Piece::Text(template) => said.extend(self.sentence(template)),
                Piece::Prompt(id) => match self.setting.plan.prompts.get(id) {
                    Some(text) if depth > 0 => {
                        let found = text.pieces.iter().find(|(of, _)| *of == self.language).or(text.pieces.first());
                        self.add(found.map_or(&[], |(_, pieces)| pieces), depth.saturating_sub(1), said);
                    }
                    _ => said.push(Say::prompt(id.clone(), self.language)),
                },
            }
        }
    }

    /// Without the sentences whose values are not known just now; none when nothing is left.
    fn sentence(&self, template: &Template) -> Option<Say> {
        let state = route::state(self.setting, self.now);
        let known = |value: &Value| Some((*value, self.value(*value, state.as_ref())?));
        let known: Vec<(Value, speech::Say)> = template.values.iter().filter_map(known).collect();
        let text = template.known(|value| known.iter().any(|(of, _)| *of == value))?;
        let values = known.into_iter().fold(speech::Values::new(), |all, (of, say)| all.with(of.name(), say));
        let words = speech::render(&text, &values, self.language).ok()?;
        (!words.is_empty()).then_some(Say::Spoken { words, language: self.language })
    }

    fn value(&self, value: Value, state: Option<&State<'_>>) -> Option<speech::Say> {
        let zone = &self.setting.plan.line.zone;
        let now = local(self.now, zone);
        match value {
            Value::Business => Some(speech::Say::Text(self.setting.business().to_owned())),
            Value::Caller => self.visitor.caller.clone().map(speech::Say::Phone),
            Value::Until => {
                let end = speech::End::At(local(state?.until?, zone));
                Some(speech::Say::Until { end, now })
            }
            Value::Promise => Some(self.promise_say(self.promised()?)),
            Value::HoursToday => Some(speech::Say::Hours(windows(self.setting.hours()?, now.date()))),
            Value::Reason => reason(state?).map(|reason| speech::Say::Text(reason.to_owned())),
        }
    }
}

impl Words<'_> {
    /// The latest moment of the promise: the desk's; where that has said nothing, by the hours alone.
    pub(super) fn promised(&self) -> Option<Utc> {
        let minutes = self.promise?.as_secs() / 60;
        self.by.or_else(|| {
            let (hours, zone) = (self.setting.hours()?, &self.setting.plan.line.zone);
            let by = hours::after_opening_minutes(hours, &self.setting.overrides, zone, self.now, minutes)?;
            Some(self.rounded(by, hours))
        })
    }

    pub(super) fn promise_say(&self, by: Utc) -> speech::Say {
        let zone = &self.setting.plan.line.zone;
        speech::Say::Promise { by: local(by, zone), now: local(self.now, zone) }
    }

    /// Whether these pieces say this value, where it is known.
    pub(super) fn says(&self, say: &plan::Say, value: Value) -> bool {
        self.piece_says(say.get(self.language), value, NESTED_MAX)
    }

    fn piece_says(&self, pieces: &[Piece], value: Value, depth: u8) -> bool {
        pieces.iter().any(|piece| match piece {
            Piece::Text(template) => template.values.contains(&value),
            Piece::Prompt(id) => match self.setting.plan.prompts.get(id) {
                Some(text) if depth > 0 => {
                    text.pieces.iter().any(|(_, pieces)| self.piece_says(pieces, value, depth.saturating_sub(1)))
                }
                _ => false,
            },
        })
    }

    /// The next quarter of an hour, as people promise it; the moment itself where that is after closing.
    fn rounded(&self, by: Utc, hours: &hours::Hours) -> Utc {
        let quarter = Utc(by.0.saturating_add(QUARTER_MS - 1).div_euclid(QUARTER_MS).saturating_mul(QUARTER_MS));
        let before = quarter.before(Duration::from_millis(1));
        let state = hours::state(hours, &self.setting.overrides, &self.setting.plan.line.zone, before);
        if state.open { quarter } else { by }
    }
}

fn reason<'a>(state: &State<'a>) -> Option<&'a str> {
    match state.why {
        Why::Closure { closure, .. } => closure.reason.as_deref(),
        Why::Override(by_hand) if !state.open => by_hand.reason(),
        _ => None,
    }
}

fn windows(hours: &hours::Hours, date: jiff::civil::Date) -> Vec<speech::Window> {
    let time = |at: hours::ClockTime| {
        let minutes = i8::try_from(at.minutes() / 60 % 24).ok().zip(i8::try_from(at.minutes() % 60).ok());
        minutes.and_then(|(hour, minute)| jiff::civil::Time::new(hour, minute, 0, 0).ok()).unwrap_or_default()
    };
    hours.windows_of(date).iter().map(|w| speech::Window { from: time(w.from()), to: time(w.to()) }).collect()
}
