//! The SIP user agent, played as phone calls over a network that is only pretended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod calls;
mod dialled;
mod holds;
mod phone;
mod refusals;
mod rude;
mod storm;
mod strangers;
mod world;
