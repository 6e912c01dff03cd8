//! Finds the beep of an answering machine: a steady tone of 1000 Hz, then none.

use crate::media::take;

/// The tone lasts at least so many 20 ms frames.
const FRAMES_MIN: u32 = 8;
/// Share of a frame's energy that lies in the tone.
const SHARE_MIN: f64 = 0.7;
/// Quieter is no beep: −40 dBFS.
const LEVEL_MIN: f64 = 330.0;

/// Looks at what is heard, piece by piece.
#[derive(Debug, Default)]
pub(super) struct BeepFinder {
    /// Samples looked at so far, at the rate of the take.
    seen: usize,
    frames: u32,
}

impl BeepFinder {
    /// New blocks of the take were heard: true once a beep has ended in them.
    pub(super) fn find(&mut self, blocks: &[u8]) -> bool {
        if blocks.is_empty() {
            return false;
        }
        let reading = take::read(blocks);
        let frame = usize::try_from(reading.rate_hz / 50).unwrap_or(160);
        let fresh = reading.samples.get(self.seen..).unwrap_or_default();
        self.seen = reading.samples.len();
        let mut found = false;
        for frame in fresh.chunks(frame) {
            if is_tone(frame, f64::from(reading.rate_hz)) {
                self.frames += 1;
            } else {
                found |= self.frames >= FRAMES_MIN;
                self.frames = 0;
            }
        }
        found
    }
}

/// Goertzel's algorithm at 1000 Hz against the whole energy of the frame.
fn is_tone(frame: &[i16], rate_hz: f64) -> bool {
    let turn = 2.0 * (2.0 * std::f64::consts::PI * 1000.0 / rate_hz).cos();
    let (mut last, mut before, mut energy) = (0.0, 0.0, 0.0);
    for sample in frame {
        let sample = f64::from(*sample);
        energy += sample * sample;
        (last, before) = (sample + turn * last - before, last);
    }
    let length = f64::from(u32::try_from(frame.len()).unwrap_or(u32::MAX));
    let tone = (last * last + before * before - turn * last * before) * 2.0 / length;
    energy > LEVEL_MIN * LEVEL_MIN * length && tone > SHARE_MIN * energy
}
