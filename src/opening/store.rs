//! Rows of overrides.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::{Kept, RUNNING_MAX};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::hours::Override;
use crate::ids::{OverrideId, TenantId};
use crate::tenant::Tenant;

/// Keeps an override. None where [`RUNNING_MAX`] stand already.
pub async fn set(tx: &mut Tx, tenant: &Tenant, by_hand: &Override) -> Result<Option<OverrideId>, Error> {
    // First, so that writers take turns here.
    tx.lines_changed().await?;
    let at = by_hand.set_at();
    let row = sqlx::query(
        "SELECT COUNT(*) AS standing FROM opening_override WHERE tenant = $1 AND lifted_at IS NULL AND until_at > $2",
    )
    .bind(tenant.key())
    .bind(at.0)
    .fetch_one(tx.conn())
    .await?;
    if row.number("standing")? >= RUNNING_MAX {
        return Ok(None);
    }
    let id = OverrideId::new(at, rand::random());
    sqlx::query(
        "INSERT INTO opening_override (id, tenant, open, from_at, until_at, reason, author, set_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(i64::from(by_hand.open()))
    .bind(by_hand.from().0)
    .bind(by_hand.until().0)
    .bind(by_hand.reason())
    .bind(by_hand.by())
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    tx.changed(tenant.id(), Noun::Opening, id, ChangeKind::Created);
    Ok(Some(id))
}

/// Ends an override early; `false` where the tenant has none of this id that still stands.
pub async fn lift(tx: &mut Tx, tenant: &Tenant, id: OverrideId, at: Utc) -> Result<bool, Error> {
    tx.lines_changed().await?;
    let done = sqlx::query(
        "UPDATE opening_override SET lifted_at = $3 \
         WHERE id = $1 AND tenant = $2 AND lifted_at IS NULL AND until_at > $3",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        tx.changed(tenant.id(), Noun::Opening, id, ChangeKind::Deleted);
    }
    Ok(done.rows_affected() == 1)
}

/// Those that stand at `at`, or will, in the order in which they were set.
pub async fn standing(db: &Db, tenant: &Tenant, at: Utc) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM opening_override WHERE tenant = $1 AND lifted_at IS NULL AND until_at > $2 ORDER BY set_at, id",
    )
    .bind(tenant.key())
    .bind(at.0)
    .fetch_all(db.read())
    .await?;
    rows.iter().map(kept).collect()
}

/// All that there ever were, newest first.
pub async fn history(db: &Db, tenant: &Tenant, limit: u32) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query("SELECT * FROM opening_override WHERE tenant = $1 ORDER BY set_at DESC, id DESC LIMIT $2")
        .bind(tenant.key())
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    rows.iter().map(kept).collect()
}

/// Those of all tenants that stand at `at`, or will: what lines are made from.
pub async fn standing_of_all(db: &Db, at: Utc) -> Result<HashMap<TenantId, Vec<Override>>, Error> {
    let rows =
        sqlx::query("SELECT * FROM opening_override WHERE lifted_at IS NULL AND until_at > $1 ORDER BY set_at, id")
            .bind(at.0)
            .fetch_all(db.read())
            .await?;
    let mut of_all: HashMap<TenantId, Vec<Override>> = HashMap::new();
    for row in &rows {
        of_all.entry(row.parsed("tenant")?).or_default().push(kept(row)?.by_hand);
    }
    Ok(of_all)
}

fn kept(row: &AnyRow) -> Result<Kept, Error> {
    let by_hand = Override::new(
        row.truth("open")?,
        row.at("from_at")?,
        row.at("until_at")?,
        row.at("set_at")?,
        row.text_maybe("reason")?,
        row.text("author")?,
    );
    let by_hand = by_hand.map_err(|bad| Error::Corrupt(format!("an override: {bad}")))?;
    Ok(Kept { id: row.parsed("id")?, by_hand, lifted_at: row.at_maybe("lifted_at")? })
}
