//! A leg in each of its states. A transition consumes the state; what has nothing left is gone.

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::{Command, Ended};
use crate::sip::core::Core;
use crate::sip::dialog::Dialog;
use crate::sip::msg::Message;
use crate::sip::tx::clients::Purpose;
use crate::sip::tx::timer::{Timer, TxId};
use crate::sip::ua::dial::Calling;
use crate::sip::ua::invite::Ringing;
use crate::sip::ua::session_timer::Session;

/// A leg.
#[derive(Debug)]
pub(crate) enum Leg {
    /// Incoming, without a final answer.
    Ringing(Box<Ringing>),
    /// Outgoing, without a final answer.
    Calling(Box<Calling>),
    /// Answered.
    Talking(Box<Talking>),
    /// Over for the call; only loose ends on the wire.
    Leaving(Box<Leaving>),
}

/// See [`Leg::Talking`].
#[derive(Debug)]
pub(crate) struct Talking {
    pub id: LegId,
    pub dialog: Dialog,
    pub ack: Ack,
    pub offer: Offer,
    pub retry: Option<Retry>,
    pub session: Session,
    /// Our last description that both agreed on: what a refreshing re-INVITE repeats.
    pub local_sdp: Vec<u8>,
    /// They take UPDATE.
    pub updates: Updates,
}

/// Does the peer take UPDATE?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Updates {
    Taken,
    Unknown,
}

/// The ACK of our last 2xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ack {
    Here,
    Missing { tx: TxId, cseq: u32, brings: Brings },
}

/// What the call waits for in an ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brings {
    /// That the call stands.
    Confirmation,
    /// The answer to our offer, and that.
    Answer,
    /// Nothing.
    Nothing,
}

/// Whose offer is under way (RFC 3264: one at a time).
#[derive(Debug)]
pub(crate) enum Offer {
    Idle,
    Theirs(Theirs),
    Ours { tx: TxId, what: Retry },
}

/// Their offer, or wish for one, which the call has to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theirs {
    pub tx: TxId,
    pub verb: Verb,
}

/// What their offer came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Reinvite { cseq: u32, brings: Brings },
    Update,
    Prack,
}

/// What we ask of the session: kept until it is agreed on, to be sent again after 491.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// A new description.
    Reoffer(Vec<u8>),
    /// Nothing but to go on (RFC 4028).
    Refresh,
}

/// See [`Leg::Leaving`].
#[derive(Debug)]
pub(crate) enum Leaving {
    /// Outgoing, given up: the CANCEL may not go before a provisional answer (RFC 3261 §9.1).
    Cancelling { tx: TxId },
    /// Outgoing, given up: the CANCEL went, the final answer is to come.
    Cancelled { tx: TxId },
    /// Incoming: BYE may not go before the ACK for the 200 (RFC 3261 §15).
    Unacked { dialog: Dialog, tx: TxId, cseq: u32 },
    /// The BYE is under way.
    Byeing { dialog: Dialog, tx: TxId },
}

/// What became of a request of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'a> {
    /// They answered.
    Response(&'a Message, u16),
    /// They did not.
    Timeout,
    /// It could not be sent.
    Transport,
}

impl Outcome<'_> {
    /// As a status (RFC 3261 §8.1.3.1).
    pub fn code(&self) -> u16 {
        match self {
            Outcome::Response(_, code) => *code,
            Outcome::Timeout => 408,
            Outcome::Transport => 503,
        }
    }

    /// Why a leg ends by it.
    pub fn refusal(&self) -> Ended {
        use crate::sip::msg::{Start, reason_phrase};
        match self {
            Outcome::Response(message, code) => {
                let reason = match message.start() {
                    Start::Response { reason, .. } => reason.clone(),
                    Start::Request { .. } => String::new(),
                };
                Ended::Refused { code: *code, reason }
            }
            Outcome::Timeout => Ended::Refused { code: 408, reason: reason_phrase(408).to_owned() },
            Outcome::Transport => Ended::Transport,
        }
    }
}

impl Leg {
    /// A dialog of this leg that `request` belongs to.
    pub fn dialog_of(&self, request: &Message) -> Option<&Dialog> {
        match self {
            Leg::Ringing(leg) => Some(&leg.dialog),
            Leg::Calling(leg) => return leg.early.iter().map(|early| &early.dialog).find(|d| d.owns(request)),
            Leg::Talking(leg) => Some(&leg.dialog),
            Leg::Leaving(leg) => match &**leg {
                Leaving::Cancelling { .. } | Leaving::Cancelled { .. } => None,
                Leaving::Unacked { dialog, .. } | Leaving::Byeing { dialog, .. } => Some(dialog),
            },
        }
        .filter(|dialog| dialog.owns(request))
    }

    /// Every dialog of this leg.
    pub fn each_dialog(&mut self, mut visit: impl FnMut(&mut Dialog)) {
        match self {
            Leg::Ringing(leg) => visit(&mut leg.dialog),
            Leg::Calling(leg) => leg.early.iter_mut().for_each(|early| visit(&mut early.dialog)),
            Leg::Talking(leg) => visit(&mut leg.dialog),
            Leg::Leaving(leg) => match &mut **leg {
                Leaving::Cancelling { .. } | Leaving::Cancelled { .. } => {}
                Leaving::Unacked { dialog, .. } | Leaving::Byeing { dialog, .. } => visit(dialog),
            },
        }
    }

    /// A wish of the call. What does not fit the state is ignored: the peer may have been faster.
    pub fn command(self, core: &mut Core, command: Command, now: Mono) -> Option<Leg> {
        match self {
            Leg::Ringing(leg) => leg.command(core, command, now),
            Leg::Calling(leg) => leg.command(core, command, now),
            Leg::Talking(leg) => leg.command(core, command, now),
            Leg::Leaving(_) => Some(self),
        }
    }

    /// One of the leg's own timers.
    pub fn fire(self, core: &mut Core, timer: Timer, now: Mono) -> Option<Leg> {
        match self {
            Leg::Ringing(leg) => leg.fire(core, timer, now),
            Leg::Calling(leg) => leg.fire(core, timer, now),
            Leg::Talking(leg) => leg.fire(core, timer, now),
            Leg::Leaving(_) => Some(self),
        }
    }

    /// What became of a request of ours.
    pub fn outcome(self, core: &mut Core, tx: TxId, purpose: Purpose, outcome: Outcome<'_>, now: Mono) -> Option<Leg> {
        match self {
            Leg::Ringing(_) => Some(self),
            Leg::Calling(leg) => leg.outcome(core, tx, purpose, outcome, now),
            Leg::Talking(leg) => leg.outcome(core, tx, purpose, outcome, now),
            Leg::Leaving(leg) => leg.outcome(core, tx, purpose, outcome, now),
        }
    }
}

impl Talking {
    fn command(mut self: Box<Self>, core: &mut Core, command: Command, now: Mono) -> Option<Leg> {
        match command {
            Command::Hangup | Command::Reject { .. } => return self.hang_up(core, Ended::Local, now),
            Command::Answer { sdp } => self.answer(core, sdp, now),
            Command::RefuseOffer => self.refuse_offer(core, now),
            Command::Reoffer { sdp } => self.ask(core, Retry::Reoffer(sdp), now),
            Command::SendKey { key, duration_ms } => {
                super::info::send(core, self.id, &mut self.dialog, key, duration_ms, now);
            }
            Command::Ring { .. } | Command::Accept { .. } => {}
        }
        Some(Leg::Talking(self))
    }

    fn fire(mut self: Box<Self>, core: &mut Core, timer: Timer, now: Mono) -> Option<Leg> {
        match timer {
            Timer::SessionEnd => return self.hang_up(core, Ended::SessionExpired, now),
            Timer::Refresh => self.ask(core, Retry::Refresh, now),
            Timer::Glare => {
                if let Some(what) = self.retry.take() {
                    self.ask(core, what, now);
                }
            }
            _ => {}
        }
        Some(Leg::Talking(self))
    }

    fn outcome(
        self: Box<Self>,
        core: &mut Core,
        tx: TxId,
        purpose: Purpose,
        outcome: Outcome<'_>,
        now: Mono,
    ) -> Option<Leg> {
        match (purpose, outcome) {
            (Purpose::Invite, Outcome::Response(response, 200..=299)) => {
                super::dial::stray_answer(core, tx, response, now);
                Some(Leg::Talking(self))
            }
            (Purpose::Reinvite | Purpose::Update, _) => self.asked(core, tx, outcome, now),
            // The peer knows nothing of this session any more (RFC 5057 §5.1).
            (Purpose::Info | Purpose::Prack, Outcome::Response(_, 481)) => {
                self.hang_up(core, Ended::SessionExpired, now)
            }
            _ => Some(Leg::Talking(self)),
        }
    }
}

impl Leaving {
    fn outcome(
        self: Box<Self>,
        core: &mut Core,
        tx: TxId,
        purpose: Purpose,
        outcome: Outcome<'_>,
        now: Mono,
    ) -> Option<Leg> {
        match (*self, purpose, outcome) {
            (Leaving::Cancelling { tx: ours }, Purpose::Invite, Outcome::Response(_, 100..=199)) if ours == tx => {
                core.cancel_invite(tx, now);
                Some(Leg::Leaving(Box::new(Leaving::Cancelled { tx })))
            }
            (
                Leaving::Cancelling { tx: ours } | Leaving::Cancelled { tx: ours },
                Purpose::Invite,
                Outcome::Response(response, 200..=299),
            ) if ours == tx => {
                // The answer was faster than the CANCEL: taken, and ended (RFC 3261 §9.1).
                super::dial::stray_answer(core, tx, response, now);
                None
            }
            (Leaving::Cancelling { tx: ours } | Leaving::Cancelled { tx: ours }, Purpose::Invite, outcome)
                if ours == tx && outcome.code() >= 200 =>
            {
                None
            }
            // The answer to a re-INVITE that the hang-up overtook still wants its ACK.
            (Leaving::Byeing { dialog, tx: bye }, Purpose::Reinvite, Outcome::Response(response, 200..=299)) => {
                super::reinvite::acknowledge(core, &dialog, tx, response);
                Some(Leg::Leaving(Box::new(Leaving::Byeing { dialog, tx: bye })))
            }
            (Leaving::Byeing { tx: bye, .. }, Purpose::Bye, outcome) if bye == tx && outcome.code() >= 200 => None,
            (state, _, _) => Some(Leg::Leaving(Box::new(state))),
        }
    }
}
