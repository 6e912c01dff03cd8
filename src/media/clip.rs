//! Speech made ready to be played: encoded once in every codec.

use std::io::Cursor;

use audio_codec::Encoder;
use audio_codec::g722::G722Encoder;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

use super::contract::Clip;
use super::g711::{to_alaw, to_ulaw};
use super::level;
use super::resample::{RATES_HZ, resample};

/// Longest WAV file in time: a message that its caller hears again may be as long as a take.
const SECONDS_MAX: u32 = 30 * 60;
/// Longest WAV file in bytes: half an hour at 16 kHz, and a little.
const WAV_BYTES_MAX: usize = 64_000_000;
/// Clips are whole ticks long, in 1/8000 s: the last packet is full.
const TICK_UNITS: usize = 160;

/// Why a file is no clip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// Not a WAV file, or one that breaks off.
    #[error("not a readable WAV file: save it as 16-bit PCM WAV")]
    NotWav,
    /// Another sample format, or more than two channels.
    #[error("the WAV file has {bits} bits and {channels} channels: save it as 16-bit PCM, mono or stereo")]
    Format {
        /// Per sample.
        bits: u16,
        /// Channels.
        channels: u16,
    },
    /// A rate that is not converted.
    #[error("{0} samples a second: save it at 8000, 16000, 44100 or 48000")]
    Rate(u32),
    /// Over the limit.
    #[error("too long: {} minutes or {} megabytes are the most", SECONDS_MAX / 60, WAV_BYTES_MAX / 1_000_000)]
    TooLong,
    /// No samples.
    #[error("there is nothing in the WAV file")]
    Empty,
}

impl Clip {
    /// Encodes `samples`. `rate_hz` is one of [`RATES_HZ`]. All codecs get the same length, silence
    /// filling the last tick.
    pub fn from_pcm(name: &str, rate_hz: u32, samples: &[i16]) -> Clip {
        let mut narrow = resample(samples, rate_hz, 8000);
        let mut wide = resample(samples, rate_hz, 16_000);
        let units = narrow.len().max(wide.len().div_ceil(2)).next_multiple_of(TICK_UNITS);
        narrow.resize(units, 0);
        wide.resize(units * 2, 0);
        Clip {
            name: name.to_owned(),
            pcma: narrow.iter().map(|sample| to_alaw(*sample)).collect(),
            pcmu: narrow.iter().map(|sample| to_ulaw(*sample)).collect(),
            g722: G722Encoder::new().encode(&wide).into(),
        }
    }

    /// Encodes a WAV file of 16-bit PCM, mono or stereo, at one of [`RATES_HZ`].
    pub fn from_wav(name: &str, file: &[u8]) -> Result<Clip, ClipError> {
        let (rate_hz, samples) = read_wav(file)?;
        Ok(Clip::from_pcm(name, rate_hz, &samples))
    }

    /// How long it plays.
    pub fn duration(&self) -> std::time::Duration {
        std::time::Duration::from_micros(self.pcma.len() as u64 * 125)
    }
}

/// The samples of a WAV file of 16-bit PCM as one channel, with their rate in Hz.
pub fn read_wav(file: &[u8]) -> Result<(u32, Vec<i16>), ClipError> {
    if file.len() > WAV_BYTES_MAX {
        return Err(ClipError::TooLong);
    }
    let mut reader = hound::WavReader::new(Cursor::new(file)).map_err(|_| ClipError::NotWav)?;
    let spec = reader.spec();
    let is_pcm = spec.sample_format == hound::SampleFormat::Int && spec.bits_per_sample == 16;
    if !is_pcm || !(1..=2).contains(&spec.channels) {
        return Err(ClipError::Format { bits: spec.bits_per_sample, channels: spec.channels });
    }
    if !RATES_HZ.contains(&spec.sample_rate) {
        return Err(ClipError::Rate(spec.sample_rate));
    }
    // By what the file says, before anything is read.
    if reader.duration() > spec.sample_rate * SECONDS_MAX {
        return Err(ClipError::TooLong);
    }
    let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>().map_err(|_| ClipError::NotWav)?;
    let mono: Vec<i16> = match spec.channels {
        1 => samples,
        _ => samples.as_chunks::<2>().0.iter().map(|[left, right]| mean(*left, *right)).collect(),
    };
    if mono.is_empty() { Err(ClipError::Empty) } else { Ok((spec.sample_rate, mono)) }
}

/// The samples of a FLAC file of ours, 16 kHz and one channel; none where it is anything else.
pub fn read_flac(file: Vec<u8>) -> Option<Vec<i16>> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(file)), Default::default());
    let mut reader = FlacReader::try_new(source, FormatOptions::default()).ok()?;
    let params = reader.default_track(TrackType::Audio)?.codec_params.as_ref()?.audio()?;
    if params.sample_rate != Some(level::RATE_HZ) || params.channels.as_ref()?.count() != 1 {
        return None;
    }
    let mut decoder = FlacDecoder::try_new(params, &AudioDecoderOptions::default()).ok()?;
    let (mut pcm, mut some) = (Vec::new(), Vec::<i16>::new());
    while let Some(packet) = reader.next_packet().ok()? {
        decoder.decode(&packet).ok()?.copy_to_vec_interleaved(&mut some);
        pcm.append(&mut some);
    }
    Some(pcm)
}

/// Cannot overflow.
fn mean(left: i16, right: i16) -> i16 {
    left.midpoint(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::g711::{alaw, ulaw};
    use crate::media::take::wav;
    use crate::media::vad::level_dbfs;
    use audio_codec::Decoder;
    use audio_codec::g722::G722Decoder;
    use proptest::prelude::*;

    fn tone(rate_hz: u32, samples: u32) -> Vec<i16> {
        let step = 600.0 * std::f32::consts::TAU / rate_hz as f32;
        (0..samples).map(|n| (9000.0 * (n as f32 * step).sin()) as i16).collect()
    }

    /// How far `heard` is under the tone that it should be.
    fn error_db(heard: &[i16], expected: &[i16]) -> f32 {
        let error: Vec<i16> = heard.iter().zip(expected).map(|(a, b)| a.saturating_sub(*b)).collect();
        level_dbfs(&error) - level_dbfs(expected)
    }

    #[test]
    fn every_codec_says_the_same() {
        for rate_hz in RATES_HZ {
            let clip = Clip::from_pcm("x", rate_hz, &tone(rate_hz, rate_hz));
            assert_eq!((clip.pcma.len(), clip.pcmu.len(), clip.g722.len()), (8000, 8000, 8000), "{rate_hz}");
            let expected = tone(8000, 8000);
            let a: Vec<i16> = clip.pcma.iter().map(|byte| alaw(*byte)).collect();
            let u: Vec<i16> = clip.pcmu.iter().map(|byte| ulaw(*byte)).collect();
            assert!(error_db(&a[800..7200], &expected[800..7200]) < -30.0, "{rate_hz}");
            assert!(error_db(&u[800..7200], &expected[800..7200]) < -30.0, "{rate_hz}");
            // The two filters of G.722 delay by 22 samples of 16 kHz.
            let g: Vec<i16> = G722Decoder::new().decode(&clip.g722);
            assert!(error_db(&g[1622..14_422], &tone(16_000, 16_000)[1600..14_400]) < -25.0, "{rate_hz}");
        }
    }

    #[test]
    fn clips_are_whole_ticks() {
        for samples in [1, 159, 160, 161, 319, 320, 321] {
            let clip = Clip::from_pcm("x", 16_000, &tone(16_000, samples));
            let units = usize::try_from(samples).unwrap().div_ceil(320) * 160;
            assert_eq!((clip.pcma.len(), clip.pcmu.len(), clip.g722.len()), (units, units, units), "{samples}");
        }
        assert_eq!(Clip::from_pcm("x", 8000, &[]).pcma.len(), 0);
        assert_eq!(Clip::from_pcm("x", 8000, &tone(8000, 8000)).duration().as_millis(), 1000);
    }

    fn stereo(rate_hz: u32, bits: u16, channels: u16) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate_hz,
            bits_per_sample: bits,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
        for n in 0..480 * i32::from(channels) {
            writer.write_sample(if n % i32::from(channels) == 0 { 100 } else { 50 }).unwrap();
        }
        writer.finalize().unwrap();
        file.into_inner()
    }

    #[test]
    fn usual_wavs_are_read() {
        let samples = tone(44_100, 4410);
        assert_eq!(read_wav(&wav(44_100, &samples)), Ok((44_100, samples)));
        assert_eq!(read_wav(&stereo(48_000, 16, 2)), Ok((48_000, vec![75; 480])));
        assert_eq!(Clip::from_wav("x", &stereo(48_000, 16, 2)).unwrap().pcma.len(), 160);
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(read_wav(b"RIFF"), Err(ClipError::NotWav));
        assert_eq!(read_wav(&stereo(48_000, 24, 2)), Err(ClipError::Format { bits: 24, channels: 2 }));
        assert_eq!(read_wav(&stereo(48_000, 16, 3)), Err(ClipError::Format { bits: 16, channels: 3 }));
        assert_eq!(read_wav(&stereo(44_101, 16, 1)), Err(ClipError::Rate(44_101)));
        assert_eq!(read_wav(&wav(8000, &[])), Err(ClipError::Empty));
        let mut long = wav(8000, &[1; 500]);
        long[40..44].copy_from_slice(&(2 * 8000 * 1801_u32).to_le_bytes());
        assert_eq!(read_wav(&long), Err(ClipError::TooLong));
        let whole = wav(8000, &[1; 500]);
        assert_eq!(read_wav(&whole[..700]), Err(ClipError::NotWav));
    }

    proptest! {
        #[test]
        fn damaged_wavs_are_survived(at in 0..60_usize, byte: u8, cut in 0..1044_usize) {
            let mut file = wav(8000, &[1; 500]);
            file[at] = byte;
            let _ = read_wav(&file);
            let _ = read_wav(&file[..cut]);
        }
    }
}
