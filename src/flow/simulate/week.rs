//! A week at a glance: when which step answers, and why.

use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::super::route::{Route, route};
use super::super::setting::{Setting, Visitor};
use crate::clock::Utc;
use crate::hours;
use crate::plan::{Text, To};

/// A time in which every call of somebody begins at the same step for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// First moment, RFC 3339 with the offset of the line's time zone.
    pub from: String,
    /// First moment after it.
    pub until: String,
    /// Open or closed; none: a line without hours.
    pub open: Option<bool>,
    /// Where calls begin.
    pub step: String,
    /// Why.
    pub why: Text,
    /// The line of the plan that decides; none: it was set by hand.
    pub line: Option<usize>,
    /// As [`Stretch::from`].
    #[serde(skip)]
    pub starts: Utc,
    /// As [`Stretch::until`].
    #[serde(skip)]
    pub ends: Utc,
}

/// Stretches of one week at most: 7 days of windows, each with its edges.
const STRETCHES_MAX: usize = 2_000;

/// The seven days from `from` on, without holes.
pub fn week(setting: &Setting, visitor: &Visitor, from: Utc) -> Vec<Stretch> {
    let end = later(from, 7, setting);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut at = from;
    while at < end && stretches.len() < STRETCHES_MAX {
        let found = route(setting, visitor, at);
        let until = next(setting, at).min(end);
        let stretch = stretch(setting, &found, at, until);
        match stretches.last_mut() {
            Some(last) if (last.open, &last.step, &last.why) == (stretch.open, &stretch.step, &stretch.why) => {
                (last.until, last.ends) = (stretch.until, until);
            }
            _ => stretches.push(stretch),
        }
        at = until;
    }
    stretches
}

fn stretch(setting: &Setting, found: &Route<'_>, at: Utc, until: Utc) -> Stretch {
    let step = match found.target.to {
        To::Step(step) => setting.plan.step(step).map(|step| step.name.clone()),
        To::Back => None,
    };
    Stretch {
        from: super::wall(at, setting),
        until: super::wall(until, setting),
        open: found.state.map(|state| state.open),
        step: step.unwrap_or_default(),
        why: found.explained(setting),
        line: found.decided_at(setting).map(|place| place.line),
        starts: at,
        ends: until,
    }
}

/// The first moment after `at` at which it may be otherwise: an edge of the hours, or midnight.
fn next(setting: &Setting, at: Utc) -> Utc {
    let zone = &setting.plan.line.zone;
    let edge = setting.hours().and_then(|hours| hours::next_reason(hours, &setting.overrides, zone, at));
    edge.into_iter().chain([later(at, 1, setting)]).min().unwrap_or(at)
}

/// Midnight of so many days later.
fn later(at: Utc, days: i64, setting: &Setting) -> Utc {
    let zone = setting.plan.line.zone.clone();
    let now = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
    let then = now.checked_add(days.days()).and_then(|then| then.start_of_day());
    then.map_or(Utc(at.0.saturating_add(days.saturating_mul(86_400_000))), |then| {
        Utc(then.timestamp().as_millisecond())
    })
}
