//! Speech brought to the level, the ends and the peaks that all prompts have, so that one call sounds of
//! one piece: what `prompts/make_prompts.py` does to the prompts that ship, for sound made at run time.
//!
//! Everything here is of 16 kHz, one channel.

use std::collections::VecDeque;

/// Samples a second.
pub const RATE_HZ: u32 = 16_000;
/// Active level in dBFS: RMS of the frames that are not silence, above 300 Hz as a telephone has it.
pub const LEVEL_DB: f32 = -20.0;
/// No sample is above, in dBFS.
pub const PEAK_DB: f32 = -3.0;
/// Silence before and behind.
const LEAD: usize = 1600;
const TAIL: usize = 3200;
/// Under this active level, in dBFS, there is noise but nothing that anybody meant.
const SILENT_DB: f32 = -60.0;
/// What ends are judged by: 10 ms.
const STEP: usize = 160;
/// A step is sound while its peak is not further under the highest.
const SOUND_DB: f32 = -42.0;
/// A step is a pause where its peak is further under the highest.
const PAUSE_DB: f32 = -45.0;
/// Longer pauses are shortened to so many steps.
const PAUSE_STEPS: usize = 45;
/// Kept around what is loud: soft on- and offsets are speech too.
const STEPS_BEFORE: usize = 2;
const STEPS_BEHIND: usize = 3;
/// The ends fade over 5 ms.
const RAMP: usize = 80;
/// Level is measured in frames of 20 ms; those under the loudest by more than this do not count.
const FRAME: usize = 320;
const ACTIVE_DB: f32 = -30.0;
/// The limiter looks 5 ms to both sides, and smooths its gain over as much.
const LOOK: usize = 80;
const SMOOTH: usize = 40;

/// There is nothing to be heard in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be heard in it: record it again, closer to the microphone")]
pub struct Silent;

/// `pcm` without rumble and without silence at its ends but 100 ms before and 200 ms behind, at
/// [`LEVEL_DB`] and under [`PEAK_DB`]. Needs about 20 bytes of memory for each sample.
pub fn mastered(pcm: &[i16]) -> Result<Vec<i16>, Silent> {
    let mut x = trimmed(&without_rumble(pcm)).ok_or(Silent)?;
    if level_db(&x) < SILENT_DB {
        return Err(Silent);
    }
    // The limiter takes a little of the level: give it back.
    for _ in 0..3 {
        let gain = ratio(LEVEL_DB - level_db(&x));
        x.iter_mut().for_each(|v| *v *= gain);
        limit(&mut x);
    }
    let silence = |count| std::iter::repeat_n(0, count);
    let sound = x.iter().map(|v| (v * 32_767.0).round() as i16);
    Ok(silence(LEAD).chain(sound).chain(silence(TAIL)).collect())
}

/// Pauses of more than 450 ms shortened to that: a voice that reads aloud waits too long for a telephone.
pub fn with_short_pauses(pcm: &[i16]) -> Vec<i16> {
    let steps = || pcm.chunks(STEP);
    let highest = steps().map(peak).max().unwrap_or(0);
    let quiet = (f32::from(highest) * ratio(PAUSE_DB)) as u16;
    let mut waiting = 0;
    let kept = steps().filter(|step| {
        waiting = if peak(step) < quiet { waiting + 1 } else { 0 };
        waiting <= PAUSE_STEPS
    });
    kept.flatten().copied().collect()
}

/// Active level in dBFS; of nothing, far below all.
pub fn active_level_db(pcm: &[i16]) -> f32 {
    level_db(&pcm.iter().map(|v| f32::from(*v) / 32_768.0).collect::<Vec<_>>())
}

fn peak(step: &[i16]) -> u16 {
    step.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0)
}

fn ratio(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// No constant, and nothing under 80 Hz; forth and back, so that nothing moves.
fn without_rumble(pcm: &[i16]) -> Vec<f32> {
    let mean = pcm.iter().map(|v| f64::from(*v)).sum::<f64>() / pcm.len().max(1) as f64;
    let mut x: Vec<f32> = pcm.iter().map(|v| ((f64::from(*v) - mean) / 32_768.0) as f32).collect();
    let mut forth = HighPass::new(80.0);
    x.iter_mut().for_each(|v| *v = forth.next(*v));
    let mut back = HighPass::new(80.0);
    x.iter_mut().rev().for_each(|v| *v = back.next(*v));
    x
}

/// From the first sound to the last, with faded ends.
fn trimmed(x: &[f32]) -> Option<Vec<f32>> {
    let peaks: Vec<f32> = x.chunks(STEP).map(|step| step.iter().fold(0.0, |most, v| v.abs().max(most))).collect();
    let sound = peaks.iter().copied().fold(0.0, f32::max) * ratio(SOUND_DB);
    let first = peaks.iter().position(|peak| *peak > sound)?.saturating_sub(STEPS_BEFORE) * STEP;
    let last = (peaks.iter().rposition(|peak| *peak > sound)? + 1 + STEPS_BEHIND) * STEP;
    let mut y = x.get(first..last.min(x.len()))?.to_vec();
    let faded = |at: usize| at as f32 / RAMP as f32;
    y.iter_mut().take(RAMP).enumerate().for_each(|(at, v)| *v *= faded(at));
    y.iter_mut().rev().take(RAMP).enumerate().for_each(|(at, v)| *v *= faded(at));
    Some(y)
}

fn level_db(x: &[f32]) -> f32 {
    let mut filter = HighPass::new(300.0);
    let power = |frame: &[f32]| frame.iter().map(|v| filter.next(*v).powi(2)).sum::<f32>() / frame.len() as f32;
    let powers: Vec<f32> = x.chunks(FRAME).map(power).collect();
    let loudest = powers.iter().copied().fold(1e-12, f32::max);
    let active = || powers.iter().filter(|power| **power > loudest * ratio(ACTIVE_DB).powi(2));
    let mean = active().sum::<f32>() / active().count().max(1) as f32;
    10.0 * mean.max(1e-12).log10()
}

/// Pulls down what is above [`PEAK_DB`] by a smooth gain instead of clipping it.
fn limit(x: &mut [f32]) {
    let top = ratio(PEAK_DB);
    if x.iter().all(|v| v.abs() <= top) {
        return;
    }
    let wanted: Vec<f32> = x.iter().map(|v| (top / v.abs().max(1e-9)).min(1.0)).collect();
    let lowest = lowest_around(&wanted);
    for (v, gain) in x.iter_mut().zip(smoothed(&lowest)) {
        *v = (*v * gain).clamp(-top, top);
    }
}

/// For each value the lowest of those up to [`LOOK`] away.
fn lowest_around(values: &[f32]) -> Vec<f32> {
    // Places whose values rise: the front is the lowest of the window.
    let mut rising: VecDeque<(usize, f32)> = VecDeque::new();
    let mut coming = values.iter().copied().enumerate();
    let take = |rising: &mut VecDeque<(usize, f32)>, (at, value): (usize, f32)| {
        while rising.back().is_some_and(|(_, last)| *last >= value) {
            rising.pop_back();
        }
        rising.push_back((at, value));
    };
    coming.by_ref().take(LOOK).for_each(|value| take(&mut rising, value));
    (0..values.len())
        .map(|at| {
            if let Some(value) = coming.next() {
                take(&mut rising, value);
            }
            while rising.front().is_some_and(|(old, _)| old + LOOK < at) {
                rising.pop_front();
            }
            rising.front().map_or(1.0, |(_, lowest)| *lowest)
        })
        .collect()
}

/// For each value the mean of those up to [`SMOOTH`] away.
fn smoothed(values: &[f32]) -> impl Iterator<Item = f32> {
    let mut sum: f64 = values.iter().take(SMOOTH).map(|v| f64::from(*v)).sum();
    let mut count = values.len().min(SMOOTH);
    (0..values.len()).map(move |at| {
        if let Some(value) = values.get(at + SMOOTH) {
            (sum, count) = (sum + f64::from(*value), count + 1);
        }
        if let Some(value) = at.checked_sub(SMOOTH + 1).and_then(|old| values.get(old)) {
            (sum, count) = (sum - f64::from(*value), count - 1);
        }
        (sum / count.max(1) as f64) as f32
    })
}

/// Second order Butterworth at [`RATE_HZ`].
struct HighPass {
    /// Of the input, newest first.
    b: [f32; 3],
    /// Of the output.
    a: [f32; 2],
    inputs: [f32; 2],
    outputs: [f32; 2],
}

impl HighPass {
    fn new(hz: f32) -> HighPass {
        let w = std::f32::consts::TAU * hz / RATE_HZ as f32;
        let (alpha, cos) = (w.sin() * std::f32::consts::FRAC_1_SQRT_2, w.cos());
        let b = (1.0 + cos) / 2.0 / (1.0 + alpha);
        let a = [-2.0 * cos / (1.0 + alpha), (1.0 - alpha) / (1.0 + alpha)];
        HighPass { b: [b, -2.0 * b, b], a, inputs: [0.0; 2], outputs: [0.0; 2] }
    }

    fn next(&mut self, x: f32) -> f32 {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let ([x1, x2], [y1, y2]) = (self.inputs, self.outputs);
        let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
        (self.inputs, self.outputs) = ([x, x1], [y, y1]);
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Syllables of 200 ms with as much between them, in `pcm` of a peak, with silence around.
    fn syllables(peak: f32, count: usize, around: usize) -> Vec<i16> {
        let silence = || std::iter::repeat_n(0, around);
        let syllable = |at: usize| {
            let t = at as f32 / RATE_HZ as f32;
            let gate = (std::f32::consts::PI * t / 0.2).sin().max(0.0) * f32::from(u8::from(at % 6400 < 3200));
            (peak * gate * (std::f32::consts::TAU * 700.0 * t).sin()) as i16
        };
        silence().chain((0..count * 6400).map(|at| syllable(at % 6400))).chain(silence()).collect()
    }

    fn peak_db(pcm: &[i16]) -> f32 {
        20.0 * (f32::from(peak(pcm)) / 32_768.0).log10()
    }

    #[test]
    fn loud_and_quiet_come_to_one_level() {
        for peak in [100.0, 1000.0, 8000.0, 32_000.0] {
            let pcm = mastered(&syllables(peak, 5, 20_000)).unwrap();
            assert!((active_level_db(&pcm) - LEVEL_DB).abs() < 0.3, "{peak}: {}", active_level_db(&pcm));
            assert!(peak_db(&pcm) <= PEAK_DB + 0.01, "{peak}: {}", peak_db(&pcm));
            // Four syllables with their pauses and one without; 5 steps of grace, 300 ms around.
            let wanted = 4 * 6400 + 3200 + 5 * STEP + LEAD + TAIL;
            assert!(pcm.len().abs_diff(wanted) <= 4 * STEP, "{peak}: {} {wanted}", pcm.len());
            assert!(pcm[..LEAD].iter().chain(&pcm[pcm.len() - TAIL..]).all(|v| *v == 0));
        }
    }

    #[test]
    fn a_peak_is_pulled_down_without_clipping() {
        let mut pcm = syllables(4000.0, 6, 0);
        // A knock in a quiet voice.
        for (at, v) in pcm[7000..7040].iter_mut().enumerate() {
            *v = if at % 8 < 4 { 30_000 } else { -30_000 };
        }
        let done = mastered(&pcm).unwrap();
        assert!(peak_db(&done) <= PEAK_DB + 0.01);
        let top = (ratio(PEAK_DB) * 32_767.0).round() as i16;
        assert!(done.iter().filter(|v| v.abs() >= top).count() <= 40);
    }

    #[test]
    fn what_is_silent_is_said_to_be() {
        assert_eq!(mastered(&[]), Err(Silent));
        assert_eq!(mastered(&[0; 16_000]), Err(Silent));
        assert_eq!(mastered(&[900; 16_000]), Err(Silent), "a constant is no sound");
        let hiss: Vec<i16> = (0..32_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 30) as i16).collect();
        assert_eq!(mastered(&hiss), Err(Silent));
    }

    #[test]
    fn pauses_are_shortened_and_nothing_else() {
        let word = syllables(8000.0, 1, 0);
        let pause = |ms: usize| vec![3_i16; ms * 16];
        let apart = [word.clone(), pause(2000), word.clone(), pause(300), word.clone()].concat();
        let nearer = with_short_pauses(&apart);
        // The syllable ends in 200 ms of silence of its own, which count.
        let dropped = apart.len() - nearer.len();
        assert!(dropped.abs_diff((2000 + 200 - 450) * 16 + (300 + 200 - 450) * 16) <= 4 * STEP, "{dropped}");
        assert_eq!(with_short_pauses(&word), word);
        assert!(with_short_pauses(&[]).is_empty());
    }

    #[test]
    fn what_ships_is_already_so() {
        for language in crate::media::Prompts::LANGUAGES {
            let path = format!("{}/prompts/{language}/leave-message.wav", env!("CARGO_MANIFEST_DIR"));
            let (_, pcm) = crate::media::clip::read_wav(&std::fs::read(path).unwrap()).unwrap();
            let done = mastered(&pcm).unwrap();
            assert!((active_level_db(&pcm) - active_level_db(&done)).abs() < 0.5, "{}", active_level_db(&pcm));
            assert!(done.len().abs_diff(pcm.len()) < 1000, "{} {}", done.len(), pcm.len());
        }
    }

    proptest! {
        #[test]
        fn any_sound_is_survived(pcm in proptest::collection::vec(any::<i16>(), 0..5000)) {
            if let Ok(done) = mastered(&pcm) {
                prop_assert!(peak_db(&done) <= PEAK_DB + 0.01);
            }
            prop_assert!(with_short_pauses(&pcm).len() <= pcm.len());
        }

        #[test]
        fn the_lowest_around_is_the_lowest_around(values in proptest::collection::vec(0.0_f32..1.0, 0..400)) {
            let slow = |at: usize| {
                let window = &values[at.saturating_sub(LOOK)..(at + LOOK + 1).min(values.len())];
                window.iter().copied().fold(1.0, f32::min)
            };
            prop_assert_eq!(lowest_around(&values), (0..values.len()).map(slow).collect::<Vec<_>>());
        }
    }
}
