//! A reading for ears and eyes.

use std::io::Cursor;

use super::Reading;
use crate::media::resample::resample;

/// Between two takes of one message.
const PAUSE_MS: usize = 400;

/// A 16-bit mono WAV file.
pub fn wav(rate_hz: u32, samples: &[i16]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    // Writing to memory fails over 4 GiB only, a hundred times the longest take.
    let _ = write_wav(&mut file, rate_hz, samples);
    file.into_inner()
}

fn write_wav(file: &mut Cursor<Vec<u8>>, rate_hz: u32, samples: &[i16]) -> Result<(), hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(file, spec)?;
    // In parts: the writer for whole stretches counts them in 32 bits and copies them first.
    for part in samples.chunks(8192) {
        let mut some = writer.get_i16_writer(u32::try_from(part.len()).unwrap_or(0));
        part.iter().for_each(|sample| some.write_sample(*sample));
        some.flush()?;
    }
    writer.finalize()
}

/// `n` bars to draw: the highest sample of each equal part, 255 being full scale.
pub fn peaks(samples: &[i16], n: usize) -> Vec<u8> {
    let bound = |bar: usize| (bar as u128 * samples.len() as u128 / n.max(1) as u128) as usize;
    (0..n)
        .map(|bar| {
            // More bars than samples: each bar shows at least the sample under it.
            let (start, end) = (bound(bar), bound(bar + 1).max(bound(bar) + 1));
            let part = samples.get(start..end.min(samples.len())).unwrap_or_default();
            u8::try_from(peak(part) >> 7).unwrap_or(u8::MAX)
        })
        .collect()
}

/// The highest sample, regardless of its sign.
pub fn peak(samples: &[i16]) -> u16 {
    samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
}

/// The heard parts of several takes as one, with a short pause between them, at the highest of their
/// rates: sample rate in Hz, samples.
pub fn join(readings: &[Reading]) -> (u32, Vec<i16>) {
    let heard = || readings.iter().filter(|reading| !reading.heard_samples().is_empty());
    let rate_hz = heard().map(|reading| reading.rate_hz).max().unwrap_or(8000);
    let pause = usize::try_from(rate_hz).unwrap_or(0) * PAUSE_MS / 1000;
    let mut joined = Vec::new();
    for reading in heard() {
        if !joined.is_empty() {
            joined.resize(joined.len() + pause, 0);
        }
        joined.extend(resample(reading.heard_samples(), reading.rate_hz, rate_hz));
    }
    (rate_hz, joined)
}
