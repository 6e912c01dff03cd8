//! Where a call goes first, and why: the one evaluator of engine, simulator and page.
//!
//! In this order, the first that matches counts: the rules in the order of the text; what was set by hand
//! (open or closed); `on.DAY`; the hours. By hand goes before `on.DAY`: who opens on a holiday means it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::setting::{Setting, Visitor};
use crate::clock::Utc;
use crate::hours::{self, State};
use crate::plan::{Caller, DayMatch, DayTarget, Rule, Target};

/// Where a call goes first.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Where.
    pub target: Target,
    /// Why.
    pub why: Why<'a>,
    /// Open or closed, and until when; none: a line without hours.
    pub state: Option<State<'a>>,
}

/// Why a call goes where it goes.
#[derive(Clone, Copy, Debug)]
pub enum Why<'a> {
    /// A rule matches.
    Rule(&'a Rule),
    /// `on.DAY` matches.
    Day(&'a DayTarget),
    /// There are no hours.
    Always,
    /// Open or closed.
    Hours(State<'a>),
}

/// Where a call of `visitor` goes that comes at `at`.
pub fn route<'a>(setting: &'a Setting, visitor: &Visitor, at: Utc) -> Route<'a> {
    let line = &setting.plan.line;
    let state = state(setting, at);
    let open = state.is_none_or(|state| state.open);
    let found = |target: Target, why: Why<'a>| Route { target, why, state };
    if let Some(rule) = setting.plan.rules.iter().find(|rule| matches(rule, visitor, open)) {
        return found(rule.target, Why::Rule(rule));
    }
    let by_hand = state.is_some_and(|state| matches!(state.why, hours::Why::Override(_)));
    if !by_hand && let Some(day) = line.days.iter().find(|day| is_on(day, setting, local(at, &line.zone))) {
        return found(day.target, Why::Day(day));
    }
    let target = if open { line.open } else { line.closed.unwrap_or(line.open) };
    found(target, state.map_or(Why::Always, Why::Hours))
}

/// Whether the line is open at `at`, why and until when; none: it has no hours and nothing was set by hand.
pub fn state(setting: &Setting, at: Utc) -> Option<State<'_>> {
    Some(hours::state(setting.hours()?, &setting.overrides, &setting.plan.line.zone, at))
}

/// The wall clock of a moment.
pub(super) fn local(at: Utc, zone: &TimeZone) -> DateTime {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_datetime(at)
}

fn is_on(day: &DayTarget, setting: &Setting, now: DateTime) -> bool {
    let date = now.date();
    match &day.when {
        DayMatch::Days(days) => days.contains(date),
        DayMatch::Weekdays(weekdays) => weekdays.contains(&date.weekday()),
        DayMatch::Holidays => {
            let region = setting.plan.line_hours().and_then(|part| part.hours.parts().holidays);
            region.and_then(|region| hours::holiday(region, date)).is_some()
        }
    }
}

fn matches(rule: &Rule, visitor: &Visitor, open: bool) -> bool {
    rule.open.is_none_or(|wanted| wanted == open)
        && (rule.called.is_empty() || rule.called.contains(&visitor.called))
        && (rule.callers.is_empty() || rule.callers.iter().any(|caller| is_caller(caller, visitor)))
}

fn is_caller(caller: &Caller, visitor: &Visitor) -> bool {
    let number = visitor.caller.as_deref();
    let contact = visitor.contact.as_ref();
    match caller {
        Caller::Contact => contact.is_some(),
        Caller::Unknown => number.is_some() && contact.is_none(),
        Caller::Vip => contact.is_some_and(|contact| contact.vip),
        Caller::Blocked => contact.is_some_and(|contact| contact.blocked),
        Caller::Withheld => number.is_none(),
        Caller::List(list) => contact.is_some_and(|contact| contact.lists.contains(list)),
        Caller::Country(code) => number.is_some_and(|number| country(number).is_some_and(|found| found == *code)),
        Caller::Number(wanted) => number == Some(wanted),
        Caller::Prefix(prefix) => number.is_some_and(|number| number.starts_with(prefix.as_str())),
    }
}

/// ISO 3166 code of a number in E.164 form.
fn country(number: &str) -> Option<String> {
    let parsed = number.starts_with('+').then(|| phonenumber::parse(None, number).ok()).flatten()?;
    parsed.country().id().map(|id| id.as_ref().to_owned())
}
