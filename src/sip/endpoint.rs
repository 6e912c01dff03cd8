//! Every transaction and dialog of the process behind one face.

use std::collections::HashMap;

use super::contract::{Command, Dial, Flow, Output, Settings, Transport};
use super::core::Core;
use super::msg::{Fault, Message, ParseError, Start};
use super::tx::clients::{Loss, User};
use super::tx::servers::on_connection;
use super::tx::timer::{Owner, Timer, TxId};
use super::ua::leg::{Leg, Outcome};
use super::ua::names::KeyedHash;
use super::ua::refuse::Budget;
use super::ua::{bye, dial};
use crate::clock::{Mono, Now};
use crate::ids::LegId;

mod request;

/// The SIP user agent of this process.
#[derive(Debug)]
pub struct Endpoint {
    core: Core,
    legs: HashMap<LegId, Entry, KeyedHash>,
    budget: Budget,
    admission: Admission,
}

#[derive(Debug)]
struct Entry {
    /// Our tag in all of the leg's dialogs.
    tag: String,
    leg: Leg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admission {
    Open,
    Draining,
}

impl Endpoint {
    /// An endpoint without legs.
    pub fn new(settings: Settings) -> Self {
        let hash = KeyedHash(settings.seed);
        Endpoint {
            core: Core::new(settings),
            legs: HashMap::with_hasher(hash),
            budget: Budget::new(hash),
            admission: Admission::Open,
        }
    }

    /// One datagram, or one whole message of a stream (cut by [`super::msg`]'s framer).
    pub fn receive(&mut self, flow: Flow, bytes: &[u8], now: Now) {
        match Message::parse(bytes) {
            Ok(message) => match message.start() {
                Start::Request { .. } => self.request(flow, message, now.mono),
                Start::Response { .. } => self.response(flow, &message, now.mono),
            },
            Err(error) => self.unreadable(flow, error, now.mono),
        }
    }

    /// A stream is gone: what waited on it fails or moves on.
    pub fn flow_closed(&mut self, flow: Flow, now: Now) {
        self.core.reroute_servers(flow);
        for entry in self.legs.values_mut() {
            entry.leg.lose(flow);
        }
        self.fail(flow, Loss::Closed, now.mono);
    }

    /// A `Send` could not be carried out.
    pub fn send_failed(&mut self, flow: Flow, now: Now) {
        self.fail(flow, Loss::Refused, now.mono);
    }

    /// Asks something of a leg.
    pub fn command(&mut self, leg: LegId, command: Command, now: Now) {
        self.step(leg, |leg, core| leg.command(core, command, now.mono));
    }

    /// Starts an outgoing call.
    pub fn dial(&mut self, dial: Dial, now: Now) -> LegId {
        let id = LegId(self.core.serial());
        if let Some((tag, leg)) = dial::start(&mut self.core, dial, id, now.mono) {
            self.adopt(id, tag, leg);
        }
        id
    }

    /// No new calls (503) from now on; legs go on.
    pub fn drain(&mut self) {
        self.admission = Admission::Draining;
    }

    /// What is to be done, until it is empty.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.out.pop_front()
    }

    /// When [`Endpoint::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Mono> {
        self.core.timers.next()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some((owner, timer)) = self.core.timers.pop(now.mono) {
            self.fire(owner, timer, now.mono);
        }
    }

    /// Legs alive.
    pub fn legs(&self) -> usize {
        self.core.alive
    }

    /// Nothing at all is left: no leg, no transaction, no timer. What a test asks at its end.
    pub fn is_idle(&self) -> bool {
        let core = &self.core;
        let tables = core.servers.is_empty() && core.clients.is_empty() && core.tags.is_empty();
        tables && self.legs.is_empty() && core.timers.is_empty() && core.alive == 0
    }

    fn fire(&mut self, owner: Owner, timer: Timer, now: Mono) {
        match owner {
            Owner::Leg(id) => self.step(id, |leg, core| leg.fire(core, timer, now)),
            Owner::Server(tx) => {
                if let Some(id) = self.core.fire_server(tx, timer, now) {
                    self.step(id, |leg, core| bye::unacknowledged(leg, core, id, tx, now));
                }
            }
            Owner::Client(tx) => {
                if let Some(user) = self.core.fire_client(tx, timer, now) {
                    self.tell(tx, user, Outcome::Timeout, now);
                }
            }
        }
    }

    /// Octets that are no message: answered where that is possible, within the budget of strangers.
    fn unreadable(&mut self, flow: Flow, error: ParseError, now: Mono) {
        if flow.transport == Transport::Tcp && matches!(error.fault, Fault::Garbage | Fault::TooLarge) {
            // Where the next message begins is a guess from here on.
            self.core.out.push_back(Output::Close(flow));
        }
        let (Some(code), Some(mut request)) = (error.status(), error.message) else { return };
        request.stamp(flow.remote);
        if self.core.trusts(flow.remote.ip()) || self.budget.take(flow.remote.ip(), now) {
            self.core.refuse_stateless(flow, &request, code, |draft| draft);
        }
    }

    fn response(&mut self, flow: Flow, response: &Message, now: Mono) {
        let Some(code) = response.code() else { return };
        if let Some((tx, user)) = self.core.hear(flow, response, now) {
            self.tell(tx, user, Outcome::Response(response, code), now);
        }
    }

    /// Tells a leg what became of its request. Where the leg is gone, an answered INVITE is ended.
    fn tell(&mut self, tx: TxId, user: User, outcome: Outcome<'_>, now: Mono) {
        let User::Leg(id, purpose) = user else { return };
        if self.legs.contains_key(&id) {
            return self.step(id, |leg, core| leg.outcome(core, tx, purpose, outcome, now));
        }
        dial::orphaned(&mut self.core, tx, purpose, outcome, now);
    }

    fn fail(&mut self, flow: Flow, loss: Loss, now: Mono) {
        for (tx, user) in self.core.fail_clients(flow, loss) {
            self.tell(tx, user, Outcome::Transport, now);
        }
    }

    fn adopt(&mut self, id: LegId, tag: String, leg: Leg) {
        self.core.tags.insert(tag.clone(), id);
        self.legs.insert(id, Entry { tag, leg });
    }

    /// Moves a leg through a transition and forgets it where nothing is left of it.
    fn step(&mut self, id: LegId, transition: impl FnOnce(Leg, &mut Core) -> Option<Leg>) {
        let Some(Entry { tag, leg }) = self.legs.remove(&id) else { return };
        match transition(leg, &mut self.core) {
            Some(leg) => {
                self.legs.insert(id, Entry { tag, leg });
            }
            None => {
                self.core.timers.cancel_all(Owner::Leg(id));
                self.core.tags.remove(&tag);
            }
        }
    }
}

impl Leg {
    /// A connection of the leg's dialogs is gone: a new one will be opened.
    fn lose(&mut self, closed: Flow) {
        self.each_dialog(|dialog| {
            if on_connection(dialog.flow, closed) {
                dialog.flow.connection = 0;
            }
        });
    }
}
