//! SIP (RFC 3261) without sockets: bytes in, bytes and events out.
//!
//! [`Endpoint`] holds every transaction and dialog. The driving contract: after each `receive`,
//! `command`, `dial`, `flow_closed` or `handle_timeout`, drain `poll_output` until it is empty, then
//! ask `poll_timeout` for the next wake-up. Nothing here reads a clock, draws randomness of its own
//! (it is seeded) or touches a socket.

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
