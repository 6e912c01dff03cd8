//! What the caller hears and presses: flow's words as plays, keys as flow's events.

use std::sync::Arc;
use std::time::Duration;

use super::{Action, Call, FIRST_PACKET_MAX, Phase, StoreAction, What};
use crate::clock::{Mono, Now};
use crate::flow::StepId;
use crate::flow::{self, Cause, Say};
use crate::ids::{Language, TakeId};
use crate::media::{self, Clip, RecordLimits};
use crate::sip;

/// What plays, or waits to be loaded.
#[derive(Debug, Default)]
pub(super) struct Playing {
    /// Number of the last play.
    play: u32,
    /// The clips of the play that runs.
    clips: Vec<Arc<Clip>>,
    /// Said once all of it is there.
    waiting: Option<Waiting>,
    /// Something was played before: nobody's first packet is waited for any more.
    begun: bool,
}

/// What is to be said, and cannot yet.
#[derive(Debug)]
struct Waiting {
    what: Vec<Say>,
    /// What has come of it; nothing where it cannot be had.
    got: Vec<(Say, Option<Arc<Clip>>)>,
    /// It is said without what has not come by then.
    until: Mono,
}

impl Waiting {
    fn lacks(&self) -> bool {
        self.what
            .iter()
            .any(|say| !matches!(say, Say::Prompt { .. } | Say::Name(_)) && !self.got.iter().any(|(had, _)| had == say))
    }
}

impl Playing {
    /// When it is said without what has not come.
    pub(super) fn given_up_at(&self) -> Option<Mono> {
        self.waiting.as_ref().map(|waiting| waiting.until)
    }
}

/// How a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyFrom {
    /// RTP event or tones.
    Media,
    /// SIP INFO.
    Info,
}

/// Some peers send a key by RTP and INFO both: the same key by the other way this soon is the same press.
const SAME_PRESS: Duration = Duration::from_millis(500);
/// A caller hears nothing for so long at most while a sentence is made or a message is read.
const SPEECH_MAX: Duration = Duration::from_secs(4);
/// Ends a recording.
const END_KEY: char = '#';

impl Call {
    /// Carries out what flow wants, until it wants nothing more.
    pub(super) fn run_flow(&mut self, now: Now) {
        while let Some(action) = self.flow.poll_action() {
            match action {
                flow::Action::Enter(entered) => self.entered(&entered, now),
                flow::Action::Prepare { role, step, adds } => self.prepare(role, step, adds, now),
                flow::Action::Say(what) => self.say(what, now),
                flow::Action::Hush => self.hush(),
                flow::Action::Record(role, recording) => self.record(role, recording, now),
                flow::Action::StopRecording => self.act(Action::Media(media::Command::StopRecording)),
                flow::Action::MarkUrgent => self.mark_urgent(now),
                flow::Action::HangUp(cause) => self.hang_up(cause, now),
                flow::Action::Desk(ask) => self.ask_desk(ask),
                flow::Action::Promised(told) => self.promised(told, now),
                action => self.for_owner(action, now),
            }
        }
    }

    pub(super) fn on_media(&mut self, event: media::Event, now: Now) {
        match event {
            media::Event::FirstPacket => self.note(What::FirstPacket, now.utc),
            media::Event::Key { key, .. } => self.key(key, KeyFrom::Media, now),
            media::Event::Played { play, played_ms, complete } => self.played(play, played_ms, complete, now),
            media::Event::RecordWarning(_) => self.tell(flow::Event::NearMax, now),
            media::Event::Recorded { take, end, total_ms, sound_ms } => {
                self.recorded(take, end, total_ms, sound_ms, now);
            }
            media::Event::Dead => {
                self.note(What::Dead, now.utc);
                self.act(Action::Sip(sip::Command::Hangup));
            }
        }
    }

    /// Tells flow and carries out what it makes of it.
    pub(super) fn tell(&mut self, event: flow::Event, now: Now) {
        self.flow.handle(event, now);
        self.run_flow(now);
    }

    pub(super) fn key(&mut self, key: char, from: KeyFrom, now: Now) {
        let repeated =
            |&(last, way, at): &(char, KeyFrom, Mono)| last == key && way != from && now.mono.since(at) < SAME_PRESS;
        if self.last_key.as_ref().is_some_and(repeated) {
            return;
        }
        self.last_key = Some((key, from, now.mono));
        // A PIN is in no timeline.
        if !self.flow.hides_keys() {
            self.note(What::Key { key }, now.utc);
        }
        // The stream ends a recording at its own keys by itself; it does not see those in INFO.
        let by_info = key == END_KEY && from == KeyFrom::Info;
        if by_info && (self.end_draft_by_key() || self.end_recording_by_key()) {
            return;
        }
        self.tell(flow::Event::Key(key), now);
    }

    /// The caller's message has been loaded, or cannot be.
    pub(super) fn loaded(&mut self, message: Option<Arc<Clip>>, now: Now) {
        self.came(Say::Message, message, now);
    }

    /// Sentences can be heard, or cannot be made.
    pub(super) fn spoken(&mut self, language: Language, words: String, clip: Option<Arc<Clip>>, now: Now) {
        self.came(Say::Spoken { words, language }, clip, now);
    }

    /// No dead end: what has not come in time is left out.
    pub(super) fn speech_is_late(&mut self, now: Now) {
        if let Some(waiting) = self.playing.waiting.take_if(|waiting| waiting.until <= now.mono) {
            self.play(&waiting.what, &waiting.got, now);
        }
    }

    fn came(&mut self, say: Say, clip: Option<Arc<Clip>>, now: Now) {
        let Some(waiting) = &mut self.playing.waiting else { return };
        if waiting.what.contains(&say) {
            waiting.got.push((say, clip));
        }
        if let Some(waiting) = self.playing.waiting.take_if(|waiting| !waiting.lacks()) {
            self.play(&waiting.what, &waiting.got, now);
        }
    }

    fn say(&mut self, what: Vec<Say>, now: Now) {
        let mut waiting = Waiting { what, got: Vec::new(), until: now.mono + SPEECH_MAX };
        let mut wanted = Vec::new();
        for say in &waiting.what {
            match say {
                Say::Prompt { .. } | Say::Name(_) => {}
                Say::Spoken { words, language } => match self.line.clips.spoken(*language, words) {
                    Some(clip) => waiting.got.push((say.clone(), Some(clip))),
                    None => wanted.push(Action::Speak { language: *language, words: words.clone() }),
                },
                Say::Message => match &self.message {
                    Some(message) => wanted.push(Action::Store(StoreAction::Load { message: message.id() })),
                    None => waiting.got.push((Say::Message, None)),
                },
                Say::Draft => waiting.got.push((Say::Draft, self.draft_clip())),
            }
        }
        if !waiting.lacks() {
            self.playing.waiting = None;
            self.play(&waiting.what, &waiting.got, now);
            return;
        }
        self.hush();
        if waiting.what.contains(&Say::Message) {
            self.note(What::Replayed, now.utc);
        }
        self.playing.waiting = Some(waiting);
        self.actions.extend(wanted);
    }

    fn play(&mut self, what: &[Say], got: &[(Say, Option<Arc<Clip>>)], now: Now) {
        let mut clips = Vec::with_capacity(what.len());
        for say in what {
            let found = match say {
                Say::Prompt { id, language } => self.line.clips.clip(*language, id),
                Say::Name(id) => self.line.clips.name(*id),
                _ => got.iter().find(|(had, _)| had == say).and_then(|(_, clip)| clip.clone()),
            };
            // No dead end: what is missing is skipped, and seen in the timeline.
            match found {
                Some(clip) => clips.push(clip),
                None => self.note(What::PromptMissing { prompt: name(say) }, now.utc),
            }
        }
        self.playing.play = self.playing.play.wrapping_add(1);
        self.playing.clips.clone_from(&clips);
        let wait_first_packet = if self.playing.begun { Duration::ZERO } else { FIRST_PACKET_MAX };
        self.playing.begun = true;
        self.act(Action::Media(media::Command::Play { play: self.playing.play, clips, wait_first_packet }));
    }

    fn hush(&mut self) {
        self.playing.waiting = None;
        if !self.playing.clips.is_empty() {
            self.act(Action::Media(media::Command::StopPlaying));
        }
    }

    fn played(&mut self, play: u32, played_ms: u32, complete: bool, now: Now) {
        if play != self.playing.play {
            return;
        }
        let mut left = played_ms;
        for clip in std::mem::take(&mut self.playing.clips) {
            let ms = clip.duration_ms().min(left);
            left = left.saturating_sub(ms);
            let whole = complete || ms == clip.duration_ms();
            self.note(What::Played { prompt: clip.name.clone(), ms, complete: whole }, now.utc);
            if left == 0 && !complete {
                break;
            }
        }
        if complete {
            self.tell(flow::Event::Said, now);
        }
    }

    fn record(&mut self, role: flow::Role, recording: flow::Recording, now: Now) {
        let Some(take) = self.message.as_mut().and_then(|message| message.begin_recording(role, recording.sound_min))
        else {
            self.tell(flow::Event::WriteFailed, now);
            return;
        };
        // The file is opened before the first block can reach it.
        self.act(Action::Store(StoreAction::Open { take }));
        self.start_recording(take, recording, now);
    }

    /// Into a file that is open, or about to be.
    pub(super) fn start_recording(&mut self, take: TakeId, recording: flow::Recording, now: Now) {
        let limits = RecordLimits {
            silence_before: recording.silence_before,
            silence_after: recording.silence_after,
            max: recording.max,
            warning: recording.warning,
            end_keys: END_KEY.to_string(),
        };
        self.act(Action::Media(media::Command::Record { take, limits }));
        self.note(What::Recording, now.utc);
    }

    fn hang_up(&mut self, cause: Cause, now: Now) {
        if !matches!(self.phase, Phase::Closing { .. } | Phase::Over) {
            self.note(What::HangUp { cause: cause.code().to_owned() }, now.utc);
            self.act(Action::Sip(sip::Command::Hangup));
        }
    }

    /// The call goes on at a step of its plan.
    fn entered(&mut self, entered: &flow::Entered, now: Now) {
        let step = self.step_name(entered.step);
        self.note(What::step(step, entered), now.utc);
    }

    pub(super) fn step_name(&self, step: StepId) -> String {
        self.flow.setting().plan.step(step).map(|step| step.name.clone()).unwrap_or_default()
    }

    pub(super) fn matter(&self, step: StepId) -> String {
        self.flow.setting().plan.step(step).map(|step| step.matter().to_owned()).unwrap_or_default()
    }

    fn mark_urgent(&mut self, now: Now) {
        if let Some(message) = &self.message {
            let message = message.id();
            self.act(Action::Store(StoreAction::Urgent { message }));
            self.note(What::Urgent, now.utc);
        }
    }
}

/// As the timeline names it.
fn name(say: &Say) -> String {
    match say {
        Say::Prompt { id, .. } => id.to_string(),
        Say::Spoken { words, .. } => words.clone(),
        Say::Message => "message".to_owned(),
        Say::Draft => "draft".to_owned(),
        Say::Name(_) => "name".to_owned(),
    }
}

impl Clip {
    /// How long it is: one byte of any codec is 1/8000 s.
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.pcma.len() / 8).unwrap_or(u32::MAX)
    }
}
