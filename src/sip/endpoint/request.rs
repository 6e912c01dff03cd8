//! The way of a request: whom it belongs to, and whether it may be served (RFC 3261 §8.2).

use super::{Admission, Endpoint};
use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::Flow;
use crate::sip::dialog::{Order, reply_flow};
use crate::sip::limits;
use crate::sip::msg::{Header, Message, Method, NameAddr, Scheme};
use crate::sip::tx::servers::{Begin, key_of};
use crate::sip::tx::timer::TxId;
use crate::sip::ua::{ALLOW, SUPPORTED, ack, bye, cancel, info, invite, prack, reinvite, update};

impl Endpoint {
    pub(super) fn request(&mut self, flow: Flow, mut request: Message, now: Mono) {
        request.stamp(flow.remote);
        let Some(method) = request.method().cloned() else { return };
        let known = match method {
            Method::Ack => key_of(&request, &Method::Invite),
            _ => key_of(&request, &method),
        }
        .and_then(|key| self.core.servers.find(&key));
        if let Some(tx) = known
            && self.repeated(flow, &request, &method, tx, now)
        {
            return;
        }
        let leg = self.leg_of(&request, flow);
        if leg.is_none() && !self.core.trusts(flow.remote.ip()) {
            return self.stranger(flow, &request, now);
        }
        match (method, leg) {
            (Method::Ack, Some(id)) => self.step(id, |leg, core| ack::receive(leg, core, id, &request, now)),
            (Method::Ack, None) => {}
            (Method::Cancel, _) => self.cancel(flow, request, now),
            (_, leg) if self.is_flooded(leg) => self.core.refuse_overload(flow, &request),
            (method, Some(id)) => self.within(id, flow, request, &method, now),
            (method, None) => self.outside(flow, request, &method, now),
        }
    }

    /// No room for one more transaction; calls that stand have as much again as new ones.
    fn is_flooded(&self, leg: Option<LegId>) -> bool {
        let room = if leg.is_some() { limits::TRANSACTIONS * 2 } else { limits::TRANSACTIONS };
        self.core.servers.len() >= room
    }

    /// A request that a transaction knows. False where it is an ACK that belongs to the dialog.
    fn repeated(&mut self, flow: Flow, request: &Message, method: &Method, tx: TxId, now: Mono) -> bool {
        let Some((source, leg, _)) = self.core.servers.facts(tx) else { return false };
        if source.ip() != flow.remote.ip() && !self.core.trusts(flow.remote.ip()) {
            return false;
        }
        if *method != Method::Ack {
            self.core.repeat(tx, now);
            return true;
        }
        self.core.ack_refusal(tx, now);
        // Some send the ACK of a 2xx with the INVITE's branch.
        if let Some(id) = leg {
            self.step(id, |leg, core| ack::receive(leg, core, id, request, now));
        }
        true
    }

    /// The leg whose dialog the request is in, sent from where it may be.
    fn leg_of(&self, request: &Message, flow: Flow) -> Option<LegId> {
        let to = request.to()?;
        let id = *self.core.tags.get(to.tag()?)?;
        let dialog = self.legs.get(&id)?.leg.dialog_of(request)?;
        let ip = flow.remote.ip();
        (dialog.flow.remote.ip() == ip || self.core.trusts(ip)).then_some(id)
    }

    /// SECURITY.md: one answer, the same for all, without state; and not without end.
    fn stranger(&mut self, flow: Flow, request: &Message, now: Mono) {
        if request.method() != Some(&Method::Ack) && self.budget.take(flow.remote.ip(), now) {
            self.core.refuse_stateless(flow, request, 403, |draft| draft);
        }
    }

    /// Takes the request into a transaction under our tag.
    fn serve(&mut self, flow: Flow, request: Message, leg: Option<LegId>, tag: String, now: Mono) -> Option<TxId> {
        let reply = reply_flow(flow, &request.via()?, self.core.trusts(flow.remote.ip()));
        Some(self.core.serve(request, (flow, reply), leg, tag, Begin::Silent, now))
    }

    fn refuse(&mut self, flow: Flow, request: Message, code: u16, now: Mono) {
        let tag = self.core.names.tag();
        if let Some(tx) = self.serve(flow, request, None, tag, now) {
            self.core.reply_code(tx, code, now);
        }
    }

    fn cancel(&mut self, flow: Flow, request: Message, now: Mono) {
        let invite = key_of(&request, &Method::Invite).and_then(|key| self.core.servers.find(&key));
        let facts = invite.and_then(|tx| {
            let (_, leg, tag) = self.core.servers.facts(tx)?;
            Some((tx, leg, tag.to_owned()))
        });
        let Some((invite, leg, tag)) = facts else { return self.refuse(flow, request, 481, now) };
        // §9.2: the same To tag as the answer to the INVITE.
        let Some(tx) = self.serve(flow, request, None, tag, now) else { return };
        self.core.reply_code(tx, 200, now);
        if let Some(id) = leg
            && self.core.servers.is_open(invite)
        {
            self.step(id, |leg, core| cancel::receive(leg, core, invite, now));
        }
    }

    /// A request in a dialog.
    fn within(&mut self, id: LegId, flow: Flow, request: Message, method: &Method, now: Mono) {
        let tag = self.legs.get(&id).map(|entry| entry.tag.clone()).unwrap_or_default();
        let mut order = Order::Stale;
        if let Some(entry) = self.legs.get_mut(&id) {
            entry.leg.each_dialog(|dialog| {
                if dialog.owns(&request) {
                    order = dialog.order(&request);
                }
            });
        }
        let unknown = unknown_options(&request);
        let Some(tx) = self.serve(flow, request.clone(), Some(id), tag, now) else { return };
        if order == Order::Stale {
            return self.core.reply_code(tx, 500, now);
        }
        if !unknown.is_empty() && *method != Method::Bye {
            return self.core.reply(tx, 420, now, |draft| draft.header(Header::Unsupported, unknown.join(", ")));
        }
        let request = &request;
        match method {
            Method::Invite => self.step(id, |leg, core| reinvite::receive(leg, core, request, tx, now)),
            Method::Update => self.step(id, |leg, core| update::receive(leg, core, request, tx, now)),
            Method::Prack => self.step(id, |leg, core| prack::receive(leg, core, request, tx, now)),
            Method::Bye => self.step(id, |leg, core| bye::receive(leg, core, tx, now)),
            Method::Info => self.step(id, |leg, core| info::receive(leg, core, id, request, tx, now)),
            Method::Options => self.core.answer_options(tx, now),
            _ => self.core.reply(tx, 405, now, |draft| draft.header(Header::Allow, ALLOW)),
        }
    }

    /// A request in no dialog of ours, from a trusted peer.
    fn outside(&mut self, flow: Flow, request: Message, method: &Method, now: Mono) {
        let tagged = request.to().as_ref().and_then(NameAddr::tag).is_some();
        match method {
            Method::Invite | Method::Options if !tagged => {}
            Method::Invite | Method::Options | Method::Bye | Method::Update | Method::Prack | Method::Info => {
                // §12.2.2: a dialog that is not (any more).
                return self.refuse(flow, request, 481, now);
            }
            _ => {
                let tag = self.core.names.tag();
                if let Some(tx) = self.serve(flow, request, None, tag, now) {
                    self.core.reply(tx, 405, now, |draft| draft.header(Header::Allow, ALLOW));
                }
                return;
            }
        }
        if self.core.servers.is_merged(&request) {
            return self.refuse(flow, request, 482, now);
        }
        if request.uri().is_some_and(|uri| uri.scheme() == Scheme::Other) {
            return self.refuse(flow, request, 416, now);
        }
        let unknown = unknown_options(&request);
        if !unknown.is_empty() {
            let tag = self.core.names.tag();
            if let Some(tx) = self.serve(flow, request, None, tag, now) {
                self.core.reply(tx, 420, now, |draft| draft.header(Header::Unsupported, unknown.join(", ")));
            }
            return;
        }
        if *method == Method::Options {
            return self.options(flow, request, now);
        }
        self.invite(flow, request, now);
    }

    /// Are we well? While draining we say no, so that balancers turn away (RFC 3261 §11.2).
    fn options(&mut self, flow: Flow, request: Message, now: Mono) {
        if self.admission == Admission::Draining {
            return self.core.refuse_overload(flow, &request);
        }
        let tag = self.core.names.tag();
        if let Some(tx) = self.serve(flow, request, None, tag, now) {
            self.core.answer_options(tx, now);
        }
    }

    fn invite(&mut self, flow: Flow, request: Message, now: Mono) {
        // §16.3 bids only proxies to look, and OPTIONS with 0 is a question to whoever it reached (§11); but an
        // INVITE that used all its hops up has been going round.
        if request.max_forwards() == Some(0) {
            return self.refuse(flow, request, 483, now);
        }
        if self.admission == Admission::Draining || self.core.alive >= self.core.settings.legs_max {
            return self.core.refuse_overload(flow, &request);
        }
        let Some(via) = request.via() else { return };
        let reply = reply_flow(flow, &via, self.core.trusts(flow.remote.ip()));
        let id = LegId(self.core.serial());
        if let Some((tag, leg)) = invite::receive(&mut self.core, request, (flow, reply), id, now) {
            self.adopt(id, tag, leg);
        }
    }
}

/// Option tags that must be understood and are not (§8.2.2.3).
fn unknown_options(request: &Message) -> Vec<String> {
    let known = |option: &String| SUPPORTED.split(", ").any(|known| known == option);
    request.require().into_iter().filter(|option| !known(option)).collect()
}
