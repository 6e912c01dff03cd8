//! One recording: payload by its place in time, keys cut out, sound judged, its ends.
//!
//! The time line starts when the recording was asked for. What is heard is written [`HOLD_BACK`] later,
//! so that late packets still find their place and a tone that turns out to be a key is never written.
//! Nothing is decoded for the file, only for judging.

mod bits;
mod timeline;
mod window;

use std::time::Duration;

use super::contract::{Codec, RecordEnd, RecordLimits};
use super::limits::{FLUSH_EVERY, HOLD_BACK, RECORD_WINDOW};
use super::narrow::Narrow;
use super::take;
use super::vad::Vad;
use crate::clock::Mono;
use crate::ids::TakeId;
use timeline::Timeline;
use window::Window;

/// Judged frames: 20 ms.
const FRAME: i64 = 160;
/// Before an event's start the tone was often in the audio already: the sender took time to find it.
const KEY_LEAD: i64 = 320;
/// After its end: one packet.
const KEY_TAIL: i64 = 160;
/// While it lasts, audio up to here may come before the next event packet.
const KEY_AHEAD: i64 = 640;
/// Stretches to be blanked that are remembered for packets still to come.
const BLANKS: usize = 4;

/// A recording that runs.
#[derive(Debug)]
pub struct Recorder {
    /// Which.
    pub take: TakeId,
    limits: RecordLimits,
    started: Mono,
    timeline: Timeline,
    window: Window,
    audio_end: i64,
    blanks: [Option<Blank>; BLANKS],
    blank_next: usize,
    judge: Judge,
    warned: bool,
    ended: Option<(RecordEnd, i64)>,
    out: Vec<u8>,
}

/// What a recording was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Why it ended.
    pub end: RecordEnd,
    /// Its whole length.
    pub total_ms: u32,
    /// How much of it was sound.
    pub sound_ms: u32,
}

/// What a tick brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing.
    Quiet,
    /// The maximum is near.
    Warning,
    /// It is over, all of it is in the blocks.
    Over(Summary),
}

#[derive(Clone, Copy, Debug)]
struct Blank {
    id: u32,
    from: i64,
    to: i64,
}

impl Recorder {
    /// Starts the time line now. `codec` is what will be heard first, most likely.
    pub fn new(take: TakeId, limits: RecordLimits, codec: Codec, now: Mono) -> Self {
        Recorder {
            take,
            limits,
            started: now,
            timeline: Timeline::default(),
            window: Window::new(codec),
            audio_end: 0,
            blanks: [None; BLANKS],
            blank_next: 0,
            judge: Judge::new(),
            warned: false,
            ended: None,
            out: Vec::with_capacity(RECORD_WINDOW / 2 + 1024),
        }
    }

    /// Audio that was heard. `newer`: not overtaken by another packet.
    pub fn audio(&mut self, codec: Codec, timestamp: u32, newer: bool, payload: &[u8], now: Mono) {
        if self.ended.is_some() || payload.is_empty() {
            return;
        }
        let arrival = self.position(now);
        let (open, end) = (self.window.base(), self.audio_end);
        let Some(position) = self.timeline.place(timestamp, newer, arrival, open, end) else { return };
        if !newer && position > end.max(arrival) {
            // Of before a jump of the clock: it has no place any more.
            return;
        }
        if codec != self.window.codec {
            // A block has one codec, and so has the window.
            self.write(self.audio_end.max(self.window.base()));
            self.window.codec = codec;
        }
        let end = position + payload.len() as i64;
        if end > self.window.limit() {
            self.write(end - RECORD_WINDOW as i64);
        }
        let room = usize::try_from(self.max().saturating_sub(position)).unwrap_or(0);
        self.window.put(position, payload.get(..room.min(payload.len())).unwrap_or_default());
        self.audio_end = self.audio_end.max(end.min(self.max()));
        for blank in self.blanks.iter().flatten() {
            if blank.from < end && blank.to > position {
                self.window.blank(blank.from, blank.to);
            }
        }
    }

    /// An RFC 4733 key lasts from `start` for `duration`: the same time of audio is silenced.
    pub fn event(&mut self, start: u32, duration: u32, ended: bool, now: Mono) {
        let arrival = self.position(now);
        let duration = i64::from(duration);
        // A sender may count events by another clock than audio: then arrival has to do.
        let from = self.timeline.position_of(start).filter(|from| (arrival - from - duration).abs() < 4000);
        let from = from.unwrap_or(arrival - duration);
        let to = from + duration + if ended { KEY_TAIL } else { KEY_AHEAD };
        let blank = Blank { id: start, from: from - KEY_LEAD, to };
        self.window.blank(blank.from, blank.to);
        if let Some(known) = self.blanks.iter_mut().flatten().find(|known| known.id == start) {
            *known = blank;
            return;
        }
        if let Some(slot) = self.blanks.get_mut(self.blank_next) {
            *slot = Some(blank);
        }
        self.blank_next = (self.blank_next + 1) % BLANKS;
    }

    /// The last `length` of the audio was a key's tones.
    pub fn tone(&mut self, length: i64) {
        self.window.blank(self.audio_end - length, self.audio_end);
    }

    /// Another source or address speaks: its clock is another one.
    pub fn new_source(&mut self) {
        self.timeline.forget();
        self.blanks = [None; BLANKS];
    }

    /// Ends it; the next tick finishes it. The first reason counts.
    pub fn end(&mut self, end: RecordEnd, now: Mono) {
        let position = self.position(now).max(self.audio_end).min(self.max());
        self.ended.get_or_insert((end, position));
    }

    /// Is `key` one of those that end it?
    pub fn ends_on(&self, key: char) -> bool {
        self.limits.end_keys.contains(key)
    }

    /// 20 ms have passed.
    pub fn tick(&mut self, now: Mono) -> Tick {
        let position = self.position(now);
        if self.ended.is_none() {
            self.judge(position - HOLD_BACK);
            if let Some(end) = self.due(position) {
                self.end(end, now);
            }
        }
        if let Some((end, position)) = self.ended {
            return Tick::Over(self.finish(end, position));
        }
        if self.judge.at - self.window.base() >= FLUSH_EVERY {
            self.write(self.judge.at);
        }
        let warning = samples(self.limits.warning);
        if !self.warned && warning > 0 && position >= self.max().saturating_sub(warning) {
            self.warned = true;
            return Tick::Warning;
        }
        Tick::Quiet
    }

    /// Whole blocks that are to be written; they are forgotten with the next call.
    pub fn blocks(&self) -> &[u8] {
        &self.out
    }

    /// They are written.
    pub fn clear_blocks(&mut self) {
        self.out.clear();
    }

    /// Does it end by itself at this time?
    fn due(&self, position: i64) -> Option<RecordEnd> {
        if position >= self.max() {
            return Some(RecordEnd::Max);
        }
        let (since, limit) = match self.judge.sound_end {
            Some(end) => (end, self.limits.silence_after),
            None => (0, self.limits.silence_before),
        };
        (limit > Duration::ZERO && self.judge.at - since >= samples(limit)).then_some(RecordEnd::Silence)
    }

    fn finish(&mut self, end: RecordEnd, position: i64) -> Summary {
        self.judge_to(position);
        self.window.flush(position, &mut self.out);
        take::put_end(&mut self.out, u32::try_from(position).unwrap_or(u32::MAX));
        let ms = |samples: i64| u32::try_from(samples / 8).unwrap_or(u32::MAX);
        Summary { end, total_ms: ms(position), sound_ms: ms(self.judge.sound.min(position)) }
    }

    /// Judges and writes all before `until`.
    fn write(&mut self, until: i64) {
        self.judge_to(until);
        self.window.flush(until, &mut self.out);
    }

    /// Judges all that ends before `until`, the last frame only if it is whole.
    fn judge(&mut self, until: i64) {
        while self.judge.at + FRAME <= until {
            self.judge.frame(&self.window, self.judge.at + FRAME);
        }
    }

    /// Judges all before `until`.
    fn judge_to(&mut self, until: i64) {
        self.judge(until);
        if self.judge.at < until {
            self.judge.frame(&self.window, until);
        }
    }

    fn position(&self, now: Mono) -> i64 {
        samples(now.since(self.started))
    }

    fn max(&self) -> i64 {
        samples(self.limits.max)
    }
}

/// Sound or silence, frame by frame.
#[derive(Debug)]
struct Judge {
    vad: Vad,
    narrow: Narrow,
    at: i64,
    sound: i64,
    sound_end: Option<i64>,
}

impl Judge {
    fn new() -> Self {
        Judge { vad: Vad::new(8000), narrow: Narrow::default(), at: 0, sound: 0, sound_end: None }
    }

    fn frame(&mut self, window: &Window, end: i64) {
        let mut bytes = [0; FRAME as usize];
        let mut samples = [0; FRAME as usize];
        let count = window.copy(self.at, end, &mut bytes);
        let count = self.narrow.decode(window.codec, bytes.get(..count).unwrap_or_default(), &mut samples);
        // A frame with gaps is judged by what arrived of it.
        if self.vad.push(samples.get(..count).unwrap_or_default()) {
            self.sound += end - self.at;
            self.sound_end = Some(end);
        }
        self.at = end;
    }
}

/// In 1/8000 s; what cannot be reached stays addable.
fn samples(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos() / 125_000).unwrap_or(i64::MAX).min(i64::from(u32::MAX))
}
