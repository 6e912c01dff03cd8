//! ACK of our 2xx: the call stands (RFC 3261 §13.3.1.4). ACKs of refusals end in the transaction layer.

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::Event;
use crate::sip::core::Core;
use crate::sip::msg::Message;
use crate::sip::ua::leg::{Ack, Brings, Leaving, Leg, Talking};
use crate::sip::ua::read::answer_of;

/// Their ACK within a dialog. One that nobody waits for is a repetition.
pub(crate) fn receive(leg: Leg, core: &mut Core, id: LegId, request: &Message, now: Mono) -> Option<Leg> {
    let number = request.cseq().map(|(number, _)| number);
    match leg {
        Leg::Talking(mut leg) => {
            if let Ack::Missing { tx, cseq, brings } = leg.ack
                && number == Some(cseq)
            {
                core.acknowledged(tx, now);
                leg.ack = Ack::Here;
                confirm(&leg, core, brings, request);
            }
            Some(Leg::Talking(leg))
        }
        Leg::Leaving(leg) => match *leg {
            Leaving::Unacked { dialog, tx, cseq } if number == Some(cseq) => {
                core.acknowledged(tx, now);
                super::bye::leave(core, dialog, id, now)
            }
            state => Some(Leg::Leaving(Box::new(state))),
        },
        other => Some(other),
    }
}

fn confirm(leg: &Talking, core: &mut Core, brings: Brings, request: &Message) {
    let sdp = match brings {
        Brings::Nothing => return,
        Brings::Confirmation => None,
        Brings::Answer => answer_of(request),
    };
    core.emit(leg.id, Event::Confirmed { sdp });
}
