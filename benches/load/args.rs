//! What can be asked of the bench.

use std::net::SocketAddrV4;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures Nightdesk under load against a bare loop: CPU, memory, setup times, spacing, recordings.
#[derive(Debug, Parser)]
#[command(name = "nightdesk-load")]
pub struct Cli {
    /// Other things than the bench.
    #[command(subcommand)]
    pub other: Option<Other>,
    /// The bench.
    #[command(flatten)]
    pub bench: BenchArgs,
}

/// Other programs in this one.
#[derive(Debug, Subcommand)]
pub enum Other {
    /// The bare loop: what the same work costs with sockets, one thread and memory. Ends with its standard input.
    Bare(BareArgs),
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Answered, hears a greeting.
    Play,
    /// Hears the greeting and the beep, speaks 10 s, presses `#`.
    Record,
    /// Joined to a second phone.
    Bridge,
    /// Answered and hung up.
    Signal,
}

/// Settings of the bench.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Calls at once, one run each.
    #[arg(long, value_delimiter = ',', default_value = "1,100,500", value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub calls: Vec<u32>,
    /// Only these; can be given more than once.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Only>,
    /// The server under test; `nightdesk` beside this program if not given.
    #[arg(long)]
    pub server: Option<PathBuf>,
    /// A further argument for `nightdesk serve`; can be given more than once.
    #[arg(long, allow_hyphen_values = true)]
    pub serve_arg: Vec<String>,
    /// Leave our server out: tries the generator against the bare loop alone.
    #[arg(long)]
    pub bare_only: bool,
    /// Leave the bare loop out.
    #[arg(long, conflicts_with_all = ["bare_only", "gate"])]
    pub no_bare: bool,
    /// A server that is already running, measured in the same run.
    #[arg(long, requires = "peer_pid", value_name = "sip:HOST:PORT")]
    pub peer: Option<String>,
    /// Its process.
    #[arg(long, requires = "peer")]
    pub peer_pid: Option<u32>,
    /// The peer's beep is not ours: speak so many seconds after its answer.
    #[arg(long, default_value_t = 6.0)]
    pub peer_speak_after: f64,
    /// Where the peer writes recordings, named CALLER.wav; not checked if not given.
    #[arg(long)]
    pub peer_files: Option<PathBuf>,
    /// The number that is called.
    #[arg(long, default_value = "+49711123456")]
    pub to: String,
    /// Calls begun a second; if not given, all within three seconds, at least 100 a second.
    #[arg(long, value_parser = positive)]
    pub ramp: Option<f64>,
    /// Seconds in which all listen together (play).
    #[arg(long, default_value_t = 10.0, value_parser = positive)]
    pub hold: f64,
    /// Writes all figures as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Exit 1 if our CPU is over three times the bare loop's, or memory over its limit.
    #[arg(long)]
    pub gate: bool,
    /// Keep the data directories and logs, and say where they are.
    #[arg(long)]
    pub keep: bool,
}

impl BenchArgs {
    /// Whether this is to be measured.
    pub fn wants(&self, what: Only) -> bool {
        self.only.is_empty() || self.only.contains(&what)
    }
}

/// What the bare loop does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BareMode {
    /// Plays without end.
    Play,
    /// Plays, beeps, records.
    Record,
}

/// Settings of the bare loop.
#[derive(Debug, Args)]
pub struct BareArgs {
    /// Where it takes calls.
    #[arg(long)]
    pub sip: SocketAddrV4,
    /// What it does.
    #[arg(long, value_enum)]
    pub mode: BareMode,
    /// How long its greeting is.
    #[arg(long, default_value_t = 5000)]
    pub greeting_ms: usize,
    /// Where it writes what it recorded when it ends.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 10_000.0 => Ok(value),
        _ => Err("a number over 0 and up to 10000 is expected".to_owned()),
    }
}
