//! Rows of versions. Writing functions take a [`Tx`]; every change is told to the listeners of
//! [`Db::changes`] with the prompt's place (`de/greeting`) as its id.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::{
    CURRENT_MS_MAX, KEPT_MS_MAX, NewVersion, PROMPTS_MAX, Place, PromptId, Refusal, VERSIONS_MAX, Version, file_name,
};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{PromptVersionId, TenantId};
use crate::tenant::Tenant;

/// Versions whose files are removed in one go.
const PURGE_AT_ONCE: i64 = 500;

/// Why a prompt was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The owner can put it right.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] Error),
    /// The disk is full, or nearly: what callers say goes before.
    #[error("the disk is full: make room, nothing that was kept is lost")]
    NoRoom,
    /// The file could not be written, or what makes prompts failed.
    #[error("the prompt could not be made: {0}")]
    Failed(String),
}

impl From<sqlx::Error> for KeepError {
    fn from(error: sqlx::Error) -> KeepError {
        KeepError::Database(error.into())
    }
}

/// All versions of a tenant: by language and prompt, newest first.
pub async fn versions(db: &Db, tenant: &Tenant) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM prompt_version WHERE tenant = $1 AND deleted_at IS NULL ORDER BY language, prompt, seq DESC",
    )
    .bind(tenant.key())
    .fetch_all(db.read())
    .await?;
    rows.iter().map(from_row).collect()
}

/// The versions of one prompt, newest first.
pub async fn history(db: &Db, tenant: &Tenant, place: &Place) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM prompt_version \
         WHERE tenant = $1 AND language = $2 AND prompt = $3 AND deleted_at IS NULL ORDER BY seq DESC",
    )
    .bind(tenant.key())
    .bind(place.language.as_str())
    .bind(place.prompt.as_str())
    .fetch_all(db.read())
    .await?;
    rows.iter().map(from_row).collect()
}

/// What callers of a tenant hear instead of the shipped prompts.
pub async fn current_all(db: &Db, tenant: &Tenant) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM prompt_version WHERE tenant = $1 AND current = 1 AND deleted_at IS NULL ORDER BY language, prompt",
    )
    .bind(tenant.key())
    .fetch_all(db.read())
    .await?;
    rows.iter().map(from_row).collect()
}

/// That of all tenants.
pub async fn current_of_all(db: &Db) -> Result<HashMap<TenantId, Vec<Version>>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM prompt_version WHERE current = 1 AND deleted_at IS NULL ORDER BY tenant, language, prompt",
    )
    .fetch_all(db.read())
    .await?;
    let mut found: HashMap<TenantId, Vec<Version>> = HashMap::new();
    for row in &rows {
        found.entry(row.parsed("tenant")?).or_default().push(from_row(row)?);
    }
    Ok(found)
}

/// Of all tenants, the prompts that have versions, current or not: a plan may name them.
pub async fn places_of_all(db: &Db) -> Result<HashMap<TenantId, Vec<Place>>, Error> {
    let rows = sqlx::query(
        "SELECT DISTINCT tenant, language, prompt FROM prompt_version WHERE deleted_at IS NULL \
         ORDER BY tenant, language, prompt",
    )
    .fetch_all(db.read())
    .await?;
    let mut found: HashMap<TenantId, Vec<Place>> = HashMap::new();
    for row in &rows {
        let place = Place { language: row.parsed("language")?, prompt: row.parsed("prompt")? };
        found.entry(row.parsed("tenant")?).or_default().push(place);
    }
    Ok(found)
}

/// One version.
pub async fn get(db: &Db, tenant: &Tenant, id: PromptVersionId) -> Result<Option<Version>, Error> {
    let row = sqlx::query("SELECT * FROM prompt_version WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL")
        .bind(id.to_string())
        .bind(tenant.key())
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// A new version, which is current from the commit on. What is too many by it is marked for
/// [`purge_due`].
///
/// Changes come one after the other, for each raises the counter of what lines are made of first:
/// PostgreSQL would else let two become current, or both be the last that fits.
pub async fn add_version(tx: &mut Tx, tenant: &Tenant, new: &NewVersion) -> Result<Version, KeepError> {
    tx.lines_changed().await?;
    has_room(tx, tenant, new).await?;
    unset(tx, tenant, &new.place).await?;
    let row = sqlx::query(
        "INSERT INTO prompt_version (id, tenant, prompt, language, seq, source, transcript, duration_ms, level, sha256, \
         author, created_at, current) VALUES ($1, $2, $3, $4, \
         (SELECT COALESCE(MAX(o.seq), 0) + 1 FROM prompt_version o WHERE o.tenant = $2 AND o.prompt = $3 AND o.language = $4), \
         $5, $6, $7, $8, $9, $10, $11, 1) RETURNING *",
    )
    .bind(new.id.to_string())
    .bind(tenant.key())
    .bind(new.place.prompt.as_str())
    .bind(new.place.language.as_str())
    .bind(new.source.as_str())
    .bind(&new.transcript)
    .bind(signed(new.duration_ms))
    .bind(i64::from(new.level))
    .bind(&new.sha256)
    .bind(&new.author)
    .bind(new.at.0)
    .fetch_one(tx.conn())
    .await?;
    let made = from_row(&row)?;
    too_many_go(tx, tenant, &new.place, new.at).await?;
    too_old_go(tx, tenant, new.at).await?;
    tx.changed(tenant.id(), Noun::Prompt, &new.place, ChangeKind::Changed);
    Ok(made)
}

/// Makes a version current again; none where the tenant has no such version of this prompt.
pub async fn restore(
    tx: &mut Tx,
    tenant: &Tenant,
    place: &Place,
    id: PromptVersionId,
) -> Result<Option<Version>, KeepError> {
    tx.lines_changed().await?;
    let row = sqlx::query(
        "SELECT * FROM prompt_version \
         WHERE id = $1 AND tenant = $2 AND language = $3 AND prompt = $4 AND deleted_at IS NULL",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(place.language.as_str())
    .bind(place.prompt.as_str())
    .fetch_optional(tx.conn())
    .await?;
    let Some(version) = row.as_ref().map(from_row).transpose()? else { return Ok(None) };
    in_use_fits(tx, tenant, place, version.duration_ms).await?;
    unset(tx, tenant, place).await?;
    sqlx::query("UPDATE prompt_version SET current = 1 WHERE id = $1 AND tenant = $2")
        .bind(id.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    tx.changed(tenant.id(), Noun::Prompt, place, ChangeKind::Changed);
    Ok(Some(Version { current: true, ..version }))
}

/// Back to the shipped prompt; the versions stay. `false` where none was current.
pub async fn reset(tx: &mut Tx, tenant: &Tenant, place: &Place) -> Result<bool, Error> {
    tx.lines_changed().await?;
    let was = unset(tx, tenant, place).await?;
    if was {
        tx.changed(tenant.id(), Noun::Prompt, place, ChangeKind::Changed);
    }
    Ok(was)
}

/// Versions of all tenants whose time is up: their files are removed, then [`purged`] is called.
/// Gives id and file within [`super::FOLDER`].
pub async fn purge_due(db: &Db) -> Result<Vec<(PromptVersionId, String)>, Error> {
    let rows = sqlx::query("SELECT id FROM prompt_version WHERE deleted_at IS NOT NULL ORDER BY id LIMIT $1")
        .bind(PURGE_AT_ONCE)
        .fetch_all(db.read())
        .await?;
    rows.iter().map(|row| row.parsed("id").map(|id| (id, file_name(id)))).collect()
}

/// Their files are gone: so are their rows.
pub async fn purged(tx: &mut Tx, ids: &[PromptVersionId]) -> Result<(), Error> {
    for id in ids {
        sqlx::query("DELETE FROM prompt_version WHERE id = $1 AND deleted_at IS NOT NULL")
            .bind(id.to_string())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Whether any tenant has this version: a file without a row is what a crash left.
pub async fn has_row(db: &Db, id: PromptVersionId) -> Result<bool, Error> {
    let row = sqlx::query("SELECT COUNT(*) AS rows FROM prompt_version WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(db.read())
        .await?;
    Ok(row.count("rows")? > 0)
}

async fn unset(tx: &mut Tx, tenant: &Tenant, place: &Place) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE prompt_version SET current = 0 WHERE tenant = $1 AND language = $2 AND prompt = $3 AND current = 1",
    )
    .bind(tenant.key())
    .bind(place.language.as_str())
    .bind(place.prompt.as_str())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

async fn has_room(tx: &mut Tx, tenant: &Tenant, new: &NewVersion) -> Result<(), KeepError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS others FROM (SELECT DISTINCT language, prompt FROM prompt_version \
         WHERE tenant = $1 AND deleted_at IS NULL AND NOT (language = $2 AND prompt = $3)) AS p",
    )
    .bind(tenant.key())
    .bind(new.place.language.as_str())
    .bind(new.place.prompt.as_str())
    .fetch_one(tx.conn())
    .await?;
    if row.count("others")? >= PROMPTS_MAX as u64 {
        return Err(Refusal::TooManyPrompts.into());
    }
    in_use_fits(tx, tenant, &new.place, new.duration_ms).await
}

async fn in_use_fits(tx: &mut Tx, tenant: &Tenant, place: &Place, duration_ms: u64) -> Result<(), KeepError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(duration_ms), 0) AS BIGINT) AS others FROM prompt_version \
         WHERE tenant = $1 AND current = 1 AND NOT (language = $2 AND prompt = $3)",
    )
    .bind(tenant.key())
    .bind(place.language.as_str())
    .bind(place.prompt.as_str())
    .fetch_one(tx.conn())
    .await?;
    let fits = row.count("others")?.saturating_add(duration_ms) <= CURRENT_MS_MAX;
    if fits { Ok(()) } else { Err(Refusal::TooMuch.into()) }
}

/// The oldest versions of a prompt, beyond [`VERSIONS_MAX`].
async fn too_many_go(tx: &mut Tx, tenant: &Tenant, place: &Place, at: Utc) -> Result<(), Error> {
    sqlx::query(
        "UPDATE prompt_version SET deleted_at = $4 WHERE current = 0 AND id IN (SELECT o.id FROM prompt_version o \
         WHERE o.tenant = $1 AND o.language = $2 AND o.prompt = $3 AND o.deleted_at IS NULL \
         ORDER BY o.current DESC, o.seq DESC LIMIT 100 OFFSET $5)",
    )
    .bind(tenant.key())
    .bind(place.language.as_str())
    .bind(place.prompt.as_str())
    .bind(at.0)
    .bind(VERSIONS_MAX as i64)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The oldest versions of a tenant that nobody hears, beyond [`KEPT_MS_MAX`].
async fn too_old_go(tx: &mut Tx, tenant: &Tenant, at: Utc) -> Result<(), Error> {
    sqlx::query(
        "UPDATE prompt_version SET deleted_at = $2 WHERE id IN (SELECT s.id FROM (SELECT o.id, o.current, \
         SUM(o.duration_ms) OVER (ORDER BY o.current DESC, o.created_at DESC, o.id DESC) AS so_far \
         FROM prompt_version o WHERE o.tenant = $1 AND o.deleted_at IS NULL) AS s \
         WHERE s.current = 0 AND s.so_far > $3)",
    )
    .bind(tenant.key())
    .bind(at.0)
    .bind(signed(KEPT_MS_MAX))
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_row(row: &AnyRow) -> Result<Version, Error> {
    let narrow = |column: &str| -> Result<i32, Error> {
        let number = row.number(column)?;
        i32::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
    };
    Ok(Version {
        id: row.parsed("id")?,
        place: Place { language: row.parsed("language")?, prompt: row.parsed::<PromptId>("prompt")? },
        seq: u32::try_from(narrow("seq")?).map_err(|_| Error::Corrupt("seq is negative".to_owned()))?,
        source: row.parsed("source")?,
        transcript: row.text("transcript")?,
        duration_ms: row.count("duration_ms")?,
        level: narrow("level")?,
        sha256: row.text("sha256")?,
        author: row.text("author")?,
        created_at: row.at("created_at")?,
        current: row.truth("current")?,
    })
}
