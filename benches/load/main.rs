//! `nightdesk-load`: calls, real ones, many at once, and what they cost the server.
//!
//! Three programs in one: the runner with its generator (`generator`, `caller`, `dialog`, `signal`), the
//! bare loop that the server is held against (`bare`), and the check of the recordings (`check`). It
//! shares no code with the server, so that a mistake in one is not repeated in the other.
#![allow(
    clippy::indexing_slicing,
    reason = "a tool for developers, over its own arrays; datagrams are looked at by `get`"
)]

mod args;
mod bare;
mod caller;
mod check;
mod dialog;
mod generator;
mod measure;
mod proc;
mod report;
mod rtp;
mod runner;
mod servers;
mod signal;
mod sip;
mod sys;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use args::{BenchArgs, Cli, Other};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.other {
        Some(Other::Bare(args)) => bare::serve(args).map(|()| true).map_err(anyhow::Error::from),
        None => bench(&cli.bench),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("nightdesk-load: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn bench(args: &BenchArgs) -> Result<bool> {
    sys::raise_open_files();
    let report = runner::run(args)?;
    print!("{}", report.table());
    if let Some(path) = &args.json {
        std::fs::write(path, format!("{:#}\n", report.json()))?;
    }
    let mut wrong = report.faults();
    if args.gate {
        wrong.extend(report.gate());
    }
    for line in &wrong {
        eprintln!("× {line}");
    }
    Ok(wrong.is_empty())
}
