//! Where a call begins, against the plainest reading of the rules: random plans, callers, overrides and years.

use std::sync::Arc;

use jiff::civil::Weekday;
use nightdesk::clock::Utc;
use nightdesk::flow::{Contact, Setting, Visitor, route};
use nightdesk::hours::{Override, Overrides};
use nightdesk::plan::To;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::line;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CALLERS: [&str; 9] =
    ["contact", "unknown", "vip", "blocked", "withheld", "list:stamm", "country:AT", "+4930*", "+493023125042"];

#[derive(Clone, Debug)]
struct Case {
    /// Windows in minutes of the day, for each weekday.
    week: Vec<Option<(u16, u16)>>,
    /// Closed on these dates of each year.
    closed: Vec<(i8, i8)>,
    /// Elsewhere on these.
    days: Vec<(i8, i8)>,
    /// Callers, called, open or closed.
    rules: Vec<(Vec<usize>, bool, Option<bool>)>,
    /// Open, first and last minute after the call's time, minutes after which it was set.
    by_hand: Vec<(bool, i64, i64)>,
    caller: Option<&'static str>,
    contact: Option<(bool, bool, bool)>,
    called: bool,
    /// Minutes since 2024.
    at: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let window = prop::option::weighted(
        0.7,
        (0..1439u16, 1..1440u16).prop_filter_map("a window", |(a, b)| (a != b).then(|| (a.min(b), a.max(b)))),
    );
    let date = || (1..=12i8, 1..=28i8);
    let rule = (prop::collection::btree_set(0..CALLERS.len(), 0..3), any::<bool>(), any::<Option<bool>>())
        .prop_map(|(callers, called, open)| (callers.into_iter().collect(), called, open));
    let by_hand = (any::<bool>(), -3000..3000i64, 1..6000i64).prop_map(|(open, from, long)| (open, from, from + long));
    let who = (
        select(vec![None, Some("+493023125042"), Some("+4930555"), Some("+4313023125"), Some("+447700900123")]),
        prop::option::of((any::<bool>(), any::<bool>(), any::<bool>())),
        any::<bool>(),
        0..11 * 365 * 1440i64,
    );
    (
        prop::collection::vec(window, 7),
        prop::collection::btree_set(date(), 0..4),
        prop::collection::btree_set(date(), 0..4),
        prop::collection::vec(rule, 0..4),
        prop::collection::vec(by_hand, 0..3),
        who,
    )
        .prop_map(|(week, closed, days, rules, by_hand, (caller, contact, called, at))| Case {
            week,
            closed: closed.into_iter().collect(),
            days: days.into_iter().collect(),
            rules,
            by_hand,
            caller,
            contact,
            called,
            at,
        })
}

fn text(case: &Case) -> String {
    let mut text = String::from(
        "[line]\nnumbers = [\"+493023125000\", \"+493023125001\"]\nhours = \"h\"\nopen = \"hangup.open\"\nclosed = \"hangup.closed\"\n",
    );
    for (month, day) in &case.days {
        text += &format!("on.\"{month:02}-{day:02}\" = \"hangup.day\"\n");
    }
    text += "[hours.h]\n";
    for (day, window) in DAYS.iter().zip(&case.week) {
        if let Some((from, until)) = window {
            let [from, until] = [from, until].map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
            text += &format!("{day} = [\"{from}-{until}\"]\n");
        }
    }
    let closed: Vec<String> = case.closed.iter().map(|(month, day)| format!("\"{month:02}-{day:02}\"")).collect();
    if !closed.is_empty() {
        text += &format!("closed = [{}]\n", closed.join(", "));
    }
    for (at, (callers, called, open)) in case.rules.iter().enumerate() {
        text += &format!("[rule.r{at}]\nto = \"hangup.r{at}\"\n");
        if !callers.is_empty() {
            let callers: Vec<String> = callers.iter().map(|at| format!("\"{}\"", CALLERS[*at])).collect();
            text += &format!("caller = [{}]\n", callers.join(", "));
        }
        if *called {
            text += "called = \"+493023125001\"\n";
        }
        if let Some(open) = open {
            text += &format!("when = \"{}\"\n", if *open { "open" } else { "closed" });
        }
    }
    let rules = (0..case.rules.len()).map(|at| format!("r{at}"));
    let day = (!case.days.is_empty()).then_some("day");
    for name in ["open", "closed"].into_iter().chain(day).map(str::to_owned).chain(rules) {
        text += &format!("[hangup.{name}]\n");
    }
    text
}

/// The rules as docs/plans.md tells them, read as plainly as can be.
fn naive(case: &Case, at: Utc) -> String {
    let wall =
        jiff::Timestamp::from_millisecond(at.0).unwrap().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
    let today = (wall.month(), wall.day());
    let minute = u16::try_from(i16::from(wall.hour()) * 60 + i16::from(wall.minute())).unwrap();
    let weekday = usize::try_from(wall.weekday().since(Weekday::Monday)).unwrap();
    let window = case.week[weekday].filter(|_| !case.closed.contains(&today));
    let by_hours = window.is_some_and(|(from, until)| from <= minute && minute < until);
    // The last one set of those that hold.
    let by_hand = case.by_hand.iter().rfind(|(_, from, until)| *from <= 0 && 0 < *until).map(|(open, ..)| *open);
    let open = by_hand.unwrap_or(by_hours);
    let is = |caller: &str| match caller {
        "contact" => case.contact.is_some(),
        "unknown" => case.caller.is_some() && case.contact.is_none(),
        "vip" => case.contact.is_some_and(|(vip, ..)| vip),
        "blocked" => case.contact.is_some_and(|(_, blocked, _)| blocked),
        "withheld" => case.caller.is_none(),
        "list:stamm" => case.contact.is_some_and(|(.., list)| list),
        "country:AT" => case.caller.is_some_and(|number| number.starts_with("+43")),
        "+4930*" => case.caller.is_some_and(|number| number.starts_with("+4930")),
        number => case.caller == Some(number),
    };
    for (at, (callers, called, when)) in case.rules.iter().enumerate() {
        let who = callers.is_empty() || callers.iter().any(|at| is(CALLERS[*at]));
        if who && (!called || case.called) && when.is_none_or(|when| when == open) {
            return format!("hangup.r{at}");
        }
    }
    let step = match by_hand {
        None if case.days.contains(&today) => "day",
        _ if open => "open",
        _ => "closed",
    };
    format!("hangup.{step}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn calls_begin_where_the_plainest_reading_says(case in case()) {
        let at = Utc(1_704_067_200_000 + case.at * 60_000);
        let minutes = |offset: i64| Utc(at.0 + offset * 60_000);
        let by_hand = (0..).zip(&case.by_hand).map(|(set, (open, from, until))| {
            Override::new(*open, minutes(*from), minutes(*until), Utc(set), None, "Inhaber".into()).unwrap()
        });
        let overrides = Arc::new(Overrides::new(by_hand.collect()));
        // Hours that never open are refused; everything else here is a good plan.
        prop_assume!(case.week.iter().any(Option::is_some));
        let setting = Setting { overrides, ..Setting::of(line::plan(&text(&case)), "Nightdesk") };
        let contact = case.contact.map(|(vip, blocked, list)| Contact {
            vip, blocked, lists: list.then(|| "stamm".to_owned()).into_iter().collect(), ..Contact::default()
        });
        let called = if case.called { "+493023125001" } else { "+493023125000" };
        let visitor = Visitor { caller: case.caller.map(str::to_owned), trusted: false, called: called.to_owned(), contact };
        let To::Step(step) = route(&setting, &visitor, at).target.to else { panic!("back to where") };
        prop_assert_eq!(&setting.plan.step(step).unwrap().name, &naive(&case, at), "{}", text(&case));
    }
}
