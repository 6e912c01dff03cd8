//! What happens to a session that stands: hold, resume, late offers, glare, session timers.

use std::time::Duration;

use nightdesk::sip::msg::Header;
use nightdesk::sip::{Command, Ended, Event, Settings};

use super::phone::Phone;
use super::world::{ANSWER, OFFER, Side, World, settings};

const HOLD: &[u8] =
    b"v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=sendonly\r\n";

fn sec(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn text(sdp: &[u8]) -> &str {
    std::str::from_utf8(sdp).unwrap()
}

#[test]
fn hold_and_its_answer() {
    let mut world = World::new();
    let (a, b) = world.connected();
    world.tell(Side::A, a, Command::Reoffer { sdp: HOLD.to_vec() });
    world.settle();
    assert_eq!(world.heard(Side::B), [Event::Offer(HOLD.to_vec())]);
    world.tell(Side::B, b, Command::Answer { sdp: ANSWER.to_vec() });
    world.settle();
    assert_eq!(world.heard(Side::A), [Event::Confirmed { sdp: Some(ANSWER.to_vec()) }]);
    assert_eq!(world.sent(Side::A), ["INVITE", "ACK"]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "200 INVITE"]);
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Bye], &[Ended::Local]);
}

#[test]
fn a_refused_hold_leaves_the_session_as_it_was() {
    let mut world = World::new();
    let (a, b) = world.connected();
    world.tell(Side::A, a, Command::Reoffer { sdp: HOLD.to_vec() });
    world.settle();
    world.tell(Side::B, b, Command::RefuseOffer);
    world.settle();
    assert_eq!(world.heard(Side::A), [Event::Confirmed { sdp: None }]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "488 INVITE"]);
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
}

#[test]
fn a_reinvite_whose_200_is_never_acknowledged_ends_the_call() {
    let mut world = World::new();
    let (a, b) = world.connected();
    world.lose = vec![(Side::A, "ACK", 99)];
    world.tell(Side::A, a, Command::Reoffer { sdp: HOLD.to_vec() });
    world.settle();
    world.tell(Side::B, b, Command::Answer { sdp: ANSWER.to_vec() });
    world.ends(&[Ended::Bye], &[Ended::NoAck]);
}

#[test]
fn glare_is_settled_by_waiting() {
    let mut world = World::new();
    let (a, b) = world.connected();
    world.tell(Side::A, a, Command::Reoffer { sdp: HOLD.to_vec() });
    world.tell(Side::B, b, Command::Reoffer { sdp: OFFER.to_vec() });
    world.settle();
    assert!(world.sent(Side::A).contains(&"491 INVITE".to_owned()));
    assert!(world.sent(Side::B).contains(&"491 INVITE".to_owned()));
    // The callee's wait is the shorter one (RFC 3261 §14.1).
    world.run(Duration::from_millis(2050));
    assert_eq!(world.heard(Side::A), [Event::Offer(OFFER.to_vec())]);
    world.tell(Side::A, a, Command::Answer { sdp: ANSWER.to_vec() });
    world.run(sec(5));
    assert_eq!(world.heard(Side::B), [Event::Confirmed { sdp: Some(ANSWER.to_vec()) }, Event::Offer(HOLD.to_vec())]);
    world.tell(Side::B, b, Command::Answer { sdp: ANSWER.to_vec() });
    world.settle();
    assert_eq!(world.heard(Side::A), [Event::Confirmed { sdp: Some(ANSWER.to_vec()) }]);
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
}

#[test]
fn a_late_offer_is_answered_in_the_ack() {
    let mut phone = Phone::new();
    phone.send("INVITE", 1, &[], "");
    let leg = phone.leg();
    phone.got();
    phone.tell(leg, Command::Accept { sdp: OFFER.to_vec() });
    assert_eq!(phone.only().body(), OFFER);
    phone.send("ACK", 1, &[], text(ANSWER));
    assert_eq!(phone.heard(), [Event::Confirmed { sdp: Some(ANSWER.to_vec()) }]);
}

#[test]
fn a_late_offer_may_travel_in_a_reliable_183() {
    let mut phone = Phone::new();
    phone.send("INVITE", 1, &["Require: 100rel"], "");
    let leg = phone.leg();
    phone.got();
    phone.tell(leg, Command::Ring { sdp: Some(OFFER.to_vec()) });
    let early = phone.only();
    assert_eq!((early.code(), early.body()), (Some(183), OFFER));
    let rack = |add: u32| format!("RAck: {} 1 INVITE", early.rseq().unwrap() + add);
    phone.send("PRACK", 2, &[&rack(1)], text(ANSWER));
    phone.send("PRACK", 3, &[&rack(0)], "");
    phone.send("PRACK", 4, &[&rack(0)], text(ANSWER));
    phone.send("PRACK", 5, &[&rack(0)], text(ANSWER));
    assert_eq!(phone.got(), ["481 PRACK", "400 PRACK", "200 PRACK", "481 PRACK"]);
    assert_eq!(phone.heard(), [Event::EarlyAnswer(ANSWER.to_vec())]);
    phone.tell(leg, Command::Accept { sdp: OFFER.to_vec() });
    assert!(phone.only().body().is_empty());
    phone.send("ACK", 1, &[], "");
    assert_eq!(phone.heard(), [Event::Confirmed { sdp: None }]);
}

#[test]
fn without_100rel_a_late_offer_waits_for_the_200() {
    let mut phone = Phone::new();
    phone.send("INVITE", 1, &[], "");
    let leg = phone.leg();
    phone.got();
    phone.tell(leg, Command::Ring { sdp: Some(OFFER.to_vec()) });
    let early = phone.only();
    assert!(early.body().is_empty() && early.rseq().is_none());
}

#[test]
fn an_offer_in_prack_and_one_in_an_early_update() {
    let mut phone = Phone::new();
    phone.invite(&["Supported: 100rel"]);
    let leg = phone.leg();
    phone.got();
    phone.tell(leg, Command::Ring { sdp: None });
    let rack = format!("RAck: {} 1 INVITE", phone.only().rseq().unwrap());
    phone.send("PRACK", 2, &[&rack], "");
    phone.send("UPDATE", 3, &[], text(HOLD));
    assert_eq!(phone.got(), ["200 PRACK", "500 UPDATE"], "their offer has no answer yet (RFC 3311 §5.2)");
    phone.tell(leg, Command::Ring { sdp: Some(ANSWER.to_vec()) });
    let early = phone.only();
    let rack = format!("RAck: {} 1 INVITE", early.rseq().unwrap());
    phone.send("PRACK", 4, &[&rack], text(HOLD));
    assert_eq!(phone.heard(), [Event::Offer(HOLD.to_vec())]);
    phone.tell(leg, Command::Accept { sdp: ANSWER.to_vec() });
    assert!(phone.got().is_empty(), "one after the other");
    phone.tell(leg, Command::Answer { sdp: ANSWER.to_vec() });
    assert_eq!(phone.got(), ["200 PRACK", "200 INVITE"]);
    phone.send("ACK", 1, &[], "");
    phone.send("UPDATE", 5, &[], text(HOLD));
    phone.send("UPDATE", 6, &[], text(HOLD));
    phone.tell(leg, Command::Answer { sdp: ANSWER.to_vec() });
    assert_eq!(phone.got(), ["500 UPDATE", "200 UPDATE"]);
}

#[test]
fn an_offer_is_wanted_in_a_reinvite_without_sdp() {
    let mut phone = Phone::new();
    let leg = phone.connected(&[]);
    phone.send("INVITE", 2, &[], "");
    assert_eq!(phone.heard(), [Event::OfferWanted]);
    phone.tell(leg, Command::Answer { sdp: OFFER.to_vec() });
    assert_eq!(phone.got(), ["100 INVITE", "200 INVITE"]);
    phone.send("UPDATE", 3, &[], text(HOLD));
    assert_eq!(phone.got(), ["491 UPDATE"], "our offer is out");
    phone.send("ACK", 2, &[], text(ANSWER));
    assert_eq!(phone.heard(), [Event::Confirmed { sdp: Some(ANSWER.to_vec()) }]);
}

#[test]
fn overlapping_reinvites_a_cancelled_one_and_bye_in_the_midst() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    phone.send("INVITE", 2, &[], text(HOLD));
    phone.got();
    phone.send("INVITE", 3, &[], text(HOLD));
    let busy = phone.only();
    assert!(busy.code() == Some(500) && busy.header(Header::RetryAfter).is_some());
    phone.send("CANCEL", 2, &[], "");
    assert_eq!(phone.got(), ["200 CANCEL", "487 INVITE"]);
    phone.send("INVITE", 4, &[], text(HOLD));
    phone.send("BYE", 5, &[], "");
    assert_eq!(phone.got(), ["100 INVITE", "200 BYE", "487 INVITE"]);
    phone.is_idle_after(100);
    assert_eq!(phone.heard().last(), Some(&Event::Ended(Ended::Bye)));
}

#[test]
fn a_new_address_is_followed() {
    let mut phone = Phone::new();
    let leg = phone.connected(&[]);
    phone.send("UPDATE", 2, &["Contact: <sip:bob@10.0.0.30:5099>"], "");
    assert_eq!(phone.got(), ["200 UPDATE"]);
    phone.tell(leg, Command::Hangup);
    assert_eq!(phone.inbox[0].0.remote.to_string(), "10.0.0.30:5099");
}

#[test]
fn a_private_contact_behind_a_public_address_is_not_followed() {
    let mut phone = Phone::with(Settings { trusted: vec![("203.0.113.0".parse().unwrap(), 24)], ..settings(9) });
    phone.flow.remote = super::phone::address("203.0.113.9:5062");
    let leg = phone.connected(&["Contact: <sip:bob@192.168.1.20:5060>"]);
    phone.tell(leg, Command::Hangup);
    assert_eq!(phone.inbox[0].0.remote, phone.flow.remote);
}

#[test]
fn too_small_an_interval_is_422() {
    let mut phone = Phone::new();
    phone.invite(&["Supported: timer", "Session-Expires: 60"]);
    let answer = phone.only();
    assert_eq!((answer.code(), answer.min_se()), (Some(422), Some(90)));
}

#[test]
fn the_caller_refreshes_when_it_said_so_and_is_missed_when_it_does_not() {
    let mut phone = Phone::new();
    phone.invite(&["Supported: timer", "Session-Expires: 120;refresher=uac"]);
    let leg = phone.leg();
    phone.inbox.clear();
    phone.tell(leg, Command::Accept { sdp: ANSWER.to_vec() });
    let answer = phone.only();
    assert_eq!(answer.header(Header::SessionExpires).unwrap(), "120;refresher=uac");
    assert_eq!(answer.require(), ["timer"]);
    phone.send("ACK", 1, &[], "");
    phone.wait(sec(80));
    phone.send("UPDATE", 2, &["Supported: timer", "Session-Expires: 120;refresher=uac"], "");
    assert_eq!(phone.got(), ["200 UPDATE"]);
    phone.heard();
    // RFC 4028 §10: 32 s before the end.
    phone.wait(sec(87));
    assert!(phone.got().is_empty());
    phone.wait(Duration::from_millis(1200));
    assert_eq!((phone.got(), phone.heard()), (vec!["BYE".into()], vec![Event::Ended(Ended::SessionExpired)]));
    phone.is_idle_after(40);
}

#[test]
fn we_refresh_by_update_or_by_the_same_offer_again() {
    for (allow, method) in [("Allow: INVITE, UPDATE", "UPDATE"), ("Allow: INVITE", "INVITE")] {
        let mut phone = Phone::new();
        phone.connected(&["Supported: timer", "Session-Expires: 120;refresher=uas", allow]);
        phone.wait(sec(60));
        let refresh = phone.only();
        assert_eq!(refresh.method().unwrap().as_str(), method);
        assert_eq!(refresh.body(), if method == "INVITE" { ANSWER } else { b"" });
        assert_eq!(refresh.header(Header::SessionExpires).unwrap(), "120;refresher=uac");
        phone.reply(
            &refresh,
            200,
            "",
            &["Session-Expires: 120;refresher=uac"],
            if method == "INVITE" { text(OFFER) } else { "" },
        );
        assert_eq!(phone.got(), if method == "INVITE" { vec!["ACK"] } else { vec![] });
        assert_eq!(phone.heard(), []);
        phone.wait(sec(60));
        let refresh = phone.only();
        phone.reply(&refresh, 481, "", &[], "");
        assert_eq!(phone.heard(), [Event::Ended(Ended::SessionExpired)]);
        assert_eq!(phone.got().last().unwrap(), "BYE");
        phone.is_idle_after(40);
    }
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    let mut world = World::new();
    let (_, b) = world.connected();
    world.lose = vec![(Side::B, "200 UPDATE", 99), (Side::A, "BYE", 99)];
    world.run(sec(1800));
    world.lose.clear();
    assert_eq!(world.heard(Side::B).len() + world.heard(Side::A).len(), 1);
    world.tell(Side::B, b, Command::Hangup);
    world.run(sec(100));
    assert!(world.a.is_idle() && world.b.is_idle());
}

#[test]
fn a_night_of_refreshes() {
    let mut world = World::new();
    let (a, _) = world.connected();
    world.run(sec(8 * 3600));
    assert!(world.heard(Side::A).is_empty() && world.heard(Side::B).is_empty());
    let sent = [world.sent(Side::A), world.sent(Side::B)].concat();
    assert_eq!(sent.iter().filter(|what| *what == "UPDATE").count(), 31);
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
}
