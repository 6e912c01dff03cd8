//! Who may read the booked times of a calendar without signing in: who knows its secret. Only the hash is kept.

use sqlx::any::AnyRow;

use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::TenantId;
use crate::tenant::Tenant;

/// A feed that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Whose.
    pub tenant: TenantId,
    /// Of which calendar.
    pub calendar: String,
    /// When it was given out.
    pub made_at: Utc,
}

/// Gives a calendar a secret; the one before it leads nowhere from then on.
pub async fn give(tx: &mut Tx, tenant: &Tenant, calendar: &str, hash: &str, at: Utc) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO calendar_feed (tenant, calendar, hash, made_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant, calendar) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at",
    )
    .bind(tenant.key())
    .bind(calendar)
    .bind(hash)
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The secret leads nowhere any more; `false`: there was none.
pub async fn revoke(tx: &mut Tx, tenant: &Tenant, calendar: &str) -> Result<bool, Error> {
    let done = sqlx::query("DELETE FROM calendar_feed WHERE tenant = $1 AND calendar = $2")
        .bind(tenant.key())
        .bind(calendar)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Where a secret leads. It has 256 random bits and is found by its hash: the time that takes tells nothing of others.
pub async fn by_hash(db: &Db, hash: &str) -> Result<Option<Feed>, Error> {
    let row = sqlx::query("SELECT * FROM calendar_feed WHERE hash = $1").bind(hash).fetch_optional(db.read()).await?;
    row.as_ref().map(feed).transpose()
}

/// The feeds of a tenant.
pub async fn all(db: &Db, tenant: &Tenant) -> Result<Vec<Feed>, Error> {
    let rows = sqlx::query("SELECT * FROM calendar_feed WHERE tenant = $1 ORDER BY calendar")
        .bind(tenant.key())
        .fetch_all(db.read())
        .await?;
    rows.iter().map(feed).collect()
}

fn feed(row: &AnyRow) -> Result<Feed, Error> {
    Ok(Feed { tenant: row.parsed("tenant")?, calendar: row.text("calendar")?, made_at: row.at("made_at")? })
}
