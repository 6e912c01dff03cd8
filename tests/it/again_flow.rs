//! Who rings again while something is open, and promises that are told in messages.

use std::time::Duration;

use nightdesk::clock::Utc;
use nightdesk::flow::simulate::{Desk, simulate_at};
use nightdesk::flow::{Answer, Contact, Event, Open, RecordEnd, Visitor};
use nightdesk::ids::CallbackId;
use nightdesk::slots::Slot;
use proptest::prelude::*;

use crate::slots_flow::{Dialled, Ids, MONDAY, cut_everywhere, english, setting, told, trusted};
use crate::support::line;

const AGAIN: &str = r#"
[line]
business = "Muster"
hours    = "buero"
open     = "menu.start"
closed   = "menu.start"

[hours.buero]
mon-fri  = ["08:00-12:00", "13:00-17:00"]

[calendar.rueckruf]
length   = "30m"
seats    = 4
lead     = "2h"

[menu.start]
say      = ["Für einen Rückruf wählen Sie die Eins."]
key.1    = "slots.rueckruf"
silence  = "message.m"

[slots.rueckruf]
calendar = "rueckruf"
none     = "message.m"
else     = "message.m"

[message.m]

[oncall.dienst]
rota     = "r"
confirm  = "1"
else     = "message.m"

[rota.r]
people   = ["p"]

[person.p]
name     = "Dienst"
phone    = "+493023125001"

[callbacks]
human    = "oncall.dienst"
"#;

fn minutes(minutes: i64) -> Utc {
    Utc(MONDAY.0 + minutes * 60_000)
}

fn open() -> Open {
    let callback = CallbackId::new(MONDAY, [7; 10]);
    Open { callback, step: "message.m".into(), slot: None, promise: None, broken: false, tried_at: None }
}

fn slot() -> Open {
    let slot = Slot { start: minutes(18 * 60), end: minutes(18 * 60 + 30) };
    Open { step: "slots.rueckruf".into(), slot: Some(("rueckruf".into(), slot)), ..open() }
}

fn desk(open: Open) -> Desk {
    Desk { open: [("+493023125042".to_owned(), vec![open])].into(), ..Desk::default() }
}

fn all() -> Vec<(&'static str, Open)> {
    let tomorrow = minutes(22 * 60);
    vec![
        ("slot", slot()),
        ("promise", Open { promise: Some(tomorrow), ..open() }),
        ("tried", Open { tried_at: Some(minutes(-200)), ..open() }),
        ("tried and promise", Open { tried_at: Some(minutes(-200)), promise: Some(tomorrow), ..open() }),
        ("nothing told", open()),
        ("a slot that was, and is not called broken", {
            let was = Slot { start: minutes(-60), end: minutes(-30) };
            Open { slot: Some(("rueckruf".into(), was)), ..slot() }
        }),
        ("broken", Open { promise: Some(minutes(-1_200)), broken: true, ..open() }),
    ]
}

#[test]
fn it_is_told_how_it_stands_and_the_plan_goes_on() {
    for (name, text) in [("again_de", AGAIN.to_owned()), ("again_en", english(AGAIN))] {
        let mut all_told = String::new();
        for (what, open) in all() {
            all_told += &format!("## {what}\n{}\n", told(&text, &trusted(), &mut desk(open), "_"));
        }
        insta::assert_snapshot!(name, all_told);
    }
}

#[test]
fn it_can_be_changed() {
    for (name, text) in [("again_keys_de", AGAIN.to_owned()), ("again_keys_en", english(AGAIN))] {
        let mut all_told = String::new();
        for (open, keys) in [
            (slot(), "1"),
            (slot(), "21_"),
            (slot(), "20"),
            (slot(), "2611_"),
            (slot(), "3*31"),
            (slot(), "32_9"),
            (slot(), "77*"),
            (slot(), "0"),
            (all().remove(6).1, "0"),
            (all().remove(6).1, "21_"),
        ] {
            all_told += &told(&text, &trusted(), &mut desk(open), keys);
            all_told.push('\n');
        }
        insta::assert_snapshot!(name, all_told);
    }
}

#[test]
fn what_was_changed_stands() {
    let mut kept = desk(slot());
    told(AGAIN, &trusted(), &mut kept, "31");
    assert!(kept.open["+493023125042"].is_empty());
    let mut kept = desk(slot());
    told(AGAIN, &trusted(), &mut kept, "21");
    let [(_, id, booking)] = &kept.booked[..] else { panic!("{:?}", kept.booked) };
    assert_eq!((*id, booking.moves, &booking.number), (open().callback, Some(open().callback), &None));
    assert_eq!(kept.open["+493023125042"].len(), 1);
    let mut kept = desk(all().remove(6).1);
    told(AGAIN, &trusted(), &mut kept, "_");
    let entry = &kept.open["+493023125042"][0];
    assert!(!entry.broken && entry.promise > Some(MONDAY), "a new promise: {entry:?}");
}

#[test]
fn nobody_else_hears_of_it() {
    let usual = told(AGAIN, &trusted(), &mut Desk::default(), "");
    let blocked = Visitor { contact: Some(Contact { blocked: true, ..Contact::default() }), ..trusted() };
    let withheld = Visitor { caller: None, ..trusted() };
    let other = Visitor { caller: Some("+493023125099".into()), ..trusted() };
    for visitor in [&line::somebody(), &blocked, &withheld, &other] {
        assert_eq!(told(AGAIN, visitor, &mut desk(slot()), ""), usual, "{visitor:?}");
    }
    let off = format!("{AGAIN}again = false\n");
    assert_eq!(told(&off, &trusted(), &mut desk(slot()), ""), usual);
    for first in ["oncall.dienst", "hangup.a", "owner.a"] {
        let text = AGAIN.replace("open     = \"menu.start\"", &format!("open     = \"{first}\""));
        // On duty there is one already.
        let text = if first.starts_with("oncall") { text } else { format!("{text}[{first}]\n") };
        let setting = setting(&text);
        let mut line = line::Line::answered(setting, trusted(), MONDAY);
        assert!(!line.sees().contains("asks Status"), "{first}");
    }
}

#[test]
fn the_desk_is_not_waited_for_long() {
    let mut line = line::Line::answered(setting(AGAIN), trusted(), MONDAY);
    assert_eq!(line.sees(), "asks Status");
    let before = line.now;
    assert_eq!(line.waits().sees(), "says Für einen Rückruf wählen Sie die Eins.");
    assert_eq!(line.now.mono.since(before.mono), Duration::from_millis(1500));
    // What comes later is told to nobody.
    assert_eq!(line.tell(Event::Desk(Answer::Status(vec![slot()]))).sees(), "");
    for answer in [Answer::Failed, Answer::Status(Vec::new())] {
        let mut line = line::Line::answered(setting(AGAIN), trusted(), MONDAY);
        line.sees();
        assert_eq!(line.tell(Event::Desk(answer)).sees(), "says Für einen Rückruf wählen Sie die Eins.");
    }
}

const PROMISE: &str = r#"
[line]
hours    = "buero"
open     = "message.m"
closed   = "message.m"

[hours.buero]
mon-fri  = ["08:00-12:00", "13:00-17:00"]

[message.m]
say      = ["Guten Tag.", "Wir rufen Sie {promise} zurück. Bitte sprechen Sie."]
promise  = "2h"
goto     = "say.ende"

[say.ende]
say      = ["Wir rufen {promise} an."]

[callbacks]
again    = false
"#;

const BY: &str = "Wir rufen Sie spätestens heute bis sechzehn Uhr dreißig zurück.";

#[test]
fn a_promise_waits_for_the_desk_and_is_told_once() {
    let mut line = line::Line::answered(setting(PROMISE), line::somebody(), MONDAY);
    assert_eq!(line.sees(), "asks Latest { within: Some(7200s) }, prepares First");
    let by = minutes(150);
    assert_eq!(
        line.tell(Event::Desk(Answer::Latest(Some(by)))).sees(),
        format!("says Guten Tag.+{BY} Bitte sprechen Sie.")
    );
    line.tell(Event::Ready);
    assert_eq!(line.tell(Event::Said).sees(), format!("promises {BY}, says beep"));
    line.tell(Event::Said).tell(Event::Recorded(RecordEnd::Key)).tell(Event::Kept).tell(Event::Said).sees();
    // The same moment again, and no second promise.
    assert_eq!(line.waits().sees(), "goes to say.ende, says Wir rufen spätestens heute bis sechzehn Uhr dreißig an.");
    assert_eq!(line.tell(Event::Said).sees(), "hangs up done");
}

#[test]
fn without_the_desk_the_hours_alone_say_when() {
    let mut line = line::Line::answered(setting(PROMISE), line::somebody(), MONDAY);
    line.tell(Event::Ready).sees();
    let before = line.now;
    let told = "Wir rufen Sie spätestens heute bis sechzehn Uhr fünfzehn zurück.";
    assert!(line.waits().sees().contains(told));
    assert_eq!(line.now.mono.since(before.mono), Duration::from_millis(1500));
    assert_eq!(line.tell(Event::Said).sees(), format!("promises {told}, says beep"));
    // What comes now was not told, and is not wanted.
    line.tell(Event::Desk(Answer::Latest(Some(minutes(300)))));
    line.tell(Event::Said).sees();
    line.tell(Event::Recorded(RecordEnd::Key)).tell(Event::Kept).tell(Event::Said).sees();
    assert!(line.waits().sees().ends_with("says Wir rufen spätestens heute bis sechzehn Uhr fünfzehn an."));
}

#[test]
fn a_promise_that_was_not_heard_is_none() {
    // Hung up before the words were over.
    let mut line = line::Line::answered(setting(PROMISE), line::somebody(), MONDAY);
    line.tell(Event::Desk(Answer::Latest(Some(minutes(150))))).sees();
    assert_eq!(line.tell(Event::HungUp).sees(), "asks Release");
    // Straight to the beep.
    let mut line = line::Line::answered(setting(PROMISE), line::somebody(), MONDAY);
    line.tell(Event::Ready).tell(Event::Desk(Answer::Latest(Some(minutes(150))))).sees();
    assert_eq!(line.presses('#').sees(), "hushes, says beep");
    line.tell(Event::Said).tell(Event::Recorded(RecordEnd::Key)).tell(Event::Kept).tell(Event::Said).sees();
    // Now it is said, after the message; who hangs up then is called back all the same.
    line.waits().sees();
    let told = "Wir rufen spätestens heute bis sechzehn Uhr dreißig an.";
    assert_eq!(line.tell(Event::HungUp).sees(), format!("promises {told}"));
}

#[test]
fn a_plan_without_promise_asks_nothing() {
    let text = PROMISE.replace("promise  = \"2h\"\n", "").replace("{promise}", "bald");
    let told =
        simulate_at(&mut Desk { fails: true, ..Desk::default() }, &setting(&text), &trusted(), MONDAY, "#", &Ids);
    assert!(!format!("{told:?}").contains("Promised"));
    let mut line = line::Line::answered(setting(&text), trusted(), MONDAY);
    assert_eq!(line.sees(), "prepares First, says Guten Tag.+Wir rufen Sie bald zurück. Bitte sprechen Sie.");
}

#[test]
fn hanging_up_anywhere_leaves_nothing_half() {
    let mut cuts = 0;
    for text in [AGAIN.to_owned(), english(AGAIN)] {
        let setting = setting(&text);
        for (_, entry) in all() {
            for keys in ["", "1", "21", "20", "2611", "31", "32", "0", "9111", "777"] {
                cuts += cut_everywhere(&setting, &trusted(), &desk(entry.clone()), keys);
            }
        }
    }
    for keys in ["", "#", "##"] {
        cuts += cut_everywhere(&setting(PROMISE), &trusted(), &Desk::default(), keys);
    }
    assert!(cuts > 1_000, "{cuts}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_end_the_call(
        keys in prop::collection::vec(prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()), 0..100),
        which in 0..7usize,
        de in any::<bool>(),
    ) {
        let text = if de { AGAIN.to_owned() } else { english(AGAIN) };
        let setting = setting(&text);
        let mut call = Dialled::new(&setting, &trusted(), desk(all().remove(which).1));
        let mut keys = keys.into_iter();
        let mut left = 3_000;
        while !call.over && left > 0 {
            call.step(&mut keys);
            left -= 1;
        }
        prop_assert!(call.over);
        call.is_consistent();
    }
}

/// What is said in English, but for names, is joined from what one voice has recorded.
#[test]
fn english_dialogues_are_spoken_by_one_voice() {
    let fragments = nightdesk::run::voice::english::Fragments::shipped();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let (mut missing, mut count) = (std::collections::BTreeSet::new(), 0);
    for name in ["again_flow__again", "again_flow__again_keys", "slots_flow__slots_number", "slots_flow__slots_times"] {
        let text = std::fs::read_to_string(folder.join(format!("it__{name}_en.snap"))).unwrap();
        for words in text.lines().filter_map(|line| line.trim().strip_prefix("» ")).filter(|text| !text.contains('['))
        {
            count += 1;
            if fragments.pieces(words).is_none() {
                missing.insert(words.to_owned());
            }
        }
    }
    assert!(count > 300, "{count}");
    let missing: Vec<String> = missing.into_iter().collect();
    insta::assert_snapshot!(missing.join("\n"));
}
