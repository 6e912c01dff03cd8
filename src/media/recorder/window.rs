//! The last second of a recording, still open to late packets and to blanking.

use super::bits::Bits;
use crate::media::contract::Codec;
use crate::media::limits::RECORD_WINDOW;
use crate::media::take::put_block;

/// Bytes by their place on the time line, from [`Window::base`] on. Positions are in 1/8000 s.
#[derive(Debug)]
pub struct Window {
    base: i64,
    bytes: Vec<u8>,
    have: Bits,
    /// Of all bytes in here.
    pub codec: Codec,
}

impl Window {
    /// Empty, from the start of the time line.
    pub fn new(codec: Codec) -> Self {
        Window { base: 0, bytes: vec![0; RECORD_WINDOW], have: Bits::new(), codec }
    }

    /// What is before this is written.
    pub fn base(&self) -> i64 {
        self.base
    }

    /// Nothing from here on fits.
    pub fn limit(&self) -> i64 {
        self.base + RECORD_WINDOW as i64
    }

    /// Puts `payload` at `position`; what lies outside is left out.
    pub fn put(&mut self, position: i64, payload: &[u8]) {
        let (from, to) = self.range(position, position + payload.len() as i64);
        let skip = usize::try_from(self.base - position).unwrap_or(0);
        let Some(payload) = payload.get(skip..).and_then(|p| p.get(..to.saturating_sub(from))) else { return };
        if let Some(bytes) = self.bytes.get_mut(from..to) {
            bytes.copy_from_slice(payload);
            self.have.fill(from, to, true);
        }
    }

    /// Takes out what lies between the two positions.
    pub fn blank(&mut self, from: i64, to: i64) {
        let (from, to) = self.range(from, to);
        self.have.fill(from, to, false);
    }

    /// Copies what is there between the two positions, without the gaps; says how many bytes.
    pub fn copy(&self, from: i64, to: i64, out: &mut [u8]) -> usize {
        let (from, to) = self.range(from, to);
        let mut count = 0;
        for (begin, end) in self.have.runs(from, to) {
            let run = self.bytes.get(begin..end).unwrap_or_default();
            let Some(place) = out.get_mut(count..count + run.len()) else { break };
            place.copy_from_slice(run);
            count += run.len();
        }
        count
    }

    /// Writes what is before `until` as blocks and moves on to there.
    pub fn flush(&mut self, until: i64, out: &mut Vec<u8>) {
        let (_, to) = self.range(self.base, until);
        for (begin, end) in self.have.runs(0, to) {
            let position = u32::try_from(self.base + begin as i64).unwrap_or(u32::MAX);
            put_block(out, self.codec, position, self.bytes.get(begin..end).unwrap_or_default());
        }
        if until > self.base {
            self.bytes.copy_within(to.., 0);
            self.have.shift(to);
            self.base = until;
        }
    }

    /// Indices of two positions.
    fn range(&self, from: i64, to: i64) -> (usize, usize) {
        let index = |position: i64| (position - self.base).clamp(0, RECORD_WINDOW as i64) as usize;
        (index(from), index(to).max(index(from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::take::{Block, Blocks};

    fn blocks(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
        Blocks::new(file)
            .filter_map(|block| match block {
                Block::Audio { position, payload, .. } => Some((position, payload.to_vec())),
                Block::End { .. } => None,
            })
            .collect()
    }

    #[test]
    fn runs_become_blocks_and_gaps_none() {
        let mut window = Window::new(Codec::Pcma);
        window.put(-2, &[1, 2, 3, 4]);
        window.put(10, &[5; 10]);
        window.blank(12, 15);
        let mut out = Vec::new();
        window.flush(16, &mut out);
        window.put(14, &[9; 4]);
        window.flush(10_000_000, &mut out);
        assert_eq!(
            blocks(&out),
            [(0, vec![3, 4]), (10, vec![5; 2]), (15, vec![5; 1]), (16, vec![9, 9, 5, 5])],
            "what comes after its place was written is left out"
        );
        window.put(10_000_000 + RECORD_WINDOW as i64 - 1, &[7; 3]);
        out.clear();
        window.flush(window.limit(), &mut out);
        assert_eq!(blocks(&out), [(10_000_000 + RECORD_WINDOW as u32 - 1, vec![7])]);
    }
}
