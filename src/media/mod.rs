//! Audio of one leg without sockets: RTP in, RTP, keys and recordings out.
//!
//! [`Stream`] is the machine. The driving contract: its thread hands it every packet by
//! `receive_rtp`/`receive_rtcp`, calls `tick` at absolute deadlines 20 ms apart ([`TICK`]), and after
//! each of those and after `command` drains `poll_event`. What is to be sent or written goes to the
//! [`Sink`] given to `tick`. No allocation per packet in steady state.

pub mod contract;
pub mod g711;
pub mod keys;
mod latch;
pub mod limits;
mod narrow;
mod player;
mod recorder;
pub mod rtp;
mod source;
pub mod stream;
pub mod take;
mod transmit;
pub mod vad;

pub use contract::*;
pub use stream::Stream;
