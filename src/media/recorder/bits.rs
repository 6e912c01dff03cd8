//! A bit for each sample of the window: an eighth of what truths would take.

use crate::media::limits::RECORD_WINDOW;

const WORDS: usize = RECORD_WINDOW.div_ceil(64);

/// Bits `0..RECORD_WINDOW`; what lies beyond is neither set nor found.
#[derive(Debug)]
pub struct Bits(Box<[u64; WORDS]>);

impl Bits {
    /// None is set.
    pub fn new() -> Self {
        Bits(Box::new([0; WORDS]))
    }

    /// Sets or clears `from..to`.
    pub fn fill(&mut self, from: usize, to: usize, set: bool) {
        for (index, mask) in masks(from, to) {
            if let Some(word) = self.0.get_mut(index) {
                *word = if set { *word | mask } else { *word & !mask };
            }
        }
    }

    /// The runs of set bits within `from..to`, in order, as beginning and end.
    pub fn runs(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut at = from;
        std::iter::from_fn(move || {
            let begin = self.next(at, to, true);
            at = self.next(begin, to, false);
            (begin < at).then_some((begin, at))
        })
    }

    /// Forgets the first `by`; those behind move up.
    pub fn shift(&mut self, by: usize) {
        let (words, bits) = (by / 64, by % 64);
        for index in 0..WORDS {
            let low = self.0.get(index + words).copied().unwrap_or(0);
            let high = self.0.get(index + words + 1).copied().unwrap_or(0);
            let moved = if bits == 0 { low } else { low >> bits | high << (64 - bits) };
            if let Some(word) = self.0.get_mut(index) {
                *word = moved;
            }
        }
    }

    /// The first in `from..to` that is set, or is not; `to` if there is none.
    fn next(&self, from: usize, to: usize, set: bool) -> usize {
        let found = masks(from, to).find_map(|(index, mask)| {
            let word = self.0.get(index).copied().unwrap_or(0);
            let word = mask & if set { word } else { !word };
            (word != 0).then(|| index * 64 + word.trailing_zeros() as usize)
        });
        found.unwrap_or(to)
    }
}

/// The words that `from..to` touches, and what of each.
fn masks(from: usize, to: usize) -> impl Iterator<Item = (usize, u64)> {
    (from / 64..to.div_ceil(64)).map(move |index| {
        let (low, high) = (from.max(index * 64) - index * 64, to.min(index * 64 + 64) - index * 64);
        (index, u64::MAX << low & u64::MAX >> (64 - high))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_truths_would(steps in prop::collection::vec((0..=RECORD_WINDOW, 0..=300_usize, 0..4_u8), 1..40)) {
            let (mut bits, mut truths) = (Bits::new(), vec![false; RECORD_WINDOW]);
            for (from, length, step) in steps {
                let to = (from + length).min(RECORD_WINDOW);
                match step {
                    0 => {
                        bits.shift(from);
                        truths.copy_within(from.., 0);
                        truths[RECORD_WINDOW - from..].fill(false);
                    }
                    step => {
                        bits.fill(from, to, step > 1);
                        truths[from..to].fill(step > 1);
                    }
                }
                let mut found = vec![false; RECORD_WINDOW];
                for (begin, end) in bits.runs(from / 2, to) {
                    prop_assert!(begin < end && !found[begin.saturating_sub(1)], "runs do not touch");
                    found[begin..end].fill(true);
                }
                prop_assert_eq!(&found[from / 2..to], &truths[from / 2..to]);
            }
        }
    }
}
