//! A caller's way through a plan: menus, information, languages, rules, hours, told like the phone call.

use std::sync::Arc;

use nightdesk::clock::Utc;
use nightdesk::flow::{Contact, Event, Setting, Visitor, route};
use nightdesk::hours::{Override, Overrides};
use proptest::prelude::*;

use crate::support::line::{self, FRIDAY_EVENING, Line};

const OFFICE: &str = r#"
[line]
business = "Muster"
hours    = "buero"
open     = "say.offen"
closed   = "menu.abend"
on.12-24 = "hangup.weihnachten"

[hours.buero]
mon-fri  = ["08:00-12:00", "13:00-17:00"]
closed   = ["2026-12-28..2027-01-06 Betriebsferien"]

[rule.werbung]
caller   = "blocked"
to       = "hangup.weihnachten"

[rule.nummer-unbekannt]
caller   = ["withheld", "country:AT"]
when     = "closed"
to       = "message.kurz"

[say.offen]
say      = "offen-ansage"
goto     = "message.kurz"

[menu.abend]
say      = "abend"
key.1    = "message.kurz"
key.2    = "menu.zwei"
key.21   = "message.lang"
key.4    = "info.zeiten"
silence  = "message.kurz"

[menu.zwei]
say      = "zwei"
key.1    = "message.lang"
key."*"  = "back"
invalid  = "message.lang"
silence  = "hangup.weihnachten"
barge-in = false

[info.zeiten]
say      = ["Heute {hours.today}."]

[message.kurz]
goto     = "menu.zwei"

[message.lang]
say      = ["Wir haben {until} geschlossen.", "Grund ist {reason}.", "lang"]
priority = "urgent"

[hangup.weihnachten]
say      = "weihnachten"
"#;

#[test]
fn a_key_interrupts_the_menu_and_leads_on() {
    let mut line = Line::of(OFFICE);
    assert_eq!(line.sees(), "says abend");
    assert_eq!(line.presses('1').sees(), "hushes, goes to message.kurz, prepares First, says greeting+leave-message");
}

#[test]
fn a_longer_choice_waits_for_its_second_key() {
    let mut line = Line::of(OFFICE);
    line.sees();
    assert_eq!(line.presses('2').sees(), "hushes", "2 may become 21");
    let way = "goes to message.lang, prepares First, says Wir haben bis Montag, acht Uhr geschlossen.+lang";
    assert_eq!(line.presses('1').sees(), way, "no reason is known, and its sentence is left out");

    let mut line = Line::of(OFFICE);
    line.presses('2').sees();
    assert_eq!(line.waits().sees(), "goes to menu.zwei, says zwei");

    let mut line = Line::of(OFFICE);
    line.presses('2').sees();
    assert_eq!(line.presses('#').sees(), "goes to menu.zwei, says zwei", "# ends the choice");
}

#[test]
fn who_presses_nothing_hears_it_again_and_then_goes_on() {
    let mut line = Line::of(OFFICE);
    line.tell(Event::Said).sees();
    for _ in 0..2 {
        assert_eq!(line.waits().sees(), "says abend");
        line.tell(Event::Said);
    }
    assert_eq!(line.waits().sees(), "goes to message.kurz, prepares First, says greeting+leave-message");
}

#[test]
fn wrong_keys_have_their_own_way() {
    let mut line = Line::of(OFFICE);
    line.presses('2').presses('#').tell(Event::Said).sees();
    assert_eq!(line.presses('7').sees(), "says error-invalid+zwei");
    assert_eq!(line.presses('7').sees(), "", "this menu is not interrupted");
    line.tell(Event::Said);
    assert_eq!(line.presses('7').sees(), "says error-invalid+zwei");
    line.tell(Event::Said);
    assert!(line.presses('7').sees().starts_with("goes to message.lang, "));
}

#[test]
fn information_leads_back_and_so_does_a_key() {
    let mut line = Line::of(OFFICE);
    line.sees();
    let told = "hushes, goes to info.zeiten, \
                says Heute von acht bis zwölf Uhr und von dreizehn bis siebzehn Uhr.";
    assert_eq!(line.presses('4').sees(), told);
    assert_eq!(line.tell(Event::Said).sees(), "goes to menu.abend, says abend");
    line.presses('4').sees();
    assert_eq!(line.presses('9').sees(), "hushes, goes to menu.abend, says abend");
}

#[test]
fn back_from_a_menu_is_the_menu_before() {
    let mut line = Line::of(OFFICE);
    line.presses('2').presses('#').tell(Event::Said).sees();
    assert_eq!(line.presses('*').sees(), "goes to menu.abend, says abend");
}

#[test]
fn after_a_message_the_call_goes_on_and_another_message_is_another() {
    let mut line = Line::of(OFFICE);
    line.presses('1').tell(Event::Ready).tell(Event::Said).tell(Event::Said);
    line.tell(Event::Recorded(nightdesk::flow::RecordEnd::Key)).tell(Event::Kept).tell(Event::Said).sees();
    assert_eq!(line.waits().sees(), "goes to menu.zwei, says zwei");
    line.tell(Event::Said).presses('1').sees();
    assert_eq!(line.tell(Event::Ready).sees(), "urgent");
}

#[test]
fn rules_come_first_then_the_hand_then_days_then_hours() {
    let setting = Setting::of(line::plan(OFFICE), "Nightdesk");
    let goes = |setting: &Setting, visitor: &Visitor, at: &str| {
        let at = Utc(at.parse::<jiff::Zoned>().unwrap().timestamp().as_millisecond());
        let route = route(setting, visitor, at);
        let nightdesk::plan::To::Step(step) = route.target.to else { panic!("back to where") };
        let why = route.explained(setting);
        format!("{}: {}", setting.plan.step(step).unwrap().name, why.en)
    };
    let friday = "2026-11-20T19:00[Europe/Berlin]";
    let christmas = "2026-12-24T10:00[Europe/Berlin]";
    let plain = line::somebody();
    let withheld = Visitor { caller: None, ..plain.clone() };
    let austrian = Visitor { caller: Some("+4313023125".into()), ..plain.clone() };
    let blocked = Contact { blocked: true, ..Contact::default() };
    let blocked = Visitor { contact: Some(blocked), ..plain.clone() };
    let rows = [
        goes(&setting, &plain, friday),
        goes(&setting, &plain, "2026-11-20T09:00[Europe/Berlin]"),
        goes(&setting, &plain, "2026-11-21T09:00[Europe/Berlin]"),
        goes(&setting, &plain, christmas),
        goes(&setting, &plain, "2026-12-29T09:00[Europe/Berlin]"),
        goes(&setting, &withheld, friday),
        goes(&setting, &withheld, "2026-11-20T09:00[Europe/Berlin]"),
        goes(&setting, &austrian, friday),
        goes(&setting, &blocked, "2026-11-20T09:00[Europe/Berlin]"),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r#"
    menu.abend: closed: outside 08:00-12:00, 13:00-17:00 on Friday in hours.buero
    say.offen: open: Friday 08:00-12:00 in hours.buero
    menu.abend: closed: Saturday has no windows in hours.buero
    hangup.weihnachten: line.on."12-24" is about today
    menu.abend: closed: 2026-12-28..2027-01-06 Betriebsferien is in hours.buero.closed
    message.kurz: rule.nummer-unbekannt matches
    say.offen: open: Friday 08:00-12:00 in hours.buero
    message.kurz: rule.nummer-unbekannt matches
    hangup.weihnachten: rule.werbung matches
    "#);

    let by_hand = |open| {
        let at = |text: &str| Utc(text.parse::<jiff::Zoned>().unwrap().timestamp().as_millisecond());
        let until = at("2026-12-28T08:00[Europe/Berlin]");
        let set = at("2026-11-20T08:00[Europe/Berlin]");
        let reason = Some("Wasserschaden".to_owned());
        let by_hand = Override::new(open, set, until, set, reason, "Inhaber".into()).unwrap();
        Setting { overrides: Arc::new(Overrides::new(vec![by_hand])), ..setting.clone() }
    };
    insta::assert_snapshot!(goes(&by_hand(true), &plain, christmas), @"say.offen: open: by hand of Inhaber, until 2026-12-28 08:00");
    insta::assert_snapshot!(goes(&by_hand(false), &plain, "2026-11-20T09:00[Europe/Berlin]"), @"menu.abend: closed: by hand of Inhaber, until 2026-12-28 08:00");
    let mut line = Line::answered(by_hand(false), plain, FRIDAY_EVENING);
    insta::assert_snapshot!(line.sees(), @"says Wasserschaden. Wir haben zurzeit geschlossen, bis Donnerstag, den siebten Januar, acht Uhr.+abend");
}

#[test]
fn a_language_is_chosen_once_for_all() {
    let mut line = Line::of(
        r#"
[line]
language = ["de", "en"]
open     = "language.wahl"
[language.wahl]
say.de   = "Deutsch, die Eins."
say.en   = "English, two."
key.1    = "de"
key.2    = "en"
goto     = "hangup.ende"
[hangup.ende]
say.de   = "Auf Wiederhören bei {business}."
say.en   = "Goodbye from {business}."
"#,
    );
    assert_eq!(line.sees(), "says Deutsch, die Eins.+English, two.");
    assert_eq!(line.presses('2').sees(), "hushes, goes to hangup.ende, says Goodbye from Nightdesk.");
}

#[test]
fn who_goes_round_for_ever_is_let_go() {
    let mut line = Line::of(OFFICE);
    for _ in 0..400 {
        line.presses('4').presses('4');
    }
    assert!(line.sees().ends_with("says goodbye"));
    assert_eq!(line.tell(Event::Said).sees(), "hangs up too_many");
}

proptest! {
    /// Whatever is pressed, a call ends: by itself once nobody presses any more, and sooner or later anyway.
    #[test]
    fn every_call_ends(keys in prop::collection::vec(prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()), 0..600)) {
        let mut line = Line::of(OFFICE);
        for key in keys {
            line.presses(key).tell(Event::Ready).tell(Event::Said);
        }
        for _ in 0..200 {
            line.tell(Event::Ready).tell(Event::Said);
            line.tell(Event::Recorded(nightdesk::flow::RecordEnd::Silence)).tell(Event::Kept);
            if line.flow.poll_timeout().is_some() {
                line.waits();
            }
        }
        prop_assert!(line.flow.is_over());
    }
}
