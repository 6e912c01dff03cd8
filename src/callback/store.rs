//! Rows of callbacks. Every change reads the entry under its lock, lets a rule of [`super::rules`] move it, and writes
//! what came of it with the timeline in the same transaction.

mod arrive;
mod book;
mod calls;
mod clocks;
mod list;
mod numbers;
mod rows;

use sqlx::any::AnyRow;

use super::rules::{Entry, Moved, Refusal, noted};
use super::{Act, By, ByHand, Callback, NAME_MAX, Promise, PromiseState, Promised, Rules, State, TIMELINE_MAX, Whole};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::{AttemptId, CallId, CallbackId, ContactId, PersonId, PromiseId};
use crate::tenant::Tenant;

pub use arrive::{Arrived, adopt, arrive, promised, repoint};
pub use book::{book, booked, move_to};
pub use calls::{forget_promises, has_call, too_many, was_promised};
pub use clocks::keep_clocks;
pub use list::{counts, list, open_of, told, waiting};
pub use numbers::figures;

/// Candidates that are looked at before they are read anew.
const NEXT_AT_ONCE: i64 = 16;
/// How often they are read anew: each time somebody else was faster all along.
const NEXT_ROUNDS_MAX: usize = 256;

/// One entry.
pub async fn get(db: &Db, tenant: &Tenant, id: CallbackId) -> Result<Option<Callback>, Error> {
    let row = sqlx::query("SELECT * FROM callback WHERE id = $1 AND tenant = $2")
        .bind(id.to_string())
        .bind(tenant.key())
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(rows::callback).transpose()
}

/// One entry with its calls, promises, tries and timeline.
pub async fn whole(db: &Db, tenant: &Tenant, id: CallbackId) -> Result<Option<Whole>, Error> {
    let Some(callback) = get(db, tenant, id).await? else { return Ok(None) };
    let of = |sql: &'static str| sqlx::query(sql).bind(id.to_string());
    let calls = of("SELECT * FROM callback_call WHERE callback = $1 ORDER BY at, call").fetch_all(db.read()).await?;
    let promises = of(rows::PROMISES).fetch_all(db.read()).await?;
    let attempts = "SELECT * FROM attempt WHERE callback = $1 AND undone = 0 ORDER BY at, id";
    let attempts = of(attempts).fetch_all(db.read()).await?;
    // The newest of them, oldest first.
    let events = "SELECT * FROM (SELECT * FROM callback_event WHERE callback = $1 ORDER BY seq DESC LIMIT $2) e \
                  ORDER BY seq";
    let events = of(events).bind(i64::from(TIMELINE_MAX)).fetch_all(db.read()).await?;
    Ok(Some(Whole {
        callback,
        calls: each(&calls, rows::call)?,
        promises: each(&promises, rows::promise)?,
        attempts: each(&attempts, rows::attempt)?,
        events: each(&events, rows::event)?,
    }))
}

fn each<T>(rows: &[AnyRow], read: impl Fn(&AnyRow) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    rows.iter().map(read).collect()
}

/// What somebody does with an entry. `expected`: the version that they have seen; another one is refused.
pub async fn act(
    tx: &mut Tx,
    tenant: &Tenant,
    id: CallbackId,
    by: By,
    act: &Act,
    expected: Option<i64>,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let entry = match seen(tx, tenant, id, expected).await? {
        Ok(entry) => entry,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match entry.act(act, by, AttemptId::new(now, rand::random()), now) {
        Ok(moved) => rows::write(tx, tenant, moved).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Takes back what `by` did last, while nothing else has happened.
pub async fn undo(
    tx: &mut Tx,
    tenant: &Tenant,
    id: CallbackId,
    by: By,
    expected: Option<i64>,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let entry = match seen(tx, tenant, id, expected).await? {
        Ok(entry) => entry,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(last) = rows::last(tx, id).await? else { return Ok(Err(Refusal::NothingToUndo)) };
    let moved = match entry.undo(&last, by, now) {
        Ok(moved) => moved,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(attempt) = last.before.and_then(|before| before.attempt) {
        sqlx::query("UPDATE attempt SET undone = 1 WHERE id = $1 AND tenant = $2")
            .bind(attempt.to_string())
            .bind(tenant.key())
            .execute(tx.conn())
            .await?;
    }
    rows::write(tx, tenant, moved).await.map(Ok)
}

/// The entry under its lock, if it is the one that was seen.
async fn seen(
    tx: &mut Tx,
    tenant: &Tenant,
    id: CallbackId,
    expected: Option<i64>,
) -> Result<Result<Entry, Refusal>, Error> {
    let Some(entry) = rows::lock(tx, tenant, id).await? else { return Ok(Err(Refusal::Gone)) };
    let version = entry.callback.version;
    Ok(if expected.is_none_or(|expected| expected == version) { Ok(entry) } else { Err(Refusal::Changed(version)) })
}

/// The first in order that `who` may call now, claimed; none: nothing is due.
pub async fn claim_next(tx: &mut Tx, tenant: &Tenant, who: PersonId, now: Utc) -> Result<Option<Callback>, Error> {
    for _ in 0..NEXT_ROUNDS_MAX {
        let ids = list::due(tx, tenant, who, now, NEXT_AT_ONCE).await?;
        if ids.is_empty() {
            return Ok(None);
        }
        for id in ids {
            // Others may have been faster while the lock was waited for.
            let Some(entry) = rows::lock(tx, tenant, id).await? else { continue };
            if !entry.callback.due_for(who, now) {
                continue;
            }
            if let Ok(moved) = entry.act(&Act::Claim, By::Person(who), AttemptId::new(now, rand::random()), now) {
                return rows::write(tx, tenant, moved).await.map(Some);
            }
        }
    }
    Err(Error::Busy("others claimed each callback first".to_owned()))
}

/// The caller wants no call any more: the entry as it was, with a booked time whose seat is to be freed.
pub async fn cancel_by_caller(
    tx: &mut Tx,
    tenant: &Tenant,
    id: CallbackId,
    call: CallId,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let Some(entry) = rows::lock(tx, tenant, id).await? else { return Ok(Err(Refusal::Gone)) };
    let was = entry.callback.clone();
    match entry.cancelled(call, now) {
        Ok(moved) => {
            rows::write(tx, tenant, moved).await?;
            Ok(Ok(was))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// An entry by hand.
pub async fn add(
    tx: &mut Tx,
    tenant: &Tenant,
    rules: &Rules,
    new: &ByHand,
    by: By,
    now: Utc,
) -> Result<Result<Callback, Refusal>, Error> {
    let note = match noted(&new.note) {
        Ok(note) => note,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut moved = by_hand(tx, tenant, rules, new, note, by, now).await?;
    if let Some(told) = &new.promise {
        moved = moved.and_promised(promise_of(told, None), by);
    }
    rows::write(tx, tenant, moved).await.map(Ok)
}

/// An entry that no call has made.
async fn by_hand(
    tx: &mut Tx,
    tenant: &Tenant,
    rules: &Rules,
    new: &ByHand,
    note: String,
    by: By,
    now: Utc,
) -> Result<Moved, Error> {
    let id = CallbackId::new(now, rand::random());
    let contact = match &new.number {
        Some(number) => arrive::contact_of(tx, tenant, number).await?,
        None => None,
    };
    let callback = Callback {
        id,
        party: arrive::party(contact, new.number.as_deref(), id),
        contact,
        caller: None,
        given: None,
        number: new.number.clone(),
        leave: new.leave.clone().map(|why| super::Leave { why, by: None }),
        name: new.name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect::<String>().trim().to_owned(),
        matter: new.matter.clone(),
        step: None,
        called: String::new(),
        language: new.language,
        urgent: new.urgent,
        state: State::Open,
        assigned: None,
        slot: None,
        created_at: now,
        opened_at: now,
        last_at: now,
        calls: 0,
        attempts: 0,
        tried_at: None,
        promised: None,
        broken: None,
        held: false,
        note,
        rules: rules.clone(),
        version: 0,
    };
    Ok(Moved::made(callback, by, serde_json::json!({"by_hand": true})))
}

/// A promise that has just been told.
fn promise_of(told: &Promised, call: Option<CallId>) -> Promise {
    Promise {
        id: PromiseId::new(told.told_at, rand::random()),
        callback: None,
        call,
        kind: told.kind,
        words: told.words.clone(),
        language: told.language,
        told_at: told.told_at,
        latest_at: told.latest_at,
        start: told.start,
        state: PromiseState::Open,
        settled_at: None,
        warned_at: None,
        tried_at: None,
    }
}

/// Entries of a contact, the newest first: for its history.
pub async fn of_contact(db: &Db, tenant: &Tenant, contact: ContactId, limit: u32) -> Result<Vec<Callback>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM callback WHERE tenant = $1 AND contact = $2 ORDER BY last_at DESC, id DESC LIMIT $3",
    )
    .bind(tenant.key())
    .bind(contact.to_string())
    .bind(i64::from(limit.min(crate::ids::Cursor::PAGE_MAX)))
    .fetch_all(db.read())
    .await?;
    each(&rows, rows::callback)
}

/// The entries that a call is a part of.
pub async fn of_call(db: &Db, tenant: &Tenant, call: CallId) -> Result<Vec<CallbackId>, Error> {
    let rows = sqlx::query(
        "SELECT c.id FROM callback_call k JOIN callback c ON c.id = k.callback WHERE k.call = $1 AND c.tenant = $2 \
         ORDER BY c.id",
    )
    .bind(call.to_string())
    .bind(tenant.key())
    .fetch_all(db.read())
    .await?;
    each(&rows, |row| row.parsed("id"))
}
