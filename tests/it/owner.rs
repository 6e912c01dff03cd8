//! The owner on the telephone: a PIN, open and closed by hand, prompts; told like the phone call.

use nightdesk::clock::Utc;
use nightdesk::flow::{Done, Draft, Event, Pin, RecordEnd, Setting, route};
use proptest::prelude::*;

use crate::support::line::{self, FRIDAY_EVENING, Line};

const OFFICE: &str = r#"
[line]
business = "Muster"
hours    = "buero"
open     = "message.tag"
closed   = "menu.abend"

[hours.buero]
mon-thu  = ["08:00-12:00", "13:00-17:00"]
fri      = ["08:00-12:00"]
closed   = ["2026-12-28..2027-01-06 Betriebsferien"]

[menu.abend]
say      = ["abend", "Wir haben {until} geschlossen."]
key.1    = "message.tag"
key."*"  = "owner.zugang"
silence  = "message.tag"

[message.tag]
say      = ["greeting", "rundgang"]
key."*"  = "owner.zugang"

[message.leer]

[rule.leer]
caller   = "withheld"
to       = "message.leer"

[owner.zugang]

[prompt.rundgang]
de       = "Ein Text geht vor jeder Aufnahme."
"#;

const MENU: &str = "owner-menu+owner-menu-rest";
const MENU_BY_HAND: &str = "owner-menu+owner-menu-lift+owner-menu-rest";
const STATE: &str = "Zurzeit geschlossen, bis Montag, acht Uhr.";

/// The PIN was right; the menu is heard.
fn owner() -> Line {
    owner_at(FRIDAY_EVENING)
}

fn owner_at(at: Utc) -> Line {
    let mut line = Line::answered(Setting::of(line::plan(OFFICE), "Nightdesk"), line::somebody(), at);
    line.presses('*').types("271828#").tell(Event::Pin(Pin::Right)).sees();
    line
}

fn utc(text: &str) -> Utc {
    Utc(text.parse::<jiff::Zoned>().unwrap().timestamp().as_millisecond())
}

#[test]
fn the_pin_is_asked_for_and_then_it_is_told_how_it_is() {
    let mut line = Line::of(OFFICE);
    line.sees();
    assert_eq!(line.presses('*').sees(), "hushes, goes to owner.zugang, says owner-pin");
    assert_eq!(line.presses('2').sees(), "hushes");
    assert_eq!(line.types("71828").sees(), "");
    assert_eq!(line.presses('#').sees(), "checks the PIN");
    assert_eq!(line.types("123#*").sees(), "", "what is pressed now is for nobody");
    assert_eq!(line.tell(Event::Pin(Pin::Right)).sees(), format!("says {STATE}+{MENU}"));
}

#[test]
fn twelve_digits_and_a_pause_end_a_pin_too() {
    let mut line = Line::of(OFFICE);
    line.presses('*').types("12345678901").sees();
    assert_eq!(line.presses('2').sees(), "checks the PIN");
    let mut line = Line::of(OFFICE);
    line.presses('*').types("271828").sees();
    assert_eq!(line.waits().sees(), "checks the PIN");
    let mut line = Line::of(OFFICE);
    line.presses('*').types("##").sees();
    assert_eq!(line.types("99*").sees(), "hushes, says owner-pin", "a star begins anew");
    assert_eq!(
        line.presses('*').sees(),
        "hushes, goes to menu.abend, says abend+Wir haben bis Montag, acht Uhr geschlossen."
    );
}

#[test]
fn three_wrong_pins_are_all_that_one_call_may_try() {
    let mut line = Line::of(OFFICE);
    line.presses('*').sees();
    for _ in 0..2 {
        line.types("111222#").sees();
        assert_eq!(line.tell(Event::Pin(Pin::Wrong)).sees(), "says owner-pin-wrong+owner-pin");
    }
    // By another way in the same call.
    line.presses('*').presses('*').types("111222#").sees();
    assert_eq!(line.tell(Event::Pin(Pin::Wrong)).sees(), "says owner-pin-wrong+goodbye");
    assert!(line.flow.hides_keys(), "who goes on typing goes on typing a PIN");
    assert_eq!(line.types("111222#").tell(Event::Said).sees(), "hangs up done");
}

#[test]
fn a_pin_that_cannot_be_looked_at_is_said_so() {
    let mut line = Line::of(OFFICE);
    line.presses('*').types("271828#").sees();
    assert_eq!(line.waits().sees(), "says owner-failed+goodbye");
}

#[test]
fn keys_of_a_pin_are_hidden_and_no_others() {
    let mut line = Line::of(OFFICE);
    assert!(!line.flow.hides_keys());
    assert!(line.presses('*').flow.hides_keys(), "before its first digit");
    for key in "271828#".chars() {
        assert!(line.presses(key).flow.hides_keys());
    }
    assert!(!format!("{:?}", line.flow).contains("271828"));
    assert!(!line.tell(Event::Pin(Pin::Right)).flow.hides_keys());
    let mut line = Line::of(OFFICE);
    assert!(!line.presses('*').presses('*').flow.hides_keys(), "back in a menu");
}

#[test]
fn closed_until_the_next_opening_of_a_later_day() {
    for (at, until, told) in [
        ("2026-11-20T19:00[Europe/Berlin]", "Mon 2026-11-23 08:00", "bis Montag, acht Uhr"),
        ("2026-11-23T09:00[Europe/Berlin]", "Tue 2026-11-24 08:00", "bis morgen, acht Uhr"),
        ("2026-11-23T00:30[Europe/Berlin]", "Tue 2026-11-24 08:00", "bis morgen, acht Uhr"),
        ("2026-12-23T18:00[Europe/Berlin]", "Thu 2026-12-24 08:00", "bis morgen, acht Uhr"),
        ("2026-12-25T11:00[Europe/Berlin]", "Thu 2027-01-07 08:00", "bis Donnerstag, den siebten Januar, acht Uhr"),
    ] {
        let mut line = owner_at(utc(at));
        // During the day it is a message's greeting that leads to the owner's entry.
        assert_eq!(line.presses('1').sees(), "hushes, says owner-close-opening+owner-close-day+owner-back", "{at}");
        assert_eq!(line.presses('1').sees(), format!("hushes, says Geschlossen {told}.+owner-confirm+owner-back"));
        assert_eq!(line.presses('1').sees(), format!("hushes, closes until {until}"));
        let state = format!("Zurzeit geschlossen, {told}.");
        assert_eq!(line.tell(Event::Done(Done::Yes)).sees(), format!("says owner-done+{state}+{MENU_BY_HAND}"));
    }
}

#[test]
fn without_hours_it_is_closed_until_midnight() {
    let text = "[line]\nopen = \"message.a\"\n[message.a]\nkey.\"*\" = \"owner.b\"\n[owner.b]\n";
    let mut line = Line::of(text);
    line.presses('*').types("271828#").sees();
    assert_eq!(line.tell(Event::Pin(Pin::Right)).sees(), format!("says Zurzeit geöffnet.+{MENU}"));
    assert_eq!(line.presses('1').sees(), "hushes, says owner-close-midnight+owner-close-day+owner-back");
    line.presses('1').sees();
    assert_eq!(line.presses('1').sees(), "hushes, closes until Sat 2026-11-21 00:00");
    line.tell(Event::Done(Done::Yes)).sees();
    assert_eq!(line.presses('3').sees(), "hushes, lifts");
    assert_eq!(line.tell(Event::Done(Done::Yes)).sees(), format!("says owner-done+Zurzeit geöffnet.+{MENU}"));
}

#[test]
fn closed_until_a_day_and_a_time_given_by_keys() {
    let mut line = owner();
    line.presses('1').sees();
    assert_eq!(line.presses('2').sees(), "hushes, says owner-day");
    assert_eq!(line.types("0701").sees(), "hushes, says owner-time", "next year's");
    assert_eq!(line.types("#").sees(), "", "the # after four digits is no mistake");
    let told = "Geschlossen bis Donnerstag, den siebten Januar, acht Uhr.";
    assert_eq!(line.types("0800").sees(), format!("hushes, says {told}+owner-confirm+owner-back"));
    assert_eq!(line.types("#").sees(), "");
    assert_eq!(line.presses('1').sees(), "hushes, closes until Thu 2027-01-07 08:00");
}

#[test]
fn what_cannot_be_read_is_said_and_asked_again_and_then_nothing_is_changed() {
    let mut line = owner();
    line.types("12").sees();
    assert_eq!(line.types("3102").sees(), "hushes, says owner-bad-day+owner-day");
    assert_eq!(line.types("71#").sees(), "hushes, says owner-bad-day+owner-day");
    assert_eq!(line.types("0013").sees(), format!("hushes, says owner-unchanged+{STATE}+{MENU}"));
    // Today's, and over: 19:00.
    line.types("122011").sees();
    assert_eq!(line.types("1830").sees(), "hushes, says owner-bad-time+owner-time");
    assert_eq!(line.types("2561").sees(), "hushes, says owner-bad-time+owner-time");
    assert_eq!(line.types("9").waits().sees(), format!("hushes, says owner-unchanged+{STATE}+{MENU}"));
}

#[test]
fn open_until_a_time_of_today_or_tomorrow_or_until_midnight() {
    for (keys, until, told) in [
        ("2100", "Fri 2026-11-20 21:00", "bis heute, einundzwanzig Uhr"),
        ("0630", "Sat 2026-11-21 06:30", "bis morgen, sechs Uhr dreißig"),
        ("1#", "Sat 2026-11-21 00:00", "bis heute, vierundzwanzig Uhr"),
        ("2400", "Sat 2026-11-21 00:00", "bis heute, vierundzwanzig Uhr"),
    ] {
        let mut line = owner();
        assert_eq!(line.presses('2').sees(), "hushes, says owner-open");
        let heard = line.types(keys).sees();
        assert_eq!(heard, format!("hushes, says Geöffnet {told}.+owner-confirm+owner-back"), "{keys}");
        assert_eq!(line.presses('1').sees(), format!("hushes, opens until {until}"));
        let state = format!("Zurzeit geöffnet, {told}.");
        assert_eq!(line.tell(Event::Done(Done::Yes)).sees(), format!("says owner-done+{state}+{MENU_BY_HAND}"));
    }
    let mut line = owner();
    line.types("21").sees();
    assert!(line.waits().sees().starts_with("says Geöffnet bis heute"), "1 alone, and nothing after it");
    assert_eq!(line.presses('*').sees(), format!("hushes, says owner-unchanged+{STATE}+{MENU}"));
}

#[test]
fn what_was_not_kept_is_said_and_changes_nothing() {
    let mut line = owner();
    line.types("111").sees();
    assert_eq!(line.tell(Event::Done(Done::Failed)).sees(), format!("says owner-failed+{STATE}+{MENU}"));
    assert_eq!(line.presses('3').sees(), "hushes, lifts");
    assert_eq!(line.tell(Event::Done(Done::Nothing)).sees(), format!("says owner-nothing-set+{STATE}+{MENU}"));
}

#[test]
fn who_hangs_up_before_confirming_has_changed_nothing() {
    let mut line = owner();
    line.types("11").sees();
    assert_eq!(line.tell(Event::HungUp).presses('1').sees(), "");
    assert!(line.flow.is_over());
}

#[test]
fn the_prompts_of_the_plan_are_heard_by_number() {
    let mut line = owner();
    let list = "says Es gibt drei Ansagen.+owner-prompts+owner-back";
    assert_eq!(line.presses('4').sees(), format!("hushes, {list}"));
    let menu = "owner-prompt+owner-back";
    assert_eq!(line.presses('1').sees(), format!("hushes, says Ansage eins.+abend+{menu}"));
    assert_eq!(line.presses('*').sees(), format!("hushes, {list}"));
    for (number, told) in [('2', "zwei.+greeting"), ('3', "drei.+leave-message")] {
        assert_eq!(line.presses(number).sees(), format!("hushes, says Ansage {told}+{menu}"));
        line.presses('*').sees();
    }
    assert_eq!(
        line.presses('4').sees(),
        "hushes, says owner-prompts-wrong+Es gibt drei Ansagen.+owner-prompts+owner-back"
    );
    line.presses('2').sees();
    assert_eq!(line.presses('2').sees(), "hushes, restores de/greeting");
    let older = line.tell(Event::Done(Done::Nothing)).sees();
    assert_eq!(older, format!("says owner-prompt-oldest+Ansage zwei.+greeting+{menu}"));
}

/// At the beep of prompt 1.
fn at_the_beep() -> Line {
    let mut line = owner();
    line.types("41").sees();
    assert_eq!(line.presses('1').sees(), "hushes, makes room, says owner-record");
    assert_eq!(line.tell(Event::Said).sees(), "", "no beep before there is room");
    assert_eq!(line.tell(Event::Draft(Draft::Ready)).sees(), "says beep");
    assert_eq!(line.tell(Event::Said).sees(), "records a prompt");
    line
}

#[test]
fn a_prompt_is_recorded_heard_and_kept() {
    let mut line = at_the_beep();
    assert_eq!(line.tell(Event::Recorded(RecordEnd::Key)).sees(), "hushes");
    assert_eq!(line.tell(Event::Draft(Draft::Heard)).sees(), "says <draft>+owner-recorded");
    assert_eq!(line.presses('3').sees(), "hushes, says <draft>+owner-recorded");
    assert_eq!(line.presses('7').sees(), "hushes, says error-invalid+owner-recorded");
    assert_eq!(line.presses('1').sees(), "hushes, keeps de/abend");
    assert_eq!(line.tell(Event::Done(Done::Failed)).sees(), "says owner-failed+owner-recorded", "it is not lost");
    line.presses('1').sees();
    let kept = "says owner-done+Ansage eins.+abend+owner-prompt+owner-back";
    assert_eq!(line.tell(Event::Done(Done::Yes)).sees(), kept);
}

#[test]
fn what_is_discarded_cut_off_or_lost_leaves_nothing() {
    let recorded = || {
        let mut line = at_the_beep();
        line.tell(Event::Recorded(RecordEnd::Silence)).tell(Event::Draft(Draft::Heard)).sees();
        line
    };
    let back = "says owner-unchanged+Ansage eins.+abend+owner-prompt+owner-back";
    assert_eq!(recorded().presses('*').sees(), format!("hushes, drops it, {back}"));
    assert_eq!(recorded().presses('2').sees(), "hushes, drops it, makes room, says owner-record");
    assert_eq!(recorded().tell(Event::HungUp).sees(), "drops it");
    assert_eq!(at_the_beep().tell(Event::HungUp).sees(), "stops recording, drops it");
    let empty = at_the_beep().tell(Event::Recorded(RecordEnd::Key)).tell(Event::Draft(Draft::Empty)).sees();
    assert!(empty.starts_with("hushes, says nothing-heard+owner-unchanged+Ansage eins."), "{empty}");
    let broken = at_the_beep().tell(Event::WriteFailed).sees();
    assert!(broken.starts_with("stops recording, drops it, says owner-failed+owner-unchanged+"), "{broken}");
    let mut refused = owner();
    refused.types("411").sees();
    let told = refused.tell(Event::Draft(Draft::Refused)).sees();
    assert!(told.starts_with("drops it, says owner-failed+"), "{told}");
}

#[test]
fn who_presses_nothing_is_let_go() {
    let mut line = owner();
    for _ in 0..2 {
        line.tell(Event::Said);
        assert_eq!(line.waits().sees(), format!("says {STATE}+{MENU}"));
    }
    assert_eq!(line.tell(Event::Said).waits().sees(), "says owner-goodbye");
    assert_eq!(line.tell(Event::Said).sees(), "hangs up silent");
}

#[test]
fn a_rule_may_lead_straight_to_the_owners_entry() {
    let text = "[line]\nopen = \"message.a\"\n[message.a]\n[owner.b]\nsay = \"Hallo.\"\n[rule.c]\ncaller = \"+493023125042\"\nto = \"owner.b\"\n";
    let setting = Setting::of(line::plan(text), "Nightdesk");
    assert!(matches!(route(&setting, &line::somebody(), FRIDAY_EVENING).why, nightdesk::flow::Why::Rule(_)));
    let mut line = Line::answered(setting, line::somebody(), FRIDAY_EVENING);
    assert_eq!(line.sees(), "says Hallo.+owner-pin");
    assert_eq!(line.presses('*').sees(), "hushes, says owner-goodbye");
}

/// The keys of a telephone, and everything else that may happen, in any order.
fn anything() -> impl Strategy<Value = Vec<Event>> {
    let keys = prop::sample::select("0123456789*#123411".chars().collect::<Vec<_>>()).prop_map(Event::Key);
    let rest = prop::sample::select(vec![
        Event::Said,
        Event::Timeout,
        Event::NearMax,
        Event::WriteFailed,
        Event::Recorded(RecordEnd::Silence),
        Event::Draft(Draft::Ready),
        Event::Draft(Draft::Heard),
        Event::Draft(Draft::Empty),
        Event::Done(Done::Yes),
        Event::Done(Done::Failed),
    ]);
    prop::collection::vec(prop_oneof![4 => keys, 1 => rest], 0..400)
}

proptest! {
    /// Whoever does not know the PIN sets nothing, records nothing, and is hung up on.
    #[test]
    fn without_the_pin_nothing_is_set(events in anything()) {
        let mut line = Line::of(OFFICE);
        line.presses('*');
        let mut checked = 0;
        for event in events {
            line.tell(event).tell(Event::Pin(Pin::Wrong));
            let seen = line.sees();
            checked += seen.matches("checks the PIN").count();
            for done in ["closes", "opens", "lifts", "keeps", "restores", "makes room", "records a prompt"] {
                prop_assert!(!seen.contains(done), "{seen}");
            }
        }
        prop_assert!(checked <= 3, "{checked} tries in one call");
        prop_assert!(ends(&mut line));
    }

    /// Whatever an owner does, the call ends; what is recorded and not kept is dropped; and there is always
    /// something that is waited for.
    #[test]
    fn with_the_pin_every_call_ends(events in anything()) {
        let mut line = owner();
        for event in events {
            line.tell(event);
            if line.flow.is_over() {
                break;
            }
        }
        prop_assert!(ends(&mut line));
        let mut line = owner();
        for _ in 0..200 {
            line.types("12070108001").tell(Event::Done(Done::Yes));
        }
        prop_assert!(ends(&mut line));
    }
}

/// Nobody presses anything any more.
fn ends(line: &mut Line) -> bool {
    for _ in 0..200 {
        line.tell(Event::Ready).tell(Event::Said).tell(Event::Draft(Draft::Ready));
        line.tell(Event::Recorded(RecordEnd::Silence)).tell(Event::Kept).tell(Event::Draft(Draft::Heard));
        if line.flow.poll_timeout().is_some() {
            line.waits();
        }
    }
    line.flow.is_over()
}
