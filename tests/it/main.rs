//! One test binary: linking is what costs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails may fail loudly"
)]

mod alloc;
mod call;
mod flow;
mod hear;
mod media;
mod menus;
mod night;
mod owner;
mod random_plan;
mod shipped;
mod sip;
mod sip_ua;
mod store;
mod support;
mod tidy;
mod voice;
mod web;
mod worker;
