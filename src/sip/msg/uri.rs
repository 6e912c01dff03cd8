//! URIs (RFC 3261 §19.1, RFC 3966). Any scheme is kept; sip, sips and tel are read.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

use super::text;
use crate::sip::limits;

/// A text that is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a URI: {0}")]
pub struct BadUri(pub &'static str);

/// What a URI starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// Anything else: kept as text, never refused.
    Other,
}

/// A URI as it was written, with its parts known.
#[derive(Clone, Debug)]
pub struct Uri {
    text: String,
    scheme: Scheme,
    /// With the password, if there is one.
    user: Option<Range<usize>>,
    /// Name, IPv4, or IPv6 with its brackets; for `tel:` the number.
    host: Range<usize>,
    port: Option<u16>,
    params: Range<usize>,
    headers: Range<usize>,
}

impl Uri {
    /// Reads a URI that stands alone (no `<>`, no display name).
    pub fn parse(text: &str) -> Result<Uri, BadUri> {
        let colon = text.find(':').ok_or(BadUri("no scheme"))?;
        let scheme_text = text.get(..colon).unwrap_or("");
        if !is_scheme(scheme_text) {
            return Err(BadUri("no scheme"));
        }
        if text.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'<' | b'>' | b'"')) {
            return Err(BadUri("a blank, quote or bracket in it"));
        }
        let scheme = match scheme_text {
            s if s.eq_ignore_ascii_case("sip") => Scheme::Sip,
            s if s.eq_ignore_ascii_case("sips") => Scheme::Sips,
            s if s.eq_ignore_ascii_case("tel") => Scheme::Tel,
            _ => Scheme::Other,
        };
        match scheme {
            Scheme::Sip | Scheme::Sips => parse_sip(text, scheme, colon + 1),
            Scheme::Tel => parse_tel(text, colon + 1),
            Scheme::Other => Ok(Uri::opaque(text)),
        }
    }

    /// Whatever this text is, kept whole: for messages that are refused but answered.
    pub(super) fn opaque(text: &str) -> Uri {
        let end = text.len()..text.len();
        Uri {
            text: text.to_owned(),
            scheme: Scheme::Other,
            user: None,
            host: end.clone(),
            port: None,
            params: end.clone(),
            headers: end,
        }
    }

    /// `sip:user@host:port`; the user is escaped as needed, "" leaves it out.
    pub fn sip(user: &str, host: IpAddr, port: Option<u16>) -> Uri {
        let mut text = String::from("sip:");
        if !user.is_empty() {
            escape_user(&mut text, user);
            text.push('@');
        }
        text.push_str(&host_text(host));
        if let Some(port) = port {
            text.push_str(&format!(":{port}"));
        }
        Uri::parse(&text).unwrap_or_else(|_| Uri::opaque(&text))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme; [`Uri::as_str`] tells the name of others.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// sip or sips.
    pub fn is_sip(&self) -> bool {
        matches!(self.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// User part without password, still escaped; "" where only the `@` is there, as some gateways send it.
    pub fn user_raw(&self) -> Option<&str> {
        let user = self.part(self.user.as_ref()?);
        Some(user.split_once(':').map_or(user, |(user, _)| user))
    }

    /// User part without password, unescaped; may hold any character, NUL included.
    pub fn user(&self) -> Option<Cow<'_, str>> {
        self.user_raw().map(text::unescape)
    }

    /// The number of a `tel:` URI without visual separators: `+4971112345`.
    pub fn number(&self) -> Option<String> {
        (self.scheme == Scheme::Tel)
            .then(|| self.part(&self.host).chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')')).collect())
    }

    /// Who is meant: the user part of sip(s), unescaped, or the number of `tel:`; "" where there is none.
    pub fn who(&self) -> String {
        self.number().or_else(|| self.user().map(Cow::into_owned)).unwrap_or_default()
    }

    /// Host as written, without the brackets of IPv6; "" for schemes without a host.
    pub fn host(&self) -> &str {
        if !self.is_sip() {
            return "";
        }
        let host = self.part(&self.host);
        host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
    }

    /// The host as an address, where it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        ip_of(self.host())
    }

    /// The port that stands there; none for the default.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// A parameter by name, any case: `Some("")` where it has no value. Still escaped.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().find(|(n, _)| text::unescape(n).eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Parameters in order, still escaped; at most [`limits::PARAMS`], because comparing is quadratic.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.part(&self.params), ';')
    }

    /// Header fields behind `?`, still escaped; at most [`limits::PARAMS`].
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.part(&self.headers), '&')
    }

    /// A loose router (RFC 3261 §16.12): `;lr` is there.
    pub fn is_loose(&self) -> bool {
        self.param("lr").is_some()
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or("")
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Uri {
    type Err = BadUri;
    fn from_str(text: &str) -> Result<Self, BadUri> {
        Uri::parse(text)
    }
}

/// Equality of RFC 3261 §19.1.4 for sip and sips, of RFC 3966 §4 for tel, of octets for others.
impl PartialEq for Uri {
    fn eq(&self, other: &Uri) -> bool {
        if self.scheme != other.scheme {
            return false;
        }
        match self.scheme {
            Scheme::Other => self.text == other.text,
            Scheme::Tel => {
                self.number() == other.number() && same_params(self, other, &["phone-context", "ext", "isub"])
            }
            Scheme::Sip | Scheme::Sips => {
                let password = |uri: &Uri| {
                    let user = uri.user.as_ref().map(|u| uri.part(u))?;
                    user.split_once(':').map(|(_, p)| text::unescape(p).into_owned())
                };
                self.user() == other.user()
                    && password(self) == password(other)
                    && same_host(self, other)
                    && self.port == other.port
                    && same_params(self, other, &["user", "ttl", "method", "maddr", "transport"])
                    && same_headers(self, other)
            }
        }
    }
}

impl Eq for Uri {}

fn pairs(text: &str, separator: char) -> impl Iterator<Item = (&str, &str)> {
    let pieces = text.split(separator).filter(|piece| !piece.is_empty()).take(limits::PARAMS);
    pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

fn same_host(a: &Uri, b: &Uri) -> bool {
    match (a.ip(), b.ip()) {
        (Some(a), Some(b)) => a == b,
        _ => a.host().eq_ignore_ascii_case(b.host()),
    }
}

/// Parameters in both must match; those of `always` count as different where only one side has them.
fn same_params(a: &Uri, b: &Uri, always: &[&str]) -> bool {
    // Of a parameter that stands twice the first counts, on both sides: a URI is always equal to itself.
    let agrees = |a: &Uri, b: &Uri| {
        a.params().all(|(name, _)| {
            let name = text::unescape(name);
            match (a.param(&name), b.param(&name)) {
                (Some(one), Some(other)) => text::unescape(one).eq_ignore_ascii_case(&text::unescape(other)),
                _ => !always.iter().any(|must| must.eq_ignore_ascii_case(&name)),
            }
        })
    };
    agrees(a, b) && agrees(b, a)
}

fn same_headers(a: &Uri, b: &Uri) -> bool {
    let sorted = |uri: &Uri| {
        let mut all: Vec<_> =
            uri.headers().map(|(n, v)| (n.to_ascii_lowercase(), text::unescape(v).into_owned())).collect();
        all.sort();
        all
    };
    sorted(a) == sorted(b)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn parse_sip(text: &str, scheme: Scheme, start: usize) -> Result<Uri, BadUri> {
    let rest = text.get(start..).unwrap_or("");
    // The user part may hold ';', '?' and '/' as they are, '@' only escaped (RFC 3261 §25.1): the first divides.
    let (user, host_start) = match rest.find('@') {
        Some(at) => (Some(start..start + at), start + at + 1),
        None => (None, start),
    };
    let tail = text.get(host_start..).unwrap_or("");
    let host_len = host_length(tail)?;
    let host = host_start..host_start + host_len;
    let after = tail.get(host_len..).unwrap_or("");
    let (port, port_len) = match after.strip_prefix(':') {
        None => (None, 0),
        Some(digits) => {
            let len = digits.find([';', '?']).unwrap_or(digits.len());
            let port =
                text::number(digits.get(..len).unwrap_or(""), 65_535).ok_or(BadUri("a port that is no number"))?;
            (u16::try_from(port).ok(), len + 1)
        }
    };
    let params_at = host.end + port_len;
    let tail = text.get(params_at..).unwrap_or("");
    let question = tail.find('?').map_or(text.len(), |at| params_at + at);
    let params = match tail.strip_prefix(';') {
        Some(_) => params_at + 1..question,
        None if tail.is_empty() || tail.starts_with('?') => question..question,
        None => return Err(BadUri("something behind the host that is no parameter")),
    };
    let headers = (question + 1).min(text.len())..text.len();
    Ok(Uri { text: text.to_owned(), scheme, user, host, port, params, headers })
}

/// Octets of the host at the start of `tail`.
fn host_length(tail: &str) -> Result<usize, BadUri> {
    if tail.starts_with('[') {
        let end = tail.find(']').ok_or(BadUri("an IPv6 address without its ]"))?;
        ip_of(tail.get(1..end).unwrap_or("")).ok_or(BadUri("no IPv6 address in []"))?;
        return Ok(end + 1);
    }
    let len = tail.find([':', ';', '?']).unwrap_or(tail.len());
    let host = tail.get(..len).unwrap_or("");
    // Underscores and letters beyond ASCII occur in real host names; they are kept, never resolved here.
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') || !c.is_ascii();
    if host.is_empty() || !host.chars().all(good) {
        return Err(BadUri("no host"));
    }
    Ok(len)
}

fn parse_tel(text: &str, start: usize) -> Result<Uri, BadUri> {
    let rest = text.get(start..).unwrap_or("");
    let len = rest.find([';', '?']).unwrap_or(rest.len());
    if len == 0 {
        return Err(BadUri("tel without a number"));
    }
    let params = (start + len + 1).min(text.len())..text.len();
    let end = text.len()..text.len();
    Ok(Uri {
        text: text.to_owned(),
        scheme: Scheme::Tel,
        user: None,
        host: start..start + len,
        port: None,
        params,
        headers: end,
    })
}

/// An address of a host text, brackets or not; takes the third colon that RFC 5118 §4.10 is generous about.
pub fn ip_of(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = host.parse() {
        return Some(ip);
    }
    host.replacen(":::", "::", 1).parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

/// An address as a host: IPv6 in brackets.
pub fn host_text(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// user = unreserved / escaped / user-unreserved (RFC 3261 §25.1).
fn escape_user(out: &mut String, user: &str) {
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}
