//! Was it heard? Normalised cross-correlation at 8 kHz.

use nightdesk::media::{Prompts, g711};
use realfft::RealFftPlanner;

/// How well `clip` is to be heard somewhere in `heard`, both at 8 kHz: 1 is exactly, 0.9 and more is
/// heard. What is cut off at either end of `heard` counts as missing.
pub fn correlation(heard: &[i16], clip: &[i16]) -> f32 {
    best(heard, clip).0
}

/// The same, with the place in `heard` where the clip starts (negative: its start is cut off).
pub fn best(heard: &[i16], clip: &[i16]) -> (f32, isize) {
    let loud: f64 = clip.iter().map(|s| f64::from(*s).powi(2)).sum();
    if loud == 0.0 || heard.is_empty() {
        return (0.0, 0);
    }
    // Silence around: a clip may hang out at both ends.
    let padded: Vec<f64> =
        [vec![0; clip.len()], heard.to_vec(), vec![0; clip.len()]].concat().iter().map(|s| f64::from(*s)).collect();
    let energy: Vec<f64> = std::iter::once(0.0)
        .chain(padded.iter().scan(0.0, |sum, s| {
            *sum += s * s;
            Some(*sum)
        }))
        .collect();
    let products = convolve(&padded, clip);
    (0..=padded.len() - clip.len())
        .map(|at| {
            let window = energy[at + clip.len()] - energy[at];
            // A window of next to nothing resembles everything.
            (products[at] / (window.max(loud * 1e-4) * loud).sqrt(), at)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or((0.0, 0), |(best, at)| (best as f32, at as isize - clip.len() as isize))
}

/// The scalar product of `clip` with each window of `padded`.
fn convolve(padded: &[f64], clip: &[i16]) -> Vec<f64> {
    let size = (padded.len() + clip.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, back) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |samples: Vec<f64>| {
        let mut input = samples;
        input.resize(size, 0.0);
        let mut output = forward.make_output_vec();
        forward.process(&mut input, &mut output).unwrap();
        output
    };
    let mut product = spectrum(padded.to_vec());
    for (a, b) in product.iter_mut().zip(spectrum(clip.iter().map(|s| f64::from(*s)).collect())) {
        *a *= b.conj();
    }
    let mut result = back.make_output_vec();
    back.process(&mut product, &mut result).unwrap();
    result.iter().map(|value| value / size as f64).collect()
}

/// A shipped prompt at 8 kHz, as A-law left it.
pub fn prompt(language: &str, id: &str) -> Vec<i16> {
    let clip = Prompts::shipped(language).unwrap().clip(id).unwrap();
    clip.pcma.iter().map(|byte| g711::alaw(*byte)).collect()
}

#[test]
fn a_prompt_is_told_from_another() {
    // Two of them differ in a word only.
    let spoken = ["marked-urgent", "already-urgent", "saved", "goodbye"];
    let clips: Vec<Vec<i16>> = spoken.iter().map(|id| prompt("de", id)).collect();
    for (id, clip) in spoken.iter().zip(&clips) {
        // Through µ-law, half a second late, 3 dB quieter, with noise on the line.
        let mut noise = 1_u32;
        let line: Vec<i16> = [vec![0; 4000], clip.clone(), vec![0; 2000]]
            .concat()
            .iter()
            .map(|sample| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let sample = f32::from(*sample) * 0.7 + (noise >> 24) as f32 - 128.0;
                g711::ulaw(g711::to_ulaw(sample as i16))
            })
            .collect();
        let (same, at) = best(&line, clip);
        assert!(same >= 0.95 && at == 4000, "{id}: {same} at {at}");
        for (other, wrong) in spoken.iter().zip(&clips).filter(|(other, _)| *other != id) {
            let wrong = correlation(&line, wrong);
            assert!(wrong < 0.8, "{other} in {id}: {wrong}");
        }
    }
}

#[test]
fn what_is_cut_off_counts_as_missing() {
    let clip = prompt("de", "saved");
    assert!(correlation(&clip, &clip) > 0.999);
    let half = correlation(&clip[clip.len() / 2..], &clip);
    assert!((0.5..0.85).contains(&half), "{half}");
    assert!(correlation(&vec![0; 8000], &clip) == 0.0 && correlation(&[], &clip) == 0.0);
    let backwards: Vec<i16> = clip.iter().rev().copied().collect();
    assert!(correlation(&backwards, &clip) < 0.5);
}
