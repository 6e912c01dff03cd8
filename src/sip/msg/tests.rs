use std::net::SocketAddr;

use super::*;

const INVITE: &[u8] = b"INVITE sip:+4971112345@192.0.2.1;user=phone SIP/2.0\r\n\
v: SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKabc, SIP/2.0/TCP [2001:db8::1]:5060\r\n \
;branch=z9hG4bKdef\r\n\
Via: SIP / 2.0 / UDP first.example.com : 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1\r\n\
f: M\xfcller, so <sip:+491701234567@example.de>;tag=a\r\n\
f: \"M\xfcller\" <sip:+491701234567@example.de>;tag=a\r\n\
t: <tel:+49-711-12345>\r\n\
i: 1@a\r\n\
CSeq: 7  INVITE\r\n\
Max-Forwards: 70\r\n\
l: 4\r\n\
\r\n\
bodyrest";

fn invite() -> Vec<u8> {
    let text: Vec<u8> = INVITE.to_vec();
    let bad = b"f: M\xfcller, so <sip:+491701234567@example.de>;tag=a\r\n";
    let at = text.windows(bad.len()).position(|w| w == bad).unwrap();
    [&text[..at], &text[at + bad.len()..]].concat()
}

#[test]
fn an_invite_is_read_and_answered() {
    let mut message = Message::parse(&invite()).unwrap();
    assert_eq!(message.method(), Some(&Method::Invite));
    assert_eq!(message.uri().unwrap().who(), "+4971112345");
    let from = message.from().unwrap();
    assert_eq!((from.display.as_str(), from.tag()), ("Müller", Some("a")));
    assert_eq!(message.to().unwrap().uri.number().as_deref(), Some("+4971112345"));
    assert_eq!(message.cseq(), Some((7, Method::Invite)));
    assert_eq!(message.body(), b"body");
    let vias = message.vias();
    assert_eq!(vias.len(), 3);
    assert_eq!((vias[1].host.as_str(), vias[1].port), ("2001:db8::1", Some(5060)));
    assert_eq!((vias[2].host.as_str(), vias[2].port), ("first.example.com", Some(4000)));

    message.stamp("203.0.113.7:9999".parse::<SocketAddr>().unwrap());
    let bytes = Draft::response(&message, 200).tag("b").header(Header::Contact, "<sip:x@y>").into_bytes();
    let answer = Message::parse(&bytes).unwrap();
    assert_eq!(answer.code(), Some(200));
    let via = answer.via().unwrap();
    assert_eq!((via.rport(), via.received()), (Some(9999), "203.0.113.7".parse().ok()));
    assert_eq!(answer.vias().len(), 3);
    assert_eq!(answer.to().unwrap().tag(), Some("b"));
    assert_eq!(answer.from().unwrap().display, "Müller");
}

#[test]
fn the_display_name_with_a_comma_is_refused_and_answerable() {
    let bytes = INVITE.to_vec();
    let error = Message::parse(&bytes).unwrap_err();
    assert_eq!(error.status(), Some(400));
}

#[test]
fn a_stream_is_cut() {
    let one = invite();
    let one = &one[..one.len() - 4];
    let mut framer = Framer::new();
    framer.push(b"\r\n\r\n");
    framer.push(one);
    framer.push(one);
    assert_eq!(framer.pop(), Some(Ok(Framed::Ping)));
    assert_eq!(framer.pop(), Some(Ok(Framed::Message(one.to_vec()))));
    assert_eq!(framer.pop(), Some(Ok(Framed::Message(one.to_vec()))));
    assert_eq!(framer.pop(), None);
    assert_eq!(framer.pending(), 0);
}
