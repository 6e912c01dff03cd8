//! The message of a call: its takes, what the store is asked, what it answers.

use std::sync::Arc;
use std::time::Duration;

use super::{Action, Call, Outcome, What};
use crate::clock::{Now, Utc};
use crate::flow::StepId;
use crate::flow::{self, Role};
use crate::ids::{CallbackId, Language, MessageId, TakeId};
use crate::media::{self, Clip};

/// What the store is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAction {
    /// Make the row of a take, and of the message with the first one, before the beep.
    Prepare {
        /// The message.
        message: MessageId,
        /// The take.
        take: TakeId,
        /// How it joins what is there.
        role: Role,
        /// Which step of the plan took it: `message.standard`.
        step: String,
        /// What it is about, as the plan calls it.
        matter: String,
        /// What the caller is spoken to in.
        language: Language,
        /// The open callback that it is added to.
        adds: Option<CallbackId>,
        /// When.
        at: Utc,
    },
    /// Open the file of the take.
    Open {
        /// The take.
        take: TakeId,
    },
    /// The take has ended: finish its file, then the row.
    Finish(Finish),
    /// The caller says that it is urgent.
    Urgent {
        /// The message.
        message: MessageId,
    },
    /// Load what the caller would hear of the message; [`StoreEvent::Loaded`] answers.
    Load {
        /// The message.
        message: MessageId,
    },
    /// The caller was told this of when somebody calls back: a promise of this call.
    Promised {
        /// As it was told.
        told: flow::Told,
        /// When.
        at: Utc,
    },
    /// The call is over: its last word.
    End {
        /// How it came out.
        outcome: Outcome,
        /// Its message, kept or not.
        message: Option<MessageId>,
        /// What the caller was spoken to in.
        language: Language,
        /// When.
        at: Utc,
    },
}

/// How a take is finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// The message.
    pub message: MessageId,
    /// The take.
    pub take: TakeId,
    /// How it joins what is there.
    pub role: Role,
    /// The takes that the message consists of so far, in order.
    pub before: Vec<TakeId>,
    /// Less sound than this is no message.
    pub sound_min: Duration,
    /// When.
    pub at: Utc,
}

impl Finish {
    /// What the message consists of once the take is part of it.
    pub fn parts(&self) -> Vec<TakeId> {
        match self.role {
            Role::First | Role::Again => vec![self.take],
            Role::More => self.before.iter().copied().chain([self.take]).collect(),
        }
    }
}

/// What the store says.
#[derive(Clone, Debug)]
pub enum StoreEvent {
    /// The rows of a take stand.
    Ready(TakeId),
    /// No row, or no room on the disk.
    Refused(TakeId),
    /// The file can no longer be written.
    Broken(TakeId),
    /// The take is on disk, the message in the list.
    Kept {
        /// The take.
        take: TakeId,
        /// What can be heard of the message.
        duration_ms: u64,
    },
    /// Too little sound.
    Empty(TakeId),
    /// It could not be finished.
    NotKept(TakeId),
    /// The message as the caller would hear it; none where it cannot be read.
    Loaded(Option<Arc<Clip>>),
}

/// The message that a call is about to become, or is.
#[derive(Debug)]
pub(super) struct Message {
    id: MessageId,
    kept: Vec<TakeId>,
    take: Option<Take>,
}

/// The take that is not finished.
#[derive(Debug)]
struct Take {
    id: TakeId,
    role: Role,
    stage: Stage,
    /// Less sound is no message.
    sound_min: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its row is asked for or stands.
    Prepared,
    /// It is being spoken.
    Recording,
    /// A key in INFO asked for its end.
    EndedByKey,
    /// Its file is being finished.
    Finishing,
}

impl Message {
    pub(super) fn id(&self) -> MessageId {
        self.id
    }

    pub(super) fn begin_recording(&mut self, role: Role, sound_min: Duration) -> Option<TakeId> {
        let take = self.take.as_mut().filter(|take| take.role == role && take.stage == Stage::Prepared)?;
        take.stage = Stage::Recording;
        take.sound_min = sound_min;
        Some(take.id)
    }

    fn is_current(&self, id: TakeId) -> bool {
        self.take.as_ref().is_some_and(|take| take.id == id)
    }
}

impl Call {
    pub(super) fn prepare(&mut self, role: Role, step: StepId, adds: Option<CallbackId>, now: Now) {
        let take = self.take_id(now);
        let fresh = self.message_id(now);
        // A first take after one that was kept begins another message of the same call.
        self.message.take_if(|message| role == Role::First && !message.kept.is_empty());
        let message = self.message.get_or_insert(Message { id: fresh, kept: Vec::new(), take: None });
        message.take = Some(Take { id: take, role, stage: Stage::Prepared, sound_min: Duration::ZERO });
        let message = message.id;
        let (matter, step) = (self.matter(step), self.step_name(step));
        let language = self.flow.language();
        self.act(Action::Store(StoreAction::Prepare {
            message,
            take,
            role,
            step,
            matter,
            language,
            adds,
            at: now.utc,
        }));
    }

    /// `#` came by INFO while recording.
    pub(super) fn end_recording_by_key(&mut self) -> bool {
        let Some(take) = self.message.as_mut().and_then(|message| message.take.as_mut()) else { return false };
        if take.stage != Stage::Recording {
            return false;
        }
        take.stage = Stage::EndedByKey;
        self.act(Action::Media(media::Command::StopRecording));
        true
    }

    pub(super) fn recorded(&mut self, id: TakeId, end: media::RecordEnd, total_ms: u32, sound_ms: u32, now: Now) {
        if self.draft_recorded(id, end, (total_ms, sound_ms), now) {
            return;
        }
        let Some(message) = self.message.as_mut().filter(|message| message.is_current(id)) else { return };
        let Some(take) = message.take.as_mut() else { return };
        let by_key = take.stage == Stage::EndedByKey;
        take.stage = Stage::Finishing;
        let end = ended(end, by_key);
        let finish = Finish {
            message: message.id,
            take: id,
            role: take.role,
            before: message.kept.clone(),
            sound_min: take.sound_min,
            at: now.utc,
        };
        self.note(What::recorded(end, total_ms, sound_ms), now.utc);
        self.act(Action::Store(StoreAction::Finish(finish)));
        self.tell(flow::Event::Recorded(end), now);
    }

    /// The call is closing and its stream is closed: a take whose end never came is finished all the
    /// same. True while a take is open.
    pub(super) fn finish_cut_take(&mut self, now: Now) -> bool {
        let Some(take) = self.message.as_ref().and_then(|message| message.take.as_ref()) else { return false };
        if matches!(take.stage, Stage::Recording | Stage::EndedByKey) {
            self.recorded(take.id, media::RecordEnd::Stopped, 0, 0, now);
        }
        // A row without a recording is closed with the call.
        self.message
            .as_ref()
            .and_then(|message| message.take.as_ref())
            .is_some_and(|take| take.stage == Stage::Finishing)
    }

    pub(super) fn on_store(&mut self, event: StoreEvent, now: Now) {
        match event {
            StoreEvent::Ready(id) if self.current_take() == Some(id) => self.tell(flow::Event::Ready, now),
            StoreEvent::Refused(id) if self.current_take() == Some(id) => {
                self.not_kept(now);
                self.drop_take();
                self.tell(flow::Event::Refused, now);
            }
            StoreEvent::Broken(id) if self.current_take() == Some(id) => {
                self.not_kept(now);
                self.tell(flow::Event::WriteFailed, now);
            }
            StoreEvent::Kept { take, duration_ms } => self.kept(take, duration_ms, now),
            StoreEvent::Empty(id) if self.current_take() == Some(id) => {
                if self.outcome == Outcome::Abandoned {
                    self.outcome = Outcome::Missed;
                }
                self.note(What::Missed, now.utc);
                self.drop_take();
                self.tell(flow::Event::Empty, now);
            }
            StoreEvent::NotKept(id) if self.current_take() == Some(id) => {
                self.not_kept(now);
                self.drop_take();
                self.tell(flow::Event::NotKept, now);
            }
            StoreEvent::Loaded(clip) => self.loaded(clip, now),
            // Of a take that is no longer waited for.
            _ => {}
        }
    }

    fn kept(&mut self, id: TakeId, duration_ms: u64, now: Now) {
        let Some(message) = self.message.as_mut().filter(|message| message.is_current(id)) else { return };
        if let Some(take) = message.take.take() {
            if take.role != Role::More {
                message.kept.clear();
            }
            message.kept.push(take.id);
        }
        self.outcome = Outcome::Message;
        self.note(What::Saved { duration_ms }, now.utc);
        self.tell(flow::Event::Kept, now);
    }

    fn not_kept(&mut self, now: Now) {
        if !matches!(self.outcome, Outcome::Message | Outcome::Callback) {
            self.outcome = Outcome::NotKept;
        }
        self.note(What::NotKept, now.utc);
    }

    fn current_take(&self) -> Option<TakeId> {
        self.message.as_ref()?.take.as_ref().map(|take| take.id)
    }

    fn drop_take(&mut self) {
        if let Some(message) = &mut self.message {
            message.take = None;
        }
    }
}

/// `by_key`: a key that the stream did not see asked for it.
pub(super) fn ended(end: media::RecordEnd, by_key: bool) -> flow::RecordEnd {
    match end {
        _ if by_key => flow::RecordEnd::Key,
        media::RecordEnd::Key(_) => flow::RecordEnd::Key,
        media::RecordEnd::Silence => flow::RecordEnd::Silence,
        media::RecordEnd::Max => flow::RecordEnd::Max,
        media::RecordEnd::Stopped | media::RecordEnd::Dead => flow::RecordEnd::Stopped,
    }
}
