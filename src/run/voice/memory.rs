//! Clips in memory, the most recently used of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Key;
use crate::media::Clip;

/// Clips that are kept.
const COUNT_MAX: usize = 512;
/// Bytes of them: half an hour in three codecs of 8000 bytes a second.
const BYTES_MAX: usize = 48_000_000;

/// A bounded cache.
#[derive(Default)]
pub struct Memory {
    clips: HashMap<Key, (Arc<Clip>, u64)>,
    bytes: usize,
    /// One more at every use.
    uses: u64,
}

impl Memory {
    /// A clip, which is used by that.
    pub fn get(&mut self, key: &Key) -> Option<Arc<Clip>> {
        self.uses += 1;
        let (clip, used) = self.clips.get_mut(key)?;
        *used = self.uses;
        Some(Arc::clone(clip))
    }

    /// Keeps a clip; those that were not used for the longest time give way. One that is larger than all
    /// room is not kept.
    pub fn put(&mut self, key: Key, clip: &Arc<Clip>) {
        if bytes(clip) > BYTES_MAX {
            return;
        }
        self.uses += 1;
        self.bytes += bytes(clip);
        if let Some((old, _)) = self.clips.insert(key, (Arc::clone(clip), self.uses)) {
            self.bytes -= bytes(&old);
        }
        while self.clips.len() > COUNT_MAX || self.bytes > BYTES_MAX {
            let oldest = self.clips.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some((old, _)) = oldest.and_then(|key| self.clips.remove(&key)) else { return };
            self.bytes -= bytes(&old);
        }
    }
}

fn bytes(clip: &Clip) -> usize {
    clip.pcma.len() + clip.pcmu.len() + clip.g722.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(seconds: usize) -> Arc<Clip> {
        let sound: Arc<[u8]> = vec![0; seconds * 8000].into();
        Arc::new(Clip { name: String::new(), pcma: Arc::clone(&sound), pcmu: Arc::clone(&sound), g722: sound })
    }

    fn key(n: usize) -> Key {
        let mut key = Key::default();
        key[..8].copy_from_slice(&n.to_le_bytes());
        key
    }

    #[test]
    fn the_oldest_use_gives_way_to_count() {
        let (mut memory, short) = (Memory::default(), clip(0));
        for n in 0..COUNT_MAX {
            memory.put(key(n), &short);
        }
        assert!(memory.get(&key(0)).is_some());
        memory.put(key(COUNT_MAX), &short);
        assert!(memory.get(&key(0)).is_some() && memory.get(&key(1)).is_none() && memory.get(&key(2)).is_some());
        assert_eq!(memory.clips.len(), COUNT_MAX);
    }

    #[test]
    fn the_oldest_use_gives_way_to_bytes() {
        let mut memory = Memory::default();
        let minute = clip(60);
        for n in 0..40 {
            memory.put(key(n), &minute);
        }
        assert_eq!((memory.clips.len(), memory.bytes), (33, 33 * 60 * 24_000));
        // The same again takes no more room, and what is too large takes none.
        memory.put(key(39), &minute);
        memory.put(key(99), &clip(2001));
        assert_eq!((memory.clips.len(), memory.bytes), (33, 33 * 60 * 24_000));
        assert!(memory.get(&key(99)).is_none() && memory.get(&key(6)).is_none() && memory.get(&key(7)).is_some());
    }
}
