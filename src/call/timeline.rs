//! What the timeline of a call says.

use serde::Serialize;

use crate::clock::Utc;
use crate::flow::{self, Text};
use crate::media::Figures;
use crate::sdp::{Codec, Negotiated};
use crate::sip;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// When.
    #[serde(skip)]
    pub at: Utc,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened, as it is kept: stable names, for the page, exports and figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// The INVITE came.
    Incoming {
        /// The SIP Call-ID, to find it in the carrier's log.
        sip_call_id: String,
        /// Why it was forwarded: Diversion and History-Info as they came.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        diversion: Vec<String>,
    },
    /// We picked up.
    Answered,
    /// No session: 488.
    Refused {
        /// In words.
        reason: String,
    },
    /// Codec and addresses are agreed, or agreed anew.
    Connected {
        /// `pcma`, `pcmu` or `g722`.
        codec: &'static str,
        /// RFC 4733 keys.
        events: bool,
        /// Held: nobody sends.
        held: bool,
    },
    /// The caller's first audio.
    FirstPacket,
    /// The call goes on at this step of the plan.
    Step {
        /// `menu.abend`.
        step: String,
        /// The line of the plan that says so.
        line: usize,
        /// `route`, `keys`, `silence`, `invalid`, `done`, `otherwise` or `back`.
        by: &'static str,
        /// What was pressed, where that led here.
        #[serde(skip_serializing_if = "Option::is_none")]
        keys: Option<String>,
        /// Why the call begins here, German and English; none for later steps.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<Text>,
    },
    /// The caller heard this.
    Played {
        /// Prompt id.
        prompt: String,
        /// How much of it.
        ms: u32,
        /// To its end.
        complete: bool,
    },
    /// A prompt is not there: skipped.
    PromptMissing {
        /// Prompt id.
        prompt: String,
    },
    /// The caller pressed.
    Key {
        /// `0-9*#A-D`.
        key: char,
    },
    /// Recording began.
    Recording,
    /// Recording ended.
    Recorded {
        /// Whole length.
        total_ms: u32,
        /// Of it sound.
        sound_ms: u32,
        /// `key`, `silence`, `max` or `stopped`.
        end: &'static str,
    },
    /// A message is in the list.
    Saved {
        /// What can be heard.
        duration_ms: u64,
    },
    /// Too little sound to be a message.
    Missed,
    /// Marked urgent.
    Urgent,
    /// The caller listened to the message.
    Replayed,
    /// Nothing could be kept.
    NotKept,
    /// Somebody says to be the owner, and is asked for the PIN. What is pressed then is noted nowhere.
    PinAsked,
    /// It is the owner.
    PinRight,
    /// It was another PIN, or none is set.
    PinWrong,
    /// Too many PINs were wrong before this one.
    PinLocked,
    /// The owner opened or closed by hand.
    HoursSet {
        /// Open, or closed.
        open: bool,
        /// RFC 3339, in UTC.
        until: String,
    },
    /// The owner lifted what was set by hand.
    HoursLifted,
    /// The owner replaced a prompt.
    PromptKept {
        /// Prompt id.
        prompt: String,
    },
    /// The owner took a prompt back to the version before.
    PromptRestored {
        /// Prompt id.
        prompt: String,
    },
    /// What the owner wanted could not be done: all is as it was.
    NotChanged,
    /// Something is open for the caller: how it stands is told.
    Status {
        /// How many entries.
        open: usize,
    },
    /// These times were offered; none: there was no free one.
    Offered {
        /// Their starts, RFC 3339, in UTC.
        slots: Vec<String>,
    },
    /// A callback is booked.
    Booked {
        /// Its id.
        callback: String,
        /// The booked time, RFC 3339, in UTC; none: as soon as possible.
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<String>,
        /// When it is late, RFC 3339, in UTC.
        latest: String,
        /// The number that the caller gave; none: the one that the call came from.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// What was told of it.
        words: String,
        /// It was booked before, for another time.
        moved: bool,
    },
    /// The caller wants no callback any more.
    Cancelled {
        /// Its id.
        callback: String,
    },
    /// The caller was told when somebody calls back.
    Promised {
        /// As it was told.
        words: String,
        /// RFC 3339, in UTC.
        latest: String,
    },
    /// What the caller wanted of the desk was not done.
    NotBooked {
        /// `gone`, `too_many`, `not_allowed` or `failed`.
        why: &'static str,
    },
    /// No audio came for too long.
    Dead,
    /// We hang up.
    HangUp {
        /// `done`, `silent`, `not_kept` or `too_long`.
        cause: String,
    },
    /// The leg is over.
    Ended {
        /// `bye`, `cancelled`, `local`, `no_ack`, `session_expired`, `refused` or `transport`.
        cause: &'static str,
    },
    /// Figures of the audio.
    Audio {
        /// Packets taken.
        received: u64,
        /// Packets sent.
        sent: u64,
        /// Packets lost on the way to us.
        lost: u64,
        /// Packets of strangers, thrown away.
        foreign: u64,
    },
    /// Stream or store did not answer in time: finished at the next start.
    LeftOpen,
}

/// How a call came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A message was kept.
    Message,
    /// The caller said nothing.
    Missed,
    /// The caller hung up before the beep.
    Abandoned,
    /// A message could not be kept; number and time are.
    NotKept,
    /// No session could be agreed on.
    Refused,
    /// It was the owner.
    Owner,
    /// A callback was booked, moved or cancelled.
    Callback,
}

impl Outcome {
    /// As rows hold it.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Message => "message",
            Outcome::Missed => "missed",
            Outcome::Abandoned => "abandoned",
            Outcome::NotKept => "not_kept",
            Outcome::Refused => "refused",
            Outcome::Owner => "owner",
            Outcome::Callback => "callback",
        }
    }
}

impl What {
    pub(super) fn incoming(invite: &sip::Invite) -> What {
        What::Incoming { sip_call_id: invite.call_id.clone(), diversion: invite.diversion.clone() }
    }

    pub(super) fn step(step: String, entered: &flow::Entered) -> What {
        let (keys, why) = match &entered.by {
            flow::By::Keys(keys) => (Some(keys.clone()), None),
            flow::By::Route(why) => (None, Some(why.clone())),
            _ => (None, None),
        };
        What::Step { step, line: entered.place.line, by: entered.by.code(), keys, why }
    }

    pub(super) fn connected(negotiated: &Negotiated) -> What {
        let codec = match negotiated.codec {
            Codec::Pcma => "pcma",
            Codec::Pcmu => "pcmu",
            Codec::G722 => "g722",
        };
        let held = negotiated.direction != crate::sdp::Direction::SendRecv;
        What::Connected { codec, events: negotiated.event_recv.is_some(), held }
    }

    pub(super) fn recorded(end: flow::RecordEnd, total_ms: u32, sound_ms: u32) -> What {
        let end = match end {
            flow::RecordEnd::Key => "key",
            flow::RecordEnd::Silence => "silence",
            flow::RecordEnd::Max => "max",
            flow::RecordEnd::Stopped => "stopped",
        };
        What::Recorded { total_ms, sound_ms, end }
    }

    pub(super) fn ended(why: &sip::Ended) -> What {
        let cause = match why {
            sip::Ended::Bye => "bye",
            sip::Ended::Cancelled => "cancelled",
            sip::Ended::Local => "local",
            sip::Ended::NoAck => "no_ack",
            sip::Ended::SessionExpired => "session_expired",
            sip::Ended::Refused { .. } => "refused",
            sip::Ended::Transport => "transport",
        };
        What::Ended { cause }
    }

    pub(super) fn audio(figures: &Figures) -> What {
        let Figures { sent, received, lost, foreign, .. } = *figures;
        What::Audio { received, sent, lost, foreign }
    }
}
