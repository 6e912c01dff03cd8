//! The table, the JSON and the gate.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::check::Verdict;
use crate::generator::Outcome;
use crate::measure::Spread;
use crate::runner::LAG_MAX_MS;
use crate::signal::Step;

/// Ours may cost so many times the bare loop.
const RATIO_MAX: f64 = 3.0;
/// Memory of a call, kB.
const MEMORY_MAX_KB: f64 = 64.0;
/// From so many calls on, memory per call says something: below, it is the first touch of shared parts.
const MEMORY_CALLS_MIN: usize = 100;

/// Whose figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nightdesk.
    Ours,
    /// The bare loop.
    Bare,
    /// A peer such as Asterisk.
    Peer,
}

impl Who {
    /// As the table heads its column.
    pub fn name(self) -> &'static str {
        match self {
            Who::Ours => "ours",
            Who::Bare => "bare",
            Who::Peer => "peer",
        }
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// `play` or `record`.
    pub what: &'static str,
    /// Calls at once.
    pub calls: usize,
    /// Which server.
    pub who: Who,
    /// What came out.
    pub outcome: Outcome,
    /// What the recordings are like.
    pub verdict: Option<Verdict>,
    /// Runs before it that did not count.
    pub thrown_away: u32,
}

impl Run {
    /// The figure of this kind of run: playing while all are up, recording with all that belongs to a call.
    pub fn cpu(&self) -> f64 {
        match self.what {
            "play" => self.outcome.cpu_steady.unwrap_or(self.outcome.cpu_whole),
            _ => self.outcome.cpu_whole,
        }
    }

    /// Said as soon as it is over.
    pub fn line(&self) -> String {
        let mut line = format!("{}/{} good, {:.2} ms CPU per call-second", self.outcome.good, self.calls, self.cpu());
        if let Some(verdict) = &self.verdict {
            let _ = write!(line, ", {}/{} recordings exact", verdict.exact, verdict.expected);
        }
        line
    }

    fn json(&self) -> Value {
        let o = &self.outcome;
        json!({
            "what": self.what, "calls": self.calls, "server": self.who.name(), "thrown_away": self.thrown_away,
            "valid": o.lag.p99 <= LAG_MAX_MS, "good": o.good, "failures": o.failures, "sip_resends": o.resends,
            "cpu_ms_per_call_second": self.cpu(), "cpu_steady": o.cpu_steady, "cpu_whole": o.cpu_whole,
            "kb_per_call": o.kb_per_call, "threads": o.threads, "setup_ms": o.setup, "first_rtp_ms": o.first_rtp,
            "spacing_error_ms": o.spacing, "gaps_40_ms": o.gaps, "generator_lag_ms": o.lag, "rtp_packets": o.packets,
            "greeting_ms": o.greeting_ms, "recordings": self.verdict,
        })
    }
}

/// Everything.
#[derive(Debug, Default)]
pub struct Report {
    /// Play and record.
    pub runs: Vec<Run>,
    /// Rates of answered and ended calls.
    pub signal: Vec<(Who, Vec<Step>)>,
    /// Our CPU while nobody calls.
    pub idle_ms_per_s: Option<f64>,
    /// Bridging was wanted.
    pub bridge_asked: bool,
    /// How long it all took.
    pub seconds: f64,
}

type Figure = fn(&Run) -> Option<f64>;

/// Rows of the table: name, figure, digits, must and aim of PERFORMANCE.
const ROWS: [(&str, Figure, usize, &str); 16] = [
    ("ms CPU per call-second", |run| Some(run.cpu()), 2, ""),
    ("  while all are up", |run| run.outcome.cpu_steady, 2, ""),
    ("  set-up and end included", |run| Some(run.outcome.cpu_whole), 2, ""),
    ("kB per call", |run| Some(run.outcome.kb_per_call), 0, "≤ 64 / 32"),
    ("threads", |run| Some(run.outcome.threads as f64), 0, "independent of calls"),
    ("INVITE→200 p50 ms", |run| Some(run.outcome.setup.p50), 1, ""),
    ("INVITE→200 p99 ms", |run| Some(run.outcome.setup.p99), 1, "≤ 5 / 2"),
    ("first RTP p99 ms", |run| Some(run.outcome.first_rtp.p99), 1, "≤ 25 / 15"),
    ("spacing error p50 ms", |run| spacing(run).map(|s| s.p50), 2, ""),
    ("spacing error p99 ms", |run| spacing(run).map(|s| s.p99), 2, "≤ 2 at 200, ≤ 5 at 500"),
    ("spacing error max ms", |run| spacing(run).map(|s| s.max), 1, ""),
    ("gaps of 40 ms and more", |run| Some(run.outcome.gaps as f64), 0, "0"),
    ("calls that failed", |run| Some((run.calls - run.outcome.good) as f64), 0, "0"),
    ("SIP messages sent again", |run| Some(f64::from(run.outcome.resends)), 0, "0"),
    ("recordings exact", |run| run.verdict.as_ref().map(|v| v.exact as f64), 0, "all"),
    ("generator lag p99 ms", |run| Some(run.outcome.lag.p99), 2, "≤ 20, else not counted"),
];

fn spacing(run: &Run) -> Option<Spread> {
    Some(run.outcome.spacing).filter(|spacing| spacing.count > 0)
}

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let mut groups: Vec<(&str, usize)> = self.runs.iter().map(|run| (run.what, run.calls)).collect();
        groups.dedup();
        for (what, calls) in groups {
            self.group(&mut out, what, calls);
        }
        self.signal_table(&mut out);
        if self.bridge_asked {
            out.push_str("\nbridge: –, not built yet\n");
        }
        if let Some(idle) = self.idle_ms_per_s {
            let _ = writeln!(out, "\nidle: {idle:.1} ms CPU per s (≤ 2)");
        }
        let _ = writeln!(out, "\n{:.0} s in all", self.seconds);
        out
    }

    fn group(&self, out: &mut String, what: &str, calls: usize) {
        let of = |who| self.runs.iter().find(|run| (run.what, run.calls, run.who) == (what, calls, who));
        let (ours, bare, peer) = (of(Who::Ours), of(Who::Bare), of(Who::Peer));
        let title = format!("{what}, {calls} at once");
        let _ = write!(out, "\n{title:<28}{:>9}{:>9}{:>9}", "ours", "bare", "ratio");
        let _ = if peer.is_some() { write!(out, "{:>9}{:>9}", "peer", "ratio") } else { Ok(()) };
        out.push_str("   must / aim\n");
        for (name, figure, digits, limits) in ROWS {
            let [mine, theirs, peers] = [ours, bare, peer].map(|run| run.and_then(figure));
            if mine.or(theirs).or(peers).is_none() {
                continue;
            }
            let cell = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
            let ratio = |other: Option<f64>| match (mine, other) {
                (Some(mine), Some(other)) if other > 0.0 && name.contains("CPU") => format!("{:.2}", mine / other),
                _ => String::new(),
            };
            let _ = write!(out, "{name:<28}{:>9}{:>9}{:>9}", cell(mine), cell(theirs), ratio(theirs));
            let _ = if peer.is_some() { write!(out, "{:>9}{:>9}", cell(peers), ratio(peers)) } else { Ok(()) };
            let _ = writeln!(out, "   {}", limit_of(name, what, limits));
        }
        for run in [ours, bare, peer].into_iter().flatten() {
            troubles(out, run);
        }
    }

    fn signal_table(&self, out: &mut String) {
        for (who, steps) in &self.signal {
            let title = format!("signal, {}", who.name());
            let clean = steps.iter().filter(|step| step.clean()).map(|step| step.rate).max().unwrap_or(0);
            let _ = writeln!(
                out,
                "\n{title:<16} calls/s   good  resent  ms CPU/call  INVITE→200 p99 ms   clean up to {clean}/s"
            );
            for step in steps {
                let _ = write!(
                    out,
                    "{:>24}{:>7}{:>8}{:>13.2}{:>19.1}",
                    step.rate, step.good, step.resends, step.cpu_ms, step.setup.p99
                );
                let lag = if step.lag.p99 > LAG_MAX_MS {
                    format!("   generator {:.0} ms late", step.lag.p99)
                } else {
                    String::new()
                };
                let _ = writeln!(out, "   {}{lag}", step.failure.as_deref().unwrap_or(""));
            }
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let signal = self.signal.iter().map(|(who, steps)| json!({ "server": who.name(), "steps": steps }));
        json!({
            "seconds": self.seconds,
            "idle_ms_per_s": self.idle_ms_per_s,
            "runs": self.runs.iter().map(Run::json).collect::<Vec<_>>(),
            "signal": signal.collect::<Vec<_>>(),
            "faults": self.faults(),
            "gate": self.gate(),
        })
    }

    /// What is wrong in any case: a call that failed, a recording that is not what was said.
    pub fn faults(&self) -> Vec<String> {
        let mut out = Vec::new();
        for run in self.runs.iter().filter(|run| run.who != Who::Peer) {
            let name = format!("{}, {} calls, {}", run.what, run.calls, run.who.name());
            if run.outcome.good < run.calls {
                out.push(format!("{name}: {} calls failed", run.calls - run.outcome.good));
            }
            if let Some(verdict) = run.verdict.as_ref().filter(|verdict| verdict.exact < verdict.expected) {
                out.push(format!("{name}: only {} of {} recordings are exact", verdict.exact, verdict.expected));
            }
        }
        out
    }

    /// What a gate does not let through: CPU against the bare loop, memory.
    pub fn gate(&self) -> Vec<String> {
        let mut out = Vec::new();
        for ours in self.runs.iter().filter(|run| run.who == Who::Ours) {
            let name = format!("{}, {} calls", ours.what, ours.calls);
            if ours.outcome.lag.p99 > LAG_MAX_MS {
                out.push(format!("{name}: the generator was late in every try: this machine is too busy to say"));
                continue;
            }
            let bare =
                self.runs.iter().find(|run| (run.what, run.calls, run.who) == (ours.what, ours.calls, Who::Bare));
            // One call costs what its wake-ups cost, and a tick of /proc is 10 ms: no ratio to hold anybody to.
            if let Some(bare) = bare.filter(|bare| ours.calls >= 50 && ours.cpu() > RATIO_MAX * bare.cpu()) {
                let ratio = ours.cpu() / bare.cpu().max(f64::MIN_POSITIVE);
                out.push(format!("{name}: {ratio:.2} times the bare loop's CPU, {RATIO_MAX} are allowed"));
            }
            if ours.calls >= MEMORY_CALLS_MIN && ours.outcome.kb_per_call > MEMORY_MAX_KB {
                out.push(format!("{name}: {:.0} kB per call, {MEMORY_MAX_KB} are allowed", ours.outcome.kb_per_call));
            }
        }
        out
    }
}

fn limit_of<'a>(name: &str, what: &str, limits: &'a str) -> &'a str {
    match (name, what) {
        ("ms CPU per call-second", "record") => "≤ 0.8 / 0.45, ≤ 3 × bare; ≤ 0.35 / 0.2 × Asterisk",
        ("ms CPU per call-second", _) => "≤ 3 × bare; ≤ 0.35 / 0.2 × Asterisk",
        _ => limits,
    }
}

fn troubles(out: &mut String, run: &Run) {
    for (why, count) in &run.outcome.failures {
        let _ = writeln!(out, "  {}: {count} × {why}", run.who.name());
    }
    if let Some(verdict) = &run.verdict {
        for (fault, count) in &verdict.faults {
            let _ = writeln!(out, "  {}: {count} × recording: {fault}", run.who.name());
        }
        let (slips, holes, length) = (verdict.slips, verdict.holes, verdict.length_error_max);
        let _ = writeln!(out, "  {}: slips {slips}, holes {holes}, worst length {length:+.2} s", run.who.name());
    }
    if run.outcome.lag.p99 > LAG_MAX_MS {
        let _ = writeln!(
            out,
            "  {}: not to be trusted, the generator was late in {} tries",
            run.who.name(),
            run.thrown_away + 1
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(who: Who, cpu_whole: f64) -> Run {
        let outcome = Outcome { good: 100, cpu_whole, ..Outcome::default() };
        Run { what: "record", calls: 100, who, outcome, verdict: None, thrown_away: 0 }
    }

    #[test]
    fn the_gate_opens_up_to_three_times_the_bare_loop() {
        let mut report = Report { runs: vec![run(Who::Ours, 0.89), run(Who::Bare, 0.3)], ..Report::default() };
        assert_eq!(report.gate(), Vec::<String>::new());
        report.runs[0].outcome.cpu_whole = 0.91;
        assert_eq!(report.gate().len(), 1);
        report.runs[0].outcome.cpu_whole = 0.3;
        report.runs[0].outcome.kb_per_call = 65.0;
        assert_eq!(report.gate().len(), 1);
    }

    #[test]
    fn a_recording_that_is_not_exact_is_a_fault() {
        let mut report = Report { runs: vec![run(Who::Ours, 0.3)], ..Report::default() };
        assert!(report.faults().is_empty());
        report.runs[0].verdict = Some(Verdict { expected: 100, exact: 99, ..Verdict::default() });
        assert_eq!(report.faults().len(), 1);
    }
}
