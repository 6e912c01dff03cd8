//! PRACK to us (RFC 3262 §3): a provisional answer of ours arrived. Ours to them is sent by `dial`.

use crate::clock::Mono;
use crate::sip::contract::Event;
use crate::sip::core::Core;
use crate::sip::msg::{Header, Message, Method};
use crate::sip::tx::timer::TxId;
use crate::sip::ua::SDP;
use crate::sip::ua::invite::{Carries, Media, Provisional, Ringing};
use crate::sip::ua::leg::{Leg, Theirs, Verb};
use crate::sip::ua::read::sdp_of;

/// Their PRACK.
pub(crate) fn receive(leg: Leg, core: &mut Core, request: &Message, tx: TxId, now: Mono) -> Option<Leg> {
    match leg {
        Leg::Ringing(leg) => leg.prack(core, request, tx, now),
        // None is awaited: 481 (§3).
        other => {
            core.reply_code(tx, 481, now);
            Some(other)
        }
    }
}

impl Ringing {
    fn prack(mut self: Box<Self>, core: &mut Core, request: &Message, tx: TxId, now: Mono) -> Option<Leg> {
        let carries = match self.provisional {
            Provisional::Unacked { rseq, carries, .. } if request.rack() == Some((rseq, self.cseq, Method::Invite)) => {
                carries
            }
            _ => {
                core.reply_code(tx, 481, now);
                return Some(Leg::Ringing(self));
            }
        };
        let Ok(sdp) = sdp_of(request) else {
            core.reply(tx, 415, now, |draft| draft.header(Header::Accept, SDP));
            return Some(Leg::Ringing(self));
        };
        match (carries, sdp) {
            // §5: the answer to our offer must be in it. Without it we go on waiting.
            (Carries::Offer, None) => {
                core.reply_code(tx, 400, now);
                return Some(Leg::Ringing(self));
            }
            (Carries::Offer, Some(answer)) => {
                core.reply_code(tx, 200, now);
                self.media = Media::Agreed;
                core.emit(self.id, Event::EarlyAnswer(answer));
            }
            (Carries::Answer | Carries::Nothing, None) => core.reply_code(tx, 200, now),
            (Carries::Nothing, Some(_)) if self.media != Media::Agreed => core.reply_code(tx, 488, now),
            (Carries::Answer | Carries::Nothing, Some(offer)) => {
                self.theirs = Some(Theirs { tx, verb: Verb::Prack });
                core.emit(self.id, Event::Offer(offer));
            }
        }
        if carries == Carries::Answer {
            self.media = Media::Agreed;
        }
        self.rest(core);
        self.go_on(core, now)
    }
}
