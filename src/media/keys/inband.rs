//! Tones in the audio: what keys are where RFC 4733 was not negotiated.
//!
//! Crate `dtmf` finds them (blocks of 25 ms, two in a row). It is easily taken in by speech, so a find
//! counts only if the two tones are nearly all that there is to hear, and neither much louder than the
//! other: a talker's vowel has more in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dtmf::decoder::Decoder;
use dtmf::enums::{State, Tone};

use super::frequencies;

/// Samples of what a find is judged by: the two blocks in which it was found.
const JUDGED: usize = 400;
/// The tones are at least this part of all power. Speech stays under it, a noisy line over it.
const PURITY: f32 = 0.7;
/// The louder tone has at most this many times the power of the other: 10 dB (Q.24 asks for 8 at most).
const TWIST: f32 = 10.0;
/// Tones under this mean square are the line's echo of something: −40 dBFS.
const QUIETEST: f32 = 1e-4;

/// What a frame brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing of keys.
    Nothing,
    /// A press was found: its tone began up to [`FOUND_AFTER`] ago.
    Press(char),
    /// The tone goes on.
    Tone,
}

/// How late a tone is found, in 1/8000 s: three blocks of 25 ms at most, and a frame.
pub const FOUND_AFTER: i64 = 600 + 160;

type Detector = Decoder<Box<dyn FnMut(Tone, State) + Send>>;

/// Listens to one line at 8000 Hz.
pub struct Listener {
    decoder: Detector,
    /// What the decoder said last: its callback cannot reach the rest of us.
    said: Arc<AtomicU32>,
    on: bool,
    recent: [f32; JUDGED],
    at: usize,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("on", &self.on).finish_non_exhaustive()
    }
}

const NOTHING: u32 = 0;
const OFF: u32 = 1;

impl Default for Listener {
    fn default() -> Self {
        let said = Arc::new(AtomicU32::new(NOTHING));
        let hear = Arc::clone(&said);
        let decoder: Detector = Decoder::new(
            8000,
            Box::new(move |tone, state| {
                let word = if state == State::On { u32::from(tone.as_char()) } else { OFF };
                hear.store(word, Ordering::Relaxed);
            }),
        );
        Listener { decoder, said, on: false, recent: [0.0; JUDGED], at: 0 }
    }
}

impl Listener {
    /// The next samples of the line, 8000 a second.
    pub fn hear(&mut self, samples: &[i16]) -> Heard {
        let mut heard = Heard::Nothing;
        // Small pieces: the judged samples are those in which the tone was found.
        for piece in samples.chunks(40) {
            let mut floats = [0.0; 40];
            for (float, sample) in floats.iter_mut().zip(piece) {
                *float = f32::from(*sample) / 32_768.0;
                if let Some(slot) = self.recent.get_mut(self.at) {
                    *slot = *float;
                }
                self.at = (self.at + 1) % JUDGED;
            }
            self.decoder.process(floats.get(..piece.len()).unwrap_or_default());
            match self.said.swap(NOTHING, Ordering::Relaxed) {
                NOTHING => {}
                OFF => self.on = false,
                key => {
                    let key = char::from_u32(key).filter(|key| self.is_pure(*key));
                    self.on = key.is_some();
                    heard = key.map_or(heard, Heard::Press);
                }
            }
        }
        if heard == Heard::Nothing && self.on { Heard::Tone } else { heard }
    }

    fn is_pure(&self, key: char) -> bool {
        let Some((low, high)) = frequencies(key) else { return false };
        let all = self.recent.iter().map(|s| s * s).sum::<f32>() / JUDGED as f32;
        let (low, high) = (self.power(low), self.power(high));
        all > QUIETEST && low + high > PURITY * all && low < high * TWIST && high < low * TWIST
    }

    /// Mean square of the part at `hz`. The ring's seam is no matter: both sides of it are one tone
    /// only when read in order, so it is.
    fn power(&self, hz: f32) -> f32 {
        let (newer, older) = self.recent.split_at(self.at);
        let step = std::f32::consts::TAU * hz / 8000.0;
        let (mut re, mut im) = (0.0f32, 0.0f32);
        for (n, sample) in older.iter().chain(newer).enumerate() {
            let (sin, cos) = (step * n as f32).sin_cos();
            re += sample * cos;
            im += sample * sin;
        }
        let count = JUDGED as f32;
        2.0 * (re * re + im * im) / (count * count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, amplitude: f32, n: usize) -> f32 {
        amplitude * (std::f32::consts::TAU * hz * n as f32 / 8000.0).sin()
    }

    /// A key of `ms` at `amplitude`, then 100 ms of nothing.
    fn tone(key: char, ms: usize, amplitude: f32, twist: f32) -> Vec<i16> {
        let (low, high) = frequencies(key).unwrap();
        let mut samples: Vec<i16> = (0..ms * 8)
            .map(|n| ((sine(low, amplitude, n) + sine(high, amplitude * twist, n)) * 32_767.0) as i16)
            .collect();
        samples.extend([0; 800]);
        samples
    }

    fn keys(samples: &[i16]) -> String {
        let mut listener = Listener::default();
        samples
            .chunks(160)
            .filter_map(|frame| match listener.hear(frame) {
                Heard::Press(key) => Some(key),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn every_key_once() {
        let all = "1234567890*#ABCD";
        for amplitude in [0.03, 0.1, 0.4] {
            let samples: Vec<i16> = all.chars().flat_map(|key| tone(key, 100, amplitude, 1.0)).collect();
            assert_eq!(keys(&samples), all, "{amplitude}");
        }
        assert_eq!(keys(&[tone('5', 80, 0.2, 1.0), tone('5', 2000, 0.2, 1.0)].concat()), "55");
    }

    #[test]
    fn one_tone_and_mixtures_are_no_keys() {
        let mixed: Vec<i16> = (0..8000)
            .map(|n| ((sine(697.0, 0.1, n) + sine(1209.0, 0.1, n) + sine(300.0, 0.2, n)) * 32_767.0) as i16)
            .collect();
        assert_eq!(keys(&mixed), "");
        assert_eq!(keys(&tone('1', 500, 0.2, 0.01)), "");
        assert_eq!(keys(&tone('1', 500, 0.005, 1.0)), "", "too quiet");
        assert_eq!(keys(&[0; 8000]), "");
    }

    #[test]
    fn a_tone_is_reported_while_it_lasts_and_found_in_time() {
        let mut listener = Listener::default();
        let heard: Vec<_> = tone('9', 200, 0.2, 1.0).chunks(160).map(|frame| listener.hear(frame)).collect();
        let found = heard.iter().position(|h| *h == Heard::Press('9')).unwrap();
        assert!((found as i64 + 1) * 160 <= FOUND_AFTER, "{heard:?}");
        assert!(heard[found + 1..10].iter().all(|h| *h == Heard::Tone), "{heard:?}");
        assert_eq!(heard.last(), Some(&Heard::Nothing));
    }
}
