//! Requests that say who they are, so that one that is repeated is done once.
//!
//! The row is written in the transaction of the change: a repetition that comes while the first still runs waits for
//! it and is then answered the same; what was refused or failed has left no row, and is tried anew.

use std::time::Duration;

use crate::clock::Utc;
use crate::db::{Error, Fields, Tx};
use crate::ids::PersonId;

/// So long the answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Which request it is: a key is a person's own, and for one thing.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub person: PersonId,
    /// What for: method and path.
    pub route: &'a str,
    /// As the client drew it.
    pub key: &'a str,
    /// Of the body.
    pub body_hash: &'a str,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `ETag`; empty: none.
    pub etag: String,
    /// As JSON; empty: no body.
    pub body: String,
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is the first: it is noted, and [`answered`] in the same transaction.
    First,
    /// It was answered.
    Again(Answer),
    /// The key was used with another body.
    Other,
}

/// Notes a request before it is done.
pub async fn begin(tx: &mut Tx, request: &Request<'_>, at: Utc) -> Result<Begun, Error> {
    sqlx::query("DELETE FROM idempotency WHERE person = $1 AND route = $2 AND key = $3 AND made_at <= $4")
        .bind(request.person.to_string())
        .bind(request.route)
        .bind(request.key)
        .bind(at.before(KEPT).0)
        .execute(tx.conn())
        .await?;
    let done = sqlx::query(
        "INSERT INTO idempotency (person, route, key, body_hash, made_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person, route, key) DO NOTHING",
    )
    .bind(request.person.to_string())
    .bind(request.route)
    .bind(request.key)
    .bind(request.body_hash)
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Begun::First);
    }
    let row = sqlx::query("SELECT * FROM idempotency WHERE person = $1 AND route = $2 AND key = $3")
        .bind(request.person.to_string())
        .bind(request.route)
        .bind(request.key)
        .fetch_one(tx.conn())
        .await?;
    if row.text("body_hash")? != request.body_hash {
        return Ok(Begun::Other);
    }
    let status = row.number("status")?;
    let status = u16::try_from(status).map_err(|_| Error::Corrupt(format!("status holds {status}")))?;
    let text = |column: &str| Ok::<_, Error>(row.text_maybe(column)?.unwrap_or_default());
    Ok(Begun::Again(Answer { status, etag: text("etag")?, body: text("answer")? }))
}

/// Keeps what is about to be answered.
pub async fn answered(tx: &mut Tx, request: &Request<'_>, answer: &Answer) -> Result<(), Error> {
    sqlx::query(
        "UPDATE idempotency SET status = $4, etag = $5, answer = $6 WHERE person = $1 AND route = $2 AND key = $3",
    )
    .bind(request.person.to_string())
    .bind(request.route)
    .bind(request.key)
    .bind(i64::from(answer.status))
    .bind(&answer.etag)
    .bind(&answer.body)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets what is old enough. Gives how many.
pub async fn sweep(tx: &mut Tx, at: Utc) -> Result<u64, Error> {
    let done =
        sqlx::query("DELETE FROM idempotency WHERE made_at <= $1").bind(at.before(KEPT).0).execute(tx.conn()).await?;
    Ok(done.rows_affected())
}
