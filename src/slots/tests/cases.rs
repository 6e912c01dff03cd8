use std::time::Instant;

use super::*;
use crate::hours::Override;

const DAILY: [&str; 7] = ["01:00-04:00"; 7];
const USUAL: [&str; 5] = ["09:00-12:00"; 5];

fn starts(calendar: &Calendar, from: &str, most: usize) -> Vec<String> {
    let now = at(&calendar.zone, from);
    let slots = calendar.slots(Overrides::none(), now, now);
    slots.take(most).map(|(slot, _)| shown(&calendar.zone, slot.start)).collect()
}

fn usual(seats: u16) -> Calendar {
    calendar(hours(&USUAL, &[], &[]).expect("hours"), zone("Europe/Berlin"), 30, seats)
}

/// What is offered on Monday, 23 November 2026, at eight, of the usual calendar.
fn offered(calendar: &Calendar, taken: &Taken, wish: Wish, most: u8) -> (Vec<String>, bool) {
    let now = at(&calendar.zone, "2026-11-23T08:00");
    let offers = offers(calendar, Overrides::none(), taken, wish, most, now);
    (offers.slots.iter().map(|slot| shown(&calendar.zone, slot.start)[..11].to_owned()).collect(), offers.later)
}

fn slot(zone: &TimeZone, start: &str, length: u64) -> Slot {
    let start = at(zone, start);
    Slot { start, end: later(start, minutes(length)) }
}

fn by_hand(zone: &TimeZone, open: bool, from: &str, until: &str) -> Override {
    Override::new(open, at(zone, from), at(zone, until), Utc(0), None, String::new()).expect("an override")
}

#[test]
fn the_nights_in_which_clocks_change() {
    let berlin = calendar(hours(&DAILY, &[], &[]).expect("hours"), zone("Europe/Berlin"), 30, 1);
    for (night, offset, expected) in [
        ("2026-03-29", "", vec!["01:00+01:00", "01:30+01:00", "03:00+02:00", "03:30+02:00"]),
        ("2027-03-28", "", vec!["01:00+01:00", "01:30+01:00", "03:00+02:00", "03:30+02:00"]),
        (
            "2026-10-25",
            "",
            vec![
                "01:00+02:00",
                "01:30+02:00",
                "02:00+02:00",
                "02:30+02:00",
                "02:00+01:00",
                "02:30+01:00",
                "03:00+01:00",
                "03:30+01:00",
            ],
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(|time| format!("{} {time}{offset}", &night[5..])).collect();
        assert_eq!(starts(&berlin, &format!("{night}T00:30"), expected.len()), expected);
    }
    // By half an hour.
    let island = calendar(hours(&DAILY, &[], &[]).expect("hours"), zone("Australia/Lord_Howe"), 60, 1);
    assert_eq!(starts(&island, "2026-10-04T00:30", 3), ["10-04 01:00+10:30", "10-04 02:30+11:00", "10-05 01:00+11:00"]);
    assert_eq!(
        starts(&island, "2026-04-05T00:30", 4),
        ["04-05 01:00+11:00", "04-05 01:30+10:30", "04-05 02:30+10:30", "04-06 01:00+10:30"]
    );
}

#[test]
fn no_slot_is_longer_than_its_window() {
    let exceptions = [("2026-11-24", "10:00-10:20"), ("2026-11-26", "07:10-08:15")];
    let hours = hours(&USUAL, &exceptions, &["11-25 from 11:45"]).expect("hours");
    let mut calendar = calendar(hours, zone("Europe/Berlin"), 30, 1);
    calendar.buffer = minutes(5);
    assert_eq!(
        starts(&calendar, "2026-11-23T11:00", 10),
        [
            "11-23 11:20+01:00",
            "11-25 09:00+01:00",
            "11-25 09:35+01:00",
            "11-25 10:10+01:00",
            "11-25 10:45+01:00",
            "11-26 07:10+01:00",
            "11-26 07:45+01:00",
            "11-27 09:00+01:00",
            "11-27 09:35+01:00",
            "11-27 10:10+01:00"
        ]
    );
}

#[test]
fn no_time_is_cut_twice() {
    // The evening before lasts until two; the exception begins at one.
    let hours = hours(&["22:00-02:00"; 3], &[("2026-11-24", "01:00-04:00")], &[]).expect("hours");
    let calendar = calendar(hours, zone("Europe/Berlin"), 45, 1);
    assert_eq!(
        starts(&calendar, "2026-11-23T23:00", 6),
        [
            "11-23 23:30+01:00",
            "11-24 00:15+01:00",
            "11-24 01:00+01:00",
            "11-24 02:00+01:00",
            "11-24 02:45+01:00",
            "11-25 22:00+01:00"
        ]
    );
}

#[test]
fn by_hand_slots_are_taken_away_and_never_added() {
    let calendar = usual(1);
    let zone = &calendar.zone;
    let overrides = Overrides::new(vec![
        by_hand(zone, false, "2026-11-23T09:45", "2026-11-23T11:00"),
        by_hand(zone, true, "2026-11-23T12:00", "2026-11-23T18:00"),
    ]);
    let now = at(zone, "2026-11-23T08:00");
    let slots: Vec<String> =
        calendar.slots(&overrides, now, now).take(4).map(|(slot, _)| shown(zone, slot.start)).collect();
    assert_eq!(slots, ["11-23 09:00+01:00", "11-23 11:00+01:00", "11-23 11:30+01:00", "11-24 09:00+01:00"]);
    // What was set last counts.
    let mut all = overrides.all().to_vec();
    all.push(by_hand(zone, true, "2026-11-23T09:00", "2026-11-23T11:00"));
    assert_eq!(
        calendar
            .slots(&Overrides::new(all), now, now)
            .take_while(|(s, _)| s.end <= at(zone, "2026-11-23T12:00"))
            .count(),
        6
    );
}

#[test]
fn seats_are_of_those_at_work_for_the_whole_slot() {
    let mut calendar = usual(1);
    let early = hours(&["08:00-10:00 10:00-10:30"; 5], &[], &[]).expect("hours");
    let late = hours(&["10:15-20:00"; 5], &[], &["2026-11-24"]).expect("hours");
    calendar.seats = Seats::Staff { each: 2, people: vec![early, late] };
    let now = at(&calendar.zone, "2026-11-23T08:00");
    let seats: Vec<u16> = calendar.slots(Overrides::none(), now, now).map(|(_, seats)| seats).take(6).collect();
    assert_eq!(seats, [2, 2, 2, 2, 2, 2]);
    let at_ten = slot(&calendar.zone, "2026-11-23T10:00", 30);
    assert_eq!(calendar.free(Overrides::none(), &Taken::new(vec![at_ten]), at_ten, now), 1);
    let tuesday = slot(&calendar.zone, "2026-11-24T10:30", 30);
    assert_eq!(calendar.free(Overrides::none(), &Taken::default(), tuesday, now), 0, "nobody is there");
    let wednesday = slot(&calendar.zone, "2026-11-25T10:30", 30);
    assert_eq!(calendar.free(Overrides::none(), &Taken::default(), wednesday, now), 2);
}

#[test]
fn seats_of_an_older_grid_count() {
    let mut calendar = usual(2);
    calendar.buffer = minutes(10);
    let zone = calendar.zone.clone();
    let now = at(&zone, "2026-11-23T08:00");
    let taken = Taken::new(vec![slot(&zone, "2026-11-23T09:30", 15), slot(&zone, "2026-11-23T08:00", 240)]);
    let free = |start: &str| calendar.free(Overrides::none(), &taken, slot(&zone, start, 30), now);
    // 09:30 begins in the buffer of the first slot; 09:55 is the end of its own.
    assert_eq!(["2026-11-23T09:00", "2026-11-23T09:40", "2026-11-23T10:20"].map(free), [0, 0, 1]);
    assert_eq!(["2026-11-23T09:10", "2026-11-24T09:00", "2026-11-22T09:00"].map(free), [0, 2, 0]);
}

#[test]
fn wishes() {
    let calendar = usual(4);
    let none = Taken::default();
    let soonest = offered(&calendar, &none, Wish::Soonest, 3);
    assert_eq!(soonest, (["11-23 09:00", "11-23 09:30", "11-23 10:00"].map(str::to_owned).to_vec(), true));
    let after = Wish::After(at(&calendar.zone, "2026-11-23T11:00"));
    assert_eq!(offered(&calendar, &none, after, 2).0, ["11-23 11:30", "11-24 09:00"]);
    let around =
        |date: &str, time: &str| Wish::Around { date: date.parse().expect(date), time: time.parse().expect(time) };
    assert_eq!(
        offered(&calendar, &none, around("2026-11-24", "10:40"), 3).0,
        ["11-24 10:00", "11-24 10:30", "11-24 11:00"]
    );
    assert_eq!(
        offered(&calendar, &none, around("2026-11-24", "20:00"), 3).0,
        ["11-24 10:30", "11-24 11:00", "11-24 11:30"]
    );
    assert_eq!(offered(&calendar, &none, around("2026-11-28", "10:00"), 2).0, ["11-30 09:00", "11-30 09:30"]);
    assert_eq!(offered(&calendar, &none, around("2026-11-01", "10:00"), 1).0, ["11-23 09:00"]);
    assert_eq!(offered(&calendar, &none, around("2027-11-01", "10:00"), 3), (vec![], false));
    assert_eq!(offered(&calendar, &none, Wish::Soonest, 0), (vec![], false));
}

#[test]
fn scarce_seats_are_offered_one_at_a_time() {
    let mut calendar = usual(1);
    calendar.horizon = minutes(5 * 60);
    // Six slots of one seat: one of them. Of twelve seats three.
    assert_eq!(offered(&calendar, &Taken::default(), Wish::Soonest, 3), (vec!["11-23 09:00".to_owned()], true));
    calendar.seats = Seats::Fixed(2);
    assert_eq!(offered(&calendar, &Taken::default(), Wish::Soonest, 5).0.len(), 3);
    calendar.seats = Seats::Fixed(100);
    assert_eq!(offered(&calendar, &Taken::default(), Wish::Soonest, 9).0.len(), 6);
    calendar.seats = Seats::Fixed(1);
    let all = calendar.slots(
        Overrides::none(),
        at(&calendar.zone, "2026-11-23T08:00"),
        at(&calendar.zone, "2026-11-23T08:00"),
    );
    let mut all: Vec<Slot> = all.map(|(slot, _)| slot).collect();
    let last = all.pop();
    assert_eq!(offered(&calendar, &Taken::new(all.clone()), Wish::Soonest, 3), (vec!["11-23 11:30".to_owned()], false));
    all.extend(last);
    assert_eq!(offered(&calendar, &Taken::new(all), Wish::Soonest, 3), (vec![], false));
}

/// Calls back one at a time, ten minutes each, from nine to twelve.
fn promised(ahead: u32, booked: Vec<Slot>, within: Option<u64>, now: &str) -> Option<String> {
    let (zone, hours) = (zone("Europe/Berlin"), hours(&USUAL, &[], &[]).expect("hours"));
    let crew = Crew { at_once: 1, each: minutes(10) };
    let load = Workload { ahead, booked };
    let by = latest(&hours, Overrides::none(), &zone, crew, &load, within.map(minutes), at(&zone, now));
    by.map(|by| shown(&zone, by)[..11].to_owned())
}

#[test]
fn what_is_promised_can_be_kept() {
    let promised = |ahead, within, now| promised(ahead, Vec::new(), within, now).expect("a promise");
    assert_eq!(promised(0, None, "2026-11-23T09:00"), "11-23 09:15");
    assert_eq!(promised(0, Some(60), "2026-11-23T09:01"), "11-23 10:15");
    assert_eq!(promised(8, None, "2026-11-23T09:00"), "11-23 10:30");
    assert_eq!(promised(8, Some(60), "2026-11-23T09:00"), "11-23 10:30");
    assert_eq!(promised(17, None, "2026-11-23T09:00"), "11-23 12:00");
    assert_eq!(promised(18, None, "2026-11-23T09:00"), "11-24 09:15", "not today");
    assert_eq!(promised(0, None, "2026-11-23T11:55"), "11-24 09:15", "five minutes are not ten");
    assert_eq!(promised(0, None, "2026-11-28T15:00"), "11-30 09:15");
}

#[test]
fn booked_seats_use_what_there_is() {
    let zone = zone("Europe/Berlin");
    let morning = slot(&zone, "2026-11-23T09:00", 180);
    assert_eq!(promised(0, vec![morning], None, "2026-11-23T08:00").as_deref(), Some("11-24 09:15"));
    let hour = slot(&zone, "2026-11-23T09:05", 60);
    assert_eq!(promised(0, vec![hour], None, "2026-11-23T08:00").as_deref(), Some("11-23 10:15"));
    assert_eq!(promised(0, vec![hour, hour], Some(15), "2026-11-23T08:00").as_deref(), Some("11-23 10:15"));
}

#[test]
fn nothing_honest_can_be_said() {
    let (zone, usual) = (zone("Europe/Berlin"), hours(&USUAL, &[], &[]).expect("hours"));
    let now = at(&zone, "2026-11-23T08:00");
    let ask = |hours: &Hours, at_once, each, ahead| {
        let load = Workload { ahead, booked: Vec::new() };
        latest(hours, Overrides::none(), &zone, Crew { at_once, each }, &load, None, now)
    };
    assert_eq!(ask(&usual, 0, minutes(10), 0), None);
    assert_eq!(ask(&Hours::default(), 1, minutes(10), 0), None);
    assert_eq!(ask(&usual, 1, minutes(10), u32::MAX), None);
    assert_eq!(ask(&usual, 1, Duration::MAX, u32::MAX), None);
    assert!(ask(&usual, 1, Duration::ZERO, 0).is_some_and(|by| by > now));
    // A hundred times as many as there are.
    assert!(ask(&Hours::always(), 100, minutes(10), 100_000).is_some());
}

#[test]
fn calendars_that_are_none_end() {
    let mut calendar = usual(1);
    let now = at(&calendar.zone, "2026-11-23T08:00");
    calendar.length = Duration::ZERO;
    assert_eq!(calendar.slots(Overrides::none(), now, now).count(), 0);
    calendar.length = Duration::MAX;
    assert_eq!(calendar.slots(Overrides::none(), now, now).count(), 0);
    calendar.length = minutes(30);
    calendar.buffer = Duration::MAX;
    assert_eq!(calendar.slots(Overrides::none(), now, now).count(), 10);
    calendar.lead = minutes(100 * 1440);
    assert_eq!(calendar.slots(Overrides::none(), now, now).count(), 0);
    calendar.horizon = Duration::MAX;
    for odd in [Utc(i64::MAX), Utc(i64::MIN)] {
        assert_eq!(calendar.slots(Overrides::none(), odd, Utc(i64::MAX)).count(), 0);
        assert_eq!(calendar.free(Overrides::none(), &Taken::default(), Slot { start: odd, end: now }, now), 0);
    }
}

/// By hand: `cargo test --lib slots::tests::cases::how_long -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn how_long_an_offer_takes() {
    let five = |week: &[&str]| {
        let mut calendar = calendar(hours(week, &[], &[]).expect("hours"), zone("Europe/Berlin"), 5, 100);
        calendar.horizon = minutes(365 * 1440);
        calendar
    };
    let mut staff = usual(1);
    staff.seats = Seats::Staff { each: 1, people: vec![hours(&USUAL, &[], &[]).expect("hours"); 5] };
    for (name, calendar) in [("usual", usual(1)), ("staff", staff), ("five", five(&["00:00-24:00"; 7]))] {
        let now = at(&calendar.zone, "2026-11-23T08:00");
        let all: Vec<Slot> = calendar.slots(Overrides::none(), now, now).map(|(slot, _)| slot).collect();
        let half = Taken::new(all.iter().take(all.len() / 2).copied().collect());
        let full = Taken::new(all.clone());
        for (state, taken) in [("empty", Taken::default()), ("half", half), ("full", full)] {
            let begin = Instant::now();
            let offered = offers(&calendar, Overrides::none(), &taken, Wish::Soonest, 3, now);
            println!("{name} {state}: {} of {} in {:?}", offered.slots.len(), all.len(), begin.elapsed());
        }
    }
}
