//! Refusals that leave no state: for strangers, for what cannot be read, and under overload
//! (RFC 3261 §8.2.7: the same answer again whenever the request comes again; its ACK is ignored).

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Mono;
use crate::sip::contract::{Flow, Transport};
use crate::sip::core::Core;
use crate::sip::dialog::reply_flow;
use crate::sip::limits;
use crate::sip::msg::{Draft, Header, Message, Method};
use crate::sip::ua::names::KeyedHash;

/// How many answers strangers got in this second.
#[derive(Debug)]
pub(crate) struct Budget {
    second: Mono,
    total: u32,
    by_source: HashMap<IpAddr, u32, KeyedHash>,
}

impl Budget {
    pub fn new(hash: KeyedHash) -> Self {
        Budget { second: Mono(0), total: 0, by_source: HashMap::with_hasher(hash) }
    }

    /// May this source have one more answer? Never more sources are kept than answers are given.
    pub fn take(&mut self, source: IpAddr, now: Mono) -> bool {
        if now.since(self.second) >= Duration::from_secs(1) {
            self.second = now;
            self.total = 0;
            self.by_source.clear();
        }
        if self.total >= limits::STRANGER_ANSWERS_ALL {
            return false;
        }
        let given = self.by_source.entry(source).or_insert(0);
        if *given >= limits::STRANGER_ANSWERS {
            return false;
        }
        *given += 1;
        self.total += 1;
        true
    }
}

impl Core {
    /// Answers without a transaction. ACK is never answered; an unproven UDP source never gets more
    /// octets than it sent.
    pub fn refuse_stateless(&mut self, flow: Flow, request: &Message, code: u16, more: impl FnOnce(Draft) -> Draft) {
        if matches!(request.method(), Some(Method::Ack) | None) {
            return;
        }
        let Some(via) = request.via() else { return };
        let trusted = self.trusts(flow.remote.ip());
        let from = request.header(Header::From).unwrap_or_default();
        let call_id = request.call_id();
        let branch = via.branch().unwrap_or("");
        let tag = self.names.stateless_tag(&[call_id.as_bytes(), from.as_bytes(), branch.as_bytes()]);
        let draft = Draft::response(request, code).tag(&tag);
        let bytes = more(self.sign(draft, Header::Server)).into_bytes();
        let amplifies = flow.transport == Transport::Udp && bytes.len() > request.bytes().len();
        if trusted || !amplifies {
            self.send(reply_flow(flow, &via, trusted), bytes);
        }
    }

    /// 503 with the time to wait.
    pub fn refuse_overload(&mut self, flow: Flow, request: &Message) {
        let wait = self.settings.retry_after.as_secs().max(1);
        self.refuse_stateless(flow, request, 503, |draft| draft.header(Header::RetryAfter, wait));
    }
}
