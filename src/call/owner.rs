//! The owner's entry of a call: what the shell is asked, what it answers, and the recording of a prompt until it
//! is kept or gone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Action, Call, Outcome, What};
use crate::clock::{Now, Utc};
use crate::flow::{self, Digits, Done};
use crate::ids::{Language, TakeId};
use crate::media::resample::resample;
use crate::media::take::Reading;
use crate::media::{self, Clip, level};

/// What is asked for the owner. Each is answered by an [`OwnerEvent`], but for [`OwnerAction::Drop`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerAction {
    /// Is this the PIN of whose line it is?
    CheckPin {
        /// What was typed.
        tried: Digits,
        /// When.
        at: Utc,
    },
    /// Open or closed by hand.
    SetHours {
        /// Open, or closed.
        open: bool,
        /// From now on…
        at: Utc,
        /// …until right before this.
        until: Utc,
    },
    /// What holds by hand holds no more.
    LiftHours {
        /// When.
        at: Utc,
    },
    /// A file for the recording of a prompt: no row names it.
    Open {
        /// Names the file.
        take: TakeId,
    },
    /// The recording has ended: make what is to be heard of it. The file is gone after that.
    Finish {
        /// Names the file.
        take: TakeId,
        /// Less sound than this is nothing.
        sound_min: Duration,
    },
    /// Nothing is to be left of the recording. Nobody answers.
    Drop {
        /// Names the file.
        take: TakeId,
    },
    /// Callers hear this from now on.
    Keep {
        /// Spoken in it.
        language: Language,
        /// Which prompt.
        prompt: String,
        /// What was recorded.
        sound: Arc<Sound>,
    },
    /// The version of a prompt before the one that callers hear.
    Restore {
        /// Spoken in it.
        language: Language,
        /// Which prompt.
        prompt: String,
    },
}

/// What the shell answers.
#[derive(Clone, Debug)]
pub enum OwnerEvent {
    /// To [`OwnerAction::CheckPin`].
    Pin(Pin),
    /// To a change.
    Done(Done),
    /// The file of a recording stands.
    Opened(TakeId),
    /// What can be heard of a recording; none where there is too little sound, or it is lost.
    Made(TakeId, Made),
    /// The file can no longer be written, or never was.
    Broken(TakeId),
}

/// What a try of a PIN was. The caller hears no difference between the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// The owner's.
    Right,
    /// Another, or none is set.
    Wrong,
    /// Too many were wrong: it was not looked at.
    Locked,
    /// It could not be looked at.
    Unknown,
}

/// What became of a recording.
#[derive(Clone, Debug)]
pub enum Made {
    /// This.
    Sound(Arc<Sound>),
    /// Too little sound.
    Empty,
    /// It cannot be read.
    Lost,
}

/// A recorded prompt, in memory: nothing of it is on a disk until it is kept.
#[derive(PartialEq, Eq)]
pub struct Sound {
    /// As callers would hear it.
    pub clip: Arc<Clip>,
    /// Samples a second, 8000 or 16000.
    pub rate_hz: u32,
    /// What was said, without the silence around it.
    pub samples: Vec<i16>,
}

impl Sound {
    /// What a recording makes, at the level of all prompts; none where it holds less sound than `sound_min`.
    pub fn of(reading: &Reading, sound_min: Duration) -> Option<Sound> {
        let samples = reading.heard_samples().to_vec();
        let mastered = level::mastered(&resample(&samples, reading.rate_hz, level::RATE_HZ)).ok()?;
        let clip = Arc::new(Clip::from_pcm("draft", level::RATE_HZ, &mastered));
        (reading.sound >= sound_min).then_some(Sound { clip, rate_hz: reading.rate_hz, samples })
    }
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sound").field("ms", &self.clip.duration_ms()).finish_non_exhaustive()
    }
}

/// The recording of a prompt that is neither kept nor dropped.
#[derive(Debug)]
pub(super) struct Draft {
    take: TakeId,
    sound_min: Duration,
    stage: Stage,
    sound: Option<Arc<Sound>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Recording,
    /// A key in INFO asked for its end.
    EndedByKey,
    Ended,
}

impl Call {
    /// Carries out what flow wants for the owner.
    pub(super) fn for_owner(&mut self, action: flow::Action, now: Now) {
        let at = now.utc;
        match action {
            flow::Action::AskPin => self.note(What::PinAsked, at),
            flow::Action::CheckPin(tried) => self.ask_shell(OwnerAction::CheckPin { tried, at }),
            flow::Action::SetHours { open, until } => {
                self.pending = Some(What::HoursSet { open, until: until.rfc3339() });
                self.ask_shell(OwnerAction::SetHours { open, at, until });
            }
            flow::Action::LiftHours => {
                self.pending = Some(What::HoursLifted);
                self.ask_shell(OwnerAction::LiftHours { at });
            }
            flow::Action::PrepareDraft => {
                let take = self.take_id(now);
                self.draft = Some(Draft { take, sound_min: Duration::ZERO, stage: Stage::Opening, sound: None });
                self.ask_shell(OwnerAction::Open { take });
            }
            flow::Action::RecordDraft(recording) => self.record_draft(recording, now),
            flow::Action::KeepDraft { language, prompt } => {
                let Some(sound) = self.draft.as_ref().and_then(|draft| draft.sound.clone()) else {
                    return self.tell(flow::Event::Done(Done::Failed), now);
                };
                self.pending = Some(What::PromptKept { prompt: prompt.clone() });
                self.ask_shell(OwnerAction::Keep { language, prompt, sound });
            }
            flow::Action::DropDraft => self.drop_draft(),
            flow::Action::RestorePrompt { language, prompt } => {
                self.pending = Some(What::PromptRestored { prompt: prompt.clone() });
                self.ask_shell(OwnerAction::Restore { language, prompt });
            }
            // What calls do without an owner.
            _ => {}
        }
    }

    fn ask_shell(&mut self, action: OwnerAction) {
        self.act(Action::Owner(action));
    }

    fn record_draft(&mut self, recording: flow::Recording, now: Now) {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.stage == Stage::Opening) else {
            return self.tell(flow::Event::WriteFailed, now);
        };
        draft.stage = Stage::Recording;
        draft.sound_min = recording.sound_min;
        let take = draft.take;
        self.start_recording(take, recording, now);
    }

    /// What can be heard of it.
    pub(super) fn draft_clip(&self) -> Option<Arc<Clip>> {
        Some(Arc::clone(&self.draft.as_ref()?.sound.as_ref()?.clip))
    }

    /// `#` came by INFO while a prompt is recorded.
    pub(super) fn end_draft_by_key(&mut self) -> bool {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.stage == Stage::Recording) else { return false };
        draft.stage = Stage::EndedByKey;
        self.act(Action::Media(media::Command::StopRecording));
        true
    }

    /// Whether a recording that ended was a prompt's.
    pub(super) fn draft_recorded(&mut self, take: TakeId, end: media::RecordEnd, total: (u32, u32), now: Now) -> bool {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.take == take) else { return false };
        let by_key = draft.stage == Stage::EndedByKey;
        draft.stage = Stage::Ended;
        let (end, sound_min) = (super::store::ended(end, by_key), draft.sound_min);
        self.note(What::recorded(end, total.0, total.1), now.utc);
        self.ask_shell(OwnerAction::Finish { take, sound_min });
        self.tell(flow::Event::Recorded(end), now);
        true
    }

    /// Nothing of a recording that was not kept is left, however the call ends.
    pub(super) fn drop_draft(&mut self) {
        if let Some(draft) = self.draft.take()
            && draft.sound.is_none()
        {
            self.ask_shell(OwnerAction::Drop { take: draft.take });
        }
    }

    pub(super) fn on_owner(&mut self, event: OwnerEvent, now: Now) {
        let is_current = |call: &Call, take: TakeId| call.draft.as_ref().is_some_and(|draft| draft.take == take);
        match event {
            OwnerEvent::Pin(pin) => self.pin_tried(pin, now),
            OwnerEvent::Done(done) => {
                let what = self.pending.take().filter(|_| done == Done::Yes);
                if let Some(what) = what {
                    if matches!(what, What::PromptKept { .. }) {
                        self.draft = None;
                    }
                    self.note(what, now.utc);
                } else if done == Done::Failed {
                    self.note(What::NotChanged, now.utc);
                }
                self.tell(flow::Event::Done(done), now);
            }
            OwnerEvent::Opened(take) if is_current(self, take) => {
                self.tell(flow::Event::Draft(flow::Draft::Ready), now);
            }
            OwnerEvent::Broken(take) if is_current(self, take) => {
                self.tell(flow::Event::Draft(flow::Draft::Failed), now);
            }
            OwnerEvent::Made(take, made) if is_current(self, take) => self.draft_made(made, now),
            // Of a recording that nobody waits for any more.
            OwnerEvent::Opened(_) | OwnerEvent::Broken(_) | OwnerEvent::Made(..) => {}
        }
    }

    fn pin_tried(&mut self, pin: Pin, now: Now) {
        if pin == Pin::Right && self.outcome == Outcome::Abandoned {
            self.outcome = Outcome::Owner;
        }
        let (what, told) = match pin {
            Pin::Right => (What::PinRight, flow::Pin::Right),
            Pin::Wrong => (What::PinWrong, flow::Pin::Wrong),
            Pin::Locked => (What::PinLocked, flow::Pin::Wrong),
            Pin::Unknown => (What::NotChanged, flow::Pin::Unknown),
        };
        self.note(what, now.utc);
        self.tell(flow::Event::Pin(told), now);
    }

    fn draft_made(&mut self, made: Made, now: Now) {
        let told = match made {
            Made::Sound(sound) => {
                if let Some(draft) = &mut self.draft {
                    draft.sound = Some(sound);
                }
                flow::Draft::Heard
            }
            Made::Empty => {
                self.draft = None;
                flow::Draft::Empty
            }
            Made::Lost => {
                self.draft = None;
                flow::Draft::Failed
            }
        };
        self.tell(flow::Event::Draft(told), now);
    }
}
