//! BYE, both ways (RFC 3261 §15).

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::Ended;
use crate::sip::core::Core;
use crate::sip::dialog::Dialog;
use crate::sip::msg::Method;
use crate::sip::tx::clients::{Purpose, User};
use crate::sip::tx::timer::TxId;
use crate::sip::ua::leg::{Ack, Leaving, Leg, Offer, Talking};

/// Their BYE: always 200, whatever state the leg is in.
pub(crate) fn receive(leg: Leg, core: &mut Core, tx: TxId, now: Mono) -> Option<Leg> {
    core.reply_code(tx, 200, now);
    match leg {
        Leg::Ringing(leg) => {
            // §15.1.2: pending requests of the dialog end with 487.
            core.reply_code(leg.tx, 487, now);
            if let Some(theirs) = leg.theirs {
                core.reply_code(theirs.tx, 487, now);
            }
            core.end(leg.id, Ended::Bye);
            None
        }
        Leg::Talking(mut leg) => {
            leg.settle(core, now);
            if let Ack::Missing { tx, .. } = leg.ack {
                core.acknowledged(tx, now);
            }
            core.end(leg.id, Ended::Bye);
            None
        }
        Leg::Leaving(leg) => match *leg {
            // Both hung up at once: ours will be answered or time out by itself.
            Leaving::Byeing { .. } => None,
            Leaving::Unacked { tx, .. } => {
                core.acknowledged(tx, now);
                None
            }
            state => Some(Leg::Leaving(Box::new(state))),
        },
        // A callee may not end an early dialog by BYE (§15); its INVITE is still to be answered.
        other => Some(other),
    }
}

/// Our BYE, from a leg that has been told of its end.
pub(crate) fn leave(core: &mut Core, mut dialog: Dialog, leg: LegId, now: Mono) -> Option<Leg> {
    let tx = dialog.ask(core, Method::Bye, User::Leg(leg, Purpose::Bye), now, |draft| draft);
    Some(Leg::Leaving(Box::new(Leaving::Byeing { dialog, tx })))
}

impl Talking {
    /// Nothing of theirs stays unanswered; what we asked has its own end.
    fn settle(&mut self, core: &mut Core, now: Mono) {
        if let Offer::Theirs(theirs) = std::mem::replace(&mut self.offer, Offer::Idle) {
            core.reply_code(theirs.tx, 487, now);
        }
    }

    /// Ends the leg from our side.
    pub fn hang_up(mut self: Box<Self>, core: &mut Core, why: Ended, now: Mono) -> Option<Leg> {
        self.settle(core, now);
        let unanswered = why == Ended::NoAck;
        core.end(self.id, why);
        match self.ack {
            Ack::Missing { tx, cseq, .. } if !unanswered => {
                Some(Leg::Leaving(Box::new(Leaving::Unacked { dialog: self.dialog, tx, cseq })))
            }
            Ack::Missing { .. } | Ack::Here => leave(core, self.dialog, self.id, now),
        }
    }
}

/// The ACK of our 2xx never came: BYE (RFC 3261 §13.3.1.4).
pub(crate) fn unacknowledged(leg: Leg, core: &mut Core, id: LegId, tx: TxId, now: Mono) -> Option<Leg> {
    match leg {
        Leg::Talking(leg) => match leg.ack {
            Ack::Missing { tx: ours, .. } if ours == tx => leg.hang_up(core, Ended::NoAck, now),
            Ack::Missing { .. } | Ack::Here => Some(Leg::Talking(leg)),
        },
        Leg::Leaving(leg) => match *leg {
            Leaving::Unacked { dialog, tx: ours, .. } if ours == tx => leave(core, dialog, id, now),
            state => Some(Leg::Leaving(Box::new(state))),
        },
        other => Some(other),
    }
}
