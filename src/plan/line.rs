//! `[line]` and `[rule.x]`: which calls are meant, and where they go.

use std::collections::HashSet;

use super::codes::Code;
use super::finding::{Finding, Place, Text};
use super::limits;
use super::model::{Caller, DayMatch, DayTarget, Line, Rule, Target};
use super::read::{Fields, NOWHERE, Reader, Thing, short};
use super::value::is_name;
use crate::hours;
use crate::ids::Language;

pub(super) const LINE_KEYS: &[&str] = &["business", "numbers", "language", "timezone", "hours", "open", "closed", "on"];
pub(super) const RULE_KEYS: &[&str] = &["caller", "called", "when", "to"];
const CALLERS: [(&str, Caller); 5] = [
    ("contact", Caller::Contact),
    ("unknown", Caller::Unknown),
    ("vip", Caller::Vip),
    ("blocked", Caller::Blocked),
    ("withheld", Caller::Withheld),
];
/// What the time zone is where the plan names none.
const TIMEZONE: &str = "Europe/Berlin";

impl<'t> Reader<'t> {
    /// What everything else is read with: the languages, and whether there are hours.
    pub(super) fn line_head(&mut self, fields: &Fields<'t, 't>) {
        let mut languages: Vec<Language> = Vec::new();
        for (text, place) in self.list(fields, "language", Language::ALL.len()) {
            match self.language(text, place) {
                Some(language) if languages.contains(&language) => self.report(Code::Twice, place, &[text.into()]),
                Some(language) => languages.push(language),
                None => {}
            }
        }
        if languages.is_empty() {
            languages.push(Language::De);
        }
        self.languages = languages;
        self.has_hours = fields.has("hours");
    }

    /// `[line]`, after all names are known.
    pub(super) fn line(&mut self, fields: &Fields<'t, 't>) -> Line {
        self.known(fields, LINE_KEYS);
        let business = self.str(fields, "business").map(|(text, _)| text.to_owned());
        let numbers = self.numbers(fields);
        let (timezone, zone) = self.timezone(fields);
        let hours = self.str(fields, "hours").map(|(name, place)| {
            self.refer(Thing::Hours, name, place);
            name.to_owned()
        });
        let days = self.days(fields, hours.is_some());
        let open = self.need_target(fields, "open");
        let closed = self.closed(fields, hours.is_some());
        let languages = self.languages.clone();
        Line { business, numbers, languages, timezone, zone, hours, days, open, closed, place: fields.place }
    }

    fn closed(&mut self, fields: &Fields<'t, 't>, has_hours: bool) -> Option<Target> {
        if has_hours {
            return Some(self.need_target(fields, "closed"));
        }
        if let Some(value) = fields.get("closed") {
            let place = self.place(value.span());
            self.report(Code::NoHours, place, &["closed".into()]);
        }
        self.target(fields, "closed", false)
    }

    fn numbers(&mut self, fields: &Fields<'t, 't>) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut numbers = Vec::new();
        for (text, place) in self.list(fields, "numbers", limits::NUMBERS_MAX) {
            let Some(number) = self.number(text, place) else { continue };
            if self.ctx.foreign_numbers.contains(&number) {
                self.report(Code::ForeignTenant, place, &[number.as_str().into()]);
            }
            if seen.insert(number.clone()) {
                numbers.push(number);
            } else {
                self.report(Code::Twice, place, &[number.as_str().into()]);
            }
        }
        numbers
    }

    fn timezone(&mut self, fields: &Fields<'t, 't>) -> (String, jiff::tz::TimeZone) {
        let Some((name, place)) = self.str(fields, "timezone") else {
            return (TIMEZONE.to_owned(), hours::zone(TIMEZONE).unwrap_or(jiff::tz::TimeZone::UTC));
        };
        let zone = hours::zone(name).unwrap_or_else(|_| {
            let bundled = jiff::tz::TimeZoneDatabase::bundled();
            let known: Vec<String> = bundled.available().map(|zone| zone.as_str().to_owned()).collect();
            let names = known.iter().map(String::as_str);
            self.report_near(Code::BadTimezone, place, &[short(name).into()], name, names);
            jiff::tz::TimeZone::UTC
        });
        (name.to_owned(), zone)
    }

    /// `on."12-24" = "…"`, `on.sat = "…"`, `on.holidays = "…"`.
    fn days(&mut self, fields: &Fields<'t, 't>, has_hours: bool) -> Vec<DayTarget> {
        let Some(on) = fields.has("on").then(|| self.table(fields, "on")).flatten() else { return Vec::new() };
        if on.table.len() > limits::DAYS_MAX {
            self.too_big(on.place, on.table.len(), limits::DAYS_MAX, Text::new("Tagen", "days"));
        }
        let mut days = Vec::new();
        for (key, span, value) in on.entries().into_iter().take(limits::DAYS_MAX) {
            let place = self.place(span);
            let when = self.day_match(key, place, has_hours);
            let target = self.as_target(key, value, false);
            if let (Some(when), Some(target)) = (when, target) {
                days.push(DayTarget { when, target });
            }
        }
        days
    }

    fn day_match(&mut self, key: &str, place: Place, has_hours: bool) -> Option<DayMatch> {
        if key == "holidays" {
            if !has_hours {
                self.report(Code::NoHours, place, &["holidays".into()]);
            }
            return Some(DayMatch::Holidays);
        }
        if let Ok(weekdays) = hours::weekdays(key) {
            return Some(DayMatch::Weekdays(weekdays));
        }
        match key.parse() {
            Ok(days) => {
                self.is_past(&days, key, place);
                Some(DayMatch::Days(days))
            }
            Err(problem) if key.starts_with(|c: char| c.is_ascii_digit()) => {
                self.bad_days(key, place, problem);
                None
            }
            Err(_) => {
                let known = super::times::day_keys();
                self.report_near(Code::BadDays, place, &[short(key).into()], key, known.iter().map(String::as_str));
                None
            }
        }
    }

    /// `[rule.x]`.
    pub(super) fn rule(&mut self, name: &str, fields: &Fields<'t, 't>, numbers: &HashSet<String>) -> Rule {
        self.known(fields, RULE_KEYS);
        let mut callers = Vec::new();
        for (text, place) in self.list(fields, "caller", limits::CALLERS_MAX) {
            callers.extend(self.caller(text, place));
        }
        let mut called = Vec::new();
        for (text, place) in self.list(fields, "called", limits::CALLERS_MAX) {
            let Some(number) = self.number(text, place) else { continue };
            if !numbers.is_empty() && !numbers.contains(&number) {
                self.report(Code::NotOurNumber, place, &[number.as_str().into()]);
            }
            called.push(number);
        }
        let open = self.choice(fields, "when", &[("open", true), ("closed", false)]);
        if let (Some(_), false) = (open, self.has_hours) {
            let place = fields.get("when").map_or(fields.place, |value| self.place(value.span()));
            self.report(Code::NoHours, place, &["when".into()]);
        }
        let target = if fields.has("to") { self.target(fields, "to", false) } else { None };
        if !fields.has("to") {
            self.missing(fields, "to", "to = \"message.NAME\"");
        }
        let target = target.unwrap_or(NOWHERE);
        Rule { name: name.to_owned(), callers, called, open, target, place: fields.place }
    }

    fn caller(&mut self, text: &str, place: Place) -> Option<Caller> {
        if let Some((_, caller)) = CALLERS.iter().find(|(name, _)| *name == text) {
            return Some(caller.clone());
        }
        if let Some(list) = text.strip_prefix("list:").filter(|list| is_name(list)) {
            let ctx = self.ctx;
            if let Some(lists) = ctx.lists.as_ref().filter(|lists| !lists.contains(list)) {
                self.report_near(Code::NoList, place, &[list.into()], list, lists.iter().map(String::as_str));
            }
            return Some(Caller::List(list.to_owned()));
        }
        if let Some(country) = text.strip_prefix("country:")
            && country.len() == 2
            && country.parse::<phonenumber::country::Id>().is_ok()
        {
            return Some(Caller::Country(country.to_owned()));
        }
        if let Some(prefix) = text.strip_suffix('*') {
            let digits = prefix.strip_prefix('+').unwrap_or_default();
            if (1..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
                return Some(Caller::Prefix(prefix.to_owned()));
            }
        } else if text.starts_with(['+', '0']) {
            return self.number(text, place).map(Caller::Number);
        }
        let names = CALLERS.iter().map(|(name, _)| *name);
        self.report_near(Code::BadCaller, place, &[short(text).into()], text, names);
        None
    }

    /// Rules that can never have their turn.
    pub(super) fn shadowed(&mut self, rules: &[Rule]) {
        let mut found = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let before = rules.get(..at).unwrap_or_default();
            if let Some(first) = before.iter().find(|first| covers(first, rule)) {
                let args = [rule.name.as_str().into(), first.name.as_str().into()];
                found.push(Finding::new(Code::RuleShadowed, rule.place, &args));
            }
        }
        for finding in found {
            self.find(finding);
        }
    }
}

/// Whenever `rule` would match, `first` does.
fn covers(first: &Rule, rule: &Rule) -> bool {
    let wider = |wide: &Caller, narrow: &Caller| {
        wide == narrow
            || match (wide, narrow) {
                (Caller::Prefix(prefix), Caller::Number(number) | Caller::Prefix(number)) => number.starts_with(prefix),
                (Caller::Contact, Caller::Vip | Caller::List(_)) => true,
                _ => false,
            }
    };
    let callers = first.callers.is_empty()
        || !rule.callers.is_empty()
            && rule.callers.iter().all(|narrow| first.callers.iter().any(|wide| wider(wide, narrow)));
    let called = first.called.is_empty()
        || !rule.called.is_empty() && rule.called.len() <= first.called.len() && {
            let set: HashSet<&String> = first.called.iter().collect();
            rule.called.iter().all(|number| set.contains(number))
        };
    let open = first.open.is_none() || first.open == rule.open;
    open && callers && called
}
