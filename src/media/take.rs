//! The file of a take, as it is written while the caller speaks, and what is read from it at the end.
//!
//! A file is a row of blocks, each with its place on the time line, so that a lost packet, a pause
//! (DTX), a dropped chunk or a change of codec costs no time, and a file cut off anywhere by a crash
//! is readable up to its last whole block.

mod block;
mod render;
#[cfg(test)]
mod tests;

pub use block::{Block, Blocks, put_block, put_end};
pub use render::{join, peak, peaks, wav};

use std::ops::Range;
use std::time::Duration;

use audio_codec::Decoder;
use audio_codec::g722::G722Decoder;

use super::contract::Codec;
use super::g711::{alaw, ulaw};
use super::resample::resample;
use super::vad;

/// Longest take that is read: half an hour, in 1/8000 s. What lies behind is left out and the reading
/// is marked as damaged: it bounds the memory.
const LENGTH_MAX: u32 = 30 * 60 * 8000;
/// Kept before the first sound: a soft onset lies under the threshold.
const LEAD_MS: usize = 30;
/// Kept after the last sound.
const TAIL_MS: usize = 40;

/// What a take holds, decided from its file alone: the same at hang-up and after a crash.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// 8000 or 16000 Hz: 16000 where G.722 was heard.
    pub rate_hz: u32,
    /// The whole take on its time line, gaps filled with silence.
    pub samples: Vec<i16>,
    /// The part to listen to, without leading and trailing silence: sample indices, `start..end`.
    /// Empty where there was no sound.
    pub heard: Range<usize>,
    /// How much of it was sound over the line's noise floor.
    pub sound: Duration,
    /// Highest sample.
    pub peak: u16,
    /// A block was damaged: what could be read is here.
    pub damaged: bool,
}

impl Reading {
    /// The part to listen to.
    pub fn heard_samples(&self) -> &[i16] {
        self.samples.get(self.heard.clone()).unwrap_or_default()
    }

    /// How long [`Reading::heard_samples`] lasts.
    pub fn heard_duration(&self) -> Duration {
        duration(self.heard.len(), self.rate_hz)
    }
}

/// Reads a take's file, or what a crash left of it.
pub fn read(file: &[u8]) -> Reading {
    let mut source = Blocks::new(file);
    let blocks: Vec<Block<'_>> = source.by_ref().collect();
    let wide = blocks.iter().any(|block| matches!(block, Block::Audio { codec: Codec::G722, .. }));
    let length = blocks.iter().map(end).max().unwrap_or(0);
    let mut line = Line::new(length.min(LENGTH_MAX), wide);
    for block in &blocks {
        if let Block::Audio { codec, position, payload } = block {
            line.put(*codec, *position, payload);
        }
    }
    let samples = line.finish();
    let rate_hz = if wide { 16_000 } else { 8000 };
    let sound = vad::analyse(&samples, rate_hz);
    Reading {
        rate_hz,
        heard: heard(&sound, samples.len(), rate_hz),
        sound: Duration::from_millis(u64::from(vad::FRAME_MS) * sound.iter().filter(|s| **s).count() as u64)
            .min(duration(samples.len(), rate_hz)),
        peak: peak(&samples),
        damaged: source.damaged() || length > LENGTH_MAX,
        samples,
    }
}

fn end(block: &Block<'_>) -> u32 {
    match block {
        Block::Audio { position, payload, .. } => {
            position.saturating_add(u32::try_from(payload.len()).unwrap_or(u32::MAX))
        }
        Block::End { position } => *position,
    }
}

/// From the first sound to the last, with a little around it.
fn heard(sound: &[bool], samples: usize, rate_hz: u32) -> Range<usize> {
    let ms = usize::try_from(rate_hz / 1000).unwrap_or(8);
    let frame = usize::try_from(vad::FRAME_MS).unwrap_or(20) * ms;
    let Some((first, last)) = sound.iter().position(|s| *s).zip(sound.iter().rposition(|s| *s)) else {
        return 0..0;
    };
    (first * frame).saturating_sub(LEAD_MS * ms)..((last + 1) * frame + TAIL_MS * ms).min(samples)
}

fn duration(samples: usize, rate_hz: u32) -> Duration {
    Duration::from_nanos(samples as u64 * 1_000_000_000 / u64::from(rate_hz.max(1)))
}

/// The time line that blocks are decoded onto; what none of them covers is silence.
struct Line {
    samples: Vec<i16>,
    wide: bool,
    /// G.722 adapts to what it heard, so one decoder hears all that follows on each other.
    g722: G722Decoder,
    /// On a wide line, G.711 that lies together is brought up to 16 kHz together: block by block it
    /// would click at the seams.
    narrow: Vec<i16>,
    narrow_at: usize,
}

impl Line {
    fn new(length: u32, wide: bool) -> Self {
        let length = usize::try_from(length).unwrap_or(0) * if wide { 2 } else { 1 };
        Line { samples: vec![0; length], wide, g722: G722Decoder::new(), narrow: Vec::new(), narrow_at: 0 }
    }

    fn put(&mut self, codec: Codec, position: u32, payload: &[u8]) {
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        match codec {
            Codec::G722 => {
                self.flush();
                let decoded = self.g722.decode(payload);
                self.place(at.saturating_mul(2), decoded);
            }
            Codec::Pcma | Codec::Pcmu => {
                let sample = if codec == Codec::Pcmu { ulaw } else { alaw };
                let decoded = payload.iter().map(|byte| sample(*byte));
                if !self.wide {
                    return self.place(at, decoded);
                }
                if at != self.narrow_at.saturating_add(self.narrow.len()) {
                    self.flush();
                    self.narrow_at = at;
                }
                // What is behind the end would be placed nowhere: it need not be gathered either.
                let room = (self.samples.len() / 2).saturating_sub(at);
                self.narrow.extend(decoded.take(room));
                // The next G.722 comes from an encoder that starts anew.
                self.g722 = G722Decoder::new();
            }
        }
    }

    fn place(&mut self, at: usize, decoded: impl IntoIterator<Item = i16>) {
        for (slot, sample) in self.samples.iter_mut().skip(at).zip(decoded) {
            *slot = sample;
        }
    }

    fn flush(&mut self) {
        let narrow = std::mem::take(&mut self.narrow);
        let wide = resample(&narrow, 8000, 16_000);
        self.place(self.narrow_at.saturating_mul(2), wide);
        self.narrow_at = self.narrow_at.saturating_add(narrow.len());
    }

    fn finish(mut self) -> Vec<i16> {
        self.flush();
        self.samples
    }
}
