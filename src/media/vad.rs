//! Sound or silence, by energy over the line's noise floor.
//!
//! The question is not "is this speech" but "is anything to be heard": a message of coughs, a child's
//! cry or a machine's steady whistle is kept, so a steady sound counts for its whole length. That rules
//! out floors that creep up. The floor is what the line did in its quietest stretch, never more, and
//! where nothing quiet was heard an absolute threshold decides.

/// Length of a judged frame.
pub const FRAME_MS: u32 = 20;

/// Threshold in dBFS while the line was never quieter than this. −50 dBFS is 30 dB under the active
/// level of a usual talker (−20 dBFS, ITU-T P.56) and over the idle noise of common gateways.
const ABSOLUTE_DB: f32 = -50.0;
/// Frames under this say nothing about the line's noise: a lost packet, DTX, a muted phone. Encoded
/// zeros of A-law lie at −72 dBFS.
const DIGITAL_SILENCE_DB: f32 = -68.0;
/// Sound is this much over the floor. White noise varies by about ±1 dB from frame to frame.
const MARGIN_DB: f32 = 6.0;
/// However quiet the line: nothing under this is a sound that anybody would hear.
const LOWEST_THRESHOLD_DB: f32 = -55.0;
/// The floor is a level that was not exceeded for so many frames in a row: a syllable's end, which
/// passes through every level, is none.
const FLOOR_FRAMES: u32 = 5;

/// Judges frames as they come.
#[derive(Clone, Debug)]
pub struct Vad {
    frame_len: usize,
    floor: Floor,
}

impl Vad {
    /// For audio of `rate_hz` samples a second.
    pub fn new(rate_hz: u32) -> Self {
        Vad { frame_len: frame_len(rate_hz), floor: Floor::default() }
    }

    /// Samples that [`Vad::push`] wants: 20 ms.
    pub fn frame_len(&self) -> usize {
        self.frame_len
    }

    /// The next frame of [`Vad::frame_len`] samples (a shorter one is judged by what it has): is it sound?
    pub fn push(&mut self, frame: &[i16]) -> bool {
        let level = level_dbfs(frame);
        self.floor.hear(level);
        level >= self.floor.threshold()
    }
}

/// Judges a whole recording: one answer for each 20 ms frame, the last of which may be shorter.
/// The floor is known from all of it, so a sound before the first pause is judged like one after it.
pub fn analyse(samples: &[i16], rate_hz: u32) -> Vec<bool> {
    let levels: Vec<f32> = samples.chunks(frame_len(rate_hz)).map(level_dbfs).collect();
    let mut floor = Floor::default();
    for level in &levels {
        floor.hear(*level);
    }
    let threshold = floor.threshold();
    levels.iter().map(|level| *level >= threshold).collect()
}

/// Mean power of `samples` without their direct current, in dB under a full-scale square wave;
/// −100 where there is none.
pub fn level_dbfs(samples: &[i16]) -> f32 {
    let Some(count) = i64::try_from(samples.len()).ok().filter(|n| *n > 0) else { return -100.0 };
    let sum: i64 = samples.iter().map(|s| i64::from(*s)).sum();
    let squares: i64 = samples.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
    let count = count as f64;
    let mean = sum as f64 / count;
    let power = (squares as f64 / count - mean * mean).max(0.0) / (32768.0 * 32768.0);
    (10.0 * power.max(1e-10).log10()) as f32
}

fn frame_len(rate_hz: u32) -> usize {
    usize::try_from(rate_hz.saturating_mul(FRAME_MS) / 1000).unwrap_or(1).max(1)
}

/// The quietest stretch of the line so far.
#[derive(Clone, Copy, Debug)]
struct Floor {
    quietest_db: f32,
    stretch_db: f32,
    stretch: u32,
}

impl Default for Floor {
    fn default() -> Self {
        Floor { quietest_db: 0.0, stretch_db: -100.0, stretch: 0 }
    }
}

impl Floor {
    fn hear(&mut self, level: f32) {
        if level < DIGITAL_SILENCE_DB {
            (self.stretch, self.stretch_db) = (0, -100.0);
            return;
        }
        // A stretch ends at a frame that stands out of it: the next one starts there.
        if self.stretch > 0 && level > self.stretch_db + MARGIN_DB {
            (self.stretch, self.stretch_db) = (0, -100.0);
        }
        self.stretch += 1;
        self.stretch_db = self.stretch_db.max(level);
        if self.stretch >= FLOOR_FRAMES {
            self.quietest_db = self.quietest_db.min(self.stretch_db);
            (self.stretch, self.stretch_db) = (0, -100.0);
        }
    }

    fn threshold(&self) -> f32 {
        if self.quietest_db < ABSOLUTE_DB {
            (self.quietest_db + MARGIN_DB).max(LOWEST_THRESHOLD_DB)
        } else {
            ABSOLUTE_DB
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ms` of a sine at `dbfs` (RMS).
    fn tone(hz: f32, dbfs: f32, ms: usize) -> Vec<i16> {
        let top = 32768.0 * 10f32.powf(dbfs / 20.0) * 2f32.sqrt();
        (0..ms * 8).map(|n| (top * (n as f32 * hz * std::f32::consts::TAU / 8000.0).sin()).round() as i16).collect()
    }

    /// `ms` of white noise at `dbfs` (RMS).
    fn noise(dbfs: f32, ms: usize) -> Vec<i16> {
        let top = 32768.0 * 10f32.powf(dbfs / 20.0) * 3f32.sqrt();
        let mut state = 0x1234_5678_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..ms * 8).map(|_| (top * next()).round() as i16).collect()
    }

    fn live(samples: &[i16]) -> Vec<bool> {
        let mut vad = Vad::new(8000);
        samples.chunks(160).map(|frame| vad.push(frame)).collect()
    }

    #[test]
    fn levels_are_dbfs() {
        assert!((level_dbfs(&tone(1000.0, -20.0, 1000)) + 20.0).abs() < 0.1);
        assert!((level_dbfs(&noise(-40.0, 1000)) + 40.0).abs() < 0.2);
        assert!(level_dbfs(&[500; 160]) < -90.0, "direct current is no sound");
        assert!(level_dbfs(&[]) < -90.0);
    }

    #[test]
    fn a_steady_sound_counts_for_its_whole_length() {
        for samples in [tone(440.0, -20.0, 60_000), tone(1000.0, -45.0, 60_000), noise(-40.0, 60_000)] {
            assert!(live(&samples).iter().all(|s| *s));
            assert!(analyse(&samples, 8000).iter().all(|s| *s));
        }
        // The same after a quiet line: the floor stays where the line was.
        let samples = [noise(-62.0, 2000), noise(-52.0, 60_000)].concat();
        let sound = live(&samples);
        assert!(sound[..100].iter().all(|s| !*s) && sound[100..].iter().all(|s| *s));
    }

    #[test]
    fn a_lines_own_noise_is_silence() {
        for floor in [-52.0, -56.0, -65.0, -90.0] {
            let samples = [noise(floor, 1000), tone(300.0, -30.0, 1000), noise(floor, 1000)].concat();
            let sound = live(&samples);
            assert!(sound[5..50].iter().all(|s| !*s), "{floor}");
            assert!(sound[50..100].iter().all(|s| *s) && sound[100..].iter().all(|s| !*s), "{floor}");
            assert_eq!(analyse(&samples, 8000)[50..].to_vec(), sound[50..].to_vec(), "{floor}");
        }
    }

    #[test]
    fn lost_packets_do_not_lower_the_floor() {
        // A line of −52 dBFS that loses a tenth in bursts of 200 ms.
        let mut samples = noise(-52.0, 8000);
        for burst in samples.chunks_mut(1600).step_by(10) {
            burst.fill(0);
        }
        assert!(analyse(&samples, 8000).iter().all(|s| !*s));
    }

    #[test]
    fn a_fading_syllable_is_no_floor() {
        let fade: Vec<i16> = (0..40).flat_map(|n| tone(300.0, -20.0 - 1.2 * n as f32, 20)).collect();
        let samples = [fade.clone(), vec![0; 1600], fade].concat();
        let sound = analyse(&samples, 8000);
        assert!(sound[..23].iter().all(|s| *s), "{sound:?}");
        assert_eq!(sound[0], sound[50], "the second is judged like the first");
    }
}
