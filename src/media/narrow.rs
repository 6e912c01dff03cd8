//! Any codec to 8000 samples a second: what judging sound and finding tones needs.

use audio_codec::Decoder;
use audio_codec::g722::{Bitrate, G722Decoder};

use super::contract::Codec;
use super::g711;

/// Decodes one line. Of G.722 only the lower band: half the work, and keys and voices are in it.
#[derive(Default)]
pub struct Narrow {
    g722: Option<Box<G722Decoder>>,
}

impl std::fmt::Debug for Narrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Narrow")
    }
}

impl Narrow {
    /// Decodes as much of `payload` as `out` holds; says how many samples, one for each byte.
    pub fn decode(&mut self, codec: Codec, payload: &[u8], out: &mut [i16]) -> usize {
        let count = payload.len().min(out.len());
        let payload = payload.get(..count).unwrap_or_default();
        let table = match codec {
            Codec::Pcma => g711::alaw,
            Codec::Pcmu => g711::ulaw,
            Codec::G722 => {
                let fresh = || Box::new(G722Decoder::with_options(Bitrate::Mode1_64000, false, true));
                let decoder = self.g722.get_or_insert_with(fresh);
                return decoder.decode_into(payload, out).unwrap_or(0);
            }
        };
        for (sample, byte) in out.iter_mut().zip(payload) {
            *sample = table(*byte);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::vad::level_dbfs;
    use audio_codec::Encoder;

    #[test]
    fn the_lower_band_keeps_its_level() {
        let tone: Vec<i16> = (0..16_000)
            .map(|n| (8000.0 * (n as f32 * 800.0 * std::f32::consts::TAU / 16_000.0).sin()) as i16)
            .collect();
        let bytes = audio_codec::g722::G722Encoder::new().encode(&tone);
        let mut out = [0; 8000];
        assert_eq!(Narrow::default().decode(Codec::G722, &bytes, &mut out), 8000);
        assert!((level_dbfs(&out[800..]) - level_dbfs(&tone)).abs() < 1.0, "{}", level_dbfs(&out[800..]));
        let mut short = [0; 10];
        assert_eq!(Narrow::default().decode(Codec::Pcma, &[0xD5; 20], &mut short), 10);
    }
}
