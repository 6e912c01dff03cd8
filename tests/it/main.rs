//! One test binary: linking is what costs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails may fail loudly"
)]

#[macro_use]
mod support;

mod again_flow;
mod alloc;
mod call;
mod callback_rules;
mod callbacks;
mod cli;
mod contacts;
mod contacts_more;
mod desk;
mod flow;
mod hear;
mod init;
mod jobs;
mod media;
mod menus;
mod naive_route;
mod night;
mod owner;
mod owner_rows;
mod plans;
mod prompts;
mod random_plan;
mod shipped;
mod sip;
mod sip_ua;
mod slots_flow;
mod store;
mod tidy;
mod voice;
mod web;
mod worker;
