//! INVITE within a dialog, both ways (RFC 3261 §14), and our UPDATE: hold, resume, new address, refresh.

use std::time::Duration;

use crate::clock::Mono;
use crate::sip::contract::{Ended, Event};
use crate::sip::core::Core;
use crate::sip::dialog::{Dialog, Side};
use crate::sip::msg::{Header, Message, Method, NameAddr};
use crate::sip::tx::clients::{Purpose, User};
use crate::sip::tx::timer::{Timer, TxId};
use crate::sip::ua::invite::with_sdp;
use crate::sip::ua::leg::{Ack, Brings, Leg, Offer, Outcome, Retry, Talking, Theirs, Updates, Verb};
use crate::sip::ua::read::{answer_of, sdp_of};
use crate::sip::ua::session_timer::{Session, TooSmall};
use crate::sip::ua::{ALLOW, SDP, SUPPORTED};

/// Their re-INVITE.
pub(crate) fn receive(leg: Leg, core: &mut Core, request: &Message, tx: TxId, now: Mono) -> Option<Leg> {
    match leg {
        Leg::Talking(mut leg) => {
            leg.reinvited(core, request, tx, now);
            Some(Leg::Talking(leg))
        }
        // RFC 3261 §14.2: the first INVITE is not answered yet.
        Leg::Ringing(_) => {
            core.refuse_overlap(tx, now);
            Some(leg)
        }
        Leg::Calling(_) => {
            core.reply_code(tx, 491, now);
            Some(leg)
        }
        Leg::Leaving(_) => {
            core.reply_code(tx, 481, now);
            Some(leg)
        }
    }
}

/// The ACK of a 2xx to our re-INVITE.
pub(crate) fn acknowledge(core: &mut Core, dialog: &Dialog, tx: TxId, response: &Message) {
    let Some((number, _)) = response.cseq() else { return };
    let to = response.to();
    let tag = to.as_ref().and_then(NameAddr::tag).unwrap_or("").to_owned();
    let ack = dialog.ack(core, number);
    core.ack_answer(tx, &tag, ack);
}

impl Talking {
    fn reinvited(&mut self, core: &mut Core, request: &Message, tx: TxId, now: Mono) {
        let session = match Session::answer(request, &core.settings, self.session) {
            Ok(session) => session,
            Err(TooSmall(least)) => return core.refuse_interval(tx, least, now),
        };
        let Ok(offer) = sdp_of(request) else {
            return core.reply(tx, 415, now, |draft| draft.header(Header::Accept, SDP));
        };
        if !self.is_free(core, tx, now) {
            return;
        }
        if let Ack::Missing { .. } = self.ack {
            // Their ACK is lost or late: one INVITE after the other.
            return core.reply_code(tx, 491, now);
        }
        core.reply_code(tx, 100, now);
        self.refreshed(core, session, request, now);
        let cseq = request.cseq().map_or(0, |(number, _)| number);
        let brings = if offer.is_some() { Brings::Nothing } else { Brings::Answer };
        self.offer = Offer::Theirs(Theirs { tx, verb: Verb::Reinvite { cseq, brings } });
        core.emit(self.id, offer.map_or(Event::OfferWanted, Event::Offer));
    }

    /// The call's answer to their offer, or its offer where they wanted one.
    pub(super) fn answer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Mono) {
        let Offer::Theirs(theirs) = self.offer else { return };
        self.offer = Offer::Idle;
        let contact = core.contact(self.dialog.flow);
        let session = self.session;
        core.reply(theirs.tx, 200, now, |draft| {
            let draft = draft
                .header(Header::Contact, contact)
                .header(Header::Allow, ALLOW)
                .header(Header::Supported, SUPPORTED);
            session.print_answer(draft).body(SDP, &sdp)
        });
        self.local_sdp = sdp;
        if let Verb::Reinvite { cseq, brings } = theirs.verb {
            self.ack = Ack::Missing { tx: theirs.tx, cseq, brings };
        }
    }

    /// 488: the session goes on as it was.
    pub(super) fn refuse_offer(&mut self, core: &mut Core, now: Mono) {
        if let Offer::Theirs(theirs) = self.offer {
            self.offer = Offer::Idle;
            core.reply_code(theirs.tx, 488, now);
        }
    }

    /// Sends our wish, or keeps it until the way is free.
    pub(super) fn ask(&mut self, core: &mut Core, what: Retry, now: Mono) {
        let free = matches!((&self.offer, self.ack), (Offer::Idle, Ack::Here));
        if !free {
            return self.wait(core, what, Duration::from_secs(1), now);
        }
        let contact = core.contact(self.dialog.flow);
        let session = self.session;
        let settings = core.settings.clone();
        let (method, purpose, sdp) = match &what {
            Retry::Refresh if self.updates == Updates::Taken => (Method::Update, Purpose::Update, None),
            Retry::Refresh => (Method::Invite, Purpose::Reinvite, Some(self.local_sdp.clone())),
            Retry::Reoffer(sdp) => (Method::Invite, Purpose::Reinvite, Some(sdp.clone())),
        };
        let tx = self.dialog.ask(core, method, User::Leg(self.id, purpose), now, |draft| {
            let draft = draft
                .header(Header::Contact, contact)
                .header(Header::Allow, ALLOW)
                .header(Header::Supported, SUPPORTED);
            with_sdp(session.print_request(draft, &settings), sdp.as_deref())
        });
        core.hurry(tx, now);
        self.offer = Offer::Ours { tx, what };
    }

    /// A new description is never overtaken by a mere refresh: it refreshes as well.
    fn wait(&mut self, core: &mut Core, what: Retry, time: Duration, now: Mono) {
        if what == Retry::Refresh && self.retry.is_some() {
            return;
        }
        self.retry = Some(what);
        core.arm(self.id, Timer::Glare, now + time);
    }

    /// What became of our re-INVITE or UPDATE.
    pub(super) fn asked(
        mut self: Box<Self>,
        core: &mut Core,
        tx: TxId,
        outcome: Outcome<'_>,
        now: Mono,
    ) -> Option<Leg> {
        if outcome.code() < 200 || !matches!(&self.offer, Offer::Ours { tx: ours, .. } if *ours == tx) {
            return Some(Leg::Talking(self));
        }
        let Offer::Ours { what, .. } = std::mem::replace(&mut self.offer, Offer::Idle) else {
            return Some(Leg::Talking(self));
        };
        match outcome {
            Outcome::Response(response, 200..=299) => self.agreed(core, tx, what, response, now),
            Outcome::Response(_, 491) => {
                let time = self.back_off(core);
                self.wait(core, what, time, now);
            }
            Outcome::Response(response, 422) if self.session.raised(response) != self.session => {
                self.session = self.session.raised(response);
                self.ask(core, what, now);
            }
            Outcome::Response(response, 500 | 503) if response.header(Header::RetryAfter).is_some() => {
                self.wait(core, what, retry_after(response), now);
            }
            // They said they take UPDATE, and do not.
            Outcome::Response(_, 405 | 501) if what == Retry::Refresh && self.updates == Updates::Taken => {
                self.updates = Updates::Unknown;
                self.ask(core, what, now);
            }
            Outcome::Transport => return self.hang_up(core, Ended::Transport, now),
            Outcome::Timeout | Outcome::Response(_, 408 | 481) => {
                return self.hang_up(core, Ended::SessionExpired, now);
            }
            Outcome::Response(..) => match what {
                Retry::Refresh => return self.hang_up(core, Ended::SessionExpired, now),
                Retry::Reoffer(_) => core.emit(self.id, Event::Confirmed { sdp: None }),
            },
        }
        Some(Leg::Talking(self))
    }

    fn agreed(&mut self, core: &mut Core, tx: TxId, what: Retry, response: &Message, now: Mono) {
        self.dialog.refresh_target(response);
        if response.cseq().is_some_and(|(_, method)| method == Method::Invite) {
            acknowledge(core, &self.dialog, tx, response);
        }
        self.session = Session::of_answer(response);
        self.session.arm(core, self.id, now);
        if let Retry::Reoffer(sdp) = what {
            self.local_sdp = sdp;
            core.emit(self.id, Event::Confirmed { sdp: answer_of(response) });
        }
    }

    /// RFC 3261 §14.1: whoever owns the Call-ID waits longer, so that the two do not meet again.
    fn back_off(&self, core: &mut Core) -> Duration {
        let tens = match self.dialog.side {
            Side::Caller => 210 + core.names.below(191),
            Side::Callee => core.names.below(201),
        };
        Duration::from_millis(u64::from(tens) * 10)
    }
}

fn retry_after(response: &Message) -> Duration {
    let value = response.header(Header::RetryAfter).unwrap_or_default();
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    Duration::from_secs(digits.parse::<u64>().unwrap_or(10).clamp(1, 10))
}
