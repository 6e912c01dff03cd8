//! SIP (RFC 3261) without sockets: bytes in, bytes and events out.
//!
//! [`Endpoint`] holds every transaction and dialog. The driving contract: after each `receive`,
//! `command`, `dial`, `flow_closed` or `handle_timeout`, drain `poll_output` until it is empty, then
//! ask `poll_timeout` for the next wake-up. Nothing here reads a clock, draws randomness of its own
//! (it is seeded) or touches a socket.
//!
//! Inside, from the wire up: [`msg`] reads and prints; `tx` holds the four transaction machines, their
//! tables and the one queue of timers; `dialog` knows routes and numbers; `ua` is what a leg is in each of
//! its states, one SIP verb a file; `endpoint` finds out whom a request belongs to. A leg is moved into each
//! transition and comes back as its next state, or not at all.

pub mod contract;
mod core;
mod dialog;
pub mod digest;
pub mod endpoint;
pub mod limits;
pub mod msg;
mod tx;
mod ua;

pub use contract::*;
pub use endpoint::Endpoint;
