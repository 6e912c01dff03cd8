//! Time. [`System`] is the only reader of it in the program; everything else is told.
//!
//! [`Mono`] is for durations and timers and never jumps; [`Utc`] is for rows and people and may.

use std::ops::{Add, Sub};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since the clock was made: monotonic, never stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

/// Milliseconds since 1970-01-01T00:00:00Z: what rows hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(pub i64);

/// One reading of both clocks: what every `handle(event, now)` is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For timers.
    pub mono: Mono,
    /// For rows.
    pub utc: Utc,
}

impl Mono {
    /// Time passed since `earlier`; zero where `earlier` is later.
    pub fn since(self, earlier: Mono) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Mono {
    type Output = Mono;
    fn add(self, rhs: Duration) -> Mono {
        Mono(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Mono {
    type Output = Mono;
    fn sub(self, rhs: Duration) -> Mono {
        Mono(self.0.saturating_sub(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Utc {
    /// As scripts and the API read it: RFC 3339, UTC, milliseconds.
    pub fn rfc3339(self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        format!("{at:.3}")
    }

    /// The time `by` earlier.
    pub fn before(self, by: Duration) -> Utc {
        Utc(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Now {
    /// Both clocks moved on by `by`: how simulations pass time.
    pub fn after(self, by: Duration) -> Now {
        Now {
            mono: self.mono + by,
            utc: Utc(self.utc.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))),
        }
    }
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct System {
    start: Instant,
}

impl System {
    /// A clock whose [`Mono`] starts at zero now.
    #[allow(clippy::new_without_default, reason = "a default that reads the time would hide it")]
    pub fn new() -> Self {
        System { start: Instant::now() }
    }

    /// Reads both clocks.
    pub fn now(&self) -> Now {
        let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono: self.mono(), utc: Utc(i64::try_from(utc.as_millis()).unwrap_or(i64::MAX)) }
    }

    /// Reads the monotonic clock alone.
    pub fn mono(&self) -> Mono {
        Mono(u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// The machine's instant of `at`, for timers of the runtime.
    pub fn instant(&self, at: Mono) -> Instant {
        self.start + Duration::from_nanos(at.0)
    }
}
