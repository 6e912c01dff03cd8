//! Media threads: a few tickers, each with a wheel of four 5 ms slots (DESIGN.md, PERFORMANCE.md).
//!
//! A stream lives in one slot of one thread. Its sockets are read, its stream ticked and its packets
//! sent when the slot comes round, every 20 ms at absolute deadlines; a wheel without streams sleeps
//! on its inbox. No task, timer or thread per call.
//!
//! A stream takes its place when it is connected: in the slot that comes next, so that a caller hears
//! the first packet within milliseconds, unless that slot is fuller than the others.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustc_hash::FxHashMap;

use super::os::{self, Batch};
use super::recorder;
use crate::clock::{Mono, System};
use crate::ids::{StreamId, TakeId};
use crate::media::stream::Seeds;
use crate::media::{Command, Event, Figures, Sink, Stream};

/// What a stream tells its call.
#[derive(Debug)]
pub enum Report {
    /// Something happened in the audio.
    Event(Event),
    /// It is closed: its last figures.
    Closed(Figures),
}

/// Who is told: called on the media thread, so it must not wait.
pub type Listener = Arc<dyn Fn(StreamId, Report) + Send + Sync>;

const SLOTS: usize = 4;
const SLOT: Duration = Duration::from_millis(5);
/// RTCP comes every few seconds: its socket is read each so many rounds.
const RTCP_ROUNDS: u32 = 10;
/// The next slot is taken while it holds no more than twice the streams of the emptiest, and this: calls
/// that come in step with the wheel must not all end up in one slot.
const UNEVEN_MAX: usize = 8;
/// Ticks whose lateness is remembered: two seconds of them.
const LATENESS: usize = 400;
/// How often it is summed up: every 50 ms.
const LATENESS_EVERY: usize = 10;

enum ToWheel {
    Open { id: StreamId, sockets: Sockets, seeds: Seeds },
    Command { id: StreamId, command: Command },
    Close { id: StreamId },
}

/// The port pair of a stream.
#[derive(Debug)]
pub struct Sockets {
    /// Even port.
    pub rtp: UdpSocket,
    /// The next one.
    pub rtcp: UdpSocket,
}

/// All media threads.
#[derive(Debug)]
pub struct Wheels {
    wheels: Vec<Wheel>,
}

#[derive(Debug)]
struct Wheel {
    inbox: Sender<ToWheel>,
    load: Arc<Load>,
}

/// What others may see of a wheel.
#[derive(Debug, Default)]
struct Load {
    streams: AtomicUsize,
    lag_us: AtomicU64,
}

impl Wheels {
    /// Starts `threads` tickers.
    ///
    /// A line without any audio is dead after `dead_after`.
    pub fn start(
        threads: usize,
        dead_after: Duration,
        clock: System,
        recorder: recorder::Handle,
        listener: Listener,
    ) -> std::io::Result<Wheels> {
        let mut wheels = Vec::with_capacity(threads.max(1));
        for number in 0..threads.max(1) {
            let (inbox, mail) = unbounded();
            let load = Arc::new(Load::default());
            let ticker = Ticker {
                clock,
                dead_after,
                mail,
                load: Arc::clone(&load),
                recorder: recorder.clone(),
                listener: Arc::clone(&listener),
                slots: Default::default(),
                places: FxHashMap::default(),
                next: 0,
                lateness: Lateness::default(),
            };
            thread::Builder::new().name(format!("media-{number}")).spawn(move || ticker.run())?;
            wheels.push(Wheel { inbox, load });
        }
        Ok(Wheels { wheels })
    }

    /// Opens a stream on the least loaded wheel.
    pub fn open(&self, id: StreamId, sockets: Sockets, seeds: Seeds) -> StreamHandle {
        let least = self.wheels.iter().min_by_key(|wheel| wheel.load.streams.load(Ordering::Relaxed));
        let inbox = least.map(|wheel| {
            wheel.load.streams.fetch_add(1, Ordering::Relaxed);
            wheel.inbox.clone()
        });
        let handle = StreamHandle { id, inbox };
        handle.send(ToWheel::Open { id, sockets, seeds });
        handle
    }

    /// Streams open now.
    pub fn streams(&self) -> usize {
        self.wheels.iter().map(|wheel| wheel.load.streams.load(Ordering::Relaxed)).sum()
    }

    /// The lateness that 99 of 100 ticks lately did not pass, on the latest wheel: above 10 ms new calls
    /// are refused (PERFORMANCE.md, admission).
    pub fn lag(&self) -> Duration {
        let worst = self.wheels.iter().map(|wheel| wheel.load.lag_us.load(Ordering::Relaxed)).max();
        Duration::from_micros(worst.unwrap_or(0))
    }
}

/// One open stream, from outside.
#[derive(Clone, Debug)]
pub struct StreamHandle {
    id: StreamId,
    inbox: Option<Sender<ToWheel>>,
}

impl StreamHandle {
    /// Asks something of the stream.
    pub fn command(&self, command: Command) {
        self.send(ToWheel::Command { id: self.id, command });
    }

    /// Ends it; [`Report::Closed`] follows.
    pub fn close(&self) {
        self.send(ToWheel::Close { id: self.id });
    }

    fn send(&self, what: ToWheel) {
        // A wheel ends only with the process.
        if let Some(inbox) = &self.inbox {
            let _ = inbox.send(what);
        }
    }
}

struct Ticker {
    clock: System,
    dead_after: Duration,
    mail: Receiver<ToWheel>,
    load: Arc<Load>,
    recorder: recorder::Handle,
    listener: Listener,
    slots: [Vec<Entry>; SLOTS],
    /// In which slot each stream is.
    places: FxHashMap<StreamId, usize>,
    /// The slot after the one whose time has come.
    next: usize,
    lateness: Lateness,
}

struct Entry {
    id: StreamId,
    sockets: Sockets,
    stream: Stream,
    rounds: u32,
    commands: Vec<Command>,
    connected: bool,
    closing: bool,
}

impl Ticker {
    fn run(mut self) {
        os::realtime(os::AUDIO);
        let mut batch = Batch::new();
        loop {
            // The wheel stops when there is no call.
            let Ok(first) = self.mail.recv() else { return };
            self.take(first);
            self.turn(&mut batch);
        }
    }

    /// Turns until no stream is left.
    fn turn(&mut self, batch: &mut Batch) {
        let mut slot = 0;
        let mut deadline = self.clock.mono();
        loop {
            self.next = (slot + 1) % SLOTS;
            while let Ok(mail) = self.mail.try_recv() {
                self.take(mail);
            }
            let now = self.clock.mono();
            self.note_lag(now.since(deadline));
            self.round(slot, now, batch);
            if self.places.is_empty() && self.mail.is_empty() {
                self.lateness = Lateness::default();
                self.load.lag_us.store(0, Ordering::Relaxed);
                return;
            }
            slot = self.next;
            deadline = deadline + SLOT;
            let late = self.clock.mono().since(deadline);
            if late > Duration::from_secs(1) {
                // The machine slept: no burst of a second's packets.
                deadline = self.clock.mono();
            }
            os::sleep_until(&self.clock, deadline);
        }
    }

    fn take(&mut self, mail: ToWheel) {
        match mail {
            ToWheel::Open { id, sockets, seeds } => {
                let mut stream = Stream::new(seeds);
                stream.set_dead_after(self.dead_after);
                let commands = Vec::new();
                self.place(Entry { id, sockets, stream, rounds: 0, commands, connected: false, closing: false });
            }
            ToWheel::Command { id, command } => {
                if let Command::Connect(_) = command {
                    self.connect(id);
                }
                if let Some(entry) = self.find(id) {
                    entry.commands.push(command);
                }
            }
            ToWheel::Close { id } => {
                if let Some(entry) = self.find(id) {
                    entry.closing = true;
                }
            }
        }
    }

    fn find(&mut self, id: StreamId) -> Option<&mut Entry> {
        let slot = self.slots.get_mut(*self.places.get(&id)?)?;
        slot.iter_mut().find(|entry| entry.id == id)
    }

    /// Puts a stream into the slot that comes next, or the emptiest where that one is much fuller.
    fn place(&mut self, entry: Entry) {
        let lengths = self.slots.each_ref().map(Vec::len);
        let emptiest = (0..SLOTS).map(|ahead| (self.next + ahead) % SLOTS).min_by_key(|slot| lengths.get(*slot));
        let emptiest = emptiest.unwrap_or(self.next);
        let length = |slot: usize| lengths.get(slot).copied().unwrap_or(usize::MAX);
        let even = length(self.next) <= length(emptiest).saturating_mul(2).saturating_add(UNEVEN_MAX);
        let place = if even { self.next } else { emptiest };
        self.places.insert(entry.id, place);
        if let Some(slot) = self.slots.get_mut(place) {
            slot.push(entry);
        }
    }

    /// The first connection decides when it will sound: until then its place did not matter.
    fn connect(&mut self, id: StreamId) {
        let Some(slot) = self.places.get(&id).and_then(|place| self.slots.get_mut(*place)) else { return };
        if let Some(at) = slot.iter().position(|entry| entry.id == id && !entry.connected) {
            let mut entry = slot.swap_remove(at);
            entry.connected = true;
            self.place(entry);
        }
    }

    fn round(&mut self, slot: usize, now: Mono, batch: &mut Batch) {
        let Some(entries) = self.slots.get_mut(slot) else { return };
        let mut closed = 0;
        for entry in entries.iter_mut() {
            entry.round(now, batch, &self.recorder, &self.listener);
            closed += usize::from(entry.closing);
        }
        if closed > 0 {
            for entry in entries.extract_if(.., |entry| entry.closing) {
                self.places.remove(&entry.id);
            }
            self.load.streams.fetch_sub(closed, Ordering::Relaxed);
        }
    }

    fn note_lag(&mut self, late: Duration) {
        if let Some(p99) = self.lateness.note(late) {
            self.load.lag_us.store(p99, Ordering::Relaxed);
        }
    }
}

/// How late the ticks of the last two seconds were. One late tick, as a busy machine has them, says
/// nothing; one in a hundred says that there is no room for more calls.
struct Lateness {
    us: [u32; LATENESS],
    at: usize,
}

impl Default for Lateness {
    fn default() -> Self {
        Lateness { us: [0; LATENESS], at: 0 }
    }
}

impl Lateness {
    /// Notes a tick; each so many gives the 99th percentile, in microseconds.
    fn note(&mut self, late: Duration) -> Option<u64> {
        if let Some(place) = self.us.get_mut(self.at) {
            *place = u32::try_from(late.as_micros()).unwrap_or(u32::MAX);
        }
        self.at = (self.at + 1) % LATENESS;
        if !self.at.is_multiple_of(LATENESS_EVERY) {
            return None;
        }
        let mut sorted = self.us;
        let (_, p99, _) = sorted.select_nth_unstable(LATENESS - 1 - LATENESS / 100);
        Some(u64::from(*p99))
    }
}

impl Entry {
    fn round(&mut self, now: Mono, batch: &mut Batch, recorder: &recorder::Handle, listener: &Listener) {
        for command in self.commands.drain(..) {
            self.stream.command(command, now);
        }
        self.read(now, batch);
        let mut wires = Wires { sockets: &self.sockets, recorder };
        self.stream.tick(now, &mut wires);
        if self.closing {
            self.stream.close(now, &mut wires);
        }
        while let Some(event) = self.stream.poll_event() {
            listener(self.id, Report::Event(event));
        }
        if self.closing {
            listener(self.id, Report::Closed(self.stream.figures()));
        }
    }

    fn read(&mut self, now: Mono, batch: &mut Batch) {
        for (packet, from) in batch.receive(&self.sockets.rtp) {
            self.stream.receive_rtp(packet, from, now);
        }
        self.rounds = self.rounds.wrapping_add(1);
        if !self.rounds.is_multiple_of(RTCP_ROUNDS) {
            return;
        }
        for (packet, from) in batch.receive(&self.sockets.rtcp) {
            self.stream.receive_rtcp(packet, from, now);
        }
    }
}

/// A stream's way out: its sockets and the recorder.
struct Wires<'a> {
    sockets: &'a Sockets,
    recorder: &'a recorder::Handle,
}

impl Sink for Wires<'_> {
    fn rtp(&mut self, to: SocketAddr, packet: &[u8]) {
        // A packet that cannot be sent now is late: it is as good as lost.
        let _ = self.sockets.rtp.send_to(packet, to);
    }

    fn rtcp(&mut self, to: SocketAddr, packet: &[u8]) {
        let _ = self.sockets.rtcp.send_to(packet, to);
    }

    fn recorded(&mut self, take: TakeId, blocks: &[u8]) {
        self.recorder.append(take, blocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_tick_is_forgiven_and_one_in_a_hundred_is_not() {
        let mut lateness = Lateness::default();
        let mut p99 = |late_ms: &[u64], ticks: usize| {
            let late = late_ms.iter().copied().chain(std::iter::repeat(0)).take(ticks);
            late.filter_map(|ms| lateness.note(Duration::from_millis(ms))).last().unwrap()
        };
        assert_eq!(p99(&[50, 50, 50, 50], 100), 0);
        assert_eq!(p99(&[20], 100), 20_000);
        assert_eq!(p99(&[], 400), 0, "forgotten after two seconds");
    }
}
