//! Is what was kept what was said? Identity, length, slips and holes of every recording.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::mem;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::generator::Said;
use crate::rtp::{self, FRAME, LINEAR, SPEECH_FRAMES};

/// How far a length may be off.
const LENGTH_MAX_S: f64 = 0.2;
/// Two frames are the same sound from here on; foreign noise stays under 0.4.
const SAME: f64 = 0.95;
/// How far a slip is followed: 200 ms to both sides.
const SLIP_MAX: i64 = 1600;
/// Leading and trailing packets that may be trimmed: 0.2 s.
const TRIM_MAX: usize = 10;

/// A line of `nightdesk message list --json`, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    /// Who spoke.
    pub caller: String,
    /// Seconds; a peer's file says nothing but itself.
    pub duration: Option<f64>,
    /// A WAV.
    pub path: PathBuf,
}

/// What the check found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// Recordings that there should be.
    pub expected: usize,
    /// Those without any fault.
    pub exact: usize,
    /// Faults, and how many recordings have each.
    pub faults: BTreeMap<String, usize>,
    /// 20 ms packets that are not where the ones around them say.
    pub slips: usize,
    /// 20 ms packets that are missing.
    pub holes: usize,
    /// Largest error of a length, s.
    pub length_error_max: f64,
}

/// Checks all recordings against what was said.
pub fn check(said: &[Said], listed: &[Listed]) -> Verdict {
    let mut by_caller: HashMap<&str, Vec<&Listed>> = HashMap::new();
    for message in listed {
        by_caller.entry(message.caller.as_str()).or_default().push(message);
    }
    let mut verdict = Verdict { expected: said.len(), ..Verdict::default() };
    for said in said {
        let faults = match by_caller.remove(said.caller.as_str()).as_deref() {
            None => vec!["missing".to_owned()],
            Some([one]) => one_recording(said, one, &mut verdict),
            Some(_) => vec!["kept more than once".to_owned()],
        };
        verdict.exact += usize::from(faults.is_empty());
        for fault in faults {
            *verdict.faults.entry(fault).or_default() += 1;
        }
    }
    if !by_caller.is_empty() {
        *verdict.faults.entry("from a caller who never called".to_owned()).or_default() += by_caller.len();
    }
    verdict
}

fn one_recording(said: &Said, listed: &Listed, verdict: &mut Verdict) -> Vec<String> {
    let samples = match fs::read(&listed.path).map_err(|error| error.to_string()).and_then(|file| read_wav(&file)) {
        Ok(samples) => samples,
        Err(error) => return vec![format!("unreadable: {error}")],
    };
    let mut faults = Vec::new();
    let seconds = samples.len() as f64 / 8000.0;
    let spoken = SPEECH_FRAMES as f64 / 50.0;
    let length_error = listed.duration.unwrap_or(seconds) - spoken;
    if length_error.abs() > verdict.length_error_max.abs() {
        verdict.length_error_max = length_error;
    }
    if length_error.abs() > LENGTH_MAX_S {
        faults.push("wrong length".to_owned());
    }
    if listed.duration.is_some_and(|duration| (duration - seconds).abs() > 0.05) {
        faults.push("list and file disagree on the length".to_owned());
    }
    let fit = fit(said.seed, &samples);
    verdict.slips += fit.slips;
    verdict.holes += fit.holes;
    let named = [
        (!fit.found, "another's voice or none"),
        (fit.found && fit.slips > 0, "slips"),
        (fit.found && fit.holes > 0, "holes"),
        (fit.found && fit.trimmed > TRIM_MAX, "start or end missing"),
    ];
    faults.extend(named.into_iter().filter(|(is, _)| *is).map(|(_, name)| name.to_owned()));
    faults
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fit {
    found: bool,
    slips: usize,
    holes: usize,
    /// Packets missing at the start and at the end: a key cuts what may be its echo on the line.
    trimmed: usize,
}

/// Lays what was said over what was kept.
fn fit(seed: u64, samples: &[i16]) -> Fit {
    let Some(mut offset) = anchor(seed, samples) else { return Fit { trimmed: SPEECH_FRAMES, ..Fit::default() } };
    let mut fit = Fit { found: true, ..Fit::default() };
    // Packets that are not there since the last one that was.
    let mut away = 0;
    let mut begun = false;
    for index in 0..SPEECH_FRAMES {
        let frame = frame(seed, index);
        let at = offset + (index * FRAME) as i64;
        let by = match likeness(&frame, samples, at) {
            Some(likeness) if likeness >= SAME => Some(0),
            Some(_) => slipped(&frame, samples, at),
            None => None,
        };
        let Some(by) = by else {
            away += 1;
            continue;
        };
        fit.slips += usize::from(by != 0);
        offset += by;
        // What is away between packets that are there is a hole; before and after all of them it is trimmed.
        *(if begun { &mut fit.holes } else { &mut fit.trimmed }) += mem::take(&mut away);
        begun = true;
    }
    fit.trimmed += away;
    fit
}

/// Where the first packet of the speech would lie, by a packet from its middle parts.
fn anchor(seed: u64, samples: &[i16]) -> Option<i64> {
    // The start of the speech decides where a slip is seen, so the earliest packet is tried first.
    let tries = [20, 100, 250, 400];
    let exact = tries.into_iter().find_map(|index| {
        let frame = frame(seed, index);
        let at = samples.windows(FRAME).position(|window| window == frame)?;
        Some(at as i64 - (index * FRAME) as i64)
    });
    // Not bit by bit the same: a server may have changed the level, or encoded it again.
    exact.or_else(|| {
        let frame = frame(seed, tries[2]);
        let range = 0..samples.len() as i64;
        let best =
            range.filter_map(|at| Some((likeness(&frame, samples, at)?, at))).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 >= 0.8).then_some(best.1 - (tries[2] * FRAME) as i64)
    })
}

fn slipped(frame: &[i16; FRAME], samples: &[i16], at: i64) -> Option<i64> {
    let mut distances: Vec<i64> = (-SLIP_MAX..=SLIP_MAX).collect();
    distances.sort_by_key(|distance| distance.abs());
    distances.into_iter().find(|by| likeness(frame, samples, at + by).is_some_and(|likeness| likeness >= SAME))
}

/// Normalised correlation; none where the place is not wholly inside.
fn likeness(frame: &[i16; FRAME], samples: &[i16], at: i64) -> Option<f64> {
    let start = usize::try_from(at).ok()?;
    let there = samples.get(start..start + FRAME)?;
    let (mut product, mut ours, mut theirs) = (0i64, 0i64, 0i64);
    for (a, b) in frame.iter().zip(there) {
        let (a, b) = (i64::from(*a), i64::from(*b));
        product += a * b;
        ours += a * a;
        theirs += b * b;
    }
    let norm = (ours as f64 * theirs as f64).sqrt();
    Some(if norm > 0.0 { product as f64 / norm } else { 0.0 })
}

fn frame(seed: u64, index: usize) -> [i16; FRAME] {
    rtp::noise(seed, index).map(|code| LINEAR[usize::from(code)])
}

/// Samples of a mono WAV of 8 kHz: 16-bit or A-law.
fn read_wav(file: &[u8]) -> Result<Vec<i16>, String> {
    let riff = file.get(..4) == Some(b"RIFF".as_slice()) && file.get(8..12) == Some(b"WAVE".as_slice());
    let mut rest = if riff { &file[12..] } else { return Err("not a WAV".to_owned()) };
    let mut format = None;
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = after.get(..size.min(after.len())).unwrap_or(&[]);
        match (&head[..4], format) {
            (b"fmt ", _) => {
                let word = |at: usize| chunk.get(at..at + 2).map_or(0, |w| u16::from_le_bytes([w[0], w[1]]));
                format = Some((word(0), word(2), word(4), word(14)));
            }
            (b"data", Some((1, 1, 8000, 16))) => {
                return Ok(chunk.chunks_exact(2).map(|s| i16::from_le_bytes([s[0], s[1]])).collect());
            }
            (b"data", Some((6, 1, 8000, 8))) => {
                return Ok(chunk.iter().map(|code| LINEAR[usize::from(*code)]).collect());
            }
            (b"data", format) => return Err(format!("format {format:?} instead of 8 kHz mono")),
            _ => {}
        }
        rest = after.get(size + size % 2..).unwrap_or(&[]);
    }
    Err("no audio in it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(seed: u64) -> Vec<i16> {
        (0..SPEECH_FRAMES).flat_map(|index| frame(seed, index)).collect()
    }

    #[test]
    fn what_was_said_is_found_behind_silence_and_quieter() {
        let mut samples = vec![0i16; 777];
        samples.extend(speech(5));
        assert_eq!(fit(5, &samples), Fit { found: true, ..Fit::default() });
        let quiet: Vec<i16> = samples.iter().map(|s| s / 3).collect();
        assert_eq!(fit(5, &quiet), Fit { found: true, ..Fit::default() });
    }

    #[test]
    fn another_voice_a_slip_a_hole_and_a_lost_end_are_seen() {
        assert!(!fit(6, &speech(5)).found);
        let mut slipped = speech(5);
        slipped.splice(16_000..16_000, [0i16; 80]);
        assert_eq!(fit(5, &slipped), Fit { found: true, slips: 1, ..Fit::default() });
        let mut holed = speech(5);
        holed[32_000..32_320].fill(0);
        assert_eq!(fit(5, &holed), Fit { found: true, holes: 2, ..Fit::default() });
        let mut silenced = speech(5);
        silenced[79_680..].fill(0);
        assert_eq!(fit(5, &silenced), Fit { found: true, trimmed: 2, ..Fit::default() });
        let short = speech(5);
        assert_eq!(fit(5, &short[..short.len() - 1600]).trimmed, 10);
    }
}
