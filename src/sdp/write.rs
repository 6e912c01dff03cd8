//! Our descriptions as bytes.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::read::Description;
use super::{Capabilities, Codec, Direction, Local, Negotiated};

/// The number under which we offer telephone-event: the one that everybody uses.
pub const EVENT_PAYLOAD: u8 = 101;

pub fn offer(caps: &Capabilities, local: &Local) -> Vec<u8> {
    let mut lines = Lines::head(local, None);
    let media = Media {
        proto: "RTP/AVP",
        codecs: caps.codecs.iter().map(|codec| (*codec, codec.payload())).collect(),
        comfort_noise: false,
        event: caps.telephone_event.then_some(EVENT_PAYLOAD),
        ptime_ms: 20,
        rtcp_mux: true,
        direction: local.direction,
    };
    lines.media(local, &media);
    lines.bytes()
}

pub fn answer(theirs: &Description, taken: usize, agreed: &Negotiated, local: &Local) -> Vec<u8> {
    let mut lines = Lines::head(local, theirs.time.as_deref());
    for (n, stream) in theirs.streams.iter().enumerate() {
        if n != taken {
            // RFC 3264 §6: refused by port 0; every stream of the offer has its line.
            let formats = if stream.formats.is_empty() { "0" } else { &stream.formats };
            lines.put(format_args!("m={} 0 {} {formats}", stream.media, stream.proto));
            continue;
        }
        let media = Media {
            proto: &stream.proto,
            codecs: vec![(agreed.codec, agreed.payload_recv)],
            comfort_noise: stream.comfort_noise,
            event: agreed.event_recv,
            ptime_ms: agreed.ptime_ms,
            rtcp_mux: agreed.rtcp_mux,
            direction: agreed.direction,
        };
        lines.media(local, &media);
    }
    lines.bytes()
}

/// Our media line.
struct Media<'a> {
    proto: &'a str,
    codecs: Vec<(Codec, u8)>,
    comfort_noise: bool,
    event: Option<u8>,
    ptime_ms: u8,
    rtcp_mux: bool,
    direction: Direction,
}

struct Lines(String);

impl Lines {
    fn head(local: &Local, time: Option<&str>) -> Self {
        let mut lines = Lines(String::with_capacity(512));
        let ip = local.rtp.ip().to_canonical();
        let family = if matches!(ip, IpAddr::V4(_)) { "IP4" } else { "IP6" };
        lines.put(format_args!("v=0"));
        lines.put(format_args!("o=- {} {} IN {family} {ip}", local.session, local.version));
        lines.put(format_args!("s=-"));
        lines.put(format_args!("c=IN {family} {ip}"));
        lines.put(format_args!("t={}", time.unwrap_or("0 0")));
        lines
    }

    fn media(&mut self, local: &Local, media: &Media<'_>) {
        let numbers = media.codecs.iter().map(|(_, payload)| *payload);
        let all = numbers.chain(media.comfort_noise.then_some(13)).chain(media.event);
        let all = all.map(|payload| payload.to_string()).collect::<Vec<_>>().join(" ");
        self.put(format_args!("m=audio {} {} {all}", local.rtp.port(), media.proto));
        for (codec, payload) in &media.codecs {
            self.put(format_args!("a=rtpmap:{payload} {}/8000", codec.name()));
        }
        if media.comfort_noise {
            self.put(format_args!("a=rtpmap:13 CN/8000"));
        }
        if let Some(payload) = media.event {
            self.put(format_args!("a=rtpmap:{payload} telephone-event/8000"));
            // The keys, and no more: 16 is a hook flash (RFC 4733 §3.2).
            self.put(format_args!("a=fmtp:{payload} 0-15"));
        }
        self.put(format_args!("a=ptime:{}", media.ptime_ms));
        if media.rtcp_mux {
            self.put(format_args!("a=rtcp-mux"));
        }
        self.put(format_args!("a={}", media.direction.name()));
    }

    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{line}\r\n");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}
