//! Transactions (RFC 3261 §17, RFC 6026): four machines, one file each.
//!
//! A machine is moved into its transition and comes back as what it is now, or as nothing when it has
//! terminated. What it does to the world goes through [`Wire`].

pub mod client;
pub(crate) mod clients;
pub mod invite_client;
pub mod invite_server;
pub mod server;
pub(crate) mod servers;
pub mod timer;

use std::collections::VecDeque;
use std::time::Duration;

use super::contract::{Flow, Output, Transport};
use crate::clock::Mono;
use timer::{Owner, Timer, Timers};

/// What a machine may touch: its flow, its own timers, the way out.
#[derive(Debug)]
pub struct Wire<'a> {
    /// Where messages are collected.
    pub out: &'a mut VecDeque<Output>,
    /// The queue of timers.
    pub timers: &'a mut Timers,
    /// Whose timers are set.
    pub owner: Owner,
    /// Where messages go.
    pub flow: Flow,
    /// The time.
    pub now: Mono,
}

impl Wire<'_> {
    fn send(&mut self, bytes: &[u8]) {
        self.out.push_back(Output::Send { flow: self.flow, bytes: bytes.to_vec() });
    }

    fn arm(&mut self, timer: Timer, after: Duration) {
        self.timers.set(self.owner, timer, self.now + after);
    }

    /// Arms a timer that nothing may put off.
    fn arm_once(&mut self, timer: Timer, after: Duration) {
        if !self.timers.is_set(self.owner, timer) {
            self.arm(timer, after);
        }
    }

    fn disarm(&mut self, timer: Timer) {
        self.timers.cancel(self.owner, timer);
    }

    /// Streams carry a message once or break (RFC 3261 §17: most timers are zero on them).
    fn reliable(&self) -> bool {
        match self.flow.transport {
            Transport::Udp => false,
            Transport::Tcp => true,
        }
    }
}

/// What a client transaction tells its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: a repetition was absorbed.
    Nothing,
    /// This response is new.
    Response,
    /// Nobody answered.
    Timeout,
}

/// What a server transaction tells its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Nothing,
    /// The ACK for our 2xx never came.
    NoAck,
}

#[cfg(test)]
pub(crate) mod bench {
    //! A wire to nowhere for the tests of the machines.
    use super::*;
    use crate::sip::tx::timer::TxId;

    pub struct Bench {
        pub out: VecDeque<Output>,
        pub timers: Timers,
        pub flow: Flow,
        pub now: Mono,
    }

    impl Bench {
        pub fn new(transport: Transport) -> Self {
            let local = "127.0.0.1:5060".parse().unwrap();
            let remote = "127.0.0.2:5060".parse().unwrap();
            let flow = Flow { transport, local, remote, connection: 0 };
            Bench { out: VecDeque::new(), timers: Timers::default(), flow, now: Mono(0) }
        }

        pub fn wire(&mut self) -> Wire<'_> {
            let (out, timers) = (&mut self.out, &mut self.timers);
            Wire { out, timers, owner: Owner::Client(TxId(0)), flow: self.flow, now: self.now }
        }

        /// Jumps to the next timer.
        pub fn fire(&mut self) -> Option<(u64, Timer)> {
            self.now = self.timers.next()?;
            let (_, timer) = self.timers.pop(self.now)?;
            Some((self.now.0 / 1_000_000, timer))
        }

        /// What was sent since the last look.
        pub fn sent(&mut self) -> Vec<String> {
            let text = |output| match output {
                Output::Send { bytes, .. } => String::from_utf8(bytes).unwrap(),
                other => panic!("{other:?}"),
            };
            self.out.drain(..).map(text).collect()
        }
    }
}
