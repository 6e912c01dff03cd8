//! Rows of many calls in few statements: each statement is a way to the database and back.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use crate::calllog::{Call, Event, Outcome};
use crate::db::{ChangeKind, Error, Noun, Tx};
use crate::ids::CallId;
use crate::tenant::Tenant;

/// Rows that go into one statement, at most. Fewer are cut into powers of two, so that there are seven
/// texts of each kind, and they stay prepared.
const ROWS_MAX: usize = 64;

/// As [`super::put`], for calls that differ from each other: one that is here twice is refused by
/// PostgreSQL. The kind is what listeners are told.
pub async fn put_many(tx: &mut Tx, calls: &[(&Tenant, &Call, ChangeKind)]) -> Result<(), Error> {
    let mut left = calls;
    while let Some((some, rest)) = left.split_at_checked(portion(left.len())).filter(|(some, _)| !some.is_empty()) {
        left = rest;
        let sql = format!(
            "INSERT INTO call (id, tenant, caller, caller_name, called, started_at, answered_at, ended_at, outcome) \
             VALUES {} \
             ON CONFLICT (id) DO UPDATE SET answered_at = COALESCE(excluded.answered_at, call.answered_at), \
             ended_at = COALESCE(excluded.ended_at, call.ended_at), outcome = COALESCE(excluded.outcome, call.outcome) \
             WHERE call.tenant = excluded.tenant",
            places(some.len(), 9)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (tenant, call, _) in some {
            query = query
                .bind(call.id.to_string())
                .bind(tenant.key())
                .bind(call.caller.as_deref())
                .bind(&call.caller_name)
                .bind(&call.called)
                .bind(call.started_at.0)
                .bind(call.answered_at.map(|at| at.0))
                .bind(call.ended_at.map(|at| at.0))
                .bind(call.outcome.map(Outcome::as_str));
        }
        query.execute(tx.conn()).await?;
    }
    for (tenant, call, kind) in calls {
        tx.changed(tenant.id(), Noun::Call, call.id, *kind);
    }
    Ok(())
}

/// As [`super::append`], for events of many calls; those of one call come in this order.
pub async fn append_many(tx: &mut Tx, events: &[(&Tenant, CallId, Event)]) -> Result<(), Error> {
    let mut left = events;
    while let Some((some, rest)) = left.split_at_checked(portion(left.len())).filter(|(some, _)| !some.is_empty()) {
        left = rest;
        // The join goes from the events to their calls: in this order SQLite keeps it.
        let sql = format!(
            "INSERT INTO call_event (call, seq, at, kind, detail) \
             SELECT c.id, v.column3 + (SELECT COALESCE(MAX(e.seq), 0) FROM call_event e WHERE e.call = c.id), \
             v.column4, v.column5, v.column6 \
             FROM (VALUES {}) AS v CROSS JOIN call c WHERE c.id = v.column1 AND c.tenant = v.column2",
            places(some.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (index, (tenant, call, event)) in some.iter().enumerate() {
            let before = some.iter().take(index).filter(|(_, other, _)| other == call).count();
            query = query
                .bind(call.to_string())
                .bind(tenant.key())
                .bind(i64::try_from(before).unwrap_or(0) + 1)
                .bind(event.at.0)
                .bind(&event.kind)
                .bind(event.detail.to_string());
        }
        query.execute(tx.conn()).await?;
    }
    for of_one_call in events.chunk_by(|(_, one, _), (_, other, _)| one == other) {
        for (tenant, call, _) in of_one_call.iter().take(1) {
            tx.changed(tenant.id(), Noun::Call, *call, ChangeKind::Changed);
        }
    }
    Ok(())
}

/// The largest power of two that fits.
fn portion(rows: usize) -> usize {
    rows.checked_ilog2().map_or(0, |log| 1 << log).min(ROWS_MAX)
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
fn places(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for place in 0..rows * columns {
        let comma = if place == 0 { "" } else { ", " };
        let (open, close) = (place.is_multiple_of(columns), (place + 1).is_multiple_of(columns));
        let (open, close) = (if open { "(" } else { "" }, if close { ")" } else { "" });
        let _ = write!(text, "{comma}{open}${}{close}", place + 1);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_texts_for_any_number_of_rows() {
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!([0, 1, 3, 63, 64, 1000].map(portion), [0, 1, 2, 32, 64, 64]);
    }
}
