//! Calls that we place, to a phone that answers in unusual ways.

use std::time::Duration;

use nightdesk::sip::msg::Header;
use nightdesk::sip::{Command, Dial, Ended, Event};

use super::phone::Phone;
use super::world::{ANSWER, OFFER, name};

fn answer() -> &'static str {
    std::str::from_utf8(ANSWER).unwrap()
}

fn sec(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn our_invite_says_who_and_what() {
    let mut phone = Phone::new();
    let (_, invite) = phone.dialled();
    assert_eq!(invite.via().unwrap().to_string().split(';').next(), Some("SIP/2.0/UDP 10.0.0.2:5060"));
    assert!(invite.via().unwrap().unique_branch().is_some());
    assert_eq!(invite.contact().unwrap().uri.as_str(), "sip:10.0.0.2:5060");
    assert_eq!((invite.max_forwards(), invite.body()), (Some(70), OFFER));
    assert_eq!(invite.supported(), ["100rel", "timer"]);
    assert_eq!(invite.session_expires(), Some((1800, None)));
    assert!(invite.header(Header::UserAgent).is_none());
}

#[test]
fn a_fork_is_taken_once_and_the_other_answer_ended() {
    let mut phone = Phone::new();
    let (leg, invite) = phone.dialled();
    phone.reply(&invite, 180, "one", &[], "");
    phone.reply(&invite, 180, "two", &[], "");
    phone.reply(&invite, 200, "two", &[], answer());
    assert_eq!(phone.got(), ["ACK"]);
    phone.reply(&invite, 200, "one", &[], answer());
    let sent: Vec<_> = phone.inbox.iter().map(|(_, m)| (name(m), m.to().unwrap().tag().unwrap().to_owned())).collect();
    assert_eq!(sent, [("ACK".to_owned(), "one".to_owned()), ("BYE".into(), "one".into())]);
    let bye = phone.inbox[1].1.clone();
    phone.reply(&bye, 200, "", &[], "");
    phone.inbox.clear();
    // Both may come again: each gets its ACK again, and nothing else.
    phone.reply(&invite, 200, "two", &[], answer());
    phone.reply(&invite, 200, "one", &[], answer());
    assert_eq!(phone.got(), ["ACK", "ACK"]);
    let progress = || Event::Progress { code: 180, sdp: None };
    assert_eq!(phone.heard(), [progress(), progress(), Event::Answered { sdp: Some(ANSWER.to_vec()) }]);
    phone.tell(leg, Command::Hangup);
    let bye = phone.only();
    assert_eq!(bye.to().unwrap().tag(), Some("two"));
    phone.reply(&bye, 200, "", &[], "");
    phone.is_idle_after(40);
}

#[test]
fn a_fork_without_end_is_not_followed() {
    let mut phone = Phone::new();
    let (leg, invite) = phone.dialled();
    for number in 0..500 {
        phone.reply(&invite, 200, &format!("t{number}"), &[], answer());
        phone.reply(&invite, 180, &format!("u{number}"), &[], "");
    }
    assert_eq!(phone.got().iter().filter(|what| *what == "BYE").count(), 15);
    phone.tell(leg, Command::Hangup);
    phone.is_idle_after(70);
}

#[test]
fn reliable_provisionals_are_acknowledged_in_order_and_once() {
    let mut phone = Phone::new();
    let (_, invite) = phone.dialled();
    phone.reply(&invite, 183, "b", &["Require: 100rel", "RSeq: 7"], answer());
    let prack = phone.only();
    assert_eq!(prack.header(Header::RAck).unwrap(), "7 1 INVITE");
    assert_eq!(prack.cseq().unwrap().0, 2);
    phone.reply(&invite, 183, "b", &["Require: 100rel", "RSeq: 7"], answer());
    phone.reply(&invite, 180, "b", &["Require: 100rel", "RSeq: 9"], "");
    assert!(phone.got().is_empty(), "a repetition, and one whose forerunner is missing");
    phone.reply(&prack, 200, "", &[], "");
    phone.reply(&invite, 180, "b", &["Require: 100rel", "RSeq: 8"], "");
    assert_eq!(phone.got(), ["PRACK"]);
    phone.reply(&invite, 200, "b", &[], "");
    let heard = phone.heard();
    assert_eq!(heard[0], Event::Progress { code: 183, sdp: Some(ANSWER.to_vec()) });
    assert_eq!(heard[1], Event::Progress { code: 180, sdp: None });
    assert_eq!(heard[2], Event::Answered { sdp: None });
}

#[test]
fn refusals_are_handed_on() {
    for code in [302, 401, 404, 407, 503, 603] {
        let mut phone = Phone::new();
        let (_, invite) = phone.dialled();
        phone.reply(&invite, code, "b", &[], "");
        phone.reply(&invite, code, "b", &[], "");
        let acks: Vec<_> = phone.inbox.drain(..).map(|(_, ack)| ack).collect();
        assert_eq!(acks.len(), 2);
        assert_eq!(acks[0].via().unwrap().branch(), invite.via().unwrap().branch());
        assert_eq!(acks[0].to().unwrap().tag(), Some("b"));
        assert_eq!(phone.heard(), [Event::Ended(Ended::Refused { code, reason: "X".into() })]);
        phone.is_idle_after(33);
    }
}

#[test]
fn a_longer_interval_is_granted() {
    let mut phone = Phone::new();
    let (_, invite) = phone.dialled();
    phone.reply(&invite, 422, "b", &["Min-SE: 3600"], "");
    assert_eq!(name(&phone.inbox.remove(0).1), "ACK");
    let again = phone.only();
    assert_eq!(again.session_expires(), Some((3600, None)));
    assert_eq!(again.cseq().unwrap().0, 2);
    assert_eq!(again.call_id(), invite.call_id());
    phone.reply(&again, 422, "b", &["Min-SE: 3600"], "");
    assert!(matches!(phone.heard().as_slice(), [Event::Ended(Ended::Refused { code: 422, .. })]));
}

#[test]
fn a_cancelled_call_that_is_never_refused_is_forgotten() {
    let mut phone = Phone::new();
    let (leg, invite) = phone.dialled();
    phone.reply(&invite, 180, "b", &[], "");
    phone.tell(leg, Command::Hangup);
    let cancel = phone.only();
    assert_eq!(cancel.via().unwrap(), invite.via().unwrap());
    assert_eq!(cancel.uri().unwrap().as_str(), invite.uri().unwrap().as_str());
    phone.reply(&cancel, 200, "b", &[], "");
    for _ in 0..20 {
        phone.reply(&invite, 180, "b", &[], "");
        phone.wait(sec(2));
    }
    assert!(phone.got().is_empty() && phone.endpoint.is_idle());
    assert_eq!(phone.heard().last(), Some(&Event::Ended(Ended::Local)));
}

#[test]
fn an_early_update_is_answered_once_the_offer_is() {
    let mut phone = Phone::new();
    let (leg, invite) = phone.dialled();
    phone.reply(&invite, 183, "b", &["Require: 100rel", "RSeq: 1"], answer());
    phone.got();
    let update = |cseq: u32| {
        format!(
            "UPDATE sip:10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bKu{cseq}\r\n\
             From: <sip:bob@10.0.0.7:5062>;tag=b\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} UPDATE\r\nMax-Forwards: 70\r\n\
             Contact: <sip:bob@10.0.0.7:5062>\r\nContent-Type: application/sdp\r\n\r\n{}",
            invite.from().unwrap(),
            invite.call_id(),
            answer()
        )
    };
    phone.raw(&update(1));
    phone.raw(&update(2));
    phone.tell(leg, Command::Answer { sdp: OFFER.to_vec() });
    assert_eq!(phone.got(), ["500 UPDATE", "200 UPDATE"]);
    assert!(phone.heard().contains(&Event::Offer(ANSWER.to_vec())));
}

#[test]
fn what_cannot_be_dialled_ends_at_once() {
    let mut phone = Phone::new();
    let good = Dial {
        flow: phone.flow,
        target: "sip:bob@10.0.0.7".into(),
        from: "sip:desk@10.0.0.2".into(),
        from_name: String::new(),
        offer: OFFER.to_vec(),
        headers: vec![],
        ring_max: sec(60),
    };
    let line = ("X-Note".to_owned(), "a\r\nVia: SIP/2.0/UDP evil".to_owned());
    for bad in [
        Dial { target: "bob".into(), ..good.clone() },
        Dial { from: "<>".into(), ..good.clone() },
        Dial { headers: vec![line], ..good },
    ] {
        phone.endpoint.dial(bad, phone.now);
        phone.collect();
        assert!(matches!(phone.heard().as_slice(), [Event::Ended(Ended::Refused { .. })]));
        assert!(phone.got().is_empty() && phone.endpoint.is_idle());
    }
}

#[test]
fn stray_responses_are_dropped() {
    let mut phone = Phone::new();
    let (_, invite) = phone.dialled();
    let branch = invite.via().unwrap().branch().unwrap().to_owned();
    for (old, new) in [(branch.as_str(), "z9hG4bKguess"), ("CSeq: 1 INVITE", "CSeq: 9 INVITE")] {
        let text = String::from_utf8(invite.bytes().to_vec()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().lines().skip(1).collect::<Vec<_>>().join("\r\n");
        phone.raw(&format!("SIP/2.0 200 OK\r\n{}\r\n\r\n", head.replace(old, new)));
    }
    assert!(phone.got().is_empty() && phone.heard().is_empty());
}
