//! Rows of calls. Writing functions take a [`Tx`], so that one commit can carry many calls.

pub mod export;
mod many;

use sqlx::any::AnyRow;

use super::{Call, Event, Outcome};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{CallId, Cursor, TenantId};
use crate::tenant::Tenant;
pub use many::{append_many, put_many};

/// Lines of one timeline at most: a call cannot be longer in the page than this.
const TIMELINE_MAX: i64 = 2_000;

/// Writes a call as it is now: the first time a row, later what has changed. A writer that is late may
/// write the whole of a short call at once.
pub async fn put(tx: &mut Tx, tenant: &Tenant, call: &Call) -> Result<(), Error> {
    put_many(tx, &[(tenant, call, ChangeKind::Created)]).await
}

/// A call that has just come in.
pub async fn begin(tx: &mut Tx, tenant: &Tenant, call: &Call) -> Result<(), Error> {
    put(tx, tenant, call).await
}

/// We answered it.
pub async fn answered(tx: &mut Tx, tenant: &Tenant, call: CallId, at: Utc) -> Result<(), Error> {
    sqlx::query("UPDATE call SET answered_at = $3 WHERE id = $1 AND tenant = $2")
        .bind(call.to_string())
        .bind(tenant.key())
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    tx.changed(tenant.id(), Noun::Call, call, ChangeKind::Changed);
    Ok(())
}

/// It is over.
pub async fn end(tx: &mut Tx, tenant: &Tenant, call: CallId, outcome: Outcome, at: Utc) -> Result<(), Error> {
    sqlx::query("UPDATE call SET ended_at = $3, outcome = $4 WHERE id = $1 AND tenant = $2")
        .bind(call.to_string())
        .bind(tenant.key())
        .bind(at.0)
        .bind(outcome.as_str())
        .execute(tx.conn())
        .await?;
    tx.changed(tenant.id(), Noun::Call, call, ChangeKind::Changed);
    Ok(())
}

/// Appends to the timeline, in this order.
pub async fn append(tx: &mut Tx, tenant: &Tenant, call: CallId, events: &[Event]) -> Result<(), Error> {
    let events: Vec<_> = events.iter().map(|event| (tenant, call, event.clone())).collect();
    append_many(tx, &events).await
}

/// Ends what a crash left running, at start before calls are taken. Gives how many.
pub async fn finish_open(tx: &mut Tx, at: Utc) -> Result<u64, Error> {
    // The last thing known of a call is when it ended, as well as can be known.
    let done = sqlx::query(
        "UPDATE call SET outcome = $1, ended_at = COALESCE((SELECT MAX(e.at) FROM call_event e \
         WHERE e.call = call.id), call.answered_at, call.started_at) \
         WHERE ended_at IS NULL AND started_at <= $2",
    )
    .bind(Outcome::Interrupted.as_str())
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Calls that ended with the program since then and are not in the queue with all that they left: those that show a
/// number, or left a message. Oldest first.
pub async fn cut_off(db: &Db, since: Utc, limit: u32) -> Result<Vec<(TenantId, Call)>, Error> {
    let rows = sqlx::query(
        "SELECT c.* FROM call c WHERE c.outcome = $1 AND c.ended_at > $2 \
         AND (EXISTS (SELECT m.id FROM message m WHERE m.call = c.id AND m.kept_at IS NOT NULL \
         AND NOT EXISTS (SELECT l.call FROM callback_call l WHERE l.message = m.id)) \
         OR (c.caller IS NOT NULL AND NOT EXISTS (SELECT k.call FROM callback_call k WHERE k.call = c.id))) \
         ORDER BY c.started_at LIMIT $3",
    )
    .bind(Outcome::Interrupted.as_str())
    .bind(since.0)
    .bind(i64::from(limit))
    .fetch_all(db.read())
    .await?;
    rows.iter().map(|row| Ok((row.parsed("tenant")?, from_row(row)?))).collect()
}

/// A page of calls, newest first, and where the next one begins.
pub async fn list(db: &Db, tenant: &Tenant, before: &Cursor, limit: u32) -> Result<(Vec<Call>, Option<Cursor>), Error> {
    let limit = limit.clamp(1, Cursor::PAGE_MAX);
    let rows = sqlx::query(
        "SELECT * FROM call WHERE tenant = $1 AND (started_at < $2 OR (started_at = $2 AND id < $3)) \
         ORDER BY started_at DESC, id DESC LIMIT $4",
    )
    .bind(tenant.key())
    .bind(before.at.0)
    .bind(&before.id)
    .bind(i64::from(limit) + 1)
    .fetch_all(db.read())
    .await?;
    let mut calls = rows.iter().map(from_row).collect::<Result<Vec<Call>, Error>>()?;
    let more = calls.len() > limit as usize;
    calls.truncate(limit as usize);
    let next = calls.last().filter(|_| more).map(|last| Cursor { at: last.started_at, id: last.id.to_string() });
    Ok((calls, next))
}

/// One call.
pub async fn get(db: &Db, tenant: &Tenant, id: CallId) -> Result<Option<Call>, Error> {
    let row = sqlx::query("SELECT * FROM call WHERE id = $1 AND tenant = $2")
        .bind(id.to_string())
        .bind(tenant.key())
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Its timeline, in order.
pub async fn timeline(db: &Db, tenant: &Tenant, id: CallId) -> Result<Vec<Event>, Error> {
    let rows = sqlx::query(
        "SELECT e.at, e.kind, e.detail FROM call_event e JOIN call c ON c.id = e.call \
         WHERE c.id = $1 AND c.tenant = $2 ORDER BY e.seq LIMIT $3",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(TIMELINE_MAX)
    .fetch_all(db.read())
    .await?;
    rows.iter()
        .map(|row| {
            let detail = row.text("detail")?;
            let detail = serde_json::from_str(&detail)
                .map_err(|e| Error::Corrupt(format!("detail of a timeline is no JSON: {e}")))?;
            Ok(Event { at: row.at("at")?, kind: row.text("kind")?, detail })
        })
        .collect()
}

fn from_row(row: &AnyRow) -> Result<Call, Error> {
    let outcome = row.text_maybe("outcome")?;
    Ok(Call {
        id: row.parsed("id")?,
        caller: row.text_maybe("caller")?,
        caller_name: row.text("caller_name")?,
        called: row.text("called")?,
        started_at: row.at("started_at")?,
        answered_at: row.at_maybe("answered_at")?,
        ended_at: row.at_maybe("ended_at")?,
        outcome: match outcome {
            Some(word) => Some(word.parse().map_err(|_| Error::Corrupt(format!("outcome holds {word:?}")))?),
            None => None,
        },
    })
}
