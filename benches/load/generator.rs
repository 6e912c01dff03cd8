//! Many callers at once on one thread: a wheel of 2 ms slots, ten to each 20 ms, with absolute deadlines.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use crate::caller::{Caller, Heard, Wish};
use crate::dialog::{Dialog, Line, Phase};
use crate::measure::{Spread, ms_between, wall_ns};
use crate::proc;
use crate::sip::Message;
use crate::sys::{self, Batch};

const SLOT: Duration = Duration::from_millis(2);
const SLOTS: usize = 10;
/// A run takes no longer than this, whatever the server does.
const RUN_MAX: Duration = Duration::from_secs(120);
/// A steady stretch shorter than this says little.
const STEADY_MIN_MS: f64 = 1500.0;

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where INVITEs go.
    pub target: SocketAddrV4,
    /// The process whose cost is read.
    pub pid: u32,
    /// The user part that is called.
    pub to: String,
    /// Callers at once.
    pub calls: usize,
    /// Calls begun a second.
    pub ramp: f64,
    /// What they want.
    pub wish: Wish,
    /// How long all of them listen together.
    pub hold: Duration,
    /// Tells runs apart.
    pub run: u64,
}

/// What one caller did, for the check of the recordings.
#[derive(Clone, Debug)]
pub struct Said {
    /// The number in From.
    pub caller: String,
    /// What [`crate::rtp::noise`] was made from.
    pub seed: u64,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Calls that did what they wanted.
    pub good: usize,
    /// Why others did not, and how many.
    pub failures: BTreeMap<String, usize>,
    /// SIP messages sent more than once.
    pub resends: u32,
    /// INVITE to 200, ms.
    pub setup: Spread,
    /// 200 to first RTP packet, ms.
    pub first_rtp: Spread,
    /// Error of the distance between two packets, ms.
    pub spacing: Spread,
    /// Distances of 40 ms and more.
    pub gaps: usize,
    /// The generator's own lateness, ms.
    pub lag: Spread,
    /// RTP packets both ways.
    pub packets: u64,
    /// Milliseconds of CPU per call-second, from first INVITE to last BYE.
    pub cpu_whole: f64,
    /// The same while all calls were up.
    pub cpu_steady: Option<f64>,
    /// Memory more than before the first call, kB per call.
    pub kb_per_call: f64,
    /// Threads while all calls were up.
    pub threads: u64,
    /// Median of answer to speaking, ms: how long greeting and beep were.
    pub greeting_ms: f64,
    /// For the check.
    pub said: Vec<Said>,
}

/// Runs it to its end.
pub fn run(plan: &Plan) -> io::Result<Outcome> {
    let line = Line::open(plan.target, &plan.to, plan.run)?;
    let callers = (0..plan.calls).map(|index| Caller::new(index, seed(plan.run, index), plan.wish));
    let callers = callers.collect::<io::Result<Vec<Caller>>>()?;
    let mut wheel = Wheel {
        plan,
        line,
        callers,
        heard: Heard::default(),
        lag_ms: Vec::with_capacity(64 * 1024),
        signals: Line::batch(),
        media: Caller::batch(),
        begun: 0,
        open: plan.calls,
        meter: Meter::new(plan.pid),
    };
    let realtime = sys::realtime(20);
    wheel.turn();
    if realtime {
        sys::ordinary();
    }
    Ok(wheel.outcome())
}

fn seed(run: u64, index: usize) -> u64 {
    run.wrapping_mul(1_000_003).wrapping_add(index as u64)
}

struct Wheel<'a> {
    plan: &'a Plan,
    line: Line,
    callers: Vec<Caller>,
    heard: Heard,
    lag_ms: Vec<f64>,
    signals: Batch,
    media: Batch,
    begun: usize,
    open: usize,
    meter: Meter,
}

impl Wheel<'_> {
    fn turn(&mut self) {
        let start = Instant::now();
        self.meter.begin();
        for slot in 0.. {
            let deadline = start + SLOT * slot;
            self.wait(deadline);
            let now = Instant::now();
            self.lag_ms.push(now.saturating_duration_since(deadline).as_secs_f64() * 1000.0);
            self.signal();
            self.begin_calls(now - start);
            let mine = (slot as usize) % SLOTS;
            for caller in self.callers.iter_mut().skip(mine).step_by(SLOTS) {
                caller.tick(&self.line, &mut self.heard, &mut self.media, wall_ns());
            }
            if mine == 0 && self.take_stock(now - start) {
                break;
            }
        }
        self.meter.end();
    }

    /// Until the slot's time comes, an answer is taken as soon as it is there: the ACK and the first RTP
    /// packet must not wait for a slot, or the server's times would hold ours.
    fn wait(&mut self, deadline: Instant) {
        while Instant::now() < deadline {
            let [signal] = sys::wait([self.line.socket.as_raw_fd()], Some(deadline));
            if signal {
                self.signal();
            }
        }
    }

    fn signal(&mut self) {
        loop {
            let count = self.signals.receive(&self.line.socket);
            for index in 0..count {
                let packet = self.signals.packet(index);
                let Some(message) = Message::parse(packet.bytes) else { continue };
                let Some(caller) = self.line.index(&message).and_then(|index| self.callers.get_mut(index)) else {
                    continue;
                };
                if caller.dialog.receive(&message, &self.line, packet.stamp_ns) {
                    caller.answered(&self.line, &mut self.heard, wall_ns());
                }
            }
            if count < self.signals.capacity() {
                return;
            }
        }
    }

    fn begin_calls(&mut self, passed: Duration) {
        let due = (passed.as_secs_f64() * self.plan.ramp) as usize + 1;
        while self.begun < due.min(self.callers.len()) {
            // Neighbours in time are neighbours in the wheel: the ramp spreads them over the slots.
            self.callers[self.begun].dialog.invite(&self.line, wall_ns());
            self.begun += 1;
        }
    }

    /// Once in 20 ms: who is up, who is done, is the run over?
    fn take_stock(&mut self, passed: Duration) -> bool {
        let now_ns = wall_ns();
        let up = self.callers.iter().filter(|caller| caller.dialog.phase == Phase::Up).count();
        let done = self.callers.iter().filter(|caller| caller.dialog.phase == Phase::Done).count();
        let failed = self.callers.iter().filter(|caller| caller.dialog.failure.is_some()).count();
        self.open = self.callers.len() - done;
        self.meter.look(up > 0 && up + failed == self.callers.len(), up, now_ns);
        let listened = self.plan.wish == Wish::Listen
            && self
                .meter
                .steady_from
                .is_some_and(|from| ms_between(from.0, now_ns) >= self.plan.hold.as_secs_f64() * 1e3);
        if listened || passed > RUN_MAX {
            // 1,000 a second: a thousand BYEs in one breath would measure socket buffers.
            for caller in self.callers.iter_mut().filter(|caller| caller.dialog.phase == Phase::Up).take(20) {
                caller.dialog.bye(&self.line, now_ns);
            }
        }
        self.open == 0 || passed > RUN_MAX + Duration::from_secs(10)
    }

    fn outcome(mut self) -> Outcome {
        let mut out = Outcome::default();
        let mut setup = Vec::new();
        let mut call_ms = 0.0;
        for caller in &self.callers {
            let dialog = &caller.dialog;
            out.resends += dialog.resends;
            match &dialog.failure {
                Some(why) => *out.failures.entry(why.clone()).or_default() += 1,
                None if caller.said_all || self.plan.wish == Wish::Listen => out.good += 1,
                None => *out.failures.entry("hung up before all was said".to_owned()).or_default() += 1,
            }
            if dialog.answered_ns > 0 {
                setup.push(ms_between(dialog.invited_ns, dialog.answered_ns));
                call_ms += ms_between(dialog.answered_ns, dialog.ended_ns);
            }
        }
        let mut greetings: Vec<f64> =
            self.callers.iter().filter_map(|c| Some(ms_between(c.dialog.answered_ns, c.spoke_ns?))).collect();
        out.greeting_ms = Spread::of(&mut greetings).p50;
        out.said = (0..self.callers.len()).map(|index| self.said(index)).collect();
        out.setup = Spread::of(&mut setup);
        out.first_rtp = Spread::of(&mut self.heard.first_ms);
        out.spacing = Spread::of(&mut self.heard.spacing_ms);
        out.gaps = self.heard.gaps;
        out.lag = Spread::of(&mut self.lag_ms);
        out.packets = self.heard.sent + self.heard.received;
        out.cpu_whole = self.meter.spent_ms / (call_ms / 1000.0).max(0.001);
        out.cpu_steady = self.meter.steady(self.plan.calls);
        out.kb_per_call = self.meter.more_kb() as f64 / self.plan.calls as f64;
        out.threads = self.meter.threads;
        out
    }

    fn said(&self, index: usize) -> Said {
        Said { caller: Dialog::caller(index), seed: seed(self.plan.run, index) }
    }
}

/// Reads what the server costs, at the moments that count.
struct Meter {
    pid: u32,
    before_kb: u64,
    peak_kb: u64,
    threads: u64,
    begun_ms: f64,
    spent_ms: f64,
    /// When all calls were up, and what the server had cost by then.
    steady_from: Option<(u64, f64)>,
    /// When the first of them was no longer up.
    steady_to: Option<(u64, f64)>,
    looks: u64,
}

impl Meter {
    fn new(pid: u32) -> Self {
        let before_kb = proc::holding(pid).resident_kb;
        Meter {
            pid,
            before_kb,
            peak_kb: before_kb,
            threads: 0,
            begun_ms: 0.0,
            spent_ms: 0.0,
            steady_from: None,
            steady_to: None,
            looks: 0,
        }
    }

    fn begin(&mut self) {
        self.begun_ms = proc::cpu_ms(self.pid);
    }

    fn end(&mut self) {
        self.spent_ms = proc::cpu_ms(self.pid) - self.begun_ms;
    }

    fn look(&mut self, all_up: bool, up: usize, now_ns: u64) {
        self.looks += 1;
        if all_up && self.steady_from.is_none() {
            self.steady_from = Some((now_ns, proc::cpu_ms(self.pid)));
        } else if !all_up && self.steady_from.is_some() && self.steady_to.is_none() {
            self.steady_to = Some((now_ns, proc::cpu_ms(self.pid)));
        }
        // Four times a second is often enough for memory, and cheap.
        if up > 0 && self.looks.is_multiple_of(12) {
            let holding = proc::holding(self.pid);
            self.peak_kb = self.peak_kb.max(holding.resident_kb);
            self.threads = self.threads.max(holding.threads);
        }
    }

    fn steady(&self, calls: usize) -> Option<f64> {
        let ((from_ns, from_ms), (to_ns, to_ms)) = (self.steady_from?, self.steady_to?);
        let length_ms = ms_between(from_ns, to_ns);
        (length_ms >= STEADY_MIN_MS).then(|| (to_ms - from_ms) / (calls as f64 * length_ms / 1000.0))
    }

    fn more_kb(&self) -> u64 {
        self.peak_kb.saturating_sub(self.before_kb)
    }
}
