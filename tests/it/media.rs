//! Streams as a caller meets them: packets in, packets, events and files out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nightdesk::clock::{Mono, Utc};
use nightdesk::ids::TakeId;
use nightdesk::media::rtp::Packet;
use nightdesk::media::stream::Seeds;
use nightdesk::media::take::{Block, Blocks};
use nightdesk::media::{Clip, Codec, Command, Event, KeySource, RecordEnd, RecordLimits, Remote, Sink, Stream, g711};
use proptest::prelude::*;

const PHONE: &str = "192.0.2.7:4000";

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn take_id(n: u8) -> TakeId {
    TakeId::new(Utc(0), [n; 10])
}

/// Everything a stream gave away.
#[derive(Default)]
struct Out {
    rtp: Vec<(SocketAddr, Vec<u8>)>,
    rtcp: Vec<(SocketAddr, Vec<u8>)>,
    takes: HashMap<TakeId, Vec<u8>>,
}

impl Sink for Out {
    fn rtp(&mut self, to: SocketAddr, packet: &[u8]) {
        self.rtp.push((to, packet.to_vec()));
    }
    fn rtcp(&mut self, to: SocketAddr, packet: &[u8]) {
        self.rtcp.push((to, packet.to_vec()));
    }
    fn recorded(&mut self, take: TakeId, blocks: &[u8]) {
        self.takes.entry(take).or_default().extend_from_slice(blocks);
    }
}

/// A stream, its clock and what came of it.
struct Line {
    stream: Stream,
    now: Mono,
    out: Out,
    events: Vec<Event>,
}

impl Line {
    fn new(remote: Remote) -> Self {
        let mut line = Line::unconnected();
        line.command(Command::Connect(remote));
        line
    }

    fn unconnected() -> Self {
        let stream = Stream::new(Seeds { ssrc: 0xABCD, sequence: 65_530, timestamp: u32::MAX - 500 });
        Line { stream, now: Mono(1_000_000_000), out: Out::default(), events: Vec::new() }
    }

    fn drain(&mut self) {
        self.events.extend(std::iter::from_fn(|| self.stream.poll_event()));
    }

    fn command(&mut self, command: Command) {
        self.stream.command(command, self.now);
        self.drain();
    }

    fn tick(&mut self) {
        self.stream.tick(self.now, &mut self.out);
        self.drain();
    }

    /// A tick, and 20 ms pass.
    fn step(&mut self) {
        self.tick();
        self.now = self.now + ms(20);
    }

    fn run(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / 20 {
            self.step();
        }
    }

    fn hear(&mut self, from: &str, packet: &[u8]) {
        self.stream.receive_rtp(packet, addr(from), self.now);
        self.drain();
    }

    fn record(&mut self, limits: RecordLimits) {
        self.command(Command::Record { take: take_id(1), limits });
    }

    fn sent(&self) -> Vec<Packet<'_>> {
        self.out.rtp.iter().map(|(_, bytes)| Packet::read(bytes).unwrap()).collect()
    }

    fn keys(&self) -> String {
        let key = |event: &Event| if let Event::Key { key, .. } = event { Some(*key) } else { None };
        self.events.iter().filter_map(key).collect()
    }

    fn recorded(&self) -> Option<(RecordEnd, u32, u32)> {
        self.events.iter().find_map(|event| match event {
            Event::Recorded { end, total_ms, sound_ms, .. } => Some((*end, *total_ms, *sound_ms)),
            _ => None,
        })
    }

    /// The take's bytes on its time line; none where nothing was heard.
    fn take(&self) -> Vec<Option<u8>> {
        let mut line = Vec::new();
        for block in Blocks::new(self.out.takes.get(&take_id(1)).map_or(&[], Vec::as_slice)) {
            match block {
                Block::Audio { position, payload, .. } => {
                    assert!(position as usize >= line.len(), "blocks go forward");
                    line.resize(position as usize, None);
                    line.extend(payload.iter().copied().map(Some));
                }
                Block::End { position } => line.resize(position as usize, None),
            }
        }
        line
    }
}

fn remote() -> Remote {
    Remote {
        codec: Codec::Pcma,
        payload_send: 8,
        payload_recv: 8,
        event_send: Some(101),
        event_recv: Some(97),
        ptime_ms: 20,
        rtp: Some(addr(PHONE)),
        rtcp: Some(addr("192.0.2.7:4001")),
        signalling: addr(PHONE).ip(),
        send: true,
        recv: true,
    }
}

fn limits() -> RecordLimits {
    RecordLimits {
        silence_before: Duration::from_secs(15),
        silence_after: Duration::from_secs(8),
        max: Duration::from_secs(300),
        warning: Duration::from_secs(30),
        end_keys: "#".into(),
    }
}

fn packet(kind: u8, sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, kind];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// What a phone says in its `n`th packet: its number, as a buzz.
fn voice(n: usize) -> [u8; 160] {
    std::array::from_fn(|at| n as u8 ^ if at % 2 == 0 { 0x80 } else { 0 })
}

/// The `n`th packet of a phone.
fn said(n: u32) -> Vec<u8> {
    packet(8, n as u16, n.wrapping_mul(160), 5, &voice(n as usize))
}

/// 20 ms of a tone of 500 Hz at half scale, or of silence.
fn sound(on: bool) -> Vec<u8> {
    let sample = |n: usize| (16_000.0 * (n as f32 * std::f32::consts::TAU / 16.0).sin()) as i16;
    (0..160).map(|n| if on { g711::to_alaw(sample(n)) } else { 0xD5 }).collect()
}

fn clip(bytes: &[u8]) -> Arc<Clip> {
    Arc::new(Clip { name: "clip".into(), pcma: bytes.into(), pcmu: bytes.into(), g722: bytes.into() })
}

fn play(play: u32, bytes: &[u8], wait: Duration) -> Command {
    Command::Play { play, clips: vec![clip(bytes)], wait_first_packet: wait }
}

#[test]
fn sending_is_paced_by_media_time() {
    for (ptime, a_second) in [(10, 100), (20, 50), (30, 34), (40, 25), (60, 17)] {
        let mut line = Line::new(Remote { ptime_ms: ptime, ..remote() });
        // Ticks come up to 3 ms late.
        for n in 0..500u64 {
            let late = ms(n * 7 % 4);
            line.stream.tick(line.now + late, &mut line.out);
            line.now = line.now + ms(20);
        }
        let sent = line.sent();
        assert!(sent.len().abs_diff(a_second * 10) <= 7, "{ptime}: {}", sent.len());
        for pair in sent.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(u32::from(ptime) * 8));
            assert_eq!(pair[1].payload.len(), usize::from(ptime) * 8);
            assert!(!pair[1].marker);
        }
        assert!(sent[0].marker && sent[0].sequence == 65_530 && sent[0].ssrc == 0xABCD);
    }
}

#[test]
fn a_late_thread_sends_no_burst_and_time_goes_on() {
    let mut line = Line::new(remote());
    line.run(ms(100));
    line.now = line.now + Duration::from_secs(2);
    line.tick();
    let sent = line.sent();
    assert_eq!(sent.len(), 6);
    assert!(sent[5].marker);
    assert_eq!(sent[5].timestamp.wrapping_sub(sent[4].timestamp), 160 + 16_000);
}

#[test]
fn a_prompt_is_heard_whole_and_waits_for_the_first_packet() {
    let mut line = Line::new(remote());
    let speech: Vec<u8> = (0..1000u32).map(|n| (n % 200) as u8).collect();
    line.command(play(1, &speech, Duration::from_secs(1)));
    line.run(ms(200));
    assert!(line.sent().iter().all(|p| p.payload.iter().all(|b| *b == 0xD5)), "silence keeps the line open");
    line.hear(PHONE, &said(0));
    assert_eq!(line.events, [Event::FirstPacket]);
    line.out.rtp.clear();
    line.run(ms(160));
    let heard: Vec<u8> = line.sent().iter().flat_map(|p| p.payload.to_vec()).collect();
    assert_eq!(heard[..1000], speech);
    assert!(heard[1000..].iter().all(|b| *b == 0xD5));
    assert_eq!(line.events[1..], [Event::Played { play: 1, played_ms: 125, complete: true }]);

    line.command(play(2, &[7; 8000], Duration::ZERO));
    line.run(ms(100));
    line.command(play(3, &[8; 8000], Duration::ZERO));
    line.run(ms(40));
    line.command(Command::StopPlaying);
    assert_eq!(
        line.events[2..],
        [
            Event::Played { play: 2, played_ms: 100, complete: false },
            Event::Played { play: 3, played_ms: 40, complete: false }
        ]
    );
}

#[test]
fn held_nothing_is_sent_and_no_line_is_dead() {
    let mut line = Line::new(remote());
    line.run(ms(100));
    line.command(Command::Connect(Remote { send: false, recv: false, ..remote() }));
    line.out.rtp.clear();
    line.run(Duration::from_secs(60));
    assert!(line.out.rtp.is_empty() && line.events.is_empty());
    line.command(Command::Connect(remote()));
    line.run(ms(20));
    let sent = line.sent();
    assert!(sent[0].marker);
    assert_eq!(sent[0].timestamp.wrapping_sub(u32::MAX - 500), (100 + 60_000) * 8, "time went on");
}

#[test]
fn a_stranger_is_neither_recorded_nor_sent_to() {
    let mut line = Line::new(Remote { rtp: Some(addr("10.0.0.5:4000")), ..remote() });
    line.record(limits());
    let mut n = 0u32;
    for second in 0..20u32 {
        for port in 0..50 {
            n += 1;
            line.hear(&format!("203.0.113.9:{}", 4000 + port), &packet(8, n as u16, n * 160, 9, &[0x11; 160]));
            line.hear("203.0.113.9:4000", &packet(97, n as u16, n * 160, 9, &[1, 0, 1, 0]));
            if second == 1 {
                // The real phone behind its NAT, in the second second.
                line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &[0x22; 160]));
            }
            line.step();
        }
    }
    assert_eq!(line.keys(), "");
    assert!(line.take().iter().flatten().all(|byte| *byte == 0x22));
    let to: Vec<_> = line.out.rtp.iter().map(|(to, _)| *to).collect();
    assert!(to.iter().all(|to| *to == addr(PHONE) || *to == addr("10.0.0.5:4000")));
    assert_eq!(to.last(), Some(&addr(PHONE)));
    let figures = line.stream.figures();
    assert_eq!((figures.received, figures.foreign), (47, 2003));
}

#[test]
fn a_late_stranger_at_the_signalling_address_is_not_learnt() {
    let mut line = Line::new(Remote { rtp: Some(addr("10.0.0.5:4000")), ..remote() });
    line.run(ms(2020));
    for n in 0..100 {
        line.hear(PHONE, &said(n));
        line.step();
    }
    assert!(line.out.rtp.iter().all(|(to, _)| *to == addr("10.0.0.5:4000")));
    assert!(line.events.is_empty());
}

#[test]
fn a_message_is_as_long_as_it_was_spoken() {
    let mut line = Line::new(remote());
    for n in 0..25 {
        line.hear(PHONE, &said(n));
        line.step();
    }
    line.record(limits());
    line.run(ms(500));
    for n in 50..1050u32 {
        // 1 % is lost, 25 packets are a pause of the sender (DTX) with comfort noise.
        let lost = n % 100 == 7 || (400..425).contains(&n);
        if n == 400 {
            line.hear(PHONE, &packet(13, n as u16, n * 160, 5, &[70]));
        } else if !lost {
            line.hear(PHONE, &said(n));
        }
        line.step();
    }
    line.command(Command::StopRecording);
    line.step();
    let (end, total, _) = line.recorded().unwrap();
    assert_eq!(end, RecordEnd::Stopped);
    assert_eq!(total, 20_500);
    let take = line.take();
    assert_eq!(take.len(), 20_500 * 8);
    assert!(take[..4000].iter().all(Option::is_none), "nothing of before");
    for n in 50..1050usize {
        let lost = n % 100 == 7 || (400..425).contains(&n);
        let at = 4000 + (n - 50) * 160;
        let expected = voice(n).map(|byte| (!lost).then_some(byte));
        assert_eq!(take[at..at + 160], expected, "{n}");
    }
}

#[test]
fn what_is_said_reaches_the_sink_within_a_second() {
    let mut line = Line::new(remote());
    line.record(limits());
    for n in 0..1000u32 {
        line.hear(PHONE, &said(n));
        line.step();
        let written = line.take().len() as i64;
        assert!(i64::from(n) * 160 - written <= 8 * 700, "{n}: {written}");
    }
}

#[test]
fn a_recording_ends_by_silence_after_and_before_sound() {
    let mut line = Line::new(remote());
    line.record(limits());
    for n in 0..2000u32 {
        let on = (100..200).contains(&n);
        line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &sound(on)));
        line.step();
    }
    let (end, total, sound_ms) = line.recorded().unwrap();
    assert_eq!(end, RecordEnd::Silence);
    assert!((12_000..=12_260).contains(&total), "{total}");
    assert_eq!(sound_ms, 2000);

    let mut line = Line::new(remote());
    line.record(limits());
    line.run(Duration::from_secs(16));
    let (end, total, sound_ms) = line.recorded().unwrap();
    assert_eq!((end, sound_ms), (RecordEnd::Silence, 0));
    assert!((15_000..=15_260).contains(&total), "{total}");
}

#[test]
fn a_steady_tone_is_recorded_to_the_maximum_with_a_warning_before() {
    let mut line = Line::new(remote());
    line.record(RecordLimits { max: Duration::from_secs(60), ..limits() });
    let mut warned = None;
    for n in 0..3100u32 {
        line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &sound(true)));
        line.step();
        if line.events.contains(&Event::RecordWarning(take_id(1))) {
            warned.get_or_insert(n);
        }
    }
    assert_eq!(warned, Some(1500));
    assert_eq!(line.recorded(), Some((RecordEnd::Max, 60_000, 60_000)));
    assert_eq!(line.take().len(), 480_000);
    assert_eq!(line.events.len(), 3);
}

#[test]
fn a_dead_line_ends_the_recording_and_is_said_once() {
    let mut line = Line::new(remote());
    line.record(RecordLimits {
        silence_after: Duration::from_secs(100),
        silence_before: Duration::from_secs(100),
        ..limits()
    });
    for n in 0..50 {
        line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &sound(true)));
        line.step();
    }
    line.run(Duration::from_secs(60));
    let (end, total, sound_ms) = line.recorded().unwrap();
    assert_eq!((end, sound_ms), (RecordEnd::Dead, 1000));
    assert!((20_980..=21_020).contains(&total), "{total}");
    assert_eq!(line.events.iter().filter(|event| **event == Event::Dead).count(), 1);
    assert_eq!(line.events.last(), Some(&Event::Dead), "after the recording");
}

#[test]
fn reports_go_where_they_may_and_keep_a_silent_line_alive() {
    let report = [0x80, 201, 0, 1, 0, 0, 0, 5];
    let mut line = Line::new(remote());
    for n in 0..3000u32 {
        if n % 250 == 0 {
            line.stream.receive_rtcp(&report, addr("192.0.2.7:4001"), line.now);
        }
        line.step();
    }
    assert!(line.events.is_empty(), "{:?}", line.events);
    assert!((10..=25).contains(&line.out.rtcp.len()), "{}", line.out.rtcp.len());
    assert!(line.out.rtcp.iter().all(|(to, _)| *to == addr("192.0.2.7:4001")));
    for n in 0..1100u32 {
        // A stranger's reports and a goodbye keep nothing alive.
        line.stream.receive_rtcp(&report, addr("203.0.113.9:4001"), line.now);
        if n == 0 {
            line.stream.receive_rtcp(&[0x81, 203, 0, 1, 0, 0, 0, 5], addr("192.0.2.7:4001"), line.now);
        }
        line.step();
    }
    assert_eq!(line.events, [Event::Dead]);
    assert_eq!(line.stream.figures().foreign, 1100);
    line.out.rtcp.clear();
    line.stream.close(line.now, &mut line.out);
    let (_, bye) = &line.out.rtcp[0];
    assert_eq!(bye[bye.len() - 8..bye.len() - 4], [0x81, 203, 0, 1]);
}

#[test]
fn on_a_shared_port_reports_go_with_the_audio() {
    let sdp = Some(addr("10.0.0.5:4000"));
    let mut line = Line::new(Remote { rtp: sdp, rtcp: sdp, ..remote() });
    for n in 0..500 {
        line.hear(PHONE, &said(n));
        line.hear(PHONE, &[0x80, 201, 0, 1, 0, 0, 0, 5]);
        line.step();
    }
    let (to, report) = line.out.rtcp.last().unwrap();
    assert_eq!((*to, report[1]), (addr(PHONE), 200));
    assert_eq!(line.stream.figures().bad, 0);
    // Its own port is not known where the address was learnt.
    let mut line = Line::new(Remote { rtp: sdp, rtcp: Some(addr("10.0.0.5:4001")), ..remote() });
    for n in 0..500 {
        line.hear(PHONE, &said(n));
        line.step();
    }
    assert!(line.out.rtcp.is_empty());
}

/// The packets of a key of RFC 4733 that starts with packet `n`.
fn press(event: u8, n: u32, packets: u32) -> Vec<Vec<u8>> {
    (0..packets + 2)
        .map(|k| {
            let duration = ((k + 1).min(packets) * 160) as u16;
            let end = if k + 1 >= packets { 0x80 } else { 0 };
            let payload = [event, end | 10, (duration >> 8) as u8, duration as u8];
            packet(if k == 0 { 0x80 | 97 } else { 97 }, (n + k) as u16, n * 160, 5, &payload)
        })
        .collect()
}

#[test]
fn keys_end_a_recording_and_are_never_part_of_it() {
    let mut line = Line::new(remote());
    line.record(limits());
    let five: Vec<_> = press(5, 100, 5);
    for n in 0..150u32 {
        if let Some(event) = n.checked_sub(100).and_then(|k| five.get(k as usize)) {
            line.hear(PHONE, event);
            // A gateway that sends the tone's audio too.
            line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &[0x77; 160]));
        } else {
            line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &[0x22; 160]));
        }
        line.step();
    }
    line.hear(PHONE, &press(11, 150, 5)[0]);
    line.step();
    assert_eq!(line.keys(), "5#");
    assert_eq!(line.recorded().map(|r| (r.0, r.1)), Some((RecordEnd::Key('#'), 3000)));
    let take = line.take();
    assert!(take[100 * 160..105 * 160].iter().all(Option::is_none), "the key is silence");
    assert!(take[..90 * 160].iter().chain(&take[108 * 160..140 * 160]).all(|byte| *byte == Some(0x22)));
}

#[test]
fn what_comes_after_its_time_is_judged_by_its_time() {
    // All of a key's events come first; the audio of that time, tone and all, comes 100 ms late.
    let mut line = Line::new(remote());
    line.record(limits());
    line.hear(PHONE, &packet(8, 0, 0, 5, &[0x22; 160]));
    line.run(ms(120));
    for (k, event) in press(5, 1, 5).iter().enumerate() {
        let mut event = event.clone();
        event[3] = 10 + k as u8;
        line.hear(PHONE, &event);
    }
    for n in 1..10u16 {
        line.hear(PHONE, &packet(8, n, u32::from(n) * 160, 5, &[0x77; 160]));
    }
    // Its clock jumps back; a packet of before the jump comes last.
    line.hear(PHONE, &packet(8, 21, 0u32.wrapping_sub(1_000_000), 5, &[0x33; 160]));
    line.hear(PHONE, &packet(8, 20, 1600, 5, &[0x44; 160]));
    line.run(ms(100));
    line.command(Command::StopRecording);
    line.step();
    let take = line.take();
    assert!(take[160..960].iter().all(Option::is_none), "the key is silence");
    assert!(take[1200..1600].iter().all(|byte| *byte == Some(0x77)));
    assert!(take.len() <= 1600 + 160 + 1600, "{}", take.len());
    assert!(!take.contains(&Some(0x44)));
}

#[test]
fn keys_are_sent_as_they_are_received() {
    let mut from = Line::new(Remote { event_send: Some(97), ..remote() });
    let mut to = Line::new(remote());
    from.command(Command::SendKeys("1,1#*D0".into()));
    for n in 0..150 {
        from.step();
        let packets: Vec<_> = from.out.rtp.drain(..).collect();
        for (_, packet) in packets.iter().filter(|_| n % 7 != 3) {
            to.hear(PHONE, packet);
        }
        to.step();
    }
    assert_eq!(to.keys(), "11#*D0");
    assert!(to.events.contains(&Event::Key { key: 'D', source: KeySource::Rtp }));
}

#[test]
fn tones_in_the_audio_are_keys_where_events_were_not_negotiated() {
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
        let plain = Remote { codec, event_send: None, event_recv: None, ..remote() };
        let (mut from, mut to) = (Line::new(plain), Line::new(plain));
        to.record(limits());
        let mut spoken = Vec::new();
        for n in 0..100u32 {
            match n {
                0 => from.command(play(1, &[0x22; 4800], Duration::ZERO)),
                50 => from.command(Command::SendKeys("7#".into())),
                _ => {}
            }
            from.step();
            let packets: Vec<_> = from.out.rtp.drain(..).collect();
            for (_, bytes) in &packets {
                spoken.extend_from_slice(Packet::read(bytes).unwrap().payload);
                to.hear(PHONE, bytes);
            }
            to.step();
        }
        assert_eq!(to.keys(), "7#", "{codec:?}");
        assert!(to.events.contains(&Event::Key { key: '7', source: KeySource::InBand }));
        assert!(matches!(to.recorded(), Some((RecordEnd::Key('#'), _, _))));
        let take = to.take();
        for (at, byte) in take.iter().enumerate().filter_map(|(at, byte)| byte.map(|byte| (at, byte))) {
            assert_eq!(byte, spoken[at]);
            assert!(
                !(8000..8800).contains(&at) && !(9280..10_080).contains(&at),
                "{codec:?}: a tone was written at {at}"
            );
        }
        assert!(take[..4800].iter().all(Option::is_some));
    }
}

#[test]
fn audio_is_no_key_where_events_were_negotiated() {
    let plain = Remote { event_send: None, event_recv: None, ..remote() };
    let (mut from, mut to) = (Line::new(plain), Line::new(remote()));
    from.command(Command::SendKeys("7".into()));
    for _ in 0..50 {
        from.step();
        for (_, bytes) in from.out.rtp.drain(..).collect::<Vec<_>>() {
            to.hear(PHONE, &bytes);
        }
        to.step();
    }
    assert_eq!(to.keys(), "");
}

#[test]
fn a_changed_codec_or_source_goes_on_in_time() {
    let mut line = Line::new(remote());
    line.record(limits());
    for n in 0..100 {
        line.hear(PHONE, &packet(8, n as u16, n * 160, 5, &[0x22; 160]));
        line.step();
    }
    line.command(Command::Connect(Remote { codec: Codec::G722, payload_recv: 9, ..remote() }));
    for n in 0..100 {
        line.hear(PHONE, &packet(9, n as u16, n * 160 + 777, 6, &[0x33; 160]));
        line.step();
    }
    line.command(Command::StopRecording);
    line.step();
    let take = line.take();
    assert_eq!(take.len(), 32_000);
    assert!(take[..16_000].iter().all(|byte| *byte == Some(0x22)));
    assert!(take[16_000..].iter().all(|byte| *byte == Some(0x33)));
    let codecs: Vec<_> = Blocks::new(&line.out.takes[&take_id(1)])
        .filter_map(|block| if let Block::Audio { codec, .. } = block { Some(codec) } else { None })
        .collect();
    assert!(codecs.starts_with(&[Codec::Pcma]) && codecs.ends_with(&[Codec::G722]));
    assert_eq!(line.stream.figures().lost, 0);
}

#[test]
fn closing_and_a_second_recording_end_the_first() {
    let mut line = Line::new(remote());
    line.record(limits());
    line.run(ms(1000));
    line.command(Command::Record { take: take_id(2), limits: limits() });
    line.run(ms(500));
    line.stream.close(line.now, &mut line.out);
    line.drain();
    let ended: Vec<_> = line
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Recorded { take, end, total_ms, .. } => Some((*take, *end, *total_ms)),
            _ => None,
        })
        .collect();
    assert_eq!(ended, [(take_id(1), RecordEnd::Stopped, 1000), (take_id(2), RecordEnd::Stopped, 500)]);
    line.hear(PHONE, &said(1));
    line.tick();
    assert_eq!(line.stream.figures().received, 0);
}

#[derive(Clone, Copy, Debug)]
struct Fate {
    lost: bool,
    doubled: bool,
    /// Later by so many milliseconds.
    delay: u64,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let delay = prop_oneof![8 => Just(0u64), 2 => 0u64..40, 1 => 0u64..200];
    let one = (proptest::bool::weighted(0.1), proptest::bool::weighted(0.1), delay)
        .prop_map(|(lost, doubled, delay)| Fate { lost, doubled, delay });
    proptest::collection::vec(one, 100..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_network_does_what_arrives_is_in_its_place(fates in fates(), sequence: u16, timestamp: u32) {
        let mut line = Line::new(remote());
        line.record(limits());
        // (arrival in ms, number); the first arrives on time and is the anchor.
        let mut arrivals = vec![(0, 0usize)];
        for (n, fate) in fates.iter().enumerate().skip(1).filter(|(_, fate)| !fate.lost) {
            let at = n as u64 * 20 + fate.delay;
            arrivals.push((at, n));
            if fate.doubled {
                arrivals.push((at + 10, n));
            }
        }
        arrivals.sort();
        let start = line.now;
        let mut next = 0;
        for tick in 0..fates.len() as u64 + 15 {
            while let Some((at, n)) = arrivals.get(next).filter(|(at, _)| *at < (tick + 1) * 20) {
                let payload = voice(*n);
                let bytes = packet(8, sequence.wrapping_add(*n as u16), timestamp.wrapping_add(*n as u32 * 160), 5, &payload);
                line.stream.receive_rtp(&bytes, addr(PHONE), start + ms(*at));
                next += 1;
            }
            line.now = start + ms((tick + 1) * 20);
            line.tick();
        }
        line.command(Command::StopRecording);
        line.tick();
        let take = line.take();
        for (n, fate) in fates.iter().enumerate() {
            let expected = voice(n).map(|byte| (n == 0 || !fate.lost).then_some(byte));
            prop_assert_eq!(&take[n * 160..(n + 1) * 160], &expected[..], "{}: {:?}", n, fate);
        }
        prop_assert_eq!(take.len(), (fates.len() + 15) * 160);
    }

    #[test]
    fn nothing_that_comes_in_is_harmful(packets in proptest::collection::vec(
        (proptest::collection::vec(any::<u8>(), 0..300), 0u8..4, 0u8..6, 0u64..100), 1..300)) {
        let mut line = Line::new(Remote { event_recv: None, ..remote() });
        line.record(RecordLimits { max: Duration::from_secs(20), ..limits() });
        for (mut bytes, shape, kind, wait) in packets {
            // Most look like RTP of our phone, or nothing would get far.
            if shape > 0 && bytes.len() > 12 {
                bytes[0] = 0x80;
                bytes[1] = [8, 8, 97, 13, 200, 0x88][usize::from(kind)];
                bytes[8..12].fill(u8::from(shape > 2));
                if shape > 1 { bytes[2..4].fill(0); }
            }
            line.hear(PHONE, &bytes);
            line.stream.receive_rtcp(&bytes, addr("192.0.2.7:4001"), line.now);
            line.now = line.now + ms(wait);
            line.tick();
        }
        line.stream.close(line.now, &mut line.out);
        line.drain();
        let (_, total, sound) = line.recorded().unwrap();
        prop_assert!(total <= 20_000 && sound <= total);
        prop_assert_eq!(line.take().len() as u32 / 8, total);
    }
}
