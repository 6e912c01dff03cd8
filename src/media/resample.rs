//! From one sample rate to another.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler, WindowFunction};

/// The rates that we convert between. A free choice would let a stranger's file pick a pair without a
/// common divisor, and with it a filter as long as the file.
pub const RATES_HZ: [u32; 11] = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000];

/// About so many samples are converted at a time: the filter is as long.
const CHUNK: usize = 512;

/// `samples` of `from_hz` at `to_hz`, both of [`RATES_HZ`], in the same place and rounded up to whole
/// samples; as they are where a rate is none of those. Needs memory for its result and no more.
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == to_hz || samples.is_empty() {
        return samples.to_vec();
    }
    convert(samples, from_hz, to_hz).unwrap_or_else(|| samples.to_vec())
}

fn convert(samples: &[i16], from_hz: u32, to_hz: u32) -> Option<Vec<i16>> {
    if !RATES_HZ.contains(&from_hz) || !RATES_HZ.contains(&to_hz) {
        return None;
    }
    let (from, to) = (usize::try_from(from_hz).ok()?, usize::try_from(to_hz).ok()?);
    // The delay is half a chunk: a whole number of samples on both sides, else all would be shifted.
    let unit = from / gcd(from, to);
    let chunk = unit * (CHUNK / unit).max(2).next_multiple_of(2);
    let mut filter =
        Fft::<f32>::new_custom(from, to, chunk, 1, 1, WindowFunction::BlackmanHarris2, FixedSync::Both).ok()?;
    let wanted = samples.len().checked_mul(to)?.div_ceil(from);
    let (into, out_of) = (filter.input_frames_next(), filter.output_frames_next());
    let mut skip = filter.output_delay();
    let (mut input, mut output) = (vec![0_f32; into], vec![0_f32; out_of]);
    let mut converted = Vec::with_capacity(wanted);
    let mut chunks = samples.chunks(into);
    // Behind the last chunk comes silence, until what the filter holds back is out.
    while converted.len() < wanted {
        let chunk = chunks.next().unwrap_or_default();
        input.fill(0.0);
        for (slot, sample) in input.iter_mut().zip(chunk) {
            *slot = f32::from(*sample);
        }
        let source = InterleavedSlice::new(&input, 1, into).ok()?;
        let mut sink = InterleavedSlice::new_mut(&mut output, 1, out_of).ok()?;
        filter.process_into_buffer(&source, &mut sink, None::<&Indexing>).ok()?;
        let heard = output.get(skip.min(out_of)..).unwrap_or_default();
        skip = skip.saturating_sub(out_of);
        let room = wanted - converted.len();
        converted.extend(heard.iter().take(room).map(|sample| to_i16(*sample)));
    }
    Some(converted)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Saturates: a filter may go over the top of a loud signal.
fn to_i16(sample: f32) -> i16 {
    sample.round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, rate_hz: u32, samples: usize) -> Vec<i16> {
        let step = hz * std::f32::consts::TAU / rate_hz as f32;
        (0..samples).map(|n| (10_000.0 * (n as f32 * step).sin()) as i16).collect()
    }

    fn rms(samples: &[i16]) -> f32 {
        (samples.iter().map(|s| f32::from(*s).powi(2)).sum::<f32>() / samples.len() as f32).sqrt()
    }

    #[test]
    fn a_sound_stays_what_and_where_it_was() {
        for from in RATES_HZ {
            for to in [8000, 16_000] {
                let converted = resample(&sine(700.0, from, from as usize), from, to);
                let expected = sine(700.0, to, to as usize);
                assert_eq!(converted.len(), expected.len(), "{from} to {to}");
                let middle = to as usize / 4..to as usize / 2;
                let error: Vec<i16> =
                    converted[middle.clone()].iter().zip(&expected[middle]).map(|(a, b)| a - b).collect();
                assert!(rms(&error) < 70.0, "{from} to {to}: {}", rms(&error));
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_gone() {
        let folded = resample(&sine(6000.0, 16_000, 16_000), 16_000, 8000);
        assert!(rms(&folded[1000..7000]) < 20.0, "{}", rms(&folded[1000..7000]));
    }

    #[test]
    fn lengths_are_exact_and_odd_rates_are_left_alone() {
        for length in [0, 1, 159, 160, 1023, 1024, 1025, 5000] {
            let samples = vec![5; length];
            assert_eq!(resample(&samples, 16_000, 8000).len(), length.div_ceil(2));
            assert_eq!(resample(&samples, 8000, 16_000).len(), length * 2);
        }
        assert_eq!(resample(&[1, 2, 3], 44_101, 8000), [1, 2, 3]);
    }
}
