//! Every transaction and dialog of the process behind one face.

use super::contract::{Command, Dial, Flow, Output, Settings};
use crate::clock::{Mono, Now};
use crate::ids::LegId;

/// The SIP user agent of this process.
#[derive(Debug)]
pub struct Endpoint {
    settings: Settings,
}

impl Endpoint {
    /// An endpoint without legs.
    pub fn new(settings: Settings) -> Self {
        Endpoint { settings }
    }

    /// One datagram, or one whole message of a stream (cut by [`super::msg`]'s framer).
    pub fn receive(&mut self, _flow: Flow, _bytes: &[u8], _now: Now) {}

    /// A stream is gone: what waited on it fails or moves on.
    pub fn flow_closed(&mut self, _flow: Flow, _now: Now) {}

    /// A `Send` could not be carried out.
    pub fn send_failed(&mut self, _flow: Flow, _now: Now) {}

    /// Asks something of a leg.
    pub fn command(&mut self, _leg: LegId, _command: Command, _now: Now) {}

    /// Starts an outgoing call.
    pub fn dial(&mut self, _dial: Dial, _now: Now) -> LegId {
        LegId(self.settings.seed)
    }

    /// No new calls (503) from now on; legs go on.
    pub fn drain(&mut self) {}

    /// What is to be done, until it is empty.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When [`Endpoint::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Mono> {
        None
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, _now: Now) {}

    /// Legs alive.
    pub fn legs(&self) -> usize {
        0
    }
}
