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
