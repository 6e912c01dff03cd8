//! What crosses the border of the room: flows, events of a leg, commands to it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::ids::LegId;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One message a datagram.
    Udp,
    /// A stream, framed by Content-Length (RFC 3261 §18.3).
    Tcp,
}

/// Where a message came from, or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// UDP or TCP.
    pub transport: Transport,
    /// Our socket's address.
    pub local: SocketAddr,
    /// The other side's.
    pub remote: SocketAddr,
    /// Which connection, for streams; 0 on UDP and for "open one to `remote`".
    pub connection: u64,
}

/// Settings of an [`Endpoint`](super::Endpoint). All of them are safe defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Only requests from these networks are served (address, prefix length); everybody else gets one
    /// stateless answer. Peers that we called may always answer within their dialogs.
    pub trusted: Vec<(IpAddr, u8)>,
    /// The host that Via and Contact carry, where it is not the local address of the flow.
    pub advertised: Option<IpAddr>,
    /// `User-Agent`/`Server`; empty sends none (SECURITY: no banner).
    pub product: String,
    /// Calls at once; beyond it 503 with `retry_after`.
    pub legs_max: usize,
    /// What a refused caller is told to wait.
    pub retry_after: Duration,
    /// Session-Expires that we ask for (RFC 4028).
    pub session_expires: Duration,
    /// Smallest interval that we take: below it 422 with Min-SE.
    pub session_min: Duration,
    /// Key of the hash behind tags, branches and Call-IDs.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            trusted: vec![(IpAddr::from([127, 0, 0, 1]), 8), (IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), 128)],
            advertised: None,
            product: String::new(),
            legs_max: 2_000,
            retry_after: Duration::from_secs(10),
            session_expires: Duration::from_secs(1800),
            session_min: Duration::from_secs(90),
            seed: 0,
        }
    }
}

/// What [`Endpoint::poll_output`](super::Endpoint::poll_output) gives.
#[derive(Debug)]
pub enum Output {
    /// Put these bytes on the wire. A TCP flow with `connection == 0` asks for a new connection to
    /// `remote`, or reuse of one; a failure comes back through `send_failed`.
    Send {
        /// Where to.
        flow: Flow,
        /// One whole message.
        bytes: Vec<u8>,
    },
    /// Something happened to a leg.
    Event {
        /// Which.
        leg: LegId,
        /// What.
        event: Event,
    },
    /// Close this stream: the peer broke framing or its time is up.
    Close(Flow),
}

/// An incoming INVITE, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The flow that it came on.
    pub flow: Flow,
    /// Call-ID.
    pub call_id: String,
    /// User part of the Request-URI, unescaped ("" if none).
    pub request_user: String,
    /// User part of To, unescaped.
    pub to_user: String,
    /// User part of P-Called-Party-ID (RFC 7315), if there.
    pub called_party: Option<String>,
    /// User part, or `tel:` number, of From, unescaped.
    pub from_user: String,
    /// Display name of From, decoded.
    pub from_name: String,
    /// User part, or `tel:` number, of the first P-Asserted-Identity (RFC 3325).
    pub asserted: Option<String>,
    /// `Privacy: id` or `user` or an anonymous From (RFC 3323): the number is withheld.
    pub anonymous: bool,
    /// Diversion (RFC 5806) and History-Info (RFC 7044) values, raw, newest first.
    pub diversion: Vec<String>,
    /// The SDP offer; none is a late offer: ours goes into the 200 (or the reliable 183).
    pub offer: Option<Vec<u8>>,
    /// The caller supports (or requires) 100rel.
    pub reliable: bool,
}

/// What happens to a leg. Offers and answers are SDP bytes: this room does not read them.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A call comes in. 100 is sent; answer with [`Command::Ring`], [`Command::Accept`] or [`Command::Reject`].
    Incoming(Box<Invite>),
    /// Outgoing: a provisional answer, with early SDP if it carried an acceptable answer.
    Progress {
        /// 101–199.
        code: u16,
        /// The answer to our offer.
        sdp: Option<Vec<u8>>,
    },
    /// Outgoing: the other side picked up; the ACK is sent by us (with our answer to a late offer never:
    /// our INVITEs always offer).
    Answered {
        /// The answer; none if it came reliably before.
        sdp: Option<Vec<u8>>,
    },
    /// Incoming: the ACK is here, with the answer where the offer was late. After [`Command::Reoffer`] and
    /// [`Command::Answer`] to [`Event::OfferWanted`]: what became of our offer.
    Confirmed {
        /// The answer to our offer; none at the first ACK where we answered theirs, and later where ours was
        /// refused: then the session goes on as it was.
        sdp: Option<Vec<u8>>,
    },
    /// Incoming: the answer to an offer in our reliable provisional came by PRACK.
    EarlyAnswer(Vec<u8>),
    /// re-INVITE, UPDATE or PRACK with an offer: give [`Command::Answer`] or [`Command::RefuseOffer`].
    Offer(Vec<u8>),
    /// re-INVITE without SDP: give [`Command::Answer`] with our offer; the answer comes by [`Event::Confirmed`].
    OfferWanted,
    /// INFO with one key: `0-9*#A-D`, length if it was said (application/dtmf-relay, application/dtmf).
    Key {
        /// The key.
        key: char,
        /// How long it was held.
        duration_ms: u32,
    },
    /// The leg is over, however; the last event of every leg.
    Ended(Ended),
}

/// Why a leg ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// They sent BYE.
    Bye,
    /// They cancelled before the answer (CANCEL won the race).
    Cancelled,
    /// We hung up or rejected.
    Local,
    /// No ACK for our 200 within 64·T1, or no PRACK: BYE (or 5xx) was sent.
    NoAck,
    /// The session was not refreshed (RFC 4028), or our refresh was refused or timed out.
    SessionExpired,
    /// Outgoing: final answer 3xx–6xx; 408 also stands for "no answer at all".
    Refused {
        /// Status code.
        code: u16,
        /// Reason phrase, as Latin-1 or UTF-8.
        reason: String,
    },
    /// The transport failed.
    Transport,
}

/// What can be asked of a leg. A command that does not fit the leg's state is ignored: the peer's
/// BYE may always be under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 180, or 183 with `sdp`, sent reliably (RFC 3262) where the caller supports it.
    Ring {
        /// Early answer or, for a late offer, our offer.
        sdp: Option<Vec<u8>>,
    },
    /// 200 with our answer, or our offer where theirs is late.
    Accept {
        /// The SDP.
        sdp: Vec<u8>,
    },
    /// A final refusal.
    Reject {
        /// 300–699.
        code: u16,
    },
    /// Answer to [`Event::Offer`] or [`Event::OfferWanted`].
    Answer {
        /// The SDP.
        sdp: Vec<u8>,
    },
    /// 488 to [`Event::Offer`]; the session goes on as it was.
    RefuseOffer,
    /// re-INVITE with this offer; the answer comes by [`Event::Confirmed`].
    Reoffer {
        /// The SDP.
        sdp: Vec<u8>,
    },
    /// INFO application/dtmf-relay.
    SendKey {
        /// `0-9*#A-D`.
        key: char,
        /// How long.
        duration_ms: u32,
    },
    /// BYE, CANCEL or a refusal: whatever ends the leg from where it is.
    Hangup,
}

/// An outgoing call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// First hop, resolved.
    pub flow: Flow,
    /// Request-URI, as text: `sip:…` or `tel:…`.
    pub target: String,
    /// From: a URI without brackets.
    pub from: String,
    /// Display name of From ("" for none).
    pub from_name: String,
    /// Our offer.
    pub offer: Vec<u8>,
    /// Further header lines, name and value, printed as they are (line breaks are refused).
    pub headers: Vec<(String, String)>,
    /// Give up (CANCEL) after this long without a final answer.
    pub ring_max: Duration,
}
