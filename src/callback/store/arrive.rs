//! Calls that come in, and what their callers were told.

use serde_json::json;
use sqlx::any::AnyRow;

use super::calls::strangers_since;
use super::rows::{self, maybe};
use super::{each, promise_of};
use crate::callback::rules::{Candidate, Happened, Joins, Moved, joins};
use crate::callback::{Arrival, Booked, By, Callback, EventKind, Kind, Leave, Promised, Rules, State};
use crate::clock::Utc;
use crate::db::{Error, Fields, Tx};
use crate::ids::{CallId, CallbackId, ContactId, PromiseId};
use crate::tenant::Tenant;

/// How long strangers' entries are counted.
const STRANGERS_WITHIN: std::time::Duration = std::time::Duration::from_hours(24);
/// Entries of a party that a call may join.
const CANDIDATES_MAX: i64 = 200;

/// Where a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The entry.
    pub id: CallbackId,
    /// It was made of this call.
    pub new: bool,
    /// A booked time that is no longer wanted: its seat is to be freed.
    pub freed: Option<Booked>,
}

/// A call comes in. The same call may come several times, with all that it did; each time is safe to repeat.
/// None: there is nothing to keep, for it only heard how things stand, or has just cancelled.
///
/// Promises of the call that have no entry yet become those of the entry.
pub async fn arrive(tx: &mut Tx, tenant: &Tenant, rules: &Rules, arrival: &Arrival) -> Result<Option<Arrived>, Error> {
    turn(tx, tenant).await?;
    let contact = match &arrival.caller {
        Some(number) => contact_of(tx, tenant, number).await?,
        None => None,
    };
    let party = match &arrival.caller {
        Some(number) => party(contact, Some(number), arrival.id),
        None => format!("x:{}", arrival.call),
    };
    let candidates = candidates(tx, tenant, &party, arrival, rules).await?;
    let mut moved = match joins(&candidates, arrival, rules) {
        Joins::Nothing => return Ok(None),
        Joins::Into(id) => {
            let Some(entry) = rows::lock(tx, tenant, id).await? else { return Ok(None) };
            let counted = note_call(tx, id, arrival).await?;
            let mut moved = entry.joined(arrival, rules, counted);
            let callback = &mut moved.entry.callback;
            callback.contact = contact.or(callback.contact);
            callback.party = if arrival.caller.is_some() { party } else { std::mem::take(&mut callback.party) };
            moved
        }
        Joins::New => {
            let held = contact.is_none() && is_flooded(tx, tenant, rules, arrival.at).await?;
            made(arrival, rules, party, contact, held)
        }
    };
    let new = moved.entry.callback.version == 0;
    let freed = moved.freed.take();
    let callback = rows::write(tx, tenant, moved).await?;
    if new {
        note_call(tx, callback.id, arrival).await?;
    }
    attach(tx, tenant, callback.id, arrival.call).await?;
    Ok(Some(Arrived { id: callback.id, new, freed }))
}

/// A promise that was told during a call; `callback`: the entry that it is about, where there is one.
pub async fn promised(
    tx: &mut Tx,
    tenant: &Tenant,
    call: CallId,
    told: &Promised,
    callback: Option<CallbackId>,
) -> Result<PromiseId, Error> {
    let promise = promise_of(told, Some(call));
    let id = promise.id;
    match callback {
        Some(of) => match rows::lock(tx, tenant, of).await? {
            Some(entry) => {
                rows::write(tx, tenant, entry.promised(promise)).await?;
            }
            None => rows::put_promise(tx, tenant, &promise, None).await?,
        },
        None => rows::put_promise(tx, tenant, &promise, None).await?,
    }
    Ok(id)
}

/// The contact `from` is `to` now: two were put together, or taken apart.
pub async fn repoint(tx: &mut Tx, tenant: &Tenant, from: ContactId, to: ContactId, now: Utc) -> Result<u64, Error> {
    let rows = sqlx::query("SELECT id FROM callback WHERE tenant = $1 AND contact = $2 ORDER BY id")
        .bind(tenant.key())
        .bind(from.to_string())
        .fetch_all(tx.conn())
        .await?;
    point(tx, tenant, &rows, to, now).await
}

/// Entries of these numbers are this contact's from now on: it was made, was given a number, or was taken apart.
pub async fn adopt(
    tx: &mut Tx,
    tenant: &Tenant,
    contact: ContactId,
    numbers: &[String],
    now: Utc,
) -> Result<u64, Error> {
    let mut done = 0;
    for number in numbers {
        let sql = "SELECT id FROM callback WHERE tenant = $1 \
                   AND (party = $3 OR caller = $4 OR (calls = 0 AND number = $4)) \
                   AND (contact IS NULL OR contact <> $2) ORDER BY id";
        let rows = sqlx::query(sql)
            .bind(tenant.key())
            .bind(contact.to_string())
            .bind(format!("n:{number}"))
            .bind(number)
            .fetch_all(tx.conn())
            .await?;
        done += point(tx, tenant, &rows, contact, now).await?;
    }
    Ok(done)
}

async fn point(tx: &mut Tx, tenant: &Tenant, rows: &[AnyRow], to: ContactId, now: Utc) -> Result<u64, Error> {
    let mut done = 0;
    for id in each(rows, |row| row.parsed::<CallbackId>("id"))? {
        let Some(entry) = rows::lock(tx, tenant, id).await? else { continue };
        let mut moved = Moved { entry, happened: Vec::new(), attempt: None, freed: None };
        let callback = &mut moved.entry.callback;
        let from = callback.contact.replace(to);
        callback.party = format!("c:{to}");
        moved.happened.push(Happened {
            at: now,
            kind: EventKind::Repointed,
            by: By::Console,
            detail: json!({"from": from.map(|from| from.to_string()), "to": to.to_string()}),
            before: None,
        });
        rows::write(tx, tenant, moved).await?;
        done += 1;
    }
    Ok(done)
}

/// Those of a tenant take turns, so that two calls of one party do not make two entries.
pub(super) async fn turn(tx: &mut Tx, tenant: &Tenant) -> Result<(), Error> {
    if tx.is_alone() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO callback_turn (tenant, seq) VALUES ($1, 1) \
         ON CONFLICT (tenant) DO UPDATE SET seq = callback_turn.seq + 1",
    )
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whose a number is.
pub(super) async fn contact_of(tx: &mut Tx, tenant: &Tenant, number: &str) -> Result<Option<ContactId>, Error> {
    let row = sqlx::query("SELECT contact FROM contact_number WHERE tenant = $1 AND number = $2")
        .bind(tenant.key())
        .bind(number)
        .fetch_optional(tx.conn())
        .await?;
    row.as_ref().map(|row| row.parsed("contact")).transpose()
}

/// Whom an entry is for; `own`: where nothing is known, itself.
pub(super) fn party(contact: Option<ContactId>, number: Option<&str>, own: CallbackId) -> String {
    match (contact, number) {
        (Some(contact), _) => format!("c:{contact}"),
        (None, Some(number)) => format!("n:{number}"),
        (None, None) => format!("x:{own}"),
    }
}

/// What the call may join: entries of the party, also of before its number was a contact's or another's.
async fn candidates(
    tx: &mut Tx,
    tenant: &Tenant,
    party: &str,
    arrival: &Arrival,
    rules: &Rules,
) -> Result<Vec<Candidate>, Error> {
    let caller = arrival.caller.as_deref().unwrap_or_default();
    let rows = sqlx::query(
        "SELECT c.id, c.matter, c.opened_at, c.last_at, c.state, c.state_at, c.over_by, k.call AS of_call \
         FROM callback c LEFT JOIN callback_call k ON k.callback = c.id AND k.call = $5 \
         WHERE c.tenant = $1 AND c.id IN ( \
         SELECT a.id FROM callback a WHERE a.tenant = $1 AND a.party IN ($2, $4) \
         UNION SELECT b.id FROM callback b WHERE b.tenant = $1 AND b.caller = $3 \
         UNION SELECT o.callback FROM callback_call o WHERE o.call = $5) \
         AND (c.state NOT IN ('done', 'given_up') OR c.state_at >= $6) \
         ORDER BY c.opened_at DESC, c.id DESC LIMIT $7",
    )
    .bind(tenant.key())
    .bind(party)
    .bind(caller)
    .bind(format!("n:{caller}"))
    .bind(arrival.call.to_string())
    .bind(arrival.at.before(rules.reopen).0)
    .bind(CANDIDATES_MAX)
    .fetch_all(tx.conn())
    .await?;
    each(&rows, |row| {
        let over = matches!(row.text("state")?.as_str(), "done" | "given_up");
        Ok(Candidate {
            id: row.parsed("id")?,
            matter: row.text_maybe("matter")?,
            opened_at: row.at("opened_at")?,
            last_at: row.at("last_at")?,
            over_at: if over { row.at_maybe("state_at")? } else { None },
            cancelled_here: over && maybe::<By>(row, "over_by")? == Some(By::Caller(arrival.call)),
            of_call: row.text_maybe("of_call")?.is_some(),
        })
    })
}

/// So many strangers have called within a day that further ones are held back.
async fn is_flooded(tx: &mut Tx, tenant: &Tenant, rules: &Rules, at: Utc) -> Result<bool, Error> {
    let most = rules.strangers_max;
    Ok(strangers_since(tx, tenant, at.before(STRANGERS_WITHIN), most).await? >= u64::from(most))
}

/// The call is a part of the entry, with the most that it did; whether it is heard of for the first time.
async fn note_call(tx: &mut Tx, id: CallbackId, arrival: &Arrival) -> Result<bool, Error> {
    let message = match &arrival.kind {
        Kind::Message(message) => Some(message.to_string()),
        _ => None,
    };
    let done = sqlx::query(
        "INSERT INTO callback_call (callback, call, kind, at, message) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (callback, call) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(arrival.call.to_string())
    .bind(arrival.kind.word().as_str())
    .bind(arrival.at.0)
    .bind(message.as_deref())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        return Ok(true);
    }
    let row = sqlx::query("SELECT * FROM callback_call WHERE callback = $1 AND call = $2")
        .bind(id.to_string())
        .bind(arrival.call.to_string())
        .fetch_one(tx.conn())
        .await?;
    let before = rows::call(&row)?;
    sqlx::query("UPDATE callback_call SET kind = $3, message = $4 WHERE callback = $1 AND call = $2")
        .bind(id.to_string())
        .bind(arrival.call.to_string())
        .bind(before.kind.max(arrival.kind.word()).as_str())
        .bind(before.message.map(|message| message.to_string()).or(message))
        .execute(tx.conn())
        .await?;
    Ok(false)
}

/// What the call was told becomes the entry's.
async fn attach(tx: &mut Tx, tenant: &Tenant, id: CallbackId, call: CallId) -> Result<(), Error> {
    let rows =
        sqlx::query("SELECT * FROM promise WHERE tenant = $1 AND call = $2 AND callback IS NULL ORDER BY told_at, id")
            .bind(tenant.key())
            .bind(call.to_string())
            .fetch_all(tx.conn())
            .await?;
    for promise in each(&rows, rows::promise)? {
        let Some(entry) = rows::lock(tx, tenant, id).await? else { return Ok(()) };
        rows::write(tx, tenant, entry.promised(promise)).await?;
    }
    Ok(())
}

/// A new entry.
fn made(arrival: &Arrival, rules: &Rules, party: String, contact: Option<ContactId>, held: bool) -> Moved {
    let by = By::Caller(arrival.call);
    let number = arrival.given.clone().or(arrival.caller.clone());
    let leave = arrival.leave.clone().filter(|_| number.is_some());
    let callback = Callback {
        id: arrival.id,
        party,
        contact,
        caller: arrival.caller.clone(),
        given: arrival.given.clone(),
        number,
        leave: leave.map(|why| Leave { why, by: None }),
        name: arrival.caller_name.clone(),
        matter: arrival.matter.clone(),
        step: arrival.step.clone(),
        called: arrival.called.clone(),
        language: arrival.language,
        urgent: arrival.urgent,
        state: State::Open,
        assigned: None,
        slot: None,
        created_at: arrival.at,
        opened_at: arrival.at,
        last_at: arrival.at,
        calls: 1,
        attempts: 0,
        tried_at: None,
        promised: None,
        broken: None,
        held,
        note: String::new(),
        rules: rules.clone(),
        version: 0,
    };
    let detail = json!({"call": arrival.call.to_string(), "kind": arrival.kind.word().as_str()});
    let mut moved = Moved::made(callback, by, detail);
    moved.booked(arrival, by);
    moved
}
