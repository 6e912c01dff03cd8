//! Those who are not trusted.

use std::time::Duration;

use nightdesk::sip::msg::Header;
use nightdesk::sip::{Command, Ended, Event};

use super::phone::{Phone, address};
use super::world::ANSWER;

fn stranger() -> Phone {
    let mut phone = Phone::new();
    phone.flow.remote = address("192.0.2.66:5060");
    phone
}

#[test]
fn a_stranger_gets_the_same_refusal_whatever_they_ask_and_leaves_nothing() {
    for method in ["INVITE", "OPTIONS", "REGISTER", "BYE", "CANCEL", "WINK"] {
        let mut phone = stranger();
        phone.send(method, 1, &["User-Agent: friendly-scanner with a request that is long enough"], "");
        let first = phone.only();
        assert_eq!(first.code(), Some(403), "{method}");
        assert!(first.header(Header::Allow).is_none() && first.header(Header::Server).is_none());
        phone.tag = None;
        phone.send(method, 1, &["User-Agent: friendly-scanner with a request that is long enough"], "");
        assert_eq!(phone.only().bytes(), first.bytes());
        assert!(phone.endpoint.is_idle() && phone.heard().is_empty());
    }
}

#[test]
fn a_strangers_ack_is_not_answered() {
    let mut phone = stranger();
    phone.send("ACK", 1, &[], "");
    assert!(phone.got().is_empty());
}

#[test]
fn no_answer_is_larger_than_the_request() {
    let mut phone = stranger();
    phone.raw(
        "OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch=z9hG4bK1\r\nf:<sip:a@a>;tag=1\r\nt:sip:a@a\r\n\
         i:1\r\nCSeq:1 OPTIONS\r\nMax-Forwards:9\r\n\r\n",
    );
    assert!(phone.got().is_empty());
}

#[test]
fn strangers_have_a_budget_each_and_together() {
    let mut phone = stranger();
    for number in 0..50 {
        phone.call = format!("s{number}");
        phone.invite(&[]);
    }
    assert_eq!(phone.got().len(), 5);
    for number in 0..1000 {
        phone.flow.remote.set_port(5060 + number);
        phone.flow.remote.set_ip(std::net::Ipv4Addr::new(192, 0, (number / 200) as u8, (number % 200) as u8).into());
        phone.invite(&[]);
    }
    assert_eq!(phone.got().len(), 95);
    phone.wait(Duration::from_secs(1));
    phone.invite(&[]);
    assert_eq!(phone.got().len(), 1);
    assert!(phone.endpoint.is_idle());
}

#[test]
fn a_stranger_cannot_touch_a_call_of_others() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    let home = phone.flow;
    phone.flow.remote = address("192.0.2.66:5060");
    let bye = phone.text("BYE", 2, &["X: long enough to be answered without amplification, by far"], "");
    phone.raw(&bye.replace("BYE-2", "evil"));
    assert_eq!((phone.got(), phone.heard()), (vec!["403 BYE".to_owned()], vec![]));
    phone.flow = home;
    phone.send("BYE", 2, &[], "");
    assert_eq!(phone.heard(), [Event::Ended(Ended::Bye)]);
}

#[test]
fn whom_we_called_may_answer_and_hang_up() {
    let mut phone = stranger();
    let (_, invite) = phone.dialled();
    phone.reply(&invite, 180, "s", &[], "");
    phone.reply(&invite, 200, "s", &["Contact: <sip:bob@192.0.2.66>"], std::str::from_utf8(ANSWER).unwrap());
    assert_eq!(phone.got(), ["ACK"]);
    let from = invite.from().unwrap();
    let bye = format!(
        "BYE sip:desk@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bKx\r\n\
         From: <sip:bob@10.0.0.7:5062>;tag=s\r\nTo: {from}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\n\r\n",
        invite.call_id()
    );
    phone.raw(&bye);
    assert_eq!(phone.got(), ["200 BYE"]);
    assert!(phone.heard().contains(&Event::Ended(Ended::Bye)));
}

#[test]
fn tags_and_branches_are_not_to_be_guessed() {
    let mut phone = Phone::new();
    phone.invite(&[]);
    let leg = phone.leg();
    phone.tell(leg, Command::Ring { sdp: None });
    let first = phone.tag.clone().unwrap();
    let mut other = Phone::with(super::world::settings(10));
    other.invite(&[]);
    let leg = other.leg();
    other.tell(leg, Command::Ring { sdp: None });
    assert_ne!(Some(first), other.tag);
}
