//! Figures from many samples, and the wall clock that the kernel stamps packets with.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// Nanoseconds since 1970: the clock of [`crate::sys::Packet::stamp_ns`].
pub fn wall_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

/// Milliseconds from one moment to a later one.
pub fn ms_between(earlier_ns: u64, later_ns: u64) -> f64 {
    later_ns.saturating_sub(earlier_ns) as f64 / 1e6
}

/// How samples are spread.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// Half are below.
    pub p50: f64,
    /// 99 of 100 are below.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Sorts the samples and looks.
    pub fn of(samples: &mut [f64]) -> Spread {
        samples.sort_by(f64::total_cmp);
        let at = |q: f64| {
            // The nearest rank: the smallest sample that q of all samples do not pass.
            let rank = (q * samples.len() as f64).ceil() as usize;
            samples.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        Spread { count: samples.len(), p50: at(0.5), p99: at(0.99), max: samples.last().copied().unwrap_or(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_nearest_and_an_empty_set_is_zero() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let spread = Spread::of(&mut samples);
        assert_eq!((spread.p50, spread.p99, spread.max), (100.0, 198.0, 200.0));
        assert_eq!(Spread::of(&mut []).p99, 0.0);
    }
}
