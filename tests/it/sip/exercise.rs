//! Everything that is done with octets from outside, in one call: for the tests here and for `fuzz/`.

use std::time::Duration;

use nightdesk::clock::Mono;
use nightdesk::sip::digest::{Asked, Challenge, Hash, Verifier};
use nightdesk::sip::msg::{Draft, Framer, Header, Message};

/// Panics only where an invariant of the message layer is broken.
pub fn exercise(bytes: &[u8]) {
    let mut framer = Framer::new();
    framer.push(bytes);
    while let Some(Ok(_)) = framer.pop() {}
    let (mut message, whole) = match Message::parse(bytes) {
        Ok(message) => (message, true),
        Err(error) => {
            let _ = error.status();
            match error.message {
                Some(message) => (*message, false),
                None => return,
            }
        }
    };
    message.stamp("[2001:db8::1]:5060".parse().unwrap());
    read(&message);
    digest(&message);
    let answer = Draft::response(&message, 200).tag("t").into_bytes();
    if whole && message.method().is_some() {
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.call_id(), message.call_id());
        assert_eq!(answer.cseq(), message.cseq());
        assert_eq!(answer.vias().len(), message.vias().len());
        assert_eq!(answer.from(), message.from());
        assert!(answer.to().unwrap().tag().is_some());
    }
}

fn read(message: &Message) {
    let _ = (message.via(), message.vias(), message.from(), message.to(), message.contact(), message.call_id());
    let _ = (message.cseq(), message.max_forwards(), message.require(), message.supported(), message.rack());
    let _ = (message.rseq(), message.session_expires(), message.min_se(), message.expires(), message.content_type());
    let _ = (message.record_routes(), message.routes(), message.privacy(), message.reasons(), message.body());
    let _ = (message.name_addrs(Header::PAssertedIdentity), message.values(Header::Diversion));
    let _ = (message.part("application/sdp"), message.lines_named("x").count());
    if let Some(uri) = message.uri() {
        let _ = (uri.who(), uri.host(), uri.ip(), uri.params().count(), uri.headers().count());
        assert_eq!(*uri, uri.clone(), "a URI equals its copy");
    }
}

fn digest(message: &Message) {
    let challenges = Challenge::all(message);
    let _ = Challenge::best(&challenges, "r");
    let mut verifier = Verifier::new([1; 32], "r", &[Hash::Sha256, Hash::Md5], Duration::from_secs(30));
    let lines: Vec<_> = message.lines(Header::Authorization).collect();
    let asked = Asked { method: "INVITE", uri: "sip:a@b", body: message.body() };
    let _ = verifier.verify(lines.iter().map(|line| &**line), asked, "", Mono(0), |user, algorithm| {
        Some(algorithm.ha1(user, "r", "p"))
    });
}
