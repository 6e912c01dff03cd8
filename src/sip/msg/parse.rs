//! Octets to a message: start line, index of the header lines, extent of the body.

use std::ops::Range;

use super::header::Header;
use super::method::Method;
use super::uri::Uri;
use super::{Line, Message, Start, check, text, unfold};
use crate::sip::limits;

/// What is wrong with octets that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing but line ends, or nothing (RFC 5626 §4.4.1, and habits of phones): nobody's fault.
    KeepAlive,
    /// Not SIP at all, or too broken to know where an answer goes.
    Garbage,
    /// SIP, but against its grammar or incomplete.
    Malformed,
    /// Another version than SIP/2.0.
    Version,
    /// Over a limit of [`limits`].
    TooLarge,
}

/// A refused message. The peer is to blame, except for [`Fault::KeepAlive`].
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// What kind of wrong.
    pub fault: Fault,
    /// What exactly, for the log.
    pub reason: &'static str,
    /// As much as could be read, where it is enough to answer it: a request with a Via. Every value in it
    /// may be missing or wrong; [`super::Draft::response`] copies them as they are.
    pub message: Option<Box<Message>>,
}

impl ParseError {
    pub(super) fn new(fault: Fault, reason: &'static str) -> ParseError {
        ParseError { fault, reason, message: None }
    }

    /// The status to refuse it with, by a stateless response to [`ParseError::message`]; none where it is
    /// to be dropped: responses, ACK, and what cannot be answered.
    pub fn status(&self) -> Option<u16> {
        let message = self.message.as_ref()?;
        match message.start() {
            Start::Request { method: Method::Ack, .. } | Start::Response { .. } => None,
            Start::Request { .. } => match self.fault {
                Fault::KeepAlive | Fault::Garbage => None,
                Fault::Malformed => Some(400),
                Fault::Version => Some(505),
                Fault::TooLarge => Some(513),
            },
        }
    }
}

/// The index of a message head.
pub(super) struct Head {
    /// The start line, without its line end.
    pub start: Range<usize>,
    pub lines: Vec<Line>,
    /// First octet behind the empty line.
    pub end: usize,
    /// The first thing that is wrong with the lines; those that can be read are there.
    pub defect: Option<(Fault, &'static str)>,
}

/// [`Message::parse`].
pub(super) fn message(bytes: &[u8]) -> Result<Message, ParseError> {
    let skipped = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let bytes = bytes.get(skipped..).unwrap_or_default();
    if bytes.iter().all(|&b| b == 0 || b.is_ascii_whitespace()) {
        return Err(ParseError::new(Fault::KeepAlive, "a keep-alive"));
    }
    if bytes.len() > limits::MESSAGE_BYTES {
        return Err(ParseError::new(Fault::TooLarge, "more than 64 KiB"));
    }
    let head = index(bytes)?;
    let start_text = text::decode(bytes.get(head.start.clone()).unwrap_or_default());
    let (start, start_defect) = start_line(&start_text)?;
    let mut message =
        Message { bytes: Vec::new(), start, lines: head.lines, body: head.end..bytes.len(), source: None };
    let defect = start_defect.or(head.defect);
    message.bytes = bytes.to_vec();
    let defect = defect.or_else(|| extent(&mut message)).or_else(|| check::message(&message));
    match defect {
        None => Ok(message),
        Some((fault, reason)) => {
            let answerable =
                matches!(message.start, Start::Request { .. }) && message.raw(Header::Via).next().is_some();
            Err(ParseError { fault, reason, message: answerable.then(|| Box::new(message)) })
        }
    }
}

/// Cuts the body to Content-Length (RFC 3261 §18.3).
fn extent(message: &mut Message) -> Option<(Fault, &'static str)> {
    let length = match content_length(&message.bytes, &message.lines) {
        Ok(None) => return None,
        Ok(Some(length)) => length,
        Err(reason) => return Some((Fault::Malformed, reason)),
    };
    let end = message.body.start.saturating_add(length);
    if end > message.bytes.len() {
        return Some((Fault::Malformed, "a Content-Length beyond the end"));
    }
    message.body.end = end;
    message.bytes.truncate(end);
    None
}

/// The one Content-Length of a head, if it has any.
pub(super) fn content_length(bytes: &[u8], lines: &[Line]) -> Result<Option<usize>, &'static str> {
    let mut found = None;
    for line in lines.iter().filter(|line| line.header == Some(Header::ContentLength)) {
        if found.is_some() {
            return Err("more than one Content-Length");
        }
        let value = unfold(bytes.get(line.value.clone()).unwrap_or_default());
        let length = text::number_u32(&value).and_then(|n| usize::try_from(n).ok());
        found = Some(length.ok_or("a Content-Length that is no number")?);
    }
    Ok(found)
}

/// Finds every header line up to the empty line, or to the end of a datagram that has none.
pub(super) fn index(bytes: &[u8]) -> Result<Head, ParseError> {
    let mut at = 0;
    let start = next_line(bytes, &mut at).ok_or(ParseError::new(Fault::Garbage, "no line end"))?;
    let mut head = Head { start, lines: Vec::with_capacity(16), end: bytes.len(), defect: None };
    if has_stray_end(bytes.get(head.start.clone()).unwrap_or_default()) {
        return Err(ParseError::new(Fault::Garbage, "a stray CR or LF in the start line"));
    }
    loop {
        let Some(line) = next_line(bytes, &mut at) else {
            head.defect.get_or_insert((Fault::Malformed, "no empty line behind the headers"));
            return Ok(head);
        };
        let content = bytes.get(line.clone()).unwrap_or_default();
        if content.is_empty() {
            head.end = at;
            return Ok(head);
        }
        if has_stray_end(content) {
            return Err(ParseError::new(Fault::Garbage, "a stray CR or LF in a header"));
        }
        if content.first().copied().is_some_and(text::is_lws) {
            match head.lines.last_mut() {
                Some(last) => last.value.end = line.start + trimmed_end(content),
                None => {
                    head.defect.get_or_insert((Fault::Malformed, "a folded line without a header"));
                }
            }
            continue;
        }
        if head.lines.len() == limits::HEADER_LINES {
            head.defect.get_or_insert((Fault::TooLarge, "more than 100 header lines"));
            continue;
        }
        match header_line(content, line.start) {
            Some(line) => head.lines.push(line),
            None => {
                head.defect.get_or_insert((Fault::Malformed, "a header line without name and colon"));
            }
        }
    }
}

/// The next line without its CRLF; moves behind it. None where no CRLF follows; a bare LF is part of a line.
fn next_line(bytes: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let rest = bytes.get(*at..)?;
    let mut from = 0;
    loop {
        let lf = from + rest.get(from..)?.iter().position(|&b| b == b'\n')?;
        if lf > 0 && rest.get(lf - 1) == Some(&b'\r') {
            let line = *at..*at + lf - 1;
            *at += lf + 1;
            return Some(line);
        }
        from = lf + 1;
    }
}

/// A CR or LF alone ends a line for some and not for others: such a line is never acted on or passed on.
fn has_stray_end(line: &[u8]) -> bool {
    line.iter().any(|b| matches!(b, b'\r' | b'\n'))
}

fn header_line(content: &[u8], offset: usize) -> Option<Line> {
    let colon = content.iter().position(|&b| b == b':')?;
    let name = text::trim_bytes(content.get(..colon)?);
    if !text::is_token(name) {
        return None;
    }
    let value = content.get(colon + 1..)?;
    let leading = value.iter().take_while(|&&b| text::is_lws(b)).count();
    let start = offset + colon + 1 + leading;
    let end = start.max(offset + trimmed_end(content));
    Some(Line { header: Header::of(name), name: offset..offset + name.len(), value: start..end })
}

/// Length without trailing blanks.
fn trimmed_end(content: &[u8]) -> usize {
    content.iter().rposition(|&b| !text::is_lws(b)).map_or(0, |last| last + 1)
}

/// Reads the first line. What is not SIP is an error; what is wrong SIP is kept as far as it goes.
type StartRead = (Start, Option<(Fault, &'static str)>);

fn start_line(line: &str) -> Result<StartRead, ParseError> {
    if line.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("SIP/")) {
        return status_line(line);
    }
    let Some((method, rest)) = line.split_once(' ') else {
        return Err(ParseError::new(Fault::Garbage, "not SIP"));
    };
    let trimmed = text::trim(rest);
    let Some((uri, version)) = trimmed.rsplit_once(' ') else {
        return Err(ParseError::new(Fault::Garbage, "not SIP"));
    };
    if !text::is_token(method.as_bytes()) || !is_version(version) {
        return Err(ParseError::new(Fault::Garbage, "not SIP"));
    }
    let method = Method::from_token(method);
    let refused = |fault, reason| {
        let start = Start::Request { method: method.clone(), uri: Uri::opaque(text::trim(uri)) };
        Ok((start, Some((fault, reason))))
    };
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return refused(Fault::Version, "another version than SIP/2.0");
    }
    if trimmed != rest || uri.contains([' ', '\t']) {
        return refused(Fault::Malformed, "blanks in the request line");
    }
    match Uri::parse(uri) {
        Err(error) => refused(Fault::Malformed, error.0),
        // RFC 3261 §19.1.1: headers are not allowed in a Request-URI.
        Ok(uri) if uri.is_sip() && uri.headers().next().is_some() => {
            refused(Fault::Malformed, "headers in the Request-URI")
        }
        Ok(uri) => Ok((Start::Request { method, uri }, None)),
    }
}

fn status_line(line: &str) -> Result<StartRead, ParseError> {
    let garbage = |reason| Err(ParseError::new(Fault::Garbage, reason));
    let (version, rest) = line.split_once(' ').unwrap_or((line, ""));
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return garbage("a response of another version than SIP/2.0");
    }
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    match text::number(code, 699).filter(|&code| code >= 100 && rest.len() >= 3).and_then(|c| u16::try_from(c).ok()) {
        Some(code) => Ok((Start::Response { code, reason: reason.to_owned() }, None)),
        None => garbage("a status code outside of 100 to 699"),
    }
}

/// `SIP/x.y`.
fn is_version(text: &str) -> bool {
    let Some((major, minor)) = text.get(4..).and_then(|numbers| numbers.split_once('.')) else { return false };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    text.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("SIP/")) && digits(major) && digits(minor)
}
