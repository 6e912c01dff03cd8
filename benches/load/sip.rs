//! As much of SIP as a caller and a bare answerer need: text made and text looked at, trusting the other
//! end, which is ours. Nothing here is shared with the server under test.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddrV4};

/// A message whose lines can be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Request line or status line.
    pub first: &'a str,
    head: &'a str,
    /// What follows the empty line.
    pub body: &'a str,
}

impl<'a> Message<'a> {
    /// Splits a datagram; none if it is not text or has no head.
    pub fn parse(bytes: &'a [u8]) -> Option<Message<'a>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let (first, head) = head.split_once("\r\n")?;
        Some(Message { first, head, body })
    }

    /// The status of an answer; none for a request.
    pub fn status(&self) -> Option<u16> {
        self.first.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub fn method(&self) -> &'a str {
        self.first.split(' ').next().unwrap_or("")
    }

    /// The first line of that name, long or compact.
    pub fn header(&self, name: &'static str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// All lines of that name.
    pub fn headers(&self, name: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        let short = match name {
            "Via" => "v",
            "From" => "f",
            "To" => "t",
            "Call-ID" => "i",
            "Contact" => "m",
            _ => name,
        };
        self.head.split("\r\n").filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            let key = key.trim();
            (key.eq_ignore_ascii_case(name) || key.eq_ignore_ascii_case(short)).then(|| value.trim())
        })
    }

    /// The method that an answer belongs to.
    pub fn cseq_method(&self) -> &'a str {
        self.header("CSeq").and_then(|value| value.split_ascii_whitespace().nth(1)).unwrap_or("")
    }

    /// Where the body wants its RTP.
    pub fn rtp_address(&self) -> Option<SocketAddrV4> {
        let line = |start: &str| self.body.lines().find_map(|line| line.strip_prefix(start)).map(str::trim);
        let ip: Ipv4Addr = line("c=IN IP4 ")?.parse().ok()?;
        let port: u16 = line("m=audio ")?.split(' ').next()?.parse().ok()?;
        Some(SocketAddrV4::new(ip, port))
    }
}

/// The URI of a From, To or Contact value.
pub fn uri(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => value.split(';').next().unwrap_or(value),
    }
}

/// The user part of a `sip:` URI.
pub fn user(uri: &str) -> &str {
    let rest = uri.strip_prefix("sip:").unwrap_or(uri);
    rest.split_once('@').map_or("", |(user, _)| user)
}

/// A description of one A-law stream with keys.
pub fn sdp(rtp: SocketAddrV4) -> String {
    let (ip, port) = (rtp.ip(), rtp.port());
    format!(
        "v=0\r\no=- {port} 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

/// An answer to `request` (RFC 3261 §8.2.6); `tag` is added to To where it has none.
pub fn answer(request: &Message<'_>, status: &str, tag: &str, contact: SocketAddrV4, body: &str) -> String {
    let mut out = format!("SIP/2.0 {status}\r\n");
    for via in request.headers("Via") {
        let _ = write!(out, "Via: {via}\r\n");
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        let value = request.header(name).unwrap_or("");
        let tagged = name != "To" || value.contains(";tag=");
        let _ = if tagged { write!(out, "{name}: {value}\r\n") } else { write!(out, "{name}: {value};tag={tag}\r\n") };
    }
    let _ = write!(out, "Contact: <sip:{contact}>\r\n");
    finish(&mut out, body);
    out
}

/// Content headers, the empty line and the body.
pub fn finish(out: &mut String, body: &str) {
    if !body.is_empty() {
        out.push_str("Content-Type: application/sdp\r\n");
    }
    let _ = write!(out, "Content-Length: {}\r\n\r\n{body}", body.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:+49711@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa\r\n\
        f: \"A <b\" <sip:+4971100@127.0.0.1>;tag=x\r\nTo: <sip:+49711@127.0.0.1>\r\nCall-ID: 7@x\r\nCSeq: 1 INVITE\r\n\r\n\
        v=0\r\nc=IN IP4 127.0.0.2\r\nm=audio 4000 RTP/AVP 8\r\n";

    #[test]
    fn what_is_needed_is_found() {
        let message = Message::parse(INVITE.as_bytes()).unwrap();
        assert_eq!((message.method(), message.status(), message.cseq_method()), ("INVITE", None, "INVITE"));
        assert_eq!(message.rtp_address(), Some("127.0.0.2:4000".parse().unwrap()));
        assert_eq!(user(uri("<sip:+4971100@127.0.0.1>;tag=x")), "+4971100");
    }

    #[test]
    fn an_answer_belongs_to_its_request() {
        let request = Message::parse(INVITE.as_bytes()).unwrap();
        let text = answer(&request, "200 OK", "t1", "127.0.0.1:5060".parse().unwrap(), "v=0\r\n");
        let message = Message::parse(text.as_bytes()).unwrap();
        assert_eq!(message.status(), Some(200));
        assert!(message.header("To").unwrap().ends_with(";tag=t1"));
        assert_eq!(message.header("Via"), request.header("Via"));
        assert_eq!(message.body, "v=0\r\n");
    }
}
