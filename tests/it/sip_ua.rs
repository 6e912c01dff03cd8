//! The SIP user agent, played as phone calls over a network that is only pretended.

mod calls;
mod phone;
mod world;
