//! Times that are booked without a call: by who speaks for the caller, such as a website.

use super::{arrive, by_hand, each, list, promise_of, rows};
use crate::callback::rules::{Refusal, noted};
use crate::callback::{Booked, By, ByHand, Callback, Promised, Rules};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::CallbackId;
use crate::tenant::Tenant;

/// Books a time: into the open entry of the same party about the same matter, else into a new one. Where somebody is
/// to be called at a booked time already, nobody who only knows the number may move it so.
pub async fn book(
    tx: &mut Tx,
    tenant: &Tenant,
    rules: &Rules,
    new: &ByHand,
    slot: &Booked,
    by: By,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let note = match noted(&new.note) {
        Ok(note) => note,
        Err(refusal) => return Ok(Err(refusal)),
    };
    arrive::turn(tx, tenant).await?;
    let mut moved = match open_one(tx, tenant, new).await? {
        Some(id) => {
            let Some(entry) = rows::lock(tx, tenant, id).await? else { return Ok(Err(Refusal::Gone)) };
            if let Some(booked) = entry.callback.slot.as_ref().filter(|booked| booked.end > now) {
                return Ok(Err(Refusal::Booked { callback: id, start: booked.start }));
            }
            let mut moved = match entry.books(slot, by, now) {
                Ok(moved) => moved,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let callback = &mut moved.entry.callback;
            callback.last_at = now;
            if callback.name.is_empty() {
                callback.name.clone_from(&new.name);
            }
            if !note.is_empty() {
                callback.note = note;
            }
            moved
        }
        None => {
            let mut moved = by_hand(tx, tenant, rules, new, note, by, now).await?;
            moved.takes(slot, by, now);
            moved
        }
    };
    if let Some(told) = &new.promise {
        moved = moved.and_promised(promise_of(told, None), by);
    }
    rows::write(tx, tenant, moved).await.map(Ok)
}

/// Another time for an entry that has one, or has none yet.
pub async fn move_to(
    tx: &mut Tx,
    tenant: &Tenant,
    id: CallbackId,
    slot: (&Booked, &Promised),
    by: By,
    expected: Option<i64>,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let entry = match super::seen(tx, tenant, id, expected).await? {
        Ok(entry) => entry,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (slot, told) = slot;
    match entry.books(slot, by, now) {
        Ok(moved) => rows::write(tx, tenant, moved.and_promised(promise_of(told, None), by)).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// The open entry of the party about this.
async fn open_one(tx: &mut Tx, tenant: &Tenant, new: &ByHand) -> Result<Option<CallbackId>, Error> {
    let Some(number) = new.number.as_deref() else { return Ok(None) };
    let contact = arrive::contact_of(tx, tenant, number).await?;
    let sql = format!(
        "SELECT id FROM callback WHERE tenant = $1 AND {} AND (party = $2 OR party = $3) AND matter = $4 \
         ORDER BY opened_at DESC, id DESC LIMIT 1",
        list::OPEN
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.key())
        .bind(format!("n:{number}"))
        .bind(contact.map_or_else(String::new, |contact| format!("c:{contact}")))
        .bind(new.matter.as_deref().unwrap_or_default())
        .fetch_optional(tx.conn())
        .await?;
    row.as_ref().map(|row| row.parsed("id")).transpose()
}

/// Open entries with a booked time of this calendar that ends after `from`, in the order of time; at most `limit`.
pub async fn booked(db: &Db, tenant: &Tenant, calendar: &str, from: Utc, limit: u32) -> Result<Vec<Callback>, Error> {
    let sql = format!(
        "SELECT * FROM callback WHERE tenant = $1 AND {} AND slot_calendar = $2 AND slot_end > $3 \
         ORDER BY slot_start, id LIMIT $4",
        list::OPEN
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.key())
        .bind(calendar)
        .bind(from.0)
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    each(&rows, rows::callback)
}
