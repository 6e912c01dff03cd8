//! Messages from bytes and to bytes.
//!
//! [`Message`] keeps the octets as they came and an index of its header lines; values are read when they
//! are asked for. [`Message::parse`] checks what every element must check before it acts (RFC 3261 §8.1.1,
//! §16.3, with the reactions of RFC 4475): what passes it can be worked with, what does not comes back as
//! a [`ParseError`] that knows whether and how it is answered. [`Draft`] prints; [`Framer`] cuts streams.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;

mod check;
mod draft;
mod framer;
mod header;
mod method;
mod multipart;
mod parse;
pub(in crate::sip) mod text;
mod uri;
mod values;

pub use draft::{Draft, reason_phrase};
pub use framer::{FrameError, Framed, Framer};
pub use header::Header;
pub use method::Method;
pub use parse::{Fault, ParseError};
pub use uri::{BadUri, Scheme, Uri};
pub use values::{BadValue, NameAddr, Params, Reason, Via};

use crate::sip::limits;

/// The first line of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A request.
    Request {
        /// What is asked.
        method: Method,
        /// Request-URI.
        uri: Uri,
    },
    /// A response.
    Response {
        /// 100–699.
        code: u16,
        /// Reason phrase, may be empty.
        reason: String,
    },
}

/// Who refreshes a session (RFC 4028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// The side that sent the request.
    Uac,
    /// The side that answered it.
    Uas,
}

/// One header line: where its name and its value are in the octets.
#[derive(Clone, Debug)]
struct Line {
    header: Option<Header>,
    name: Range<usize>,
    /// Without the blanks around it; folding is still in it.
    value: Range<usize>,
}

/// A whole message: its octets and where things are in them.
#[derive(Clone)]
pub struct Message {
    bytes: Vec<u8>,
    start: Start,
    lines: Vec<Line>,
    body: Range<usize>,
    source: Option<SocketAddr>,
}

impl Message {
    /// Reads one datagram, or one whole message of a stream. Line ends before the start line are skipped
    /// (RFC 3261 §7.5); without Content-Length the body is the rest; what is behind Content-Length is
    /// cut off (§18.3).
    pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
        parse::message(bytes)
    }

    /// Notes where a request came from: [`Message::via`] and responses then carry `received` and `rport`
    /// (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn stamp(&mut self, source: SocketAddr) {
        self.source = Some(source);
    }

    /// What [`Message::stamp`] noted.
    pub fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// The octets, from the start line to the end of the body.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first line.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// A request's method.
    pub fn method(&self) -> Option<&Method> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// Request-URI.
    pub fn uri(&self) -> Option<&Uri> {
        match &self.start {
            Start::Request { uri, .. } => Some(uri),
            Start::Response { .. } => None,
        }
    }

    /// A response's status code.
    pub fn code(&self) -> Option<u16> {
        match &self.start {
            Start::Response { code, .. } => Some(*code),
            Start::Request { .. } => None,
        }
    }

    /// Values of the lines of one header in order, unfolded and decoded; not split at commas.
    pub fn lines(&self, header: Header) -> impl Iterator<Item = Cow<'_, str>> {
        self.raw(header).map(unfold)
    }

    /// [`Message::lines`] of a header that has no entry in [`Header`]; any case.
    pub fn lines_named(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.lines
            .iter()
            .filter(move |line| self.slice(&line.name).eq_ignore_ascii_case(name.as_bytes()))
            .map(|line| unfold(self.slice(&line.value)))
    }

    /// The first line of a header.
    pub fn header(&self, header: Header) -> Option<Cow<'_, str>> {
        self.lines(header).next()
    }

    /// Values of a header that may have several, split at commas outside of quotes and brackets; at most
    /// [`limits::VALUES`]. Not for headers with commas of their own (Date, WWW-Authenticate …).
    pub fn values(&self, header: Header) -> Vec<String> {
        let mut out = Vec::new();
        for line in self.lines(header) {
            let values = text::split_outside(&line, b',').filter(|v| !v.is_empty()).map(str::to_owned);
            out.extend(values.take(limits::VALUES.saturating_sub(out.len())));
        }
        out
    }

    /// Top Via, stamped if the message is.
    pub fn via(&self) -> Option<Via> {
        let line = self.header(Header::Via)?;
        let mut via = Via::parse(text::split_outside(&line, b',').next()?).ok()?;
        if let (Some(source), Start::Request { .. }) = (self.source, &self.start) {
            via.stamp(source);
        }
        Some(via)
    }

    /// All Vias as they came, top first.
    pub fn vias(&self) -> Vec<Via> {
        self.values(Header::Via).iter().filter_map(|v| Via::parse(v).ok()).collect()
    }

    /// From.
    pub fn from(&self) -> Option<NameAddr> {
        NameAddr::parse(&self.header(Header::From)?).ok()
    }

    /// To.
    pub fn to(&self) -> Option<NameAddr> {
        NameAddr::parse(&self.header(Header::To)?).ok()
    }

    /// First Contact; none for `*`.
    pub fn contact(&self) -> Option<NameAddr> {
        self.name_addrs(Header::Contact).into_iter().next()
    }

    /// All values of a header made of `name-addr`s; those that are none are left out.
    pub fn name_addrs(&self, header: Header) -> Vec<NameAddr> {
        self.values(header).iter().filter_map(|v| NameAddr::parse(v).ok()).collect()
    }

    /// Call-ID; "" only in a message that comes with a [`ParseError`].
    pub fn call_id(&self) -> Cow<'_, str> {
        self.header(Header::CallId).unwrap_or_default()
    }

    /// CSeq.
    pub fn cseq(&self) -> Option<(u32, Method)> {
        let value = self.header(Header::CSeq)?;
        let (number, method) = value.split_once([' ', '\t'])?;
        let method = text::trim(method);
        text::is_token(method.as_bytes()).then_some(())?;
        Some((text::number_u32(number)?, Method::from_token(method)))
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<u8> {
        text::number(&self.header(Header::MaxForwards)?, 255).and_then(|n| u8::try_from(n).ok())
    }

    /// Option tags that must be understood, in lower case.
    pub fn require(&self) -> Vec<String> {
        self.tokens(Header::Require)
    }

    /// Option tags that the sender understands, in lower case.
    pub fn supported(&self) -> Vec<String> {
        self.tokens(Header::Supported)
    }

    /// RAck of a PRACK: RSeq, CSeq number and method (RFC 3262 §7.2).
    pub fn rack(&self) -> Option<(u32, u32, Method)> {
        let value = self.header(Header::RAck)?;
        let mut words = value.split_ascii_whitespace();
        let (rseq, cseq, method) = (words.next()?, words.next()?, words.next()?);
        Some((text::number_u32(rseq)?, text::number_u32(cseq)?, Method::from_token(method)))
    }

    /// RSeq of a reliable provisional response.
    pub fn rseq(&self) -> Option<u32> {
        text::number_u32(&self.header(Header::RSeq)?)
    }

    /// Session-Expires: seconds, and who refreshes where it is said.
    pub fn session_expires(&self) -> Option<(u32, Option<Refresher>)> {
        let value = self.header(Header::SessionExpires)?;
        let (seconds, params) = value.split_once(';').unwrap_or((&value, ""));
        let refresher = match Params::parse(params).unwrap_or_default().get("refresher") {
            Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            _ => None,
        };
        Some((text::number_u32(text::trim(seconds))?, refresher))
    }

    /// Min-SE, seconds.
    pub fn min_se(&self) -> Option<u32> {
        let value = self.header(Header::MinSe)?;
        text::number_u32(text::trim(value.split(';').next()?))
    }

    /// Expires, seconds.
    pub fn expires(&self) -> Option<u32> {
        text::number_u32(&self.header(Header::Expires)?)
    }

    /// Media type of the body without parameters, in lower case: `application/sdp`.
    pub fn content_type(&self) -> Option<String> {
        multipart::media_type(&self.header(Header::ContentType)?)
    }

    /// Content-Length as it was said.
    pub fn content_length(&self) -> Option<usize> {
        text::number_u32(&self.header(Header::ContentLength)?).and_then(|n| usize::try_from(n).ok())
    }

    /// The body; empty for none.
    pub fn body(&self) -> &[u8] {
        self.slice(&self.body)
    }

    /// The body, or the part of a multipart body (RFC 5621), that is of this media type (lower case, without
    /// parameters). Looks into [`limits::BODY_PARTS`] parts at most.
    pub fn part(&self, media_type: &str) -> Option<&[u8]> {
        let value = self.header(Header::ContentType)?;
        multipart::find(&value, self.body(), media_type, limits::BODY_DEPTH)
    }

    /// Record-Route, as it stands from top to bottom.
    pub fn record_routes(&self) -> Vec<NameAddr> {
        self.name_addrs(Header::RecordRoute)
    }

    /// Route, as it stands from top to bottom.
    pub fn routes(&self) -> Vec<NameAddr> {
        self.name_addrs(Header::Route)
    }

    /// Privacy values (RFC 3323 §4.2), in lower case.
    pub fn privacy(&self) -> Vec<String> {
        let lines = self.lines(Header::Privacy);
        let mut out: Vec<String> = Vec::new();
        for line in lines {
            out.extend(line.split([';', ',']).map(|v| text::trim(v).to_ascii_lowercase()).filter(|v| !v.is_empty()));
        }
        out
    }

    /// Reason values (RFC 3326).
    pub fn reasons(&self) -> Vec<Reason> {
        self.values(Header::Reason).iter().filter_map(|v| Reason::parse(v)).collect()
    }

    fn tokens(&self, header: Header) -> Vec<String> {
        self.values(header).iter().map(|v| v.to_ascii_lowercase()).collect()
    }

    /// Octets of the values of one header, folding still in them.
    fn raw(&self, header: Header) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(move |line| line.header == Some(header)).map(|line| self.slice(&line.value))
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// What names it, and nothing that is private.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.start {
            Start::Request { method, .. } => write!(f, "Message({method}, Call-ID {})", self.call_id()),
            Start::Response { code, .. } => write!(f, "Message({code}, Call-ID {})", self.call_id()),
        }
    }
}

/// A value on one line: every line end with the blanks around it is one SP (RFC 3261 §7.3.1).
fn unfold(value: &[u8]) -> Cow<'_, str> {
    match unfold_bytes(value) {
        Cow::Borrowed(bytes) => text::decode(bytes),
        Cow::Owned(bytes) => Cow::Owned(text::decode(&bytes).into_owned()),
    }
}

/// [`unfold`] without decoding.
fn unfold_bytes(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    for piece in value.split(|&b| b == b'\n') {
        let piece = text::trim_bytes(piece.strip_suffix(b"\r").unwrap_or(piece));
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(piece);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
