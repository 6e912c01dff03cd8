//! Rows of seats.

pub mod feed;
pub mod mail;

use std::time::Duration;

use sqlx::any::AnyRow;

use super::{Booked, HOLD, Holder, Of, WAITING};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::CallbackId;
use crate::slots::{Offers, Slot, Taken, Wish, offers};
use crate::tenant::Tenant;

/// Booked seats that one question gives, at most.
const BOOKED_MAX: i64 = 20_000;

/// Everybody who gives seats or promises of a tenant begins with this, on one row: they come one after the other.
pub async fn turn(tx: &mut Tx, tenant: &Tenant) -> Result<(), Error> {
    if tx.is_alone() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO seat_turn (tenant, seq) VALUES ($1, 1) ON CONFLICT (tenant) DO UPDATE SET seq = seat_turn.seq + 1",
    )
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Offers slots and holds a seat of each. What the holder held before is let go.
pub async fn offer(
    tx: &mut Tx,
    tenant: &Tenant,
    of: Of<'_>,
    holder: Holder,
    wish: Wish,
    most: u8,
    now: Utc,
) -> Result<Offers, Error> {
    turn(tx, tenant).await?;
    release(tx, tenant, holder).await?;
    let taken = taken(tx, tenant, of.name, now).await?;
    let offered = offers(of.rules, of.overrides, &taken, wish, most, now);
    for slot in &offered.slots {
        let until = (Some(holder.to_string()), Some(after(now, HOLD).0), None);
        sit(tx, tenant, of.name, *slot, until).await?;
    }
    tx.changed(tenant.id(), Noun::Seat, of.name, ChangeKind::Changed);
    Ok(offered)
}

/// Holds these seats for as long again, and lets the holder's others go. `false`, and nothing is changed: one of
/// them was given away in between.
pub async fn hold(
    tx: &mut Tx,
    tenant: &Tenant,
    calendar: &str,
    slots: &[Slot],
    holder: Holder,
    now: Utc,
) -> Result<bool, Error> {
    turn(tx, tenant).await?;
    let rows = sqlx::query("SELECT start_at, end_at FROM seat WHERE tenant = $1 AND calendar = $2 AND call = $3")
        .bind(tenant.key())
        .bind(calendar)
        .bind(holder.to_string())
        .fetch_all(tx.conn())
        .await?;
    let held: Vec<Slot> = rows.iter().map(slot).collect::<Result<_, _>>()?;
    if !slots.iter().all(|slot| held.contains(slot)) {
        return Ok(false);
    }
    for one in held {
        let keep = slots.contains(&one);
        let sql = if keep {
            "UPDATE seat SET until_at = $5 WHERE tenant = $1 AND calendar = $2 AND start_at = $3 AND call = $4"
        } else {
            "DELETE FROM seat WHERE tenant = $1 AND calendar = $2 AND start_at = $3 AND call = $4 AND until_at <> $5"
        };
        sqlx::query(sql)
            .bind(tenant.key())
            .bind(calendar)
            .bind(one.start.0)
            .bind(holder.to_string())
            .bind(if keep { after(now, HOLD).0 } else { i64::MIN })
            .execute(tx.conn())
            .await?;
    }
    tx.changed(tenant.id(), Noun::Seat, calendar, ChangeKind::Changed);
    Ok(true)
}

/// Nothing is held for this call any more, and nothing is counted for it.
pub async fn release(tx: &mut Tx, tenant: &Tenant, holder: Holder) -> Result<(), Error> {
    let rows = sqlx::query("DELETE FROM seat WHERE tenant = $1 AND call = $2 RETURNING calendar")
        .bind(tenant.key())
        .bind(holder.to_string())
        .fetch_all(tx.conn())
        .await?;
    for row in &rows {
        tx.changed(tenant.id(), Noun::Seat, row.text("calendar")?, ChangeKind::Changed);
    }
    settled(tx, tenant, holder).await
}

/// Books the seat that this call holds. `false`: it was given away in between.
pub async fn book(
    tx: &mut Tx,
    tenant: &Tenant,
    calendar: &str,
    slot: Slot,
    holder: Holder,
    callback: CallbackId,
) -> Result<bool, Error> {
    turn(tx, tenant).await?;
    let done = sqlx::query(
        "UPDATE seat SET callback = $6, call = NULL, until_at = NULL \
         WHERE tenant = $1 AND calendar = $2 AND start_at = $3 AND end_at = $4 AND call = $5",
    )
    .bind(tenant.key())
    .bind(calendar)
    .bind(slot.start.0)
    .bind(slot.end.0)
    .bind(holder.to_string())
    .bind(callback.to_string())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    release(tx, tenant, holder).await?;
    tx.changed(tenant.id(), Noun::Seat, calendar, ChangeKind::Changed);
    Ok(true)
}

/// Books a seat that nobody holds, if one is free: for whom nothing was offered by telephone.
pub async fn take(
    tx: &mut Tx,
    tenant: &Tenant,
    of: Of<'_>,
    slot: Slot,
    callback: CallbackId,
    now: Utc,
) -> Result<bool, Error> {
    turn(tx, tenant).await?;
    let taken = taken(tx, tenant, of.name, now).await?;
    if of.rules.free(of.overrides, &taken, slot, now) == 0 {
        return Ok(false);
    }
    sit(tx, tenant, of.name, slot, (None, None, Some(callback.to_string()))).await?;
    tx.changed(tenant.id(), Noun::Seat, of.name, ChangeKind::Changed);
    Ok(true)
}

/// The seats of a callback are free again, but for the one of `keep`.
pub async fn leave(
    tx: &mut Tx,
    tenant: &Tenant,
    callback: CallbackId,
    keep: Option<(&str, Slot)>,
) -> Result<(), Error> {
    let (calendar, start) = keep.map_or(("", i64::MIN), |(calendar, slot)| (calendar, slot.start.0));
    let rows = sqlx::query(
        "DELETE FROM seat WHERE tenant = $1 AND callback = $2 AND NOT (calendar = $3 AND start_at = $4) \
         RETURNING calendar",
    )
    .bind(tenant.key())
    .bind(callback.to_string())
    .bind(calendar)
    .bind(start)
    .fetch_all(tx.conn())
    .await?;
    for row in &rows {
        tx.changed(tenant.id(), Noun::Seat, row.text("calendar")?, ChangeKind::Changed);
    }
    Ok(())
}

/// What is held or booked of a calendar from now on; a seat each. Those that are held no longer are gone after it.
pub async fn taken(tx: &mut Tx, tenant: &Tenant, calendar: &str, now: Utc) -> Result<Taken, Error> {
    for sql in [
        "DELETE FROM seat WHERE tenant = $1 AND calendar = $2 AND until_at <= $3",
        // Nothing is left to do there: the time is free again.
        "DELETE FROM seat WHERE tenant = $1 AND calendar = $2 AND end_at > $3 AND callback IN \
         (SELECT c.id FROM callback c WHERE c.tenant = $1 AND c.state IN ('done', 'given_up'))",
    ] {
        sqlx::query(sql).bind(tenant.key()).bind(calendar).bind(now.0).execute(tx.conn()).await?;
    }
    let rows = sqlx::query("SELECT start_at, end_at FROM seat WHERE tenant = $1 AND calendar = $2 AND start_at > $3")
        .bind(tenant.key())
        .bind(calendar)
        .bind(now.before(EARLIER).0)
        .fetch_all(tx.conn())
        .await?;
    Ok(Taken::new(rows.iter().map(slot).collect::<Result<_, _>>()?))
}

/// As [`taken`], for reading only.
pub async fn taken_now(db: &Db, tenant: &Tenant, calendar: &str, now: Utc) -> Result<Taken, Error> {
    let rows = sqlx::query(
        "SELECT start_at, end_at FROM seat WHERE tenant = $1 AND calendar = $2 AND start_at > $3 \
         AND (until_at IS NULL OR until_at > $4) \
         AND NOT EXISTS (SELECT c.id FROM callback c WHERE c.id = seat.callback AND c.state IN ('done', 'given_up'))",
    )
    .bind(tenant.key())
    .bind(calendar)
    .bind(now.before(EARLIER).0)
    .bind(now.0)
    .fetch_all(db.read())
    .await?;
    Ok(Taken::new(rows.iter().map(slot).collect::<Result<_, _>>()?))
}

/// Booked seats that end after `from`, in the order of time; of one calendar, or of all.
pub async fn booked(db: &Db, tenant: &Tenant, calendar: Option<&str>, from: Utc) -> Result<Vec<Booked>, Error> {
    let rows = sqlx::query(
        "SELECT calendar, start_at, end_at, callback FROM seat \
         WHERE tenant = $1 AND callback IS NOT NULL AND end_at > $2 AND ($3 = '' OR calendar = $3) \
         AND NOT EXISTS (SELECT c.id FROM callback c WHERE c.id = seat.callback AND c.state IN ('done', 'given_up')) \
         ORDER BY start_at, calendar, seat LIMIT $4",
    )
    .bind(tenant.key())
    .bind(from.0)
    .bind(calendar.unwrap_or_default())
    .bind(BOOKED_MAX)
    .fetch_all(db.read())
    .await?;
    let one = |row: &AnyRow| {
        Ok(Booked { calendar: row.text("calendar")?, slot: slot(row)?, callback: row.parsed("callback")? })
    };
    rows.iter().map(one).collect()
}

/// Seats booked from now on, of all calendars: time of those who call back.
pub async fn busy(tx: &mut Tx, tenant: &Tenant, now: Utc) -> Result<Vec<Slot>, Error> {
    let rows = sqlx::query(
        "SELECT start_at, end_at FROM seat \
         WHERE tenant = $1 AND callback IS NOT NULL AND end_at > $2 \
         AND NOT EXISTS (SELECT c.id FROM callback c WHERE c.id = seat.callback AND c.state IN ('done', 'given_up')) \
         ORDER BY start_at LIMIT $3",
    )
    .bind(tenant.key())
    .bind(now.0)
    .bind(BOOKED_MAX)
    .fetch_all(tx.conn())
    .await?;
    rows.iter().map(slot).collect()
}

/// The caller is about to be told by when somebody calls back: counts for others from now on.
pub async fn wait(tx: &mut Tx, tenant: &Tenant, call: Holder, now: Utc) -> Result<(), Error> {
    sqlx::query("DELETE FROM waiting_call WHERE until_at <= $1").bind(now.0).execute(tx.conn()).await?;
    sqlx::query(
        "INSERT INTO waiting_call (call, tenant, until_at) VALUES ($1, $2, $3) \
         ON CONFLICT (call) DO UPDATE SET until_at = excluded.until_at",
    )
    .bind(call.to_string())
    .bind(tenant.key())
    .bind(after(now, WAITING).0)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many other calls wait so, or were told and have no entry yet.
pub async fn waiting(tx: &mut Tx, tenant: &Tenant, call: Holder, now: Utc) -> Result<u64, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS calls FROM ( \
         SELECT w.call FROM waiting_call w WHERE w.tenant = $1 AND w.call <> $2 AND w.until_at > $3 \
         UNION SELECT p.call FROM promise p \
         WHERE p.tenant = $1 AND p.call <> $2 AND p.callback IS NULL AND p.told_at > $4) others",
    )
    .bind(tenant.key())
    .bind(call.to_string())
    .bind(now.0)
    .bind(now.before(WAITING).0)
    .fetch_one(tx.conn())
    .await?;
    row.count("calls")
}

/// The call has its entry, or wants none: the entry is what counts.
pub async fn settled(tx: &mut Tx, tenant: &Tenant, call: Holder) -> Result<(), Error> {
    sqlx::query("DELETE FROM waiting_call WHERE call = $1 AND tenant = $2")
        .bind(call.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Seats held for nobody any more, of all tenants: what a crash left.
pub async fn sweep(tx: &mut Tx, now: Utc) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM seat WHERE until_at <= $1").bind(now.0).execute(tx.conn()).await?;
    sqlx::query("DELETE FROM waiting_call WHERE until_at <= $1").bind(now.0).execute(tx.conn()).await?;
    Ok(done.rows_affected())
}

/// Slots that began so long ago may still last.
const EARLIER: Duration = Duration::from_secs(24 * 3600);

/// Who sits there: the call and until when, or the callback.
type Sitter = (Option<String>, Option<i64>, Option<String>);

/// Gives the first free seat of a slot: the caller has seen that there is one, in this turn.
async fn sit(tx: &mut Tx, tenant: &Tenant, calendar: &str, slot: Slot, who: Sitter) -> Result<(), Error> {
    let (call, until, callback) = who;
    sqlx::query(
        "INSERT INTO seat (tenant, calendar, start_at, end_at, seat, call, until_at, callback) \
         SELECT $1, $2, $3, $4, COALESCE(MAX(s.seat), 0) + 1, $5, $6, $7 \
         FROM seat s WHERE s.tenant = $1 AND s.calendar = $2 AND s.start_at = $3",
    )
    .bind(tenant.key())
    .bind(calendar)
    .bind(slot.start.0)
    .bind(slot.end.0)
    .bind(call)
    .bind(until)
    .bind(callback)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn slot(row: &AnyRow) -> Result<Slot, Error> {
    Ok(Slot { start: row.at("start_at")?, end: row.at("end_at")? })
}

fn after(now: Utc, time: Duration) -> Utc {
    Utc(now.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}
