//! The order of things: a fresh server for every run, ours first, then the bare loop, then a peer.

use std::net::{SocketAddrV4, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::args::{BareMode, BenchArgs, Only};
use crate::caller::Wish;
use crate::check;
use crate::generator::{self, Outcome, Plan};
use crate::proc;
use crate::report::{Report, Run, Who};
use crate::servers::{self, Server};
use crate::signal;

/// A run in which the generator is later than this at p99 says nothing about the server.
pub const LAG_MAX_MS: f64 = 20.0;
/// How often such a run is tried in all.
const TRIES: u32 = 3;
/// The bare loop's greeting where ours was not measured.
const GREETING_MS: usize = 5000;

/// All that was asked for.
pub fn run(args: &BenchArgs) -> Result<Report> {
    let start = Instant::now();
    let mut bench = Bench::new(args)?;
    if args.wants(Only::Play) {
        bench.calls(Only::Play)?;
    }
    if args.wants(Only::Record) {
        bench.calls(Only::Record)?;
    }
    if args.wants(Only::Signal) {
        bench.signal()?;
    }
    bench.report.bridge_asked = args.wants(Only::Bridge);
    bench.report.seconds = start.elapsed().as_secs_f64();
    Ok(std::mem::take(&mut bench.report))
}

struct Bench<'a> {
    args: &'a BenchArgs,
    program: PathBuf,
    peer: Option<(SocketAddrV4, u32)>,
    directory: PathBuf,
    started: u32,
    run: u64,
    greeting_ms: usize,
    report: Report,
}

impl<'a> Bench<'a> {
    fn new(args: &'a BenchArgs) -> Result<Self> {
        let program = match &args.server {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("nightdesk"),
        };
        if !args.bare_only && !program.is_file() {
            bail!("no server at {}: build it, or name it with --server, or try --bare-only", program.display());
        }
        let peer = match (&args.peer, args.peer_pid) {
            (Some(uri), Some(pid)) => Some((address(uri)?, pid)),
            _ => None,
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let directory = std::env::temp_dir().join(format!("nightdesk-load-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let run = u64::try_from(since.as_millis()).unwrap_or(0) << 8;
        Ok(Bench {
            args,
            program,
            peer,
            directory,
            started: 0,
            run,
            greeting_ms: GREETING_MS,
            report: Report::default(),
        })
    }

    fn whos(&self) -> Vec<Who> {
        let mut whos = Vec::new();
        whos.extend((!self.args.bare_only).then_some(Who::Ours));
        whos.extend((!self.args.no_bare).then_some(Who::Bare));
        whos.extend(self.peer.map(|_| Who::Peer));
        whos
    }

    fn calls(&mut self, what: Only) -> Result<()> {
        for calls in self.args.calls.clone() {
            for who in self.whos() {
                let run = self.measured(what, calls as usize, who)?;
                if who == Who::Ours && run.outcome.greeting_ms > 0.0 {
                    // The same work: the bare loop's greeting becomes as long as ours.
                    self.greeting_ms = (run.outcome.greeting_ms as usize).saturating_sub(400).max(20);
                }
                eprintln!("{}", run.line());
                self.report.runs.push(run);
            }
        }
        Ok(())
    }

    /// One run, again where the generator was late.
    fn measured(&mut self, what: Only, calls: usize, who: Who) -> Result<Run> {
        let mut thrown_away = 0;
        loop {
            eprint!("{} {calls} {} … ", name(what), who.name());
            let mut run = self.once(what, calls, who)?;
            run.thrown_away = thrown_away;
            if run.outcome.lag.p99 <= LAG_MAX_MS || thrown_away + 1 >= TRIES {
                return Ok(run);
            }
            eprintln!("thrown away: the generator was {:.0} ms late at p99", run.outcome.lag.p99);
            thrown_away += 1;
        }
    }

    fn once(&mut self, what: Only, calls: usize, who: Who) -> Result<Run> {
        let mut server = self.start(who, what)?;
        let (target, pid) = match (&server, self.peer) {
            (Some(server), _) => (server.sip, server.pid),
            (None, Some(peer)) => peer,
            (None, None) => bail!("no server"),
        };
        if who == Who::Ours && self.report.idle_ms_per_s.is_none() {
            self.report.idle_ms_per_s = Some(idle(pid));
        }
        self.run += 1;
        let after_ns = (self.args.peer_speak_after * 1e9) as u64;
        let plan = Plan {
            target,
            pid,
            to: self.args.to.clone(),
            calls,
            ramp: self.args.ramp.unwrap_or((calls as f64 / 3.0).max(100.0)),
            wish: match what {
                Only::Record => Wish::Speak { after_ns: (who == Who::Peer).then_some(after_ns) },
                _ => Wish::Listen,
            },
            hold: Duration::from_secs_f64(self.args.hold),
            run: self.run,
        };
        let outcome = generator::run(&plan)?;
        let verdict = match what {
            Only::Record => self.check(server.as_mut(), &outcome)?,
            _ => None,
        };
        Ok(Run { what: name(what), calls, who, outcome, verdict, thrown_away: 0 })
    }

    fn check(&self, server: Option<&mut Server>, outcome: &Outcome) -> Result<Option<check::Verdict>> {
        let listed = match (server, &self.args.peer_files) {
            (Some(server), _) => server.recordings(outcome.said.len())?,
            (None, Some(directory)) => servers::peer_recordings(directory)?,
            (None, None) => return Ok(None),
        };
        Ok(Some(check::check(&outcome.said, &listed)))
    }

    fn start(&mut self, who: Who, what: Only) -> Result<Option<Server>> {
        self.started += 1;
        let directory = self.directory.join(self.started.to_string());
        std::fs::create_dir_all(&directory)?;
        let server = match who {
            Who::Ours => Server::ours(&self.program, &directory, &self.args.serve_arg)?,
            Who::Bare => {
                let mode = if what == Only::Record { BareMode::Record } else { BareMode::Play };
                Server::bare(&directory, mode, self.greeting_ms)?
            }
            Who::Peer => return Ok(None),
        };
        // What starting costs must not count as the first calls' cost.
        thread::sleep(Duration::from_millis(500));
        Ok(Some(server))
    }

    fn signal(&mut self) -> Result<()> {
        for who in self.whos() {
            eprint!("signal {} … ", who.name());
            let server = self.start(who, Only::Signal)?;
            let (target, pid) = match (&server, self.peer) {
                (Some(server), _) => (server.sip, server.pid),
                (None, Some(peer)) => peer,
                (None, None) => continue,
            };
            self.run += 256;
            let steps = signal::run(target, pid, &self.args.to, self.run)?;
            eprintln!("{} rates tried", steps.len());
            self.report.signal.push((who, steps));
        }
        Ok(())
    }
}

impl Drop for Bench<'_> {
    fn drop(&mut self) {
        if self.args.keep {
            eprintln!("kept: {}", self.directory.display());
        } else {
            remove(&self.directory);
        }
    }
}

fn remove(directory: &Path) {
    if let Err(error) = std::fs::remove_dir_all(directory) {
        eprintln!("{} was not removed: {error}", directory.display());
    }
}

/// Milliseconds of CPU a second while nobody calls: the quietest of three stretches, because the end of
/// the start may fall into the first.
fn idle(pid: u32) -> f64 {
    let stretch = |_| {
        let before = proc::cpu_ms(pid);
        thread::sleep(Duration::from_secs(2));
        (proc::cpu_ms(pid) - before) / 2.0
    };
    (0..3).map(stretch).fold(f64::INFINITY, f64::min)
}

fn name(what: Only) -> &'static str {
    match what {
        Only::Play => "play",
        Only::Record => "record",
        Only::Bridge => "bridge",
        Only::Signal => "signal",
    }
}

fn address(uri: &str) -> Result<SocketAddrV4> {
    let host = uri.strip_prefix("sip:").unwrap_or(uri);
    let found = host.to_socket_addrs().with_context(|| format!("{uri} is not sip:HOST:PORT"))?;
    let v4 = found.filter_map(|address| match address {
        std::net::SocketAddr::V4(v4) if v4.ip().is_loopback() => Some(v4),
        _ => None,
    });
    v4.into_iter().next().with_context(|| format!("{uri}: only a peer on this machine (127.0.0.0/8) is measured"))
}
