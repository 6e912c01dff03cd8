//! What a ticker asks of the operating system: to be woken on time.
#![allow(unsafe_code, reason = "two system calls that the standard library does not have")]

use crate::clock::{Mono, System};

/// `SCHED_FIFO` for this thread where the system allows it; otherwise it stays as it is.
pub fn realtime() {
    let parameters = libc::sched_param { sched_priority: 10 };
    // SAFETY: a valid pointer to a parameter that the call only reads; 0 is the calling thread.
    let refused = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) } != 0;
    tracing::debug!(realtime = !refused, "media thread");
}

/// Sleeps until `deadline`, which may have passed.
pub fn sleep_until(clock: &System, deadline: Mono) {
    let left = deadline.since(clock.mono());
    if !left.is_zero() {
        std::thread::sleep(left);
    }
}
