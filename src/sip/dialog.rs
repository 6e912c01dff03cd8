//! Dialogs (RFC 3261 §12): who talks to whom, over which route, with which numbers.

use std::net::{IpAddr, SocketAddr};

use super::contract::{Flow, Transport};
use super::core::Core;
use super::msg::{Draft, Header, Message, Method, NameAddr, Scheme, Uri, Via};
use super::tx::clients::{Sent, User};
use super::tx::timer::TxId;
use crate::clock::Mono;

/// One dialog, early or confirmed.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    pub call_id: String,
    pub remote_tag: String,
    /// From of what we send.
    local: String,
    /// To of what we send.
    remote: String,
    local_seq: u32,
    /// None until their first request.
    remote_seq: Option<u32>,
    target: Uri,
    routes: Vec<NameAddr>,
    /// The flow that the dialog was set up on.
    pub flow: Flow,
    pub side: Side,
}

/// Who began the dialog, and so owns its Call-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Caller,
    Callee,
}

/// Was their request in order?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Yes.
    Next,
    /// Its CSeq is not higher than the last: 500 (RFC 3261 §12.2.2).
    Stale,
}

impl Dialog {
    /// The callee's side (§12.1.1). None where From or To cannot be read.
    pub fn of_request(invite: &Message, flow: Flow, tag: &str) -> Option<Dialog> {
        let from = invite.from()?;
        let fallback = || Uri::sip("", flow.remote.ip(), Some(flow.remote.port()));
        Some(Dialog {
            call_id: invite.call_id().into_owned(),
            remote_tag: from.tag().unwrap_or("").to_owned(),
            local: invite.to()?.with_tag(tag).to_string(),
            remote: from.to_string(),
            local_seq: 0,
            remote_seq: invite.cseq().map(|(number, _)| number),
            // A Contact is a must, yet some leave it out: then the request's source is what there is.
            target: invite.contact().map_or_else(fallback, |contact| contact.uri),
            routes: invite.record_routes(),
            flow,
            side: Side::Callee,
        })
    }

    /// The caller's side (§12.1.2). None where To cannot be read.
    pub fn of_response(sent: &Sent, response: &Message, flow: Flow) -> Option<Dialog> {
        let to = response.to()?;
        let mut routes = response.record_routes();
        routes.reverse();
        Some(Dialog {
            call_id: sent.call_id.clone(),
            remote_tag: to.tag().unwrap_or("").to_owned(),
            local: sent.from.clone(),
            remote: to.to_string(),
            local_seq: sent.cseq,
            remote_seq: None,
            target: response.contact().map_or_else(|| sent.uri.clone(), |contact| contact.uri),
            routes,
            flow,
            side: Side::Caller,
        })
    }

    /// Is `request` one of this dialog? (§12.2.2; our tag has been looked up already.)
    pub fn owns(&self, request: &Message) -> bool {
        let from = request.from();
        let tag = from.as_ref().and_then(NameAddr::tag).unwrap_or("");
        tag == self.remote_tag && request.call_id() == self.call_id
    }

    /// Takes the CSeq of their request.
    pub fn order(&mut self, request: &Message) -> Order {
        let Some((number, _)) = request.cseq() else { return Order::Stale };
        if self.remote_seq.is_some_and(|last| number <= last) {
            return Order::Stale;
        }
        self.remote_seq = Some(number);
        Order::Next
    }

    /// Target refresh by a request or response that carries a Contact (§12.2).
    pub fn refresh_target(&mut self, message: &Message) {
        if let Some(contact) = message.contact() {
            self.target = contact.uri;
        }
    }

    /// Numbers go on where another dialog of the same call (an early one) has left them.
    pub fn follow(&mut self, early: &Dialog) {
        self.local_seq = self.local_seq.max(early.local_seq);
        self.remote_seq = self.remote_seq.max(early.remote_seq);
    }

    /// Sends a request with the next CSeq; `more` adds to it.
    pub fn ask(
        &mut self,
        core: &mut Core,
        method: Method,
        user: User,
        now: Mono,
        more: impl FnOnce(Draft) -> Draft,
    ) -> TxId {
        self.local_seq = self.local_seq.wrapping_add(1);
        let branch = core.names.branch();
        let (draft, sent, flow) = self.draft(core, method.clone(), self.local_seq, &branch);
        let bytes = more(draft).into_bytes();
        match method {
            Method::Invite => core.start_invite(flow, user, &branch, sent, bytes, now),
            _ => core.start_request(flow, user, &branch, &method, bytes, now),
        }
    }

    /// The ACK of the 2xx to our INVITE numbered `cseq`: a transaction of its own (§13.2.2.4).
    pub fn ack(&self, core: &mut Core, cseq: u32) -> (Flow, Vec<u8>) {
        let branch = core.names.branch();
        let (draft, _, flow) = self.draft(core, Method::Ack, cseq, &branch);
        (flow, draft.into_bytes())
    }

    fn draft(&self, core: &Core, method: Method, cseq: u32, branch: &str) -> (Draft, Sent, Flow) {
        let (uri, routes) = self.path();
        // §8.1.2: the first of the route set, also where that has become the Request-URI.
        let hop = self.routes.first().map_or(&uri, |route| &route.uri);
        let flow = next_hop(self.flow, hop);
        let sent = Sent {
            uri,
            via: core.via(flow, branch),
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq,
            routes: routes.iter().map(NameAddr::to_string).collect(),
        };
        (core.draft(method, &sent), sent, flow)
    }

    /// Request-URI and Route (§12.2.1.1): a strict router takes the Request-URI's place.
    fn path(&self) -> (Uri, Vec<NameAddr>) {
        match self.routes.split_first() {
            Some((first, rest)) if !first.uri.is_loose() => {
                let mut routes = rest.to_vec();
                routes.push(NameAddr::new(self.target.clone()));
                (first.uri.clone(), routes)
            }
            _ => (self.target.clone(), self.routes.clone()),
        }
    }
}

/// Where a request to `hop` goes. Names are not resolved here: the peer that set the dialog up is then
/// the next hop, as it is where it hides behind a NAT (a private Contact from a public address) and
/// where the connection of the dialog still stands.
fn next_hop(flow: Flow, hop: &Uri) -> Flow {
    let Some(ip) = hop.ip().filter(|_| matches!(hop.scheme(), Scheme::Sip | Scheme::Sips)) else { return flow };
    let home = ip.is_loopback() && !flow.remote.ip().is_loopback();
    let unusable = home || ip.is_unspecified() || ip.is_multicast() || ip.is_ipv4() != flow.local.is_ipv4();
    if unusable || (is_private(ip) && !is_private(flow.remote.ip())) {
        return flow;
    }
    let transport = match hop.param("transport") {
        Some(name) if name.eq_ignore_ascii_case("tcp") => Transport::Tcp,
        Some(name) if name.eq_ignore_ascii_case("udp") => Transport::Udp,
        _ => flow.transport,
    };
    if transport == flow.transport && transport == Transport::Tcp && flow.connection != 0 {
        return flow;
    }
    let remote = SocketAddr::new(ip, hop.port().unwrap_or(5060));
    Flow { transport, remote, connection: 0, ..flow }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared(ip.octets()),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// 100.64.0.0/10, the addresses behind a carrier's NAT (RFC 6598).
fn is_shared([a, b, ..]: [u8; 4]) -> bool {
    a == 100 && (64..128).contains(&b)
}

/// Where a response goes (RFC 3261 §18.2.2, RFC 3581 §4). `maddr` counts from trusted peers only.
pub(crate) fn reply_flow(flow: Flow, via: &Via, trusted: bool) -> Flow {
    if flow.transport == Transport::Tcp {
        return flow;
    }
    let port = via.port.unwrap_or(5060);
    let maddr = via.params.get("maddr").and_then(|text| text.parse::<IpAddr>().ok());
    let remote = match maddr {
        Some(ip) if trusted && ip.is_ipv4() == flow.local.is_ipv4() => SocketAddr::new(ip, port),
        _ if via.wants_rport() => flow.remote,
        _ => SocketAddr::new(flow.remote.ip(), port),
    };
    Flow { remote, ..flow }
}

/// The headers that every request begins with, the same for an INVITE, its ACK and its CANCEL.
pub(crate) fn request_headers(draft: Draft, sent: &Sent) -> Draft {
    let mut draft = draft.header(Header::Via, &sent.via).header(Header::MaxForwards, 70);
    for route in &sent.routes {
        draft = draft.header(Header::Route, route);
    }
    draft.header(Header::From, &sent.from).header(Header::To, &sent.to).header(Header::CallId, &sent.call_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(transport: Transport, remote: &str, connection: u64) -> Flow {
        Flow { transport, local: "198.51.100.1:5060".parse().unwrap(), remote: remote.parse().unwrap(), connection }
    }

    fn hop(flow: Flow, uri: &str) -> (Transport, String, u64) {
        let hop = next_hop(flow, &Uri::parse(uri).unwrap());
        (hop.transport, hop.remote.to_string(), hop.connection)
    }

    #[test]
    fn a_contact_is_followed_where_it_can_be_reached() {
        let public = flow(Transport::Udp, "203.0.113.5:5062", 0);
        for (uri, remote) in [
            ("sip:203.0.113.9", "203.0.113.9:5060"),
            ("sip:a@203.0.113.9:5080", "203.0.113.9:5080"),
            ("sip:a@pbx.example", "203.0.113.5:5062"),
            ("tel:+49711", "203.0.113.5:5062"),
            ("sip:a@192.168.0.9", "203.0.113.5:5062"),
            ("sip:a@100.64.0.9", "203.0.113.5:5062"),
            ("sip:a@127.0.0.1", "203.0.113.5:5062"),
            ("sip:a@0.0.0.0", "203.0.113.5:5062"),
            ("sip:a@224.0.0.1", "203.0.113.5:5062"),
            ("sip:a@[2001:db8::1]", "203.0.113.5:5062"),
        ] {
            assert_eq!(hop(public, uri), (Transport::Udp, remote.to_owned(), 0), "{uri}");
        }
        let inside = flow(Transport::Udp, "10.0.0.5:5062", 0);
        assert_eq!(hop(inside, "sip:192.168.0.9").1, "192.168.0.9:5060");
        assert_eq!(hop(inside, "sip:127.0.0.1").1, "10.0.0.5:5062");
        assert_eq!(hop(public, "sip:203.0.113.9;transport=TCP").0, Transport::Tcp);
    }

    #[test]
    fn a_connection_is_used_while_it_stands() {
        let stream = flow(Transport::Tcp, "203.0.113.5:40123", 7);
        assert_eq!(hop(stream, "sip:203.0.113.5:5060").2, 7);
        let gone = Flow { connection: 0, ..stream };
        assert_eq!(hop(gone, "sip:203.0.113.5"), (Transport::Tcp, "203.0.113.5:5060".into(), 0));
    }
}
