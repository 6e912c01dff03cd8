//! What is refused, and with which words.

use std::time::Duration;

use nightdesk::sip::msg::Header;
use nightdesk::sip::{Command, Ended, Event, Output, Settings, Transport};

use super::phone::{Phone, address};
use super::world::{ANSWER, OFFER, settings};

fn sec(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn an_invite_gets_100_at_once_and_its_repetition_the_last_answer() {
    let mut phone = Phone::new();
    phone.invite(&[]);
    let leg = phone.leg();
    phone.invite(&[]);
    phone.tell(leg, Command::Ring { sdp: None });
    phone.invite(&[]);
    assert_eq!(phone.got(), ["100 INVITE", "100 INVITE", "180 INVITE", "180 INVITE"]);
    assert_eq!(phone.heard(), []);
    phone.tell(leg, Command::Reject { code: 486 });
    phone.wait(Duration::from_millis(600));
    assert_eq!(phone.got(), ["486 INVITE", "486 INVITE"]);
    phone.ack_refusal();
    phone.is_idle_after(6);
    assert_eq!(phone.heard(), [Event::Ended(Ended::Local)]);
}

#[test]
fn a_repeated_invite_after_the_200_is_absorbed() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    phone.invite(&[]);
    assert!(phone.got().is_empty() && phone.heard().is_empty());
    assert_eq!(phone.endpoint.legs(), 1);
}

#[test]
fn unknown_options_are_named() {
    let mut phone = Phone::new();
    phone.invite(&["Require: timer, warp, 100rel, cloak"]);
    let answer = phone.only();
    assert_eq!(answer.code(), Some(420));
    assert_eq!(answer.header(Header::Unsupported).unwrap(), "warp, cloak");
    phone.ack_refusal();
    phone.is_idle_after(6);
}

#[test]
fn unknown_methods_learn_what_is_allowed() {
    for method in ["WINK", "REGISTER", "SUBSCRIBE", "MESSAGE", "REFER"] {
        let mut phone = Phone::new();
        phone.send(method, 1, &[], "");
        let answer = phone.only();
        assert_eq!(answer.code(), Some(405), "{method}");
        assert!(answer.header(Header::Allow).unwrap().contains("INVITE"));
        phone.is_idle_after(33);
    }
}

#[test]
fn the_same_invite_by_another_way_is_merged() {
    let mut phone = Phone::new();
    phone.invite(&[]);
    phone.got();
    let other = phone.text("INVITE", 1, &[], "").replace("branch=z9hG4bK", "branch=z9hG4bKfork");
    phone.raw(&other);
    assert_eq!(phone.got(), ["482 INVITE"]);
    assert_eq!(phone.endpoint.legs(), 1);
}

#[test]
fn an_invite_that_went_round_is_refused_but_options_are_answered() {
    let mut phone = Phone::new();
    phone.invite(&["Max-Forwards: 0"]);
    assert_eq!(phone.got(), ["483 INVITE"]);
    phone.send("OPTIONS", 2, &["Max-Forwards: 0"], "");
    assert_eq!(phone.got(), ["481 OPTIONS"], "its To has the tag of the refusal");
    phone.tag = None;
    phone.send("OPTIONS", 3, &["Max-Forwards: 0"], "");
    let answer = phone.only();
    assert_eq!(answer.code(), Some(200));
    for header in [Header::Allow, Header::Accept, Header::Supported] {
        assert!(answer.header(header).is_some(), "{header}");
    }
}

#[test]
fn requests_of_no_dialog_are_481() {
    for method in ["BYE", "UPDATE", "PRACK", "INFO", "INVITE", "CANCEL"] {
        let mut phone = Phone::new();
        phone.tag = Some("nobody".into());
        phone.send(method, 2, &[], "");
        assert_eq!(phone.got(), [format!("481 {method}")]);
    }
    let mut phone = Phone::new();
    phone.tag = Some("nobody".into());
    phone.send("ACK", 2, &[], "");
    assert!(phone.got().is_empty() && phone.endpoint.is_idle());
}

#[test]
fn a_dialog_is_known_by_call_id_and_both_tags() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    let bye = phone.text("BYE", 2, &[], "");
    phone.raw(&bye.replace("tag=bob", "tag=eve").replace("BYE-2", "x1"));
    phone.raw(&bye.replace("Call-ID: c1", "Call-ID: c2").replace("BYE-2", "x2"));
    assert_eq!(phone.got(), ["481 BYE", "481 BYE"]);
    phone.raw(&bye);
    assert_eq!((phone.got(), phone.heard()), (vec!["200 BYE".into()], vec![Event::Ended(Ended::Bye)]));
}

#[test]
fn an_old_cseq_is_500() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    phone.send("OPTIONS", 5, &[], "");
    phone.send("INFO", 4, &[], "");
    assert_eq!(phone.got(), ["200 OPTIONS", "500 INFO"]);
}

#[test]
fn other_bodies_schemes_and_versions_are_refused() {
    let mut phone = Phone::new();
    phone.send("INVITE", 1, &["Content-Type: text/html"], "<p>");
    let answer = phone.only();
    assert_eq!((answer.code(), answer.header(Header::Accept).as_deref()), (Some(415), Some("application/sdp")));

    let mut phone = Phone::new();
    let text = phone.text("INVITE", 1, &[], "").replace("INVITE sip:100@10.0.0.2", "INVITE nobody:100");
    phone.raw(&text);
    assert_eq!(phone.got(), ["416 INVITE"]);

    let mut phone = Phone::new();
    let text = phone.text("INVITE", 1, &[], "").replacen("SIP/2.0", "SIP/7.0", 1);
    phone.raw(&text);
    assert_eq!(phone.only().code(), Some(505));

    let mut phone = Phone::new();
    let text = phone.text("INVITE", 1, &[], "").replace("Content-Length: 0", "Content-Length: x");
    phone.raw(&text);
    assert_eq!(phone.only().code(), Some(400));
    assert!(phone.endpoint.is_idle());
}

#[test]
fn tel_is_dialled_like_sip() {
    let mut phone = Phone::new();
    let text = phone.text("INVITE", 1, &[], "").replace("sip:100@10.0.0.2 SIP", "tel:+49-711-100 SIP");
    phone.raw(&text);
    let heard = phone.heard();
    let [Event::Incoming(invite)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(invite.request_user, "+49711100");
}

#[test]
fn beyond_the_limit_and_while_draining_callers_are_told_to_wait() {
    let mut phone = Phone::with(Settings { legs_max: 1, ..settings(9) });
    let leg = phone.connected(&[]);
    phone.call = "c2".into();
    phone.tag = None;
    phone.invite(&[]);
    let answer = phone.only();
    assert_eq!((answer.code(), answer.header(Header::RetryAfter).as_deref()), (Some(503), Some("10")));
    phone.tell(leg, Command::Hangup);
    phone.inbox.clear();

    phone.endpoint.drain();
    phone.tag = None;
    phone.call = "c3".into();
    phone.invite(&[]);
    phone.tag = None;
    phone.send("OPTIONS", 2, &[], "");
    assert_eq!(phone.got(), ["503 INVITE", "503 OPTIONS"]);
}

#[test]
fn answers_go_where_the_request_came_from() {
    // sent-by port without rport; the source with it (RFC 3581).
    let mut phone = Phone::new();
    phone.flow.remote = address("10.0.0.7:40000");
    let text = phone.text("OPTIONS", 1, &[], "");
    phone.raw(&text.replace("10.0.0.7:40000;", "10.9.9.9:5070;"));
    phone.raw(&text.replace("10.0.0.7:40000;", "10.9.9.9:5070;rport;").replace("OPTIONS-1", "r"));
    phone.raw(&text.replace("10.0.0.7:40000;", "10.9.9.9;").replace("OPTIONS-1", "s"));
    let to: Vec<_> = phone.inbox.iter().map(|(flow, _)| flow.remote.to_string()).collect();
    assert_eq!(to, ["10.0.0.7:5070", "10.0.0.7:40000", "10.0.0.7:5060"]);
    let via = phone.inbox[1].1.header(Header::Via).unwrap();
    assert!(via.contains("rport=40000") && via.contains("received=10.0.0.7"), "{via}");
}

#[test]
fn on_a_stream_answers_use_the_connection_and_another_when_it_is_gone() {
    let mut phone = Phone::new();
    phone.flow.transport = Transport::Tcp;
    phone.flow.connection = 7;
    phone.invite(&[]);
    let leg = phone.leg();
    assert_eq!(phone.inbox.remove(0).0, phone.flow);
    phone.endpoint.flow_closed(phone.flow, phone.now);
    phone.tell(leg, Command::Accept { sdp: ANSWER.to_vec() });
    let (flow, _) = phone.inbox.remove(0);
    assert_eq!((flow.connection, flow.remote), (0, address("10.0.0.7:5062")));
}

#[test]
fn a_caller_that_vanishes_after_the_answer_gets_bye_and_leaves_nothing() {
    let mut phone = Phone::new();
    phone.invite(&[]);
    let leg = phone.leg();
    phone.tell(leg, Command::Accept { sdp: ANSWER.to_vec() });
    phone.wait(sec(33));
    assert_eq!(phone.heard(), [Event::Ended(Ended::NoAck)]);
    assert_eq!(phone.got().iter().filter(|what| *what == "BYE").count(), 2);
    phone.is_idle_after(40);
}

#[test]
fn keys_come_by_info() {
    let mut phone = Phone::new();
    phone.connected(&[]);
    phone.send("INFO", 2, &["Content-Type: application/dtmf-relay"], "Signal=5\r\nDuration=160");
    phone.send("INFO", 3, &["Content-Type: application/dtmf"], "#");
    phone.send("INFO", 4, &[], "");
    phone.send("INFO", 5, &["Content-Type: application/x-rank"], "1");
    phone.send("INFO", 6, &["Content-Type: application/dtmf"], "77");
    assert_eq!(phone.got(), ["200 INFO", "200 INFO", "200 INFO", "415 INFO", "400 INFO"]);
    let keys = [Event::Key { key: '5', duration_ms: 160 }, Event::Key { key: '#', duration_ms: 160 }];
    assert_eq!(phone.heard(), keys);
}

#[test]
fn requests_follow_the_route_set() {
    let mut phone = Phone::new();
    let leg = phone.connected(&["Record-Route: <sip:10.0.0.20;lr>", "Record-Route: <sip:10.0.0.21:5080;lr>"]);
    phone.tell(leg, Command::Hangup);
    let (flow, bye) = phone.inbox.remove(0);
    assert_eq!(flow.remote, address("10.0.0.20:5060"));
    assert_eq!(bye.uri().unwrap().as_str(), "sip:bob@10.0.0.7:5062");
    let routes: Vec<_> = bye.routes().iter().map(ToString::to_string).collect();
    assert_eq!(routes, ["<sip:10.0.0.20;lr>", "<sip:10.0.0.21:5080;lr>"]);

    // A strict router takes the Request-URI (RFC 3261 §12.2.1.1).
    let mut phone = Phone::new();
    let leg = phone.connected(&["Record-Route: <sip:10.0.0.20>, <sip:10.0.0.21;lr>"]);
    phone.tell(leg, Command::Hangup);
    let (flow, bye) = phone.inbox.remove(0);
    assert_eq!((flow.remote, bye.uri().unwrap().as_str()), (address("10.0.0.20:5060"), "sip:10.0.0.20"));
    let routes: Vec<_> = bye.routes().iter().map(ToString::to_string).collect();
    assert_eq!(routes, ["<sip:10.0.0.21;lr>", "<sip:bob@10.0.0.7:5062>"]);
}

#[test]
fn an_old_phone_without_a_branch_is_understood() {
    let mut phone = Phone::new();
    let old = |phone: &Phone, method: &str| {
        let text = phone.text(method, 1, &[], "");
        text.replace(&format!(";branch=z9hG4bK-c1-{method}-1"), "")
    };
    let text = old(&phone, "INVITE");
    phone.raw(&text);
    phone.raw(&text);
    let leg = phone.leg();
    assert_eq!(phone.got(), ["100 INVITE", "100 INVITE"]);
    phone.tell(leg, Command::Reject { code: 486 });
    let text = old(&phone, "ACK");
    phone.raw(&text);
    phone.wait(sec(3));
    assert_eq!(phone.got(), ["486 INVITE"]);
}

#[test]
fn sdp_is_found_among_other_parts() {
    let mut phone = Phone::new();
    let body = format!(
        "--x\r\nContent-Type: application/isup\r\n\r\n\u{1}\u{2}\r\n--x\r\nContent-Type: application/sdp\r\n\r\n{}\r\n--x--\r\n",
        std::str::from_utf8(OFFER).unwrap()
    );
    phone.send("INVITE", 1, &["Content-Type: multipart/mixed;boundary=x"], &body);
    let heard = phone.heard();
    let [Event::Incoming(invite)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(invite.offer.as_deref(), Some(OFFER));
}

#[test]
fn a_stream_of_garbage_is_closed() {
    let mut phone = Phone::new();
    phone.flow.transport = Transport::Tcp;
    phone.endpoint.receive(phone.flow, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", phone.now);
    assert!(matches!(phone.endpoint.poll_output(), Some(Output::Close(flow)) if flow == phone.flow));
    phone.endpoint.receive(phone.flow, b"\r\n\r\n", phone.now);
    assert!(phone.endpoint.poll_output().is_none());
}

#[test]
fn whom_the_call_is_for_and_from() {
    let mut phone = Phone::new();
    phone.invite(&[
        "P-Called-Party-ID: <sip:+49711100@desk>",
        "P-Asserted-Identity: \"A\" <sip:+4930123@x>, <tel:+4930123>",
        "Privacy: id;critical",
        "Diversion: <sip:first@x>;reason=no-answer",
        "Diversion: <sip:second@x>",
        "History-Info: <sip:h1@x>;index=1, <sip:h2@x>;index=1.1",
    ]);
    let heard = phone.heard();
    let [Event::Incoming(invite)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(invite.called_party.as_deref(), Some("+49711100"));
    assert_eq!(invite.asserted.as_deref(), Some("+4930123"));
    assert!(invite.anonymous);
    let order = ["first", "second", "h2", "h1"];
    assert!(invite.diversion.iter().zip(order).all(|(value, name)| value.contains(name)), "{:?}", invite.diversion);
    assert_eq!((invite.to_user.as_str(), invite.from_user.as_str()), ("100", "bob"));
}
