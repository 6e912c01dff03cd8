//! References that walk all minutes and know no intervals.

use jiff::Timestamp;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::*;
use crate::hours::{Override, Window};

const MINUTE: i64 = 60_000;
const DAYS: i64 = 8;
/// Nights in which clocks change are the second or third.
const STARTS: [(&str, &str); 7] = [
    ("Europe/Berlin", "2026-03-27T12:00"),
    ("Europe/Berlin", "2026-10-23T00:00"),
    ("Europe/Berlin", "2027-03-26T23:30"),
    ("Europe/Berlin", "2027-10-29T08:00"),
    ("Australia/Lord_Howe", "2026-04-03T12:00"),
    ("Australia/Lord_Howe", "2026-10-02T12:00"),
    ("Europe/Berlin", "2026-11-22T18:00"),
];
const WINDOWS: [&str; 9] = [
    "",
    "01:00-04:00",
    "08:00-12:00 13:00-17:00",
    "00:00-24:00",
    "22:00-02:00",
    "00:30-03:30 03:30-05:00",
    "02:15-02:45 07:00-07:30 07:35-08:20",
    "23:00-03:00",
    "20:00-21:00",
];

/// A clock that is never put back, minute by minute; a day before is enough to have seen it.
struct Walk {
    start: Utc,
    clock: Vec<DateTime>,
}

impl Walk {
    fn new(zone: &TimeZone, start: Utc) -> Walk {
        let start = Utc(start.0 - 2 * 1440 * MINUTE);
        let mut latest = DateTime::MIN;
        let clock = (0..(DAYS + 2) * 1440).map(|minute| {
            let at = Timestamp::from_millisecond(start.0 + minute * MINUTE).expect("our years");
            latest = latest.max(zone.to_datetime(at));
            latest
        });
        Walk { start, clock: clock.collect() }
    }

    fn utc(&self, minute: usize) -> Utc {
        Utc(self.start.0 + minute as i64 * MINUTE)
    }

    /// Each window with its minutes, in the order of days and starts.
    fn windows(&self, hours: &Hours) -> Vec<Vec<usize>> {
        let mut dates: Vec<_> = self.clock.iter().map(|clock| clock.date()).collect();
        dates.dedup();
        let mut all = Vec::new();
        for date in dates {
            for window in hours.windows_of(date) {
                let inside = |clock: &DateTime| {
                    let days = i64::from((clock.date() - date).get_days());
                    let minute = days * 1440 + i64::from(clock.hour()) * 60 + i64::from(clock.minute());
                    let (from, length) = (i64::from(window.from().minutes()), i64::from(Window::minutes(window)));
                    from <= minute && minute < from + length
                };
                let near = |clock: &DateTime| clock.date() >= date && (clock.date() - date).get_days() < 3;
                let minutes = self.clock.iter().enumerate().filter(|(_, clock)| near(clock) && inside(clock));
                all.push(minutes.map(|(minute, _)| minute).collect());
            }
        }
        all
    }

    fn open(&self, hours: &Hours) -> Vec<bool> {
        let mut open = vec![false; self.clock.len()];
        for minute in self.windows(hours).into_iter().flatten() {
            open[minute] = true;
        }
        open
    }

    fn by_hand(&self, overrides: &Overrides, minute: usize) -> Option<bool> {
        let at = self.utc(minute);
        let mut holding: Vec<&Override> = overrides.all().iter().filter(|o| o.from() <= at && at < o.until()).collect();
        holding.sort_by_key(|o| o.set_at());
        holding.last().map(|o| o.open())
    }
}

/// A business in a strange week.
#[derive(Clone, Debug)]
struct Case {
    zone: TimeZone,
    now: Utc,
    hours: Hours,
    staff: Vec<Hours>,
    overrides: Overrides,
}

fn schedule(date: String) -> impl Strategy<Value = Option<Hours>> {
    let windows = || prop::sample::select(&WINDOWS[..]);
    let week = prop::collection::vec(windows(), 7);
    (week, prop::option::of(windows()), prop::option::of(prop::sample::select(vec!["", " from 03:00", " until 02:30"])))
        .prop_map(move |(week, opening, closure)| {
            let openings: Vec<(&str, &str)> =
                opening.filter(|text| !text.is_empty()).map(|text| (date.as_str(), text)).into_iter().collect();
            let closures: Vec<String> = closure.iter().map(|part| format!("{date}..2027-12-31{part}")).collect();
            let few = if openings.is_empty() { closures } else { Vec::new() };
            hours(&week, &openings, &few.iter().map(String::as_str).collect::<Vec<_>>())
        })
}

fn case() -> impl Strategy<Value = Case> {
    prop::sample::select(&STARTS[..]).prop_flat_map(|(name, start)| {
        let zone = zone(name);
        let now = at(&zone, start);
        let third = Timestamp::from_millisecond(now.0 + 2 * 1440 * MINUTE).expect("our years");
        let date = zone.to_datetime(third).date().to_string();
        let by_hand = (any::<bool>(), 0..5 * 1440_i64, 1..1440_i64, 0..9_i64);
        let by_hand = prop::collection::vec(by_hand, 0..4).prop_map(move |all| {
            let made = all.into_iter().map(|(open, from, length, set)| {
                let from = now.0 - 720 * MINUTE + from * MINUTE;
                Override::new(open, Utc(from), Utc(from + length * MINUTE), Utc(set), None, String::new())
            });
            Overrides::new(made.map(|made| made.expect("an override")).collect())
        });
        let staff = prop::collection::vec(schedule(date.clone()), 0..3);
        (schedule(date), staff, by_hand, 0..600_i64).prop_filter_map(
            "windows overlap",
            move |(hours, staff, overrides, minute)| {
                let staff = staff.into_iter().collect::<Option<Vec<Hours>>>()?;
                let now = Utc(now.0 + minute * MINUTE);
                Some(Case { zone: zone.clone(), now, hours: hours?, staff, overrides })
            },
        )
    })
}

/// A grid on it: length, buffer, seats, lead, horizon in minutes.
fn grid() -> impl Strategy<Value = (u64, u64, u16, u64, u64)> {
    (
        prop::sample::select(vec![5_u64, 10, 20, 25, 30, 45, 60, 90, 120]),
        prop::sample::select(vec![0_u64, 5, 7, 15, 60]),
        prop::sample::select(vec![0_u16, 1, 1, 2, 3, 9]),
        prop::sample::select(vec![0_u64, 0, 0, 30, 1500]),
        prop::sample::select(vec![60_u64, 1440, 4 * 1440, 4 * 1440, 4 * 1440]),
    )
}

fn on(case: &Case, (length, buffer, seats, lead, horizon): (u64, u64, u16, u64, u64)) -> Calendar {
    let people = case.staff.clone();
    Calendar {
        hours: case.hours.clone(),
        zone: case.zone.clone(),
        length: minutes(length),
        buffer: minutes(buffer),
        seats: if people.is_empty() { Seats::Fixed(seats) } else { Seats::Staff { each: seats, people } },
        lead: minutes(lead),
        horizon: minutes(horizon),
    }
}

/// Every slot with its seats.
fn slots(case: &Case, calendar: &Calendar) -> Vec<(Slot, u16)> {
    let walk = Walk::new(&case.zone, case.now);
    let length = (calendar.length.as_secs() / 60) as usize;
    let step = length + (calendar.buffer.as_secs() / 60) as usize;
    let mut used = vec![false; walk.clock.len()];
    let mut found = Vec::new();
    let at_work: Vec<Vec<bool>> = case.staff.iter().map(|hours| walk.open(hours)).collect();
    for window in walk.windows(&case.hours) {
        let own: Vec<usize> = window.iter().copied().filter(|minute| !used[*minute]).collect();
        for chunk in own.chunks(step).filter(|chunk| chunk.len() >= length) {
            let during = &chunk[..length];
            let start = walk.utc(during[0]);
            let slot = Slot { start, end: later(start, calendar.length) };
            let shut = during.iter().any(|minute| walk.by_hand(&case.overrides, *minute) == Some(false));
            let soon = start.0 < case.now.0 + millis(calendar.lead);
            let late = start.0 > case.now.0 + millis(calendar.horizon);
            let seats = match &calendar.seats {
                Seats::Fixed(seats) => *seats,
                Seats::Staff { each, .. } => {
                    each * at_work.iter().filter(|open| during.iter().all(|minute| open[*minute])).count() as u16
                }
            };
            if !shut && !soon && !late && seats > 0 {
                found.push((slot, seats));
            }
        }
        for minute in window {
            used[minute] = true;
        }
    }
    found
}

fn share_time(one: Slot, other: Slot, buffer: i64) -> bool {
    (one.start.0 / MINUTE..(one.end.0 + buffer) / MINUTE)
        .any(|minute| (other.start.0 / MINUTE..(other.end.0 + buffer) / MINUTE).contains(&minute))
}

fn left(calendar: &Calendar, taken: &[Slot], (slot, seats): (Slot, u16)) -> u16 {
    let beside = taken.iter().filter(|seat| share_time(slot, **seat, millis(calendar.buffer))).count();
    seats.saturating_sub(beside as u16)
}

/// Seats of any grid: minute after now, length.
fn seats() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((-300..5 * 1440_i64, prop::sample::select(vec![5_i64, 30, 45, 180, 2000])), 0..40)
}

fn taken(case: &Case, seats: &[(i64, i64)]) -> Vec<Slot> {
    let seat = |(start, length): &(i64, i64)| {
        let start = case.now.0 + start * MINUTE;
        Slot { start: Utc(start), end: Utc(start + length * MINUTE) }
    };
    seats.iter().map(seat).collect()
}

fn chosen(case: &Case, calendar: &Calendar, free: &[(Slot, u16)], wish: Wish, most: u8) -> Vec<Slot> {
    let total: u32 = free.iter().map(|(_, seats)| u32::from(*seats)).sum();
    let most = usize::from(most).min((total / 4).max(1) as usize);
    let all = free.iter().map(|(slot, _)| *slot);
    let mut wished: Vec<Slot> = match wish {
        Wish::Soonest => all.collect(),
        Wish::After(at) => all.filter(|slot| slot.start > at).collect(),
        Wish::Around { date, time } => {
            let day =
                |slot: &Slot| case.zone.to_datetime(Timestamp::from_millisecond(slot.start.0).expect("ours")).date();
            let time = DateTime::from_parts(
                date,
                jiff::civil::time((time.minutes() / 60) as i8, (time.minutes() % 60) as i8, 0, 0),
            );
            let wished = crate::hours::moment(&case.zone, time).expect("ours");
            let mut wanted: Vec<Slot> = all.filter(|slot| day(slot) >= date).collect();
            wanted.sort_by_key(|slot| {
                let near = if day(slot) == date { slot.start.0.abs_diff(wished.0) } else { u64::MAX };
                (near, slot.start)
            });
            wanted
        }
    };
    let mut kept: Vec<Slot> = Vec::new();
    for slot in wished.drain(..) {
        if kept.len() < most && !kept.iter().any(|other| share_time(slot, *other, millis(calendar.buffer))) {
            kept.push(slot);
        }
    }
    kept.sort();
    kept
}

/// The minute after which enough was done, if that is in sight.
fn kept(case: &Case, crew: Crew, load: &Workload, within: Option<Duration>) -> Option<Utc> {
    let walk = Walk::new(&case.zone, case.now);
    let open = walk.open(&case.hours);
    let is_open = |minute: usize| walk.by_hand(&case.overrides, minute).unwrap_or(open[minute]);
    let mut work = (u64::from(load.ahead) + 1) * crew.each.as_secs() / 60;
    let mut wait = within.map_or(0, |within| within.as_secs() / 60);
    for minute in (0..walk.clock.len()).filter(|minute| walk.utc(*minute) >= case.now && is_open(*minute)) {
        let at = walk.utc(minute);
        let busy = load.booked.iter().filter(|seat| seat.start <= at && at < seat.end).count() as u64;
        work = work.saturating_sub(u64::from(crew.at_once).saturating_sub(busy));
        wait = wait.saturating_sub(1);
        if work == 0 && wait == 0 {
            let by = Utc(at.0 + MINUTE);
            let quarter = Utc((by.0 + 15 * MINUTE - 1) / (15 * MINUTE) * 15 * MINUTE);
            let before = ((quarter.0 - MINUTE - walk.start.0) / MINUTE) as usize;
            return (before < walk.clock.len()).then(|| if is_open(before) { quarter } else { by });
        }
    }
    None
}

fn latest_of(case: &Case, crew: Crew, load: &Workload, within: Option<Duration>) -> Option<Utc> {
    latest(&case.hours, &case.overrides, &case.zone, crew, load, within, case.now)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn slots_are_those_of_all_minutes(case in case(), grid in grid(), seats in seats(), from in 0..3 * 1440_i64) {
        let calendar = on(&case, grid);
        let expected = slots(&case, &calendar);
        let found: Vec<(Slot, u16)> = calendar.slots(&case.overrides, case.now, case.now).collect();
        prop_assert_eq!(&found, &expected);
        for pair in found.windows(2) {
            prop_assert!(pair[0].0.end <= pair[1].0.start);
        }
        let from = Utc(case.now.0 + from * MINUTE);
        let later: Vec<(Slot, u16)> = calendar.slots(&case.overrides, from, case.now).collect();
        prop_assert_eq!(later, expected.iter().copied().filter(|(slot, _)| slot.start >= from).collect::<Vec<_>>());
        let taken = taken(&case, &seats);
        let index = Taken::new(taken.clone());
        for slot in expected.iter().take(60) {
            prop_assert_eq!(calendar.free(&case.overrides, &index, slot.0, case.now), left(&calendar, &taken, *slot));
            let aside = Slot { start: Utc(slot.0.start.0 + MINUTE), end: Utc(slot.0.end.0 + MINUTE) };
            let known = expected.iter().any(|(other, _)| *other == aside);
            prop_assert!(known || calendar.free(&case.overrides, &index, aside, case.now) == 0);
        }
    }

    #[test]
    fn offers_are_those_of_all_slots(
        case in case(),
        grid in grid(),
        seats in seats(),
        most in 0..6_u8,
        wished in (0..3_u8, -600..5 * 1440_i64),
    ) {
        let calendar = on(&case, grid);
        let taken = taken(&case, &seats);
        let free: Vec<(Slot, u16)> = slots(&case, &calendar)
            .into_iter()
            .map(|(slot, seats)| (slot, left(&calendar, &taken, (slot, seats))))
            .filter(|(_, left)| *left > 0)
            .collect();
        let moment = Utc(case.now.0 + wished.1 * MINUTE);
        let local = case.zone.to_datetime(Timestamp::from_millisecond(moment.0).expect("ours"));
        let time = ClockTime::new(local.hour() as u8, local.minute() as u8).expect("a time");
        let wish = match wished.0 {
            0 => Wish::Soonest,
            1 => Wish::After(moment),
            _ => Wish::Around { date: local.date(), time },
        };
        let index = Taken::new(taken);
        let offered = offers(&calendar, &case.overrides, &index, wish, most, case.now);
        prop_assert_eq!(&offered.slots, &chosen(&case, &calendar, &free, wish, most));
        let last = offered.slots.last();
        prop_assert_eq!(offered.later, last.is_some_and(|last| free.iter().any(|(slot, _)| slot.start > last.start)));
        for slot in &offered.slots {
            prop_assert!(calendar.free(&case.overrides, &index, *slot, case.now) > 0);
        }
    }

    #[test]
    fn promises_are_those_of_all_minutes(
        case in case(),
        at_once in 1..4_u16,
        each in prop::sample::select(vec![1_u64, 10, 25, 60]),
        ahead in 0..40_u32,
        seats in seats(),
        within in prop::option::of(prop::sample::select(vec![0_u64, 15, 60, 480, 3000])),
    ) {
        let crew = Crew { at_once, each: minutes(each) };
        let within = within.map(minutes);
        let load = Workload { ahead, booked: taken(&case, &seats) };
        let found = latest_of(&case, crew, &load, within);
        match (found, kept(&case, crew, &load, within)) {
            // Not rounded where that is after closing: to the minute then.
            (Some(found), Some(kept)) => prop_assert!(found <= kept && found.0 > kept.0 - MINUTE, "{found:?} {kept:?}"),
            (None, Some(kept)) => prop_assert!(false, "{kept:?} was found"),
            (Some(found), None) => prop_assert!(found.0 > case.now.0 + (DAYS - 1) * 1440 * MINUTE, "{found:?}"),
            (None, None) => {}
        }
        // More to do is never done sooner.
        let later = |other: Option<Utc>| found.is_none_or(|found| other.is_none_or(|other| other >= found));
        let more = Workload { ahead: ahead + 1, booked: load.booked.clone() };
        let after = latest_of(&case, crew, &more, within);
        prop_assert!(later(after) && (found.is_some() || after.is_none()));
        let mut booked = load.booked.clone();
        booked.push(Slot { start: case.now, end: Utc(case.now.0 + 300 * MINUTE) });
        let fewer = latest_of(&case, crew, &Workload { ahead, booked }, within);
        prop_assert!(later(fewer));
    }

    #[test]
    fn never_today_where_today_is_full(case in case(), ahead in 0..5_u32, at_once in 1..3_u16) {
        let local = case.zone.to_datetime(Timestamp::from_millisecond(case.now.0).expect("ours"));
        let midnight = local.date().tomorrow().expect("our years").at(0, 0, 0, 0);
        let end = crate::hours::moment(&case.zone, midnight).expect("ours");
        let booked = vec![Slot { start: Utc(0), end }; usize::from(at_once)];
        let crew = Crew { at_once, each: minutes(10) };
        let by = latest_of(&case, crew, &Workload { ahead, booked }, None);
        prop_assert!(by.is_none_or(|by| by > end), "{by:?}");
    }
}
