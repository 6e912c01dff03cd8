//! Uploads: each format that people's recorders write, and files that want to do harm.

use std::time::Duration;

use nightdesk::media::decode::{DecodeError, Decoded, decode};
use nightdesk::media::resample::resample;
use proptest::prelude::*;

use super::made::wav;

const SECONDS: u32 = 180;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/audio/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// How much of it is the 700 Hz tone that every file of tests/data/audio holds: 1 is all.
fn tone_share(decoded: &Decoded) -> f32 {
    let samples = resample(&decoded.samples, decoded.rate_hz, 16_000);
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let step = 700.0 * std::f32::consts::TAU / 16_000.0;
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (n, sample) in middle.iter().enumerate() {
        let (sample, angle) = (f32::from(*sample), n as f32 * step);
        (re, im, power) = (re + sample * angle.cos(), im + sample * angle.sin(), power + sample * sample);
    }
    2.0 * (re * re + im * im) / (power * middle.len() as f32)
}

#[test]
fn every_usual_format_is_heard() {
    for (name, rate_hz) in [
        ("tone.mp3", 44_100),
        ("tone.flac", 16_000),
        ("tone.ogg", 44_100),
        ("tone.m4a", 44_100),
        ("tone-alac.m4a", 16_000),
        ("tone.aiff", 16_000),
        ("tone.caf", 16_000),
    ] {
        let decoded = decode(file(name), SECONDS).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.rate_hz, rate_hz, "{name}");
        let ms = decoded.samples.len() * 1000 / rate_hz as usize;
        assert!((480..=600).contains(&ms), "{name}: {ms} ms");
        // At 32 kbit/s some add a little of their own.
        assert!(tone_share(&decoded) > 0.9, "{name}: {}", tone_share(&decoded));
    }
}

#[test]
fn every_usual_wav_is_heard() {
    for (bits, float, channels) in [(16, false, 1), (16, false, 2), (24, false, 2), (32, true, 1), (8, false, 1)] {
        let decoded = decode(wav(48_000, channels, bits, float, 24_000), SECONDS).unwrap();
        assert_eq!((decoded.rate_hz, decoded.samples.len()), (48_000, 24_000), "{bits} {channels}");
        assert!(tone_share(&decoded) > 0.98, "{bits} {channels}: {}", tone_share(&decoded));
    }
}

#[test]
fn what_is_no_prompt_is_named() {
    assert_eq!(decode(Vec::new(), SECONDS), Err(DecodeError::NotAudio));
    assert_eq!(decode(b"RIFF\xff\xff\xff\xffWAVE".to_vec(), SECONDS), Err(DecodeError::NotAudio));
    assert_eq!(decode(include_bytes!("hostile.rs").to_vec(), SECONDS), Err(DecodeError::NotAudio));
    assert_eq!(decode(file("tone.webm"), SECONDS), Err(DecodeError::NotAudio), "no Opus");
    assert_eq!(decode(wav(48_000, 9, 16, false, 4800), SECONDS), Err(DecodeError::Channels(9)));
    assert_eq!(decode(wav(44_101, 1, 16, false, 4410), SECONDS), Err(DecodeError::Rate(44_101)));
    assert_eq!(decode(wav(8000, 1, 16, false, 8001), 1), Err(DecodeError::TooLong));
    assert_eq!(decode(wav(8000, 1, 16, false, 0), SECONDS), Err(DecodeError::NotAudio));
}

/// A header can say anything: neither memory nor time follows it.
#[test]
fn lengths_in_headers_are_not_believed() {
    let mut huge = wav(8000, 1, 16, false, 800);
    for at in [4, 40] {
        huge[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    // Recorders that write into a pipe say this; what is there counts.
    assert_eq!(decode(huge.clone(), SECONDS).map(|decoded| decoded.samples.len()), Ok(800));
    let mut endless = wav(8000, 1, 16, false, 16_000);
    for at in [4, 40] {
        endless[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    assert_eq!(decode(endless, 1), Err(DecodeError::TooLong), "counted as it comes");
    // A minute is said, a tenth of a second is there.
    huge[40..44].copy_from_slice(&(60 * 16_000_u32).to_le_bytes());
    assert_eq!(decode(huge, SECONDS).map(|decoded| decoded.samples.len()), Ok(800));
    // FLAC: 2^36 − 1 samples in the stream's own words (bits 108–143 of STREAMINFO).
    let mut flac = file("tone.flac");
    flac[21] |= 0x0f;
    flac[22..26].fill(0xff);
    assert!(matches!(decode(flac, SECONDS), Err(DecodeError::TooLong)));
    // Small blocks of much silence: 20 MB of MP3 frames are some hours at 8 kbit/s.
    let mut frame = file("tone.mp3");
    // Its own count of frames taken out, for it would be believed as far as it is less.
    let count = frame.windows(4).position(|word| word == b"Xing" || word == b"Info").unwrap();
    frame[count..count + 4].fill(0);
    let many: Vec<u8> = frame.iter().copied().cycle().take(frame.len() * 2000).collect();
    let started = std::time::Instant::now();
    assert_eq!(decode(many, SECONDS).map(|decoded| decoded.samples.len()), Err(DecodeError::TooLong));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_breaks_off_gives_what_is_there_or_a_reason() {
    for name in ["tone.mp3", "tone.flac", "tone.ogg", "tone.m4a", "tone-alac.m4a", "tone.aiff", "tone.caf"] {
        let whole = file(name);
        for cut in (0..whole.len()).step_by(97) {
            if let Ok(decoded) = decode(whole[..cut].to_vec(), SECONDS) {
                assert!(decoded.samples.len() < 60_000, "{name} {cut}");
            }
        }
    }
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let names: [&str; 8] =
        ["tone.mp3", "tone.flac", "tone.ogg", "tone.m4a", "tone-alac.m4a", "tone.aiff", "tone.caf", "tone.webm"];
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12);
    (prop::sample::select(names.to_vec()), edits, any::<bool>()).prop_map(|(name, edits, at_start)| {
        let mut bytes = file(name);
        // The heads are where lengths are.
        let reach = if at_start { bytes.len().min(400) } else { bytes.len() };
        for (at, byte) in edits {
            bytes[at.index(reach)] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_end(bytes in any_file()) {
        // A decoder's panic is caught in the child; what is asked here is that all of it ends, and small.
        let _ = std::panic::catch_unwind(|| decode(bytes, 5)).map(|decoded| {
            if let Ok(decoded) = decoded {
                assert!(decoded.samples.len() <= 6 * 96_000);
            }
        });
    }

    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..4000), head in 0..6_usize) {
        let heads: [&[u8]; 6] = [b"", b"RIFF\x10\x10\0\0WAVEfmt \x10\0\0\0", b"fLaC\0\0\0\x22", b"OggS\0\x02", b"\xff\xfb\x90\x64", b"caff\0\x01\0\0desc"];
        let _ = std::panic::catch_unwind(|| decode([heads[head], &bytes].concat(), 5));
    }
}
