//! Calls between two of us.

use std::time::Duration;

use nightdesk::sip::{Command, Ended, Event};

use super::world::{ANSWER, OFFER, Side, World};

fn sec(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_call_rings_is_answered_and_hung_up_by_the_caller() {
    let mut world = World::new();
    let a = world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: None });
    world.settle();
    assert_eq!(world.heard(Side::A), [Event::Progress { code: 180, sdp: None }]);
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.settle();
    assert_eq!(world.heard(Side::A), [Event::Answered { sdp: Some(ANSWER.to_vec()) }]);
    assert_eq!(world.heard(Side::B), [Event::Confirmed { sdp: None }]);
    assert_eq!((world.a.legs(), world.b.legs()), (1, 1));
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
    assert_eq!(world.sent(Side::A), ["INVITE", "PRACK", "ACK", "BYE"]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "180 INVITE", "200 PRACK", "200 INVITE", "200 BYE"]);
}

#[test]
fn the_caller_is_told_apart() {
    let mut world = World::new();
    world.dial();
    world.settle();
    let heard = world.heard(Side::B);
    let [Event::Incoming(invite)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(invite.request_user, "100");
    assert_eq!(invite.from_user, "alice");
    assert_eq!(invite.from_name, "Alice \"A\" Müller");
    assert_eq!(invite.asserted.as_deref(), Some("+4971112345"));
    assert_eq!(invite.offer.as_deref(), Some(OFFER));
    assert!(invite.reliable && !invite.anonymous);
}

#[test]
fn the_callee_hangs_up() {
    let mut world = World::new();
    let (_, b) = world.connected();
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Bye], &[Ended::Local]);
    assert_eq!(world.sent(Side::B), ["BYE"]);
}

#[test]
fn a_lost_ack_brings_the_200_again_and_the_ack_with_it() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "ACK", 2)];
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.run(sec(5));
    assert_eq!(world.heard(Side::B), [Event::Confirmed { sdp: None }]);
    assert_eq!(world.sent(Side::A), ["INVITE", "ACK", "ACK", "ACK"]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "200 INVITE", "200 INVITE", "200 INVITE"]);
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Bye], &[Ended::Local]);
}

#[test]
fn without_any_ack_the_call_ends_with_bye() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "ACK", 99)];
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.ends(&[Ended::Bye], &[Ended::NoAck]);
    assert_eq!(world.sent(Side::B).iter().filter(|what| *what == "200 INVITE").count(), 11);
}

#[test]
fn a_busy_callee() {
    let mut world = World::new();
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Reject { code: 486 });
    world.ends(&[Ended::Refused { code: 486, reason: "Busy Here".into() }], &[Ended::Local]);
    assert_eq!(world.sent(Side::A), ["INVITE", "ACK"]);
}

#[test]
fn a_lost_invite_and_a_lost_refusal_are_repeated() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "INVITE", 2), (Side::B, "486 INVITE", 2), (Side::A, "ACK", 1)];
    world.dial();
    world.run(sec(2));
    let b = world.incoming();
    world.tell(Side::B, b, Command::Reject { code: 486 });
    world.ends(&[Ended::Refused { code: 486, reason: "Busy Here".into() }], &[Ended::Local]);
}

#[test]
fn cancel_wins_before_the_answer() {
    let mut world = World::new();
    let a = world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: None });
    world.settle();
    world.tell(Side::A, a, Command::Hangup);
    world.settle();
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.ends(&[Ended::Local], &[Ended::Cancelled]);
    assert_eq!(world.sent(Side::A), ["INVITE", "PRACK", "CANCEL", "ACK"]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "180 INVITE", "200 PRACK", "200 CANCEL", "487 INVITE"]);
}

#[test]
fn cancel_loses_against_an_answer_under_way() {
    let mut world = World::new();
    let a = world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
    assert_eq!(world.sent(Side::A), ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(world.sent(Side::B), ["100 INVITE", "200 INVITE", "200 CANCEL", "200 BYE"]);
}

#[test]
fn cancel_waits_for_a_provisional() {
    let mut world = World::new();
    let a = world.dial();
    world.tell(Side::A, a, Command::Hangup);
    assert_eq!(world.sent(Side::A), ["INVITE"]);
    world.settle();
    assert_eq!(world.sent(Side::A), ["CANCEL", "ACK"]);
    world.ends(&[Ended::Local], &[Ended::Cancelled]);
}

#[test]
fn ringing_has_an_end() {
    let mut world = World::new();
    world.dial_for(sec(20));
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: None });
    world.ends(&[Ended::Refused { code: 408, reason: "Request Timeout".into() }], &[Ended::Cancelled]);
}

#[test]
fn nobody_is_there() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "INVITE", 99)];
    world.dial();
    world.ends(&[Ended::Refused { code: 408, reason: "Request Timeout".into() }], &[]);
    assert_eq!(world.sent(Side::A).len(), 7);
}

#[test]
fn the_transport_fails() {
    let mut world = World::new();
    world.dial();
    let flow = world.flow(Side::A);
    let now = world.now;
    world.lose = vec![(Side::B, "100 INVITE", 9), (Side::B, "487 INVITE", 99)];
    world.a.send_failed(flow, now);
    world.collect();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Transport], &[Ended::Local]);
}

#[test]
fn one_failed_send_does_not_end_a_call_that_rings() {
    let mut world = World::new();
    let a = world.dial();
    world.incoming();
    let (flow, now) = (world.flow(Side::A), world.now);
    world.a.send_failed(flow, now);
    world.collect();
    assert!(world.heard(Side::A).is_empty());
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Cancelled]);
}

#[test]
fn two_thousand_calls_at_once() {
    let mut world = World::new();
    world.weather.loss = 2;
    let calls: Vec<_> = (0..2000).map(|_| world.dial()).collect();
    world.run(sec(4));
    let rings = world.events.iter().filter(|(_, _, event)| matches!(event, Event::Incoming(_)));
    let legs: Vec<_> = rings.map(|(_, leg, _)| *leg).collect();
    assert_eq!(legs.len(), 2000);
    for leg in legs {
        world.tell(Side::B, leg, Command::Accept { sdp: ANSWER.to_vec() });
    }
    world.run(sec(20));
    assert_eq!((world.a.legs(), world.b.legs()), (2000, 2000));
    world.events.clear();
    for leg in calls {
        world.tell(Side::A, leg, Command::Hangup);
    }
    world.ends(&vec![Ended::Local; 2000], &vec![Ended::Bye; 2000]);
}

#[test]
fn a_hang_up_before_the_ack_waits_for_it() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "ACK", 1)];
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    world.settle();
    world.tell(Side::B, b, Command::Hangup);
    assert_eq!(world.heard(Side::B), [Event::Ended(Ended::Local)]);
    assert!(!world.sent(Side::B).contains(&"BYE".to_owned()), "RFC 3261 §15");
    world.ends(&[Ended::Bye], &[]);
    assert!(world.sent(Side::B).contains(&"BYE".to_owned()));
}

#[test]
fn both_hang_up_at_once() {
    let mut world = World::new();
    let (a, b) = world.connected();
    world.tell(Side::A, a, Command::Hangup);
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Local]);
    assert_eq!(world.sent(Side::A), ["BYE", "200 BYE"]);
}

#[test]
fn a_dead_peer_does_not_keep_the_leg() {
    let mut world = World::new();
    let (a, _) = world.connected();
    world.lose = vec![(Side::A, "BYE", 99)];
    world.tell(Side::A, a, Command::Hangup);
    world.run(sec(40));
    assert_eq!((world.heard(Side::A), world.a.is_idle()), (vec![Event::Ended(Ended::Local)], true));
    assert_eq!(world.sent(Side::A).len(), 11);
}

#[test]
fn early_media_is_agreed_on_reliably_and_the_200_says_nothing_more() {
    let mut world = World::new();
    let a = world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: Some(ANSWER.to_vec()) });
    world.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
    assert_eq!(world.sent(Side::B).last().unwrap(), "183 INVITE", "the 200 waits for the PRACK");
    world.settle();
    let progress = Event::Progress { code: 183, sdp: Some(ANSWER.to_vec()) };
    assert_eq!(world.heard(Side::A), [progress, Event::Answered { sdp: None }]);
    assert!(world.message(Side::B, "200 INVITE").body().is_empty());
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
}

#[test]
fn a_lost_183_or_prack_is_repeated() {
    let mut world = World::new();
    world.lose = vec![(Side::B, "183 INVITE", 2), (Side::A, "PRACK", 1), (Side::B, "200 PRACK", 1)];
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: Some(ANSWER.to_vec()) });
    world.run(sec(10));
    assert_eq!(world.heard(Side::A).len(), 1);
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[Ended::Refused { code: 480, reason: "Temporarily Unavailable".into() }], &[Ended::Local]);
}

#[test]
fn without_any_prack_the_call_is_refused() {
    let mut world = World::new();
    world.lose = vec![(Side::A, "PRACK", 99)];
    world.dial();
    let b = world.incoming();
    world.tell(Side::B, b, Command::Ring { sdp: None });
    world.ends(&[Ended::Refused { code: 500, reason: "Server Internal Error".into() }], &[Ended::NoAck]);
}

#[test]
fn keys_travel_by_info() {
    let mut world = World::new();
    let (a, _) = world.connected();
    world.tell(Side::A, a, Command::SendKey { key: '7', duration_ms: 120 });
    world.tell(Side::A, a, Command::SendKey { key: 'x', duration_ms: 120 });
    world.settle();
    assert_eq!(world.heard(Side::B), [Event::Key { key: '7', duration_ms: 120 }]);
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
}

#[test]
fn the_same_over_tcp_sends_nothing_twice() {
    let mut world = World::new().tcp();
    let (a, _) = world.connected();
    world.tell(Side::A, a, Command::Reoffer { sdp: OFFER.to_vec() });
    let contact = world.message(Side::A, "INVITE").contact().unwrap();
    assert_eq!(contact.uri.as_str(), "sip:10.0.0.1:5060;transport=tcp", "not the port of the connection");
    world.settle();
    let b = world.events.iter().find(|(side, _, _)| *side == Side::B).unwrap().1;
    world.tell(Side::B, b, Command::RefuseOffer);
    world.settle();
    world.log.clear();
    world.tell(Side::A, a, Command::Hangup);
    world.ends(&[Ended::Local], &[Ended::Bye]);
    assert_eq!((world.sent(Side::A), world.sent(Side::B)), (vec!["BYE".to_owned()], vec!["200 BYE".to_owned()]));
}

#[test]
fn a_lost_connection_ends_a_call_that_is_being_placed_and_spares_one_that_stands() {
    let mut world = World::new().tcp();
    let (a, b) = world.connected();
    let flow = nightdesk::sip::Flow { connection: 1, ..world.flow(Side::A) };
    let now = world.now;
    world.a.flow_closed(flow, now);
    world.collect();
    assert_eq!(world.a.legs(), 1);
    world.tell(Side::A, a, Command::Hangup);
    world.settle();
    assert_eq!(world.heard(Side::B), [Event::Ended(Ended::Bye)]);
    let _ = b;
    world.heard(Side::A);

    world.dial();
    let b = world.incoming();
    world.a.flow_closed(flow, now);
    world.collect();
    assert_eq!(world.heard(Side::A), [Event::Ended(Ended::Transport)]);
    world.tell(Side::B, b, Command::Hangup);
    world.ends(&[], &[Ended::Local]);
}

#[test]
fn the_same_over_ipv6() {
    let mut world = World::new().v6();
    let (_, b) = world.connected();
    world.tell(Side::B, b, Command::Hangup);
    world.settle();
    assert_eq!(world.message(Side::B, "BYE").uri().unwrap().as_str(), "sip:[fd00::1]:5060");
    world.ends(&[Ended::Bye], &[Ended::Local]);
}
