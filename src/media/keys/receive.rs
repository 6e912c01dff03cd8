//! telephone-event as it comes in (RFC 4733 §2.5.2).
//!
//! All packets of one press bear the timestamp of its start; that is what makes them one, whatever was
//! lost, doubled or swapped. A press is reported with the first packet that is seen of it.

use super::key;

/// The longest duration that fits: a longer press goes on as a further event (RFC 4733 §2.5.1.3).
const DURATION_MAX: u32 = 0xFFFF;
/// Presses remembered, so that a late packet of an earlier one is no new press.
const REMEMBERED: usize = 8;

/// What a packet said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// A new press; none: more of one that was reported, or an event that is no key.
    pub press: Option<char>,
    /// When the press began, RTP timestamp.
    pub start: u32,
    /// How long it has lasted, in 1/8000 s.
    pub duration: u32,
    /// It is over.
    pub ended: bool,
}

/// Tells presses from packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Receiver {
    seen: [Option<Seen>; REMEMBERED],
    next: usize,
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    event: u8,
    timestamp: u32,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    seen: Seen,
    duration: u32,
    sequence: u16,
    ended: bool,
}

impl Receiver {
    /// A telephone-event packet; none: it is too short to be one.
    pub fn receive(&mut self, sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Option<Heard> {
        let [event, flags, high, low] = *payload.first_chunk::<4>()?;
        let duration = u32::from(u16::from_be_bytes([high, low]));
        let ended = flags & 0x80 != 0;
        let seen = Seen { event, timestamp };
        let known = self.seen.contains(&Some(seen));
        let new = !known && !self.goes_on(seen, duration, sequence, marker);
        if !known {
            self.remember(seen);
        }
        if self.last.is_none_or(|last| sequence.wrapping_sub(last.sequence) < 0x8000) {
            self.last = Some(Last { seen, duration, sequence, ended });
        }
        let press = if new { key(event) } else { None };
        Some(Heard { press, start: timestamp, duration, ended })
    }

    /// A new timestamp that is no new press.
    fn goes_on(&self, seen: Seen, duration: u32, sequence: u16, marker: bool) -> bool {
        let Some(last) = self.last.filter(|last| last.seen.event == seen.event && !marker) else { return false };
        let ahead = seen.timestamp.wrapping_sub(last.seen.timestamp);
        // §2.5.1.3: the next segment of a press longer than 8.19 s begins where the last one ended.
        let segment = ahead == DURATION_MAX || ahead == DURATION_MAX + 1;
        // Some gateways move the timestamp with the duration within one press. No two real presses
        // are so near to each other.
        let moving = !last.ended
            && sequence.wrapping_sub(last.sequence) <= 3
            && ahead > 0
            && ahead == duration.wrapping_sub(last.duration);
        segment || moving
    }

    fn remember(&mut self, seen: Seen) {
        if let Some(slot) = self.seen.get_mut(self.next) {
            *slot = Some(seen);
        }
        self.next = (self.next + 1) % REMEMBERED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    struct Sent {
        sequence: u16,
        timestamp: u32,
        marker: bool,
        payload: [u8; 4],
    }

    /// The packets of one press of `ms`, in steps of 20 ms, and three ends.
    fn press(event: u8, ms: u32, sequence: &mut u16, timestamp: u32) -> Vec<Sent> {
        let total = ms * 8;
        let mut durations: Vec<(u32, bool)> =
            (1..).map(|n| n * 160).take_while(|d| *d < total).map(|d| (d, false)).collect();
        durations.extend([(total, true); 3]);
        durations
            .into_iter()
            .enumerate()
            .map(|(n, (duration, end))| {
                *sequence = sequence.wrapping_add(1);
                let [_, _, high, low] = duration.to_be_bytes();
                let payload = [event, 10 | if end { 0x80 } else { 0 }, high, low];
                Sent { sequence: *sequence, timestamp, marker: n == 0, payload }
            })
            .collect()
    }

    fn presses(packets: &[Sent]) -> String {
        let mut receiver = Receiver::default();
        packets
            .iter()
            .filter_map(|p| receiver.receive(p.sequence, p.timestamp, p.marker, &p.payload).unwrap().press)
            .collect()
    }

    #[test]
    fn whatever_is_lost_a_press_is_one() {
        let all = press(5, 100, &mut 0, 4000);
        assert_eq!(presses(&all), "5");
        assert_eq!(presses(&all[3..]), "5", "lost start");
        assert_eq!(presses(&all[..2]), "5", "lost end");
        assert_eq!(presses(&all[6..]), "5", "the last end alone");
        let unmarked: Vec<_> = all.iter().map(|p| Sent { marker: false, ..*p }).collect();
        assert_eq!(presses(&unmarked), "5", "no marker");
        assert_eq!(presses(&press(11, 10, &mut 0, 0)), "#", "10 ms");
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        let mut sequence = 65_530;
        let first = press(1, 60, &mut sequence, u32::MAX - 100);
        let second = press(1, 60, &mut sequence, 800);
        assert_eq!(presses(&[&first[..1], &second[4..]].concat()), "11", "end and start lost");
        assert_eq!(presses(&[first, second].concat()), "11");
    }

    #[test]
    fn late_packets_of_an_earlier_press_are_nothing_new() {
        let mut sequence = 0;
        let first = press(1, 60, &mut sequence, 0);
        let second = press(2, 60, &mut sequence, 1000);
        let third = press(1, 60, &mut sequence, 2000);
        assert_eq!(presses(&[&first[..2], &second[..], &first[2..], &third[..2], &second[..1]].concat()), "121");
        // Overtaken as a whole, it still counts.
        assert_eq!(presses(&[second, first].concat()), "21");
    }

    #[test]
    fn a_press_of_twenty_seconds_is_one() {
        let mut packets = Vec::new();
        for segment in 0..3u32 {
            let payload = |d: u32, end: u8| [7, 10 | end, (d >> 8) as u8, d as u8];
            let start = 500 + segment * 0xFFFF;
            for n in 1..=410u32 {
                let sequence = (segment * 411 + n) as u16;
                let duration = (n * 160).min(0xFFFF);
                packets.push(Sent {
                    sequence,
                    timestamp: start,
                    marker: segment == 0 && n == 1,
                    payload: payload(duration, 0),
                });
            }
        }
        assert_eq!(presses(&packets), "7");
    }

    #[test]
    fn a_timestamp_that_moves_with_the_duration_is_one_press() {
        let packets: Vec<_> = press(3, 200, &mut 0, 0)
            .into_iter()
            .map(|p| Sent { timestamp: u32::from(u16::from_be_bytes([p.payload[2], p.payload[3]])), ..p })
            .collect();
        assert_eq!(presses(&packets), "3");
    }

    #[test]
    fn what_is_no_key_is_no_press() {
        assert_eq!(presses(&press(16, 100, &mut 0, 0)), "");
        assert_eq!(presses(&press(255, 100, &mut 0, 0)), "");
        assert_eq!(Receiver::default().receive(0, 0, true, &[1, 2, 3]), None);
    }

    /// Keys with their length and the pause after them in ms.
    fn plan() -> impl Strategy<Value = Vec<(u8, u32, u32)>> {
        proptest::collection::vec((0u8..16, 40u32..400, 40u32..300), 1..20)
    }

    /// Lost, doubled, late by so many places.
    fn fates() -> impl Strategy<Value = Vec<(bool, bool, u8)>> {
        let fate = (proptest::bool::weighted(0.3), proptest::bool::weighted(0.1), 0u8..4);
        proptest::collection::vec(fate, 600)
    }

    proptest! {
        #[test]
        fn every_press_that_gets_through_counts_once(plan in plan(), fates in fates(), mut sequence: u16, mut at: u32) {
            let (mut sent, mut expected) = (Vec::new(), String::new());
            let mut fates = fates.into_iter().cycle();
            let mut order = 0i64;
            for (event, ms, pause) in plan {
                let mut survived = false;
                for packet in press(event, ms, &mut sequence, at) {
                    let (lost, doubled, late) = fates.next().unwrap();
                    order += 10;
                    if !lost {
                        survived = true;
                        // Late by up to three places, which never passes the end of the next press.
                        sent.push((order + i64::from(late) * 10, packet));
                        if doubled { sent.push((order + 15, packet)); }
                    }
                }
                if survived { expected.push(key(event).unwrap()); }
                at = at.wrapping_add((ms + pause) * 8);
            }
            sent.sort_by_key(|(order, _)| *order);
            let heard = presses(&sent.into_iter().map(|(_, p)| p).collect::<Vec<_>>());
            // Two presses may be swapped, none may be lost or doubled.
            let sorted = |text: &str| { let mut c: Vec<char> = text.chars().collect(); c.sort(); c };
            prop_assert_eq!(sorted(&heard), sorted(&expected));
        }

        #[test]
        fn any_bytes_are_survived(packets in proptest::collection::vec(
            (any::<u16>(), any::<u32>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..8)), 0..50)) {
            let mut receiver = Receiver::default();
            for (sequence, timestamp, marker, payload) in packets {
                let heard = receiver.receive(sequence, timestamp, marker, &payload);
                prop_assert_eq!(heard.is_some(), payload.len() >= 4);
            }
        }
    }
}
