use super::draft::phrases_are_sorted;
use super::*;

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The examples of RFC 3261 §19.1.4.
#[test]
fn uris_are_equal_by_the_rules() {
    for (a, b) in [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:a@[2001:DB8:0::1]", "sip:a@[2001:db8::1]"),
        ("sip:a@b;x=1;x=2", "sip:a@b;x=1;x=2"),
        ("tel:+49-711-(123)", "tel:+49711.123"),
    ] {
        assert_eq!(uri(a), uri(b));
        assert_eq!(uri(b), uri(a));
    }
    for (a, b) in [
        ("SIP:ALICE@AtlanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=off", "sip:carol@chicago.com;security=on"),
        ("sip:bob:x@biloxi.com", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
        ("tel:123;phone-context=a", "tel:123"),
        ("urn:service:sos", "urn:service:SOS"),
    ] {
        assert_ne!(uri(a), uri(b));
        assert_ne!(uri(b), uri(a));
    }
}

#[test]
fn uris_are_taken_apart() {
    let full = uri("sips:a%20b:secret@[2001:db8::1]:5061;x;lr;y=%41?h=v&g");
    assert_eq!((full.scheme(), full.user().as_deref(), full.host()), (Scheme::Sips, Some("a b"), "2001:db8::1"));
    assert_eq!((full.port(), full.param("Y"), full.param("z")), (Some(5061), Some("%41"), None));
    assert!(full.is_loose() && uri("sip:h;%6C%72").is_loose());
    assert_eq!(full.headers().collect::<Vec<_>>(), [("h", "v"), ("g", "")]);
    assert_eq!(uri("tel:+49-711;ext=5").param("ext"), Some("5"));
    assert_eq!(uri("sip:@anonymous.invalid").who(), "");
    assert_eq!(uri("sip:example.de").user(), None);
    assert_eq!(Uri::sip("a b@c", "::1".parse().unwrap(), Some(5060)).as_str(), "sip:a%20b%40c@[::1]:5060");
    for bad in
        ["", "a", ":", "1a:b", "sip:", "sip:a@", "sip:h:", "sip:h:x", "sip:h:65536", "sip:[::1", "sip:[x]", "tel:"]
    {
        assert!(Uri::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn values_that_divide_wrongly_are_refused() {
    for bad in
        ["\"a\" sip:b@c", "a, b <sip:c@d>", "<sip:a@b> x", "<sip:a@b>;", "<sip:a@b>;=x", "<sip:a@b>;x=\"y", "sip:a@b;"]
    {
        assert!(NameAddr::parse(bad).is_err(), "{bad}");
    }
    for bad in
        ["SIP/2.0/UDP", "SIP/2.0/UDP ;x", "SIP/2.0/UDP h:0x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [::1]x", "SIP/3.0/UDP h"]
    {
        assert!(Via::parse(bad).is_err(), "{bad}");
    }
    let liberal = NameAddr::parse("Praxis Dr. Müller (Stuttgart) <sip:a@b>;tag=1").unwrap();
    assert_eq!(liberal.display, "Praxis Dr. Müller (Stuttgart)");
}

/// RFC 3261 §18.2.1, RFC 3581 §4.
#[test]
fn the_source_is_noted_in_the_top_via() {
    let stamped = |via: &str, source: &str| {
        let mut via = Via::parse(via).unwrap();
        via.stamp(source.parse().unwrap());
        via.to_string()
    };
    assert_eq!(stamped("SIP/2.0/UDP 192.0.2.1:5070", "192.0.2.1:5070"), "SIP/2.0/UDP 192.0.2.1:5070");
    assert_eq!(stamped("SIP/2.0/UDP h;branch=b", "192.0.2.1:9"), "SIP/2.0/UDP h;branch=b;received=192.0.2.1");
    assert_eq!(
        stamped("SIP/2.0/UDP 192.0.2.1;rport;branch=b", "192.0.2.1:9"),
        "SIP/2.0/UDP 192.0.2.1;rport=9;branch=b;received=192.0.2.1"
    );
    assert_eq!(
        stamped("SIP/2.0/TCP [::2]:5060;received=9.9.9.9", "[::1]:9"),
        "SIP/2.0/TCP [::2]:5060;received=::1",
        "what the sender claims of itself is written over"
    );
}

#[test]
fn responses_that_form_dialogs_keep_the_route() {
    let request = "INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\nRecord-Route: <sip:p;lr>\r\n\
        record-route: <sip:q;lr>,\r\n\t<sip:r;lr>\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\ni: 1\r\nCSeq: 1 INVITE\r\n\
        Timestamp: 54\r\n\r\n";
    let request = Message::parse(request.as_bytes()).unwrap();
    let answer = |code| Message::parse(&Draft::response(&request, code).tag("x").into_bytes()).unwrap();
    let routes: Vec<_> = answer(183).record_routes().iter().map(|r| r.uri.host().to_owned()).collect();
    assert_eq!(routes, ["p", "q", "r"]);
    assert!(answer(100).record_routes().is_empty() && answer(486).record_routes().is_empty());
    assert_eq!(answer(100).header(Header::Timestamp).as_deref(), Some("54"));
    assert_eq!(answer(180).header(Header::Timestamp), None);
}

#[test]
fn a_tag_is_added_once() {
    let request = |to: &str| {
        let text = format!(
            "BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: <sip:a@b>;tag=1\r\nt: {to}\r\ni: 1\r\nCSeq: 1 BYE\r\n\r\n"
        );
        let request = Message::parse(text.as_bytes()).unwrap();
        Message::parse(&Draft::response(&request, 200).tag("new").into_bytes()).unwrap().to().unwrap()
    };
    assert_eq!(request("<sip:a@b;tag=uri>").tag(), Some("new"));
    assert_eq!(request("sip:a@b;tag=old").tag(), Some("old"));
}

#[test]
fn lists_and_numbers_are_read() {
    let text = "PRACK sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: <sip:a@b>\r\nt: <sip:a@b>\r\ni: 1\r\nCSeq: 2 PRACK\r\n\
        Require: 100rel,\r\n Timer\r\nk:\r\nRAck: 7 1 INVITE\r\nRSeq: 9\r\nx: 90 ;refresher=UAS\r\nMin-SE: 60;x\r\n\
        Privacy: id;user , critical\r\nReason: SIP;cause=200;text=\"a, b\", Q.850;cause=16\r\n\
        Contact: \"a, <b>\" <sip:c,x@d>, <sip:f@g>\r\nExpires: 1e3\r\nc: Application/SDP ; x=y\r\n\r\n";
    let message = Message::parse(text.as_bytes()).unwrap();
    assert_eq!(message.require(), ["100rel", "timer"]);
    assert!(message.supported().is_empty());
    assert_eq!(message.rack(), Some((7, 1, Method::Invite)));
    assert_eq!((message.rseq(), message.min_se(), message.expires()), (Some(9), Some(60), None));
    assert_eq!(message.session_expires(), Some((90, Some(Refresher::Uas))));
    assert_eq!(message.privacy(), ["id", "user", "critical"]);
    let reasons = message.reasons();
    assert_eq!((reasons[0].cause, reasons[0].text.as_deref()), (Some(200), Some("a, b")));
    assert_eq!((reasons[1].protocol.as_str(), reasons[1].cause), ("Q.850", Some(16)));
    assert_eq!(message.values(Header::Contact), ["\"a, <b>\" <sip:c,x@d>", "<sip:f@g>"]);
    assert_eq!(message.content_type().as_deref(), Some("application/sdp"));
}

#[test]
fn every_header_is_found_by_its_own_name_and_codes_by_theirs() {
    for header in [Header::Via, Header::UserToUser, Header::CallId, Header::PAssertedIdentity] {
        assert_eq!(Header::of(header.as_str().to_uppercase().as_bytes()), Some(header));
    }
    let compact = "abcdefijklmorstuvxy";
    assert!(compact.bytes().all(|letter| Header::of(&[letter]).is_some()));
    assert_eq!(Header::of(b"I"), Some(Header::CallId));
    assert_eq!(Header::of(b"n"), None);
    assert!(phrases_are_sorted());
    assert_eq!((reason_phrase(486), reason_phrase(499)), ("Busy Here", "Request Failure"));
}
