//! What a call was like, for people and programs.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::media::{Figures, take};
use crate::sip::Ended;

/// What was heard and done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Somebody picked up.
    pub answered: bool,
    /// After how many seconds.
    pub answered_after: Option<f64>,
    /// It rang before that.
    pub ringing: bool,
    /// The SIP status that ended an unanswered call.
    pub code: Option<u16>,
    /// Its reason.
    pub reason: Option<String>,
    /// What went wrong on our side.
    pub problem: Option<String>,
    /// The codec.
    pub codec: Option<String>,
    /// Seconds of audio that came.
    pub heard: f64,
    /// Of it sound.
    pub sound: f64,
    /// Beeps.
    pub beeps: u32,
    /// All was said.
    pub said: bool,
    /// Keys that we pressed.
    pub keys_sent: String,
    /// Keys that they pressed.
    pub keys_heard: String,
    /// Who hung up: `us`, `them`, or why it broke.
    pub ended: String,
    /// Seconds from the first INVITE to the end.
    pub seconds: f64,
    /// RTP packets that came.
    pub packets: u64,
    /// RTP packets that were lost.
    pub lost: u64,
    #[serde(skip)]
    reading: Option<take::Reading>,
}

impl Report {
    pub(super) fn answered(&mut self, after: Duration) {
        self.answered = true;
        self.answered_after = Some(round(after.as_secs_f64()));
    }

    pub(super) fn ended(&mut self, why: &Ended, after: Duration) {
        self.seconds = round(after.as_secs_f64());
        self.ended = match why {
            Ended::Bye => "them",
            Ended::Local | Ended::Cancelled => "us",
            Ended::NoAck => "no ACK",
            Ended::SessionExpired => "session expired",
            Ended::Refused { .. } => "refused",
            Ended::Transport => "transport failed",
        }
        .to_owned();
        if let Ended::Refused { code, reason } = why {
            self.code = Some(*code);
            self.reason = Some(reason.clone());
        }
    }

    pub(super) fn finish(&mut self, blocks: &[u8], figures: Figures) {
        let reading = take::read(blocks);
        let samples = u32::try_from(reading.samples.len()).unwrap_or(u32::MAX);
        self.heard = round(f64::from(samples) / f64::from(reading.rate_hz.max(1)));
        self.sound = round(reading.sound.as_secs_f64());
        self.packets = figures.received;
        self.lost = figures.lost;
        self.reading = Some(reading);
    }

    /// All that was heard, as samples and their rate.
    pub fn samples(&self) -> (&[i16], u32) {
        self.reading.as_ref().map_or((&[], 8000), |reading| (reading.samples.as_slice(), reading.rate_hz))
    }

    /// All that was heard, as a WAV file.
    pub fn wav(&self) -> Vec<u8> {
        let (samples, rate_hz) = self.samples();
        take::wav(rate_hz, samples)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.answered {
            let reason = self.reason.as_deref().unwrap_or_default();
            return match self.code {
                Some(408) => write!(f, "not answered: nothing there, or nothing that speaks SIP"),
                Some(code) => write!(f, "not answered: {code} {reason}"),
                None => write!(f, "not answered within {:.0} s ({})", self.seconds, self.ended),
            };
        }
        writeln!(
            f,
            "answered after {:.2} s, {}",
            self.answered_after.unwrap_or(0.0),
            self.codec.as_deref().unwrap_or("-")
        )?;
        writeln!(f, "heard {:.1} s, of it sound {:.1} s, beeps {}", self.heard, self.sound, self.beeps)?;
        if !self.keys_sent.is_empty() {
            writeln!(f, "pressed {}", self.keys_sent)?;
        }
        if let Some(problem) = &self.problem {
            writeln!(f, "problem: {problem}")?;
        }
        write!(f, "{} packets, {} lost; ended by {} after {:.1} s", self.packets, self.lost, self.ended, self.seconds)
    }
}

/// Milliseconds are enough.
fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
