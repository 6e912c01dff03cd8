//! INFO: keys in the manner of `application/dtmf-relay` and `application/dtmf`.

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::Event;
use crate::sip::core::Core;
use crate::sip::dialog::Dialog;
use crate::sip::msg::{Header, Message, Method};
use crate::sip::tx::clients::{Purpose, User};
use crate::sip::tx::timer::TxId;
use crate::sip::ua::leg::Leg;

const RELAY: &str = "application/dtmf-relay";
const PLAIN: &str = "application/dtmf";

/// How long a key is held where nothing is said.
const USUAL_MS: u32 = 160;
/// Longest key that is believed.
const LONGEST_MS: u32 = 10_000;

/// Their INFO.
pub(crate) fn receive(leg: Leg, core: &mut Core, id: LegId, request: &Message, tx: TxId, now: Mono) -> Option<Leg> {
    match leg {
        Leg::Ringing(_) | Leg::Calling(_) | Leg::Talking(_) => read(core, id, request, tx, now),
        // The call has heard its last event.
        Leg::Leaving(_) => core.reply_code(tx, 481, now),
    }
    Some(leg)
}

/// An empty one is a sign of life (200), another body is not understood (415).
fn read(core: &mut Core, leg: LegId, request: &Message, tx: TxId, now: Mono) {
    let body = request.body();
    match request.content_type().as_deref() {
        _ if body.is_empty() => core.reply_code(tx, 200, now),
        Some(kind @ (RELAY | PLAIN)) => match key_of(kind, &String::from_utf8_lossy(body)) {
            Some((key, duration_ms)) => {
                core.reply_code(tx, 200, now);
                core.emit(leg, Event::Key { key, duration_ms });
            }
            None => core.reply_code(tx, 400, now),
        },
        _ => core.reply(tx, 415, now, |draft| draft.header(Header::Accept, format!("{RELAY}, {PLAIN}"))),
    }
}

/// Our INFO.
pub(crate) fn send(core: &mut Core, leg: LegId, dialog: &mut Dialog, key: char, duration_ms: u32, now: Mono) {
    let Some(key) = known(key) else { return };
    let body = format!("Signal={key}\r\nDuration={duration_ms}\r\n");
    dialog.ask(core, Method::Info, User::Leg(leg, Purpose::Info), now, |draft| draft.body(RELAY, body.as_bytes()));
}

fn key_of(kind: &str, body: &str) -> Option<(char, u32)> {
    if kind == PLAIN {
        return Some((single(body)?, USUAL_MS));
    }
    let (mut key, mut duration) = (None, USUAL_MS);
    for line in body.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        match name.trim() {
            name if name.eq_ignore_ascii_case("signal") => key = Some(single(value)?),
            name if name.eq_ignore_ascii_case("duration") => duration = value.trim().parse().unwrap_or(USUAL_MS),
            _ => {}
        }
    }
    Some((key?, duration.min(LONGEST_MS)))
}

fn single(text: &str) -> Option<char> {
    match text.trim() {
        // Some number the two keys like RFC 4733 does.
        "10" => Some('*'),
        "11" => Some('#'),
        text => {
            let mut chars = text.chars();
            let key = known(chars.next()?)?;
            chars.next().is_none().then_some(key)
        }
    }
}

fn known(key: char) -> Option<char> {
    let key = key.to_ascii_uppercase();
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_sent() {
        assert_eq!(key_of(RELAY, "Signal=5\r\nDuration=160"), Some(('5', 160)));
        assert_eq!(key_of(RELAY, "Signal= #\nDuration= 250\n"), Some(('#', 250)));
        assert_eq!(key_of(RELAY, "signal=d\r\n"), Some(('D', 160)));
        assert_eq!(key_of(RELAY, "Signal=11"), Some(('#', 160)));
        assert_eq!(key_of(RELAY, "Signal=1\r\nDuration=4000000000"), Some(('1', 10_000)));
        assert_eq!(key_of(PLAIN, "5"), Some(('5', 160)));
        for bad in ["", "Signal=", "Signal=x", "Signal=12", "Duration=5", "=", "Signal=ä"] {
            assert_eq!(key_of(RELAY, bad), None, "{bad}");
        }
    }
}
