//! One test binary: linking is what costs.

mod alloc;
mod call;
mod flow;
mod hear;
mod media;
mod night;
mod sip;
mod store;
mod support;
mod tidy;
mod web;
