//! A night of calls without a socket: simulated callers, network, disk and clock around the real
//! endpoint, calls and streams. Time jumps to the next thing that happens; a seed reproduces a run.

mod caller;
mod house;
mod network;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::clock::{Mono, Now, Utc};
use crate::media::{Clip, TICK};

pub use caller::{Caller, Script};
pub use house::{Faults, House, Kept, PIN, Record};
pub use network::{Network, Weather};
use network::{Packet, Port};

/// Everything that happens.
pub struct World {
    /// The clock.
    pub now: Now,
    /// What is between house and callers.
    pub network: Network,
    /// Nightdesk.
    pub house: House,
    /// Who has called so far.
    pub callers: Vec<Caller>,
    random: StdRng,
    next_tick: Mono,
}

impl World {
    /// A world that runs the same way for the same seed.
    pub fn new(seed: u64, weather: Weather, faults: Faults) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        // Not zero: a timer at the beginning of time would hide behind the default.
        let now = Now { mono: Mono(1_000_000_000), utc: Utc(1_800_000_000_000) };
        World {
            now,
            network: Network::new(random.random(), weather),
            house: House::new(random.random(), faults),
            callers: Vec::new(),
            next_tick: now.mono,
            random,
        }
    }

    /// Somebody rings now. Gives their place in `callers`.
    pub fn ring(&mut self, script: Script, speech: Arc<Clip>) -> usize {
        let number = self.callers.len();
        let caller = Caller::dial(number, self.random.random(), script, speech, self.house.address(), self.now);
        self.callers.push(caller);
        self.drain();
        number
    }

    /// Lets `by` pass.
    pub fn pass(&mut self, by: Duration) {
        let until = self.now.mono + by;
        while let Some(next) = self.next_wake().filter(|next| *next <= until) {
            self.go_to(next);
            self.step();
        }
        self.go_to(until);
    }

    /// Lets time pass until nothing is left to happen, at most `by`. True if it became quiet.
    pub fn settle(&mut self, by: Duration) -> bool {
        let until = self.now.mono + by;
        while let Some(next) = self.next_wake() {
            if next > until {
                return false;
            }
            self.go_to(next);
            self.step();
        }
        true
    }

    fn go_to(&mut self, at: Mono) {
        self.now = self.now.after(at.since(self.now.mono));
    }

    fn next_wake(&self) -> Option<Mono> {
        let streams = self.house.streams() > 0 || self.callers.iter().any(Caller::has_stream);
        let tick = streams.then_some(self.next_tick);
        let callers = self.callers.iter().filter_map(Caller::poll_timeout);
        self.network.next().into_iter().chain(tick).chain(self.house.poll_timeout()).chain(callers).min()
    }

    fn step(&mut self) {
        while let Some(packet) = self.network.arrived(self.now.mono) {
            self.deliver(&packet);
        }
        self.house.wake(self.now);
        for caller in &mut self.callers {
            caller.wake(self.now);
        }
        if self.next_tick <= self.now.mono {
            self.next_tick = self.now.mono + TICK;
            self.house.tick(self.now);
            for caller in &mut self.callers {
                let recording = self.house.is_recording(caller.call_id());
                caller.tick(self.now, recording);
            }
        }
        self.drain();
    }

    fn deliver(&mut self, packet: &Packet) {
        if packet.to.ip() == self.house.address().ip() {
            self.house.receive(packet, self.now);
        } else if let Some(caller) = self.callers.iter_mut().find(|caller| caller.ip() == packet.to.ip()) {
            caller.receive(packet, self.now);
        }
    }

    /// What everybody sends goes on its way.
    fn drain(&mut self) {
        let mut sent: Vec<Packet> = Vec::new();
        self.house.drain(self.now, &mut sent);
        for caller in &mut self.callers {
            caller.drain(self.now, &mut sent);
        }
        for packet in sent {
            self.network.send(packet, self.now.mono);
        }
    }
}

/// A stretch of steady noise that counts as speech, `ms` long.
pub fn speech(seed: u64, ms: usize) -> Arc<Clip> {
    let mut random = StdRng::seed_from_u64(seed);
    let samples: Vec<i16> = (0..ms * 8).map(|_| random.random_range(-6000..6000)).collect();
    Arc::new(Clip::from_pcm("speech", 8000, &samples))
}

/// Both ends of a SIP or RTP packet.
fn packet(port: Port, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> Packet {
    Packet { port, from, to, bytes: bytes.to_vec() }
}
