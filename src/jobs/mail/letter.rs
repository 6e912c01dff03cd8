//! An invitation as a mail: its parts and headers.

use std::fmt::Display;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::words::{Words, line};
use super::{Invitation, Occasion, digest};
use crate::clock::Utc;
use crate::slots::ics::{self, Event, Method, Party, Status};

/// An invitation that no mail can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no mail can be made of it: {0}")]
pub struct Unreadable(pub String);

/// From whom mails are.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Shown in the place of the business's name; none: the business's.
    pub name: Option<String>,
    /// Where they come from.
    pub address: Address,
}

/// The mail of an invitation; `key` is its job's, and makes the Message-ID.
pub fn letter(invitation: &Invitation, key: &str, sender: &Sender) -> Result<Message, Unreadable> {
    let words = Words::of(invitation)?;
    let to: Address = invitation.to.parse().map_err(bad)?;
    let domain = sender.address.domain();
    let own_id = format!("<{}@{domain}>", digest(&[&invitation.callback.to_string(), key]));
    // Never sent itself: what refers to it stands together in mail programs.
    let thread = format!("<{}@{domain}>", digest(&[&invitation.callback.to_string(), &invitation.to]));
    let name = sender.name.as_deref().map_or_else(|| words.business.clone(), line);
    Message::builder()
        .from(Mailbox::new(Some(name).filter(|name| !name.is_empty()), sender.address.clone()))
        .to(Mailbox::new(None, to))
        .subject(words.subject.clone())
        .date(UNIX_EPOCH + Duration::from_millis(invitation.stamp.unsigned_abs()))
        .message_id(Some(own_id))
        .references(thread)
        // RFC 3834 §5: nobody's absence is told to us.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(parts(invitation, &words, sender)?)
        .map_err(bad)
}

/// The event is there twice: as a part for programs that ask "accept?", and as a file for all others.
fn parts(invitation: &Invitation, words: &Words, sender: &Sender) -> Result<MultiPart, Unreadable> {
    let method = if invitation.occasion == Occasion::Cancelled { Method::Cancel } else { Method::Request };
    let calendar = ics::invitation(&event(invitation, words, sender), method);
    let kind =
        |name: &str| ContentType::parse(&format!("{name}; charset=utf-8; method={}", method.as_str())).map_err(bad);
    let alternatives = MultiPart::alternative()
        .singlepart(SinglePart::plain(words.text()))
        .singlepart(SinglePart::html(words.html(invitation.language)))
        .singlepart(SinglePart::builder().content_type(kind("text/calendar")?).body(calendar.clone()));
    let file = Attachment::new("invite.ics".to_owned()).body(calendar, kind("application/ics")?);
    Ok(MultiPart::mixed().multipart(alternatives).singlepart(file))
}

fn event(invitation: &Invitation, words: &Words, sender: &Sender) -> Event {
    Event {
        uid: format!("{}@{}", invitation.callback, sender.address.domain()),
        sequence: invitation.sequence,
        start: Utc(invitation.start),
        end: Utc(invitation.end),
        stamp: Utc(invitation.stamp),
        summary: words.title.clone(),
        description: words.number.clone().unwrap_or_default(),
        status: Status::Confirmed,
        organizer: Some(Party { name: words.business.clone(), mail: sender.address.to_string() }),
        attendee: Some(Party { name: String::new(), mail: invitation.to.clone() }),
    }
}

fn bad(error: impl Display) -> Unreadable {
    Unreadable(error.to_string())
}

#[cfg(test)]
mod tests;
