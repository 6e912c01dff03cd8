//! From the bytes of a description to the little that we use of it.

use std::net::{IpAddr, SocketAddr};

use super::{Capabilities, Codec, Direction, Local, Negotiated, Refusal};

/// Longest description. A message is at most 64 KiB (SECURITY.md); half of it is plenty.
const BYTES_MAX: usize = 32 * 1024;
/// Most media lines (SECURITY.md).
const MEDIA_MAX: usize = 8;
/// Most payload types of a media line (SECURITY.md).
const PAYLOADS_MAX: usize = 64;
/// Packet lengths that we send, and the one where none is asked for (RFC 3551 §4.2).
const PTIME_MS: (u8, u8) = (10, 60);
const PTIME_DEFAULT_MS: u8 = 20;
/// Static payload type of comfort noise (RFC 3389 §4).
const COMFORT_NOISE: u8 = 13;

/// What the other side sent.
#[derive(Debug)]
pub struct Description {
    /// Its first `t=`: an answer has the same (RFC 3264 §6).
    pub time: Option<String>,
    /// Its media lines, in order.
    pub streams: Vec<Stream>,
}

/// One media line with what belongs to it.
#[derive(Debug)]
pub struct Stream {
    /// "audio", "video", …
    pub media: String,
    /// "RTP/AVP", …
    pub proto: String,
    /// The format list as it stands there.
    pub formats: String,
    /// Our codecs in it, in its order.
    pub codecs: Vec<Payload>,
    /// The payload type of telephone-event/8000.
    pub event: Option<u8>,
    /// Comfort noise is among the formats.
    pub comfort_noise: bool,
    port: u16,
    address: Option<IpAddr>,
    direction: Direction,
    ptime_ms: u8,
    rtcp: Option<(u16, Option<IpAddr>)>,
    rtcp_mux: bool,
}

/// A codec under a payload type.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    pub codec: Codec,
    pub payload: u8,
}

impl Description {
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > BYTES_MAX {
            return Err(Refusal::Malformed("longer than 32 KiB"));
        }
        let text = text(bytes);
        let lines = || text.split('\n').map(|line| line.trim_end_matches('\r'));
        if lines().filter(|line| line.starts_with("m=")).count() > MEDIA_MAX {
            return Err(Refusal::Malformed("more than 8 media lines"));
        }
        // Nothing but these is used, so nothing else can make a call fail: devices are careless about
        // o=, b=, e=, k= and t=.
        let used: String = lines()
            .filter(|line| ["v=", "c=", "m=", "a="].iter().any(|key| line.starts_with(key)))
            .fold(String::with_capacity(text.len()), |mut all, line| {
                all.push_str(line);
                all.push_str("\r\n");
                all
            });
        let session =
            sdp_types::Session::parse(used.as_bytes()).map_err(|_| Refusal::Malformed("a line breaks the grammar"))?;
        let streams = session.medias.iter().map(|media| Stream::read(&session, media)).collect::<Result<_, _>>()?;
        let time = lines()
            .find_map(|line| line.strip_prefix("t="))
            .filter(|time| time.len() <= 40 && time.bytes().all(|b| b.is_ascii_digit() || b == b' '))
            .map(str::to_owned);
        Ok(Description { time, streams })
    }
}

impl Stream {
    fn read(session: &sdp_types::Session, media: &sdp_types::Media) -> Result<Self, Refusal> {
        if media.fmt.split_whitespace().count() > PAYLOADS_MAX {
            return Err(Refusal::Malformed("more than 64 payload types in a media line"));
        }
        let attribute = |name: &str| value(&media.attributes, name);
        let connection = media.connections.first().or(session.connection.as_ref());
        let mut stream = Stream {
            media: media.media.clone(),
            proto: media.proto.clone(),
            formats: media.fmt.clone(),
            codecs: Vec::new(),
            event: None,
            comfort_noise: false,
            port: media.port,
            // A name instead of an address would mean DNS on a stranger's word: not done.
            address: connection.and_then(|c| c.try_address().ok()).map(|address| address.ip.to_canonical()),
            direction: direction(&media.attributes)
                .or_else(|| direction(&session.attributes))
                .unwrap_or(Direction::SendRecv),
            ptime_ms: ptime(attribute("ptime"), attribute("maxptime")),
            rtcp: attribute("rtcp").and_then(rtcp),
            rtcp_mux: media.attributes.iter().any(|a| a.attribute.eq_ignore_ascii_case("rtcp-mux")),
        };
        stream.read_formats(&media.attributes);
        Ok(stream)
    }

    fn read_formats(&mut self, attributes: &[sdp_types::Attribute]) {
        let maps: Vec<(u8, &str)> =
            attributes.iter().filter(|a| a.attribute.eq_ignore_ascii_case("rtpmap")).filter_map(rtpmap).collect();
        for payload in self.formats.split_whitespace().filter_map(|f| f.parse::<u8>().ok()).filter(|pt| *pt < 128) {
            // A map outweighs the static assignment: "static" numbers are remapped in the wild.
            let map = maps.iter().find(|(pt, _)| *pt == payload).map(|(_, encoding)| *encoding);
            match map.map_or_else(|| Format::by_number(payload), Format::by_name) {
                Some(Format::Audio(codec)) => self.codecs.push(Payload { codec, payload }),
                Some(Format::Event) => self.event = self.event.or(Some(payload)),
                Some(Format::ComfortNoise) => self.comfort_noise |= payload == COMFORT_NOISE,
                None => {}
            }
        }
    }

    /// The first of its codecs that is ours; none where the stream cannot be used at all.
    pub fn common(&self, caps: &Capabilities, local: &Local) -> Option<Payload> {
        let plain_rtp = ["RTP/AVP", "RTP/AVPF"].iter().any(|proto| self.proto.eq_ignore_ascii_case(proto));
        let address = self.address?;
        // Alternatives in both families come as two streams (RFC 4091): take the one that we can reach.
        let reachable = address.is_unspecified() || address.is_ipv4() == local.rtp.ip().to_canonical().is_ipv4();
        // One packet to a group or a broadcast address would be many.
        let many = address.is_multicast() || matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
        if !plain_rtp || !self.media.eq_ignore_ascii_case("audio") || self.port == 0 || !reachable || many {
            return None;
        }
        self.codecs.iter().copied().find(|payload| caps.codecs.contains(&payload.codec))
    }

    /// What both agreed on: `codec` as they name it, `ours` are the payload types that they will send.
    pub fn negotiate(&self, local: &Local, codec: Payload, ours: (u8, Option<u8>)) -> Negotiated {
        let remote_rtp = self.address.filter(|ip| !ip.is_unspecified()).map(|ip| SocketAddr::new(ip, self.port));
        // RFC 3264 §8.4: 0.0.0.0 asks for no RTP and no RTCP. Whoever holds like that sends nothing either.
        let held = remote_rtp.is_none();
        Negotiated {
            codec: codec.codec,
            payload_send: codec.payload,
            payload_recv: ours.0,
            event_send: self.event.filter(|_| ours.1.is_some()),
            event_recv: ours.1,
            ptime_ms: self.ptime_ms,
            remote_rtp,
            remote_rtcp: remote_rtp.and_then(|rtp| self.rtcp_address(rtp)),
            rtcp_mux: self.rtcp_mux,
            direction: Direction::new(
                !held && local.direction.sends() && self.direction.receives(),
                !held && local.direction.receives() && self.direction.sends(),
            ),
        }
    }

    /// RFC 5761, else RFC 3605, else the next port (RFC 3550 §11).
    fn rtcp_address(&self, rtp: SocketAddr) -> Option<SocketAddr> {
        if self.rtcp_mux {
            return Some(rtp);
        }
        match self.rtcp {
            Some((0, _)) => None,
            Some((port, ip)) => Some(SocketAddr::new(ip.unwrap_or(rtp.ip()), port)),
            None => Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?)),
        }
    }
}

/// What a payload type means to us.
enum Format {
    Audio(Codec),
    Event,
    ComfortNoise,
}

impl Format {
    /// RFC 3551 §6: known without a map.
    fn by_number(payload: u8) -> Option<Format> {
        match payload {
            COMFORT_NOISE => Some(Format::ComfortNoise),
            _ => {
                [Codec::Pcma, Codec::Pcmu, Codec::G722].into_iter().find(|c| c.payload() == payload).map(Format::Audio)
            }
        }
    }

    /// `<name>/<clock>[/<channels>]` (RFC 8866 §6.6).
    fn by_name(encoding: &str) -> Option<Format> {
        let mut parts = encoding.trim().split('/');
        let (name, clock) = (parts.next()?, parts.next()?.trim());
        if parts.next().is_some_and(|channels| channels.trim() != "1") {
            return None;
        }
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match clock {
            "8000" if is("PCMA") => Some(Format::Audio(Codec::Pcma)),
            "8000" if is("PCMU") => Some(Format::Audio(Codec::Pcmu)),
            // The clock is 8000 by an old mistake (RFC 3551 §4.5.2); some write what it should have been.
            "8000" | "16000" if is("G722") => Some(Format::Audio(Codec::G722)),
            "8000" if is("telephone-event") => Some(Format::Event),
            "8000" if is("CN") => Some(Format::ComfortNoise),
            _ => None,
        }
    }
}

/// UTF-8, or Latin-1 where it is none: names in `s=` come in both, and nothing that we use is affected.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn value<'a>(attributes: &'a [sdp_types::Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|a| a.attribute.eq_ignore_ascii_case(name))?.value.as_deref()
}

/// Seen from them.
fn direction(attributes: &[sdp_types::Attribute]) -> Option<Direction> {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    attributes.iter().find_map(|attribute| {
        [SendRecv, SendOnly, RecvOnly, Inactive]
            .into_iter()
            .find(|d| attribute.attribute.trim().eq_ignore_ascii_case(d.name()))
    })
}

fn rtpmap(attribute: &sdp_types::Attribute) -> Option<(u8, &str)> {
    let (payload, encoding) = attribute.value.as_deref()?.trim().split_once(char::is_whitespace)?;
    Some((payload.parse().ok()?, encoding))
}

/// What they want, in whole 10 ms within what we do.
fn ptime(wanted: Option<&str>, max: Option<&str>) -> u8 {
    let number = |value: Option<&str>| {
        let value = value?.trim();
        let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<u32>().ok().filter(|ms| *ms > 0)
    };
    let ms = number(wanted).unwrap_or(PTIME_DEFAULT_MS.into()).min(number(max).unwrap_or(u32::MAX));
    let ms = u8::try_from(ms).unwrap_or(u8::MAX) / 10 * 10;
    ms.clamp(PTIME_MS.0, PTIME_MS.1)
}

/// `a=rtcp:<port> [IN <family> <address>]` (RFC 3605 §2.1).
fn rtcp(value: &str) -> Option<(u16, Option<IpAddr>)> {
    let mut parts = value.split_whitespace();
    let port = parts.next()?.parse().ok()?;
    let ip = parts.nth(2).and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    Some((port, ip.filter(|ip| !ip.is_unspecified() && !ip.is_multicast())))
}
