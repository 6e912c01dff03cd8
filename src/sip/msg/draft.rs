//! Printing of messages.

use std::fmt::Display;
use std::io::Write as _;

use super::header::Header;
use super::method::Method;
use super::uri::Uri;
use super::{Message, Start, text, unfold_bytes};

/// A message that is being written. Content-Length is always printed; no value can start a new line.
#[derive(Clone, Debug)]
pub struct Draft {
    head: Vec<u8>,
    /// To of a response, until its tag is known.
    to: Vec<u8>,
    tail: Vec<u8>,
    body: Vec<u8>,
}

impl Draft {
    /// A request with nothing but its first line.
    pub fn request(method: Method, uri: &Uri) -> Draft {
        let mut head = Vec::with_capacity(512);
        head.extend_from_slice(method.as_str().as_bytes());
        head.push(b' ');
        push_clean(&mut head, uri.as_str().as_bytes());
        head.extend_from_slice(b" SIP/2.0\r\n");
        Draft { head, to: Vec::new(), tail: Vec::new(), body: Vec::new() }
    }

    /// A response (RFC 3261 §8.2.6.2): Via of all hops, the top one stamped with the request's source
    /// ([`Message::stamp`]), From, To, Call-ID and CSeq as they came; Record-Route where the response can
    /// form a dialog (§12.1.1); Timestamp in a 100 (§8.2.6.1).
    pub fn response(request: &Message, code: u16) -> Draft {
        let mut head = Vec::with_capacity(512);
        let _ = write!(head, "SIP/2.0 {code} {}\r\n", reason_phrase(code));
        push_vias(&mut head, request);
        if forms_dialog(request, code) {
            push_copies(&mut head, request, Header::RecordRoute);
        }
        push_copies(&mut head, request, Header::From);
        let to = request.raw(Header::To).next().map(|to| unfold_bytes(to).into_owned()).unwrap_or_default();
        let mut tail = Vec::with_capacity(256);
        push_copies(&mut tail, request, Header::CallId);
        push_copies(&mut tail, request, Header::CSeq);
        if code == 100 {
            push_copies(&mut tail, request, Header::Timestamp);
        }
        Draft { head, to, tail, body: Vec::new() }
    }

    /// Gives To of a response its tag, where it has none.
    pub fn tag(mut self, tag: &str) -> Draft {
        let has = super::NameAddr::parse(&text::decode(&self.to)).is_ok_and(|to| to.tag().is_some());
        if !self.to.is_empty() && !has {
            self.to.extend_from_slice(b";tag=");
            push_clean(&mut self.to, tag.as_bytes());
        }
        self
    }

    /// Adds a header line. CR, LF and NUL in name or value become blanks: nothing can start a new line.
    pub fn header(mut self, name: impl AsRef<str>, value: impl Display) -> Draft {
        push_clean(&mut self.tail, name.as_ref().as_bytes());
        self.tail.extend_from_slice(b": ");
        push_clean(&mut self.tail, value.to_string().as_bytes());
        self.tail.extend_from_slice(b"\r\n");
        self
    }

    /// Sets the body and its Content-Type.
    pub fn body(mut self, content_type: &str, bytes: &[u8]) -> Draft {
        self.body = bytes.to_vec();
        self.header(Header::ContentType, content_type)
    }

    /// The whole message.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut out = self.head;
        out.reserve(self.to.len() + self.tail.len() + self.body.len() + 48);
        if !self.to.is_empty() {
            out.extend_from_slice(b"To: ");
            out.extend_from_slice(&self.to);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(&self.tail);
        let _ = write!(out, "Content-Length: {}\r\n\r\n", self.body.len());
        out.extend_from_slice(&self.body);
        out
    }
}

/// Via lines of the request; the source goes into the top one, where that can be read.
fn push_vias(out: &mut Vec<u8>, request: &Message) {
    let mut lines = request.raw(Header::Via);
    if request.source().is_some()
        && let Some(top) = request.via()
        && let Some(first) = lines.next()
    {
        let _ = write!(out, "Via: {top}\r\n");
        let first = unfold_bytes(first);
        let rest = text::decode(&first);
        if let Some(at) = text::find_outside(&rest, b",") {
            push_copy(out, Header::Via, text::trim(rest.get(at + 1..).unwrap_or("")).as_bytes());
        }
    }
    for line in lines {
        push_copy(out, Header::Via, &unfold_bytes(line));
    }
}

fn push_copies(out: &mut Vec<u8>, request: &Message, header: Header) {
    for line in request.raw(header) {
        push_copy(out, header, &unfold_bytes(line));
    }
}

/// A value as it came: it is one line already, and every other octet of it is the peer's to compare.
fn push_copy(out: &mut Vec<u8>, header: Header, value: &[u8]) {
    out.extend_from_slice(header.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn push_clean(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes.iter().map(|&b| if matches!(b, b'\r' | b'\n' | 0) { b' ' } else { b }));
}

fn forms_dialog(request: &Message, code: u16) -> bool {
    let method = matches!(
        request.start(),
        Start::Request { method: Method::Invite | Method::Subscribe | Method::Notify | Method::Refer, .. }
    );
    method && (101..300).contains(&code)
}

/// The usual words of a status code; those of its class where it has none.
pub fn reason_phrase(code: u16) -> &'static str {
    if let Ok(at) = PHRASES.binary_search_by_key(&code, |&(c, _)| c)
        && let Some(&(_, phrase)) = PHRASES.get(at)
    {
        return phrase;
    }
    match code / 100 {
        1 => "Progress",
        2 => "Success",
        3 => "Redirection",
        4 => "Request Failure",
        5 => "Server Failure",
        _ => "Global Failure",
    }
}

/// The words of the codes that are registered for SIP, by code.
const PHRASES: &[(u16, &str)] = &[
    (100, "Trying"),
    (180, "Ringing"),
    (181, "Call Is Being Forwarded"),
    (182, "Queued"),
    (183, "Session Progress"),
    (199, "Early Dialog Terminated"),
    (200, "OK"),
    (202, "Accepted"),
    (204, "No Notification"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Moved Temporarily"),
    (305, "Use Proxy"),
    (380, "Alternative Service"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (410, "Gone"),
    (413, "Request Entity Too Large"),
    (414, "Request-URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Unsupported URI Scheme"),
    (420, "Bad Extension"),
    (421, "Extension Required"),
    (422, "Session Interval Too Small"),
    (423, "Interval Too Brief"),
    (429, "Provide Referrer Identity"),
    (433, "Anonymity Disallowed"),
    (469, "Bad Info Package"),
    (480, "Temporarily Unavailable"),
    (481, "Call/Transaction Does Not Exist"),
    (482, "Loop Detected"),
    (483, "Too Many Hops"),
    (484, "Address Incomplete"),
    (485, "Ambiguous"),
    (486, "Busy Here"),
    (487, "Request Terminated"),
    (488, "Not Acceptable Here"),
    (489, "Bad Event"),
    (491, "Request Pending"),
    (493, "Undecipherable"),
    (494, "Security Agreement Required"),
    (500, "Server Internal Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Server Time-out"),
    (505, "Version Not Supported"),
    (513, "Message Too Large"),
    (600, "Busy Everywhere"),
    (603, "Decline"),
    (604, "Does Not Exist Anywhere"),
    (606, "Not Acceptable"),
    (607, "Unwanted"),
    (608, "Rejected"),
];

/// They are searched by halves.
#[cfg(test)]
pub(super) fn phrases_are_sorted() -> bool {
    PHRASES.is_sorted_by_key(|&(code, _)| code)
}
