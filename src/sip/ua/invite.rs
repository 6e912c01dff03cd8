//! INVITE as the callee: from the first request to the final answer (RFC 3261 §13.3).

use std::time::Duration;

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::{Command, Ended, Event, Flow};
use crate::sip::core::Core;
use crate::sip::dialog::Dialog;
use crate::sip::msg::{Draft, Header, Message};
use crate::sip::tx::servers::Begin;
use crate::sip::tx::timer::{PATIENCE, T1, Timer, TxId};
use crate::sip::ua::leg::{Ack, Brings, Leg, Offer, Talking, Theirs, Updates};
use crate::sip::ua::read::{allows_update, invite_of, sdp_of};
use crate::sip::ua::session_timer::{Session, TooSmall};
use crate::sip::ua::{ALLOW, SDP, SUPPORTED};

/// An incoming call without a final answer.
#[derive(Debug)]
pub(crate) struct Ringing {
    pub id: LegId,
    pub tx: TxId,
    pub cseq: u32,
    pub dialog: Dialog,
    pub media: Media,
    pub provisional: Provisional,
    /// What the call asked for while a PRACK is awaited (RFC 3262 §3: one at a time).
    pub then: Then,
    /// Their offer in PRACK or UPDATE.
    pub theirs: Option<Theirs>,
    reliability: Reliability,
    rseq: u32,
    session: Session,
    updates: Updates,
    local_sdp: Vec<u8>,
}

/// May provisional answers be reliable?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reliability {
    Possible,
    Unknown,
}

/// How far offer and answer are (RFC 3262 §5, RFC 3264).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// They offered in the INVITE.
    Offered,
    /// Late offer: ours is to come.
    Wanted,
    /// Done, reliably, before the answer.
    Agreed,
}

/// The last provisional answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provisional {
    /// Acknowledged, or none that wants it.
    Rested,
    /// A reliable one without its PRACK.
    Unacked { rseq: u32, interval: Duration, carries: Carries },
}

/// What the PRACK settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    Nothing,
    Answer,
    Offer,
}

/// See [`Ringing::then`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    Ring(Option<Vec<u8>>),
    Accept(Vec<u8>),
}

/// A new call. None where it is refused on the spot.
pub(crate) fn receive(
    core: &mut Core,
    request: Message,
    flows @ (flow, _): (Flow, Flow),
    id: LegId,
    now: Mono,
) -> Option<(String, Leg)> {
    let tag = core.names.tag();
    let session = Session::answer(&request, &core.settings, Session::Off);
    let offer = sdp_of(&request);
    let (Ok(session), Ok(offer)) = (session, &offer) else {
        let tx = core.serve(request, flows, None, tag, Begin::Silent, now);
        match session {
            Err(TooSmall(least)) => core.reply(tx, 422, now, |draft| draft.header(Header::MinSe, least)),
            Ok(_) => core.reply(tx, 415, now, |draft| draft.header(Header::Accept, SDP)),
        }
        return None;
    };
    let Some(dialog) = Dialog::of_request(&request, flow, &tag) else {
        core.refuse_stateless(flow, &request, 400, |draft| draft);
        return None;
    };
    let invite = invite_of(&request, flow, offer.clone());
    let leg = Ringing {
        id,
        cseq: request.cseq().map_or(0, |(number, _)| number),
        dialog,
        media: if offer.is_some() { Media::Offered } else { Media::Wanted },
        provisional: Provisional::Rested,
        then: Then::Nothing,
        theirs: None,
        reliability: if invite.reliable { Reliability::Possible } else { Reliability::Unknown },
        // RFC 3262 §3: anywhere in the lower half.
        rseq: core.names.below(1 << 24),
        session,
        updates: if allows_update(&request) { Updates::Taken } else { Updates::Unknown },
        local_sdp: Vec::new(),
        tx: core.serve(request, flows, Some(id), tag.clone(), Begin::Trying, now),
    };
    core.alive += 1;
    core.emit(id, Event::Incoming(Box::new(invite)));
    Some((tag, Leg::Ringing(Box::new(leg))))
}

impl Ringing {
    pub(super) fn command(mut self: Box<Self>, core: &mut Core, command: Command, now: Mono) -> Option<Leg> {
        match command {
            Command::Ring { sdp } => {
                if !matches!(self.then, Then::Accept(_)) {
                    self.then = Then::Ring(sdp);
                }
            }
            Command::Accept { sdp } => self.then = Then::Accept(sdp),
            Command::Reject { code } => {
                let code = if (300..700).contains(&code) { code } else { 480 };
                return self.refuse(core, code, Ended::Local, now);
            }
            Command::Hangup => return self.refuse(core, 480, Ended::Local, now),
            Command::Answer { sdp } => self.answer(core, sdp, now),
            Command::RefuseOffer => {
                if let Some(theirs) = self.theirs.take() {
                    core.reply_code(theirs.tx, 488, now);
                }
            }
            Command::Reoffer { .. } | Command::SendKey { .. } => {}
        }
        self.go_on(core, now)
    }

    pub(super) fn fire(mut self: Box<Self>, core: &mut Core, timer: Timer, now: Mono) -> Option<Leg> {
        match (timer, &mut self.provisional) {
            (Timer::ResendReliable, Provisional::Unacked { interval, .. }) => {
                *interval *= 2;
                core.arm(self.id, Timer::ResendReliable, now + *interval);
                core.repeat(self.tx, now);
            }
            // RFC 3262 §3: the INVITE is refused with 5xx.
            (Timer::PrackWait, _) => return self.refuse(core, 500, Ended::NoAck, now),
            _ => {}
        }
        Some(Leg::Ringing(self))
    }

    /// Does what was asked for, as soon as it may be done.
    pub(super) fn go_on(mut self: Box<Self>, core: &mut Core, now: Mono) -> Option<Leg> {
        if self.provisional != Provisional::Rested || self.theirs.is_some() {
            return Some(Leg::Ringing(self));
        }
        match std::mem::replace(&mut self.then, Then::Nothing) {
            Then::Nothing => {}
            Then::Ring(sdp) => self.ring(core, sdp, now),
            Then::Accept(sdp) => return Some(self.accept(core, sdp, now)),
        }
        Some(Leg::Ringing(self))
    }

    /// Their offer in UPDATE or PRACK is answered.
    fn answer(&mut self, core: &mut Core, sdp: Vec<u8>, now: Mono) {
        let Some(theirs) = self.theirs.take() else { return };
        let contact = core.contact(self.dialog.flow);
        core.reply(theirs.tx, 200, now, |draft| draft.header(Header::Contact, contact).body(SDP, &sdp));
        self.local_sdp = sdp;
    }

    fn ring(&mut self, core: &mut Core, sdp: Option<Vec<u8>>, now: Mono) {
        let contact = core.contact(self.dialog.flow);
        let code = if sdp.is_some() { 183 } else { 180 };
        let reliable = self.reliability == Reliability::Possible;
        let (sdp, carries) = match (sdp, self.media) {
            (Some(sdp), Media::Offered) => (Some(sdp), Carries::Answer),
            // RFC 3262 §5: an offer travels only where its arrival is certain.
            (Some(sdp), Media::Wanted) if reliable => (Some(sdp), Carries::Offer),
            _ => (None, Carries::Nothing),
        };
        self.rseq += 1;
        let rseq = self.rseq;
        core.reply(self.tx, code, now, |draft| {
            let draft = draft.header(Header::Contact, contact).header(Header::Allow, ALLOW);
            let draft =
                if reliable { draft.header(Header::Require, "100rel").header(Header::RSeq, rseq) } else { draft };
            with_sdp(draft, sdp.as_deref())
        });
        if reliable {
            core.arm(self.id, Timer::ResendReliable, now + T1);
            core.arm(self.id, Timer::PrackWait, now + PATIENCE);
            self.provisional = Provisional::Unacked { rseq, interval: T1, carries };
        }
        if let Some(sdp) = sdp {
            self.local_sdp = sdp;
        }
    }

    /// The PRACK came.
    pub(super) fn rest(&mut self, core: &mut Core) {
        core.disarm(self.id, Timer::ResendReliable);
        core.disarm(self.id, Timer::PrackWait);
        self.provisional = Provisional::Rested;
    }

    fn accept(self: Box<Self>, core: &mut Core, sdp: Vec<u8>, now: Mono) -> Leg {
        let (sdp, brings) = match self.media {
            Media::Offered => (Some(sdp), Brings::Confirmation),
            Media::Wanted => (Some(sdp), Brings::Answer),
            Media::Agreed => (None, Brings::Confirmation),
        };
        let contact = core.contact(self.dialog.flow);
        let session = self.session;
        core.reply(self.tx, 200, now, |draft| {
            let draft = draft
                .header(Header::Contact, contact)
                .header(Header::Allow, ALLOW)
                .header(Header::Supported, SUPPORTED);
            with_sdp(session.print_answer(draft), sdp.as_deref())
        });
        session.arm(core, self.id, now);
        Leg::Talking(Box::new(Talking {
            id: self.id,
            dialog: self.dialog,
            ack: Ack::Missing { tx: self.tx, cseq: self.cseq, brings },
            offer: Offer::Idle,
            retry: None,
            session,
            local_sdp: sdp.unwrap_or(self.local_sdp),
            updates: self.updates,
        }))
    }

    /// A final refusal.
    pub(super) fn refuse(self: Box<Self>, core: &mut Core, code: u16, why: Ended, now: Mono) -> Option<Leg> {
        if let Some(theirs) = self.theirs {
            core.reply_code(theirs.tx, 487, now);
        }
        let wait = core.settings.retry_after.as_secs().max(1);
        core.reply(
            self.tx,
            code,
            now,
            |draft| {
                if code == 503 { draft.header(Header::RetryAfter, wait) } else { draft }
            },
        );
        core.end(self.id, why);
        None
    }
}

/// Adds a session description, where there is one.
pub(crate) fn with_sdp(draft: Draft, sdp: Option<&[u8]>) -> Draft {
    match sdp {
        Some(sdp) => draft.body(SDP, sdp),
        None => draft,
    }
}
