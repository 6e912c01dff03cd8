//! The list of messages for scripts: `nightdesk message list --json`.

use std::path::Path;

use serde::Serialize;

use crate::clock::Utc;
use crate::db::{Db, Error};
use crate::ids::Cursor;
use crate::message::{Filter, Message, State, store};
use crate::tenant::{self, Tenant};

/// One message as scripts read it. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageLine {
    /// The message's id.
    pub id: String,
    /// The tenant's id.
    pub tenant: String,
    /// The caller's number; null where it is withheld.
    pub caller: Option<String>,
    /// What was dialled.
    pub called: String,
    /// The step of the plan that took it, as the caller chose: `message.notfall`.
    pub step: Option<String>,
    /// The beep, RFC 3339, UTC.
    pub at: String,
    /// Seconds of what can be heard.
    pub duration: f64,
    /// Absolute path of a playable WAV file.
    pub path: String,
    /// Heard or not.
    pub state: State,
    /// The caller said so.
    pub urgent: bool,
}

/// What an owner can hear, newest first; of one tenant or of all. `recordings` is the folder that
/// paths in rows start from.
pub async fn lines(db: &Db, recordings: &Path, only: Option<&Tenant>) -> Result<Vec<MessageLine>, Error> {
    let tenants = match only {
        Some(tenant) => vec![tenant.clone()],
        None => tenant::store::all(db).await?,
    };
    let mut found: Vec<(Utc, MessageLine)> = Vec::new();
    for tenant in &tenants {
        let mut filter = Filter { limit: Cursor::PAGE_MAX, ..Filter::default() };
        loop {
            let (messages, next) = store::list(db, tenant, &filter).await?;
            found.extend(messages.iter().map(|message| (message.at, line(tenant, message, recordings))));
            let Some(next) = next else { break };
            filter.before = next;
        }
    }
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| y.id.cmp(&x.id)));
    Ok(found.into_iter().map(|(_, line)| line).collect())
}

fn line(tenant: &Tenant, message: &Message, recordings: &Path) -> MessageLine {
    let path = recordings.join(&message.path);
    let path = std::path::absolute(&path).unwrap_or(path);
    MessageLine {
        id: message.id.to_string(),
        tenant: tenant.id().to_string(),
        caller: message.caller.clone(),
        called: message.called.clone(),
        step: message.step.clone(),
        at: message.at.rfc3339(),
        duration: seconds(message.duration_ms),
        path: path.display().to_string(),
        state: message.state,
        urgent: message.urgent,
    }
}

/// Milliseconds as seconds.
pub fn seconds(ms: u64) -> f64 {
    // Exact below 2^53 ms.
    #[allow(clippy::cast_precision_loss, reason = "a recording is shorter than 285,000 years")]
    let ms = ms as f64;
    ms / 1000.0
}
