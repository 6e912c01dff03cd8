//! Owners' audio files: whatever people record with, as one channel of 16-bit samples.
//!
//! Nothing in a file is believed: not its length, not its channels, not its name. This runs in a process
//! of its own with limits (`run::worker`); what is checked here makes the refusal clear, what is not is
//! ended there.

use std::io::Cursor;

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::resample::RATES_HZ;

/// More channels than this come from no microphone.
pub const CHANNELS_MAX: usize = 8;
/// Packets that are read of one file: ten times what the longest needs in the smallest of any format.
const PACKETS_MAX: usize = 500_000;

/// Why a file is nothing that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No format or codec that is known, or too damaged.
    #[error("no audio that can be read")]
    NotAudio,
    /// It has, or says that it has, more seconds than may be.
    #[error("longer than is allowed")]
    TooLong,
    /// More than [`CHANNELS_MAX`].
    #[error("{0} channels")]
    Channels(u16),
    /// Not one of [`RATES_HZ`].
    #[error("{0} samples a second")]
    Rate(u32),
}

/// Samples of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// One of [`RATES_HZ`].
    pub rate_hz: u32,
    /// The mean of all channels.
    pub samples: Vec<i16>,
}

/// Decodes the first audio track of a file: WAV, AIFF, CAF, FLAC, MP3, Ogg with Vorbis, MP4 with AAC or
/// ALAC. A file that breaks off gives what is there; one of more than `seconds_max` is refused.
pub fn decode(file: Vec<u8>, seconds_max: u32) -> Result<Decoded, DecodeError> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(file)), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|_| DecodeError::NotAudio)?;
    let track = format.default_track(TrackType::Audio).ok_or(DecodeError::NotAudio)?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(DecodeError::NotAudio)?;
    if let Some(channels) = &params.channels {
        check_channels(channels.count())?;
    }
    if let Some(rate_hz) = params.sample_rate {
        check_rate(rate_hz)?;
        let most = u64::from(seconds_max) * u64::from(rate_hz);
        if track.num_frames.is_some_and(|frames| frames > most) {
            return Err(DecodeError::TooLong);
        }
    }
    let id = track.id;
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map_err(|_| DecodeError::NotAudio)?;
    read(format.as_mut(), decoder, id, seconds_max)
}

fn read(
    format: &mut dyn FormatReader,
    mut decoder: Box<dyn AudioDecoder>,
    track: u32,
    seconds_max: u32,
) -> Result<Decoded, DecodeError> {
    let mut decoded = Decoded { rate_hz: 0, samples: Vec::new() };
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut frames = Vec::new();
    for _ in 0..PACKETS_MAX {
        // An error ends the file where it is: what comes after it has lost its place.
        let Ok(Some(packet)) = format.next_packet() else { break };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => {
                good += 1;
                append(&mut decoded, &buffer, &mut frames)?;
            }
            Err(Error::DecodeError(_) | Error::IoError(_)) => bad += 1,
            Err(_) => break,
        }
        if decoded.samples.len() as u64 > u64::from(seconds_max) * u64::from(decoded.rate_hz) {
            return Err(DecodeError::TooLong);
        }
    }
    // Bytes of anything look like a frame of MP3 now and then.
    if decoded.samples.is_empty() || bad > good { Err(DecodeError::NotAudio) } else { Ok(decoded) }
}

/// A piece of the file, as one channel.
fn append(into: &mut Decoded, buffer: &GenericAudioBufferRef<'_>, frames: &mut Vec<f32>) -> Result<(), DecodeError> {
    let (rate_hz, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
    check_channels(channels)?;
    check_rate(rate_hz)?;
    if into.rate_hz == 0 {
        into.rate_hz = rate_hz;
    } else if into.rate_hz != rate_hz {
        // Nothing that a recorder writes.
        return Err(DecodeError::NotAudio);
    }
    buffer.copy_to_vec_interleaved(frames);
    let share = 1.0 / channels as f32;
    into.samples.extend(frames.chunks_exact(channels).map(|frame| to_i16(frame.iter().sum::<f32>() * share)));
    Ok(())
}

fn check_channels(channels: usize) -> Result<(), DecodeError> {
    match channels {
        1..=CHANNELS_MAX => Ok(()),
        0 => Err(DecodeError::NotAudio),
        many => Err(DecodeError::Channels(u16::try_from(many).unwrap_or(u16::MAX))),
    }
}

fn check_rate(rate_hz: u32) -> Result<(), DecodeError> {
    if RATES_HZ.contains(&rate_hz) { Ok(()) } else { Err(DecodeError::Rate(rate_hz)) }
}

/// Saturates; what is no number is silence.
fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}
