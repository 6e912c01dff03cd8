//! What the caller hears and presses: flow's words as plays, keys as flow's events.

use std::sync::Arc;
use std::time::Duration;

use super::{Action, Call, FIRST_PACKET_MAX, Phase, StoreAction, What};
use crate::clock::{Mono, Now};
use crate::flow::{self, Cause, Say};
use crate::media::{self, Clip, RecordLimits};
use crate::sip;

/// What plays, or waits to be loaded.
#[derive(Debug, Default)]
pub(super) struct Playing {
    /// Number of the last play.
    play: u32,
    /// The clips of the play that runs.
    clips: Vec<Arc<Clip>>,
    /// Said once the message is loaded.
    waiting: Option<Vec<Say>>,
    /// Something was played before: nobody's first packet is waited for any more.
    begun: bool,
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
/// Ends a recording.
const END_KEY: char = '#';

impl Call {
    /// Carries out what flow wants, until it wants nothing more.
    pub(super) fn run_flow(&mut self, now: Now) {
        while let Some(action) = self.flow.poll_action() {
            match action {
                flow::Action::Prepare(role) => self.prepare(role, now),
                flow::Action::Say(what) => self.say(what, now),
                flow::Action::Hush => self.hush(),
                flow::Action::Record(role) => self.record(role, now),
                flow::Action::StopRecording => self.act(Action::Media(media::Command::StopRecording)),
                flow::Action::MarkUrgent => self.mark_urgent(now),
                flow::Action::HangUp(cause) => self.hang_up(cause, now),
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
        self.flow.handle(event, now.mono);
        self.run_flow(now);
    }

    pub(super) fn key(&mut self, key: char, from: KeyFrom, now: Now) {
        let repeated =
            |&(last, way, at): &(char, KeyFrom, Mono)| last == key && way != from && now.mono.since(at) < SAME_PRESS;
        if self.last_key.as_ref().is_some_and(repeated) {
            return;
        }
        self.last_key = Some((key, from, now.mono));
        self.note(What::Key { key }, now.utc);
        // The stream ends a recording at its own keys by itself; it does not see those in INFO.
        if key == END_KEY && from == KeyFrom::Info && self.end_recording_by_key() {
            return;
        }
        self.tell(flow::Event::Key(key), now);
    }

    /// The caller's message has been loaded, or cannot be.
    pub(super) fn loaded(&mut self, message: Option<Arc<Clip>>, now: Now) {
        let Some(what) = self.playing.waiting.take() else { return };
        self.play(&what, message.as_ref(), now);
    }

    fn say(&mut self, what: Vec<Say>, now: Now) {
        self.playing.waiting = None;
        if !what.contains(&Say::Message) {
            self.play(&what, None, now);
            return;
        }
        self.hush();
        match &self.message {
            Some(message) => {
                let load = StoreAction::Load { message: message.id() };
                self.playing.waiting = Some(what);
                self.act(Action::Store(load));
                self.note(What::Replayed, now.utc);
            }
            None => self.play(&what, None, now),
        }
    }

    fn play(&mut self, what: &[Say], message: Option<&Arc<Clip>>, now: Now) {
        let mut clips = Vec::with_capacity(what.len());
        for say in what {
            let found = match say {
                Say::Prompt(id) => self.line.clips.clip(id),
                Say::Message => message.cloned(),
            };
            match (found, say) {
                (Some(clip), _) => clips.push(clip),
                // No dead end: a prompt that is missing is skipped, and seen in the timeline.
                (None, Say::Prompt(id)) => self.note(What::PromptMissing { prompt: (*id).to_owned() }, now.utc),
                (None, Say::Message) => self.note(What::PromptMissing { prompt: "message".to_owned() }, now.utc),
            }
        }
        self.playing.play = self.playing.play.wrapping_add(1);
        self.playing.clips.clone_from(&clips);
        let wait_first_packet = if self.playing.begun { Duration::ZERO } else { FIRST_PACKET_MAX };
        self.playing.begun = true;
        self.act(Action::Media(media::Command::Play { play: self.playing.play, clips, wait_first_packet }));
    }

    fn hush(&mut self) {
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

    fn record(&mut self, role: flow::Role, now: Now) {
        let Some(take) = self.message.as_mut().and_then(|message| message.begin_recording(role)) else {
            self.tell(flow::Event::WriteFailed, now);
            return;
        };
        let step = &self.line.step;
        let limits = RecordLimits {
            silence_before: step.silence_before,
            silence_after: step.silence_after,
            max: step.max,
            warning: step.warning,
            end_keys: END_KEY.to_string(),
        };
        // The file is opened before the first block can reach it.
        self.act(Action::Store(StoreAction::Open { take }));
        self.act(Action::Media(media::Command::Record { take, limits }));
        self.note(What::Recording, now.utc);
    }

    fn hang_up(&mut self, cause: Cause, now: Now) {
        if !matches!(self.phase, Phase::Closing { .. } | Phase::Over) {
            self.note(What::HangUp { cause: cause.code().to_owned() }, now.utc);
            self.act(Action::Sip(sip::Command::Hangup));
        }
    }

    fn mark_urgent(&mut self, now: Now) {
        if let Some(message) = &self.message {
            let message = message.id();
            self.act(Action::Store(StoreAction::Urgent { message }));
            self.note(What::Urgent, now.utc);
        }
    }
}

impl Clip {
    /// How long it is: one byte of any codec is 1/8000 s.
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.pcma.len() / 8).unwrap_or(u32::MAX)
    }
}
