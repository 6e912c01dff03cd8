//! Values of header fields: name-addr, Via, parameters.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::text::{self, find_outside, is_token, split_outside, trim};
use super::uri::{Uri, host_text, ip_of};
use crate::sip::limits;

/// A header value that does not follow its grammar, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub &'static str);

/// Parameters of a value: `;name=value;name`. Quoted values are kept without quotes and escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// Reads what stands behind the first `;` of a value ("" is none).
    pub(super) fn parse(text: &str) -> Result<Params, BadValue> {
        let mut params = Vec::new();
        if trim(text).is_empty() {
            return Ok(Params(params));
        }
        for piece in split_outside(text, b';') {
            if params.len() == limits::PARAMS {
                return Err(BadValue("too many parameters"));
            }
            let (name, value) = match find_outside(piece, b"=") {
                Some(at) => (trim(piece.get(..at).unwrap_or("")), Some(trim(piece.get(at + 1..).unwrap_or("")))),
                None => (piece, None),
            };
            if !is_token(name.as_bytes()) {
                return Err(BadValue("a parameter without a name"));
            }
            let value = match value {
                Some(value) if value.starts_with('"') => match text::quoted(value) {
                    Some((content, rest)) if trim(rest).is_empty() => Some(content),
                    _ => return Err(BadValue("a quoted parameter without its end")),
                },
                Some("") => return Err(BadValue("a parameter without its value")),
                other => other.map(str::to_owned),
            };
            params.push((name.to_owned(), value));
        }
        Ok(Params(params))
    }

    /// Behind a `;` that is there: an empty one is a stray separator (RFC 4475 §3.1.2.1).
    fn parse_required(text: &str) -> Result<Params, BadValue> {
        if trim(text).is_empty() {
            return Err(BadValue("a ; without a parameter"));
        }
        Params::parse(text)
    }

    /// A parameter by name, any case: `Some("")` where it has no value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.unwrap_or(""))
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Sets or adds one.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        match self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value.map(str::to_owned),
            None => self.0.push((name.to_owned(), value.map(str::to_owned))),
        }
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            match value {
                None => write!(f, ";{name}")?,
                Some(value) if is_plain(value) => write!(f, ";{name}={value}")?,
                Some(value) => write!(f, ";{name}={}", text::quote(value))?,
            }
        }
        Ok(())
    }
}

/// Needs no quotes: token characters and those of a host.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| text::is_token_byte(b) || matches!(b, b'[' | b']' | b':'))
}

/// `"display" <uri>;params`: From, To, Contact, Route, P-Asserted-Identity and their like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name without quotes and escapes; "" for none.
    pub display: String,
    /// The URI.
    pub uri: Uri,
    /// Parameters of the header (those of the URI are in it).
    pub params: Params,
}

impl NameAddr {
    /// A URI without display name and parameters.
    pub fn new(uri: Uri) -> NameAddr {
        NameAddr { display: String::new(), uri, params: Params::default() }
    }

    /// Reads one value.
    pub fn parse(value: &str) -> Result<NameAddr, BadValue> {
        let value = trim(value);
        let (display, rest) = if value.starts_with('"') {
            let (display, rest) = text::quoted(value).ok_or(BadValue("a display name without its closing quote"))?;
            let rest = trim(rest);
            if !rest.starts_with('<') {
                return Err(BadValue("a display name without <URI>"));
            }
            (display, rest)
        } else {
            match value.find('<') {
                // Not "*(token LWS)" to the letter: names with dots, brackets and letters beyond ASCII are
                // sent unquoted by many, and only what would divide the value is ambiguous.
                Some(at) => {
                    let display = trim(value.get(..at).unwrap_or(""));
                    if display.contains([',', ';', '"', '>']) {
                        return Err(BadValue("a display name that needs quotes"));
                    }
                    (display.to_owned(), value.get(at..).unwrap_or(""))
                }
                None => return Self::parse_bare(value),
            }
        };
        let end = rest.find('>').ok_or(BadValue("a < without its >"))?;
        let uri = Uri::parse(rest.get(1..end).unwrap_or("")).map_err(|e| BadValue(e.0))?;
        let tail = trim(rest.get(end + 1..).unwrap_or(""));
        let params = match tail.strip_prefix(';') {
            Some(params) => Params::parse_required(params)?,
            None if tail.is_empty() => Params::default(),
            None => return Err(BadValue("something behind <URI> that is no parameter")),
        };
        Ok(NameAddr { display, uri, params })
    }

    /// addr-spec: every `;` belongs to the header, and `,` and `?` must not occur (RFC 3261 §20).
    fn parse_bare(value: &str) -> Result<NameAddr, BadValue> {
        let (uri, params) = match value.split_once(';') {
            Some((uri, params)) => (trim(uri), Params::parse_required(params)?),
            None => (value, Params::default()),
        };
        if uri.contains([',', '?']) {
            return Err(BadValue("a URI with , or ? outside of <>"));
        }
        let uri = Uri::parse(uri).map_err(|e| BadValue(e.0))?;
        Ok(NameAddr { display: String::new(), uri, params })
    }

    /// The dialog tag; none where it is absent or empty.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }

    /// The same with this tag.
    pub fn with_tag(mut self, tag: &str) -> NameAddr {
        self.params.set("tag", Some(tag));
        self
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.display.is_empty() {
            write!(f, "{} ", text::quote(&self.display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// One Via value (RFC 3261 §20.42).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, … as written.
    pub transport: String,
    /// sent-by host, without the brackets of IPv6.
    pub host: String,
    /// sent-by port; none for the default.
    pub port: Option<u16>,
    /// Parameters.
    pub params: Params,
}

impl Via {
    /// Ours: `SIP/2.0/transport host:port;rport;branch=…`.
    pub fn new(transport: &str, host: IpAddr, port: Option<u16>, branch: &str) -> Via {
        let mut params = Params::default();
        params.set("rport", None);
        params.set("branch", Some(branch));
        Via { transport: transport.to_owned(), host: host.to_string(), port, params }
    }

    /// Reads one value. Blanks may stand around `/`, `:` and `;`.
    pub fn parse(value: &str) -> Result<Via, BadValue> {
        let mut pieces = value.splitn(3, '/').map(trim);
        let (name, version) = (pieces.next().unwrap_or(""), pieces.next().unwrap_or(""));
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(BadValue("a Via of another protocol"));
        }
        let rest = pieces.next().unwrap_or("");
        let end = rest.find([' ', '\t']).ok_or(BadValue("a Via without a host"))?;
        let transport = rest.get(..end).unwrap_or("");
        if !is_token(transport.as_bytes()) {
            return Err(BadValue("a Via without a transport"));
        }
        let rest = trim(rest.get(end..).unwrap_or(""));
        let (sent_by, params) = match rest.split_once(';') {
            Some((sent_by, params)) => (trim(sent_by), Params::parse_required(params)?),
            None => (rest, Params::default()),
        };
        let (host, port) = sent_by_parts(sent_by)?;
        Ok(Via { transport: transport.to_owned(), host, port, params })
    }

    /// The transaction id; none where it is absent or empty.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch where it is unique by RFC 3261 §8.1.1.7: the magic cookie and something behind it.
    pub fn unique_branch(&self) -> Option<&str> {
        self.branch().filter(|b| b.len() > 7 && b.get(..7).is_some_and(|c| c.eq_ignore_ascii_case("z9hG4bK")))
    }

    /// Where the request really came from.
    pub fn received(&self) -> Option<IpAddr> {
        self.params.get("received").and_then(ip_of)
    }

    /// `rport` is there, filled or not (RFC 3581).
    pub fn wants_rport(&self) -> bool {
        self.params.get("rport").is_some()
    }

    /// The port of a filled `rport`.
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }

    /// Notes where the request came from (RFC 3261 §18.2.1, RFC 3581 §4): `received` where the sent-by
    /// host is another or `rport` was asked for, and the port where it was.
    pub fn stamp(&mut self, source: SocketAddr) {
        let wants = self.wants_rport();
        if wants {
            self.params.set("rport", Some(&source.port().to_string()));
        }
        if wants || ip_of(&self.host) != Some(source.ip()) {
            self.params.set("received", Some(&source.ip().to_string()));
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = ip_of(&self.host).map_or_else(|| self.host.clone(), host_text);
        write!(f, "SIP/2.0/{} {host}", self.transport)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)
    }
}

fn sent_by_parts(sent_by: &str) -> Result<(String, Option<u16>), BadValue> {
    let (host, port) = match sent_by.strip_prefix('[') {
        Some(rest) => {
            let (host, tail) = rest.split_once(']').ok_or(BadValue("a Via with [ but no ]"))?;
            ip_of(host).ok_or(BadValue("a Via with a wrong address"))?;
            let tail = trim(tail);
            match tail.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if tail.is_empty() => (host, None),
                None => return Err(BadValue("a Via with more than a host and a port")),
            }
        }
        None => match sent_by.split_once(':') {
            Some((host, port)) => (trim(host), Some(port)),
            None => (sent_by, None),
        },
    };
    if host.is_empty() || host.contains([' ', '\t', ',', '"', '<', '>']) {
        return Err(BadValue("a Via without a host"));
    }
    let port = match port {
        Some(port) => {
            let port = text::number(trim(port), 65_535).ok_or(BadValue("a Via with a wrong port"))?;
            u16::try_from(port).ok()
        }
        None => None,
    };
    Ok((host.to_owned(), port))
}

/// Why something ended (RFC 3326).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `SIP`, `Q.850`, …
    pub protocol: String,
    /// The number in it.
    pub cause: Option<u32>,
    /// The text in it.
    pub text: Option<String>,
}

impl Reason {
    pub(super) fn parse(value: &str) -> Option<Reason> {
        let (protocol, params) = value.split_once(';').unwrap_or((value, ""));
        let params = Params::parse(params).unwrap_or_default();
        let protocol = trim(protocol);
        is_token(protocol.as_bytes()).then(|| Reason {
            protocol: protocol.to_owned(),
            cause: params.get("cause").and_then(text::number_u32),
            text: params.get("text").map(str::to_owned),
        })
    }
}
