use audio_codec::Encoder;
use audio_codec::g722::G722Encoder;
use audio_codec::pcma::PcmaEncoder;
use audio_codec::pcmu::PcmuEncoder;
use proptest::prelude::*;

use super::*;

/// `ms` of a sine.
fn tone(rate_hz: u32, ms: u32) -> Vec<i16> {
    let step = 440.0 * std::f32::consts::TAU / rate_hz as f32;
    (0..rate_hz * ms / 1000).map(|n| (8000.0 * (n as f32 * step).sin()) as i16).collect()
}

fn encoded(codec: Codec, ms: u32) -> Vec<u8> {
    match codec {
        Codec::Pcma => PcmaEncoder::new().encode(&tone(8000, ms)),
        Codec::Pcmu => PcmuEncoder::new().encode(&tone(8000, ms)),
        Codec::G722 => G722Encoder::new().encode(&tone(16_000, ms)),
    }
}

/// A take in blocks of 100 ms: silence, sound, a gap, sound, silence; in 1/8000 s.
fn take(codec: Codec) -> Vec<u8> {
    let mut file = Vec::new();
    // One encoder for both: it pauses where nothing is sent.
    let sound = encoded(codec, 2000);
    for (start, sound) in [4000, 16_000].into_iter().zip(sound.chunks(8000)) {
        for (n, part) in sound.chunks(800).enumerate() {
            put_block(&mut file, codec, start + 800 * n as u32, part);
        }
    }
    put_end(&mut file, 32_000);
    file
}

fn level(samples: &[i16]) -> f32 {
    vad::level_dbfs(samples)
}

#[test]
fn a_take_is_as_long_as_it_was_and_gaps_are_silent() {
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
        let reading = read(&take(codec));
        let ms = if codec == Codec::G722 { 16 } else { 8 };
        assert_eq!((reading.rate_hz, reading.samples.len()), (ms as u32 * 1000, 4000 * ms));
        assert!(!reading.damaged);
        let part = |from: usize, to: usize| level(&reading.samples[from * ms..to * ms]);
        assert!(part(0, 495) < -90.0 && part(1510, 1995) < -90.0 && part(3010, 4000) < -90.0, "{codec:?}");
        assert!((part(510, 1490) + 15.3).abs() < 0.5 && (part(2010, 2990) + 15.3).abs() < 0.5, "{codec:?}");
        assert!((7800..8700).contains(&reading.peak), "{codec:?} {}", reading.peak);
        assert!(reading.heard.start.abs_diff(460 * ms) <= 20 * ms, "{codec:?} {:?}", reading.heard);
        assert!(reading.heard.end.abs_diff(3050 * ms) <= 20 * ms, "{codec:?} {:?}", reading.heard);
        assert!((2000..=2080).contains(&reading.sound.as_millis()), "{codec:?} {:?}", reading.sound);
        assert_eq!(reading.heard_duration().as_millis() as usize, reading.heard.len() / ms);
    }
}

#[test]
fn a_take_of_two_codecs_is_wide_and_without_seams() {
    let mut file = Vec::new();
    let (narrow, wide) = (encoded(Codec::Pcma, 1000), encoded(Codec::G722, 1000));
    for (n, part) in narrow.chunks(160).enumerate() {
        put_block(&mut file, Codec::Pcma, 160 * n as u32, part);
    }
    put_block(&mut file, Codec::G722, 8000, &wide);
    put_block(&mut file, Codec::Pcmu, 16_000, &encoded(Codec::Pcmu, 1000));
    let reading = read(&file);
    assert_eq!((reading.rate_hz, reading.samples.len()), (16_000, 48_000));
    let expected = tone(16_000, 1000);
    let error: Vec<i16> = reading.samples[1600..14_400].iter().zip(&expected[1600..]).map(|(a, b)| a - b).collect();
    assert!(level(&error) < -45.0, "{}", level(&error));
    for second in reading.samples.chunks(16_000) {
        assert!((level(&second[800..15_200]) + 15.3).abs() < 0.5, "{}", level(second));
    }
}

#[test]
fn without_sound_nothing_is_heard() {
    let mut file = Vec::new();
    put_block(&mut file, Codec::Pcma, 0, &[0xD5; 8000]);
    put_end(&mut file, 16_000);
    let reading = read(&file);
    assert_eq!((reading.samples.len(), reading.heard.clone(), reading.sound), (16_000, 0..0, Duration::ZERO));
    assert!(reading.heard_samples().is_empty());
    let nothing =
        Reading { rate_hz: 8000, samples: Vec::new(), heard: 0..0, sound: Duration::ZERO, peak: 0, damaged: false };
    assert_eq!(read(&[]), nothing);
}

#[test]
fn a_steady_sound_is_heard_whole() {
    let mut file = Vec::new();
    put_block(&mut file, Codec::Pcmu, 0, &encoded(Codec::Pcmu, 3000));
    let reading = read(&file);
    assert_eq!((reading.heard.clone(), reading.sound), (0..24_000, Duration::from_secs(3)));
}

#[test]
fn a_place_far_out_costs_no_memory() {
    let mut file = Vec::new();
    put_block(&mut file, Codec::Pcma, 0, &encoded(Codec::Pcma, 100));
    put_block(&mut file, Codec::Pcma, u32::MAX - 10, &[0xD5; 800]);
    put_end(&mut file, u32::MAX);
    let reading = read(&file);
    assert!(reading.damaged);
    assert_eq!(reading.samples.len(), LENGTH_MAX as usize);
    assert_eq!(reading.heard.start, 0);
}

#[test]
fn a_wav_is_read_back() {
    let samples: Vec<i16> = (0..20_000).map(|n| (n * 3 % 30_011 - 15_000) as i16).collect();
    let file = wav(16_000, &samples);
    assert_eq!(file.len(), 44 + 40_000);
    let reader = hound::WavReader::new(std::io::Cursor::new(file)).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1));
    assert_eq!(reader.into_samples::<i16>().map(Result::unwrap).collect::<Vec<_>>(), samples);
    assert_eq!(wav(8000, &[]).len(), 44);
}

#[test]
fn peaks_are_what_is_drawn() {
    assert_eq!(peaks(&[0, -32_768, 128, 16_384], 2), [255, 128]);
    assert_eq!(peaks(&[32_767, 0], 4), [255, 255, 0, 0]);
    assert_eq!(peaks(&[], 3), [0, 0, 0]);
    assert_eq!(peaks(&[1], 0), [0_u8; 0]);
}

#[test]
fn takes_are_joined_with_a_pause() {
    let narrow = read(&take(Codec::Pcma));
    let wide = read(&take(Codec::G722));
    let silent = read(&[]);
    let (rate_hz, joined) = join(&[narrow.clone(), silent.clone(), wide.clone()]);
    assert_eq!((rate_hz, joined.len()), (16_000, narrow.heard.len() * 2 + 6400 + wide.heard.len()));
    assert_eq!(&joined[joined.len() - wide.heard.len()..], wide.heard_samples());
    assert_eq!(join(std::slice::from_ref(&narrow)), (8000, narrow.heard_samples().to_vec()));
    assert_eq!(join(&[silent]), (8000, Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_cut_take_is_the_start_of_the_whole(cut in 0..=take(Codec::Pcma).len()) {
        let file = take(Codec::Pcma);
        let (whole, part) = (read(&file), read(&file[..cut]));
        prop_assert!(!part.damaged);
        prop_assert_eq!(&part.samples[..], &whole.samples[..part.samples.len()]);
        // All whole blocks are there.
        let length = match (cut / 816).min(20) {
            _ if cut == file.len() => 32_000,
            0 => 0,
            blocks @ 1..=10 => 4000 + 800 * blocks,
            blocks => 16_000 + 800 * (blocks - 10),
        };
        prop_assert_eq!(part.samples.len(), length);
    }

    #[test]
    fn a_flipped_byte_costs_its_block_alone(at in 0..20 * 816_usize, flip in 1..=255_u8) {
        let mut file = take(Codec::Pcma);
        let whole = read(&file);
        file[at] ^= flip;
        let reading = read(&file);
        prop_assert!(reading.damaged);
        prop_assert_eq!(reading.samples.len(), whole.samples.len());
        let differ = reading.samples.iter().zip(&whole.samples).filter(|(a, b)| a != b).count();
        prop_assert!(0 < differ && differ <= 800, "{}", differ);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    #[test]
    fn any_blocks_are_survived(blocks in proptest::collection::vec((0..4_u8, 0..200_000_u32, 0..3000_usize), 0..12)) {
        let mut file = Vec::new();
        for (kind, position, length) in blocks {
            let payload = vec![kind.wrapping_mul(37) ^ 0x55; length];
            match kind {
                0 => put_block(&mut file, Codec::Pcma, position, &payload),
                1 => put_block(&mut file, Codec::Pcmu, position, &payload),
                2 => put_block(&mut file, Codec::G722, position, &payload),
                _ => put_end(&mut file, position),
            }
        }
        let reading = read(&file);
        prop_assert!(!reading.damaged);
        prop_assert!(reading.heard.end <= reading.samples.len());
    }
}
