//! Branches, tags and Call-IDs: keyed hashes of a counter, so that they repeat under the same seed
//! and cannot be guessed without it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasher, Hasher};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Where names come from.
#[derive(Debug)]
pub struct Names {
    seed: u64,
    counter: u64,
}

impl Names {
    /// Names under `seed`.
    pub fn new(seed: u64) -> Self {
        Names { seed, counter: 0 }
    }

    fn next(&mut self, label: &[u8]) -> String {
        self.counter += 1;
        keyed(self.seed, label, &[&self.counter.to_be_bytes()])
    }

    /// A branch with the magic cookie (RFC 3261 §8.1.1.7).
    pub fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.next(b"branch"))
    }

    /// A tag: 64 bits, where RFC 3261 §19.3 asks for 32.
    pub fn tag(&mut self) -> String {
        self.next(b"tag")
    }

    /// A Call-ID.
    pub fn call_id(&mut self) -> String {
        self.next(b"call-id")
    }

    /// A number below `bound`, for back-off times and RSeq.
    pub fn below(&mut self, bound: u32) -> u32 {
        let hex = self.next(b"number");
        let number = hex.get(..8).and_then(|head| u32::from_str_radix(head, 16).ok()).unwrap_or(0);
        number.checked_rem(bound).unwrap_or(0)
    }

    /// The tag of an answer that leaves no state: the same whenever the request is (RFC 3261 §8.2.7).
    pub fn stateless_tag(&self, parts: &[&[u8]]) -> String {
        keyed(self.seed, b"stateless", parts)
    }
}

fn keyed(seed: u64, label: &[u8], parts: &[&[u8]]) -> String {
    // HMAC takes keys of any length; the error type is for other MACs.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&seed.to_be_bytes()) else { return String::new() };
    mac.update(label);
    for part in parts {
        mac.update(&part.len().to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A hasher for maps whose keys strangers choose: keyed by the seed, and the same in every run.
#[derive(Clone, Copy, Debug)]
pub struct KeyedHash(pub u64);

impl BuildHasher for KeyedHash {
    type Hasher = DefaultHasher;
    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_repeat_under_a_seed_and_differ_within_it() {
        let (mut one, mut two, mut other) = (Names::new(7), Names::new(7), Names::new(8));
        let tag = one.tag();
        assert_eq!(tag, two.tag());
        assert_ne!(tag, one.tag());
        assert_ne!(tag, other.tag());
        assert_eq!(tag.len(), 16);
        assert!(one.branch().starts_with("z9hG4bK"));
        assert!((0..100).all(|_| one.below(20) < 20));
    }
}
