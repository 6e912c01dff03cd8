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
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::disk::Disk;
use super::files::{Heard, Recordings, take_file};
use crate::call::{Finish, Made, OwnerEvent};
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
    /// Of the recording of a prompt.
    Draft(OwnerEvent),
}

enum ToRecorder {
    Open { leg: LegId, take: TakeId },
    Append { take: TakeId, blocks: Box<[u8]> },
    Finish { leg: LegId, finish: Finish },
    OpenDraft { leg: LegId, take: TakeId },
    FinishDraft { leg: LegId, take: TakeId, sound_min: Duration },
    DropDraft { take: TakeId },
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

    /// Makes the file of a prompt's recording, where there is room.
    pub fn open_draft(&self, leg: LegId, take: TakeId) {
        let _ = self.inbox.send(ToRecorder::OpenDraft { leg, take });
    }

    /// The recording of a prompt has ended.
    pub fn finish_draft(&self, leg: LegId, take: TakeId, sound_min: Duration) {
        let _ = self.inbox.send(ToRecorder::FinishDraft { leg, take, sound_min });
    }

    /// Nobody wants the recording of a prompt: its file goes.
    pub fn drop_draft(&self, take: TakeId) {
        let _ = self.inbox.send(ToRecorder::DropDraft { take });
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

/// Where takes are written.
#[derive(Clone, Debug)]
pub struct Folders {
    /// What callers say.
    pub recordings: Recordings,
    /// Prompts that owners speak, until they are heard.
    pub drafts: Recordings,
}

/// Starts the threads.
pub fn start(folders: Folders, disk: Arc<Disk>, listener: Listener) -> std::io::Result<Handle> {
    let (inbox, mail) = unbounded();
    let (jobs, work) = unbounded::<Job>();
    for number in 0..FINISHERS {
        let (work, folders) = (work.clone(), folders.clone());
        let (disk, listener) = (Arc::clone(&disk), Arc::clone(&listener));
        thread::Builder::new()
            .name(format!("finish-{number}"))
            .spawn(move || work.iter().for_each(|job| job.run(&folders, &disk, &listener)))?;
    }
    let recorder = Recorder { folders, disk, listener, jobs, open: HashMap::new() };
    thread::Builder::new().name("recorder".to_owned()).spawn(move || recorder.run(&mail))?;
    Ok(Handle { inbox, dropped: Arc::default() })
}

struct Recorder {
    folders: Folders,
    disk: Arc<Disk>,
    listener: Listener,
    jobs: Sender<Job>,
    open: HashMap<TakeId, Open>,
}

struct Open {
    leg: LegId,
    file: Option<File>,
    draft: bool,
}

enum Job {
    Message { leg: LegId, finish: Finish, file: Option<File> },
    Draft { leg: LegId, take: TakeId, sound_min: Duration },
}

impl Recorder {
    fn run(mut self, mail: &Receiver<ToRecorder>) {
        for what in mail {
            match what {
                ToRecorder::Open { leg, take } => self.create(leg, take),
                ToRecorder::Append { take, blocks } => self.append(take, &blocks),
                ToRecorder::Finish { leg, finish } => {
                    let file = self.open.remove(&finish.take).and_then(|open| open.file);
                    let _ = self.jobs.send(Job::Message { leg, finish, file });
                }
                ToRecorder::OpenDraft { leg, take } => self.create_draft(leg, take),
                ToRecorder::FinishDraft { leg, take, sound_min } => {
                    self.open.remove(&take);
                    let _ = self.jobs.send(Job::Draft { leg, take, sound_min });
                }
                ToRecorder::DropDraft { take } => {
                    self.open.remove(&take);
                    self.folders.drafts.remove(&[take_file(take)]);
                }
            }
        }
    }

    fn create(&mut self, leg: LegId, take: TakeId) {
        let recordings = &self.folders.recordings;
        let made = recordings
            .create(take)
            .or_else(|error| if self.disk.give_up_reserve() { recordings.create(take) } else { Err(error) });
        let file = made
            .inspect_err(|error| {
                tracing::error!(%take, %error, "a recording cannot be created");
                (self.listener)(leg, Said::Broken(take));
            })
            .ok();
        self.open.insert(take, Open { leg, file, draft: false });
    }

    /// The reserve is for callers.
    fn create_draft(&mut self, leg: LegId, take: TakeId) {
        let made = match self.disk.has_room() {
            true => self.folders.drafts.create(take),
            false => Err(std::io::ErrorKind::StorageFull.into()),
        };
        let answer = match made {
            Ok(file) => {
                self.open.insert(take, Open { leg, file: Some(file), draft: true });
                OwnerEvent::Opened(take)
            }
            Err(error) => {
                tracing::error!(%take, %error, "the recording of a prompt cannot be created");
                OwnerEvent::Broken(take)
            }
        };
        (self.listener)(leg, Said::Draft(answer));
    }

    fn append(&mut self, take: TakeId, blocks: &[u8]) {
        let Some(open) = self.open.get_mut(&take) else { return };
        let Some(file) = open.file.as_mut() else { return };
        let written = file.write_all(blocks).or_else(|error| {
            // What a partly written block left behind is skipped when the take is read.
            if !open.draft && self.disk.give_up_reserve() { file.write_all(blocks) } else { Err(error) }
        });
        if let Err(error) = written {
            tracing::error!(%take, %error, "a recording cannot be written any more");
            // Closed, not removed: what was said so far stays.
            open.file = None;
            let said = if open.draft { Said::Draft(OwnerEvent::Broken(take)) } else { Said::Broken(take) };
            (self.listener)(open.leg, said);
        }
    }
}

impl Job {
    fn run(self, folders: &Folders, disk: &Disk, listener: &Listener) {
        match self {
            Job::Message { leg, finish, file } => {
                // The caller is told "saved" only after this.
                let synced = file.as_ref().map_or(Ok(()), File::sync_all);
                let recordings = &folders.recordings;
                let result = synced.and_then(|()| {
                    recordings
                        .finish(&finish)
                        .or_else(|error| if disk.give_up_reserve() { recordings.finish(&finish) } else { Err(error) })
                });
                if let Err(error) = &result {
                    tracing::error!(take = %finish.take, %error, "a recording cannot be finished");
                }
                listener(leg, Said::Finished { finish, result });
            }
            Job::Draft { leg, take, sound_min } => {
                let made = match folders.drafts.draft(take, sound_min) {
                    Ok(Some(sound)) => Made::Sound(Arc::new(sound)),
                    Ok(None) => Made::Empty,
                    Err(error) => {
                        tracing::error!(%take, %error, "the recording of a prompt cannot be read");
                        Made::Lost
                    }
                };
                listener(leg, Said::Draft(OwnerEvent::Made(take, made)));
            }
        }
    }
}
