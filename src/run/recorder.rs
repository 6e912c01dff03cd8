//! The thread that writes what callers say, and the ones that finish their takes.
//!
//! Media threads hand over whole blocks and never wait: past [`BACKLOG_MAX`] a block is dropped and
//! counted, its place on the time line is silence. Each block goes to the operating system at once,
//! so that a crash of the program loses none that was handed over.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::disk::Disk;
use super::files::{Heard, Recordings};
use crate::call::Finish;
use crate::ids::{LegId, TakeId};

/// Blocks that may wait: some 10 s of 500 calls.
const BACKLOG_MAX: usize = 10_000;
/// Finishing syncs the disk; two at a time keep it busy.
const FINISHERS: usize = 2;

/// What the recorder says of a take. Called on its threads: must not wait.
pub type Listener = Arc<dyn Fn(LegId, Said) + Send + Sync>;

/// What became of a take.
#[derive(Debug)]
pub enum Said {
    /// It can no longer be written.
    Broken(TakeId),
    /// Its file is closed, synced and read.
    Finished {
        /// As it was asked.
        finish: Finish,
        /// What is heard; none for too little sound; an error where it cannot be read or written.
        result: std::io::Result<Option<Heard>>,
    },
}

enum ToRecorder {
    Open { leg: LegId, take: TakeId },
    Append { take: TakeId, blocks: Box<[u8]> },
    Finish { leg: LegId, finish: Finish },
}

/// The recorder, from outside.
#[derive(Clone, Debug)]
pub struct Handle {
    inbox: Sender<ToRecorder>,
    dropped: Arc<AtomicU64>,
}

impl Handle {
    /// Makes the file of a take.
    pub fn open(&self, leg: LegId, take: TakeId) {
        let _ = self.inbox.send(ToRecorder::Open { leg, take });
    }

    /// Appends whole blocks.
    pub fn append(&self, take: TakeId, blocks: &[u8]) {
        if self.inbox.len() >= BACKLOG_MAX {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let _ = self.inbox.send(ToRecorder::Append { take, blocks: blocks.into() });
    }

    /// The take has ended: all its blocks have been appended.
    pub fn finish(&self, leg: LegId, finish: Finish) {
        let _ = self.inbox.send(ToRecorder::Finish { leg, finish });
    }

    /// Blocks that wait, for admission.
    pub fn backlog(&self) -> usize {
        self.inbox.len()
    }

    /// The backlog is so long that new calls are refused.
    pub fn is_behind(&self) -> bool {
        self.backlog() > BACKLOG_MAX / 2
    }

    /// Blocks dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Starts the threads.
pub fn start(recordings: Recordings, disk: Arc<Disk>, listener: Listener) -> std::io::Result<Handle> {
    let (inbox, mail) = unbounded();
    let (jobs, work) = unbounded::<Job>();
    for number in 0..FINISHERS {
        let (work, recordings) = (work.clone(), recordings.clone());
        let (disk, listener) = (Arc::clone(&disk), Arc::clone(&listener));
        thread::Builder::new()
            .name(format!("finish-{number}"))
            .spawn(move || work.iter().for_each(|job| job.run(&recordings, &disk, &listener)))?;
    }
    let recorder = Recorder { recordings, disk, listener, jobs, open: HashMap::new() };
    thread::Builder::new().name("recorder".to_owned()).spawn(move || recorder.run(&mail))?;
    Ok(Handle { inbox, dropped: Arc::default() })
}

struct Recorder {
    recordings: Recordings,
    disk: Arc<Disk>,
    listener: Listener,
    jobs: Sender<Job>,
    open: HashMap<TakeId, Open>,
}

struct Open {
    leg: LegId,
    file: Option<File>,
}

struct Job {
    leg: LegId,
    finish: Finish,
    file: Option<File>,
}

impl Recorder {
    fn run(mut self, mail: &Receiver<ToRecorder>) {
        for what in mail {
            match what {
                ToRecorder::Open { leg, take } => self.create(leg, take),
                ToRecorder::Append { take, blocks } => self.append(take, &blocks),
                ToRecorder::Finish { leg, finish } => {
                    let file = self.open.remove(&finish.take).and_then(|open| open.file);
                    let _ = self.jobs.send(Job { leg, finish, file });
                }
            }
        }
    }

    fn create(&mut self, leg: LegId, take: TakeId) {
        let made = self
            .recordings
            .create(take)
            .or_else(|error| if self.disk.give_up_reserve() { self.recordings.create(take) } else { Err(error) });
        let file = made
            .inspect_err(|error| {
                tracing::error!(%take, %error, "a recording cannot be created");
                (self.listener)(leg, Said::Broken(take));
            })
            .ok();
        self.open.insert(take, Open { leg, file });
    }

    fn append(&mut self, take: TakeId, blocks: &[u8]) {
        let Some(open) = self.open.get_mut(&take) else { return };
        let Some(file) = open.file.as_mut() else { return };
        let written = file.write_all(blocks).or_else(|error| {
            // What a partly written block left behind is skipped when the take is read.
            if self.disk.give_up_reserve() { file.write_all(blocks) } else { Err(error) }
        });
        if let Err(error) = written {
            tracing::error!(%take, %error, "a recording cannot be written any more");
            // Closed, not removed: what was said so far stays.
            open.file = None;
            (self.listener)(open.leg, Said::Broken(take));
        }
    }
}

impl Job {
    fn run(self, recordings: &Recordings, disk: &Disk, listener: &Listener) {
        let result = self.synced().and_then(|()| {
            recordings
                .finish(&self.finish)
                .or_else(|error| if disk.give_up_reserve() { recordings.finish(&self.finish) } else { Err(error) })
        });
        if let Err(error) = &result {
            tracing::error!(take = %self.finish.take, %error, "a recording cannot be finished");
        }
        listener(self.leg, Said::Finished { finish: self.finish, result });
    }

    /// The caller is told "saved" only after this.
    fn synced(&self) -> std::io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::sync_all)
    }
}
