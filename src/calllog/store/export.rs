//! The list of calls for scripts: `nightdesk call list --json`.

use serde::Serialize;

use crate::calllog::{Call, store};
use crate::clock::Utc;
use crate::db::{Db, Error};
use crate::ids::Cursor;
use crate::tenant::{self, Tenant};

/// One call as scripts read it. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallLine {
    /// The call's id.
    pub id: String,
    /// The tenant's id.
    pub tenant: String,
    /// The caller's number; null where it is withheld.
    pub caller: Option<String>,
    /// What was dialled.
    pub called: String,
    /// The INVITE, RFC 3339, UTC.
    pub started_at: String,
    /// Our 200; null where nobody was answered.
    pub answered_at: Option<String>,
    /// Null while it runs.
    pub ended_at: Option<String>,
    /// `message`, `no_message`, `abandoned`, `refused`, `failed` or `interrupted`; null while it runs.
    pub outcome: Option<String>,
    /// What happened, in order: `kind`, `at` and what belongs to the kind.
    pub timeline: Vec<serde_json::Value>,
}

/// The newest calls of all tenants, newest first.
pub async fn lines(db: &Db) -> Result<Vec<CallLine>, Error> {
    let mut found: Vec<(Utc, CallLine)> = Vec::new();
    for tenant in tenant::store::all(db).await? {
        let (calls, _) = store::list(db, &tenant, &Cursor::newest(), Cursor::PAGE_MAX).await?;
        for call in &calls {
            found.push((call.started_at, line(db, &tenant, call).await?));
        }
    }
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| y.id.cmp(&x.id)));
    Ok(found.into_iter().map(|(_, line)| line).collect())
}

async fn line(db: &Db, tenant: &Tenant, call: &Call) -> Result<CallLine, Error> {
    let events = store::timeline(db, tenant, call.id).await?;
    let timeline = events
        .into_iter()
        .map(|event| {
            let mut detail = event.detail;
            if let Some(fields) = detail.as_object_mut() {
                fields.insert("kind".to_owned(), event.kind.into());
                fields.insert("at".to_owned(), event.at.rfc3339().into());
            }
            detail
        })
        .collect();
    Ok(CallLine {
        id: call.id.to_string(),
        tenant: tenant.id().to_string(),
        caller: call.caller.clone(),
        called: call.called.clone(),
        started_at: call.started_at.rfc3339(),
        answered_at: call.answered_at.map(Utc::rfc3339),
        ended_at: call.ended_at.map(Utc::rfc3339),
        outcome: call.outcome.map(|outcome| outcome.to_string()),
        timeline,
    })
}
