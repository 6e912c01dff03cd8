//! Slots by telephone: dialogues as the simulator tells them, and what holds for all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use nightdesk::clock::{Mono, Now, Utc};
use nightdesk::flow::simulate::{Desk, Held, Transcripts, simulate_at};
use nightdesk::flow::{Action, Answer, Ask, Event, Flow, RecordEnd, Say, Setting, Visitor, When};
use nightdesk::ids::Language;
use nightdesk::speech::is_spoken;
use proptest::prelude::*;

use crate::support::line;

/// Monday, 2026-11-23, 14:00 in Berlin.
pub const MONDAY: Utc = Utc(1_795_438_800_000);

/// Somebody who is called back.
pub const SLOTS: &str = r#"
[line]
business = "Muster"
hours    = "buero"
open     = "slots.rueckruf"
closed   = "slots.rueckruf"

[hours.buero]
mon-fri  = ["08:00-12:00", "13:00-17:00"]

[calendar.rueckruf]
length   = "30m"
seats    = 4
lead     = "2h"
horizon  = "14d"

[slots.rueckruf]
say      = ["Wann dürfen wir Sie zurückrufen?"]
calendar = "rueckruf"
none     = "message.m"
else     = "message.m"

[message.m]

[callbacks]
again    = false
"#;

/// The same in English.
pub fn english(text: &str) -> String {
    text.replacen("[line]\n", "[line]\nlanguage = \"en\"\n", 1)
        .replace("Wann dürfen wir Sie zurückrufen?", "When may we call you back?")
        .replace("Für einen Rückruf wählen Sie die Eins.", "For a callback, press one.")
}

pub struct Ids;

impl Transcripts for Ids {
    fn transcript(&self, _language: Language, _prompt: &str) -> Option<String> {
        None
    }
}

pub fn setting(text: &str) -> Setting {
    Setting::of(line::plan(text), "Nightdesk")
}

/// Somebody whose number the network vouches for.
pub fn trusted() -> Visitor {
    Visitor { trusted: true, ..line::somebody() }
}

pub fn withheld() -> Visitor {
    Visitor { caller: None, ..line::somebody() }
}

/// What is heard and done, without where the call begins.
pub fn told(text: &str, visitor: &Visitor, desk: &mut Desk, keys: &str) -> String {
    let setting = setting(text);
    let language = setting.plan.line.languages[0];
    let told = simulate_at(desk, &setting, visitor, MONDAY, keys, &Ids).told(language);
    let lines = told.lines().skip(2).map(|line| format!("{}\n", line.trim_end()));
    format!("# {keys}\n{}", lines.collect::<String>())
}

fn many(text: &str, cases: &[(&Visitor, &str)]) -> String {
    cases.iter().map(|(visitor, keys)| told(text, visitor, &mut Desk::default(), keys) + "\n").collect()
}

#[test]
fn a_time_is_taken_and_the_number_confirmed() {
    let (somebody, withheld) = (line::somebody(), withheld());
    let foreign = Visitor { caller: Some("+4319876543".into()), ..line::somebody() };
    let cases: &[(&Visitor, &str)] = &[
        (&somebody, "11"),
        (&somebody, "11_"),
        (&somebody, "22017112345#1_"),
        (&somebody, "22030*0171123456#21030231250#1_"),
        (&somebody, "120900123456#030#0#"),
        (&withheld, "303023125077#1_"),
        (&foreign, "203023125077#1_"),
    ];
    insta::assert_snapshot!("slots_number_de", many(SLOTS, cases));
    insta::assert_snapshot!("slots_number_en", many(&english(SLOTS), &cases[..5]));
}

#[test]
fn other_times_are_found_by_keys() {
    let somebody = line::somebody();
    let cases: &[(&Visitor, &str)] = &[
        (&somebody, "4911_"),
        (&somebody, "52711#11_"),
        (&somebody, "527111411_"),
        (&somebody, "5281109"),
        (&somebody, "52211,5251122*53002"),
        (&somebody, "5241225#301#5*0"),
        (&somebody, "6911_"),
        (&somebody, "6*62610"),
        (&somebody, "7770"),
        (&somebody, ""),
        (&somebody, "1"),
        (&somebody, "0"),
    ];
    insta::assert_snapshot!("slots_times_de", many(SLOTS, cases));
    insta::assert_snapshot!("slots_times_en", many(&english(SLOTS), cases));
}

#[test]
fn what_a_plan_may_leave_out() {
    let silent =
        SLOTS.replace("say      = [\"Wann dürfen wir Sie zurückrufen?\"]\n", "asap = false\nreason = \"off\"\n");
    let goes_on = SLOTS.replace("calendar = \"rueckruf\"\n", "calendar = \"rueckruf\"\ngoto = \"say.ende\"\n")
        + "[say.ende]\nsay = [\"Bis dann.\"]\n";
    let somebody = line::somebody();
    let text = many(&silent, &[(&somebody, "611")]) + &many(&goes_on, &[(&somebody, "11"), (&somebody, "11_")]);
    insta::assert_snapshot!("slots_plans", text);
}

/// No seat is left.
fn full() -> Desk {
    let setting = setting(SLOTS);
    let calendar = setting.plan.calendar("rueckruf").unwrap();
    let slots: Vec<_> = calendar.slots(&setting.overrides, MONDAY, MONDAY).collect();
    let taken = slots.iter().flat_map(|(slot, seats)| std::iter::repeat_n(*slot, usize::from(*seats))).collect();
    Desk { taken: [("rueckruf".to_owned(), taken)].into(), ..Desk::default() }
}

#[test]
fn no_seat_and_no_desk_are_no_dead_ends() {
    let mut text = told(SLOTS, &line::somebody(), &mut full(), "");
    text += &told(SLOTS, &line::somebody(), &mut Desk { fails: true, ..Desk::default() }, "");
    text += &told(&english(SLOTS), &line::somebody(), &mut full(), "");
    insta::assert_snapshot!("slots_none", text);
}

/// A line whose desk the test answers.
fn asked() -> line::Line {
    let mut line = line::Line::answered(setting(SLOTS), line::somebody(), MONDAY);
    line.sees();
    line
}

fn offers() -> Answer {
    let setting = setting(SLOTS);
    let mut desk = Desk::default();
    let ask = Ask::Offer { calendar: "rueckruf".into(), wish: nightdesk::slots::Wish::Soonest, most: 3 };
    desk.ask(&setting, "a", None, &ask, MONDAY).unwrap()
}

#[test]
fn an_answer_that_does_not_come_is_waited_for_no_longer_than_it_may_take() {
    let mut line = asked();
    let before = line.now;
    line.tell(Event::Said);
    assert_eq!(line.sees(), "", "the times are waited for");
    line.waits();
    assert_eq!(line.now.mono.since(before.mono), Duration::from_secs(3));
    assert_eq!(
        line.sees(),
        "asks Release, goes to message.m, prepares First, says owner-failed+greeting+leave-message"
    );

    let mut line = asked();
    line.tell(Event::Desk(offers())).tell(Event::Said).presses('1').presses('1').sees();
    let before = line.now;
    line.waits();
    assert_eq!(line.now.mono.since(before.mono), Duration::from_secs(10));
    assert_eq!(
        line.sees(),
        "asks Release, goes to message.m, prepares First, says owner-failed+greeting+leave-message"
    );
}

#[test]
fn the_times_come_after_the_words() {
    let mut line = asked();
    line.tell(Event::Desk(offers()));
    assert_eq!(line.sees(), "", "something is being said");
    assert!(line.tell(Event::Said).sees().starts_with("says Diese Zeiten sind frei."));
    let mut line = asked();
    assert_eq!(line.presses('1').sees(), "hushes", "the words are cut short, the times are not there yet");
    assert!(line.tell(Event::Desk(offers())).sees().starts_with("says Diese Zeiten sind frei."));
}

#[test]
fn what_the_desk_refuses_is_told() {
    for (answer, wanted) in [
        (Answer::Gone, "asks Offer"),
        (Answer::TooMany, "asks Release, goes to message.m, prepares First, says Es sind leider schon zu viele"),
        (
            Answer::NotAllowed,
            "says Diese Nummer können wir leider nicht zurückrufen.+Bitte geben Sie die Telefonnummer",
        ),
        (Answer::Failed, "asks Release, goes to message.m, prepares First, says owner-failed"),
    ] {
        let mut line = asked();
        line.tell(Event::Desk(offers())).tell(Event::Said).presses('1').presses('1').sees();
        let sees = line.tell(Event::Desk(answer.clone())).sees();
        assert!(sees.starts_with(wanted), "{answer:?}: {sees}");
    }
}

#[test]
fn a_heard_time_is_held_while_the_caller_thinks_and_told_when_it_is_lost() {
    let mut line = asked();
    line.tell(Event::Desk(offers())).tell(Event::Said).sees();
    let mut asks = Vec::new();
    for _ in 0..2 {
        line.tell(Event::Said).waits();
        line.now = line.now.after(Duration::from_secs(40));
        asks.push(line.sees());
    }
    let held: Vec<_> = asks.iter().filter(|sees| sees.contains("asks Hold")).collect();
    assert!(!held.is_empty() || line.tell(Event::Said).sees().contains("asks Hold"), "{asks:?}");
    let sees = line.tell(Event::Desk(Answer::Gone)).sees();
    assert!(sees.contains("asks Offer"), "{sees}");
    let sees = line.tell(Event::Desk(offers())).sees();
    assert!(sees.starts_with("says Diese Zeit ist leider nicht mehr frei.+Diese Zeiten sind frei."), "{sees}");
}

/// A caller with a desk, event by event: what a call looks like from the store.
pub struct Dialled {
    pub flow: Flow,
    pub now: Now,
    pub desk: Desk,
    pub setting: Setting,
    visitor: Visitor,
    waiting: Vec<Event>,
    /// A take is being recorded, or prepared.
    pub recording: bool,
    pub beeped: bool,
    pub over: bool,
    /// All that the desk offered.
    offered: BTreeSet<nightdesk::slots::Slot>,
}

const CALL: &str = "call";

impl Dialled {
    pub fn new(setting: &Setting, visitor: &Visitor, desk: Desk) -> Dialled {
        let flow = Flow::new(setting.clone(), visitor.clone());
        let now = Now { mono: Mono(1), utc: MONDAY };
        Dialled {
            flow,
            now,
            desk,
            setting: setting.clone(),
            visitor: visitor.clone(),
            waiting: vec![Event::Started],
            recording: false,
            beeped: false,
            over: false,
            offered: BTreeSet::new(),
        }
    }

    /// The next thing that happens by itself, else the next key, else time.
    pub fn step(&mut self, keys: &mut impl Iterator<Item = char>) {
        let event = match (self.waiting.is_empty(), keys.next()) {
            (false, _) => self.waiting.remove(0),
            (true, Some(key)) => Event::Key(key),
            (true, None) => match self.flow.poll_timeout() {
                Some(at) => {
                    self.now = self.now.after(at.since(self.now.mono).max(Duration::from_millis(1)));
                    Event::Timeout
                }
                None => Event::HungUp,
            },
        };
        self.now = self.now.after(Duration::from_millis(700));
        self.tell(event);
    }

    pub fn tell(&mut self, event: Event) {
        self.flow.handle(event, self.now);
        while let Some(action) = self.flow.poll_action() {
            self.carry_out(action);
        }
        self.over |= self.flow.is_over();
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Desk(ask) => {
                if let Ask::Hold { slots, .. } = &ask {
                    assert!(slots.iter().all(|slot| self.offered.contains(slot)), "never offered");
                }
                if let Ask::Book(booking) = &ask
                    && let When::Slot { slot, .. } = &booking.when
                {
                    assert!(self.offered.contains(slot), "never offered");
                }
                let caller = self.visitor.caller.as_deref();
                let Some(answer) = self.desk.ask(&self.setting, CALL, caller, &ask, self.now.utc) else { return };
                if let Answer::Offers { slots, .. } = &answer {
                    self.offered.extend(slots);
                }
                self.waiting.retain(|event| !matches!(event, Event::Desk(_)));
                self.waiting.push(Event::Desk(answer));
            }
            Action::Say(all) => {
                self.beeped = matches!(all.last(), Some(Say::Prompt { id, .. }) if id == "beep");
                for say in &all {
                    if let Say::Spoken { words, language } = say {
                        assert!(is_spoken(words, *language) && !words.is_empty(), "{words}");
                    }
                }
                self.waiting.retain(|event| *event != Event::Said);
                self.waiting.push(Event::Said);
            }
            Action::Hush => self.waiting.retain(|event| *event != Event::Said),
            Action::Prepare { .. } => self.waiting.push(Event::Ready),
            Action::Record(..) => {
                assert!(self.beeped, "nothing is recorded before the beep");
                self.recording = true;
                self.waiting.push(Event::Recorded(RecordEnd::Key));
                self.waiting.push(Event::Kept);
            }
            Action::StopRecording => self.recording = false,
            Action::Promised(told) => self.desk.promised.push((CALL.to_owned(), told)),
            _ => {}
        }
    }

    /// What must hold once the caller is gone.
    pub fn is_consistent(&mut self) {
        self.tell(Event::HungUp);
        assert!(self.flow.is_over() && self.flow.poll_timeout().is_none());
        let held: &[Held] = &self.desk.held;
        assert!(held.is_empty(), "held for nobody: {held:?}");
        assert!(self.desk.booked.len() <= 1, "{:?}", self.desk.booked);
        for (_, _, booking) in &self.desk.booked {
            assert!(booking.told.latest > self.now.utc && !booking.told.words.is_empty());
            let when = matches!(&booking.when, When::Slot { slot, .. } if slot.end == booking.told.latest);
            let soon = matches!(&booking.when, When::Soon { latest } if *latest == booking.told.latest);
            assert!(when || soon);
        }
    }
}

/// Each dialogue, cut at every event.
pub fn cut_everywhere(setting: &Setting, visitor: &Visitor, desk: &Desk, keys: &str) -> usize {
    for cut in 0.. {
        let mut call = Dialled::new(setting, visitor, desk.clone());
        let mut keys = keys.chars();
        for _ in 0..cut {
            call.step(&mut keys);
        }
        let over = call.over;
        call.is_consistent();
        if over {
            return cut;
        }
        assert!(cut < 1_000, "it never ends");
    }
    0
}

#[test]
fn hanging_up_anywhere_leaves_nothing_half() {
    let mut cuts = 0;
    for text in [SLOTS.to_owned(), english(SLOTS)] {
        let setting = setting(&text);
        for visitor in [line::somebody(), withheld()] {
            for keys in [
                "11",
                "22017112345#1",
                "4911",
                "52711#11",
                "5271114",
                "6911",
                "6*62610",
                "7770",
                "",
                "0",
                "303023125077#1",
            ] {
                cuts += cut_everywhere(&setting, &visitor, &Desk::default(), keys);
            }
            cuts += cut_everywhere(&setting, &visitor, &full(), "");
        }
    }
    assert!(cuts > 400, "{cuts}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_end_the_call_and_leave_nothing_held(
        keys in prop::collection::vec(prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()), 0..150),
        steps in 0..400usize,
        de in any::<bool>(),
        shown in any::<bool>(),
    ) {
        let text = if de { SLOTS.to_owned() } else { english(SLOTS) };
        let setting = setting(&text);
        let visitor = if shown { line::somebody() } else { withheld() };
        let mut call = Dialled::new(&setting, &visitor, Desk::default());
        let mut keys = keys.into_iter();
        for _ in 0..steps {
            call.step(&mut keys);
        }
        call.is_consistent();
        // And without a hang-up it ends by itself.
        let mut call = Dialled::new(&setting, &visitor, Desk::default());
        let mut left = 3_000;
        while !call.over && left > 0 {
            call.step(&mut keys);
            left -= 1;
        }
        prop_assert!(call.over);
    }
}
