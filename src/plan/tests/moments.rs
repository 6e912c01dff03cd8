//! Moments at which the plans that ship are asked what a caller hears: tests/data/moments.tsv. Here only the first
//! step is looked at; the whole call is for the flow.

use std::collections::HashMap;

use super::shipped::{SHIPPED, plan};
use crate::clock::Utc;
use crate::hours::{Overrides, state};
use crate::plan::{Caller, DayMatch, Plan, Target, To};

const MOMENTS: &str = include_str!("../../../tests/data/moments.tsv");

/// Moments of each plan at least.
const LEAST: usize = 12;

/// Where a call goes first.
fn first(plan: &Plan, at: jiff::Timestamp, caller: &str) -> Target {
    let open = plan
        .line_hours()
        .is_none_or(|part| state(&part.hours, &Overrides::default(), &plan.line.zone, Utc(at.as_millisecond())).open);
    let caller = match caller {
        "vip" => Some(Caller::Vip),
        "withheld" => Some(Caller::Withheld),
        _ => None,
    };
    let matches = |rule: &&crate::plan::Rule| {
        rule.open.is_none_or(|only| only == open) && caller.as_ref().is_some_and(|caller| rule.callers.contains(caller))
    };
    if let Some(rule) = plan.rules.iter().find(matches) {
        return rule.target;
    }
    let date = at.to_zoned(plan.line.zone.clone()).date();
    let day = plan.line.days.iter().find(|day| matches!(&day.when, DayMatch::Days(days) if days.contains(date)));
    let usual = if open { plan.line.open } else { plan.line.closed.unwrap_or(plan.line.open) };
    day.map_or(usual, |day| day.target)
}

#[test]
fn calls_begin_where_the_moments_say() {
    let plans: HashMap<&str, Plan> = SHIPPED.iter().map(|(name, text)| (*name, plan(name, text))).collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for line in MOMENTS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, at, step, caller, keys, why] = fields[..] else { panic!("six fields: {line}") };
        let plan = plans.get(name).unwrap_or_else(|| panic!("a plan: {line}"));
        let at: jiff::Timestamp = at.parse().expect(line);
        let To::Step(id) = first(plan, at, caller).to else { panic!("{line}") };
        assert_eq!(plan.step(id).map(|step| step.name.as_str()), Some(step), "{line}");
        assert!(keys.chars().all(|key| "0123456789*#…".contains(key)) && !why.is_empty(), "{line}");
        assert!(["vip", "withheld"].contains(&caller) || caller.starts_with('+'), "{line}");
        *count.entry(name).or_default() += 1;
    }
    for (name, _) in SHIPPED {
        assert!(count.get(name).is_some_and(|count| *count >= LEAST), "{name} has {LEAST} moments");
    }
}
