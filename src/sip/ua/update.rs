//! UPDATE to us (RFC 3311 §5.2), and when an offer has to wait. Ours is sent by `reinvite`.

use crate::clock::Mono;
use crate::sip::contract::Event;
use crate::sip::core::Core;
use crate::sip::msg::{Header, Message};
use crate::sip::tx::timer::TxId;
use crate::sip::ua::SDP;
use crate::sip::ua::dial::{Calling, Settled};
use crate::sip::ua::invite::{Carries, Media, Provisional, Ringing};
use crate::sip::ua::leg::{Ack, Brings, Leg, Offer, Talking, Theirs, Verb};
use crate::sip::ua::read::sdp_of;
use crate::sip::ua::session_timer::{Session, TooSmall};

/// Their UPDATE.
pub(crate) fn receive(leg: Leg, core: &mut Core, request: &Message, tx: TxId, now: Mono) -> Option<Leg> {
    let Ok(offer) = sdp_of(request) else {
        core.reply(tx, 415, now, |draft| draft.header(Header::Accept, SDP));
        return Some(leg);
    };
    match leg {
        Leg::Ringing(mut leg) => {
            leg.update(core, request, offer, tx, now);
            Some(Leg::Ringing(leg))
        }
        Leg::Calling(mut leg) => {
            leg.update(core, request, offer, tx, now);
            Some(Leg::Calling(leg))
        }
        Leg::Talking(mut leg) => {
            leg.update(core, request, offer, tx, now);
            Some(Leg::Talking(leg))
        }
        Leg::Leaving(_) => {
            core.reply_code(tx, 481, now);
            Some(leg)
        }
    }
}

impl Core {
    /// §5.2: an earlier offer of theirs is still unanswered.
    pub fn refuse_overlap(&mut self, tx: TxId, now: Mono) {
        let wait = self.names.below(10);
        self.reply(tx, 500, now, |draft| draft.header(Header::RetryAfter, wait));
    }

    /// A 2xx without a body that refreshes the dialog's target.
    fn agree(&mut self, tx: TxId, flow: crate::sip::contract::Flow, session: Session, now: Mono) {
        let contact = self.contact(flow);
        self.reply(tx, 200, now, |draft| session.print_answer(draft.header(Header::Contact, contact)));
    }

    /// 422 (RFC 4028 §6).
    pub fn refuse_interval(&mut self, tx: TxId, least: u32, now: Mono) {
        self.reply(tx, 422, now, |draft| draft.header(Header::MinSe, least));
    }
}

impl Ringing {
    fn update(&mut self, core: &mut Core, request: &Message, offer: Option<Vec<u8>>, tx: TxId, now: Mono) {
        let Some(offer) = offer else {
            self.dialog.refresh_target(request);
            return core.agree(tx, self.dialog.flow, Session::Off, now);
        };
        if let Provisional::Unacked { carries: Carries::Offer, .. } = self.provisional {
            core.reply_code(tx, 491, now);
        } else if self.media != Media::Agreed || self.theirs.is_some() {
            core.refuse_overlap(tx, now);
        } else {
            self.dialog.refresh_target(request);
            self.theirs = Some(Theirs { tx, verb: Verb::Update });
            core.emit(self.id, Event::Offer(offer));
        }
    }
}

impl Calling {
    fn update(&mut self, core: &mut Core, request: &Message, offer: Option<Vec<u8>>, tx: TxId, now: Mono) {
        let busy = self.theirs.is_some();
        let id = self.id;
        let Some(early) = self.early.iter_mut().find(|early| early.dialog.owns(request)) else {
            return core.reply_code(tx, 481, now);
        };
        match (offer, early.settled) {
            (None, _) => {
                early.dialog.refresh_target(request);
                core.agree(tx, early.dialog.flow, Session::Off, now);
            }
            // Our offer in the INVITE has no reliable answer yet.
            (Some(_), Settled::Open) => core.reply_code(tx, 491, now),
            (Some(_), Settled::Agreed) if busy => core.refuse_overlap(tx, now),
            (Some(offer), Settled::Agreed) => {
                early.dialog.refresh_target(request);
                self.theirs = Some((Theirs { tx, verb: Verb::Update }, early.dialog.remote_tag.clone()));
                core.emit(id, Event::Offer(offer));
            }
        }
    }
}

impl Talking {
    fn update(&mut self, core: &mut Core, request: &Message, offer: Option<Vec<u8>>, tx: TxId, now: Mono) {
        let session = match Session::answer(request, &core.settings, self.session) {
            Ok(session) => session,
            Err(TooSmall(least)) => return core.refuse_interval(tx, least, now),
        };
        match offer {
            None => {
                self.refreshed(core, session, request, now);
                core.agree(tx, self.dialog.flow, session, now);
            }
            Some(offer) => {
                if self.is_free(core, tx, now) {
                    self.refreshed(core, session, request, now);
                    self.offer = Offer::Theirs(Theirs { tx, verb: Verb::Update });
                    core.emit(self.id, Event::Offer(offer));
                }
            }
        }
    }

    /// May they offer now? Where not, they are told when (RFC 3311 §5.2, RFC 3261 §14.2).
    pub(super) fn is_free(&self, core: &mut Core, tx: TxId, now: Mono) -> bool {
        match (&self.offer, self.ack) {
            (Offer::Theirs(_), _) => core.refuse_overlap(tx, now),
            (Offer::Ours { .. }, _) | (Offer::Idle, Ack::Missing { brings: Brings::Answer, .. }) => {
                core.reply_code(tx, 491, now);
            }
            (Offer::Idle, Ack::Here | Ack::Missing { .. }) => return true,
        }
        false
    }

    /// Their request is a sign of life, and may say where they are now.
    pub(super) fn refreshed(&mut self, core: &mut Core, session: Session, request: &Message, now: Mono) {
        self.dialog.refresh_target(request);
        self.session = session;
        session.arm(core, self.id, now);
    }
}
