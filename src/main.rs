//! Arguments, wiring, exit code: 0 good, 1 refused, 2 wrong use.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = cli::command().get_matches();
    // Before the runtime, which would take threads and memory from the child's limits.
    if let Some(task) = cli::worker_task(&matches) {
        return nightdesk::run::worker::serve(task);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("nightdesk: no threads to be had: {error}");
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(cli::run(&matches)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nightdesk: {error:#}");
            let wrong_use = error.downcast_ref::<nightdesk::config::ConfigError>().is_some();
            ExitCode::from(if wrong_use { 2 } else { 1 })
        }
    }
}
