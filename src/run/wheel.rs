//! Media threads: a few tickers, each with a wheel of four 5 ms slots (DESIGN.md, PERFORMANCE.md).
//!
//! A stream lives in one slot of one thread. Its sockets are read, its stream ticked and its packets
//! sent when the slot comes round, every 20 ms at absolute deadlines; a wheel without streams sleeps
//! on its inbox. No task, timer or thread per call.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

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
/// Packets taken from one socket in one round: four times what 10 ms packets need, so that a flood
/// costs its own stream only.
const PACKETS_MAX: usize = 8;
/// RTCP comes every few seconds: its socket is read each so many rounds.
const RTCP_ROUNDS: u32 = 10;
/// The largest RTP packet that is read; longer ones are cut and fail.
const PACKET_BYTES: usize = 2048;

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
                buffer: Box::new([0; PACKET_BYTES]),
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

    /// The worst lateness of a tick lately: above 10 ms new calls are refused (PERFORMANCE.md, admission).
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
    buffer: Box<[u8; PACKET_BYTES]>,
}

struct Entry {
    id: StreamId,
    sockets: Sockets,
    stream: Stream,
    rounds: u32,
    commands: Vec<Command>,
    closing: bool,
}

impl Ticker {
    fn run(mut self) {
        super::priority::realtime();
        loop {
            // The wheel stops when there is no call.
            let Ok(first) = self.mail.recv() else { return };
            self.take(first);
            self.turn();
        }
    }

    /// Turns until no stream is left.
    fn turn(&mut self) {
        let mut slot = 0;
        let mut deadline = self.clock.mono();
        loop {
            while let Ok(mail) = self.mail.try_recv() {
                self.take(mail);
            }
            let now = self.clock.mono();
            self.note_lag(now.since(deadline));
            self.round(slot, now);
            if self.slots.iter().all(Vec::is_empty) && self.mail.is_empty() {
                self.load.lag_us.store(0, Ordering::Relaxed);
                return;
            }
            slot = (slot + 1) % SLOTS;
            deadline = deadline + SLOT;
            let late = self.clock.mono().since(deadline);
            if late > Duration::from_secs(1) {
                // The machine slept: no burst of a second's packets.
                deadline = self.clock.mono();
            }
            super::priority::sleep_until(&self.clock, deadline);
        }
    }

    fn take(&mut self, mail: ToWheel) {
        match mail {
            ToWheel::Open { id, sockets, seeds } => {
                let mut stream = Stream::new(seeds);
                stream.set_dead_after(self.dead_after);
                let entry = Entry { id, sockets, stream, rounds: 0, commands: Vec::new(), closing: false };
                if let Some(slot) = self.slots.iter_mut().min_by_key(|slot| slot.len()) {
                    slot.push(entry);
                }
            }
            ToWheel::Command { id, command } => {
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
        self.slots.iter_mut().flatten().find(|entry| entry.id == id)
    }

    fn round(&mut self, slot: usize, now: Mono) {
        let Some(entries) = self.slots.get_mut(slot) else { return };
        let mut closed = 0;
        for entry in entries.iter_mut() {
            entry.round(now, &mut self.buffer, &self.recorder, &self.listener);
            closed += usize::from(entry.closing);
        }
        if closed > 0 {
            entries.retain(|entry| !entry.closing);
            self.load.streams.fetch_sub(closed, Ordering::Relaxed);
        }
    }

    /// A decaying maximum: one late tick is remembered for some seconds.
    fn note_lag(&self, late: Duration) {
        let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        let before = self.load.lag_us.load(Ordering::Relaxed);
        self.load.lag_us.store(late.max(before - before / 256), Ordering::Relaxed);
    }
}

impl Entry {
    fn round(&mut self, now: Mono, buffer: &mut [u8; PACKET_BYTES], recorder: &recorder::Handle, listener: &Listener) {
        for command in self.commands.drain(..) {
            self.stream.command(command, now);
        }
        self.read(now, buffer);
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

    fn read(&mut self, now: Mono, buffer: &mut [u8; PACKET_BYTES]) {
        for _ in 0..PACKETS_MAX {
            let Ok((length, from)) = self.sockets.rtp.recv_from(buffer.as_mut_slice()) else { break };
            if let Some(packet) = buffer.get(..length) {
                self.stream.receive_rtp(packet, from, now);
            }
        }
        self.rounds = self.rounds.wrapping_add(1);
        if !self.rounds.is_multiple_of(RTCP_ROUNDS) {
            return;
        }
        for _ in 0..PACKETS_MAX {
            let Ok((length, from)) = self.sockets.rtcp.recv_from(buffer.as_mut_slice()) else { break };
            if let Some(packet) = buffer.get(..length) {
                self.stream.receive_rtcp(packet, from, now);
            }
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
