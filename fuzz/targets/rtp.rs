//! A recording stream and whatever packets come to its ports, from those who may speak and from others.
//!
//! Input: packets, each with a length and a byte that says which port, from whom, and how much time passed.
#![no_main]

use std::net::SocketAddr;
use std::time::Duration;

use nightdesk::clock::{Mono, Utc};
use nightdesk::ids::TakeId;
use nightdesk::media::stream::Seeds;
use nightdesk::media::{Codec, Command, RecordLimits, Remote, Sink, Stream};

struct Nowhere;

impl Sink for Nowhere {
    fn rtp(&mut self, _to: SocketAddr, _packet: &[u8]) {}
    fn rtcp(&mut self, _to: SocketAddr, _packet: &[u8]) {}
    fn recorded(&mut self, _take: TakeId, _blocks: &[u8]) {}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&setup, mut rest)) = bytes.split_first() else { return };
    let mut now = Mono(0);
    let mut stream = Stream::new(Seeds { ssrc: 1, sequence: u16::MAX, timestamp: u32::MAX });
    stream.command(connect(setup), now);
    let limits = RecordLimits {
        silence_before: Duration::from_secs(15),
        silence_after: Duration::from_secs(8),
        max: Duration::from_secs(300),
        warning: Duration::from_secs(20),
        end_keys: "#".into(),
    };
    stream.command(Command::Record { take: TakeId::new(Utc(0), [0; 10]), limits }, now);
    while let [length, how, tail @ ..] = rest {
        let (packet, tail) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = tail;
        let from: SocketAddr = if how & 1 == 0 { "192.0.2.9:4000" } else { "198.51.100.6:4000" }.parse().unwrap();
        if how & 2 == 0 {
            stream.receive_rtp(packet, from, now);
        } else {
            stream.receive_rtcp(packet, from, now);
        }
        for _ in 0..how >> 5 {
            now = now + Duration::from_millis(20);
            stream.tick(now, &mut Nowhere);
            while stream.poll_event().is_some() {}
        }
    }
    stream.close(now, &mut Nowhere);
});

fn connect(setup: u8) -> Command {
    let rtp = "192.0.2.9:4000".parse().ok();
    Command::Connect(Remote {
        codec: [Codec::Pcma, Codec::Pcmu, Codec::G722][usize::from(setup % 3)],
        payload_send: 8,
        payload_recv: 8,
        event_send: Some(101),
        event_recv: (setup & 4 == 0).then_some(101),
        ptime_ms: 20,
        rtp: if setup & 8 == 0 { rtp } else { None },
        rtcp: rtp,
        signalling: "192.0.2.9".parse().unwrap(),
        send: true,
        recv: setup & 16 == 0,
    })
}
