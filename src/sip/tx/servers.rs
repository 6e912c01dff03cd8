//! The table of server transactions, and answering.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::invite_server::InviteServer;
use super::server::Server;
use super::timer::{Owner, Timer, TxId};
use super::{Verdict, Wire};
use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::{Flow, Transport};
use crate::sip::core::Core;
use crate::sip::msg::{Draft, Header, Message, Method, NameAddr};
use crate::sip::ua::names::KeyedHash;

/// All server transactions.
#[derive(Debug)]
pub(crate) struct Servers {
    by_id: HashMap<TxId, Box<ServerTx>, KeyedHash>,
    by_key: HashMap<String, TxId, KeyedHash>,
    /// Requests by what stays the same on all paths that a fork takes (RFC 3261 §8.2.2.2).
    by_origin: HashMap<String, TxId, KeyedHash>,
}

#[derive(Debug)]
struct ServerTx {
    key: String,
    origin: String,
    /// Where answers go.
    flow: Flow,
    /// Where they go when the connection is gone (RFC 3261 §18.2.2).
    fallback: SocketAddr,
    source: SocketAddr,
    /// What is answered; dropped with the final answer.
    request: Option<Message>,
    /// To tag of all answers.
    tag: String,
    leg: Option<LegId>,
    machine: Machine,
}

#[derive(Debug)]
enum Machine {
    Invite(InviteServer),
    Other(Server),
}

impl Servers {
    pub fn new(hash: KeyedHash) -> Self {
        Servers {
            by_id: HashMap::with_hasher(hash),
            by_key: HashMap::with_hasher(hash),
            by_origin: HashMap::with_hasher(hash),
        }
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn find(&self, key: &str) -> Option<TxId> {
        self.by_key.get(key).copied()
    }

    /// The same request came another way already.
    pub fn is_merged(&self, request: &Message) -> bool {
        self.by_origin.contains_key(&origin_of(request))
    }

    /// Who sent the request, whose leg it is, and our tag.
    pub fn facts(&self, id: TxId) -> Option<(SocketAddr, Option<LegId>, &str)> {
        self.by_id.get(&id).map(|tx| (tx.source, tx.leg, tx.tag.as_str()))
    }

    /// An INVITE without a final answer yet.
    pub fn is_open(&self, id: TxId) -> bool {
        self.by_id.get(&id).is_some_and(|tx| match &tx.machine {
            Machine::Invite(machine) => machine.open(),
            Machine::Other(_) => false,
        })
    }

    /// Tables that must be empty when nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.by_key.is_empty() && self.by_origin.is_empty()
    }
}

/// What a request and its repetitions have in common (RFC 3261 §17.2.3); `method` is INVITE for its ACK
/// and its CANCEL. Requests by RFC 2543 have no unique branch: then more of them has to match.
pub(crate) fn key_of(request: &Message, method: &Method) -> Option<String> {
    let via = request.via()?;
    let port = via.port.unwrap_or(5060);
    match via.unique_branch() {
        Some(branch) => Some(format!("{branch}|{}|{port}|{method}", via.host.to_ascii_lowercase())),
        None => {
            let uri = request.uri()?;
            let branch = via.branch().unwrap_or("");
            Some(format!("2543|{branch}|{}|{port}|{uri}|{}|{method}", via.host, origin_of(request)))
        }
    }
}

fn origin_of(request: &Message) -> String {
    let from = request.from();
    let tag = from.as_ref().and_then(NameAddr::tag).unwrap_or("");
    let number = request.cseq().map_or(0, |(number, _)| number);
    let method = match request.method() {
        Some(Method::Ack | Method::Cancel) | None => Method::Invite,
        Some(method) => method.clone(),
    };
    format!("{}|{tag}|{number}|{method}", request.call_id())
}

/// Does `flow` use the connection that is closed? Its local address may be told differently for a
/// connection that we opened.
pub(crate) fn on_connection(flow: Flow, closed: Flow) -> bool {
    let stream = flow.transport == Transport::Tcp && closed.transport == Transport::Tcp;
    stream && flow.connection != 0 && flow.connection == closed.connection
}

/// How a new request begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// An INVITE gets its 100 at once.
    Trying,
    /// It is refused in the same breath.
    Silent,
}

impl Core {
    /// Takes a request into a transaction. `flow` is where it came on, `reply` where answers go.
    pub fn serve(
        &mut self,
        request: Message,
        (flow, reply): (Flow, Flow),
        leg: Option<LegId>,
        tag: String,
        begin: Begin,
        now: Mono,
    ) -> TxId {
        let id = TxId(self.serial());
        let method = request.method().cloned().unwrap_or(Method::Options);
        let key = key_of(&request, &method).unwrap_or_default();
        let origin = origin_of(&request);
        let port = request.via().and_then(|via| via.port).unwrap_or(5060);
        let fallback = SocketAddr::new(flow.remote.ip(), port);
        let owner = Owner::Server(id);
        let mut wire = Wire { out: &mut self.out, timers: &mut self.timers, owner, flow: reply, now };
        let machine = match (&method, begin) {
            (Method::Invite, Begin::Trying) => {
                let trying = Draft::response(&request, 100).into_bytes();
                Machine::Invite(InviteServer::start(trying, &mut wire))
            }
            (Method::Invite, Begin::Silent) => Machine::Invite(InviteServer::silent()),
            _ => Machine::Other(Server::Trying),
        };
        self.servers.by_key.insert(key.clone(), id);
        self.servers.by_origin.insert(origin.clone(), id);
        let source = flow.remote;
        let request = Some(request);
        let tx = ServerTx { key, origin, flow: reply, fallback, source, request, tag, leg, machine };
        self.servers.by_id.insert(id, Box::new(tx));
        id
    }

    /// Answers a request; `more` adds to the draft. Nothing happens where it was answered finally before.
    pub fn reply(&mut self, id: TxId, code: u16, now: Mono, more: impl FnOnce(Draft) -> Draft) {
        let Some(tx) = self.servers.by_id.get_mut(&id) else { return };
        let Some(request) = tx.request.take() else { return };
        let draft = Draft::response(&request, code);
        let draft = if code > 100 { draft.tag(&tx.tag) } else { draft };
        if code < 200 {
            tx.request = Some(request);
        }
        let bytes = more(self.sign(draft, Header::Server)).into_bytes();
        self.step_server(id, now, |machine, wire| {
            let machine = match machine {
                Machine::Invite(machine) => Some(Machine::Invite(machine.respond(code, bytes, wire))),
                Machine::Other(machine) => machine.respond(bytes, wire).map(Machine::Other),
            };
            (machine, Verdict::Nothing)
        });
    }

    /// A plain answer.
    pub fn reply_code(&mut self, id: TxId, code: u16, now: Mono) {
        self.reply(id, code, now, |draft| draft);
    }

    /// The same request again, or a reliable provisional that is due again.
    pub fn repeat(&mut self, id: TxId, now: Mono) {
        self.step_server(id, now, |machine, wire| {
            match &machine {
                Machine::Invite(machine) => machine.repeated(wire),
                Machine::Other(machine) => machine.repeated(wire),
            }
            (Some(machine), Verdict::Nothing)
        });
    }

    /// An ACK within the transaction.
    pub fn ack_refusal(&mut self, id: TxId, now: Mono) {
        self.step_server(id, now, |machine, wire| match machine {
            Machine::Invite(machine) => (machine.ack(wire).map(Machine::Invite), Verdict::Nothing),
            other => (Some(other), Verdict::Nothing),
        });
    }

    /// The ACK of our 2xx came, or is not waited for any more.
    pub fn acknowledged(&mut self, id: TxId, now: Mono) {
        self.step_server(id, now, |machine, wire| match machine {
            Machine::Invite(machine) => (Some(Machine::Invite(machine.acknowledged(wire))), Verdict::Nothing),
            other => (Some(other), Verdict::Nothing),
        });
    }

    /// One of its timers; the leg that waits in vain for an ACK.
    pub fn fire_server(&mut self, id: TxId, timer: Timer, now: Mono) -> Option<LegId> {
        let leg = self.servers.by_id.get(&id)?.leg;
        let verdict = self.step_server(id, now, |machine, wire| match machine {
            Machine::Invite(machine) => {
                let (machine, verdict) = machine.fire(timer, wire);
                (machine.map(Machine::Invite), verdict)
            }
            Machine::Other(machine) => (machine.fire(timer).map(Machine::Other), Verdict::Nothing),
        });
        match verdict {
            Verdict::NoAck => leg,
            Verdict::Nothing => None,
        }
    }

    /// Answers that waited on this connection take a new one.
    pub fn reroute_servers(&mut self, closed: Flow) {
        for tx in self.servers.by_id.values_mut() {
            if on_connection(tx.flow, closed) {
                tx.flow = Flow { remote: tx.fallback, connection: 0, ..tx.flow };
            }
        }
    }

    /// Moves a machine through `step` and forgets it where it ends.
    fn step_server(
        &mut self,
        id: TxId,
        now: Mono,
        step: impl FnOnce(Machine, &mut Wire<'_>) -> (Option<Machine>, Verdict),
    ) -> Verdict {
        let Some(tx) = self.servers.by_id.remove(&id) else { return Verdict::Nothing };
        let mut tx = tx;
        let owner = Owner::Server(id);
        let mut wire = Wire { out: &mut self.out, timers: &mut self.timers, owner, flow: tx.flow, now };
        let (machine, verdict) = step(tx.machine, &mut wire);
        match machine {
            Some(machine) => {
                tx.machine = machine;
                self.servers.by_id.insert(id, tx);
            }
            None => {
                self.timers.cancel_all(owner);
                // A later transaction may have taken the name: two requests with one key cannot be told apart.
                self.servers.by_key.retain_other(&tx.key, id);
                self.servers.by_origin.retain_other(&tx.origin, id);
            }
        }
        verdict
    }
}

trait RetainOther {
    fn retain_other(&mut self, key: &str, id: TxId);
}

impl RetainOther for HashMap<String, TxId, KeyedHash> {
    fn retain_other(&mut self, key: &str, id: TxId) {
        if self.get(key) == Some(&id) {
            self.remove(key);
        }
    }
}
