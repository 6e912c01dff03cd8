//! Rows of recorded names. The file is written before its row, and removed before it.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::{changed, in_tx, touch};
use crate::clock::Utc;
use crate::contact::{NAMES_MS_MAX, NameClip, NameRefused, NewNameClip, name_file};
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::{ContactId, NameClipId, TenantId};
use crate::tenant::Tenant;

/// Files that are removed in one go.
const PURGE_AT_ONCE: i64 = 200;

/// Gives a contact a recording, in the place of one that it has; not confirmed yet. `false`: no such contact.
pub async fn set_name(tx: &mut Tx, tenant: &Tenant, contact: ContactId, new: &NewNameClip) -> Result<bool, Error> {
    touch(tx, tenant).await?;
    if in_tx(tx, tenant, contact).await?.is_none() {
        return Ok(false);
    }
    release(tx, tenant, contact, new.at).await?;
    sqlx::query(
        "INSERT INTO contact_name (id, tenant, contact, transcript, duration_ms, sha256, author, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id.to_string())
    .bind(tenant.key())
    .bind(contact.to_string())
    .bind(&new.transcript)
    .bind(i64::try_from(new.duration_ms).unwrap_or(i64::MAX))
    .bind(&new.sha256)
    .bind(&new.author)
    .bind(new.at.0)
    .execute(tx.conn())
    .await?;
    changed(tx, tenant, contact, new.at).await?;
    Ok(true)
}

/// An owner has heard this recording of a contact: it is played from now on. None: no such contact.
pub async fn confirm_name(
    tx: &mut Tx,
    tenant: &Tenant,
    contact: ContactId,
    clip: NameClipId,
    at: Utc,
) -> Result<Option<Result<(), NameRefused>>, Error> {
    touch(tx, tenant).await?;
    let Some(found) = in_tx(tx, tenant, contact).await? else { return Ok(None) };
    let Some(found) = found.name_clip.filter(|found| found.id == clip) else {
        return Ok(Some(Err(NameRefused::Another)));
    };
    if found.confirmed {
        return Ok(Some(Ok(())));
    }
    if others_ms(tx, tenant, clip).await?.saturating_add(found.duration_ms) > NAMES_MS_MAX {
        return Ok(Some(Err(NameRefused::TooMuch)));
    }
    sqlx::query("UPDATE contact_name SET confirmed = 1 WHERE id = $1 AND tenant = $2")
        .bind(clip.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    changed(tx, tenant, contact, at).await?;
    Ok(Some(Ok(())))
}

async fn others_ms(tx: &mut Tx, tenant: &Tenant, besides: NameClipId) -> Result<u64, Error> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(duration_ms), 0) AS BIGINT) AS others FROM contact_name \
         WHERE tenant = $1 AND confirmed = 1 AND contact IS NOT NULL AND id <> $2",
    )
    .bind(tenant.key())
    .bind(besides.to_string())
    .fetch_one(tx.conn())
    .await?;
    row.count("others")
}

/// Takes a contact's recording away; `false` where there is none.
pub async fn drop_name(tx: &mut Tx, tenant: &Tenant, contact: ContactId, at: Utc) -> Result<bool, Error> {
    touch(tx, tenant).await?;
    let was = release(tx, tenant, contact, at).await?;
    if was {
        changed(tx, tenant, contact, at).await?;
    }
    Ok(was)
}

/// The contact has no recording any more; its file is removed from `until` on.
pub(super) async fn release(tx: &mut Tx, tenant: &Tenant, contact: ContactId, until: Utc) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE contact_name SET contact = NULL, gone_at = $3 WHERE contact = $1 AND tenant = $2")
        .bind(contact.to_string())
        .bind(tenant.key())
        .bind(until.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A recording that was released is a contact's again, if it is still there.
pub(super) async fn take_back(tx: &mut Tx, tenant: &Tenant, clip: NameClipId, contact: ContactId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE contact_name SET contact = $3, gone_at = NULL WHERE id = $1 AND tenant = $2 AND contact IS NULL",
    )
    .bind(clip.to_string())
    .bind(tenant.key())
    .bind(contact.to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Recordings of all tenants that calls may play.
pub async fn names_of_all(db: &Db) -> Result<HashMap<TenantId, Vec<NameClip>>, Error> {
    let rows = sqlx::query(
        "SELECT n.tenant, n.id AS clip, n.transcript, n.duration_ms, n.sha256, n.created_at AS clip_at, n.confirmed \
         FROM contact_name n JOIN contact c ON c.id = n.contact WHERE n.confirmed = 1 AND c.blocked = 0",
    )
    .fetch_all(db.read())
    .await?;
    let mut found: HashMap<TenantId, Vec<NameClip>> = HashMap::new();
    for row in &rows {
        found.entry(row.parsed("tenant")?).or_default().extend(from_row(row)?);
    }
    Ok(found)
}

/// Recordings of all tenants that nobody has any more: their files are removed, then [`names_purged`] is called.
/// Gives id and file within [`crate::contact::NAMES`].
pub async fn names_due(db: &Db, now: Utc) -> Result<Vec<(NameClipId, String)>, Error> {
    let rows = sqlx::query("SELECT id FROM contact_name WHERE contact IS NULL AND gone_at <= $1 ORDER BY id LIMIT $2")
        .bind(now.0)
        .bind(PURGE_AT_ONCE)
        .fetch_all(db.read())
        .await?;
    rows.iter().map(|row| row.parsed("id").map(|id| (id, name_file(id)))).collect()
}

/// Their files are gone: so are their rows.
pub async fn names_purged(tx: &mut Tx, ids: &[NameClipId]) -> Result<(), Error> {
    for id in ids {
        sqlx::query("DELETE FROM contact_name WHERE id = $1 AND contact IS NULL")
            .bind(id.to_string())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Whether any tenant has this recording: a file without a row is what a crash left.
pub async fn has_name(db: &Db, id: NameClipId) -> Result<bool, Error> {
    let row = sqlx::query("SELECT COUNT(*) AS rows FROM contact_name WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(db.read())
        .await?;
    Ok(row.count("rows")? > 0)
}

/// The recording in a row that was joined with one, as `clip`, `clip_at` and the rest.
pub(super) fn from_row(row: &AnyRow) -> Result<Option<NameClip>, Error> {
    if row.text_maybe("clip")?.is_none() {
        return Ok(None);
    }
    Ok(Some(NameClip {
        id: row.parsed("clip")?,
        transcript: row.text("transcript")?,
        duration_ms: row.count("duration_ms")?,
        sha256: row.text("sha256")?,
        created_at: row.at("clip_at")?,
        confirmed: row.truth("confirmed")?,
    }))
}
