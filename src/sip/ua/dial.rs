//! INVITE as the caller: from `dial` to the final answer (RFC 3261 §13.2).

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::{Command, Dial, Ended, Event};
use crate::sip::core::Core;
use crate::sip::dialog::Dialog;
use crate::sip::limits;
use crate::sip::msg::{Header, Message, Method, NameAddr, Uri, reason_phrase};
use crate::sip::tx::clients::{Purpose, Sent, User};
use crate::sip::tx::timer::{Timer, TxId};
use crate::sip::ua::leg::{Ack, Leaving, Leg, Offer, Outcome, Talking, Theirs, Updates};
use crate::sip::ua::read::{allows_update, answer_of};
use crate::sip::ua::session_timer::{Session, print_ask, wanted};
use crate::sip::ua::{ALLOW, SDP, SUPPORTED};

/// An outgoing call without a final answer.
#[derive(Debug)]
pub(crate) struct Calling {
    pub id: LegId,
    tx: TxId,
    dial: Dial,
    /// What the INVITE says of itself; its branch and CSeq change when it is sent again after 422.
    sent: Sent,
    /// Session-Expires that was asked for, in seconds.
    expires: u32,
    pub early: Vec<Early>,
    /// Their offer by UPDATE, and the tag of the dialog it came in.
    pub theirs: Option<(Theirs, String)>,
}

/// An early dialog: one for each branch of a fork.
#[derive(Debug)]
pub(crate) struct Early {
    pub dialog: Dialog,
    /// The last reliable provisional that was taken.
    rseq: Option<u32>,
    pub settled: Settled,
}

/// Has our offer a reliable answer?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Open,
    Agreed,
}

/// Starts a call. None where it cannot be: then the leg has ended.
pub(crate) fn start(core: &mut Core, dial: Dial, id: LegId, now: Mono) -> Option<(String, Leg)> {
    core.alive += 1;
    let lines = dial.headers.iter().any(|(name, value)| format!("{name}{value}").contains(['\r', '\n']));
    let (Ok(uri), Ok(from), false) = (Uri::parse(&dial.target), Uri::parse(&dial.from), lines) else {
        core.end(id, Ended::Refused { code: 416, reason: reason_phrase(416).to_owned() });
        return None;
    };
    let tag = core.names.tag();
    let from = NameAddr { display: dial.from_name.clone(), ..NameAddr::new(from) }.with_tag(&tag);
    let branch = core.names.branch();
    let sent = Sent {
        via: core.via(dial.flow, &branch),
        from: from.to_string(),
        to: NameAddr::new(uri.clone()).to_string(),
        call_id: core.names.call_id(),
        cseq: 1,
        routes: Vec::new(),
        uri,
    };
    let expires = wanted(&core.settings);
    core.arm(id, Timer::RingMax, now + dial.ring_max);
    let tx = send(core, &dial, &sent, expires, id, now);
    let leg = Calling { id, tx, dial, sent, expires, early: Vec::new(), theirs: None };
    Some((tag, Leg::Calling(Box::new(leg))))
}

fn send(core: &mut Core, dial: &Dial, sent: &Sent, expires: u32, id: LegId, now: Mono) -> TxId {
    let mut draft = core
        .draft(Method::Invite, sent)
        .header(Header::Contact, core.contact(dial.flow))
        .header(Header::Allow, ALLOW)
        .header(Header::Supported, SUPPORTED);
    draft = print_ask(draft, expires, &core.settings);
    for (name, value) in &dial.headers {
        draft = draft.header(name, value);
    }
    let bytes = draft.body(SDP, &dial.offer).into_bytes();
    let branch = sent.via.branch().unwrap_or("").to_owned();
    core.start_invite(dial.flow, User::Leg(id, Purpose::Invite), &branch, sent.clone(), bytes, now)
}

/// A 2xx that no leg wants: another branch of a fork answered too, or the call was given up. It gets its
/// ACK, and BYE at once (RFC 3261 §13.2.2.4). No fork has hundreds of branches: the rest is not answered,
/// or else whoever we call could have us send requests without end.
pub(crate) fn stray_answer(core: &mut Core, tx: TxId, response: &Message, now: Mono) {
    if !core.clients.takes_forks(tx) {
        return;
    }
    let Some((dialog, tag)) = dialog_of(core, tx, response) else { return };
    let mut dialog = acknowledged(core, tx, dialog, &tag, response);
    dialog.ask(core, Method::Bye, User::Nobody, now, |draft| draft);
}

/// What became of a request whose leg is gone: only a further branch that answers wants something. Every
/// INVITE that may be left over has 64·T1 already ([`Core::hurry`]).
pub(crate) fn orphaned(core: &mut Core, tx: TxId, purpose: Purpose, outcome: Outcome<'_>, now: Mono) {
    if let (Purpose::Invite, Outcome::Response(response, 200..=299)) = (purpose, outcome) {
        stray_answer(core, tx, response, now);
    }
}

fn dialog_of(core: &Core, tx: TxId, response: &Message) -> Option<(Dialog, String)> {
    let (sent, flow) = core.clients.invited(tx)?;
    let dialog = Dialog::of_response(sent, response, flow)?;
    let tag = dialog.remote_tag.clone();
    Some((dialog, tag))
}

fn acknowledged(core: &mut Core, tx: TxId, dialog: Dialog, tag: &str, response: &Message) -> Dialog {
    let cseq = response.cseq().map_or(0, |(number, _)| number);
    let ack = dialog.ack(core, cseq);
    core.ack_answer(tx, tag, ack);
    dialog
}

impl Calling {
    pub(super) fn command(mut self: Box<Self>, core: &mut Core, command: Command, now: Mono) -> Option<Leg> {
        match command {
            Command::Hangup | Command::Reject { .. } => return self.give_up(core, Ended::Local, now),
            Command::Answer { sdp } => {
                if let Some((theirs, _)) = self.theirs.take() {
                    let contact = core.contact(self.dial.flow);
                    core.reply(theirs.tx, 200, now, |draft| draft.header(Header::Contact, contact).body(SDP, &sdp));
                    self.dial.offer = sdp;
                }
            }
            Command::RefuseOffer => {
                if let Some((theirs, _)) = self.theirs.take() {
                    core.reply_code(theirs.tx, 488, now);
                }
            }
            Command::Ring { .. } | Command::Accept { .. } | Command::Reoffer { .. } | Command::SendKey { .. } => {}
        }
        Some(Leg::Calling(self))
    }

    pub(super) fn fire(self: Box<Self>, core: &mut Core, timer: Timer, now: Mono) -> Option<Leg> {
        match timer {
            Timer::RingMax => self.give_up(core, Outcome::Timeout.refusal(), now),
            _ => Some(Leg::Calling(self)),
        }
    }

    pub(super) fn outcome(
        mut self: Box<Self>,
        core: &mut Core,
        tx: TxId,
        purpose: Purpose,
        outcome: Outcome<'_>,
        now: Mono,
    ) -> Option<Leg> {
        if purpose != Purpose::Invite || tx != self.tx {
            return Some(Leg::Calling(self));
        }
        match outcome {
            Outcome::Response(response, code @ 100..=199) => {
                if code > 100 {
                    self.progress(core, response, code, now);
                }
                Some(Leg::Calling(self))
            }
            Outcome::Response(response, 200..=299) => self.answered(core, response, now),
            // RFC 4028 §7.3: the same again with a longer interval.
            Outcome::Response(response, 422) if response.min_se().is_some_and(|least| least > self.expires) => {
                self.expires = response.min_se().unwrap_or(self.expires);
                self.sent.cseq += 1;
                let branch = core.names.branch();
                self.sent.via = core.via(self.dial.flow, &branch);
                self.early.clear();
                self.tx = send(core, &self.dial, &self.sent, self.expires, self.id, now);
                Some(Leg::Calling(self))
            }
            // 401 and 407 too, until trunks bring credentials; 3xx is the call's to follow.
            outcome => {
                self.settle(core, now);
                core.end(self.id, outcome.refusal());
                None
            }
        }
    }

    fn settle(&mut self, core: &mut Core, now: Mono) {
        if let Some((theirs, _)) = self.theirs.take() {
            core.reply_code(theirs.tx, 487, now);
        }
    }

    /// CANCEL, as soon as it may go (RFC 3261 §9.1).
    fn give_up(mut self: Box<Self>, core: &mut Core, why: Ended, now: Mono) -> Option<Leg> {
        self.settle(core, now);
        core.end(self.id, why);
        let tx = self.tx;
        if !core.clients.is_proceeding(tx) {
            return Some(Leg::Leaving(Box::new(Leaving::Cancelling { tx })));
        }
        core.cancel_invite(tx, now);
        Some(Leg::Leaving(Box::new(Leaving::Cancelled { tx })))
    }

    fn progress(&mut self, core: &mut Core, response: &Message, code: u16, now: Mono) {
        let sdp = answer_of(response);
        let reliable = response.rseq().filter(|_| response.require().iter().any(|option| option == "100rel"));
        let to = response.to();
        if let Some(tag) = to.as_ref().and_then(NameAddr::tag)
            && let Some(at) = self.early_of(core, tag, response)
            && let Some(early) = self.early.get_mut(at)
            && let Some(rseq) = reliable
        {
            // RFC 3262 §4: in order, each once; a repetition has its PRACK under way.
            if early.rseq.is_some_and(|last| rseq != last.wrapping_add(1)) {
                return;
            }
            early.rseq = Some(rseq);
            if sdp.is_some() {
                early.settled = Settled::Agreed;
            }
            let cseq = response.cseq().map_or(0, |(number, _)| number);
            let user = User::Leg(self.id, Purpose::Prack);
            let rack = format!("{rseq} {cseq} INVITE");
            early.dialog.ask(core, Method::Prack, user, now, |draft| draft.header(Header::RAck, rack));
        }
        core.emit(self.id, Event::Progress { code, sdp });
    }

    /// The early dialog of this tag, made where it is new.
    fn early_of(&mut self, core: &Core, tag: &str, response: &Message) -> Option<usize> {
        if let Some(at) = self.early.iter().position(|early| early.dialog.remote_tag == tag) {
            return Some(at);
        }
        if self.early.len() >= limits::FORKS {
            return None;
        }
        let (dialog, _) = dialog_of(core, self.tx, response)?;
        self.early.push(Early { dialog, rseq: None, settled: Settled::Open });
        Some(self.early.len() - 1)
    }

    fn answered(mut self: Box<Self>, core: &mut Core, response: &Message, now: Mono) -> Option<Leg> {
        let Some((mut dialog, tag)) = dialog_of(core, self.tx, response) else {
            self.settle(core, now);
            core.end(self.id, Ended::Transport);
            return None;
        };
        core.disarm(self.id, Timer::RingMax);
        let early = self.early.iter().find(|early| early.dialog.remote_tag == tag);
        if let Some(early) = early {
            dialog.follow(&early.dialog);
        }
        let sdp = match early.map_or(Settled::Open, |early| early.settled) {
            Settled::Open => answer_of(response),
            Settled::Agreed => None,
        };
        let dialog = acknowledged(core, self.tx, dialog, &tag, response);
        let offer = match self.theirs.take() {
            Some((theirs, of)) if of == tag => Offer::Theirs(theirs),
            Some((theirs, _)) => {
                core.reply_code(theirs.tx, 487, now);
                Offer::Idle
            }
            None => Offer::Idle,
        };
        let session = Session::of_answer(response);
        session.arm(core, self.id, now);
        core.emit(self.id, Event::Answered { sdp });
        Some(Leg::Talking(Box::new(Talking {
            id: self.id,
            dialog,
            ack: Ack::Here,
            offer,
            retry: None,
            session,
            local_sdp: self.dial.offer,
            updates: if allows_update(response) { Updates::Taken } else { Updates::Unknown },
        })))
    }
}
