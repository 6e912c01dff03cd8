//! Whole nights of random calls against the real endpoint, calls and streams, by seed.

use std::time::Duration;

use nightdesk::call::{Outcome, What};
use nightdesk::flow::Setting;
use nightdesk::sim::{Faults, PIN, Script, Weather, World, speech};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const SECOND: Duration = Duration::from_secs(1);
/// A night is over when all timers have run out: the longest is a dead line and a session.
const MORNING: Duration = Duration::from_secs(3 * 3600);

fn record(world: &World, caller: usize) -> nightdesk::sim::Record {
    world.house.records.get(&world.callers[caller].caller_id()).cloned().unwrap_or_default()
}

fn one_call(script: Script, ms: usize) -> (World, usize) {
    let mut world = World::new(1, Weather::FAIR, Faults::default());
    let caller = world.ring(script, speech(1, ms));
    assert!(world.settle(MORNING), "the night never ends");
    (world, caller)
}

#[test]
fn a_caller_leaves_a_message() {
    let (world, caller) = one_call(Script::default(), 5000);
    let record = record(&world, caller);
    let kept = record.message.as_ref().expect("a message");
    assert!(kept.duration_ms.abs_diff(5000) <= 100, "{kept:?} {:#?}", record.notes);
    assert_eq!(record.outcome, Some(Outcome::Message));
    assert!(world.callers[caller].said_all && world.house.is_quiet());
    let kinds = record.kinds();
    insta::assert_snapshot!(kinds.join(" "));
}

#[test]
fn hanging_up_keeps_what_was_said() {
    let script = Script { keys: String::new(), lingers: Duration::ZERO, ..Script::default() };
    let (world, caller) = one_call(script, 3000);
    let kept = record(&world, caller).message.expect("a message");
    assert!(kept.duration_ms.abs_diff(3000) <= 100, "{kept:?}");
}

#[test]
fn silence_is_a_missed_call() {
    let script = Script { speaks: false, keys: String::new(), ..Script::default() };
    let (world, caller) = one_call(script, 1000);
    let record = record(&world, caller);
    assert_eq!((record.outcome, record.message), (Some(Outcome::Missed), None));
}

#[test]
fn half_a_second_is_no_message() {
    let (world, caller) = one_call(Script { keys: String::new(), ..Script::default() }, 500);
    assert_eq!(record(&world, caller).outcome, Some(Outcome::Missed));
}

#[test]
fn urgent_and_added_to() {
    let script = Script { keys: "#,5,".into(), lingers: 3 * SECOND, ..Script::default() };
    let (world, caller) = one_call(script, 2000);
    assert!(record(&world, caller).message.expect("a message").urgent);
}

#[test]
fn what_is_added_is_heard_behind_what_was_said() {
    let (world, caller) = one_call(Script { keys: "#,4#".into(), ..Script::default() }, 2000);
    let kept = record(&world, caller).message.expect("a message");
    // 400 ms lie between the takes.
    assert!(kept.duration_ms.abs_diff(4400) <= 200, "{kept:?}");
}

#[test]
fn what_is_said_anew_replaces_what_was_said() {
    let (world, caller) = one_call(Script { keys: "#,3#,4#".into(), ..Script::default() }, 2000);
    let kept = record(&world, caller).message.expect("a message");
    // First take, replaced by the second, to which the third was added.
    assert!(kept.duration_ms.abs_diff(4400) <= 200, "{kept:?}");
}

#[test]
fn who_vanishes_is_kept() {
    let script = Script { vanishes: Some(6 * SECOND), ..Script::default() };
    let (world, caller) = one_call(script, 60_000);
    let record = record(&world, caller);
    let kept = record.message.as_ref().expect("what was said before the line died");
    assert!((3000..6000).contains(&kept.duration_ms), "{kept:?}");
    assert!(record.kinds().iter().any(|kind| kind == "recorded"));
}

#[test]
fn who_gives_up_while_it_rings_is_a_call_too() {
    let mut world = World::new(1, Weather::FAIR, Faults::default());
    world.house.line_mut().ring = 10 * SECOND;
    let caller = world.ring(Script { gives_up: Some(2 * SECOND), ..Script::default() }, speech(1, 1000));
    assert!(world.settle(MORNING));
    let record = record(&world, caller);
    assert_eq!(record.outcome, Some(Outcome::Abandoned));
    assert_eq!(record.kinds().last().map(String::as_str), Some("ended"));
}

#[test]
fn hold_and_resume_lose_nothing_of_the_call() {
    let script = Script { holds: Some(3 * SECOND), keys: "#".into(), ..Script::default() };
    let (world, caller) = one_call(script, 6000);
    assert_eq!(record(&world, caller).outcome, Some(Outcome::Message));
}

#[test]
fn a_full_disk_keeps_what_fits_and_the_call() {
    let mut world = World::new(3, Weather::FAIR, Faults { disk_bytes: Some(20_000), ..Faults::default() });
    let caller = world.ring(Script::default(), speech(1, 8000));
    assert!(world.settle(MORNING));
    let record = record(&world, caller);
    assert!(record.kinds().iter().any(|kind| kind == "not_kept"), "{:?}", record.kinds());
    let kept = record.message.as_ref().expect("what fitted");
    assert!((1500..3000).contains(&kept.duration_ms), "{kept:?}");
}

#[test]
fn a_refused_row_is_told_and_the_call_is_kept() {
    let mut world = World::new(4, Weather::FAIR, Faults { rows_refused: 1.0, ..Faults::default() });
    let caller = world.ring(Script::default(), speech(1, 3000));
    assert!(world.settle(MORNING));
    let record = record(&world, caller);
    assert_eq!((record.outcome, record.message.clone()), (Some(Outcome::NotKept), None));
    assert!(record.kinds().iter().any(|kind| kind == "played"));
}

/// Calls one after the other, in one house.
fn one_after_the_other(scripts: Vec<Script>) -> World {
    let mut world = World::new(7, Weather::FAIR, Faults::default());
    world.house.line_mut().setting = Setting::of(crate::support::line::plan(WITH_OWNER), "Nightdesk");
    for script in scripts {
        world.ring(script, speech(7, 3000));
        assert!(world.settle(MORNING), "the night never ends");
    }
    assert!(world.house.is_quiet(), "nothing is left");
    world
}

const WITH_OWNER: &str = r#"
[line]
hours    = "h"
open     = "message.a"
closed   = "message.a"
[hours.h]
daily    = ["00:00-24:00"]
[message.a]
say      = ["greeting", "leave-message"]
key."*"  = "owner.b"
[owner.b]
"#;

/// Somebody who has nothing to say but keys.
fn with_keys(before: &str, keys: &str) -> Script {
    Script { before: before.to_owned(), keys: keys.to_owned(), ..Script::default() }
}

#[test]
fn an_owner_closes_and_the_next_caller_hears_it() {
    let closing = format!("*{PIN}#,1,1,1");
    let world = one_after_the_other(vec![with_keys(&closing, ""), Script::default()]);
    let owner = record(&world, 0);
    insta::assert_snapshot!(owner.kinds().join(" "));
    let told = format!("{:?}", owner.notes);
    assert!(told.contains("HoursSet { open: false"), "{told}");
    let heard = format!("{:?}", record(&world, 1).notes);
    assert!(heard.contains("Wir haben zurzeit geschlossen, bis heute, vierundzwanzig Uhr"), "{heard}");
}

#[test]
fn an_owner_records_a_prompt_and_keeps_it_or_not() {
    let recording = format!("*{PIN}#,4,1,1");
    let world = one_after_the_other(vec![with_keys(&recording, "#,,1,*")]);
    let kept = world.house.prompts.get("greeting").expect("a prompt");
    // 100 ms of silence before, 200 ms behind.
    assert!(kept.duration_ms().abs_diff(3300) <= 120, "{} ms", kept.duration_ms());
    let owner = record(&world, 0);
    insta::assert_snapshot!(owner.kinds().join(" "));
    assert_eq!(owner.message, None, "an owner leaves no message");

    // Discarded; hung up while it is heard; hung up while it is spoken; fallen off the network.
    for script in [
        with_keys(&recording, "#,,*,*"),
        with_keys(&recording, "#"),
        Script { gives_up: Some(17 * SECOND), ..with_keys(&recording, "") },
        Script { vanishes: Some(17 * SECOND), ..with_keys(&recording, "") },
    ] {
        let world = one_after_the_other(vec![script.clone()]);
        assert!(record(&world, 0).kinds().contains(&"recording".to_owned()), "{script:?}");
        assert!(world.house.prompts.is_empty(), "{script:?}");
    }
}

#[test]
fn a_pin_is_in_no_timeline_and_tried_ten_times_over_all_calls() {
    let wrong = || with_keys("*314159#,,,314159#,,,314159#314159", "");
    let world =
        one_after_the_other(vec![wrong(), wrong(), wrong(), wrong(), with_keys(&format!("*{PIN}#,,,1,1,1"), "")]);
    let tries = |caller: usize, kind: &str| record(&world, caller).kinds().iter().filter(|of| *of == kind).count();
    assert_eq!([0, 1, 2, 3, 4].map(|caller| tries(caller, "pin_wrong")), [3, 3, 3, 1, 0]);
    assert_eq!([0, 1, 2, 3, 4].map(|caller| tries(caller, "pin_locked")), [0, 0, 0, 2, 1]);
    assert_eq!([0, 1, 2, 3, 4].map(|caller| tries(caller, "pin_right")), [0; 5]);
    assert!(world.house.line_setting().overrides.all().is_empty(), "the right one comes too late");
    let heard = |caller: usize| -> Vec<String> {
        let notes = record(&world, caller).notes;
        notes
            .into_iter()
            .filter(|note| matches!(note.what, What::Played { .. }))
            .map(|note| format!("{:?}", note.what))
            .collect()
    };
    assert_eq!(heard(3), heard(0), "a locked line sounds as a wrong PIN does");
    for record in world.house.records.values() {
        // The star that leads there is one, and no digit.
        let keys = record.notes.iter().filter(|note| matches!(note.what, What::Key { key } if key != '*'));
        assert_eq!(keys.count(), 0, "{:?}", record.notes);
    }
}

/// What callers do, at random.
fn any_script(random: &mut StdRng) -> Script {
    let keys = ["#", "#2", "#,3#", "#,4#", "#,3", "#,4", "#5", "1#", "##", "*#9", ""];
    let some = |random: &mut StdRng, share: f64, most: u64| {
        random.random_bool(share).then(|| Duration::from_millis(random.random_range(0..most)))
    };
    Script {
        speaks: random.random_bool(0.9),
        before: String::new(),
        keys: keys[random.random_range(0..keys.len())].to_owned(),
        gives_up: some(random, 0.2, 15_000),
        lingers: Duration::from_millis(random.random_range(0..4000)),
        vanishes: some(random, 0.05, 15_000),
        holds: some(random, 0.1, 8000),
    }
}

const WITH_SLOTS: &str = r#"
[line]
hours    = "h"
open     = "slots.a"
closed   = "slots.a"
[hours.h]
daily    = ["08:00-20:00"]
[calendar.a]
length   = "30m"
seats    = 2
lead     = "0m"
horizon  = "2d"
[slots.a]
calendar = "a"
none     = "message.a"
else     = "message.a"
[message.a]
promise  = "1h"
say      = ["leave-message"]
"#;

/// Nights of callers for few seats: whoever gets one is one that the desk offered, nobody is told of one that is
/// not there, and in the morning no seat is held for a call that is over.
#[test]
fn nights_of_callers_who_want_to_be_called_back() {
    let mut booked = 0;
    for seed in 0..4 {
        let mut random = StdRng::seed_from_u64(seed);
        let faults = match seed % 3 {
            1 => Faults { rows_refused: 0.1, store_delay: Duration::from_millis(200), ..Faults::default() },
            _ => Faults { store_delay: Duration::from_millis(5), ..Faults::default() },
        };
        let weather = if seed % 2 == 0 { Weather::FAIR } else { Weather::ROUGH };
        let mut world = World::new(seed, weather, faults);
        world.house.line_mut().setting = Setting::of(crate::support::line::plan(WITH_SLOTS), "Nightdesk");
        for _ in 0..50 {
            let keys = [
                "1,1,",
                ",2,1,",
                "4,1,1,",
                "6,1,1,",
                "5,1601#,1,1,",
                "5,9999,*,0,",
                "1,2,0301234567#,1,",
                "0,",
                "7,7,7,",
            ];
            let before = keys[random.random_range(0..keys.len())].to_owned();
            let script = Script { before, ..any_script(&mut random) };
            world.ring(script, speech(seed, 1500));
            world.pass(Duration::from_millis(random.random_range(0..4000)));
        }
        assert!(world.settle(MORNING), "seed {seed}: the night never ends");
        assert!(world.house.is_quiet(), "seed {seed}: something is left");
        let desk = &world.house.desk;
        assert!(desk.held.is_empty(), "seed {seed}: held for nobody: {:?}", desk.held);
        for (caller, _, booking) in &desk.booked {
            let record = world.house.records.get(caller).expect("a call that booked");
            let late = faults.rows_refused > 0.0 || !record.kinds().contains(&"hang_up".to_owned());
            assert!(late || format!("{:?}", record.notes).contains(&booking.told.words), "seed {seed}: {booking:?}");
        }
        let starts = desk.booked.iter().filter_map(|(_, _, booking)| match &booking.when {
            nightdesk::flow::When::Slot { slot, .. } => Some(slot.start),
            nightdesk::flow::When::Soon { .. } => None,
        });
        let mut starts: Vec<_> = starts.collect();
        starts.sort();
        assert!(starts.windows(3).all(|three| three[0] != three[2]), "seed {seed}: a seat twice");
        booked += desk.booked.len();
    }
    assert!(booked > 20, "{booked}");
}

/// Thousands of random calls in bad weather. Every answered call ends, every second that was spoken
/// into a recording is accounted for, and in the morning nothing is left: no call, stream, port, timer.
#[test]
fn nights_of_random_calls() {
    let nights: u64 = std::env::var("NIGHTS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    for seed in 0..nights {
        let mut random = StdRng::seed_from_u64(seed);
        let weather = if seed % 3 == 0 { Weather::FAIR } else { Weather::ROUGH };
        let faults = match seed % 5 {
            1 => Faults { disk_bytes: Some(300_000), ..Faults::default() },
            2 => Faults { rows_refused: 0.1, store_delay: Duration::from_millis(200), ..Faults::default() },
            _ => Faults { store_delay: Duration::from_millis(5), ..Faults::default() },
        };
        let faultless = faults.disk_bytes.is_none() && faults.rows_refused == 0.0;
        let mut world = World::new(seed, weather, faults);
        let clips = [speech(seed, 1500), speech(seed + 1, 2500), speech(seed + 2, 4000)];
        for _ in 0..80 {
            let script = any_script(&mut random);
            world.ring(script, clips[random.random_range(0..3)].clone());
            world.pass(Duration::from_millis(random.random_range(0..400)));
        }
        assert!(world.settle(MORNING), "seed {seed}: the night never ends");
        check(&world, seed, faultless);
    }
}

fn check(world: &World, seed: u64, faultless: bool) {
    assert!(world.house.is_quiet(), "seed {seed}: something is left");
    for (number, caller) in world.callers.iter().enumerate() {
        let at = format!("seed {seed}, caller {number}, {:?}", caller.script);
        if caller.script.vanishes.is_none() {
            assert!(caller.ended.is_some() && caller.is_quiet(), "{at}: still on the phone");
        }
        let Some(record) = world.house.records.get(&caller.caller_id()) else {
            assert!(!caller.answered, "{at}: answered without a call");
            continue;
        };
        assert!(record.outcome.is_some(), "{at}: the call never ended: {:?}", record.kinds());
        let plain = caller.script.keys == "#" && caller.script.holds.is_none() && faultless;
        if caller.said_all && plain && record.outcome != Some(Outcome::NotKept) {
            let spoken = u64::from(caller.speech.duration_ms());
            let kept = record.message.as_ref().map_or(0, |kept| kept.duration_ms);
            assert!(kept.abs_diff(spoken) <= 200, "{at}: spoke {spoken} ms, kept {kept} ms: {:?}", record.notes);
        }
    }
}
