//! Keys as they go out: RFC 4733 §2.5.1, or tones in the audio where it was not negotiated.
//!
//! A key takes eight slots of 20 ms: 100 ms of tone, 60 ms of pause. Its end is sent three times, in
//! the pause's first slots, so that one lost packet or two leave it whole (§2.5.1.4).

use std::collections::VecDeque;

use audio_codec::Encoder;
use audio_codec::g722::G722Encoder;

use super::{event, frequencies};
use crate::media::contract::Codec;
use crate::media::g711;
use crate::media::limits::SEND_KEYS_MAX;

/// 20 ms in 1/8000 s.
pub const SLOT: u32 = 160;
/// 100 ms of tone.
const TONE_SLOTS: u32 = 5;
const SLOTS: u32 = 8;
/// `,`: half a second.
const PAUSE_SLOTS: u32 = 25;
/// Each of the two tones, RMS under full scale: −9 and −11 dBm0 with the usual twist.
const LOW: f32 = 0.25;
const HIGH: f32 = 0.31;
/// −10 dBm0 (RFC 4733 §2.3.3).
const VOLUME: u8 = 10;

/// What goes out in a slot of 20 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A telephone-event packet.
    Event {
        /// Timestamp of the press, as slots before now.
        slots_ago: u32,
        /// First packet of a press.
        marker: bool,
        /// Its four bytes.
        payload: [u8; 4],
    },
    /// 20 ms of this key's tones, from this slot of it.
    Tone(char, u32),
    /// 20 ms of silence.
    Silence,
}

/// The keys that wait.
#[derive(Debug, Default)]
pub struct Sender {
    waiting: VecDeque<char>,
    slot: u32,
}

impl Sender {
    /// Appends keys; what is no key and no comma is left out, as is what exceeds the limit.
    pub fn push(&mut self, keys: &str) {
        let room = SEND_KEYS_MAX.saturating_sub(self.waiting.len());
        let known = |c: &char| *c == ',' || event(*c).is_some();
        self.waiting.extend(keys.chars().filter(known).map(|c| c.to_ascii_uppercase()).take(room));
    }

    /// The next 20 ms; none: nothing waits. `as_event`: telephone-event was negotiated.
    pub fn next(&mut self, as_event: bool) -> Option<Slot> {
        let key = *self.waiting.front()?;
        let slot = self.slot;
        let slots = if key == ',' { PAUSE_SLOTS } else { SLOTS };
        self.slot += 1;
        if self.slot >= slots {
            self.slot = 0;
            self.waiting.pop_front();
        }
        Some(match event(key) {
            Some(event) if as_event => Self::event_slot(event, slot),
            Some(_) if slot < TONE_SLOTS => Slot::Tone(key, slot),
            _ => Slot::Silence,
        })
    }

    fn event_slot(event: u8, slot: u32) -> Slot {
        // The packet of a slot says how long the tone is by the slot's end. The last slot of the tone
        // says that it ends, and two repeat it.
        let ends = slot + 1 >= TONE_SLOTS;
        if slot >= TONE_SLOTS + 2 {
            return Slot::Silence;
        }
        let duration = (slot + 1).min(TONE_SLOTS) * SLOT;
        let [_, _, high, low] = duration.to_be_bytes();
        let flags = VOLUME | if ends { 0x80 } else { 0 };
        Slot::Event { slots_ago: slot, marker: slot == 0, payload: [event, flags, high, low] }
    }
}

/// Makes tones in the codec of the line.
pub struct Tones {
    g722: Box<G722Encoder>,
}

impl std::fmt::Debug for Tones {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tones")
    }
}

impl Default for Tones {
    fn default() -> Self {
        Tones { g722: Box::new(G722Encoder::new()) }
    }
}

impl Tones {
    /// Appends 20 ms of `key`, from its `slot`th.
    pub fn put(&mut self, codec: Codec, key: char, slot: u32, out: &mut Vec<u8>) {
        let Some((low, high)) = frequencies(key) else { return };
        let rate = if codec == Codec::G722 { 16_000.0 } else { 8000.0 };
        let first = slot as f32 * rate / 50.0;
        let sample = |n: usize| {
            let t = std::f32::consts::TAU * (first + n as f32) / rate;
            ((LOW * (low * t).sin() + HIGH * (high * t).sin()) * 32_767.0) as i16
        };
        match codec {
            Codec::Pcma => out.extend((0..160).map(|n| g711::to_alaw(sample(n)))),
            Codec::Pcmu => out.extend((0..160).map(|n| g711::to_ulaw(sample(n)))),
            Codec::G722 => {
                let samples: [i16; 320] = std::array::from_fn(sample);
                let mut bytes = [0; 161];
                let made = self.g722.encode_into(&samples, &mut bytes).unwrap_or(0);
                out.extend_from_slice(bytes.get(..made).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(keys: &str, as_event: bool) -> Vec<Slot> {
        let mut sender = Sender::default();
        sender.push(keys);
        std::iter::from_fn(|| sender.next(as_event)).collect()
    }

    #[test]
    fn a_key_is_100_ms_and_ends_three_times() {
        let sent = slots("#", true);
        assert_eq!(sent.len(), 8, "160 ms");
        let bytes: Vec<_> = sent
            .iter()
            .filter_map(|s| match s {
                Slot::Event { slots_ago, marker, payload } => Some((
                    *slots_ago,
                    *marker,
                    payload[0],
                    payload[1] >> 7,
                    u16::from_be_bytes([payload[2], payload[3]]),
                )),
                _ => None,
            })
            .collect();
        let expected = [
            (0, true, 11, 0, 160),
            (1, false, 11, 0, 320),
            (2, false, 11, 0, 480),
            (3, false, 11, 0, 640),
            (4, false, 11, 1, 800),
            (5, false, 11, 1, 800),
            (6, false, 11, 1, 800),
        ];
        assert_eq!(bytes, expected);
        assert_eq!(sent[7], Slot::Silence);
    }

    #[test]
    fn commas_wait_and_nonsense_is_left_out() {
        assert_eq!(slots("1, x2", true).len(), 8 + 25 + 8);
        assert!(slots(",", true).iter().all(|s| *s == Slot::Silence));
        assert_eq!(slots("d", false)[0], Slot::Tone('D', 0));
        assert_eq!(slots(&"1".repeat(10_000), true).len(), SEND_KEYS_MAX * 8);
    }

    #[test]
    fn tones_are_20_ms_in_every_codec() {
        for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
            let mut out = Vec::new();
            Tones::default().put(codec, '5', 0, &mut out);
            assert_eq!(out.len(), 160);
        }
    }
}
