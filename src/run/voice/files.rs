//! Sentences on disk, so that a restart does not make them again: `<key>.wav`, 16 kHz, with a SHA-256 of
//! the file behind it, which players do not read. Derived from their words: any of them may be deleted.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use sha2::{Digest, Sha256};

use super::{Key, hex};
use crate::media::clip::read_wav;
use crate::media::level::RATE_HZ;
use crate::media::take::wav;

/// Bytes of all files: two hours.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Of one: ten minutes.
const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// When there are too many, so many in a hundred of the bytes stay.
const STAY_PERCENT: u64 = 80;
const ENDING: &str = "wav";
const ASIDE: &str = "part";
/// Length of the hash behind the sound.
const HASH: usize = 32;

/// The folder.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    bytes: AtomicU64,
    bytes_max: u64,
}

impl Files {
    /// Of a folder, which may be absent or impossible: then nothing is kept.
    pub fn open(folder: &Path) -> Files {
        Files::bounded(folder, BYTES_MAX)
    }

    fn bounded(folder: &Path, bytes_max: u64) -> Files {
        let files = Files { folder: folder.to_owned(), bytes: AtomicU64::new(0), bytes_max };
        let _ = fs::create_dir_all(folder);
        files.forget_halves();
        files.tidy();
        files
    }

    /// The sound, where it is there and whole. That it was used is noted on the file.
    pub fn read(&self, key: &Key) -> Option<Vec<i16>> {
        let path = self.path(key, ENDING);
        let file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        (&file).take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
        let pcm = whole(&bytes);
        if pcm.is_none() {
            tracing::warn!(file = %path.display(), "a kept sentence is damaged: it is made again");
        }
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let _ = futimens(&file, &Timestamps { last_access: now, last_modification: now });
        pcm
    }

    /// Keeps the sound: whole or not at all. What does not work is logged, and lost.
    pub fn write(&self, key: &Key, pcm: &[i16]) {
        let mut bytes = wav(RATE_HZ, pcm);
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        let length = bytes.len() as u64;
        if length > FILE_BYTES_MAX {
            return;
        }
        if let Err(error) = self.write_whole(key, &bytes) {
            let _ = fs::remove_file(self.path(key, ASIDE));
            tracing::warn!(%error, folder = %self.folder.display(), "a sentence cannot be kept");
            return;
        }
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > self.bytes_max {
            self.tidy();
        }
    }

    fn write_whole(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let aside = self.path(key, ASIDE);
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, self.path(key, ENDING))
    }

    fn path(&self, key: &Key, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", hex(key)))
    }

    /// Deletes what an earlier run was writing when it ended.
    fn forget_halves(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let halves = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == ASIDE));
        halves.for_each(|half| drop(fs::remove_file(half)));
    }

    /// Counts what there is, and deletes those that were not used for the longest time where it is too much.
    fn tidy(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut kept = Vec::new();
        for entry in entries {
            let path = entry.path();
            let Ok(about) = entry.metadata() else { continue };
            if path.extension().is_some_and(|ending| ending == ENDING) {
                kept.push((about.modified().ok(), about.len(), path));
            }
        }
        let mut total: u64 = kept.iter().map(|(_, length, _)| length).sum();
        if total > self.bytes_max {
            kept.sort();
            for (_, length, path) in kept {
                if total <= self.bytes_max * STAY_PERCENT / 100 {
                    break;
                }
                if fs::remove_file(path).is_ok() {
                    total -= length;
                }
            }
        }
        self.bytes.store(total, Ordering::Relaxed);
    }
}

/// The samples of a file that nothing has happened to.
fn whole(bytes: &[u8]) -> Option<Vec<i16>> {
    let (sound, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    if Sha256::digest(sound)[..] != *hash {
        return None;
    }
    match read_wav(sound) {
        Ok((RATE_HZ, pcm)) => Some(pcm),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn key(n: u8) -> Key {
        [n; 32]
    }

    #[test]
    fn what_was_written_is_read_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let (files, pcm) = (Files::open(&dir.path().join("new")), vec![7, -7, 300]);
        assert_eq!(files.read(&key(1)), None);
        files.write(&key(1), &pcm);
        assert_eq!(files.read(&key(1)), Some(pcm.clone()));
        let path = files.path(&key(1), ENDING);
        assert_eq!(read_wav(&fs::read(&path).unwrap()), Ok((RATE_HZ, pcm.clone())), "any player plays it");
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            assert_eq!(files.read(&key(1)), None, "byte {at}");
            fs::write(&path, &good[..at]).unwrap();
            assert_eq!(files.read(&key(1)), None, "cut at {at}");
        }
        files.write(&key(1), &pcm);
        assert_eq!(files.read(&key(1)), Some(pcm));
        assert_eq!(fs::read_dir(dir.path().join("new")).unwrap().count(), 1, "nothing is left aside");
    }

    #[test]
    fn a_folder_that_cannot_be_is_survived() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let files = Files::open(&file.path().join("speech"));
        files.write(&key(1), &[1]);
        assert_eq!(files.read(&key(1)), None);
    }

    #[test]
    fn those_that_were_not_used_for_the_longest_time_are_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let pcm = vec![1; 1000];
        let one = (44 + 2000 + HASH) as u64;
        let files = Files::bounded(dir.path(), 5 * one);
        for n in 1..=5 {
            files.write(&key(n), &pcm);
            let file = File::options().write(true).open(files.path(&key(n), ENDING)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(u64::from(n))).unwrap();
        }
        assert!(files.read(&key(1)).is_some());
        files.write(&key(6), &pcm);
        let there: Vec<u8> = (1..=6).filter(|n| files.path(&key(*n), ENDING).exists()).collect();
        assert_eq!(there, [1, 4, 5, 6].map(|n| n as u8).to_vec());
        // Counted again at a start, and what was half written is gone.
        fs::write(files.path(&key(9), ASIDE), "half").unwrap();
        let again = Files::bounded(dir.path(), 4 * one);
        assert_eq!(again.bytes.load(Ordering::Relaxed), 4 * one);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }
}
