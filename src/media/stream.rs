//! The audio of one leg: joins RTP, keys, playing and recording.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::contract::{Codec, Command, Event, Figures, KeySource, RecordEnd, Remote, Sink};
use super::keys::inband::{FOUND_AFTER, Heard, Listener};
use super::keys::receive::Receiver;
use super::latch::{Latch, Verdict};
use super::limits::{DEAD_AFTER, EVENTS_MAX, PAYLOAD_MAX};
use super::narrow::Narrow;
use super::recorder::{Recorder, Tick};
use super::rtcp::{Reporter, Said};
use super::rtp::{self, Packet};
use super::source::{Order, Source};
use super::transmit::Transmit;
use crate::clock::Mono;

/// Comfort noise (RFC 3389): static payload type. It is silence to us.
const COMFORT_NOISE: u8 = 13;
/// Events of one tick: more than come in order, far less than may.
const EVENTS_USUAL: usize = 8;

/// What a stream is made with: random start values, so that nobody can guess them.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// SSRC that we send.
    pub ssrc: u32,
    /// First sequence number.
    pub sequence: u16,
    /// First timestamp.
    pub timestamp: u32,
}

/// The media of one leg.
#[derive(Debug)]
pub struct Stream {
    line: Option<Line>,
    transmit: Transmit,
    reporter: Reporter,
    recorder: Option<Recorder>,
    /// Recordings that were replaced before a tick could finish them.
    finishing: Vec<Recorder>,
    events: VecDeque<Event>,
    figures: Figures,
    /// Lost of sources that have gone.
    lost_before: i64,
    heard: bool,
    dead_after: Duration,
}

/// What is known of the other end.
#[derive(Debug)]
struct Line {
    remote: Remote,
    latch: Latch,
    source: Option<Source>,
    keys: Receiver,
    tones: Option<Box<Tones>>,
    alive: Mono,
    dead: bool,
}

/// Listening for tones.
#[derive(Debug, Default)]
struct Tones {
    narrow: Narrow,
    listener: Listener,
}

impl Stream {
    /// A stream that neither sends nor listens until [`Command::Connect`].
    pub fn new(seeds: Seeds) -> Self {
        let seed = u64::from(seeds.ssrc) << 32 | u64::from(seeds.timestamp ^ u32::from(seeds.sequence));
        Stream {
            line: None,
            transmit: Transmit::new(seeds),
            reporter: Reporter::new(seeds.ssrc, seed),
            recorder: None,
            finishing: Vec::new(),
            events: VecDeque::with_capacity(EVENTS_USUAL),
            figures: Figures::default(),
            lost_before: 0,
            heard: false,
            dead_after: DEAD_AFTER,
        }
    }

    /// How long a line may be silent before it is dead; [`DEAD_AFTER`] if this is never said.
    pub fn set_dead_after(&mut self, dead_after: Duration) {
        self.dead_after = dead_after;
    }

    /// Asks something of it.
    pub fn command(&mut self, command: Command, now: Mono) {
        match command {
            Command::Connect(remote) => self.connect(remote, now),
            Command::Play { play, clips, wait_first_packet } => {
                let replaced = self.transmit.player.play(play, clips, wait_first_packet, now);
                self.push(replaced);
            }
            Command::StopPlaying => {
                let stopped = self.transmit.player.stop();
                self.push(stopped);
            }
            Command::Record { take, limits } => {
                self.stop_recording(RecordEnd::Stopped, now);
                self.finishing.extend(self.recorder.take());
                let codec = self.line.as_ref().map_or(Codec::Pcma, |line| line.remote.codec);
                self.recorder = Some(Recorder::new(take, limits, codec, now));
            }
            Command::StopRecording => self.stop_recording(RecordEnd::Stopped, now),
            Command::SendKeys(keys) => self.transmit.keys.push(&keys),
        }
    }

    /// A packet on the RTP port (RTCP too under rtcp-mux).
    pub fn receive_rtp(&mut self, packet: &[u8], from: SocketAddr, now: Mono) {
        if rtp::is_rtcp(packet) {
            return self.receive_rtcp(packet, from, now);
        }
        let Some(line) = &mut self.line else { return };
        let Some(packet) = Packet::read(packet).filter(|packet| packet.payload.len() <= PAYLOAD_MAX) else {
            self.figures.bad += 1;
            return;
        };
        match line.latch.judge(from, packet.ssrc, packet.sequence, now) {
            Verdict::Foreign => {
                self.figures.foreign += 1;
                return;
            }
            Verdict::TakeNewSource => self.new_source(packet.ssrc, packet.sequence),
            Verdict::Take => {}
        }
        self.take(packet, now);
    }

    /// A packet on the RTCP port.
    pub fn receive_rtcp(&mut self, packet: &[u8], from: SocketAddr, now: Mono) {
        let Some(line) = &mut self.line else { return };
        if !line.latch.permits_rtcp(from) {
            self.figures.foreign += 1;
            return;
        }
        match self.reporter.receive(packet, now) {
            // Reports keep a line alive whose caller is silent and sends nothing meanwhile. A goodbye
            // ends nothing: calls end by SIP.
            Some(Said::Report) => line.alive = now,
            Some(Said::Bye) => {}
            None => self.figures.bad += 1,
        }
    }

    /// 20 ms have passed: send, record, notice silence.
    pub fn tick(&mut self, now: Mono, sink: &mut dyn Sink) {
        if let Some(line) = &mut self.line {
            let played = self.transmit.tick(&line.remote, line.latch.target(), self.heard, now, sink);
            let died = line.died(now, self.dead_after);
            let report = self.reporter.tick(self.transmit.sent(now), line.source.as_mut(), now);
            if let (Some(report), Some(to)) = (report, line.rtcp_target()) {
                sink.rtcp(to, report);
            }
            self.push(played);
            if died {
                self.stop_recording(RecordEnd::Dead, now);
            }
            self.record(now, sink);
            if died {
                self.push(Some(Event::Dead));
            }
        } else {
            self.record(now, sink);
        }
    }

    /// What happened, until it is empty.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The stream is over: RTCP BYE, what is recorded is flushed to the sink ([`Event::Recorded`] follows).
    pub fn close(&mut self, now: Mono, sink: &mut dyn Sink) {
        let stopped = self.transmit.player.stop();
        self.push(stopped);
        self.stop_recording(RecordEnd::Stopped, now);
        self.record(now, sink);
        if let Some(mut line) = self.line.take() {
            let bye = self.reporter.bye(self.transmit.sent(now), line.source.as_mut(), now);
            if let (Some(bye), Some(to)) = (bye, line.rtcp_target()) {
                sink.rtcp(to, bye);
            }
            self.retire(line.source);
        }
    }

    /// Its figures so far.
    pub fn figures(&self) -> Figures {
        let source = self.line.as_ref().and_then(|line| line.source.as_ref());
        let lost = self.lost_before + source.map_or(0, Source::lost).max(0);
        Figures {
            sent: self.transmit.sent(Mono::default()).packets,
            lost: u64::try_from(lost).unwrap_or(0),
            jitter: source.map_or(self.figures.jitter, Source::jitter),
            ..self.figures
        }
    }

    fn connect(&mut self, remote: Remote, now: Mono) {
        let line = self.line.get_or_insert_with(|| Line {
            remote,
            latch: Latch::new(&remote, now),
            source: None,
            keys: Receiver::default(),
            tones: None,
            alive: now,
            dead: false,
        });
        line.latch.reconnect(&remote, now);
        line.remote = remote;
        (line.alive, line.dead) = (now, false);
        // Both ways of hearing keys at once would count a press twice.
        line.tones = remote.event_recv.is_none().then(|| line.tones.take().unwrap_or_default());
    }

    fn new_source(&mut self, ssrc: u32, sequence: u16) {
        let Some(line) = &mut self.line else { return };
        let before = line.source.replace(Source::new(ssrc, sequence));
        line.keys = Receiver::default();
        self.retire(before);
        if let Some(recorder) = &mut self.recorder {
            recorder.new_source();
        }
        if !std::mem::replace(&mut self.heard, true) {
            self.push(Some(Event::FirstPacket));
        }
    }

    /// Keeps the figures of a source that has gone.
    fn retire(&mut self, source: Option<Source>) {
        let Some(source) = source else { return };
        self.lost_before += source.lost().max(0);
        self.figures.jitter = source.jitter();
    }

    /// A packet of the locked source.
    fn take(&mut self, packet: Packet<'_>, now: Mono) {
        let Some(line) = &mut self.line else { return };
        let Some(source) = &mut line.source else { return };
        let newer = source.count(packet.sequence, packet.timestamp, now) == Order::Newer;
        (line.alive, line.dead) = (now, false);
        self.figures.received += 1;
        let remote = line.remote;
        if packet.payload_type == remote.payload_recv {
            self.audio(remote.codec, &packet, newer, now);
        } else if Some(packet.payload_type) == remote.event_recv {
            self.event(&packet, now);
        } else if packet.payload_type != COMFORT_NOISE {
            self.figures.bad += 1;
        }
    }

    fn audio(&mut self, codec: Codec, packet: &Packet<'_>, newer: bool, now: Mono) {
        if let Some(recorder) = &mut self.recorder {
            recorder.audio(codec, packet.timestamp, newer, packet.payload, now);
        }
        let Some(tones) = self.line.as_mut().and_then(|line| line.tones.as_mut()).filter(|_| newer) else { return };
        let mut samples = [0; 160];
        let (mut tone, mut press) = (0, None);
        let length = packet.payload.len() as i64;
        for part in packet.payload.chunks(samples.len()) {
            let count = tones.narrow.decode(codec, part, &mut samples);
            match tones.listener.hear(samples.get(..count).unwrap_or_default()) {
                Heard::Nothing => {}
                Heard::Tone => tone = tone.max(length),
                Heard::Press(key) => (tone, press) = (length + FOUND_AFTER, Some(key)),
            }
        }
        if let Some(recorder) = self.recorder.as_mut().filter(|_| tone > 0) {
            recorder.tone(tone);
        }
        if let Some(key) = press {
            self.key(key, KeySource::InBand, now);
        }
    }

    fn event(&mut self, packet: &Packet<'_>, now: Mono) {
        let Some(line) = &mut self.line else { return };
        let Some(heard) = line.keys.receive(packet.sequence, packet.timestamp, packet.marker, packet.payload) else {
            self.figures.bad += 1;
            return;
        };
        if let Some(recorder) = &mut self.recorder {
            recorder.event(heard.start, heard.duration, heard.ended, now);
        }
        if let Some(key) = heard.press {
            self.key(key, KeySource::Rtp, now);
        }
    }

    fn key(&mut self, key: char, source: KeySource, now: Mono) {
        self.push(Some(Event::Key { key, source }));
        if let Some(recorder) = self.recorder.as_mut().filter(|recorder| recorder.ends_on(key)) {
            recorder.end(RecordEnd::Key(key), now);
        }
    }

    fn stop_recording(&mut self, end: RecordEnd, now: Mono) {
        if let Some(recorder) = &mut self.recorder {
            recorder.end(end, now);
        }
    }

    /// Lets recordings go on: blocks to the sink, then what there is to say.
    fn record(&mut self, now: Mono, sink: &mut dyn Sink) {
        for mut recorder in std::mem::take(&mut self.finishing) {
            self.record_one(&mut recorder, now, sink);
        }
        if let Some(mut recorder) = self.recorder.take()
            && !self.record_one(&mut recorder, now, sink)
        {
            self.recorder = Some(recorder);
        }
    }

    /// True: it is over.
    fn record_one(&mut self, recorder: &mut Recorder, now: Mono, sink: &mut dyn Sink) -> bool {
        let tick = recorder.tick(now);
        let take = recorder.take;
        if !recorder.blocks().is_empty() {
            sink.recorded(take, recorder.blocks());
            recorder.clear_blocks();
        }
        match tick {
            Tick::Quiet => false,
            Tick::Warning => {
                self.push(Some(Event::RecordWarning(take)));
                false
            }
            Tick::Over(summary) => {
                let (end, total_ms, sound_ms) = (summary.end, summary.total_ms, summary.sound_ms);
                self.push(Some(Event::Recorded { take, end, total_ms, sound_ms }));
                true
            }
        }
    }

    fn push(&mut self, event: Option<Event>) {
        if self.events.len() < EVENTS_MAX {
            self.events.extend(event);
        }
    }
}

impl Line {
    /// Where reports go. On a shared port they go with the audio (RFC 5761); the SDP's own RTCP port
    /// counts only while the SDP's address does: behind a NAT nobody knows it.
    fn rtcp_target(&self) -> Option<SocketAddr> {
        if self.remote.rtcp == self.remote.rtp {
            self.latch.target().filter(|_| self.remote.rtcp.is_some())
        } else {
            self.remote.rtcp.filter(|_| !self.latch.is_learnt())
        }
    }

    /// Has it just died? Held, they owe us nothing.
    fn died(&mut self, now: Mono, after: Duration) -> bool {
        if !self.remote.recv {
            self.alive = now;
        }
        let dies = !self.dead && now.since(self.alive) >= after;
        self.dead |= dies;
        dies
    }
}
