//! CANCEL of an INVITE to us (RFC 3261 §9.2): it wins only before the final answer.

use crate::clock::Mono;
use crate::sip::contract::Ended;
use crate::sip::core::Core;
use crate::sip::tx::timer::TxId;
use crate::sip::ua::leg::{Leg, Offer};

/// Their CANCEL of the open INVITE `tx`; its own answer has been given.
pub(crate) fn receive(leg: Leg, core: &mut Core, tx: TxId, now: Mono) -> Option<Leg> {
    match leg {
        Leg::Ringing(leg) if leg.tx == tx => leg.refuse(core, 487, Ended::Cancelled, now),
        // A re-INVITE: the session goes on as it was (RFC 3261 §14.2).
        Leg::Talking(mut leg) => {
            if let Offer::Theirs(theirs) = leg.offer
                && theirs.tx == tx
            {
                core.reply_code(tx, 487, now);
                leg.offer = Offer::Idle;
            }
            Some(Leg::Talking(leg))
        }
        other => Some(other),
    }
}
