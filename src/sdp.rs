//! Offer and answer (RFC 3264) over SDP (RFC 8866), for one audio stream.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::net::SocketAddr;

use read::Description;

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
///
/// The first audio stream that both can do is taken, all others are refused with port 0 (RFC 3264
/// §6). The answer names one codec only: the first of the offerer's order that is ours. More would
/// allow the other side to change codecs in mid-stream (§6.1), which nobody misses.
pub fn answer(offer: &[u8], caps: &Capabilities, local: &Local) -> Result<(Vec<u8>, Negotiated), Refusal> {
    let theirs = Description::read(offer)?;
    let (taken, stream, codec) = theirs
        .streams
        .iter()
        .enumerate()
        .find_map(|(n, stream)| Some((n, stream, stream.common(caps, local)?)))
        .ok_or(Refusal::NothingInCommon)?;
    let event = stream.event.filter(|_| caps.telephone_event);
    let agreed = stream.negotiate(local, codec, (codec.payload, event));
    Ok((write::answer(&theirs, taken, &agreed, local), agreed))
}

/// Our offer: every codec of `caps` under its static payload type, in order of preference.
pub fn offer(caps: &Capabilities, local: &Local) -> Vec<u8> {
    write::offer(caps, local)
}

/// Reads the answer to the offer that we made with `caps` and `local`.
///
/// Payload numbers may differ between the ways: we send under theirs and receive under ours
/// (RFC 3264 §5.1).
pub fn accept(answer: &[u8], caps: &Capabilities, local: &Local) -> Result<Negotiated, Refusal> {
    let theirs = Description::read(answer)?;
    // The streams of an answer stand in the order of the offer's (§6), and we offer one.
    let stream = theirs.streams.first().ok_or(Refusal::Malformed("no media line"))?;
    let codec = stream.common(caps, local).ok_or(Refusal::NothingInCommon)?;
    let event = (stream.event.is_some() && caps.telephone_event).then_some(write::EVENT_PAYLOAD);
    Ok(stream.negotiate(local, codec, (codec.codec.payload(), event)))
}

impl Codec {
    /// Its static payload type (RFC 3551 §6).
    fn payload(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
            Codec::G722 => 9,
        }
    }

    /// Its name in `a=rtpmap`.
    fn name(self) -> &'static str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
            Codec::G722 => "G722",
        }
    }
}

impl Direction {
    fn new(send: bool, recv: bool) -> Self {
        match (send, recv) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// We may send.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// They may send.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The attribute's name.
    fn name(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}
