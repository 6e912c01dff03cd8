//! What legs want to know of a message.

use crate::sip::contract::{Flow, Invite};
use crate::sip::limits;
use crate::sip::msg::{Header, Message, NameAddr};
use crate::sip::ua::SDP;

/// A body that is neither absent nor SDP: 415.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnsupportedBody;

/// The session description in a message, alone or as a part of a multipart body (RFC 5621 §8.1 demands
/// that multipart is read).
pub(crate) fn sdp_of(message: &Message) -> Result<Option<Vec<u8>>, UnsupportedBody> {
    let body = message.body();
    if body.is_empty() {
        return Ok(None);
    }
    if message.header(Header::ContentEncoding).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(UnsupportedBody);
    }
    if let Some(sdp) = message.part(SDP) {
        return Ok(Some(sdp.to_vec()));
    }
    match message.content_type().as_deref() {
        // Without SDP in it, it is something that a gateway tells others (ISUP): no offer.
        Some(kind) if kind.starts_with("multipart/") => Ok(None),
        // Some gateways forget it.
        None if body.starts_with(b"v=0") => Ok(Some(body.to_vec())),
        // RFC 3261 §20.11: whoever sends it does not mind that it is not understood.
        _ if is_optional(message) => Ok(None),
        _ => Err(UnsupportedBody),
    }
}

fn is_optional(message: &Message) -> bool {
    let disposition = message.header(Header::ContentDisposition).unwrap_or_default().to_ascii_lowercase();
    disposition.split(';').any(|part| part.chars().filter(|c| !c.is_whitespace()).eq("handling=optional".chars()))
}

/// SDP of a response; what is no SDP counts as none.
pub(crate) fn answer_of(message: &Message) -> Option<Vec<u8>> {
    sdp_of(message).ok().flatten()
}

/// Does the sender take UPDATE (RFC 3311 §5.1)?
pub(crate) fn allows_update(message: &Message) -> bool {
    message.values(Header::Allow).iter().any(|method| method == "UPDATE")
}

/// Does the sender know this option?
pub(crate) fn supports(message: &Message, option: &str) -> bool {
    message.supported().iter().chain(message.require().iter()).any(|known| known == option)
}

/// All that the call wants to know of an INVITE.
pub(crate) fn invite_of(message: &Message, flow: Flow, offer: Option<Vec<u8>>) -> Invite {
    let from = message.from();
    let who = |address: Option<&NameAddr>| address.map(|address| address.uri.who()).unwrap_or_default();
    let first = |header| message.name_addrs(header).first().map(|address| address.uri.who());
    let mut diversion = message.values(Header::Diversion);
    // History-Info counts upwards (RFC 7044 §5), Diversion puts the newest on top (RFC 5806 §3.2).
    diversion.extend(message.values(Header::HistoryInfo).into_iter().rev());
    diversion.truncate(limits::DIVERSIONS);
    Invite {
        flow,
        call_id: message.call_id().into_owned(),
        request_user: message.uri().map(|uri| uri.who()).unwrap_or_default(),
        to_user: who(message.to().as_ref()),
        called_party: first(Header::PCalledPartyId),
        from_user: who(from.as_ref()),
        from_name: from.as_ref().map(|from| from.display.clone()).unwrap_or_default(),
        asserted: first(Header::PAssertedIdentity),
        anonymous: is_anonymous(message, from.as_ref()),
        diversion,
        offer,
        reliable: supports(message, "100rel"),
    }
}

fn is_anonymous(message: &Message, from: Option<&NameAddr>) -> bool {
    let private = message.privacy().iter().any(|value| matches!(value.as_str(), "id" | "user"));
    let hidden = from.is_some_and(|from| {
        from.uri.host().eq_ignore_ascii_case("anonymous.invalid") || from.uri.who().eq_ignore_ascii_case("anonymous")
    });
    private || hidden
}
