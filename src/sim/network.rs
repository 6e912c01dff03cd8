//! A network that loses, delays, repeats and reorders, by a seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::clock::Mono;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Share of packets that are lost.
    pub loss: f64,
    /// Share that arrive twice.
    pub twice: f64,
    /// Every packet takes this long,
    pub delay: Duration,
    /// and up to this much more: what lets one overtake another.
    pub jitter: Duration,
}

impl Weather {
    /// A quiet line.
    pub const FAIR: Weather =
        Weather { loss: 0.0, twice: 0.0, delay: Duration::from_millis(10), jitter: Duration::ZERO };
    /// A bad one.
    pub const ROUGH: Weather =
        Weather { loss: 0.02, twice: 0.01, delay: Duration::from_millis(20), jitter: Duration::from_millis(30) };
}

/// What a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Port {
    Sip,
    Rtp,
    Rtcp,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packet {
    pub port: Port,
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
}

/// Packets on their way.
#[derive(Debug)]
pub struct Network {
    random: StdRng,
    /// May be changed while packets are on their way.
    pub weather: Weather,
    on_the_way: BinaryHeap<Reverse<(Mono, u64, Packet)>>,
    sent: u64,
}

impl Network {
    pub(super) fn new(seed: u64, weather: Weather) -> Network {
        Network { random: StdRng::seed_from_u64(seed), weather, on_the_way: BinaryHeap::new(), sent: 0 }
    }

    pub(super) fn send(&mut self, packet: Packet, now: Mono) {
        let Weather { loss, twice, delay, jitter } = self.weather;
        let copies = if self.random.random_bool(twice) { 2 } else { 1 };
        for _ in 0..copies {
            let extra = jitter.mul_f64(self.random.random_range(0.0..1.0));
            if !self.random.random_bool(loss) {
                self.sent += 1;
                self.on_the_way.push(Reverse((now + delay + extra, self.sent, packet.clone())));
            }
        }
    }

    pub(super) fn next(&self) -> Option<Mono> {
        self.on_the_way.peek().map(|Reverse((at, _, _))| *at)
    }

    pub(super) fn arrived(&mut self, now: Mono) -> Option<Packet> {
        if self.next()? > now {
            return None;
        }
        self.on_the_way.pop().map(|Reverse((_, _, packet))| packet)
    }
}
