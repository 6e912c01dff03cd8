//! What every message must have right before anybody acts on it (RFC 3261 §8.1.1, §16.3; RFC 4475 §3.1.2).

use super::header::Header;
use super::parse::Fault;
use super::values::{NameAddr, Via};
use super::{Message, Start, text};

/// Headers that may stand only once.
const SINGLE: [Header; 7] =
    [Header::From, Header::To, Header::CallId, Header::CSeq, Header::MaxForwards, Header::ContentType, Header::Date];

/// The first thing that is wrong.
pub(super) fn message(message: &Message) -> Option<(Fault, &'static str)> {
    run(message).err().map(|reason| (Fault::Malformed, reason))
}

fn run(message: &Message) -> Result<(), &'static str> {
    for header in SINGLE {
        if message.raw(header).nth(1).is_some() {
            return Err("a header twice that may stand once");
        }
    }
    vias(message)?;
    for (header, missing) in [(Header::From, "no From"), (Header::To, "no To")] {
        let value = message.header(header).ok_or(missing)?;
        NameAddr::parse(&value).map_err(|e| e.0)?;
    }
    let call_id = message.raw(Header::CallId).next().ok_or("no Call-ID")?;
    if call_id.is_empty() || call_id.iter().any(|&b| text::is_lws(b)) {
        return Err("a Call-ID that is empty or holds blanks");
    }
    cseq(message)?;
    if message.header(Header::MaxForwards).is_some() && message.max_forwards().is_none() {
        return Err("a Max-Forwards outside of 0 to 255");
    }
    // A response is not worth losing for what its transaction does not need.
    match message.start() {
        Start::Request { .. } => contacts(message).and_then(|()| date(message)),
        Start::Response { .. } => Ok(()),
    }
}

fn vias(message: &Message) -> Result<(), &'static str> {
    let values = message.values(Header::Via);
    if values.is_empty() {
        return Err("no Via");
    }
    values.iter().try_for_each(|value| Via::parse(value).map(drop).map_err(|e| e.0))
}

fn cseq(message: &Message) -> Result<(), &'static str> {
    let (number, method) = message.cseq().ok_or("a CSeq that is missing or no number and method")?;
    // RFC 3261 §8.1.1.5: less than 2**31.
    if number >= 1 << 31 {
        return Err("a CSeq of 2^31 or more");
    }
    match message.start() {
        Start::Request { method: asked, .. } if *asked != method => Err("a CSeq of another method"),
        _ => Ok(()),
    }
}

fn contacts(message: &Message) -> Result<(), &'static str> {
    for value in message.values(Header::Contact) {
        if value == "*" {
            continue;
        }
        NameAddr::parse(&value).map_err(|e| e.0)?;
    }
    Ok(())
}

/// RFC 3261 §20.17: GMT is the only zone.
fn date(message: &Message) -> Result<(), &'static str> {
    match message.header(Header::Date) {
        Some(date) if !date.ends_with("GMT") => Err("a Date in another zone than GMT"),
        _ => Ok(()),
    }
}
