//! The table of client transactions.

use std::collections::HashMap;

use super::client::Client;
use super::invite_client::InviteClient;
use super::timer::{Owner, Timer, TxId};
use super::{Heard, Wire};
use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::{Flow, Transport};
use crate::sip::core::Core;
use crate::sip::limits;
use crate::sip::msg::{Message, Method, NameAddr, Uri, Via};
use crate::sip::ua::names::KeyedHash;

/// What a request was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The first INVITE of a call.
    Invite,
    /// A further one.
    Reinvite,
    /// UPDATE.
    Update,
    /// PRACK.
    Prack,
    /// INFO.
    Info,
    /// BYE.
    Bye,
}

/// Who wants to know what became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Nobody: CANCEL, and the BYE of a fork.
    Nobody,
    /// A leg.
    Leg(LegId, Purpose),
}

/// What an INVITE was sent with: its ACK and its CANCEL carry the same (RFC 3261 §9.1, §17.1.1.3).
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub uri: Uri,
    pub via: Via,
    pub from: String,
    pub to: String,
    pub call_id: String,
    pub cseq: u32,
    pub routes: Vec<String>,
}

/// All client transactions.
#[derive(Debug)]
pub(crate) struct Clients {
    by_id: HashMap<TxId, Box<ClientTx>, KeyedHash>,
    by_key: HashMap<String, TxId, KeyedHash>,
}

#[derive(Debug)]
struct ClientTx {
    key: String,
    flow: Flow,
    user: User,
    machine: Machine,
}

#[derive(Debug)]
enum Machine {
    Invite(InviteClient, Box<Invited>),
    Other(Client),
}

#[derive(Debug)]
struct Invited {
    sent: Sent,
    acks: Vec<Acked>,
}

/// The ACK of a 2xx, by the tag of who sent that: the same again for a repeated 2xx (RFC 3261 §13.2.2.4).
#[derive(Debug)]
struct Acked {
    tag: String,
    flow: Flow,
    bytes: Vec<u8>,
}

impl Clients {
    pub fn new(hash: KeyedHash) -> Self {
        Clients { by_id: HashMap::with_hasher(hash), by_key: HashMap::with_hasher(hash) }
    }

    /// Tables that must be empty when nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.by_key.is_empty()
    }

    /// What an INVITE was sent with, and where.
    pub fn invited(&self, id: TxId) -> Option<(&Sent, Flow)> {
        let tx = self.by_id.get(&id)?;
        match &tx.machine {
            Machine::Invite(_, invited) => Some((&invited.sent, tx.flow)),
            Machine::Other(_) => None,
        }
    }

    /// May one more branch of a fork be acknowledged?
    pub fn takes_forks(&self, id: TxId) -> bool {
        self.by_id.get(&id).is_some_and(|tx| match &tx.machine {
            Machine::Invite(_, invited) => invited.acks.len() < limits::FORKS,
            Machine::Other(_) => false,
        })
    }

    /// A provisional answer came, and no final one.
    pub fn is_proceeding(&self, id: TxId) -> bool {
        self.by_id.get(&id).is_some_and(|tx| match &tx.machine {
            Machine::Invite(machine, _) => machine.proceeding(),
            Machine::Other(_) => false,
        })
    }
}

fn key_of(branch: &str, method: &Method) -> String {
    format!("{branch}|{method}")
}

impl Core {
    /// Sends an INVITE.
    pub fn start_invite(
        &mut self,
        flow: Flow,
        user: User,
        branch: &str,
        sent: Sent,
        bytes: Vec<u8>,
        now: Mono,
    ) -> TxId {
        let start = |wire: &mut Wire<'_>| {
            Machine::Invite(InviteClient::start(bytes, wire), Box::new(Invited { sent, acks: Vec::new() }))
        };
        self.start(flow, user, key_of(branch, &Method::Invite), start, now)
    }

    /// Sends any other request but ACK.
    pub fn start_request(
        &mut self,
        flow: Flow,
        user: User,
        branch: &str,
        method: &Method,
        bytes: Vec<u8>,
        now: Mono,
    ) -> TxId {
        self.start(flow, user, key_of(branch, method), |wire| Machine::Other(Client::start(bytes, wire)), now)
    }

    /// A request over 1300 bytes belongs on a stream where the path's MTU is unknown (RFC 3261 §18.1.1): the
    /// switch comes with trunks, which know whether the peer has TCP.
    fn start(
        &mut self,
        flow: Flow,
        user: User,
        key: String,
        start: impl FnOnce(&mut Wire<'_>) -> Machine,
        now: Mono,
    ) -> TxId {
        let id = TxId(self.serial());
        let owner = Owner::Client(id);
        let machine = start(&mut Wire { out: &mut self.out, timers: &mut self.timers, owner, flow, now });
        self.clients.by_key.insert(key.clone(), id);
        self.clients.by_id.insert(id, Box::new(ClientTx { key, flow, user, machine }));
        id
    }

    /// Cancels an INVITE that is proceeding (RFC 3261 §9.1).
    pub fn cancel_invite(&mut self, id: TxId, now: Mono) {
        if !self.clients.is_proceeding(id) {
            return;
        }
        let Some((sent, flow)) = self.clients.invited(id) else { return };
        let branch = sent.via.branch().unwrap_or("").to_owned();
        let bytes = self.draft(Method::Cancel, sent).into_bytes();
        self.start_request(flow, User::Nobody, &branch, &Method::Cancel, bytes, now);
        self.hurry(id, now);
    }

    /// An INVITE at whose other end nobody is rung has 64·T1 in all.
    pub fn hurry(&mut self, id: TxId, now: Mono) {
        self.step_client(id, now, |machine, wire| {
            if let Machine::Invite(machine, _) = &machine {
                machine.hurry(wire);
            }
            (Some(machine), Heard::Nothing)
        });
    }

    /// Sends the ACK of a 2xx and keeps it for the next of the same.
    pub fn ack_answer(&mut self, id: TxId, tag: &str, (flow, bytes): (Flow, Vec<u8>)) {
        if let Some(tx) = self.clients.by_id.get_mut(&id)
            && let Machine::Invite(_, invited) = &mut tx.machine
            && invited.acks.len() < limits::FORKS
        {
            invited.acks.push(Acked { tag: tag.to_owned(), flow, bytes: bytes.clone() });
        }
        self.send(flow, bytes);
    }

    /// A response: the transaction and its user, where it is news to them.
    pub fn hear(&mut self, flow: Flow, response: &Message, now: Mono) -> Option<(TxId, User)> {
        let via = response.via()?;
        let (number, method) = response.cseq()?;
        let code = response.code()?;
        let id = *self.clients.by_key.get(&key_of(via.branch()?, &method))?;
        let tx = self.clients.by_id.get_mut(&id)?;
        let user = tx.user;
        if tx.flow.transport == Transport::Tcp && flow.transport == Transport::Tcp {
            // The connection that was opened for us has a name now. Its local port is nobody's to call: Contact
            // and Via go on with the address that listens.
            tx.flow.connection = flow.connection;
        }
        if let Machine::Invite(_, invited) = &tx.machine {
            let to = response.to();
            let tag = to.as_ref().and_then(NameAddr::tag).unwrap_or("");
            if number != invited.sent.cseq {
                return None;
            }
            if (200..300).contains(&code)
                && let Some(acked) = invited.acks.iter().find(|acked| acked.tag == tag)
            {
                let (flow, bytes) = (acked.flow, acked.bytes.clone());
                self.send(flow, bytes);
                return None;
            }
        }
        let ack = self.ack_of_refusal(id, response);
        let heard = self.step_client(id, now, |machine, wire| match machine {
            Machine::Invite(machine, invited) => {
                let (machine, heard) = machine.response(code, || ack.unwrap_or_default(), wire);
                (machine.map(|machine| Machine::Invite(machine, invited)), heard)
            }
            Machine::Other(machine) => {
                let (machine, heard) = machine.response(code, wire);
                (machine.map(Machine::Other), heard)
            }
        });
        (heard == Heard::Response).then_some((id, user))
    }

    /// RFC 3261 §17.1.1.3: all as in the INVITE, but To as in the response.
    fn ack_of_refusal(&self, id: TxId, response: &Message) -> Option<Vec<u8>> {
        if response.code()? < 300 {
            return None;
        }
        let (sent, _) = self.clients.invited(id)?;
        let to = response.to().map_or_else(|| sent.to.clone(), |to| to.to_string());
        Some(self.draft(Method::Ack, &Sent { to, ..sent.clone() }).into_bytes())
    }

    /// One of its timers; who is to be told that nobody answered.
    pub fn fire_client(&mut self, id: TxId, timer: Timer, now: Mono) -> Option<User> {
        let user = self.clients.by_id.get(&id)?.user;
        let heard = self.step_client(id, now, |machine, wire| match machine {
            Machine::Invite(machine, invited) => {
                let (machine, heard) = machine.fire(timer, wire);
                (machine.map(|machine| Machine::Invite(machine, invited)), heard)
            }
            Machine::Other(machine) => {
                let (machine, heard) = machine.fire(timer, wire);
                (machine.map(Machine::Other), heard)
            }
        });
        (heard == Heard::Timeout).then_some(user)
    }

    /// Transactions of a flow fail (RFC 3261 §17.1.4). Who is to be told, in a fixed order.
    pub fn fail_clients(&mut self, gone: Flow, loss: Loss) -> Vec<(TxId, User)> {
        let waits = |flow: Flow| {
            let same = flow.transport == gone.transport && flow.remote == gone.remote;
            same && (flow.connection == 0 || gone.connection == 0 || flow.connection == gone.connection)
        };
        let hit = self.clients.by_id.iter().filter(|(_, tx)| waits(tx.flow) && tx.machine.is_hit(loss));
        let mut hit: Vec<_> = hit.map(|(id, tx)| (*id, tx.user)).collect();
        hit.sort_by_key(|(id, _)| *id);
        for (id, _) in &hit {
            self.drop_client(*id);
        }
        hit
    }

    fn drop_client(&mut self, id: TxId) {
        self.timers.cancel_all(Owner::Client(id));
        if let Some(tx) = self.clients.by_id.remove(&id) {
            self.clients.by_key.remove(&tx.key);
        }
    }

    fn step_client(
        &mut self,
        id: TxId,
        now: Mono,
        step: impl FnOnce(Machine, &mut Wire<'_>) -> (Option<Machine>, Heard),
    ) -> Heard {
        let Some(mut tx) = self.clients.by_id.remove(&id) else { return Heard::Nothing };
        let owner = Owner::Client(id);
        let mut wire = Wire { out: &mut self.out, timers: &mut self.timers, owner, flow: tx.flow, now };
        let (machine, heard) = step(tx.machine, &mut wire);
        match machine {
            Some(machine) => {
                tx.machine = machine;
                self.clients.by_id.insert(id, tx);
            }
            None => {
                self.timers.cancel_all(owner);
                self.clients.by_key.remove(&tx.key);
            }
        }
        heard
    }
}

/// What happened to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// It is closed: no answer will come on it.
    Closed,
    /// One message could not be sent. Who answered before is there, and repeating is what timers are for.
    Refused,
}

impl Machine {
    /// Does the loss end it? Not where the final answer is here.
    fn is_hit(&self, loss: Loss) -> bool {
        match self {
            Machine::Invite(InviteClient::Calling(_), _) | Machine::Other(Client::Trying(_)) => true,
            Machine::Invite(InviteClient::Proceeding, _) | Machine::Other(Client::Proceeding(_)) => {
                loss == Loss::Closed
            }
            Machine::Invite(..) | Machine::Other(Client::Completed) => false,
        }
    }
}
