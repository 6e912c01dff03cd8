//! Audio of one leg without sockets: RTP in, RTP, keys and recordings out.
//!
//! [`Stream`] is the machine. The driving contract: its thread hands it every packet by
//! `receive_rtp`/`receive_rtcp`, calls `tick` at absolute deadlines 20 ms apart ([`TICK`]), and after
//! each of those and after `command` drains `poll_event`. What is to be sent or written goes to the
//! [`Sink`] given to `tick`. No allocation per packet in steady state.

pub mod clip;
pub mod contract;
pub mod decode;
pub mod g711;
pub mod hear;
pub mod jitter;
pub mod keys;
mod latch;
pub mod level;
pub mod limits;
mod narrow;
mod player;
pub mod prompts;
mod recorder;
pub mod resample;
mod rtcp;
pub mod rtp;
mod source;
pub mod stream;
pub mod take;
mod transmit;
pub mod vad;

pub use clip::ClipError;
pub use contract::*;
pub use prompts::Prompts;
pub use stream::Stream;
