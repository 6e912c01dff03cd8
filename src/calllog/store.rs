//! Rows of calls. Writing functions take a [`Tx`], so that one commit can carry many calls.

pub mod export;
mod many;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::{Call, Event, Outcome};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{CallId, Cursor};
use crate::tenant::Tenant;
pub use many::{append_many, put_many};

/// Events that go into one statement.
const EVENTS_AT_ONCE: usize = 16;
/// Lines of one timeline at most: a call cannot be longer in the page than this.
const TIMELINE_MAX: i64 = 2_000;

/// Writes a call as it is now: the first time a row, later what has changed. A writer that is late may
/// write the whole of a short call at once.
pub async fn put(tx: &mut Tx, tenant: &Tenant, call: &Call) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO call (id, tenant, caller, caller_name, called, started_at, answered_at, ended_at, outcome) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO UPDATE SET answered_at = COALESCE(excluded.answered_at, call.answered_at), \
         ended_at = COALESCE(excluded.ended_at, call.ended_at), outcome = COALESCE(excluded.outcome, call.outcome) \
         WHERE call.tenant = excluded.tenant",
    )
    .bind(call.id.to_string())
    .bind(tenant.key())
    .bind(call.caller.as_deref())
    .bind(&call.caller_name)
    .bind(&call.called)
    .bind(call.started_at.0)
    .bind(call.answered_at.map(|at| at.0))
    .bind(call.ended_at.map(|at| at.0))
    .bind(call.outcome.map(Outcome::as_str))
    .execute(tx.conn())
    .await?;
    tx.changed(tenant.id(), Noun::Call, call.id, ChangeKind::Created);
    Ok(())
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
    for some in events.chunks(EVENTS_AT_ONCE) {
        let details: Vec<String> = some.iter().map(|event| event.detail.to_string()).collect();
        let sql = append_sql(some.len());
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(call.to_string()).bind(tenant.key());
        for ((event, detail), n) in some.iter().zip(details).zip(1_i64..) {
            query = query.bind(n).bind(event.at.0).bind(&event.kind).bind(detail);
        }
        query.execute(tx.conn()).await?;
    }
    if !events.is_empty() {
        tx.changed(tenant.id(), Noun::Call, call, ChangeKind::Changed);
    }
    Ok(())
}

/// One statement for `count` events: most calls then need one for their whole timeline. There are at
/// most [`EVENTS_AT_ONCE`] such texts, so they stay prepared.
fn append_sql(count: usize) -> String {
    let rows: Vec<String> =
        (0..count).map(|i| format!("(${}, ${}, ${}, ${})", i * 4 + 3, i * 4 + 4, i * 4 + 5, i * 4 + 6)).collect();
    // `WHERE` also keeps SQLite from reading the join as an upsert's.
    format!(
        "INSERT INTO call_event (call, seq, at, kind, detail) \
         SELECT c.id, c.base + v.column1, v.column2, v.column3, v.column4 FROM \
         (SELECT call.id, (SELECT COALESCE(MAX(e.seq), 0) FROM call_event e WHERE e.call = call.id) AS base \
         FROM call WHERE call.id = $1 AND call.tenant = $2) AS c \
         CROSS JOIN (VALUES {}) AS v WHERE c.id IS NOT NULL",
        rows.join(", ")
    )
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
