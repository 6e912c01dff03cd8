//! G.711 (ITU-T G.711): A-law and µ-law to 16-bit samples and back.

use super::contract::Codec;

macro_rules! const_table {
    ($decode:ident) => {{
        let mut table = [0i16; 256];
        let mut at = 0;
        while at < 256 {
            table[at] = $decode(at as u8);
            at += 1;
        }
        table
    }};
}

#[allow(clippy::indexing_slicing, reason = "at compile time")]
static ALAW: [i16; 256] = const_table!(alaw_decode);
#[allow(clippy::indexing_slicing, reason = "at compile time")]
static ULAW: [i16; 256] = const_table!(ulaw_decode);

/// One sample of A-law.
pub fn alaw(byte: u8) -> i16 {
    ALAW.get(usize::from(byte)).copied().unwrap_or(0)
}

/// One sample of µ-law.
pub fn ulaw(byte: u8) -> i16 {
    ULAW.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The A-law byte nearest to `sample`.
pub fn to_alaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0x80, i32::from(sample)) } else { (0, -i32::from(sample) - 1) };
    // 13 bits: the lowest three do not count.
    let magnitude = magnitude >> 3 << 3;
    let mut segment = 7;
    while segment > 0 && magnitude < 0x80 << segment {
        segment -= 1;
    }
    let shift = if segment == 0 { 4 } else { segment + 3 };
    let mantissa = (magnitude >> shift) & 0x0F;
    (sign | (segment << 4) as u8 | mantissa as u8) ^ 0x55
}

/// The µ-law byte nearest to `sample`.
pub fn to_ulaw(sample: i16) -> u8 {
    const BIAS: i32 = 0x84;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(32_635) + BIAS;
    let mut segment = 7;
    while segment > 0 && magnitude < 0x80 << segment {
        segment -= 1;
    }
    let mantissa = (magnitude >> (segment + 3)) & 0x0F;
    !(sign | (segment << 4) as u8 | mantissa as u8)
}

/// What silence looks like. G.722 has no byte for it; this one holds both bands at rest.
pub fn silence(codec: Codec) -> u8 {
    match codec {
        Codec::Pcma => 0xD5,
        Codec::Pcmu | Codec::G722 => 0xFF,
    }
}

const fn alaw_decode(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let mantissa = ((byte & 0x0F) as i16) << 4;
    let segment = (byte >> 4) & 7;
    let magnitude = match segment {
        0 => mantissa + 8,
        1 => mantissa + 0x108,
        _ => (mantissa + 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn ulaw_decode(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = (((((byte & 0x0F) as i32) << 3) + 0x84) << ((byte >> 4) & 7)) - 0x84;
    (if byte & 0x80 != 0 { -magnitude } else { magnitude }) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use audio_codec::{Decoder, Encoder};

    #[test]
    fn every_byte_decodes_like_another_implementation() {
        let bytes: Vec<u8> = (0..=255).collect();
        let a = audio_codec::pcma::PcmaDecoder::new().decode(&bytes);
        let u = audio_codec::pcmu::PcmuDecoder::new().decode(&bytes);
        for byte in 0..=255u8 {
            assert_eq!(alaw(byte), a[usize::from(byte)], "A-law {byte}");
            assert_eq!(ulaw(byte), u[usize::from(byte)], "µ-law {byte}");
        }
    }

    #[test]
    fn encoding_is_the_nearest_step() {
        for sample in i16::MIN..=i16::MAX {
            let error = |back: i16| (i32::from(back) - i32::from(sample)).abs();
            // Half a step: 1/32 of the magnitude, or half of the smallest step.
            let bound = (i32::from(sample).abs() / 32).max(16) + 16;
            assert!(error(alaw(to_alaw(sample))) <= bound, "A-law {sample}: {}", alaw(to_alaw(sample)));
            assert!(error(ulaw(to_ulaw(sample))) <= bound, "µ-law {sample}: {}", ulaw(to_ulaw(sample)));
        }
        for byte in 0..=255u8 {
            assert_eq!(to_alaw(alaw(byte)), byte);
            assert_eq!(ulaw(to_ulaw(ulaw(byte))), ulaw(byte));
        }
    }

    #[test]
    fn silence_is_quiet() {
        assert!(alaw(silence(Codec::Pcma)).abs() <= 8 && ulaw(silence(Codec::Pcmu)) == 0);
        let mut heard = audio_codec::g722::G722Encoder::new();
        let mut decoder = audio_codec::g722::G722Decoder::new();
        let loud: Vec<i16> = (0..1600).map(|n| if n / 16 % 2 == 0 { 8000 } else { -8000 }).collect();
        decoder.decode(&heard.encode(&loud));
        let rest = decoder.decode(&[silence(Codec::G722); 800]);
        assert!(rest[320..].iter().all(|s| s.abs() < 50), "{:?}", &rest[320..360]);
    }
}
