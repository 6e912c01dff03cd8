//! What we send, paced by media time.
//!
//! While we may send, packets go out without a pause, silence when nothing plays: that keeps a NAT
//! open, lets the other side learn our address, and satisfies peers that end calls without RTP.
//! So there is no silence suppression, and the marker is set only after a real pause (RFC 3551 §4.1).

use std::net::SocketAddr;
use std::time::Duration;

use super::contract::{Event, Remote, Sink};
use super::g711;
use super::keys::send::{SLOT, Sender, Slot, Tones};
use super::limits::CATCH_UP;
use super::player::Player;
use super::rtcp::Sent;
use super::rtp::{HEADER, Writer};
use super::stream::Seeds;
use crate::clock::Mono;

/// A packet that is due within this of a tick goes with it: ticks are 20 ms apart and never exact.
const SLACK: Duration = Duration::from_millis(9);
/// One slot of keys.
const SLOT_TIME: Duration = Duration::from_millis(20);

/// The sender of a stream.
#[derive(Debug)]
pub struct Transmit {
    /// What plays.
    pub player: Player,
    /// Keys to send: they come before what plays, which waits meanwhile.
    pub keys: Sender,
    packets: u64,
    octets: u64,
    tones: Option<Tones>,
    writer: Writer,
    sequence: u16,
    /// Of the packet that is due next.
    timestamp: u32,
    due: Option<Mono>,
    sending: bool,
}

impl Transmit {
    /// Nothing has been sent.
    pub fn new(seeds: Seeds) -> Self {
        Transmit {
            player: Player::default(),
            keys: Sender::default(),
            packets: 0,
            octets: 0,
            tones: None,
            writer: Writer::new(seeds.ssrc),
            sequence: seeds.sequence,
            timestamp: seeds.timestamp,
            due: None,
            sending: false,
        }
    }

    /// Sends what is due. `heard`: the peer has been heard. An event: what played came to its end.
    pub fn tick(
        &mut self,
        remote: &Remote,
        to: Option<SocketAddr>,
        heard: bool,
        now: Mono,
        sink: &mut dyn Sink,
    ) -> Option<Event> {
        let Some(to) = to.filter(|_| remote.send) else {
            self.sending = false;
            return None;
        };
        let mut due = self.catch_up(now);
        let mut ended = None;
        while due <= now + SLACK {
            let (length, event) = self.packet(remote, heard, now);
            sink.rtp(to, self.writer.bytes());
            self.packets += 1;
            self.octets += self.writer.bytes().len().saturating_sub(HEADER) as u64;
            self.sequence = self.sequence.wrapping_add(1);
            due = due + length;
            ended = ended.or(event);
        }
        self.due = Some(due);
        ended
    }

    /// What was sent so far.
    pub fn sent(&self, now: Mono) -> Sent {
        let due = self.due.unwrap_or(now);
        let timestamp = self.timestamp.wrapping_add(samples(now.since(due))).wrapping_sub(samples(due.since(now)));
        Sent { packets: self.packets, octets: self.octets, timestamp }
    }

    /// After a pause, or when ticks came late, time goes on where it is: the timestamp jumps with it
    /// and no burst follows.
    fn catch_up(&mut self, now: Mono) -> Mono {
        let due = self.due.unwrap_or(now);
        let behind = now.since(due);
        if self.sending && behind <= CATCH_UP {
            return due;
        }
        self.sending = true;
        self.writer.mark();
        self.timestamp = self.timestamp.wrapping_add(samples(behind));
        now.max(due)
    }

    /// Writes the next packet; says how much time it takes.
    fn packet(&mut self, remote: &Remote, heard: bool, now: Mono) -> (Duration, Option<Event>) {
        let timestamp = self.timestamp;
        if let Some(slot) = self.keys.next(remote.event_send.is_some()) {
            self.slot(slot, remote, timestamp);
            self.timestamp = timestamp.wrapping_add(SLOT);
            return (SLOT_TIME, None);
        }
        let ms = remote.ptime_ms.clamp(10, 60);
        let bytes = usize::from(ms) * 8;
        let packet = self.writer.begin(remote.payload_send, self.sequence, timestamp);
        let event = self.player.fill(remote.codec, bytes, heard, now, packet);
        packet.resize(HEADER + bytes, g711::silence(remote.codec));
        self.timestamp = timestamp.wrapping_add(u32::from(ms) * 8);
        (Duration::from_millis(u64::from(ms)), event)
    }

    fn slot(&mut self, slot: Slot, remote: &Remote, timestamp: u32) {
        let audio = remote.payload_send;
        match slot {
            Slot::Event { slots_ago, marker, payload } => {
                if marker {
                    self.writer.mark();
                }
                let start = timestamp.wrapping_sub(slots_ago * SLOT);
                let kind = remote.event_send.unwrap_or(audio);
                self.writer.begin(kind, self.sequence, start).extend_from_slice(&payload);
            }
            Slot::Tone(key, slot) => {
                let packet = self.writer.begin(audio, self.sequence, timestamp);
                self.tones.get_or_insert_default().put(remote.codec, key, slot, packet);
            }
            Slot::Silence => {
                let packet = self.writer.begin(audio, self.sequence, timestamp);
                packet.resize(HEADER + SLOT as usize, g711::silence(remote.codec));
            }
        }
    }
}

/// In 1/8000 s.
fn samples(duration: Duration) -> u32 {
    (duration.as_nanos() / 125_000) as u32
}
