//! A jitter buffer for what a person listens to: as little delay as the network allows, in order, and
//! a hole is filled with what was said before it.
//!
//! Frames are 20 ms. The delay follows the interarrival jitter between 20 and 200 ms: it grows at once
//! when a packet comes too late, and shrinks in silence or by a frame every few seconds.
//! Recordings do not use it: they keep time instead.

use super::vad::level_dbfs;

/// Shortest and longest delay in frames: 20 and 200 ms.
const DEPTH_MIN: usize = 1;
const DEPTH_MAX: usize = 10;
/// Frames kept; more than the longest delay, for bursts.
const SLOTS: usize = 32;
/// A hole is filled with fading repetition for so many frames (G.711 appendix I fades over 60 ms), then silence.
const CONCEAL: u32 = 4;
/// Without a late packet for so many frames, the delay is tried one frame shorter: 4 s.
const CALM: u32 = 200;
/// Dropping a frame to get nearer is heard least under this level.
const QUIET_DB: f32 = -45.0;

/// What [`JitterBuffer::pull`] gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// What was said.
    Frame,
    /// A hole, filled.
    Concealed,
    /// Nothing: before the first packet, or a long hole.
    Silence,
}

/// The buffer of one listener.
#[derive(Debug)]
pub struct JitterBuffer {
    frame_len: usize,
    slots: Vec<Slot>,
    /// Number of the frame that is played next; none: filling up.
    next: Option<u32>,
    newest: u32,
    depth: usize,
    calm: u32,
    missing: u32,
    /// Frames by which the delay is to grow: each is a repetition.
    hold: usize,
    last: Vec<i16>,
    late: u64,
}

#[derive(Debug, Default)]
struct Slot {
    number: Option<u32>,
    samples: Vec<i16>,
}

impl JitterBuffer {
    /// For frames of 20 ms at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        let frame_len = usize::try_from(rate_hz / 50).unwrap_or(160).max(1);
        let slots = (0..SLOTS).map(|_| Slot { number: None, samples: Vec::with_capacity(frame_len) }).collect();
        JitterBuffer {
            frame_len,
            slots,
            next: None,
            newest: 0,
            depth: 2,
            calm: 0,
            missing: 0,
            hold: 0,
            last: vec![0; frame_len],
            late: 0,
        }
    }

    /// A frame that arrived. `number` counts frames by RTP timestamp (timestamp ÷ 160) and may wrap.
    pub fn push(&mut self, number: u32, samples: &[i16]) {
        if let Some(next) = self.next {
            let ahead = number.wrapping_sub(next) as i32;
            if ahead < 0 && ahead > -(SLOTS as i32) {
                // Too late to be heard: the delay was too short.
                self.late += 1;
                self.hold += usize::from(self.deepen());
                return;
            }
            if ahead == 0 && self.missing > 0 {
                // Waited for: the delay has grown by that already.
                self.deepen();
            }
            if ahead < 0 || ahead >= SLOTS as i32 {
                self.restart();
            }
        }
        if self.is_empty() || (number.wrapping_sub(self.newest) as i32) > 0 {
            self.newest = number;
        }
        if let Some(slot) = self.slots.get_mut(number as usize % SLOTS) {
            slot.number = Some(number);
            slot.samples.clear();
            slot.samples.extend(samples.iter().take(self.frame_len));
            slot.samples.resize(self.frame_len, 0);
        }
    }

    /// The next 20 ms into `out`, which has [`JitterBuffer::frame_len`] samples.
    pub fn pull(&mut self, out: &mut [i16]) -> Pulled {
        let Some(next) = self.begin() else {
            out.fill(0);
            return Pulled::Silence;
        };
        self.calm += 1;
        if self.calm >= CALM && self.depth > DEPTH_MIN {
            (self.depth, self.calm) = (self.depth - 1, 0);
        }
        if self.hold > 0 {
            self.hold -= 1;
            return self.conceal(out);
        }
        let next = self.come_nearer(next);
        self.next = Some(next.wrapping_add(1));
        if self.take(next) {
            self.missing = 0;
            copy(&self.last, out, 1.0);
            return Pulled::Frame;
        }
        if (self.newest.wrapping_sub(next) as i32) < 0 {
            // Ran dry: wait for the frame rather than skip it.
            self.next = Some(next);
        }
        self.conceal(out)
    }

    /// Samples of a frame.
    pub fn frame_len(&self) -> usize {
        self.frame_len
    }

    /// The delay that is aimed at, in frames of 20 ms.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Frames that came too late.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// The frame to play, once enough is there.
    fn begin(&mut self) -> Option<u32> {
        if self.next.is_none() {
            let oldest =
                self.slots.iter().filter_map(|slot| slot.number).min_by_key(|n| n.wrapping_sub(self.newest) as i32)?;
            let waiting = self.newest.wrapping_sub(oldest) as usize + 1;
            self.next = (waiting >= self.depth).then_some(oldest);
        }
        self.next
    }

    /// Aims at a longer delay; false: it is the longest.
    fn deepen(&mut self) -> bool {
        self.calm = 0;
        let deeper = self.depth < DEPTH_MAX;
        self.depth += usize::from(deeper);
        deeper
    }

    /// Skips a quiet frame, or any when far too many wait.
    fn come_nearer(&mut self, next: u32) -> u32 {
        let waiting = self.newest.wrapping_sub(next) as i32 + 1;
        let excess = waiting - self.depth as i32;
        let quiet = || self.slot(next).is_none_or(|slot| level_dbfs(&slot.samples) < QUIET_DB);
        if excess > DEPTH_MAX as i32 || (excess > 1 && quiet()) { next.wrapping_add(1) } else { next }
    }

    fn slot(&self, number: u32) -> Option<&Slot> {
        self.slots.get(number as usize % SLOTS).filter(|slot| slot.number == Some(number))
    }

    /// Moves the frame to `last`.
    fn take(&mut self, number: u32) -> bool {
        let slot = self.slots.get_mut(number as usize % SLOTS).filter(|slot| slot.number == Some(number));
        let Some(slot) = slot else { return false };
        slot.number = None;
        std::mem::swap(&mut self.last, &mut slot.samples);
        true
    }

    fn conceal(&mut self, out: &mut [i16]) -> Pulled {
        self.missing += 1;
        if self.missing > CONCEAL {
            out.fill(0);
            if self.is_empty() {
                self.restart();
            }
            return Pulled::Silence;
        }
        copy(&self.last, out, 1.0 - self.missing as f32 / (CONCEAL + 1) as f32);
        Pulled::Concealed
    }

    fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.number.is_none())
    }

    fn restart(&mut self) {
        (self.next, self.hold, self.missing) = (None, 0, 0);
        for slot in &mut self.slots {
            slot.number = None;
        }
    }
}

fn copy(from: &[i16], to: &mut [i16], gain: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = (f32::from(*from) * gain) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A loud frame that says its number.
    fn frame(number: u32) -> Vec<i16> {
        let loud = 5000 + number as i16 % 1000;
        (0..160).map(|n| if n % 2 == 0 { loud } else { -loud }).collect()
    }

    fn number(samples: &[i16]) -> i16 {
        samples[0] - 5000
    }

    /// Arrivals as (tick, number); gives what was pulled at each tick.
    fn listen(arrivals: &[(u32, u32)], ticks: u32) -> (Vec<(Pulled, i16)>, JitterBuffer) {
        let mut buffer = JitterBuffer::new(8000);
        let mut out = [0; 160];
        let heard = (0..ticks)
            .map(|tick| {
                for (_, number) in arrivals.iter().filter(|(at, _)| *at == tick) {
                    buffer.push(*number, &frame(*number));
                }
                (buffer.pull(&mut out), number(&out))
            })
            .collect();
        (heard, buffer)
    }

    fn frames(heard: &[(Pulled, i16)]) -> Vec<i16> {
        heard.iter().filter(|(pulled, _)| *pulled == Pulled::Frame).map(|(_, n)| *n).collect()
    }

    #[test]
    fn even_arrival_is_heard_in_full_and_the_delay_shrinks() {
        let (heard, buffer) = listen(&(0..900).map(|n| (n, n)).collect::<Vec<_>>(), 900);
        assert_eq!(frames(&heard)[..800], (0..800).collect::<Vec<i16>>());
        assert_eq!((buffer.depth(), buffer.late()), (DEPTH_MIN, 0));
    }

    #[test]
    fn swapped_frames_are_put_right() {
        let (heard, _) = listen(&(0..100).map(|n| (n ^ 1, n)).collect::<Vec<_>>(), 102);
        let frames = frames(&heard);
        assert!(frames.windows(2).all(|pair| pair[0] < pair[1]), "{frames:?}");
        assert!(frames.len() >= 98);
    }

    #[test]
    fn a_lost_frame_is_repeated_softer_and_a_long_hole_is_silent() {
        let arrivals: Vec<_> = (0..100).filter(|n| *n != 20 && !(40..60).contains(n)).map(|n| (n, n)).collect();
        let (heard, _) = listen(&arrivals, 103);
        let concealed = |part: &[(Pulled, i16)]| part.iter().filter(|(pulled, _)| *pulled == Pulled::Concealed).count();
        assert_eq!((concealed(&heard[..40]), concealed(&heard[40..100])), (1, 4), "{heard:?}");
        let hole = heard.iter().position(|(pulled, _)| *pulled == Pulled::Concealed).unwrap();
        assert_eq!(heard[hole].1 + 5000, (f32::from(heard[hole - 1].1 + 5000) * 0.8) as i16);
        assert!(heard[48..59].iter().all(|(pulled, _)| *pulled == Pulled::Silence), "{heard:?}");
        let expected: Vec<i16> = (0..100).filter(|n| *n != 20 && !(40..60).contains(n)).collect();
        assert_eq!(frames(&heard), expected);
    }

    #[test]
    fn the_delay_grows_with_late_frames_and_then_all_are_heard() {
        // Every tenth frame is 100 ms late.
        let arrivals: Vec<_> = (0..300).map(|n| (if n % 10 == 0 { n + 5 } else { n }, n)).collect();
        let (heard, buffer) = listen(&arrivals, 320);
        assert!(buffer.depth() > 4 && buffer.late() < 8, "{} {}", buffer.depth(), buffer.late());
        let end = frames(&heard);
        let end = &end[end.len() - 100..];
        assert!(end.windows(2).all(|pair| pair[1] == pair[0] + 1), "{end:?}");
    }

    #[test]
    fn a_jump_starts_anew() {
        let arrivals: Vec<_> = (0..50).map(|n| (n, n)).chain((50..100).map(|n| (n, n + 900))).collect();
        let (heard, _) = listen(&arrivals, 110);
        assert!(frames(&heard).contains(&999), "{:?}", frames(&heard));
    }

    proptest! {
        #[test]
        fn frames_never_go_back_and_delay_is_bounded(delays in proptest::collection::vec((0u32..8, any::<bool>()), 50..200)) {
            let arrivals: Vec<_> = delays.iter().enumerate().filter(|(_, (_, there))| *there)
                .map(|(n, (delay, _))| (n as u32 + delay, n as u32)).collect();
            let (heard, buffer) = listen(&arrivals, delays.len() as u32 + 40);
            let frames = frames(&heard);
            prop_assert!(frames.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", frames);
            prop_assert!((DEPTH_MIN..=DEPTH_MAX).contains(&buffer.depth()));
            for (tick, (pulled, number)) in heard.iter().enumerate() {
                if *pulled == Pulled::Frame {
                    prop_assert!(tick as i64 - i64::from(*number) <= 31, "frame {} at {}", number, tick);
                }
            }
        }

        #[test]
        fn any_numbers_are_survived(numbers in proptest::collection::vec((any::<u32>(), 0usize..400), 1..200)) {
            let mut buffer = JitterBuffer::new(16_000);
            let mut out = vec![0; buffer.frame_len()];
            for (number, length) in numbers {
                buffer.push(number, &vec![1; length]);
                buffer.pull(&mut out);
            }
        }
    }
}
