//! Rows of entries, and what belongs to them.

use serde_json::Value;
use sqlx::any::AnyRow;

use crate::callback::rules::{Before, Entry, Last, Moved};
use crate::callback::{
    Assigned, Attempt, Booked, By, Call, Callback, Event, Leave, Over, Promise, PromiseState, State,
};
use crate::clock::Utc;
use crate::db::{ChangeKind, Error, Fields, Noun, Tx};
use crate::ids::{CallId, CallbackId, MessageId, PersonId, fold};
use crate::tenant::Tenant;

/// The entry under its lock, until the transaction ends: whoever else wants it waits, and then sees what was done.
pub(super) async fn lock(tx: &mut Tx, tenant: &Tenant, id: CallbackId) -> Result<Option<Entry>, Error> {
    let row = sqlx::query("UPDATE callback SET version = version WHERE id = $1 AND tenant = $2 RETURNING *")
        .bind(id.to_string())
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Entry { callback: callback(&row)?, promises: promises(tx, id).await? }))
}

async fn promises(tx: &mut Tx, id: CallbackId) -> Result<Vec<Promise>, Error> {
    let rows = sqlx::query(PROMISES).bind(id.to_string()).fetch_all(tx.conn()).await?;
    rows.iter().map(promise).collect()
}

pub(super) const PROMISES: &str = "SELECT * FROM promise WHERE callback = $1 ORDER BY told_at, id";

/// Writes what a rule gave back; the entry as it is kept then.
pub(super) async fn write(tx: &mut Tx, tenant: &Tenant, moved: Moved) -> Result<Callback, Error> {
    let mut callback = moved.entry.callback.clone();
    let kind = if callback.version == 0 { ChangeKind::Created } else { ChangeKind::Changed };
    callback.version += 1;
    // A new entry has none, and most calls are new ones.
    let known = if kind == ChangeKind::Created { Vec::new() } else { promises(tx, callback.id).await? };
    put(tx, tenant, &callback).await?;
    for promise in &moved.entry.promises {
        // Those that were settled before stay as they are.
        if !known.contains(promise) || promise.state == PromiseState::Open {
            put_promise(tx, tenant, promise, Some(&callback)).await?;
        }
    }
    if let Some(attempt) = &moved.attempt {
        add_attempt(tx, tenant, attempt).await?;
    }
    tell(tx, &moved).await?;
    tx.changed(tenant.id(), Noun::Callback, callback.id, kind);
    Ok(callback)
}

async fn put(tx: &mut Tx, tenant: &Tenant, callback: &Callback) -> Result<(), Error> {
    let (until, at, over) = match callback.state {
        State::Open => (None, None, None),
        State::Claimed { until, .. } | State::Snoozed { until } => (Some(until.0), None, None),
        State::Reached { at, .. } => (None, Some(at.0), None),
        State::Over(over) => (None, Some(over.at.0), Some(over)),
    };
    let millis = |at: Option<Utc>| at.map(|at| at.0);
    let slot = callback.slot.as_ref();
    let rank = callback.rank();
    sqlx::query(PUT)
        .bind(callback.id.to_string())
        .bind(tenant.key())
        .bind(&callback.party)
        .bind(callback.contact.map(|contact| contact.to_string()))
        .bind(callback.caller.as_deref())
        .bind(callback.given.as_deref())
        .bind(callback.number.as_deref())
        .bind(callback.leave.as_ref().map(|leave| leave.why.as_str()))
        .bind(callback.leave.as_ref().and_then(|leave| leave.by).map(|by| by.to_string()))
        .bind(&callback.name)
        .bind(callback.matter.as_deref())
        .bind(callback.step.as_deref())
        .bind(&callback.called)
        .bind(callback.language.as_str())
        .bind(i64::from(callback.urgent))
        .bind(callback.state.as_str())
        .bind(callback.state.holder().map(|person| person.to_string()))
        .bind(until)
        .bind(at)
        .bind(over.and_then(|over| over.outcome).map(|outcome| outcome.as_str()))
        .bind(over.map(|over| over.by.to_string()))
        .bind(callback.assigned.map(|assigned| assigned.to.to_string()))
        .bind(callback.assigned.map(|assigned| assigned.until.0))
        .bind(slot.map(|slot| slot.calendar.as_str()))
        .bind(slot.map(|slot| slot.start.0))
        .bind(slot.map(|slot| slot.end.0))
        .bind(callback.created_at.0)
        .bind(callback.opened_at.0)
        .bind(callback.last_at.0)
        .bind(i64::from(callback.calls))
        .bind(i64::from(callback.attempts))
        .bind(millis(callback.tried_at))
        .bind(millis(callback.promised))
        .bind(millis(callback.broken))
        .bind(i64::from(callback.held))
        .bind(&callback.note)
        .bind(serde_json::to_string(&callback.rules).unwrap_or_default())
        .bind(callback.version)
        .bind(rank.class.number())
        .bind(rank.at.0)
        .bind(sought(callback))
        .execute(tx.conn())
        .await?;
    Ok(())
}

const PUT: &str = "INSERT INTO callback (id, tenant, party, contact, caller, given, number, leave_why, leave_by, name, \
     matter, step, called, language, urgent, state, holder, state_until, state_at, outcome, over_by, assigned_to, \
     assigned_until, slot_calendar, slot_start, slot_end, created_at, opened_at, last_at, calls, attempts, tried_at, \
     promised_at, broken_at, held, note, rules, version, rank, rank_at, sought) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
     $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41) \
     ON CONFLICT (id) DO UPDATE SET party = excluded.party, contact = excluded.contact, caller = excluded.caller, \
     given = excluded.given, number = excluded.number, leave_why = excluded.leave_why, leave_by = excluded.leave_by, \
     name = excluded.name, matter = excluded.matter, step = excluded.step, urgent = excluded.urgent, \
     state = excluded.state, holder = excluded.holder, state_until = excluded.state_until, \
     state_at = excluded.state_at, outcome = excluded.outcome, over_by = excluded.over_by, \
     assigned_to = excluded.assigned_to, assigned_until = excluded.assigned_until, \
     slot_calendar = excluded.slot_calendar, slot_start = excluded.slot_start, slot_end = excluded.slot_end, \
     opened_at = excluded.opened_at, last_at = excluded.last_at, calls = excluded.calls, \
     attempts = excluded.attempts, tried_at = excluded.tried_at, promised_at = excluded.promised_at, \
     broken_at = excluded.broken_at, held = excluded.held, note = excluded.note, rules = excluded.rules, \
     version = excluded.version, rank = excluded.rank, rank_at = excluded.rank_at, sought = excluded.sought \
     WHERE callback.tenant = excluded.tenant";

/// What an entry is found by; the contact's own words are searched in its row.
fn sought(callback: &Callback) -> String {
    let texts = [&callback.number, &callback.caller, &callback.given, &callback.matter];
    let more: Vec<String> = texts.into_iter().flatten().map(|text| fold(text)).collect();
    format!("{}\n{}", fold(&callback.name), more.join("\n"))
}

/// A promise as it is now; `of` is the entry that it belongs to.
pub(super) async fn put_promise(
    tx: &mut Tx,
    tenant: &Tenant,
    promise: &Promise,
    of: Option<&Callback>,
) -> Result<(), Error> {
    let millis = |at: Option<Utc>| at.map(|at| at.0);
    sqlx::query(
        "INSERT INTO promise (id, tenant, callback, call, kind, words, language, told_at, latest_at, slot_start, state, \
         settled_at, warn_at, warned_at, tried_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (id) DO UPDATE SET callback = excluded.callback, state = excluded.state, \
         settled_at = excluded.settled_at, warn_at = excluded.warn_at, warned_at = excluded.warned_at, \
         tried_at = excluded.tried_at WHERE promise.tenant = excluded.tenant",
    )
    .bind(promise.id.to_string())
    .bind(tenant.key())
    .bind(of.map(|callback| callback.id.to_string()))
    .bind(promise.call.map(|call| call.to_string()))
    .bind(promise.kind.as_str())
    .bind(&promise.words)
    .bind(promise.language.as_str())
    .bind(promise.told_at.0)
    .bind(promise.latest_at.0)
    .bind(millis(promise.start))
    .bind(promise.state.as_str())
    .bind(millis(promise.settled_at))
    .bind(of.map(|callback| promise.latest_at.before(callback.rules.warn).0))
    .bind(millis(promise.warned_at))
    .bind(millis(promise.tried_at))
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn add_attempt(tx: &mut Tx, tenant: &Tenant, attempt: &Attempt) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO attempt (id, tenant, callback, at, person, result, note, is_first, opened_at, booked, undone) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(attempt.id.to_string())
    .bind(tenant.key())
    .bind(attempt.callback.to_string())
    .bind(attempt.at.0)
    .bind(attempt.person.map(|person| person.to_string()))
    .bind(attempt.result.as_str())
    .bind(&attempt.note)
    .bind(i64::from(attempt.first))
    .bind(attempt.opened_at.0)
    .bind(i64::from(attempt.booked))
    .bind(i64::from(attempt.undone))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The timeline goes on.
async fn tell(tx: &mut Tx, moved: &Moved) -> Result<(), Error> {
    let id = moved.entry.callback.id.to_string();
    for happened in &moved.happened {
        sqlx::query(
            "INSERT INTO callback_event (callback, seq, at, kind, actor, detail, before) \
             SELECT $1, COALESCE(MAX(e.seq), 0) + 1, $2, $3, $4, $5, $6 FROM callback_event e WHERE e.callback = $1",
        )
        .bind(&id)
        .bind(happened.at.0)
        .bind(happened.kind.as_str())
        .bind(happened.by.to_string())
        .bind(happened.detail.to_string())
        .bind(happened.before.as_ref().and_then(|before| serde_json::to_string(before).ok()))
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// The last line of a timeline.
pub(super) async fn last(tx: &mut Tx, id: CallbackId) -> Result<Option<Last>, Error> {
    let row = sqlx::query("SELECT * FROM callback_event WHERE callback = $1 ORDER BY seq DESC LIMIT 1")
        .bind(id.to_string())
        .fetch_optional(tx.conn())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let before: Option<Before> = row.text_maybe("before")?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Some(Last { at: row.at("at")?, kind: row.parsed("kind")?, by: row.parsed("actor")?, before }))
}

pub(super) fn callback(row: &AnyRow) -> Result<Callback, Error> {
    let slot = match (row.at_maybe("slot_start")?, row.at_maybe("slot_end")?) {
        (Some(start), Some(end)) => {
            Some(Booked { calendar: row.text_maybe("slot_calendar")?.unwrap_or_default(), start, end })
        }
        _ => None,
    };
    let assigned = match (maybe(row, "assigned_to")?, row.at_maybe("assigned_until")?) {
        (Some(to), Some(until)) => Some(Assigned { to, until }),
        _ => None,
    };
    let leave = match row.text_maybe("leave_why")? {
        Some(why) => Some(Leave { why, by: maybe::<By>(row, "leave_by")? }),
        None => None,
    };
    Ok(Callback {
        id: row.parsed("id")?,
        party: row.text("party")?,
        contact: maybe(row, "contact")?,
        caller: row.text_maybe("caller")?,
        given: row.text_maybe("given")?,
        number: row.text_maybe("number")?,
        leave,
        name: row.text("name")?,
        matter: row.text_maybe("matter")?,
        step: row.text_maybe("step")?,
        called: row.text("called")?,
        language: row.parsed("language")?,
        urgent: row.truth("urgent")?,
        state: state(row)?,
        assigned,
        slot,
        created_at: row.at("created_at")?,
        opened_at: row.at("opened_at")?,
        last_at: row.at("last_at")?,
        calls: small(row, "calls")?,
        attempts: small(row, "attempts")?,
        tried_at: row.at_maybe("tried_at")?,
        promised: row.at_maybe("promised_at")?,
        broken: row.at_maybe("broken_at")?,
        held: row.truth("held")?,
        note: row.text("note")?,
        // Rules that a newer program wrote are read as far as they are known.
        rules: serde_json::from_str(&row.text("rules")?).unwrap_or_default(),
        version: row.number("version")?,
    })
}

fn state(row: &AnyRow) -> Result<State, Error> {
    let word = row.text("state")?;
    let missing = || Error::Corrupt(format!("state {word:?} misses a part"));
    let by = || maybe::<PersonId>(row, "holder")?.ok_or_else(missing);
    let until = || row.at_maybe("state_until")?.ok_or_else(missing);
    let at = || row.at_maybe("state_at")?.ok_or_else(missing);
    Ok(match word.as_str() {
        "open" => State::Open,
        "claimed" => State::Claimed { by: by()?, until: until()? },
        "reached" => State::Reached { by: by()?, at: at()? },
        "snoozed" => State::Snoozed { until: until()? },
        "done" | "given_up" => {
            State::Over(Over { outcome: maybe(row, "outcome")?, at: at()?, by: row.parsed("over_by")? })
        }
        _ => return Err(missing()),
    })
}

pub(super) fn promise(row: &AnyRow) -> Result<Promise, Error> {
    Ok(Promise {
        id: row.parsed("id")?,
        callback: maybe(row, "callback")?,
        call: maybe::<CallId>(row, "call")?,
        kind: row.parsed("kind")?,
        words: row.text("words")?,
        language: row.parsed("language")?,
        told_at: row.at("told_at")?,
        latest_at: row.at("latest_at")?,
        start: row.at_maybe("slot_start")?,
        state: row.parsed("state")?,
        settled_at: row.at_maybe("settled_at")?,
        warned_at: row.at_maybe("warned_at")?,
        tried_at: row.at_maybe("tried_at")?,
    })
}

pub(super) fn attempt(row: &AnyRow) -> Result<Attempt, Error> {
    Ok(Attempt {
        id: row.parsed("id")?,
        callback: row.parsed("callback")?,
        at: row.at("at")?,
        person: maybe(row, "person")?,
        result: row.parsed("result")?,
        note: row.text("note")?,
        first: row.truth("is_first")?,
        opened_at: row.at("opened_at")?,
        booked: row.truth("booked")?,
        undone: row.truth("undone")?,
    })
}

pub(super) fn call(row: &AnyRow) -> Result<Call, Error> {
    Ok(Call {
        call: row.parsed("call")?,
        kind: row.parsed("kind")?,
        at: row.at("at")?,
        message: maybe::<MessageId>(row, "message")?,
    })
}

pub(super) fn event(row: &AnyRow) -> Result<Event, Error> {
    Ok(Event {
        seq: row.count("seq")?,
        at: row.at("at")?,
        kind: row.parsed("kind")?,
        by: row.parsed("actor")?,
        detail: serde_json::from_str(&row.text("detail")?).unwrap_or(Value::Null),
        undoable: row.text_maybe("before")?.is_some(),
    })
}

/// A word or an id that may be absent.
pub(super) fn maybe<T: std::str::FromStr>(row: &AnyRow, column: &str) -> Result<Option<T>, Error> {
    match row.text_maybe(column)? {
        Some(text) => text.parse().map(Some).map_err(|_| Error::Corrupt(format!("{column} holds {text:?}"))),
        None => Ok(None),
    }
}

fn small(row: &AnyRow, column: &str) -> Result<u32, Error> {
    let number = row.count(column)?;
    u32::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}
