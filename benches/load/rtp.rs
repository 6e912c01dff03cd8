//! RTP, G.711 A-law, the noise that a caller speaks and the beep that is waited for.

use std::f32::consts::TAU;
use std::sync::LazyLock;

/// Samples, and A-law bytes, of a 20 ms packet.
pub const FRAME: usize = 160;
/// RTP header without extensions (RFC 3550 §5.1).
pub const HEADER: usize = 12;
/// Static payload type of A-law (RFC 3551 §6).
pub const PCMA: u8 = 8;
/// The number that we offer for telephone-event.
pub const EVENT: u8 = 101;
/// A-law of silence.
pub const SILENCE: u8 = 0xD5;
/// What the beep sounds like.
pub const BEEP_HZ: f32 = 1000.0;
/// How long it is: 350 ms and what is left of the packet.
pub const BEEP_FRAMES: usize = 18;
/// What a caller says: 10 s.
pub const SPEECH_FRAMES: usize = 500;

/// The head of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// First packet of a talkspurt.
    pub marker: bool,
    /// Payload type.
    pub payload: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, 1/8000 s.
    pub timestamp: u32,
    /// Source.
    pub ssrc: u32,
}

impl Head {
    /// As it goes over the wire.
    pub fn print(self) -> [u8; HEADER] {
        let mut out = [0u8; HEADER];
        out[0] = 0x80;
        out[1] = u8::from(self.marker) << 7 | self.payload;
        out[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        out[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        out[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        out
    }

    /// Head and payload of a packet; none if it is not RTP version 2.
    pub fn parse(packet: &[u8]) -> Option<(Head, &[u8])> {
        let (head, rest) = packet.split_first_chunk::<HEADER>()?;
        if head[0] >> 6 != 2 {
            return None;
        }
        let mut skip = usize::from(head[0] & 0x0f) * 4;
        if head[0] & 0x10 != 0 {
            let length = rest.get(skip + 2..skip + 4)?;
            skip += 4 + 4 * usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
        let parsed = Head {
            marker: head[1] & 0x80 != 0,
            payload: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        };
        Some((parsed, rest.get(skip..)?))
    }
}

/// Payload of a key (RFC 4733 §2.3): event, end bit, volume 10, duration.
pub fn key_payload(event: u8, end: bool, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [event, u8::from(end) << 7 | 10, high, low]
}

/// A-law to 16-bit samples (ITU-T G.711).
pub static LINEAR: LazyLock<[i16; 256]> = LazyLock::new(|| std::array::from_fn(|code| decode(code as u8)));

fn decode(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = i16::from(code & 0x0f) << 4;
    let size = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    if code & 0x80 == 0 { -size } else { size }
}

/// 16-bit sample to A-law: the nearest of the 256. Slow, for what is made once.
fn encode(sample: i16) -> u8 {
    let distance = |code: &u8| (i32::from(LINEAR[usize::from(*code)]) - i32::from(sample)).abs();
    (0..=255).min_by_key(distance).unwrap_or(SILENCE)
}

/// A tone in A-law of whole packets.
pub fn tone(hz: f32, frames: usize) -> Vec<u8> {
    let sample = |n: usize| (TAU * hz * n as f32 / 8000.0).sin() * 8000.0;
    (0..frames * FRAME).map(|n| encode(sample(n) as i16)).collect()
}

/// Packet `index` of what caller `seed` says: noise of its own at about -21 dBFS, made anew wherever it is wanted.
pub fn noise(seed: u64, index: usize) -> [u8; FRAME] {
    // Seeds are neighbours: mixed first, or one caller's noise would be another's a few samples later.
    let mut state = mix(mix(seed) ^ index as u64);
    let mut out = [0u8; FRAME];
    for chunk in out.chunks_exact_mut(8) {
        state = mix(state);
        chunk.copy_from_slice(&state.to_le_bytes());
        for byte in chunk {
            // Sign as drawn, segment 0 to 5: no clipping, no full scale.
            *byte = ((*byte & 0x80) | ((*byte & 0x7f) % 0x60)) ^ 0x55;
        }
    }
    out
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Whether a packet is the beep: nearly all its energy at one frequency, and not quiet (Goertzel 1958).
pub fn is_beep(payload: &[u8]) -> bool {
    let step = TAU * BEEP_HZ / 8000.0;
    let factor = 2.0 * step.cos();
    let (mut before, mut last, mut energy) = (0.0f32, 0.0f32, 0.0f32);
    for byte in payload {
        let sample = f32::from(LINEAR[usize::from(*byte)]);
        energy += sample * sample;
        (before, last) = (last, sample + factor * last - before);
    }
    let power = last * last + before * before - factor * last * before;
    let count = payload.len() as f32;
    energy > count * 200.0 * 200.0 && 2.0 * power > 0.8 * energy * count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_survives_the_wire() {
        let head = Head { marker: true, payload: PCMA, sequence: 65535, timestamp: 0xdead_beef, ssrc: 7 };
        let mut packet = head.print().to_vec();
        packet.extend([1, 2, 3]);
        assert_eq!(Head::parse(&packet), Some((head, &[1u8, 2, 3][..])));
        assert_eq!(Head::parse(&packet[..11]), None);
    }

    #[test]
    fn a_law_is_g711() {
        // ITU-T G.711 table 1a: smallest and largest values of both signs.
        assert_eq!([LINEAR[0xD5], LINEAR[0x55], LINEAR[0xAA], LINEAR[0x2A]], [8, -8, 32256, -32256]);
        assert!((0..=255u8).all(|code| encode(LINEAR[usize::from(code)]) == code));
    }

    #[test]
    fn the_beep_is_told_from_noise_silence_and_other_tones() {
        assert!(tone(BEEP_HZ, 2).chunks(FRAME).all(is_beep));
        assert!(!tone(440.0, 2).chunks(FRAME).any(is_beep));
        assert!(!(0..50).any(|n| is_beep(&noise(1, n))));
        assert!(!is_beep(&[SILENCE; FRAME]));
    }

    #[test]
    fn callers_do_not_sound_alike() {
        assert_ne!(noise(1, 0), noise(2, 0));
        assert_ne!(noise(1, 0), noise(1, 1));
        assert_eq!(noise(3, 9), noise(3, 9));
    }
}
