//! The message layer of `nightdesk::sip` held against the RFCs' torture messages, against itself, and
//! against `rsip`.
mod differential;
mod exercise;

use std::sync::LazyLock;

use nightdesk::sip::msg::{Draft, Fault, Framed, Framer, Header, Message, Method, NameAddr, Start, Uri, Via};
use proptest::prelude::*;

use exercise::exercise;

/// One torture message.
struct Torture {
    name: String,
    /// `ok`, a status, or `drop`.
    reaction: String,
    bytes: Vec<u8>,
}

impl Torture {
    /// What the message layer does with it, in the words of the data files.
    fn seen(&self) -> String {
        match Message::parse(&self.bytes) {
            Ok(_) => "ok".into(),
            Err(error) => error.status().map_or_else(|| "drop".into(), |status| status.to_string()),
        }
    }
}

static RFC4475: LazyLock<Vec<Torture>> = LazyLock::new(|| torture(include_str!("../data/sip/rfc4475.txt")));
static RFC5118: LazyLock<Vec<Torture>> = LazyLock::new(|| torture(include_str!("../data/sip/rfc5118.txt")));

const OPTIONS: &str = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
    To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

fn all() -> impl Iterator<Item = &'static Torture> {
    RFC4475.iter().chain(RFC5118.iter())
}

fn named(name: &str) -> Message {
    let torture = all().find(|t| t.name == name).unwrap_or_else(|| panic!("no message {name}"));
    Message::parse(&torture.bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn torture(file: &str) -> Vec<Torture> {
    file.split("=== ")
        .skip(1)
        .map(|entry| {
            let (head, text) = entry.split_once('\n').unwrap();
            let columns: Vec<_> = head.split('|').map(str::trim).collect();
            Torture { name: columns[0].into(), reaction: columns[2].into(), bytes: decode(text) }
        })
        .collect()
}

/// The notation of RFC 4475 §2: octets of a marked-up text. LF stands for CRLF, except in `<hex>`.
fn decode(text: &str) -> Vec<u8> {
    let (mut out, mut rest, mut one_line) = (Vec::new(), text, false);
    while let Some(c) = rest.chars().next() {
        if let Some(tail) = rest.strip_prefix("<allOneLine>\n") {
            (one_line, rest) = (true, tail);
        } else if let Some(tail) = rest.strip_prefix("</allOneLine>\n") {
            out.extend_from_slice(b"\r\n");
            (one_line, rest) = (false, tail);
        } else if let Some((digits, tail)) = rest.strip_prefix("<hex>").and_then(|r| r.split_once("</hex>")) {
            let digits: Vec<u32> = digits.chars().filter_map(|d| d.to_digit(16)).collect();
            out.extend(digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()));
            rest = tail;
        } else if let Some((inner, tail)) = rest.strip_prefix("<repeat count=").and_then(|r| r.split_once("</repeat>"))
        {
            let (count, what) = inner.split_once('>').unwrap();
            out.extend(what.repeat(count.parse().unwrap()).bytes());
            rest = tail;
        } else {
            match c {
                '\n' if one_line => {}
                '\n' => out.extend_from_slice(b"\r\n"),
                _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[test]
fn the_notation_is_decoded() {
    let text = "A: one<hex>20 6F\n6E</hex>e\n<allOneLine>\nB: x\n,y\n</allOneLine>\nC: 1<repeat count=3>00</repeat>\n";
    assert_eq!(decode(text), b"A: one one\r\nB: x,y\r\nC: 1000000\r\n");
}

/// What was typed is what the RFC means: the lengths of the bodies that its messages state.
#[test]
fn the_torture_bodies_have_the_length_they_state() {
    for torture in all().filter(|t| t.reaction == "ok" && t.name != "dblreq") {
        let message = Message::parse(&torture.bytes).unwrap();
        if let Some(length) = message.content_length() {
            assert!(torture.bytes.len() == message.bytes().len(), "{}", torture.name);
            assert_eq!(message.body().len(), length, "{}", torture.name);
        }
    }
}

#[test]
fn rfc4475_and_rfc5118_get_the_expected_reactions() {
    let wrong: Vec<_> = all()
        .filter(|t| t.seen() != t.reaction)
        .map(|t| format!("{}: {} instead of {}", t.name, t.seen(), t.reaction))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((RFC4475.len(), RFC5118.len()), (49, 12));
}

#[test]
fn every_refused_request_gets_an_answer_that_is_itself_well_formed() {
    for torture in all() {
        let Err(error) = Message::parse(&torture.bytes) else { continue };
        let Some(status) = error.status() else { continue };
        let mut message = *error.message.unwrap();
        message.stamp("192.0.2.77:5099".parse().unwrap());
        let bytes = Draft::response(&message, status).tag("us").into_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.starts_with(&format!("SIP/2.0 {status} ")), "{text}");
        assert!(text.contains("\r\nVia: ") && text.ends_with("Content-Length: 0\r\n\r\n"), "{text}");
        let copies = ["From", "To", "Call-ID"].iter().filter(|name| text.contains(&format!("\r\n{name}: "))).count();
        assert_eq!(copies, if torture.name == "insuf" { 0 } else { 3 }, "{text}");
    }
}

#[test]
fn what_follows_the_message_in_its_datagram_is_noise() {
    let message = named("dblreq");
    assert_eq!((message.method(), message.body()), (Some(&Method::Register), &b""[..]));
    assert!(message.bytes().ends_with(b"Content-Length: 0\r\n\r\n"), "it is not kept either");
}

#[test]
fn wsinv_is_read_to_the_letter() {
    let message = named("wsinv");
    let from = message.from().unwrap();
    assert_eq!((from.display.as_str(), from.tag()), ("J Rosenberg \\\"", Some("98asjd8")));
    assert_eq!(message.to().unwrap().tag(), Some("1918181833n"));
    assert_eq!(message.max_forwards(), Some(68));
    assert_eq!(message.cseq(), Some((9, Method::Invite)));
    assert_eq!(message.header(Header::Subject).as_deref(), Some(""));
    assert_eq!(
        message.lines_named("newfangledheader").next().as_deref(),
        Some("newfangled value continued newfangled value")
    );
    let vias: Vec<_> =
        message.vias().iter().map(|v| (v.transport.clone(), v.host.clone(), v.branch().map(str::to_owned))).collect();
    let expected = [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ];
    assert_eq!(vias, expected.map(|(t, h, b)| (t.to_owned(), h.to_owned(), Some(b.to_owned()))));
    let contact = message.contact().unwrap();
    assert_eq!(contact.display, "Quoted string \"\"");
    assert_eq!(contact.params.get("newparam"), Some("newvalue"));
    assert_eq!(contact.params.get("secondparam"), Some(""));
    assert_eq!(contact.params.get("q"), Some("0.33"));
    assert_eq!(message.routes()[0].uri.param("unknown-no-value"), Some(""));
    assert!(message.routes()[0].uri.is_loose());
}

#[test]
fn intmeth_is_read_to_the_letter() {
    let message = named("intmeth");
    assert_eq!(message.method().unwrap().as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    let uri = message.uri().unwrap();
    assert_eq!(uri.user().as_deref(), Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    assert_eq!(uri.host(), "example.com");
    assert_eq!(message.to().unwrap().display, "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    let from = message.from().unwrap();
    assert_eq!(from.display, "token1~` token2'+_ token3*%!.-");
    assert_eq!(from.params.get("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(message.call_id(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
}

#[test]
fn escapes_mean_what_rfc4475_says() {
    assert_eq!(named("esc01").uri().unwrap().user().as_deref(), Some("sips:user@example.com"));
    assert_eq!(named("esc01").to().unwrap().uri.user().as_deref(), Some("user"));
    assert_eq!(named("esc01").from().unwrap().uri.who(), "I have spaces");
    let contacts = named("escnull").name_addrs(Header::Contact);
    assert_eq!(contacts.iter().map(|c| c.uri.who()).collect::<Vec<_>>(), ["\0", "\0\0"]);
    assert_ne!(contacts[0].uri, contacts[1].uri);
    assert_eq!(named("esc02").name_addrs(Header::Contact).len(), 2);
    assert_eq!(named("esc02").from().unwrap().display, "%Z%45");
    assert_eq!(named("semiuri").uri().unwrap().user().as_deref(), Some("user;par=u@example.net"));
    let header = named("cparam01").contact().unwrap();
    assert_eq!((header.params.get("unknownparam"), header.uri.param("unknownparam")), (Some(""), None));
    let inside = named("cparam02").contact().unwrap();
    assert_eq!((inside.params.get("unknownparam"), inside.uri.param("unknownparam")), (None, Some("")));
}

#[test]
fn ipv6_is_read_with_and_without_brackets() {
    assert_eq!(named("port-ambiguous").uri().unwrap().port(), None);
    assert_eq!(named("port-ambiguous").uri().unwrap().ip(), "2001:db8::10:5070".parse().ok());
    assert_eq!(named("port-unambiguous").uri().unwrap().port(), Some(5070));
    for name in ["via-received-param-with-delim", "via-received-param-no-delim"] {
        assert_eq!(named(name).via().unwrap().received(), "2001:db8::9:255".parse().ok(), "{name}");
    }
    assert_eq!(named("mult-ip-in-header").via().unwrap().port, Some(6050));
    let (three, two) = (named("ipv6-bug-abnf-3-colons"), named("ipv6-correct-abnf-2-colons"));
    assert_eq!(three.uri(), two.uri());
}

#[test]
fn a_latin1_name_is_answered_and_shown() {
    let bytes = b"INVITE tel:+4971112345 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
        From: \"M\xfcller & S\xf6hne\" <tel:+49-170-1234567>;tag=1\r\nTo: M\xfcller <sip:a@example.de>\r\n\
        P-Asserted-Identity: \"M\xfcller\" <tel:+491701234567>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\n";
    let message = Message::parse(bytes).unwrap();
    let from = message.from().unwrap();
    assert_eq!((from.display.as_str(), from.uri.who().as_str()), ("Müller & Söhne", "+491701234567"));
    assert_eq!(message.to().unwrap().display, "Müller");
    assert_eq!(message.name_addrs(Header::PAssertedIdentity)[0].uri.number().as_deref(), Some("+491701234567"));
    assert_eq!(message.uri().unwrap().number().as_deref(), Some("+4971112345"));
    let answer = Draft::response(&message, 200).tag("x").into_bytes();
    let octets = b"From: \"M\xfcller & S\xf6hne\" <tel:+49-170-1234567>;tag=1\r\n";
    assert!(answer.windows(octets.len()).any(|w| w == octets), "the octets go back as they came");
}

#[test]
fn no_value_starts_a_new_line() {
    let uri = Uri::parse("sip:a@example.de").unwrap();
    let bytes = Draft::request(Method::Bye, &uri).header("X-Name\r\nEvil", "a\r\nRoute: <sip:evil>\n\0b").into_bytes();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "BYE sip:a@example.de SIP/2.0\r\nX-Name  Evil: a  Route: <sip:evil>  b\r\nContent-Length: 0\r\n\r\n"
    );
}

#[test]
fn keep_alives_are_nobodys_fault() {
    for bytes in [&b""[..], b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0", b" \r\n"] {
        assert_eq!(Message::parse(bytes).unwrap_err().fault, Fault::KeepAlive, "{bytes:?}");
    }
    let mut bytes = b"\r\n\r\n".to_vec();
    bytes.extend(Draft::request(Method::Options, &Uri::parse("sip:a@b").unwrap()).into_bytes());
    assert_ne!(Message::parse(&bytes).unwrap_err().fault, Fault::KeepAlive);
}

#[test]
fn a_line_that_some_would_split_is_dropped() {
    for stray in ["X: a\nRoute: <sip:evil>", "X: a\rb", "X: a\r\n b\nc", "\nX: a"] {
        let text = format!("{OPTIONS}{stray}\r\n\r\n");
        let error = Message::parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.fault, error.status()), (Fault::Garbage, None), "{stray:?}");
    }
}

#[test]
fn limits_hold() {
    let head = OPTIONS;
    let lines = |n: usize| format!("{head}{}\r\n", "X: y\r\n".repeat(n - 5)).into_bytes();
    assert!(Message::parse(&lines(100)).is_ok());
    let error = Message::parse(&lines(101)).unwrap_err();
    assert_eq!((error.fault, error.status()), (Fault::TooLarge, Some(513)));

    let body = |n: usize| {
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.resize(n, b'x');
        bytes
    };
    assert!(Message::parse(&body(64 * 1024)).is_ok());
    assert_eq!(Message::parse(&body(64 * 1024 + 1)).unwrap_err().fault, Fault::TooLarge);

    let many = format!("SIP/2.0/UDP h;branch=z9hG4bK1{}", ",SIP/2.0/UDP h".repeat(300));
    let many = format!("{}\r\n", OPTIONS.replace("SIP/2.0/UDP h;branch=z9hG4bK1", &many));
    let many = Message::parse(many.as_bytes()).unwrap();
    assert_eq!(many.vias().len(), 100);
    let params: String = (0..9000).map(|n| format!(";{n}")).collect();
    let long = Uri::parse(&format!("sip:a@b{params}")).unwrap();
    assert_eq!((long.params().count(), long == long.clone()), (64, true));

    let mut framer = Framer::new();
    framer.push(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 65536\r\n\r\n");
    assert!(framer.pop().unwrap().is_err());
    let mut framer = Framer::new();
    framer.push(head.as_bytes());
    framer.push(b"\r\n");
    assert!(framer.pop().unwrap().is_err(), "no Content-Length on a stream");
    framer.push(b"more");
    assert!(framer.pop().unwrap().is_err(), "and it stays closed");
    let mut framer = Framer::new();
    for _ in 0..70 {
        framer.push(&[b'x'; 1000]);
        let _ = framer.pop();
    }
    assert!(framer.pop().unwrap().is_err(), "a head without end");
    assert_eq!(framer.pending(), 0);
}

/// Everything that a stream holds, given in these pieces.
fn frames(pieces: &[&[u8]]) -> Vec<Framed> {
    let (mut framer, mut out) = (Framer::new(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        while let Some(Ok(frame)) = framer.pop() {
            out.push(frame);
        }
    }
    out
}

fn stream() -> Vec<u8> {
    let mut stream = b"\r\n\r\n".to_vec();
    for name in ["wsinv", "longreq", "mpart01", "unreason", "lwsdisp"] {
        stream.extend_from_slice(named(name).bytes());
        stream.extend_from_slice(if name == "mpart01" { b"\r\n\r\n" } else { b"\r\n" });
    }
    stream.extend_from_slice(named("escnull").bytes());
    stream
}

#[test]
fn a_stream_holds_its_messages_and_pings() {
    let stream = stream();
    let frames = frames(&[&stream]);
    let pings = frames.iter().filter(|f| **f == Framed::Ping).count();
    let messages: Vec<_> =
        frames.iter().filter_map(|f| if let Framed::Message(m) = f { Some(m) } else { None }).collect();
    assert_eq!((pings, messages.len()), (2, 6));
    assert_eq!(messages[2], named("mpart01").bytes());
    let bytewise: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(self::frames(&bytewise), frames);
}

proptest! {
    #[test]
    fn a_stream_is_cut_alike_wherever_it_is_split(cuts in prop::collection::vec(0usize..6000, 0..12)) {
        let stream = stream();
        let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(stream.len())).collect();
        cuts.sort_unstable();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for cut in cuts.into_iter().chain([stream.len()]) {
            pieces.push(&stream[from..cut]);
            from = cut;
        }
        prop_assert_eq!(frames(&pieces), frames(&[&stream]));
    }

    #[test]
    fn any_octets_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        exercise(&bytes);
    }

    #[test]
    fn any_damage_to_a_message_is_read_or_refused(
        which in 0usize..61,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..12),
    ) {
        let mut bytes = all().nth(which).unwrap().bytes.clone();
        for (at, byte, kind) in damage {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(bytes.len().saturating_sub(40))),
            }
        }
        exercise(&bytes);
    }

    #[test]
    fn what_is_printed_is_read_back(
        display in "[^\r\n\0]{0,20}",
        user in "[^\r\n]{1,20}",
        tag in "[a-zA-Z0-9]{1,12}",
        param in "[^\r\n\0]{1,12}",
        host in prop_oneof![Just("192.0.2.1"), Just("2001:db8::7")],
        port in prop::option::of(any::<u16>()),
        call_id in "[!-~]{1,30}",
        cseq in 0u32..1 << 31,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let uri = Uri::sip(&user, host.parse().unwrap(), port);
        let mut from = NameAddr::new(uri.clone()).with_tag(&tag);
        from.display = display.clone();
        from.params.set("x", Some(&param));
        let via = Via::new("UDP", host.parse().unwrap(), port, &format!("z9hG4bK{tag}"));
        let bytes = Draft::request(Method::Invite, &uri)
            .header(Header::Via, &via)
            .header(Header::From, &from)
            .header(Header::To, NameAddr::new(uri.clone()))
            .header(Header::CallId, &call_id)
            .header(Header::CSeq, format!("{cseq} INVITE"))
            .body("application/sdp", &body)
            .into_bytes();
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!(message.start(), &Start::Request { method: Method::Invite, uri: uri.clone() });
        prop_assert_eq!(uri.user().unwrap(), user);
        prop_assert_eq!(message.from().unwrap(), from);
        prop_assert_eq!(message.via().unwrap(), via);
        prop_assert_eq!(message.call_id(), call_id);
        prop_assert_eq!(message.cseq(), Some((cseq, Method::Invite)));
        prop_assert_eq!(message.body(), &body[..]);
        prop_assert_eq!(message.bytes(), &bytes[..]);
    }
}
