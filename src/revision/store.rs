//! Rows of plan revisions.

use std::collections::HashSet;

use sqlx::any::AnyRow;

use super::{Applied, Draft, Entry, KEPT_MAX, NOTE_MAX, Origin, Revision};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::TenantId;
use crate::plan::CheckContext;
use crate::tenant::{self, Tenant};

/// Makes a draft the tenant's plan; its numbers become the tenant's. Of two at once the second sees the
/// first. On anything but `Done` nothing is changed.
pub async fn apply(tx: &mut Tx, tenant: &Tenant, draft: &Draft, origin: &Origin, at: Utc) -> Result<Applied, Error> {
    // First, so that writers take turns here.
    tx.lines_changed().await?;
    let last = last_seq(tx, tenant).await?;
    if origin.based_on.is_some_and(|seen| seen != last) {
        return Ok(Applied::Overtaken(last));
    }
    if last > 0 && text_of(tx, tenant, last).await?.as_deref() == Some(draft.text()) {
        return Ok(Applied::Same(last));
    }
    let mark = tx.mark().await?;
    let taken = tenant::store::set_plan_numbers(tx, tenant, &draft.plan().line.numbers, at).await?;
    if !taken.is_empty() {
        tx.undo_mark(mark).await?;
        return Ok(Applied::Taken(taken));
    }
    tx.keep_mark(mark).await?;
    let seq = last.saturating_add(1);
    sqlx::query(
        "INSERT INTO plan_revision (tenant, seq, text, author, note, created_at, based_on, restores) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.key())
    .bind(i64::from(seq))
    .bind(draft.text())
    .bind(cut(&origin.author))
    .bind(cut(&origin.note))
    .bind(at.0)
    .bind((last > 0).then_some(i64::from(last)))
    .bind(origin.restores.map(i64::from))
    .execute(tx.conn())
    .await?;
    sqlx::query("DELETE FROM plan_revision WHERE tenant = $1 AND seq <= $2")
        .bind(tenant.key())
        .bind(i64::from(seq) - i64::from(KEPT_MAX))
        .execute(tx.conn())
        .await?;
    tx.changed(tenant.id(), Noun::Plan, seq, ChangeKind::Changed);
    Ok(Applied::Done(seq))
}

/// `known`, and the tenant's own prompts: all that were ever made and are kept, for going back to nothing
/// makes no plan wrong that names one.
pub async fn known(db: &Db, tenant: &Tenant, known: &CheckContext) -> Result<CheckContext, Error> {
    let rows =
        sqlx::query("SELECT DISTINCT language, prompt FROM prompt_version WHERE tenant = $1 AND deleted_at IS NULL")
            .bind(tenant.key())
            .fetch_all(db.read())
            .await?;
    let mut known = known.clone();
    for row in &rows {
        known.prompts.entry(row.parsed("language")?).or_default().insert(row.text("prompt")?);
    }
    Ok(known)
}

/// What a tenant's plan may name: `known`, its own prompts, numbers that are not another tenant's, and today's date there.
pub async fn context(db: &Db, tenant: &Tenant, known: &CheckContext, at: Utc) -> Result<CheckContext, Error> {
    let foreign = tenant::store::numbers_of_others(db, tenant).await?;
    let now = jiff::Timestamp::from_millisecond(at.0).ok();
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(tenant.timezone()).ok();
    let today = now.zip(zone).map(|(now, zone)| now.to_zoned(zone).date());
    let known = self::known(db, tenant, known).await?;
    Ok(CheckContext { foreign_numbers: foreign.into_iter().collect::<HashSet<_>>(), today, ..known })
}

/// The plan of a tenant: its last revision.
pub async fn last(db: &Db, tenant: &Tenant) -> Result<Option<Revision>, Error> {
    let row = sqlx::query("SELECT * FROM plan_revision WHERE tenant = $1 ORDER BY seq DESC LIMIT 1")
        .bind(tenant.key())
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(revision).transpose()
}

/// One revision.
pub async fn get(db: &Db, tenant: &Tenant, seq: u32) -> Result<Option<Revision>, Error> {
    let row = sqlx::query("SELECT * FROM plan_revision WHERE tenant = $1 AND seq = $2")
        .bind(tenant.key())
        .bind(i64::from(seq))
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(revision).transpose()
}

/// Revisions before `before` (none: the newest), newest first.
pub async fn history(db: &Db, tenant: &Tenant, before: Option<u32>, limit: u32) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query(
        "SELECT seq, author, note, created_at, based_on, restores FROM plan_revision \
         WHERE tenant = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
    )
    .bind(tenant.key())
    .bind(before.map_or(i64::MAX, i64::from))
    .bind(i64::from(limit.min(KEPT_MAX)))
    .fetch_all(db.read())
    .await?;
    rows.iter().map(entry).collect()
}

/// The number of the last revision of every tenant that has one: what a process compares with what it has.
pub async fn last_of_all(db: &Db) -> Result<Vec<(TenantId, u32)>, Error> {
    let rows =
        sqlx::query("SELECT tenant, MAX(seq) AS seq FROM plan_revision GROUP BY tenant").fetch_all(db.read()).await?;
    rows.iter().map(|row| Ok((row.parsed("tenant")?, seq_in(row, "seq")?))).collect()
}

async fn last_seq(tx: &mut Tx, tenant: &Tenant) -> Result<u32, Error> {
    let row = sqlx::query("SELECT COALESCE(MAX(seq), 0) AS seq FROM plan_revision WHERE tenant = $1")
        .bind(tenant.key())
        .fetch_one(tx.conn())
        .await?;
    seq_in(&row, "seq")
}

async fn text_of(tx: &mut Tx, tenant: &Tenant, seq: u32) -> Result<Option<String>, Error> {
    let row = sqlx::query("SELECT text FROM plan_revision WHERE tenant = $1 AND seq = $2")
        .bind(tenant.key())
        .bind(i64::from(seq))
        .fetch_optional(tx.conn())
        .await?;
    row.map(|row| row.text("text")).transpose()
}

fn revision(row: &AnyRow) -> Result<Revision, Error> {
    Ok(Revision { entry: entry(row)?, text: row.text("text")? })
}

fn entry(row: &AnyRow) -> Result<Entry, Error> {
    Ok(Entry {
        seq: seq_in(row, "seq")?,
        author: row.text("author")?,
        note: row.text("note")?,
        at: row.at("created_at")?,
        based_on: seq_maybe(row, "based_on")?,
        restores: seq_maybe(row, "restores")?,
    })
}

fn seq_in(row: &AnyRow, column: &str) -> Result<u32, Error> {
    let number = row.number(column)?;
    u32::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}

fn seq_maybe(row: &AnyRow, column: &str) -> Result<Option<u32>, Error> {
    row.number_maybe(column)?.map(|_| seq_in(row, column)).transpose()
}

/// One line, within the limit.
fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NOTE_MAX).collect()
}
