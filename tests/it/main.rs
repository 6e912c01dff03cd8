//! One test binary: linking is what costs.

mod call;
mod flow;
mod media;
mod night;
mod sip;
mod sip_ua;
mod store;
mod tidy;
mod web;
