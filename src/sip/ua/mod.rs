//! The user agent: what a leg is in each of its states, and one SIP verb per file.

pub(crate) mod ack;
pub(crate) mod bye;
pub(crate) mod cancel;
pub(crate) mod dial;
pub(crate) mod info;
pub(crate) mod invite;
pub(crate) mod leg;
pub mod names;
pub(crate) mod options;
pub(crate) mod prack;
pub(crate) mod read;
pub(crate) mod refuse;
pub(crate) mod reinvite;
pub(crate) mod session_timer;
pub(crate) mod update;

/// Methods that are served.
pub(crate) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO";
/// Option tags that are understood.
pub(crate) const SUPPORTED: &str = "100rel, timer";
/// The only body that is negotiated with.
pub(crate) const SDP: &str = "application/sdp";
