//! From RTP timestamps to places on the time line.
//!
//! Timestamps say exactly how packets follow each other; arrival says how long it took. So a packet's
//! place is its timestamp's distance from an anchor, and the anchor is moved only when the two disagree
//! in a way that no network makes: a clock that drifts, a timestamp that jumps or stands still. Or when
//! the place is written already: after a stall that long it is better to be late than to be lost.
//! All figures in 1/8000 s.

/// A packet that is earlier than it can be by this much has jumped: 400 ms.
const JUMP: i64 = 3200;
/// Later by [`JUMP`] for this long, its timestamps stood still in a pause (a stalled network catches
/// up in a burst): 500 ms.
const STANDSTILL: i64 = 4000;
/// Drift is looked for in stretches of a second: the least late packet of one was hardly delayed.
const STRETCH: i64 = 8000;
/// … that have enough packets to hold such a one,
const STRETCH_PACKETS: u32 = 10;
/// … and no hole: what comes after one may come in a burst, all of it late.
const HOLE: i64 = 1600;
/// Drift is put right when it reaches this: 60 ms.
const DRIFT: i64 = 480;

/// Places packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timeline {
    anchor: Option<Anchor>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    timestamp: u32,
    position: i64,
    newest: u32,
    last_arrival: i64,
    stretch_from: i64,
    stretch_packets: u32,
    least_late: i64,
    usual: Option<i64>,
    late_since: Option<i64>,
}

impl Timeline {
    /// The place of a packet's first sample. `newer`: it is not a late one; `open`: places before this
    /// are written; `end`: where the recorded audio ends so far. None: a late packet of before the
    /// recording.
    pub fn place(&mut self, timestamp: u32, newer: bool, arrival: i64, open: i64, end: i64) -> Option<i64> {
        let Some(anchor) = &mut self.anchor else {
            return newer.then(|| self.anchor(timestamp, arrival, end));
        };
        let position = anchor.position_of(timestamp);
        if !newer {
            return Some(position);
        }
        if position >= open && anchor.believes(timestamp, arrival - position, arrival) {
            // The drift's correction counts from this packet on.
            Some(anchor.position_of(timestamp))
        } else {
            Some(self.anchor(timestamp, arrival, end))
        }
    }

    /// Where a timestamp lies, if anything does yet.
    pub fn position_of(&self, timestamp: u32) -> Option<i64> {
        self.anchor.map(|anchor| anchor.position_of(timestamp))
    }

    /// The next packet has another clock.
    pub fn forget(&mut self) {
        self.anchor = None;
    }

    fn anchor(&mut self, timestamp: u32, arrival: i64, end: i64) -> i64 {
        let position = arrival.max(end);
        self.anchor = Some(Anchor {
            timestamp,
            position,
            newest: timestamp,
            last_arrival: arrival,
            stretch_from: arrival,
            stretch_packets: 0,
            least_late: 0,
            usual: None,
            late_since: None,
        });
        position
    }
}

impl Anchor {
    fn position_of(&self, timestamp: u32) -> i64 {
        self.position + i64::from(timestamp.wrapping_sub(self.timestamp) as i32)
    }

    /// Can a packet with this timestamp be `late` by so much?
    fn believes(&mut self, timestamp: u32, late: i64, arrival: i64) -> bool {
        let late_by = late - self.usual.unwrap_or(self.least_late);
        let back = (timestamp.wrapping_sub(self.newest) as i32) < 0;
        if late_by < -JUMP || (back && late_by > JUMP) {
            return false;
        }
        self.newest = timestamp;
        if arrival - std::mem::replace(&mut self.last_arrival, arrival) > HOLE {
            (self.stretch_from, self.stretch_packets) = (arrival, 0);
        }
        if late_by > JUMP {
            return arrival - *self.late_since.get_or_insert(arrival) < STANDSTILL;
        }
        self.late_since = None;
        self.least_late = if self.stretch_packets == 0 { late } else { self.least_late.min(late) };
        self.stretch_packets += 1;
        if arrival - self.stretch_from >= STRETCH && self.stretch_packets >= STRETCH_PACKETS {
            let usual = *self.usual.get_or_insert(self.least_late);
            if (self.least_late - usual).abs() > DRIFT {
                self.position += self.least_late - usual;
            }
            (self.stretch_from, self.stretch_packets) = (arrival, 0);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places packets of (timestamp, arrival).
    fn places(packets: impl IntoIterator<Item = (u32, i64)>) -> Vec<i64> {
        let mut timeline = Timeline::default();
        let mut end = 0;
        let mut place = |(timestamp, arrival)| {
            let position = timeline.place(timestamp, true, arrival, i64::MIN, end).unwrap();
            end = position + 160;
            position
        };
        packets.into_iter().map(&mut place).collect()
    }

    #[test]
    fn delay_of_a_network_moves_nothing() {
        // 0–190 ms at random, and a stall that ends in a burst.
        for stall in [15, 60, 100] {
            let jitter = |n: i64| n * 7919 % 1520;
            let stalled = |n: i64| if (200..200 + stall).contains(&n) { (200 + stall - n) * 160 } else { 0 };
            let packets = (0..1000).map(|n: i64| ((n * 160) as u32, n * 160 + jitter(n).max(stalled(n))));
            for (n, place) in places(packets).into_iter().enumerate() {
                assert_eq!(place, n as i64 * 160);
            }
        }
    }

    #[test]
    fn timestamps_wrap() {
        let packets = (0..100).map(|n: i64| ((n as u32 * 160).wrapping_sub(5000), n * 160));
        assert_eq!(places(packets).last(), Some(&(99 * 160)));
    }

    #[test]
    fn a_burst_at_the_start_is_kept_whole() {
        // Half a second came at once: 25 packets at 0, the rest on time.
        let packets = (0..500).map(|n: i64| ((n * 160) as u32, (n - 25).max(0) * 160));
        for (n, place) in places(packets).into_iter().enumerate() {
            assert_eq!(place, n as i64 * 160);
        }
    }

    #[test]
    fn drift_is_put_right() {
        for per_mille in [-5i64, 5] {
            // A minute of a clock that is wrong by half a per cent: 300 ms.
            let packets = (0..3000).map(|n: i64| ((n * 160) as u32, n * 160 + n * 160 * per_mille / 1000));
            let last_arrival = 2999 * 160 * (1000 + per_mille) / 1000;
            let last = *places(packets).last().unwrap();
            assert!((last - last_arrival).abs() <= DRIFT + 100, "{per_mille}: {last} {last_arrival}");
        }
    }

    #[test]
    fn a_jump_goes_on_at_arrival() {
        for jump in [10_000_000u32, 0x8000_0000 - 5, 0u32.wrapping_sub(10_000_000), 8000] {
            let packets = (0..200).map(|n: i64| {
                let timestamp = (n * 160) as u32;
                (if n < 100 { timestamp } else { timestamp.wrapping_add(jump) }, n * 160)
            });
            for (n, place) in places(packets).into_iter().enumerate() {
                assert_eq!(place, n as i64 * 160, "{jump}");
            }
        }
    }

    #[test]
    fn a_clock_that_stood_still_in_a_pause_is_noticed() {
        let packets = (0..300).map(|n: i64| ((n * 160) as u32, if n < 100 { n * 160 } else { n * 160 + 24_000 }));
        assert_eq!(*places(packets).last().unwrap(), 299 * 160 + 24_000);
    }

    #[test]
    fn what_is_too_late_for_its_place_gets_another() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.place(0, true, 0, 0, 0), Some(0));
        // Two seconds of nothing, 1.5 of them written, then all at once, then on time.
        for n in 1..100i64 {
            let place = timeline.place((n * 160) as u32, true, 16_000, 12_000, 160);
            assert_eq!(place, Some(16_000 + (n - 1) * 160));
        }
        let place = timeline.place(100 * 160, true, 16_160, 12_000, 16_000 + 99 * 160);
        assert_eq!(place, Some(16_000 + 99 * 160));
    }

    #[test]
    fn late_packets_before_the_first_are_none() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.place(5, false, 0, 0, 0), None);
        assert_eq!(timeline.place(1000, true, 100, 0, 0), Some(100));
        assert_eq!(timeline.place(840, false, 110, 0, 260), Some(-60));
    }
}
