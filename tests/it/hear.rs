//! Was it heard? Normalised cross-correlation at 8 kHz.

use nightdesk::media::{Prompts, g711, hear};

/// How well `clip` is to be heard somewhere in `heard`, both at 8 kHz: 1 is exactly, 0.9 and more is
/// heard. What is cut off at either end of `heard` counts as missing.
pub fn correlation(heard: &[i16], clip: &[i16]) -> f32 {
    hear::find(heard, clip).likeness as f32
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
        let found = hear::find(&line, clip);
        let (same, at) = (found.likeness as f32, found.at);
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
