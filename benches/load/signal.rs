//! Calls that are answered and hung up at once, at rising rates, until the server no longer keeps up.

use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::dialog::{Dialog, Line, Phase};
use crate::measure::{Spread, ms_between, wall_ns};
use crate::proc;
use crate::sip::Message;
use crate::sys::{self, Batch};

/// Calls a second, one step after the other.
const RATES: [u32; 8] = [50, 100, 200, 300, 500, 1000, 1500, 2000];
/// How long each is held.
const STEP: Duration = Duration::from_secs(3);
/// How long the last calls of a step may take.
const TAIL: Duration = Duration::from_secs(9);
const SLOT: Duration = Duration::from_millis(1);

/// One rate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Step {
    /// Calls begun a second.
    pub rate: u32,
    /// Calls begun.
    pub calls: usize,
    /// Calls answered and ended as they should.
    pub good: usize,
    /// Messages sent more than once: an answer took longer than half a second or was lost.
    pub resends: u32,
    /// INVITE to 200, ms.
    pub setup: Spread,
    /// Milliseconds of CPU per call.
    pub cpu_ms: f64,
    /// The generator's own lateness, ms.
    pub lag: Spread,
    /// What went wrong first.
    pub failure: Option<String>,
}

impl Step {
    /// All calls went through at the first try.
    pub fn clean(&self) -> bool {
        self.good == self.calls && self.resends == 0
    }
}

/// All rates up to the first that is not clean.
pub fn run(target: SocketAddrV4, pid: u32, to: &str, run: u64) -> io::Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (index, rate) in RATES.into_iter().enumerate() {
        let line = Line::open(target, to, run + index as u64)?;
        let step = hold(&line, pid, rate)?;
        let clean = step.clean();
        steps.push(step);
        if !clean {
            break;
        }
    }
    Ok(steps)
}

fn hold(line: &Line, pid: u32, rate: u32) -> io::Result<Step> {
    // Nothing is listened to: what the server sends in the moment before the BYE falls into one socket.
    let sink = UdpSocket::bind("127.0.0.1:0")?;
    let SocketAddr::V4(sink_address) = sink.local_addr()? else { return Err(io::ErrorKind::Unsupported.into()) };
    let count = (f64::from(rate) * STEP.as_secs_f64()) as usize;
    let mut calls: Vec<Dialog> = (0..count).map(|index| Dialog::new(index, sink_address)).collect();
    let before = proc::cpu_ms(pid);
    let realtime = sys::realtime(20);
    let mut lag = drive(line, &mut calls, rate);
    if realtime {
        sys::ordinary();
    }
    let mut setup: Vec<f64> = calls
        .iter()
        .filter(|call| call.answered_ns > 0)
        .map(|call| ms_between(call.invited_ns, call.answered_ns))
        .collect();
    Ok(Step {
        rate,
        calls: count,
        good: calls.iter().filter(|call| call.phase == Phase::Done && call.failure.is_none()).count(),
        resends: calls.iter().map(|call| call.resends).sum(),
        setup: Spread::of(&mut setup),
        cpu_ms: (proc::cpu_ms(pid) - before) / count as f64,
        lag: Spread::of(&mut lag),
        failure: calls.iter().find_map(|call| call.failure.clone()),
    })
}

fn drive(line: &Line, calls: &mut [Dialog], rate: u32) -> Vec<f64> {
    let mut batch = Line::batch();
    let mut lag = Vec::new();
    let start = Instant::now();
    let (mut begun, mut first_open) = (0, 0);
    for slot in 0.. {
        let deadline = start + SLOT * slot;
        while Instant::now() < deadline {
            if sys::wait([line.socket.as_raw_fd()], Some(deadline)) == [true] {
                receive(line, calls, &mut batch);
            }
        }
        receive(line, calls, &mut batch);
        let now = Instant::now();
        lag.push(now.saturating_duration_since(deadline).as_secs_f64() * 1e3);
        let due = (((now - start).as_secs_f64() * f64::from(rate)) as usize + 1).min(calls.len());
        for call in &mut calls[begun..due] {
            call.invite(line, wall_ns());
        }
        begun = due.max(begun);
        if slot % 20 == 0 {
            let now_ns = wall_ns();
            for call in &mut calls[first_open..begun] {
                call.tick(line, now_ns);
            }
            while calls.get(first_open).is_some_and(|call| call.phase == Phase::Done) {
                first_open += 1;
            }
        }
        if first_open == calls.len() || now - start > STEP + TAIL {
            break;
        }
    }
    lag
}

fn receive(line: &Line, calls: &mut [Dialog], batch: &mut Batch) {
    loop {
        let count = batch.receive(&line.socket);
        for index in 0..count {
            let packet = batch.packet(index);
            let Some(message) = Message::parse(packet.bytes) else { continue };
            let Some(call) = line.index(&message).and_then(|index| calls.get_mut(index)) else { continue };
            if call.receive(&message, line, packet.stamp_ns) {
                call.bye(line, wall_ns());
            }
        }
        if count < batch.capacity() {
            return;
        }
    }
}
