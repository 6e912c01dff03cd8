//! Offer and answer (RFC 3264) over SDP (RFC 8866), for one audio stream.

use std::net::{IpAddr, SocketAddr};

/// Audio codecs that we speak, best first in [`Capabilities::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 A-law, static payload type 8.
    Pcma,
    /// G.711 µ-law, static payload type 0.
    Pcmu,
    /// G.722 at 64 kbit/s, static payload type 9, RTP clock 8000 (RFC 3551 §4.5.2).
    G722,
}

/// Who may send, seen from us (RFC 3264 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both.
    SendRecv,
    /// We send.
    SendOnly,
    /// We receive.
    RecvOnly,
    /// Nobody: hold.
    Inactive,
}

/// What we offer or can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// In order of preference; an answer keeps the offerer's order.
    pub codecs: Vec<Codec>,
    /// RFC 4733 keys.
    pub telephone_event: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities { codecs: vec![Codec::G722, Codec::Pcma, Codec::Pcmu], telephone_event: true }
    }
}

/// Our end of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Address that the other side sends to.
    pub rtp: SocketAddr,
    /// `o=` session id; the same for the life of a leg.
    pub session: u64,
    /// `o=` version; one more with each changed description (RFC 3264 §8).
    pub version: u64,
    /// What we want.
    pub direction: Direction,
}

/// What both agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The codec both ways.
    pub codec: Codec,
    /// Payload type that we send.
    pub payload_send: u8,
    /// Payload type that we receive.
    pub payload_recv: u8,
    /// telephone-event payload types, to send and to receive; none if it was not negotiated.
    pub event_send: Option<u8>,
    /// See `event_send`.
    pub event_recv: Option<u8>,
    /// Packet length that the other side wants, 10–60 ms.
    pub ptime_ms: u8,
    /// Where to send RTP; none while their address is 0.0.0.0 (old hold).
    pub remote_rtp: Option<SocketAddr>,
    /// Where to send RTCP; equal to `remote_rtp` under rtcp-mux.
    pub remote_rtcp: Option<SocketAddr>,
    /// RTCP shares the RTP port (RFC 5761).
    pub rtcp_mux: bool,
    /// Seen from us.
    pub direction: Direction,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not SDP, or over the limits of SECURITY.md.
    #[error("the session description cannot be read: {0}")]
    Malformed(&'static str),
    /// No stream or codec in common: 488.
    #[error("no audio codec in common")]
    NothingInCommon,
}

/// Answers an offer: the bytes of the answer and what both agreed on.
pub fn answer(_offer: &[u8], _caps: &Capabilities, _local: &Local) -> Result<(Vec<u8>, Negotiated), Refusal> {
    Err(Refusal::NothingInCommon)
}

/// Our offer.
pub fn offer(_caps: &Capabilities, _local: &Local) -> Vec<u8> {
    Vec::new()
}

/// Reads the answer to the offer that we made with `caps` and `local`.
pub fn accept(_answer: &[u8], _caps: &Capabilities, _local: &Local) -> Result<Negotiated, Refusal> {
    Err(Refusal::NothingInCommon)
}

/// The address of a family, unset: what hold looked like before `a=inactive`.
pub fn is_unset(ip: IpAddr) -> bool {
    ip.is_unspecified()
}
