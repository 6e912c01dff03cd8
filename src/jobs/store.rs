//! Rows of the queue. What is done with a job goes by its lease: who has lost it changes nothing.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::{ATTEMPTS_MAX, DEAD_KEPT, DONE_KEPT, Job, Kind, LEASE, Leased, NewJob, Outcome, State, backoff};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::JobId;
use crate::tenant::Tenant;

/// Longest error that is kept, in characters.
const ERROR_MAX: usize = 500;

/// What may be taken: due, or its worker has not come back.
const FREE: &str = "((state = 'queued' AND due_at <= $1) OR (state = 'running' AND lease_until <= $1))";

/// Puts work into the queue, in the caller's transaction; `false` where it was put there before.
pub async fn enqueue(tx: &mut Tx, tenant: &Tenant, job: &NewJob, at: Utc) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO job (id, tenant, kind, payload, key, topic, state, created_at, due_at, attempts) \
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, 0) ON CONFLICT (tenant, key) DO NOTHING",
    )
    .bind(JobId::new(at, rand::random()).to_string())
    .bind(tenant.key())
    .bind(job.kind.as_str())
    .bind(&job.payload)
    .bind(&job.key)
    .bind(&job.topic)
    .bind(at.0)
    .bind(job.due.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "UPDATE job SET state = 'superseded' \
         WHERE tenant = $1 AND topic = $2 AND key <> $3 AND state IN ('queued', 'running', 'dead')",
    )
    .bind(tenant.key())
    .bind(&job.topic)
    .bind(&job.key)
    .execute(tx.conn())
    .await?;
    tx.jobs_added();
    Ok(true)
}

/// Leases up to `most` jobs of these kinds for [`LEASE`], those that are due longest first. Each is one worker's.
pub async fn take(db: &Db, worker: &str, kinds: &[Kind], most: u32, now: Utc) -> Result<Vec<Leased>, Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
    if kinds.is_empty() || most == 0 {
        return Ok(Vec::new());
    }
    let free = format!("kind IN ({}) AND {FREE}", kinds.join(", "));
    // Asked by a reader first: an idle program does not take the writer's turn every second.
    let any = format!("SELECT id FROM job WHERE {free} LIMIT 1");
    if sqlx::query(AssertSqlSafe(any)).bind(now.0).fetch_optional(db.read()).await?.is_none() {
        return Ok(Vec::new());
    }
    // The condition stands twice: PostgreSQL looks at the outer one again where another was quicker.
    let lease = format!(
        "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $2, leased_by = $3 \
         WHERE id IN (SELECT id FROM job WHERE {free} ORDER BY due_at, id LIMIT $4) AND {FREE} \
         RETURNING id, tenant, kind, payload, key, attempts, leased_by, due_at"
    );
    let until = now.0.saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX));
    let mut tx = db.write().await?;
    bury(&mut tx, now).await?;
    let rows = sqlx::query(AssertSqlSafe(lease))
        .bind(now.0)
        .bind(until)
        .bind(worker)
        .bind(i64::from(most))
        .fetch_all(tx.conn())
        .await?;
    let mut leased = rows.iter().map(|row| Ok((row.at("due_at")?, leased(row)?))).collect::<Result<Vec<_>, Error>>()?;
    tx.commit().await?;
    leased.sort_by_key(|(due, job)| (*due, job.id));
    Ok(leased.into_iter().map(|(_, job)| job).collect())
}

/// A job whose worker never came back ends too: it may be the job that ends them.
async fn bury(tx: &mut Tx, now: Utc) -> Result<(), Error> {
    sqlx::query(
        "UPDATE job SET state = 'dead', due_at = $1, lease_until = NULL, last_error = $2 \
         WHERE state = 'running' AND lease_until <= $1 AND attempts >= $3",
    )
    .bind(now.0)
    .bind("who carried it out did not come back, each time")
    .bind(i64::from(ATTEMPTS_MAX))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps how it ended; `spread` in 0..1 is chance, for [`backoff`]. Gives what became of the job; none where the
/// lease had been lost to another.
pub async fn finish(
    tx: &mut Tx,
    job: &Leased,
    outcome: &Outcome,
    spread: f64,
    now: Utc,
) -> Result<Option<State>, Error> {
    match outcome {
        Outcome::Done => done(tx, job, None, now).await,
        Outcome::Moot(why) => done(tx, job, Some(why), now).await,
        Outcome::Later(error) if job.attempts < ATTEMPTS_MAX => {
            let wait = i64::try_from(backoff(job.attempts, spread).as_millis()).unwrap_or(i64::MAX);
            failed(tx, job, error, State::Queued, Utc(now.0.saturating_add(wait))).await
        }
        Outcome::Later(error) | Outcome::Never(error) => failed(tx, job, error, State::Dead, now).await,
    }
}

/// It is over, also where a newer one supersedes it: it was too late to hold it back.
async fn done(tx: &mut Tx, job: &Leased, note: Option<&str>, now: Utc) -> Result<Option<State>, Error> {
    let done = sqlx::query(
        "UPDATE job SET state = 'done', done_at = $1, last_error = $2, lease_until = NULL \
         WHERE id = $3 AND leased_by = $4 AND attempts = $5 AND state IN ('running', 'superseded')",
    )
    .bind(now.0)
    .bind(note)
    .bind(job.id.to_string())
    .bind(&job.worker)
    .bind(i64::from(job.attempts))
    .execute(tx.conn())
    .await?;
    Ok((done.rows_affected() == 1).then_some(State::Done))
}

async fn failed(tx: &mut Tx, job: &Leased, error: &str, state: State, due: Utc) -> Result<Option<State>, Error> {
    let error: String = error.chars().filter(|c| !c.is_control()).take(ERROR_MAX).collect();
    let done = sqlx::query(
        "UPDATE job SET state = $1, due_at = $2, last_error = $3, lease_until = NULL \
         WHERE id = $4 AND leased_by = $5 AND attempts = $6 AND state = 'running'",
    )
    .bind(state.as_str())
    .bind(due.0)
    .bind(error)
    .bind(job.id.to_string())
    .bind(&job.worker)
    .bind(i64::from(job.attempts))
    .execute(tx.conn())
    .await?;
    Ok((done.rows_affected() == 1).then_some(state))
}

/// Gives a dead job its tries again; `false` where the tenant has no dead one of this id.
pub async fn retry(tx: &mut Tx, tenant: &Tenant, id: JobId, at: Utc) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE job SET state = 'queued', attempts = 0, due_at = $1 WHERE id = $2 AND tenant = $3 AND state = 'dead'",
    )
    .bind(at.0)
    .bind(id.to_string())
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    tx.jobs_added();
    Ok(done.rows_affected() == 1)
}

/// A tenant's jobs in a state, or in any; newest first.
pub async fn list(db: &Db, tenant: &Tenant, state: Option<State>, most: u32) -> Result<Vec<Job>, Error> {
    let rows = sqlx::query(
        "SELECT id, kind, state, key, created_at, due_at, attempts, last_error, done_at FROM job \
         WHERE tenant = $1 AND (state = $2 OR $3 = 1) ORDER BY created_at DESC, id DESC LIMIT $4",
    )
    .bind(tenant.key())
    .bind(state.map_or("", State::as_str))
    .bind(i64::from(state.is_none()))
    .bind(i64::from(most))
    .fetch_all(db.read())
    .await?;
    rows.iter().map(job).collect()
}

/// How many wait or run, and how many are dead, of all tenants: for `/metrics`.
pub async fn counts(db: &Db) -> Result<(u64, u64), Error> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')) AS waiting, \
         (SELECT COUNT(*) FROM job WHERE state = 'dead') AS dead",
    )
    .fetch_one(db.read())
    .await?;
    Ok((row.count("waiting")?, row.count("dead")?))
}

/// Removes what was over long enough ago: jobs name people.
pub async fn sweep(tx: &mut Tx, now: Utc) -> Result<u64, Error> {
    let done = sqlx::query(
        "DELETE FROM job WHERE (state = 'done' AND done_at < $1) OR (state = 'superseded' AND created_at < $1) \
         OR (state = 'dead' AND due_at < $2)",
    )
    .bind(now.before(DONE_KEPT).0)
    .bind(now.before(DEAD_KEPT).0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

fn leased(row: &AnyRow) -> Result<Leased, Error> {
    Ok(Leased {
        id: row.parsed("id")?,
        tenant: row.parsed("tenant")?,
        kind: row.parsed("kind")?,
        payload: row.text("payload")?,
        key: row.text("key")?,
        attempts: attempts(row)?,
        worker: row.text("leased_by")?,
    })
}

fn job(row: &AnyRow) -> Result<Job, Error> {
    Ok(Job {
        id: row.parsed("id")?,
        kind: row.text("kind")?,
        state: row.parsed("state")?,
        key: row.text("key")?,
        created_at: row.at("created_at")?,
        due_at: row.at("due_at")?,
        attempts: attempts(row)?,
        last_error: row.text_maybe("last_error")?,
        done_at: row.at_maybe("done_at")?,
    })
}

fn attempts(row: &AnyRow) -> Result<u32, Error> {
    Ok(u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX))
}
