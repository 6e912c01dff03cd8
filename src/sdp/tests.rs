use proptest::prelude::*;

use super::*;

/// Shapes of descriptions as the devices and carriers send them, with addresses for documentation.
const FRITZBOX: &str = "v=0\r\no=user 12387644 12387644 IN IP4 192.0.2.10\r\ns=call\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
    m=audio 7078 RTP/AVP 9 8 0 2 102 100 99 97 120 121 101\r\na=sendrecv\r\na=rtpmap:2 G726-32/8000\r\n\
    a=rtpmap:102 G726-32/8000\r\na=rtpmap:100 G726-40/8000\r\na=rtpmap:99 G726-24/8000\r\na=rtpmap:97 iLBC/8000\r\n\
    a=rtpmap:120 PCMA/16000\r\na=rtpmap:121 PCMU/16000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:97 mode=30\r\n\
    a=fmtp:101 0-15\r\na=rtcp:7079\r\n";
const TELEKOM: &str = "v=0\r\no=- 1741950123 1741950123 IN IP4 198.51.100.7\r\ns=SIP Media Capabilities\r\n\
    c=IN IP4 198.51.100.7\r\nb=AS:111\r\nt=0 0\r\nm=audio 21456 RTP/AVP 9 8 98 99 18\r\nb=AS:111\r\nb=RS:800\r\nb=RR:2400\r\n\
    a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:98 telephone-event/8000\r\na=fmtp:98 0-15\r\n\
    a=rtpmap:99 telephone-event/16000\r\na=fmtp:18 annexb=no\r\na=sendrecv\r\na=ptime:20\r\na=maxptime:40\r\n";
const SIPGATE: &str = "v=0\r\no=root 1821223871 1821223871 IN IP4 203.0.113.20\r\ns=sipgate VoIP GW\r\nc=IN IP4 203.0.113.20\r\n\
    t=0 0\r\nm=audio 31008 RTP/AVP 8 0 3 97 18 112 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:3 GSM/8000\r\n\
    a=rtpmap:97 iLBC/8000\r\na=rtpmap:18 G729/8000\r\na=rtpmap:112 G726-32/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\na=rtcp:31009\r\n";
const ASTERISK: &str = "v=0\no=- 3851 3851 IN IP6 2001:db8::5\ns=Asterisk\nc=IN IP6 2001:db8::5\nt=0 0\n\
    m=audio 10248 RTP/AVP 0 8 107 13 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:107 opus/48000/2\n\
    a=fmtp:107 useinbandfec=1\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:30\na=maxptime:60\na=sendrecv\n";
const LINPHONE: &str = "v=0\r\no=anna 2713 1985 IN IP4 192.0.2.33\r\ns=Talk\r\nc=IN IP4 192.0.2.33\r\nt=0 0\r\n\
    a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r\na=record:off\r\n\
    m=audio 7078 RTP/AVPF 96 97 98 0 8 18 101 99 100\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n\
    a=rtpmap:97 speex/16000\r\na=rtpmap:98 speex/8000\r\na=rtpmap:101 telephone-event/48000\r\n\
    a=rtpmap:99 telephone-event/16000\r\na=rtpmap:100 telephone-event/8000\r\na=rtcp-fb:* trr-int 5000\r\na=rtcp-mux\r\n\
    m=video 9078 RTP/AVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 H264/90000\r\na=rtcp-fb:* nack pli\r\n";

fn local(rtp: &str) -> Local {
    Local { rtp: rtp.parse().unwrap(), session: 77, version: 1, direction: Direction::SendRecv }
}

fn us() -> Local {
    local("192.0.2.1:4000")
}

fn answered(offer: &str) -> (String, Negotiated) {
    let (bytes, agreed) = answer(offer.as_bytes(), &Capabilities::default(), &us()).unwrap();
    (String::from_utf8(bytes).unwrap(), agreed)
}

fn refused(offer: &str) -> Refusal {
    answer(offer.as_bytes(), &Capabilities::default(), &us()).unwrap_err()
}

/// An offer of one PCMA stream with these lines at its end.
fn with(lines: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n{lines}"
    )
}

fn socket(address: &str) -> Option<SocketAddr> {
    Some(address.parse().unwrap())
}

#[test]
fn a_fritzbox_gets_g722() {
    let (answer, agreed) = answered(FRITZBOX);
    let expected = "v=0\r\no=- 77 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 9 101\r\n\
        a=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(answer, expected);
    let expected = Negotiated {
        codec: Codec::G722,
        payload_send: 9,
        payload_recv: 9,
        event_send: Some(101),
        event_recv: Some(101),
        ptime_ms: 20,
        remote_rtp: socket("192.0.2.10:7078"),
        remote_rtcp: socket("192.0.2.10:7079"),
        rtcp_mux: false,
        direction: Direction::SendRecv,
    };
    assert_eq!(agreed, expected);
}

#[test]
fn the_offerers_order_decides() {
    assert_eq!(answered(SIPGATE).1.codec, Codec::Pcma);
    let caps = Capabilities { codecs: vec![Codec::Pcmu, Codec::Pcma], telephone_event: false };
    let (bytes, agreed) = answer(TELEKOM.as_bytes(), &caps, &us()).unwrap();
    assert_eq!((agreed.codec, agreed.event_send, agreed.event_recv), (Codec::Pcma, None, None));
    assert!(!String::from_utf8(bytes).unwrap().contains("telephone-event"));
}

#[test]
fn keys_at_the_clock_of_the_codec_are_taken() {
    assert_eq!(answered(TELEKOM).1.event_send, Some(98));
    assert_eq!(answered(LINPHONE).1.event_send, Some(100));
}

#[test]
fn ipv6_comfort_noise_and_ptime_are_answered() {
    let (bytes, agreed) = answer(ASTERISK.as_bytes(), &Capabilities::default(), &local("[2001:db8::1]:4000")).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("c=IN IP6 2001:db8::1\r\n"), "{text}");
    assert!(text.contains("m=audio 4000 RTP/AVP 0 13 101\r\n") && text.contains("a=rtpmap:13 CN/8000\r\n"), "{text}");
    assert_eq!((agreed.ptime_ms, agreed.remote_rtcp), (30, socket("[2001:db8::5]:10249")));
    // Nothing that we could send would reach an address of the other family.
    assert_eq!(refused(ASTERISK), Refusal::NothingInCommon);
}

#[test]
fn other_streams_are_refused_in_order() {
    let (answer, agreed) = answered(LINPHONE);
    let media: Vec<_> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(media, ["m=audio 4000 RTP/AVPF 0 100", "m=video 0 RTP/AVPF 96 97"]);
    assert_eq!((agreed.rtcp_mux, agreed.remote_rtcp), (true, agreed.remote_rtp));
    assert!(answer.contains("a=rtcp-mux\r\n"));

    let mixed = "v=0\r\nc=IN IP4 192.0.2.9\r\nm=video 6000 RTP/AVP 31\r\nm=audio 5000 RTP/SAVP 8\r\n\
        m=image 5 udptl t38\r\nm=audio 0 RTP/AVP 8\r\nm=audio 5004 RTP/AVP 18 0\r\nm=audio 5006 RTP/AVP 8\r\n";
    let answer = answered(mixed).0;
    let media: Vec<_> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    let expected = [
        "m=video 0 RTP/AVP 31",
        "m=audio 0 RTP/SAVP 8",
        "m=image 0 udptl t38",
        "m=audio 0 RTP/AVP 8",
        "m=audio 4000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 8",
    ];
    assert_eq!(media, expected);
}

#[test]
fn of_two_families_ours_is_taken() {
    let both =
        "v=0\r\nm=audio 6000 RTP/AVP 8\r\nc=IN IP6 2001:db8::9\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\n";
    assert_eq!(answered(both).1.remote_rtp, socket("192.0.2.9:7000"));
}

#[test]
fn directions_are_mirrored() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (theirs, ours) in [(SendRecv, SendRecv), (SendOnly, RecvOnly), (RecvOnly, SendOnly), (Inactive, Inactive)] {
        let (answer, agreed) = answered(&with(&format!("a={}\r\n", theirs.name())));
        assert_eq!(agreed.direction, ours);
        assert!(answer.ends_with(&format!("a={}\r\n", ours.name())), "{answer}");
    }
    // At session level it holds for every stream without its own.
    let session = with("").replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n");
    assert_eq!(answered(&session).1.direction, RecvOnly);
    assert_eq!(answered(&format!("{session}a=sendrecv\r\n")).1.direction, SendRecv);
    // What we do not want, we do not say.
    let quiet = Local { direction: RecvOnly, ..us() };
    let (_, agreed) = answer(with("").as_bytes(), &Capabilities::default(), &quiet).unwrap();
    assert_eq!(agreed.direction, RecvOnly);
}

#[test]
fn the_old_hold_is_hold() {
    let (answer, agreed) = answered(&with("").replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0"));
    assert_eq!((agreed.remote_rtp, agreed.remote_rtcp), (None, None));
    assert_eq!(agreed.direction, Direction::Inactive);
    assert!(answer.contains("m=audio 4000 ") && answer.contains("a=inactive\r\n"), "{answer}");
}

#[test]
fn packet_lengths_are_within_bounds() {
    let cases = [
        ("", 20),
        ("a=ptime:30\r\n", 30),
        ("a=ptime:0\r\n", 20),
        ("a=ptime:25\r\n", 20),
        ("a=ptime:5\r\n", 10),
        ("a=ptime:240\r\n", 60),
        ("a=ptime:99999999999\r\n", 20),
        ("a=ptime:300\r\n", 60),
        ("a=maxptime:10\r\n", 10),
        ("a=ptime:40\r\na=maxptime:30\r\n", 30),
        ("a=ptime: 30.0\r\n", 30),
        ("a=ptime:x\r\n", 20),
    ];
    for (lines, ms) in cases {
        assert_eq!(answered(&with(lines)).1.ptime_ms, ms, "{lines}");
    }
}

#[test]
fn rtcp_goes_where_they_say() {
    let rtcp = |lines: &str| answered(&with(lines)).1.remote_rtcp;
    assert_eq!(rtcp(""), socket("192.0.2.9:5001"));
    assert_eq!(rtcp("a=rtcp:6001\r\n"), socket("192.0.2.9:6001"));
    assert_eq!(rtcp("a=rtcp:6001 IN IP4 192.0.2.8\r\n"), socket("192.0.2.8:6001"));
    assert_eq!(rtcp("a=rtcp:6001 IN IP4 a.example\r\n"), socket("192.0.2.9:6001"));
    assert_eq!(rtcp("a=rtcp:6001\r\na=rtcp-mux\r\n"), socket("192.0.2.9:5000"));
    assert_eq!(rtcp("a=rtcp:0\r\n"), None);
    let last_port = with("").replace("m=audio 5000", "m=audio 65535");
    assert_eq!(answered(&last_port).1.remote_rtcp, None);
}

#[test]
fn a_map_outweighs_the_static_number() {
    let (answer, agreed) = answered(&with("a=rtpmap:8 PCMU/8000\r\n"));
    assert_eq!((agreed.codec, agreed.payload_send), (Codec::Pcmu, 8));
    assert!(answer.contains("a=rtpmap:8 PCMU/8000\r\n"));
    assert_eq!(refused(&with("a=rtpmap:8 PCMA/16000\r\n")), Refusal::NothingInCommon);
    assert_eq!(refused(&with("a=rtpmap:8 PCMA/8000/2\r\n")), Refusal::NothingInCommon);
    let dynamic = with("a=rtpmap:96 g722/8000/1\r\n").replace("RTP/AVP 8", "RTP/AVP 96 8");
    assert_eq!((answered(&dynamic).1.codec, answered(&dynamic).1.payload_recv), (Codec::G722, 96));
}

#[test]
fn what_cannot_be_used_is_refused() {
    let nothing = [
        with("").replace("RTP/AVP", "RTP/SAVP"),
        with("").replace("RTP/AVP", "UDP/TLS/RTP/SAVPF"),
        with("").replace("c=IN IP4 192.0.2.9", "c=IN IP4 media.example.de"),
        with("").replace("c=IN IP4 192.0.2.9", "c=IN IP4 224.2.36.42/127"),
        with("").replace("c=IN IP4 192.0.2.9", "c=IN IP4 255.255.255.255"),
        with("").replace("c=IN IP4 192.0.2.9\r\n", ""),
        with("").replace("5000", "0"),
        with("").replace("RTP/AVP 8", "RTP/AVP 18 101"),
        "v=0\r\ns=-\r\nc=IN IP4 192.0.2.9\r\n".to_owned(),
    ];
    for offer in nothing {
        assert_eq!(refused(&offer), Refusal::NothingInCommon, "{offer}");
    }
}

#[test]
fn the_limits_hold() {
    let malformed = |offer: String| assert!(matches!(refused(&offer), Refusal::Malformed(_)), "{offer:.200}");
    malformed(String::new());
    malformed("hello".to_owned());
    malformed(with("").replace("5000", "70000"));
    malformed(with(&"m=audio 5002 RTP/AVP 8\r\n".repeat(8)));
    malformed(with("").replace("RTP/AVP 8", &format!("RTP/AVP{}", " 8".repeat(65))));
    malformed(with(&"a=x\r\n".repeat(8000)));
    answered(&with(&"m=audio 5002 RTP/AVP 8\r\n".repeat(7)));
    answered(&with("").replace("RTP/AVP 8", &format!("RTP/AVP{}", " 8".repeat(64))));
}

#[test]
fn careless_devices_are_understood() {
    answered(&with("").replace("o=- 1 1 IN IP4 192.0.2.9", "o=Müller GmbH x 99999999999999999999 IN IP4"));
    answered(&with("").replace("t=0 0\r\n", "t=\r\nk=clear\r\nb=\r\ne=\r\n"));
    answered(&with("a=\r\na=:\r\na=rtpmap\r\na=rtpmap:\r\na=fmtp:8\r\n\0"));
    let latin =
        [b"v=0\r\ns=B\xfcro\r\nc=IN IP4 192.0.2.9\r\nm=audio 5000 RTP/AVP 8\r\na=label:\xfc\r\n".as_slice()].concat();
    assert!(answer(&latin, &Capabilities::default(), &us()).is_ok());
    // RFC 3264 §6: the time is theirs.
    let (text, _) = answered(&with("").replace("t=0 0", "t=3034423619 3042462419"));
    assert!(text.contains("t=3034423619 3042462419\r\n"));
}

#[test]
fn an_answer_with_other_numbers_is_understood() {
    let caps = Capabilities::default();
    let offered = String::from_utf8(offer(&caps, &us())).unwrap();
    assert!(offered.contains("m=audio 4000 RTP/AVP 9 8 0 101\r\n"), "{offered}");
    let answer = "v=0\r\no=- 5 5 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 108 96\r\n\
        a=rtpmap:108 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=recvonly\r\n";
    let agreed = accept(answer.as_bytes(), &caps, &us()).unwrap();
    assert_eq!((agreed.codec, agreed.payload_send, agreed.payload_recv), (Codec::Pcma, 108, 8));
    assert_eq!((agreed.event_send, agreed.event_recv), (Some(96), Some(101)));
    assert_eq!(agreed.direction, Direction::SendOnly);
    let refused = answer.replace("m=audio 5000", "m=audio 0");
    assert_eq!(accept(refused.as_bytes(), &caps, &us()), Err(Refusal::NothingInCommon));
    assert!(matches!(accept(b"v=0\r\n", &caps, &us()), Err(Refusal::Malformed(_))));
}

fn capabilities() -> impl Strategy<Value = Capabilities> {
    let codecs = Just(vec![Codec::G722, Codec::Pcma, Codec::Pcmu]).prop_shuffle();
    (codecs, 0..=3_usize, any::<bool>()).prop_map(|(mut codecs, keep, telephone_event)| {
        codecs.truncate(keep);
        Capabilities { codecs, telephone_event }
    })
}

fn locals() -> impl Strategy<Value = (Local, Local)> {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    let direction = || proptest::sample::select(vec![SendRecv, SendOnly, RecvOnly, Inactive]);
    (any::<bool>(), 1..=u16::MAX, 1..=u16::MAX, direction(), direction()).prop_map(|(v6, a, b, one, other)| {
        let ips = if v6 { ("[2001:db8::1]", "[2001:db8::2]") } else { ("192.0.2.1", "192.0.2.2") };
        (
            Local { direction: one, ..local(&format!("{}:{a}", ips.0)) },
            Local { direction: other, ..local(&format!("{}:{b}", ips.1)) },
        )
    })
}

proptest! {
    #[test]
    fn both_sides_agree(ours in capabilities(), theirs in capabilities(), (here, there) in locals()) {
        let offered = offer(&ours, &here);
        let answered = answer(&offered, &theirs, &there);
        let common = ours.codecs.iter().find(|codec| theirs.codecs.contains(codec));
        let Ok((bytes, b)) = answered else {
            prop_assert_eq!(answered, Err(Refusal::NothingInCommon));
            prop_assert_eq!(common, None);
            return Ok(());
        };
        let a = accept(&bytes, &ours, &here).unwrap();
        prop_assert_eq!(Some(&a.codec), common);
        prop_assert_eq!(a.codec, b.codec);
        prop_assert_eq!((a.payload_send, a.payload_recv), (b.payload_recv, b.payload_send));
        prop_assert_eq!((a.event_send, a.event_recv), (b.event_recv, b.event_send));
        prop_assert_eq!(a.event_send.is_some(), ours.telephone_event && theirs.telephone_event);
        prop_assert_eq!((a.remote_rtp, b.remote_rtp), (Some(there.rtp), Some(here.rtp)));
        prop_assert_eq!((a.remote_rtcp, b.remote_rtcp), (a.remote_rtp, b.remote_rtp));
        prop_assert_eq!(a.direction.sends(), b.direction.receives());
        prop_assert_eq!(a.direction.receives(), b.direction.sends());
        prop_assert_eq!(a.direction.sends(), here.direction.sends() && there.direction.receives());
        prop_assert_eq!((a.ptime_ms, a.rtcp_mux), (b.ptime_ms, b.rtcp_mux));
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = answer(&bytes, &Capabilities::default(), &us());
        let _ = accept(&bytes, &Capabilities::default(), &us());
    }

    #[test]
    fn damaged_offers_are_survived(
        which in 0..5_usize,
        edits in proptest::collection::vec((any::<usize>(), any::<u8>(), 0..3_u8), 1..12),
    ) {
        let mut bytes = [FRITZBOX, TELEKOM, SIPGATE, ASTERISK, LINPHONE][which].as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at % bytes.len();
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if let Ok((answer, _)) = answer(&bytes, &Capabilities::default(), &us()) {
            let theirs = Description::read(&bytes).unwrap();
            let ours = Description::read(&answer).unwrap();
            prop_assert_eq!(ours.streams.len(), theirs.streams.len());
        }
    }
}
