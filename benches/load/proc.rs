//! What a process has cost, from `/proc`: it and all that it started.

use std::fs;

use crate::sys;

/// Milliseconds of CPU (user and system) of the process, its threads and its children, dead or alive.
pub fn cpu_ms(pid: u32) -> f64 {
    let own = fs::read_to_string(format!("/proc/{pid}/stat")).map(|stat| ticks(&stat)).unwrap_or(0);
    let own = own as f64 * 1000.0 / sys::ticks_per_second() as f64;
    own + children(pid).into_iter().map(cpu_ms).sum::<f64>()
}

/// utime, stime, cutime and cstime: fields 14 to 17, counted after the name, which may hold spaces.
fn ticks(stat: &str) -> u64 {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_ascii_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holding {
    /// Resident memory, kB.
    pub resident_kb: u64,
    /// Threads.
    pub threads: u64,
}

/// Memory and threads of the process itself.
pub fn holding(pid: u32) -> Holding {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_ascii_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    Holding { resident_kb: field("VmRSS:"), threads: field("Threads:") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_spaces_and_brackets() {
        let stat = "42 (night ) desk) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 3 2 20 0 9 0 1000";
        assert_eq!(ticks(stat), 17);
    }

    #[test]
    fn this_process_has_memory_and_a_thread() {
        let here = holding(std::process::id());
        assert!(here.resident_kb > 100 && here.threads >= 1);
    }
}
