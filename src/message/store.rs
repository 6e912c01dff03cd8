//! Rows of messages and takes. Writing functions take a [`Tx`]; those that give `bool` say whether
//! there was such a row of this tenant.

pub mod export;

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use super::{About, Counts, Filter, Kept, Message, NewMessage, NewTake, Purge, Take, TakeState, Unfinished};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{CallId, Cursor, MessageId, TakeId, TenantId};
use crate::tenant::{self, Tenant};

/// Messages whose files are removed in one go.
const PURGE_AT_ONCE: i64 = 500;

/// Before the beep: the row of the message (`recording`), where it is not there yet, and of a take.
pub async fn begin(tx: &mut Tx, tenant: &Tenant, message: &NewMessage, take: &NewTake) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO message (id, tenant, call, caller, caller_name, called, step, at, matter, language, adds, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'recording') \
         ON CONFLICT (id) DO UPDATE SET step = excluded.step, matter = excluded.matter, language = excluded.language, \
         adds = excluded.adds",
    )
    .bind(message.id.to_string())
    .bind(tenant.key())
    .bind(message.call.to_string())
    .bind(message.caller.as_deref())
    .bind(&message.caller_name)
    .bind(&message.called)
    .bind(&message.step)
    .bind(message.at.0)
    .bind(&message.matter)
    .bind(message.language.as_str())
    .bind(message.adds.map(|callback| callback.to_string()))
    .execute(tx.conn())
    .await?;
    add_take(tx, tenant, message.id, take).await?;
    Ok(())
}

/// What a message is about.
pub async fn about(tx: &mut Tx, tenant: &Tenant, message: MessageId) -> Result<Option<About>, Error> {
    let row = sqlx::query(
        "SELECT id, call, caller, caller_name, called, step, matter, language, adds, urgent FROM message \
         WHERE id = $1 AND tenant = $2",
    )
    .bind(message.to_string())
    .bind(tenant.key())
    .fetch_optional(tx.conn())
    .await?;
    row.as_ref().map(about_from).transpose()
}

/// Whether something of it was kept.
pub async fn is_kept(tx: &mut Tx, tenant: &Tenant, message: MessageId) -> Result<bool, Error> {
    let row = sqlx::query("SELECT kept_at FROM message WHERE id = $1 AND tenant = $2")
        .bind(message.to_string())
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| row.at_maybe("kept_at")).transpose()?.flatten().is_some())
}

/// The kept messages of a call, in the order of time.
pub async fn about_call(tx: &mut Tx, tenant: &Tenant, call: CallId) -> Result<Vec<About>, Error> {
    let rows = sqlx::query(
        "SELECT id, call, caller, caller_name, called, step, matter, language, adds, urgent FROM message \
         WHERE call = $1 AND tenant = $2 AND kept_at IS NOT NULL AND deleted_at IS NULL ORDER BY at, id",
    )
    .bind(call.to_string())
    .bind(tenant.key())
    .fetch_all(tx.conn())
    .await?;
    rows.iter().map(about_from).collect()
}

fn about_from(row: &AnyRow) -> Result<About, Error> {
    Ok(About {
        id: row.parsed("id")?,
        call: row.parsed("call")?,
        caller: row.text_maybe("caller")?,
        caller_name: row.text("caller_name")?,
        called: row.text("called")?,
        step: row.text_maybe("step")?,
        matter: row.text_maybe("matter")?,
        language: row.text_maybe("language")?.and_then(|word| word.parse().ok()),
        adds: row.text_maybe("adds")?.and_then(|id| id.parse().ok()),
        urgent: row.truth("urgent")?,
    })
}

/// A further take, before its beep.
pub async fn add_take(tx: &mut Tx, tenant: &Tenant, message: MessageId, take: &NewTake) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO take (id, message, seq, state, file, started_at) \
         SELECT $1, m.id, (SELECT COALESCE(MAX(t.seq), 0) + 1 FROM take t WHERE t.message = m.id), \
         'recording', $4, $5 FROM message m WHERE m.id = $2 AND m.tenant = $3",
    )
    .bind(take.id.to_string())
    .bind(message.to_string())
    .bind(tenant.key())
    .bind(&take.file)
    .bind(take.started_at.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of a take.
pub async fn finish_take(
    tx: &mut Tx,
    tenant: &Tenant,
    take: TakeId,
    state: TakeState,
    total_ms: u64,
    sound_ms: u64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE take SET state = $3, total_ms = $4, sound_ms = $5 \
         WHERE id = $1 AND message IN (SELECT m.id FROM message m WHERE m.tenant = $2)",
    )
    .bind(take.to_string())
    .bind(tenant.key())
    .bind(state.as_str())
    .bind(signed(total_ms))
    .bind(signed(sound_ms))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The message can be heard from now on. Called again when a take was added or spoken anew: what was
/// heard, or deleted, is new again then, for there is more to hear.
pub async fn keep(tx: &mut Tx, tenant: &Tenant, id: MessageId, kept: &Kept) -> Result<bool, Error> {
    let before =
        sqlx::query("SELECT state, deleted_at FROM message WHERE id = $1 AND tenant = $2 AND state <> 'purged'")
            .bind(id.to_string())
            .bind(tenant.key())
            .fetch_optional(tx.conn())
            .await?;
    let Some(before) = before else { return Ok(false) };
    let listed = matches!(before.text("state")?.as_str(), "new" | "heard") && before.at_maybe("deleted_at")?.is_none();
    let peaks = serde_json::to_string(&kept.peaks).unwrap_or_else(|_| "[]".to_owned());
    sqlx::query(
        "UPDATE message SET state = 'new', heard_at = NULL, deleted_at = NULL, duration_ms = $3, rate_hz = $4, peak = $5, \
         sha256 = $6, peaks = $7, path = $8, damaged = $9, kept_at = $10 WHERE id = $1 AND tenant = $2",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(signed(kept.duration_ms))
    .bind(i64::from(kept.rate_hz))
    .bind(i64::from(kept.peak))
    .bind(&kept.sha256)
    .bind(peaks)
    .bind(&kept.path)
    .bind(i64::from(kept.damaged))
    .bind(kept.at.0)
    .execute(tx.conn())
    .await?;
    let kind = if listed { ChangeKind::Changed } else { ChangeKind::Created };
    tx.changed(tenant.id(), Noun::Message, id, kind);
    Ok(true)
}

/// The caller spoke anew: every take but this one is no longer heard. Their files stay.
pub async fn replace_takes(tx: &mut Tx, tenant: &Tenant, id: MessageId, by: TakeId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE take SET state = 'replaced' WHERE message = $1 AND id <> $3 AND state = 'kept' \
         AND message IN (SELECT m.id FROM message m WHERE m.tenant = $2)",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(by.to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The call is over: takes that were prepared and never spoken are empty, and a message of which
/// nothing was kept is missed.
pub async fn close(tx: &mut Tx, tenant: &Tenant, id: MessageId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE take SET state = 'empty' WHERE message = $1 AND state = 'recording' \
         AND message IN (SELECT m.id FROM message m WHERE m.tenant = $2)",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    missed(tx, tenant, id).await.map(|_| ())
}

/// No sound in it: a missed call. What was kept before stays kept.
pub async fn missed(tx: &mut Tx, tenant: &Tenant, id: MessageId) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE message SET state = 'missed' WHERE id = $1 AND tenant = $2 AND state = 'recording'")
        .bind(id.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Urgent or not. May come before the message is kept; nobody is told of it then.
pub async fn mark_urgent(tx: &mut Tx, tenant: &Tenant, id: MessageId, urgent: bool) -> Result<bool, Error> {
    let row = sqlx::query(
        "UPDATE message SET urgent = $3 \
         WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL AND state <> 'purged' RETURNING state",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(i64::from(urgent))
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    if matches!(row.text("state")?.as_str(), "new" | "heard") {
        tx.changed(tenant.id(), Noun::Message, id, ChangeKind::Changed);
    }
    Ok(true)
}

/// Heard or not.
pub async fn set_heard(tx: &mut Tx, tenant: &Tenant, id: MessageId, heard: bool, at: Utc) -> Result<bool, Error> {
    let (state, heard_at) = if heard { ("heard", Some(at.0)) } else { ("new", None) };
    let done = sqlx::query(
        "UPDATE message SET state = $3, heard_at = $4 \
         WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL AND state IN ('new', 'heard')",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(state)
    .bind(heard_at)
    .execute(tx.conn())
    .await?;
    told(tx, tenant, id, done.rows_affected(), ChangeKind::Changed)
}

/// Takes it out of the list; [`restore`] brings it back until its grace is over.
pub async fn delete(tx: &mut Tx, tenant: &Tenant, id: MessageId, at: Utc) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE message SET deleted_at = $3 \
         WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL AND state IN ('new', 'heard')",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    told(tx, tenant, id, done.rows_affected(), ChangeKind::Deleted)
}

/// Undoes [`delete`]. Restoring what is not deleted changes nothing and is no error.
pub async fn restore(tx: &mut Tx, tenant: &Tenant, id: MessageId) -> Result<bool, Error> {
    let done =
        sqlx::query("UPDATE message SET deleted_at = NULL WHERE id = $1 AND tenant = $2 AND state IN ('new', 'heard')")
            .bind(id.to_string())
            .bind(tenant.key())
            .execute(tx.conn())
            .await?;
    told(tx, tenant, id, done.rows_affected(), ChangeKind::Created)
}

fn told(tx: &mut Tx, tenant: &Tenant, id: MessageId, rows: u64, kind: ChangeKind) -> Result<bool, Error> {
    if rows > 0 {
        tx.changed(tenant.id(), Noun::Message, id, kind);
    }
    Ok(rows > 0)
}

/// One message that can be heard.
pub async fn get(db: &Db, tenant: &Tenant, id: MessageId) -> Result<Option<Message>, Error> {
    let row = sqlx::query(
        "SELECT * FROM message WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL AND state IN ('new', 'heard')",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .fetch_optional(db.read())
    .await?;
    row.as_ref().map(from_row).transpose()
}

/// A page of what can be heard, newest first, and where the next one begins.
pub async fn list(db: &Db, tenant: &Tenant, filter: &Filter) -> Result<(Vec<Message>, Option<Cursor>), Error> {
    let limit = filter.limit.clamp(1, Cursor::PAGE_MAX);
    let rows = sqlx::query(
        "SELECT * FROM message WHERE tenant = $1 AND deleted_at IS NULL AND state IN ('new', 'heard') \
         AND ($5 = '' OR state = $5) AND (at < $2 OR (at = $2 AND id < $3)) \
         ORDER BY at DESC, id DESC LIMIT $4",
    )
    .bind(tenant.key())
    .bind(filter.before.at.0)
    .bind(&filter.before.id)
    .bind(i64::from(limit) + 1)
    .bind(filter.state.map_or("", super::State::as_str))
    .fetch_all(db.read())
    .await?;
    let mut messages = rows.iter().map(from_row).collect::<Result<Vec<Message>, Error>>()?;
    let more = messages.len() > limit as usize;
    messages.truncate(limit as usize);
    let next = messages.last().filter(|_| more).map(|last| Cursor { at: last.at, id: last.id.to_string() });
    Ok((messages, next))
}

/// How many can be heard.
pub async fn counts(db: &Db, tenant: &Tenant) -> Result<Counts, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS total, COUNT(CASE WHEN state = 'new' THEN 1 END) AS fresh FROM message \
         WHERE tenant = $1 AND deleted_at IS NULL AND state IN ('new', 'heard')",
    )
    .bind(tenant.key())
    .fetch_one(db.read())
    .await?;
    Ok(Counts { new: row.count("fresh")?, total: row.count("total")? })
}

/// What a crash left, of all tenants: messages still `recording`, and kept ones with a take that is.
pub async fn unfinished(db: &Db) -> Result<Vec<Unfinished>, Error> {
    let rows = sqlx::query(
        "SELECT m.id AS message, m.tenant, m.call, m.at, m.state AS message_state, \
         t.id, t.seq, t.state, t.file, t.total_ms, t.sound_ms, t.started_at \
         FROM message m JOIN take t ON t.message = m.id \
         WHERE m.state <> 'purged' AND (m.state = 'recording' OR m.id IN (SELECT o.message FROM take o WHERE o.state = 'recording')) \
         ORDER BY m.id, t.seq",
    )
    .fetch_all(db.read())
    .await?;
    let tenants: BTreeMap<TenantId, Tenant> = tenant::store::all(db).await?.into_iter().map(|t| (t.id(), t)).collect();
    let mut found: Vec<Unfinished> = Vec::new();
    for row in &rows {
        let message: MessageId = row.parsed("message")?;
        let take = take_from_row(row)?;
        match found.last_mut().filter(|last| last.message == message) {
            Some(last) => last.takes.push(take),
            None => {
                let id: TenantId = row.parsed("tenant")?;
                let tenant = tenants.get(&id).cloned();
                found.push(Unfinished {
                    tenant: tenant.ok_or_else(|| Error::Corrupt(format!("tenant {id} of {message} is missing")))?,
                    message,
                    call: row.parsed("call")?,
                    at: row.at("at")?,
                    kept_before: row.text("message_state")? != "recording",
                    takes: vec![take],
                });
            }
        }
    }
    Ok(found)
}

/// The takes of a message, in order.
pub async fn takes(db: &Db, tenant: &Tenant, message: MessageId) -> Result<Vec<Take>, Error> {
    let rows = sqlx::query(
        "SELECT t.* FROM take t JOIN message m ON m.id = t.message WHERE m.id = $1 AND m.tenant = $2 ORDER BY t.seq",
    )
    .bind(message.to_string())
    .bind(tenant.key())
    .fetch_all(db.read())
    .await?;
    rows.iter().map(take_from_row).collect()
}

/// Messages deleted before this, of all tenants, and what an earlier run left: they cannot be restored
/// from the commit on. Then their files are removed, then [`purged`] is called.
pub async fn purge_due(tx: &mut Tx, before: Utc) -> Result<Vec<Purge>, Error> {
    sqlx::query("UPDATE message SET state = 'purged' WHERE deleted_at IS NOT NULL AND deleted_at < $1")
        .bind(before.0)
        .execute(tx.conn())
        .await?;
    let rows = sqlx::query(
        "SELECT m.id, m.path, t.file FROM (SELECT id, path FROM message WHERE state = 'purged' ORDER BY id LIMIT $1) m \
         LEFT JOIN take t ON t.message = m.id ORDER BY m.id, t.seq",
    )
    .bind(PURGE_AT_ONCE)
    .fetch_all(tx.conn())
    .await?;
    let mut due: Vec<Purge> = Vec::new();
    for row in &rows {
        let message: MessageId = row.parsed("id")?;
        if due.last().map(|last| last.message) != Some(message) {
            due.push(Purge { message, files: row.text_maybe("path")?.into_iter().collect() });
        }
        if let (Some(last), Some(file)) = (due.last_mut(), row.text_maybe("file")?) {
            last.files.push(file);
        }
    }
    Ok(due)
}

/// Its files are gone: so are its rows. The call and its timeline stay.
pub async fn purged(tx: &mut Tx, message: MessageId) -> Result<(), Error> {
    sqlx::query("DELETE FROM message WHERE id = $1 AND state = 'purged'")
        .bind(message.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn narrow<T: TryFrom<u64>>(row: &AnyRow, column: &str) -> Result<T, Error> {
    let number = row.count(column)?;
    T::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}

fn take_from_row(row: &AnyRow) -> Result<Take, Error> {
    Ok(Take {
        id: row.parsed("id")?,
        seq: narrow(row, "seq")?,
        state: row.parsed("state")?,
        file: row.text("file")?,
        total_ms: row.count("total_ms")?,
        sound_ms: row.count("sound_ms")?,
        started_at: row.at("started_at")?,
    })
}

fn from_row(row: &AnyRow) -> Result<Message, Error> {
    let peaks = row.text_maybe("peaks")?.unwrap_or_default();
    Ok(Message {
        id: row.parsed("id")?,
        call: row.parsed("call")?,
        caller: row.text_maybe("caller")?,
        caller_name: row.text("caller_name")?,
        called: row.text("called")?,
        step: row.text_maybe("step")?,
        at: row.at("at")?,
        state: row.parsed("state")?,
        urgent: row.truth("urgent")?,
        damaged: row.truth("damaged")?,
        duration_ms: row.count("duration_ms")?,
        rate_hz: narrow(row, "rate_hz")?,
        peak: narrow(row, "peak")?,
        sha256: row.text_maybe("sha256")?.unwrap_or_default(),
        // Only drawn: a list is not refused for them.
        peaks: serde_json::from_str(&peaks).unwrap_or_default(),
        path: row.text_maybe("path")?.unwrap_or_default(),
        transcript: row.text_maybe("transcript")?,
    })
}
