//! The bytes of a take's file: blocks that stand for themselves.
//!
//! ```text
//!  0  4  magic      F1 'N' 'D' 1A
//!  4  1  kind       0 PCMA, 1 PCMU, 2 G.722, 255 end
//!  5  1  version    1
//!  6  2  length     of the payload, little endian
//!  8  4  position   on the time line, 1/8000 s from the start of the take, little endian
//! 12  4  check      CRC-32 over bytes 4..12 and the payload, little endian
//! 16     payload
//! ```
//! Each block says where it belongs, so nothing before it is needed to read it: a reader that meets
//! damage looks for the next magic whose check is right.

use crate::media::contract::Codec;

const MAGIC: [u8; 4] = [0xF1, b'N', b'D', 0x1A];
const VERSION: u8 = 1;
const HEADER: usize = 16;
const KIND_END: u8 = 255;
/// Longest payload of one block: four seconds. Damage costs no more than this.
const PAYLOAD_MAX: usize = 32_000;

/// What a block says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block<'a> {
    /// Audio: one byte is 1/8000 s.
    Audio {
        /// Of the payload.
        codec: Codec,
        /// 1/8000 s from the start of the take.
        position: u32,
        /// As it came from the line.
        payload: &'a [u8],
    },
    /// The take was ended in order and is this long, trailing silence included.
    End {
        /// 1/8000 s.
        position: u32,
    },
}

/// Appends audio. `position` is in 1/8000 s from the start of the take; a long payload becomes
/// several blocks. Allocates only where `out` must grow.
pub fn put_block(out: &mut Vec<u8>, codec: Codec, position: u32, payload: &[u8]) {
    let kind = match codec {
        Codec::Pcma => 0,
        Codec::Pcmu => 1,
        Codec::G722 => 2,
    };
    let mut at = position;
    for part in payload.chunks(PAYLOAD_MAX) {
        put(out, kind, at, part);
        at = at.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
    }
}

/// Appends the end: the take is `position` long in 1/8000 s, trailing silence included.
pub fn put_end(out: &mut Vec<u8>, position: u32) {
    put(out, KIND_END, position, &[]);
}

fn put(out: &mut Vec<u8>, kind: u8, position: u32, payload: &[u8]) {
    let length = u16::try_from(payload.len()).unwrap_or(u16::MAX).to_le_bytes();
    let position = position.to_le_bytes();
    let mut head = [kind, VERSION, 0, 0, 0, 0, 0, 0];
    let (front, back) = head.split_at_mut(4);
    for (slot, byte) in front.iter_mut().skip(2).chain(back).zip(length.iter().chain(&position)) {
        *slot = *byte;
    }
    out.reserve(HEADER + payload.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&head);
    out.extend_from_slice(&check(&head, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// Goes through the blocks of a file; what is damaged is stepped over and remembered.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    rest: &'a [u8],
    damaged: bool,
}

impl<'a> Blocks<'a> {
    /// From the start of a file.
    pub fn new(file: &'a [u8]) -> Self {
        Blocks { rest: file, damaged: false }
    }

    /// Something between blocks was no whole block. A file that was cut off is not damaged: that is
    /// how a crash leaves it, and everything before the cut is here.
    pub fn damaged(&self) -> bool {
        self.damaged
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let mut from = self.rest;
        loop {
            if let Some((block, rest)) = parse(from) {
                self.damaged |= from.len() != self.rest.len();
                self.rest = rest;
                return Some(block);
            }
            let next = from.get(1..).and_then(|tail| find(tail).map(|at| tail.get(at..).unwrap_or_default()));
            match next {
                Some(tail) => from = tail,
                None => {
                    self.damaged |= !self.rest.is_empty() && !cut_off(self.rest);
                    self.rest = &[];
                    return None;
                }
            }
        }
    }
}

/// The block at the start of `bytes`, and what follows it.
fn parse(bytes: &[u8]) -> Option<(Block<'_>, &[u8])> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (head, rest) = rest.split_first_chunk::<8>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let [kind, version, l0, l1, p0, p1, p2, p3] = *head;
    let (payload, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([l0, l1])))?;
    if version != VERSION || check(head, payload) != u32::from_le_bytes(*sum) {
        return None;
    }
    let position = u32::from_le_bytes([p0, p1, p2, p3]);
    let codec = match kind {
        0 => Codec::Pcma,
        1 => Codec::Pcmu,
        2 => Codec::G722,
        KIND_END => return Some((Block::End { position }, rest)),
        _ => return None,
    };
    Some((Block::Audio { codec, position, payload }, rest))
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MAGIC.len()).position(|window| window == MAGIC)
}

/// Whether the rest of a file looks like the beginning of one block and no more: a crash in `write`.
fn cut_off(rest: &[u8]) -> bool {
    if !rest.iter().zip(&MAGIC).all(|(a, b)| a == b) {
        return false;
    }
    let length = rest.get(6).zip(rest.get(7)).map(|(a, b)| usize::from(u16::from_le_bytes([*a, *b])));
    length.is_none_or(|length| rest.len() < HEADER + length)
}

/// CRC-32 (ISO 3309, as in zip and PNG).
fn check(head: &[u8; 8], payload: &[u8]) -> u32 {
    !crc(crc(!0, head), payload)
}

/// Four bytes a step: recording is hot.
#[allow(clippy::indexing_slicing, reason = "a byte always lies within a table of 256")]
fn crc(start: u32, bytes: &[u8]) -> u32 {
    let at = |table: usize, value: u32| CRC_TABLES[table][usize::from(value.to_le_bytes()[0])];
    let (words, rest) = bytes.as_chunks::<4>();
    let crc = words.iter().fold(start, |crc, word| {
        let crc = crc ^ u32::from_le_bytes(*word);
        at(3, crc) ^ at(2, crc >> 8) ^ at(1, crc >> 16) ^ at(0, crc >> 24)
    });
    rest.iter().fold(crc, |crc, byte| at(0, crc ^ u32::from(*byte)) ^ (crc >> 8))
}

static CRC_TABLES: [[u32; 256]; 4] = crc_tables();

#[allow(clippy::indexing_slicing, reason = "runs in the compiler")]
const fn crc_tables() -> [[u32; 256]; 4] {
    let mut tables = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut table = 1;
    while table < 4 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_is_crc_32() {
        // The check value of the CRC catalogue for CRC-32/ISO-HDLC.
        assert_eq!(!crc(!0, b"123456789"), 0xCBF4_3926);
        assert_eq!(check(b"12345678", b"9"), 0xCBF4_3926);
    }

    #[test]
    fn a_long_payload_is_split_and_keeps_its_place() {
        let payload = vec![7; PAYLOAD_MAX + 5];
        let mut file = Vec::new();
        put_block(&mut file, Codec::Pcmu, 100, &payload);
        put_end(&mut file, 99_999);
        let blocks: Vec<_> = Blocks::new(&file).collect();
        let expected = [
            Block::Audio { codec: Codec::Pcmu, position: 100, payload: &payload[..PAYLOAD_MAX] },
            Block::Audio { codec: Codec::Pcmu, position: 100 + PAYLOAD_MAX as u32, payload: &[7; 5] },
            Block::End { position: 99_999 },
        ];
        assert_eq!(blocks, expected);
    }

    fn sample() -> Vec<u8> {
        let mut file = Vec::new();
        for n in 0..4_u8 {
            put_block(&mut file, Codec::Pcma, u32::from(n) * 50, &[n; 50]);
        }
        put_end(&mut file, 200);
        file
    }

    proptest! {
        #[test]
        fn a_cut_file_is_read_up_to_its_last_whole_block(cut in 0..=sample().len()) {
            let mut blocks = Blocks::new(&sample()[..cut]).damaged_and_count();
            prop_assert!(!blocks.0);
            blocks.1 -= usize::from(cut == sample().len());
            prop_assert_eq!(blocks.1, (cut / (HEADER + 50)).min(4));
        }

        #[test]
        fn a_flipped_byte_costs_its_block_alone(at in 0..sample().len(), flip in 1..=255_u8) {
            let mut file = sample();
            file[at] ^= flip;
            let (damaged, count) = Blocks::new(&file).damaged_and_count();
            prop_assert_eq!(count, 4);
            // In the last block alone a wrong length cannot be told from a cut.
            prop_assert!(damaged || at >= 4 * (HEADER + 50));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Blocks::new(&bytes).damaged_and_count();
        }
    }

    impl Blocks<'_> {
        fn damaged_and_count(mut self) -> (bool, usize) {
            let count = self.by_ref().count();
            (self.damaged, count)
        }
    }
}
