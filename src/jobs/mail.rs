//! Invitations by mail: for a slot that was booked, moved or cancelled, to who is to be called.
//!
//! A mail says who calls, when and at which number; nothing of what was said, and no link. It carries the event for
//! calendars (`slots::ics`).

mod letter;
mod words;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Kind, NewJob, store};
use crate::clock::Utc;
use crate::db::{Error, Tx};
use crate::ids::{CallbackId, Language};
use crate::slots::Slot;
use crate::tenant::Tenant;

pub(super) use letter::letter;
pub use letter::{Sender, Unreadable};

/// Addresses of one invitation; further ones get none.
pub const ADDRESSES_MAX: usize = 5;
/// Longest address, in bytes (RFC 5321 §4.5.3.1.3, without its brackets).
const ADDRESS_MAX: usize = 254;

/// Where invitations are left to be sent. Without a mail server in the settings it takes none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outbox {
    open: bool,
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// It was booked.
    Booked,
    /// Another one was booked in its place.
    Moved,
    /// It was given back.
    Cancelled,
}

/// An invitation to a slot.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Whose slot it is; all invitations of a callback are one event in calendars.
    pub callback: CallbackId,
    /// Higher with each move and cancellation.
    pub sequence: u32,
    /// What became of it.
    pub occasion: Occasion,
    /// Who calls, as people read it.
    pub business: String,
    /// Language of the mail.
    pub language: Language,
    /// In which times are told.
    pub zone: TimeZone,
    /// When somebody calls; at [`Occasion::Cancelled`] when somebody would have.
    pub slot: Slot,
    /// Who is invited.
    pub to: Vec<String>,
    /// The number that is called, if it is to be told.
    pub number: Option<String>,
}

/// The payload of a job: one invitation to one address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Invitation {
    callback: CallbackId,
    sequence: u32,
    occasion: Occasion,
    business: String,
    language: Language,
    /// IANA name.
    zone: String,
    start: i64,
    end: i64,
    to: String,
    number: Option<String>,
    /// When it was enqueued: the same mail at every try.
    stamp: i64,
}

impl Outbox {
    /// Takes invitations if there is a mail server.
    pub fn new(configured: bool) -> Outbox {
        Outbox { open: configured }
    }

    /// Leaves one mail for each address in the queue, in the caller's transaction; gives how many were new.
    ///
    /// A text that is no address is left out, and so is what was left here before.
    pub async fn invite(self, tx: &mut Tx, tenant: &Tenant, invite: &Invite, at: Utc) -> Result<usize, Error> {
        let mut count = 0;
        let mut addresses: Vec<String> = invite.to.iter().filter_map(|to| address(to)).collect();
        addresses.sort();
        addresses.dedup();
        for to in addresses.into_iter().take(if self.open { ADDRESSES_MAX } else { 0 }) {
            let job = NewJob {
                kind: Kind::Mail,
                key: format!("invite/{}/{}/{to}", invite.callback, invite.sequence),
                topic: Some(format!("invite/{}/{to}", invite.callback)),
                payload: invite.to_one(to, at).to_json()?,
                due: at,
            };
            count += usize::from(store::enqueue(tx, tenant, &job, at).await?);
        }
        Ok(count)
    }
}

impl Invite {
    fn to_one(&self, to: String, at: Utc) -> Invitation {
        Invitation {
            callback: self.callback,
            sequence: self.sequence,
            occasion: self.occasion,
            business: self.business.clone(),
            language: self.language,
            zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            start: self.slot.start.0,
            end: self.slot.end.0,
            to,
            number: self.number.clone(),
            stamp: at.0,
        }
    }
}

impl Invitation {
    fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::Misuse(error.to_string()))
    }

    /// The one of a row.
    pub(super) fn read(payload: &str) -> Result<Invitation, Unreadable> {
        serde_json::from_str(payload).map_err(|error| Unreadable(error.to_string()))
    }

    /// Nobody needs to hear of a call that is over. A cancellation is told until then too.
    pub(super) fn is_over(&self, now: Utc) -> bool {
        self.end <= now.0
    }
}

/// A mail address as it is kept and written to; none where the text is no address that a mail can be sent to.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    // ASCII only: what few servers accept is not promised to anybody.
    let plain =
        text.len() <= ADDRESS_MAX && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>,;:()[]\\\"".contains(&b));
    let (user, domain) = text.split_once('@').filter(|_| plain)?;
    if !domain.contains('.') && domain != "localhost" {
        return None;
    }
    lettre::Address::new(user, domain.to_ascii_lowercase()).ok().map(|address| address.to_string())
}

/// A name that no other work has, made of a job's key: it goes out, and names nobody.
fn digest(parts: &[&str]) -> String {
    let sum = Sha256::digest(parts.join("\n").as_bytes());
    sum.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_checked() {
        for good in ["a@b.example", "first.last+tag@sub.example.org", "x@localhost", "-a%c{!#$&'*/=?^_`|~}@b.example"] {
            assert_eq!(address(&format!(" {good} ")).as_deref(), Some(good));
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example,c@d.example",
            "<a@b.example>",
            "ä@b.example",
            "a@b@c.example",
            "a@b.example;c",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(address(&format!("{}@b.example", "a".repeat(250))), None);
    }
}
