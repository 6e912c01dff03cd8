//! What is known of the sender by its sequence numbers and timestamps (RFC 3550 appendix A).

use crate::clock::Mono;

/// A jump forward by more than this is a restart unless the next packet denies it (`MAX_DROPOUT`).
const MAX_DROPOUT: u16 = 3000;
/// A step back by no more than this is a late packet (`MAX_MISORDER`).
const MAX_MISORDER: u16 = 100;

/// What a packet is to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newer than all.
    Newer,
    /// Older than the newest, or the same again.
    Late,
}

/// The statistics of one synchronisation source.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its SSRC.
    pub ssrc: u32,
    base: u32,
    cycles: u32,
    highest: u16,
    bad: Option<u16>,
    received: u32,
    expected_before: u32,
    received_before: u32,
    transit: Option<u32>,
    /// In 1/16 of 1/8000 s (appendix A.8).
    jitter: u32,
}

impl Source {
    /// Made of its first packet.
    pub fn new(ssrc: u32, sequence: u16) -> Self {
        Source {
            ssrc,
            base: u32::from(sequence),
            cycles: 0,
            highest: sequence.wrapping_sub(1),
            bad: None,
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0,
        }
    }

    /// Counts a packet (appendix A.1, without probation: [`super::latch`] has judged the source).
    pub fn count(&mut self, sequence: u16, timestamp: u32, now: Mono) -> Order {
        let order = self.order(sequence);
        self.received = self.received.wrapping_add(1);
        if order == Order::Newer {
            self.measure(timestamp, now);
        }
        order
    }

    fn order(&mut self, sequence: u16) -> Order {
        let ahead = sequence.wrapping_sub(self.highest);
        if self.received == 0 || (1..MAX_DROPOUT).contains(&ahead) {
            if sequence < self.highest && self.received > 0 {
                self.cycles = self.cycles.wrapping_add(0x1_0000);
            }
            self.highest = sequence;
            self.bad = None;
            Order::Newer
        } else if ahead == 0 || ahead > u16::MAX - MAX_MISORDER {
            Order::Late
        } else if self.bad == Some(sequence) {
            // Two in a row: the other side started anew without saying so.
            let (ssrc, jitter) = (self.ssrc, self.jitter);
            *self = Source { jitter, highest: sequence, ..Source::new(ssrc, sequence) };
            Order::Newer
        } else {
            self.bad = Some(sequence.wrapping_add(1));
            Order::Newer
        }
    }

    /// Interarrival jitter (§6.4.1, A.8).
    fn measure(&mut self, timestamp: u32, now: Mono) {
        let arrival = (now.0 / 125_000) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(before) = self.transit {
            let d = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A jump of the timestamp is no jitter.
            if d < 8000 {
                self.jitter = self.jitter.wrapping_add(d).wrapping_sub((self.jitter + 8) >> 4);
            }
        }
        self.transit = Some(transit);
    }

    /// Extended highest sequence number.
    pub fn highest(&self) -> u32 {
        self.cycles.wrapping_add(u32::from(self.highest))
    }

    /// Lost so far; duplicates make it smaller (A.3).
    pub fn lost(&self) -> i64 {
        i64::from(self.expected()) - i64::from(self.received)
    }

    /// In 1/8000 s.
    pub fn jitter(&self) -> u32 {
        self.jitter >> 4
    }

    /// Fraction lost since the last question, in 1/256 (A.3).
    pub fn fraction_lost(&mut self) -> u8 {
        let expected = self.expected().wrapping_sub(self.expected_before);
        let received = self.received.wrapping_sub(self.received_before);
        self.expected_before = self.expected();
        self.received_before = self.received;
        let lost = i64::from(expected) - i64::from(received);
        if expected == 0 || lost <= 0 { 0 } else { u8::try_from((lost << 8) / i64::from(expected)).unwrap_or(255) }
    }

    fn expected(&self) -> u32 {
        if self.received == 0 { 0 } else { self.highest().wrapping_sub(self.base).wrapping_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn run(packets: &[(u16, u32, u64)]) -> Source {
        let mut source = Source::new(1, packets[0].0);
        for (sequence, timestamp, ms) in packets {
            source.count(*sequence, *timestamp, Mono::default() + Duration::from_millis(*ms));
        }
        source
    }

    #[test]
    fn loss_is_counted_over_the_wrap() {
        let mut source = run(&[(65533, 0, 0), (65534, 160, 20), (1, 640, 80), (2, 800, 100), (0, 480, 101)]);
        assert_eq!((source.lost(), source.highest()), (1, 0x1_0002));
        assert_eq!((source.fraction_lost(), source.fraction_lost()), ((256 / 6) as u8, 0));
    }

    #[test]
    fn duplicates_and_late_packets_are_told() {
        let mut source = Source::new(1, 10);
        let orders: Vec<_> = [10, 11, 11, 13, 12, 14].map(|s| source.count(s, 0, Mono::default())).to_vec();
        use Order::{Late, Newer};
        assert_eq!(orders, [Newer, Newer, Late, Newer, Late, Newer]);
    }

    #[test]
    fn a_restart_is_believed_at_the_second_packet() {
        let source = run(&[(10, 0, 0), (11, 160, 20), (40_000, 320, 40), (40_001, 480, 60), (40_002, 640, 80)]);
        assert_eq!((source.lost(), source.highest()), (0, 40_002));
        let stray = run(&[(10, 0, 0), (40_000, 160, 20), (11, 320, 40)]);
        assert_eq!(stray.highest(), 11);
    }

    #[test]
    fn jitter_is_of_the_arrival_not_of_the_pace() {
        let even: Vec<_> = (0..500u16).map(|n| (n, u32::from(n) * 160, u64::from(n) * 20)).collect();
        assert_eq!(run(&even).jitter(), 0);
        // ±10 ms by turns: |D| is 10 ms = 80.
        let odd: Vec<_> = even.iter().map(|(s, t, ms)| (*s, *t, ms + u64::from(s % 2) * 10)).collect();
        assert!((70..=80).contains(&run(&odd).jitter()), "{}", run(&odd).jitter());
    }
}
