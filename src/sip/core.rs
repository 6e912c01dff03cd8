//! What all legs share: settings, names, timers, transactions, the way out.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::contract::{Ended, Event, Flow, Output, Settings, Transport};
use super::dialog::request_headers;
use super::msg::{Draft, Header, Method, Uri, Via};
use super::tx::clients::{Clients, Sent};
use super::tx::servers::Servers;
use super::tx::timer::{Owner, Timer, Timers};
use super::ua::names::{KeyedHash, Names};
use crate::clock::Mono;
use crate::ids::LegId;

/// Everything but the legs themselves.
#[derive(Debug)]
pub(crate) struct Core {
    pub settings: Settings,
    pub names: Names,
    pub(super) out: VecDeque<Output>,
    pub(super) timers: Timers,
    pub(super) servers: Servers,
    pub(super) clients: Clients,
    /// Legs by our tag, which no two share.
    pub(super) tags: HashMap<String, LegId, KeyedHash>,
    /// Legs whose `Ended` has not been told.
    pub(super) alive: usize,
    serial: u64,
}

impl Core {
    pub fn new(settings: Settings) -> Self {
        let hash = KeyedHash(settings.seed);
        Core {
            names: Names::new(settings.seed),
            out: VecDeque::new(),
            timers: Timers::default(),
            servers: Servers::new(hash),
            clients: Clients::new(hash),
            tags: HashMap::with_hasher(hash),
            alive: 0,
            serial: 0,
            settings,
        }
    }

    /// The next number of this process: for legs and transactions.
    pub fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub fn emit(&mut self, leg: LegId, event: Event) {
        self.out.push_back(Output::Event { leg, event });
    }

    /// The last event of a leg.
    pub fn end(&mut self, leg: LegId, why: Ended) {
        self.alive = self.alive.saturating_sub(1);
        self.timers.cancel_all(Owner::Leg(leg));
        self.emit(leg, Event::Ended(why));
    }

    pub fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.out.push_back(Output::Send { flow, bytes });
    }

    pub fn arm(&mut self, leg: LegId, timer: Timer, at: Mono) {
        self.timers.set(Owner::Leg(leg), timer, at);
    }

    pub fn disarm(&mut self, leg: LegId, timer: Timer) {
        self.timers.cancel(Owner::Leg(leg), timer);
    }

    pub fn trusts(&self, ip: IpAddr) -> bool {
        self.settings.trusted.iter().any(|(net, length)| within(ip, *net, *length))
    }

    /// The address that we give others for this flow.
    fn host(&self, flow: Flow) -> IpAddr {
        self.settings.advertised.unwrap_or_else(|| flow.local.ip())
    }

    pub fn contact(&self, flow: Flow) -> String {
        let uri = Uri::sip("", self.host(flow), Some(flow.local.port()));
        match flow.transport {
            Transport::Udp => format!("<{uri}>"),
            Transport::Tcp => format!("<{uri};transport=tcp>"),
        }
    }

    pub fn via(&self, flow: Flow, branch: &str) -> Via {
        let transport = match flow.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        Via::new(transport, self.host(flow), Some(flow.local.port()), branch)
    }

    /// A request with all headers that every request has.
    pub fn draft(&self, method: Method, sent: &Sent) -> Draft {
        let cseq = format!("{} {}", sent.cseq, method.as_str());
        let draft = request_headers(Draft::request(method, &sent.uri), sent).header(Header::CSeq, cseq);
        self.sign(draft, Header::UserAgent)
    }

    /// The product, where one is to be told.
    pub fn sign(&self, draft: Draft, header: Header) -> Draft {
        if self.settings.product.is_empty() { draft } else { draft.header(header, &self.settings.product) }
    }
}

fn within(ip: IpAddr, net: IpAddr, length: u8) -> bool {
    let (ip, net, bits) = match (ip.to_canonical(), net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => (u128::from(ip.to_bits()), u128::from(net.to_bits()), 32),
        (IpAddr::V6(ip), IpAddr::V6(net)) => (ip.to_bits(), net.to_bits(), 128),
        _ => return false,
    };
    let host = bits - u32::from(length).min(bits);
    ip.checked_shr(host).unwrap_or(0) == net.checked_shr(host).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_is_in_them() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(within(ip("10.1.2.3"), ip("10.0.0.0"), 8));
        assert!(within(ip("::ffff:10.1.2.3"), ip("10.0.0.0"), 8));
        assert!(!within(ip("11.1.2.3"), ip("10.0.0.0"), 8));
        assert!(within(ip("192.0.2.7"), ip("192.0.2.7"), 32));
        assert!(!within(ip("192.0.2.6"), ip("192.0.2.7"), 32));
        assert!(within(ip("2001:db8::1"), ip("2001:db8::"), 32));
        assert!(within(ip("2001:db8::1"), ip("::"), 0) && within(ip("9.9.9.9"), ip("0.0.0.0"), 0));
        assert!(!within(ip("2001:db8::1"), ip("0.0.0.0"), 0));
    }
}
