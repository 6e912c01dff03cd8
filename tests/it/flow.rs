//! A caller's way through the message step, told like the phone call.

use std::time::Duration;

use nightdesk::clock::{Mono, Now};
use nightdesk::flow::{Action, Cause, Event, Flow, RecordEnd, Say, Setting, Visitor};
use proptest::prelude::*;

use crate::support::line::{self, FRIDAY_EVENING, Line, MESSAGE};

fn answered() -> Line {
    Line::of(MESSAGE)
}

fn at_the_beep() -> Line {
    let mut line = answered();
    line.tell(Event::Ready).tell(Event::Said).tell(Event::Said).sees();
    line
}

fn after_a_message() -> Line {
    let mut line = at_the_beep();
    line.tell(Event::Recorded(RecordEnd::Key)).tell(Event::Kept).sees();
    line
}

#[test]
fn greeting_then_beep_then_record_and_the_row_comes_first() {
    let mut line = answered();
    assert_eq!(line.sees(), "prepares First, says greeting+leave-message");
    assert_eq!(line.tell(Event::Said).sees(), "", "no beep before the row stands");
    assert_eq!(line.tell(Event::Ready).sees(), "says beep");
    assert_eq!(line.tell(Event::Said).sees(), "records First");
}

#[test]
fn who_knows_the_greeting_presses_hash() {
    let mut line = answered();
    line.tell(Event::Ready).sees();
    assert_eq!(line.presses('#').sees(), "hushes, says beep");
}

#[test]
fn a_message_is_kept_and_may_be_heard_replaced_and_added_to() {
    let mut line = at_the_beep();
    assert_eq!(line.tell(Event::Recorded(RecordEnd::Key)).sees(), "hushes");
    assert_eq!(line.tell(Event::Kept).sees(), "says saved+review-menu");
    assert_eq!(line.presses('2').sees(), "says <message>+review-menu");
    assert_eq!(line.presses('5').sees(), "urgent, says marked-urgent+review-menu");
    assert_eq!(line.presses('4').sees(), "prepares More, says record-more");
    line.tell(Event::Ready).tell(Event::Said).tell(Event::Said);
    assert_eq!(line.sees(), "says beep, records More");
    line.tell(Event::Recorded(RecordEnd::Silence)).tell(Event::Kept).sees();
    assert_eq!(line.presses('3').sees(), "prepares Again, says record-again");
    line.tell(Event::Said).tell(Event::Ready).tell(Event::Said);
    assert_eq!(line.sees(), "says beep, records Again");
}

#[test]
fn hanging_up_while_speaking_stops_the_recording_and_says_nothing() {
    let mut line = at_the_beep();
    assert_eq!(line.tell(Event::HungUp).sees(), "stops recording");
    assert!(line.flow.is_over() && line.flow.poll_timeout().is_none());
}

#[test]
fn silence_is_no_message() {
    let mut line = at_the_beep();
    line.tell(Event::Recorded(RecordEnd::Silence)).sees();
    assert_eq!(line.tell(Event::Empty).sees(), "says nothing-heard+goodbye");
    assert_eq!(line.tell(Event::Said).sees(), "hangs up silent");
}

#[test]
fn an_impatient_thumb_may_try_again_but_not_for_ever() {
    let mut line = at_the_beep();
    for _ in 0..2 {
        line.tell(Event::Recorded(RecordEnd::Key)).sees();
        assert_eq!(line.tell(Event::Empty).sees(), "prepares First, says nothing-heard+leave-message");
        line.tell(Event::Ready).tell(Event::Said).tell(Event::Said).sees();
    }
    line.tell(Event::Recorded(RecordEnd::Key)).sees();
    assert_eq!(line.tell(Event::Empty).sees(), "says nothing-heard+goodbye");
}

#[test]
fn an_empty_replacement_leaves_what_was_kept() {
    let mut line = after_a_message();
    line.presses('3').tell(Event::Ready).tell(Event::Said).tell(Event::Said);
    line.tell(Event::Recorded(RecordEnd::Key)).sees();
    assert_eq!(line.tell(Event::Empty).sees(), "says nothing-heard+kept-so-far+review-menu");
}

#[test]
fn nothing_pressed_after_the_menu_ends_politely() {
    let mut line = after_a_message();
    line.tell(Event::Said);
    assert_eq!(line.waits().sees(), "says review-menu");
    line.tell(Event::Said);
    assert_eq!(line.waits().sees(), "says review-menu");
    line.tell(Event::Said);
    assert_eq!(line.waits().sees(), "says goodbye");
    assert_eq!(line.tell(Event::Said).sees(), "hangs up done");
}

#[test]
fn wrong_keys_are_named_and_forgiven_a_few_times() {
    let mut line = after_a_message();
    assert_eq!(line.presses('9').sees(), "says error-invalid+review-menu");
    assert_eq!(line.presses('9').sees(), "says error-invalid+review-menu");
    assert_eq!(line.presses('9').sees(), "says goodbye");
}

#[test]
fn the_caller_is_warned_before_the_end() {
    let mut line = at_the_beep();
    assert_eq!(line.tell(Event::NearMax).sees(), "says record-warning");
    assert_eq!(line.tell(Event::Recorded(RecordEnd::Max)).sees(), "hushes");
    assert_eq!(line.tell(Event::Kept).sees(), "says saved+review-menu");
}

#[test]
fn a_full_disk_is_told_as_it_is() {
    for (known, words) in [(true, "not-kept"), (false, "not-kept-withheld")] {
        let visitor = if known { line::somebody() } else { Visitor::default() };
        let setting = Setting::of(line::plan(MESSAGE), "Nightdesk");
        let mut line = Line::answered(setting, visitor, FRIDAY_EVENING);
        line.sees();
        assert_eq!(line.tell(Event::Refused).sees(), format!("says {words}+goodbye"));
        assert_eq!(line.tell(Event::Said).sees(), "hangs up not_kept");
    }
    let mut line = at_the_beep();
    assert_eq!(line.tell(Event::WriteFailed).sees(), "stops recording, says not-kept+goodbye");
}

#[test]
fn a_store_that_does_not_answer_is_no_dead_end() {
    let mut line = answered();
    line.tell(Event::Said).sees();
    assert_eq!(line.waits().sees(), "says not-kept+goodbye");
    let mut line = at_the_beep();
    line.tell(Event::Recorded(RecordEnd::Key)).sees();
    assert_eq!(line.waits().sees(), "says not-kept+goodbye");
}

fn any_event() -> impl Strategy<Value = Event> {
    use Event::*;
    let key = prop::sample::select(vec!['0', '1', '2', '3', '4', '5', '9', '*', '#']);
    let end = prop::sample::select(vec![RecordEnd::Key, RecordEnd::Silence, RecordEnd::Max, RecordEnd::Stopped]);
    prop_oneof![
        key.prop_map(Key),
        end.prop_map(Recorded),
        prop::sample::select(vec![Started, Said, Ready, Refused, NearMax, WriteFailed, Kept, Empty, NotKept]),
    ]
}

proptest! {
    /// Whatever comes in whatever order: never a recording without a row and a beep before it, and
    /// always an end once the caller is gone.
    #[test]
    fn no_order_of_events_records_before_the_beep(events in prop::collection::vec(any_event(), 0..80)) {
        let mut flow = Flow::new(Setting::of(line::plan(MESSAGE), "Nightdesk"), line::somebody());
        let mut now = Now { mono: Mono(1), utc: FRIDAY_EVENING };
        let (mut prepared, mut beeped) = (false, false);
        for event in events {
            flow.handle(event, now);
            now = now.after(Duration::from_millis(100));
            while let Some(action) = flow.poll_action() {
                match action {
                    Action::Prepare { .. } => prepared = true,
                    Action::Say(what) => beeped = matches!(what.last(), Some(Say::Prompt { id, .. }) if id == "beep"),
                    Action::Record(..) => {
                        prop_assert!(prepared && beeped);
                        (prepared, beeped) = (false, false);
                    }
                    Action::HangUp(cause) => prop_assert!(matches!(cause, Cause::Done | Cause::Silent | Cause::NotKept)),
                    _ => {}
                }
            }
        }
        flow.handle(Event::HungUp, now);
        prop_assert!(flow.is_over() && flow.poll_timeout().is_none());
    }
}
