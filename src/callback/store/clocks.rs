//! What happens by itself when its time has come.

use super::{each, rows};
use crate::callback::rules::Moved;
use crate::callback::{Clocked, EventKind};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields};
use crate::ids::{CallbackId, TenantId};
use crate::tenant;

/// Warns of promises that will break soon, breaks those whose time is over and ends claims, of all tenants; `limit`
/// entries at most. Several processes may do it at once: each entry is moved under its lock, and what was done is
/// not due again. One transaction for each entry, so that nobody waits for many.
pub async fn keep_clocks(db: &Db, now: Utc, limit: u32) -> Result<Clocked, Error> {
    let rows = sqlx::query(
        "SELECT c.id, c.tenant FROM callback c WHERE c.id IN ( \
         SELECT p.callback FROM promise p WHERE p.state = 'open' AND p.latest_at <= $1 AND p.callback IS NOT NULL \
         UNION SELECT p.callback FROM promise p \
         WHERE p.state = 'open' AND p.warned_at IS NULL AND p.warn_at <= $1 AND p.callback IS NOT NULL \
         UNION SELECT o.id FROM callback o WHERE o.state = 'claimed' AND o.state_until <= $1) \
         ORDER BY c.rank, c.rank_at, c.id LIMIT $2",
    )
    .bind(now.0)
    .bind(i64::from(limit))
    .fetch_all(db.read())
    .await?;
    let due = each(&rows, |row| Ok((row.parsed::<CallbackId>("id")?, row.parsed::<TenantId>("tenant")?)))?;
    let mut clocked = Clocked { more: due.len() >= limit as usize, ..Clocked::default() };
    for (id, tenant) in due {
        let Some(tenant) = tenant::store::by_id(db, tenant).await? else { continue };
        let mut tx = db.write().await?;
        let Some(entry) = rows::lock(&mut tx, &tenant, id).await? else { continue };
        let moved = entry.clocked(now);
        if moved.happened.is_empty() {
            continue;
        }
        count(&mut clocked, &moved);
        rows::write(&mut tx, &tenant, moved).await?;
        tx.commit().await?;
    }
    clocked.broken += orphans(db, now).await?;
    Ok(clocked)
}

fn count(clocked: &mut Clocked, moved: &Moved) {
    for happened in &moved.happened {
        match happened.kind {
            EventKind::PromiseWarned => clocked.warned += 1,
            EventKind::PromiseBroken => clocked.broken += 1,
            EventKind::PromiseTried => clocked.tried += 1,
            EventKind::LeaseEnded => clocked.leases_ended += 1,
            _ => {}
        }
    }
}

/// Promises of calls that never became an entry: broken all the same.
async fn orphans(db: &Db, now: Utc) -> Result<u32, Error> {
    let due = "SELECT COUNT(*) AS due FROM promise WHERE state = 'open' AND latest_at <= $1 AND callback IS NULL";
    if sqlx::query(due).bind(now.0).fetch_one(db.read()).await?.count("due")? == 0 {
        return Ok(0);
    }
    let mut tx = db.write().await?;
    let done = sqlx::query(
        "UPDATE promise SET state = 'broken', settled_at = latest_at \
         WHERE state = 'open' AND latest_at <= $1 AND callback IS NULL",
    )
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(u32::try_from(done.rows_affected()).unwrap_or(u32::MAX))
}
