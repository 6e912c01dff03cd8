//! One test binary: linking is what costs.

mod call;
mod flow;
mod night;
mod sip;
mod store;
mod support;
mod tidy;
mod web;
