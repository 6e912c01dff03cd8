//! The evaluator against a reference that goes minute by minute and knows no intervals.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

/// With changes by an hour, by half an hour, by two, at midnight, around Ramadan, and over a whole day (Apia 2011).
pub(super) const ZONES: [&str; 16] = [
    "Europe/Berlin",
    "Europe/Berlin",
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Zurich",
    "Europe/London",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Asia/Beirut",
    "America/Havana",
    "America/Asuncion",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Atlantic/Azores",
    "Pacific/Apia",
    "UTC",
];

const MINUTE: i64 = 60_000;
const DAYS: i64 = 6;

/// Whether it is open, at each minute from `start` on.
fn minutes(draft: &Draft, overrides: &[Override], zone: &TimeZone, start: Utc) -> Vec<bool> {
    // A clock that is never put back: the latest time it ever showed. A day before is enough to have seen it.
    let mut clock = DateTime::MIN;
    let mut open = Vec::new();
    for minute in -1440..DAYS * 1440 {
        let at = Utc(start.0 + minute * MINUTE);
        clock = clock.max(zone.to_datetime(Timestamp::from_millisecond(at.0).expect("our years")));
        if minute >= 0 {
            let mut by_hand: Vec<&Override> = overrides.iter().filter(|o| o.from() <= at && at < o.until()).collect();
            by_hand.sort_by_key(|o| o.set_at());
            open.push(by_hand.last().map_or_else(|| open_by_plan(draft, clock), |o| o.open()));
        }
    }
    open
}

fn open_by_plan(draft: &Draft, clock: DateTime) -> bool {
    let minute = i32::from(clock.hour()) * 60 + i32::from(clock.minute());
    let today = open_on(draft, clock.date(), minute);
    today || open_on(draft, clock.date().yesterday().expect("our years"), minute + 1440)
}

/// Whether a window that starts on `date` holds `minute` after its midnight.
fn open_on(draft: &Draft, date: Date, minute: i32) -> bool {
    let opening = |form: fn(&Days) -> bool| draft.openings.iter().find(|o| form(&o.days) && names(&o.days, date));
    if let Some(exact) = opening(|d| matches!(d, Days::Date(_))) {
        return holds(&exact.windows, minute);
    }
    let shut = draft.closures.iter().filter(|c| names(&c.days, date)).any(|c| match c.part {
        Part::Whole => true,
        Part::From(at) => minute >= i32::from(at.minutes()),
        Part::Until(at) => minute < i32::from(at.minutes()),
    });
    if shut {
        return false;
    }
    if let Some(yearly) = opening(|d| matches!(d, Days::Yearly(_))) {
        return holds(&yearly.windows, minute);
    }
    if draft.holidays.and_then(|r| holiday(r, date)).is_some() {
        return holds(&draft.holiday_windows, minute);
    }
    for form in [(|d| matches!(d, Days::Range(..))) as fn(&Days) -> bool, |d| matches!(d, Days::YearlyRange(..))] {
        if let Some(range) = opening(form) {
            return holds(&range.windows, minute);
        }
    }
    holds(&draft.week[usize::try_from(date.weekday().to_monday_zero_offset()).expect("0 to 6")], minute)
}

fn holds(windows: &[Window], minute: i32) -> bool {
    windows.iter().any(|w| {
        let (from, to) = (i32::from(w.from().minutes()), i32::from(w.to().minutes()));
        from <= minute && minute < if w.crosses_midnight() { to + 1440 } else { to }
    })
}

/// By the texts, as people compare dates.
fn names(days: &Days, date: Date) -> bool {
    let (full, text) = (date.to_string(), days.to_string());
    let (first, last) = text.split_once("..").unwrap_or((&text, &text));
    let date = &full[full.len() - first.len()..];
    if first <= last { first <= date && date <= last } else { first <= date || date <= last }
}

/// Numbers of which a draft is made around a date.
#[derive(Debug, Clone)]
struct Raw {
    week: Vec<Vec<(u16, u16)>>,
    openings: Vec<(u8, i32, i32, Vec<(u16, u16)>)>,
    closures: Vec<(u8, i32, i32, u8, u16)>,
    region: Option<usize>,
    holiday: Vec<(u16, u16)>,
    overrides: Vec<(bool, i64, i64, i64)>,
}

fn raw() -> impl Strategy<Value = Raw> {
    // Quarters of an hour meet each other and the changes of clocks; any minute finds the rest.
    let minute = || prop_oneof![(0..96u16).prop_map(|n| n * 15), 0..1440u16, (0..16u16).prop_map(|n| n * 15)];
    let windows = move || prop::collection::vec((minute(), minute()), 0..3);
    let openings = prop::collection::vec((0..4u8, -2..8i32, 0..4i32, windows()), 0..4);
    let closures = prop::collection::vec((0..4u8, -2..8i32, 0..4i32, 0..3u8, minute()), 0..3);
    let overrides = prop::collection::vec((any::<bool>(), -2000..9000i64, 1..4000i64, 0..3i64), 0..4);
    let region = prop::option::of(0..Region::all().count());
    (prop::collection::vec(windows(), 7), openings, closures, region, windows(), overrides).prop_map(
        |(week, openings, closures, region, holiday, overrides)| Raw {
            week,
            openings,
            closures,
            region,
            holiday,
            overrides,
        },
    )
}

fn made(pairs: &[(u16, u16)]) -> Vec<Window> {
    let time = |n: u16| ClockTime::new(u8::try_from(n / 60).expect("a day"), u8::try_from(n % 60).expect("an hour"));
    let window = |(from, to): &(u16, u16)| Window::new(time(*from)?, time(*to)?).ok();
    pairs.iter().filter_map(window).collect()
}

fn days(kind: u8, around: Date, first: i32, length: i32) -> Days {
    let day = |n: i32| around.checked_add(jiff::Span::new().days(n)).expect("our years");
    let (first, last) = (day(first), day(first + length));
    let yearly = |d: Date| MonthDay::new(d.month(), d.day()).expect("a day");
    match kind {
        0 => Days::Date(first),
        1 => Days::Yearly(yearly(first)),
        2 => Days::Range(first, last),
        _ => Days::YearlyRange(yearly(first), yearly(last)),
    }
}

fn draft(raw: &Raw, around: Date) -> Draft {
    let opening = |(kind, first, length, windows): &(u8, i32, i32, Vec<_>)| Opening {
        days: days(*kind, around, *first, *length),
        windows: made(windows),
    };
    let closure = |(kind, first, length, part, at): &(u8, i32, i32, u8, u16)| Closure {
        days: days(*kind, around, *first, *length),
        part: match (part, ClockTime::new(u8::try_from(at / 60).expect("a day"), u8::try_from(at % 60).expect("60"))) {
            (1, Some(at)) => Part::From(at),
            (2, Some(at)) => Part::Until(at),
            _ => Part::Whole,
        },
        reason: None,
    };
    Draft {
        week: std::array::from_fn(|day| made(&raw.week[day])),
        openings: raw.openings.iter().map(opening).collect(),
        closures: raw.closures.iter().map(closure).collect(),
        holidays: raw.region.and_then(|at| Region::all().nth(at)),
        holiday_windows: made(&raw.holiday),
    }
}

/// Takes out what is refused until nothing is: so the checks are exercised too.
fn repaired(mut draft: Draft) -> Hours {
    loop {
        let problems = match Hours::new(draft.clone()) {
            Ok(hours) => return hours,
            Err(problems) => problems,
        };
        let place = match problems.first().expect("a reason") {
            Problem::Overlap(_, place) | Problem::Contradiction(_, place) | Problem::Twice(_, place) => *place,
            Problem::Empty(place) | Problem::NoRegion(place) | Problem::TooMany(place) => *place,
        };
        match place {
            Place::Week(day, at) => {
                draft.week[usize::try_from(day.to_monday_zero_offset()).expect("0 to 6")].remove(at);
            }
            Place::Opening(at) => drop(draft.openings.remove(at)),
            Place::OpeningWindow(at, window) => drop(draft.openings[at].windows.remove(window)),
            Place::Closure(at) => drop(draft.closures.remove(at)),
            Place::HolidayWindow(at) => drop(draft.holiday_windows.remove(at)),
        }
    }
}

/// The minute from which on `DAYS` days are looked at: often right before a clock change.
fn start(zone: &TimeZone, seconds: i64, near: bool, before: i64) -> Utc {
    let any = Timestamp::from_second(seconds).expect("our years");
    let change = zone.following(any).next().filter(|_| near).map_or(any, |c| c.timestamp());
    let minute = change.checked_sub(SignedDuration::from_mins(before)).expect("our years").as_second().div_euclid(60);
    Utc(minute * MINUTE)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_evaluator_equals_a_minute_by_minute_reference(
        raw in raw(),
        zone_at in 0..ZONES.len(),
        seconds in 1_100_000_000..2_080_000_000i64,
        near in prop::bool::weighted(0.8),
        before in 0..7000i64,
        part in (0..8640i64, 0..8640i64),
    ) {
        let zone = zone(ZONES[zone_at]).expect("a zone");
        let start = start(&zone, seconds, near, before);
        let around = zone.to_datetime(Timestamp::from_millisecond(start.0).expect("our years")).date();
        let hours = repaired(draft(&raw, around));
        let by_hand: Vec<Override> = raw.overrides.iter().map(|(open, from, length, set)| {
            let (from, until) = (start.0 + from * MINUTE, start.0 + (from + length) * MINUTE);
            Override::new(*open, Utc(from), Utc(until), Utc(*set), None, String::new()).expect("an override")
        }).collect();
        let overrides = Overrides::new(by_hand.clone());
        let open = minutes(hours.parts(), &by_hand, &zone, start);

        // The first minute after each whose state differs, from the back.
        let mut until = vec![None; open.len()];
        for at in (0..open.len() - 1).rev() {
            until[at] = if open[at + 1] != open[at] { Some(at + 1) } else { until[at + 1] };
        }
        let moment = |minute: usize| Utc(start.0 + i64::try_from(minute).expect("small") * MINUTE);
        let end = moment(open.len());
        let probes = (0..open.len()).step_by(61).chain(until.iter().flatten().flat_map(|at| [at - 1, *at]));
        let probes: std::collections::BTreeSet<usize> = probes.collect();
        for minute in probes {
            for within in [0, 59_999] {
                let at = Utc(moment(minute).0 + within);
                let found = state(&hours, &overrides, &zone, at);
                prop_assert_eq!(found.open, open[minute], "minute {} at {}", minute, at.rfc3339());
                match until[minute] {
                    Some(change) => prop_assert_eq!(found.until, Some(moment(change)), "from {}", at.rfc3339()),
                    None => prop_assert!(found.until.is_none_or(|u| u >= end), "{:?} from {}", found.until, at.rfc3339()),
                }
                if let Why::Window { date, window, source } = found.why {
                    prop_assert!(found.open && hours.windows_of(date).contains(&window));
                    prop_assert_eq!(source, hours.day(date).source);
                }
            }
        }
        let (first, last) = (part.0.min(part.1), part.0.max(part.1));
        let counted = (first..last).filter(|m| open[usize::try_from(*m).expect("small")]).count();
        let range = Utc(start.0 + first * MINUTE)..Utc(start.0 + last * MINUTE);
        prop_assert_eq!(opening_minutes(&hours, &overrides, &zone, range.clone()), counted as u64);
        // What was counted is what has to pass.
        if counted > 0 {
            let after = after_opening_minutes(&hours, &overrides, &zone, range.start, counted as u64).expect("within days");
            prop_assert!(after <= range.end);
            prop_assert_eq!(opening_minutes(&hours, &overrides, &zone, range.start..after), counted as u64);
        }
    }
}
