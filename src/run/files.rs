//! The recordings on disk. A take's file is append-only while the caller speaks; a message's WAV is
//! derived from its takes and can be made again from them at any time. Files are named by our ids only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::call::{Finish, Sound};
use crate::ids::{MessageId, TakeId};
use crate::media::{Clip, take};
use crate::message::RECORDINGS;

/// How the files of takes end.
const TAKE: &str = ".take";
/// Bars that the page draws of a message.
const PEAKS: usize = 96;
/// 30 minutes of a take in blocks: more is not read.
const TAKE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The directory of the recordings.
#[derive(Clone, Debug)]
pub struct Recordings {
    dir: Arc<Path>,
}

/// Where owners' recordings of prompts are until they are heard: below the data directory, apart from what
/// callers said. No row names them.
pub const DRAFTS: &str = "drafts";

/// What a finished take makes of its message.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Length of the listening WAV.
    pub duration_ms: u64,
    /// Its sample rate.
    pub rate_hz: u32,
    /// Its highest sample.
    pub peak: u16,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// For drawing.
    pub peaks: Vec<u8>,
    /// Its file name.
    pub file: String,
    /// A take was damaged: what could be read is here.
    pub damaged: bool,
    /// The whole take, silence included.
    pub take_total_ms: u64,
    /// Of it sound.
    pub take_sound_ms: u64,
}

/// Where the recordings are in a data directory.
pub fn folder(data: &Path) -> PathBuf {
    data.join(RECORDINGS)
}

impl Recordings {
    /// Makes the directory where it is absent.
    pub fn open(dir: &Path) -> io::Result<Recordings> {
        fs::create_dir_all(dir)?;
        Ok(Recordings { dir: dir.into() })
    }

    /// Where a take's blocks are.
    pub fn take_path(&self, take: TakeId) -> PathBuf {
        self.dir.join(take_file(take))
    }

    /// Where a message is heard from.
    pub fn message_path(&self, message: MessageId) -> PathBuf {
        self.dir.join(message_file(message))
    }

    /// A new file for a take.
    pub fn create(&self, take: TakeId) -> io::Result<File> {
        OpenOptions::new().append(true).create_new(true).open(self.take_path(take))
    }

    /// Reads the takes of a message and writes its WAV; none where the take holds too little sound.
    /// The WAV appears whole or not at all: written aside, synced, renamed.
    pub fn finish(&self, finish: &Finish) -> io::Result<Option<Heard>> {
        let last = self.read(finish.take)?;
        if last.sound < finish.sound_min {
            return Ok(None);
        }
        let take_total_ms = length_ms(last.samples.len(), last.rate_hz);
        let take_sound_ms = u64::try_from(last.sound.as_millis()).unwrap_or(0);
        let mut readings = Vec::new();
        for part in finish.parts().iter().filter(|part| **part != finish.take) {
            // An earlier take that is gone must not take the new one with it.
            match self.read(*part) {
                Ok(reading) => readings.push(reading),
                Err(error) => tracing::error!(take = %part, %error, "a take of a message cannot be read"),
            }
        }
        readings.push(last);
        let damaged = readings.iter().any(|reading| reading.damaged) || readings.len() < finish.parts().len();
        let (rate_hz, samples) = take::join(&readings);
        let wav = take::wav(rate_hz, &samples);
        write_whole(&self.dir, &message_file(finish.message), &wav)?;
        Ok(Some(Heard {
            duration_ms: length_ms(samples.len(), rate_hz),
            rate_hz,
            peak: samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0),
            sha256: hex(&Sha256::digest(&wav)),
            peaks: take::peaks(&samples, PEAKS),
            file: message_file(finish.message),
            damaged,
            take_total_ms,
            take_sound_ms,
        }))
    }

    /// The recording of a prompt as callers would hear it; none where it holds too little sound. Its file is gone
    /// after that, whatever came of it.
    pub fn draft(&self, take: TakeId, sound_min: Duration) -> io::Result<Option<Sound>> {
        let read = self.read(take);
        self.remove(&[take_file(take)]);
        Ok(Sound::of(&read?, sound_min))
    }

    /// Removes all takes: for a folder whose takes no row names. Gives how many there were.
    pub fn remove_all_takes(&self) -> io::Result<usize> {
        let mut takes = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            let take = name.strip_suffix(TAKE).and_then(|id| id.parse::<TakeId>().ok());
            takes.extend(take.map(take_file));
        }
        self.remove(&takes);
        Ok(takes.len())
    }

    /// The message as the caller would hear it.
    pub fn clip(&self, message: MessageId) -> Option<Clip> {
        let wav = fs::read(self.message_path(message)).ok()?;
        Clip::from_wav("message", &wav).ok()
    }

    /// Removes files whose time is up; those already gone are no error.
    pub fn remove(&self, names: &[String]) {
        remove(&self.dir, names);
    }

    fn read(&self, take: TakeId) -> io::Result<take::Reading> {
        let mut bytes = Vec::new();
        File::open(self.take_path(take))?.take(TAKE_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(take::read(&bytes))
    }
}

/// A file that appears whole or not at all, and is on the disk: written aside, synced, renamed.
pub(super) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let aside = dir.join(format!("{name}.part"));
    let written = (|| {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, dir.join(name))?;
        File::open(dir)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// Removes files of `dir`; those already gone are no error.
pub(super) fn remove(dir: &Path, names: &[String]) {
    for name in names {
        if let Err(error) = fs::remove_file(dir.join(name))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %name, %error, "a deleted recording cannot be removed");
        }
    }
}

/// The file of a take, within the directory.
pub fn take_file(take: TakeId) -> String {
    format!("{take}{TAKE}")
}

fn message_file(message: MessageId) -> String {
    format!("{message}.wav")
}

/// Length of so many samples.
pub(super) fn length_ms(samples: usize, rate_hz: u32) -> u64 {
    u64::try_from(samples).unwrap_or(u64::MAX).saturating_mul(1000) / u64::from(rate_hz.max(1))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
