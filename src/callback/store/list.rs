//! Lists of entries.

use std::collections::HashMap;

use super::{each, rows};
use crate::callback::rules::after;
use crate::callback::{Callback, EARLY, Filter, NAME_MAX, OPEN_OF_MAX, OpenEntry, Place, Promise, Rank, Show, Waiting};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::{CallbackId, Cursor, PersonId, fold};
use crate::tenant::Tenant;

/// Entries of a page where nothing is said.
const PAGE: u32 = 50;
/// Entries that one question names.
const TOLD_AT_ONCE: usize = 50;
/// What is over ranks last ([`Class::Over`]), so that the index of the order ends there.
pub(super) const OPEN: &str = "rank < 6";
/// [`Callback::due_for`] of who is $2, at $3; $4 is [`EARLY`] later. What is held back ranks before what is over.
const DUE: &str = "(rank < 5 AND (state = 'open' OR (state IN ('claimed', 'snoozed') AND state_until <= $3)) \
     AND held = 0 AND number IS NOT NULL AND (leave_why IS NULL OR leave_by IS NOT NULL) \
     AND (slot_start IS NULL OR slot_start <= $4) \
     AND (assigned_to IS NULL OR assigned_to = $2 OR assigned_until <= $3))";

/// A page in the order of [`Rank`], and where the next one begins.
pub async fn list(
    db: &Db,
    tenant: &Tenant,
    filter: &Filter,
    now: Utc,
) -> Result<(Vec<Callback>, Option<Place>), Error> {
    let limit = if filter.limit == 0 { PAGE } else { filter.limit.clamp(1, Cursor::PAGE_MAX) };
    let shown = match filter.show {
        Show::Open => OPEN,
        Show::Done => "rank = 6",
        Show::All => "1 = 1",
    };
    let due = if filter.due.is_some() { DUE } else { "($2 = $2 AND $3 = $3 AND $4 = $4)" };
    let sql = format!(
        "SELECT * FROM callback WHERE tenant = $1 AND {shown} AND {due} \
         AND (rank > $5 OR (rank = $5 AND (rank_at > $6 OR (rank_at = $6 AND id > $7)))) \
         AND ($8 = '' OR holder = $8 OR assigned_to = $8) \
         AND ($9 = 0 OR ({OPEN} AND (broken_at IS NOT NULL OR promised_at <= $3 OR slot_end <= $3))) \
         AND ($10 = 0 OR urgent = 1) AND ($11 = '' OR matter = $11) AND ($12 = '' OR language = $12) \
         AND ($13 = '' OR called = $13) AND ($14 = '' OR contact = $14) \
         AND ($15 = '' OR sought LIKE $15 ESCAPE '!' OR contact IN \
         (SELECT o.id FROM contact o WHERE o.tenant = $1 AND o.sought LIKE $15 ESCAPE '!')) \
         ORDER BY rank, rank_at, id LIMIT $16"
    );
    let (rank, at, id) = match filter.after {
        Some(Place(Rank { class, at, id })) => (class.number(), at.0, id.to_string()),
        None => (-1, 0, String::new()),
    };
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.key())
        .bind(filter.due.map(|who| who.to_string()).unwrap_or_default())
        .bind(now.0)
        .bind(after(now, EARLY).0)
        .bind(rank)
        .bind(at)
        .bind(id)
        .bind(filter.mine.map(|who| who.to_string()).unwrap_or_default())
        .bind(i64::from(filter.overdue))
        .bind(i64::from(filter.urgent))
        .bind(filter.matter.as_deref().unwrap_or_default())
        .bind(filter.language.map_or("", |language| language.as_str()))
        .bind(filter.called.as_deref().unwrap_or_default())
        .bind(filter.contact.map(|contact| contact.to_string()).unwrap_or_default())
        .bind(pattern(&filter.search))
        .bind(i64::from(limit) + 1)
        .fetch_all(db.read())
        .await?;
    let mut found = each(&rows, rows::callback)?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.rank().place());
    Ok((found, next))
}

/// The first that `who` may call.
pub(super) async fn due(
    tx: &mut Tx,
    tenant: &Tenant,
    who: PersonId,
    now: Utc,
    limit: i64,
) -> Result<Vec<CallbackId>, Error> {
    let sql = format!("SELECT id FROM callback WHERE tenant = $1 AND {DUE} ORDER BY rank, rank_at, id LIMIT $5");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.key())
        .bind(who.to_string())
        .bind(now.0)
        .bind(after(now, EARLY).0)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    each(&rows, |row| row.parsed("id"))
}

/// What is sought, as LIKE has it: blanks and the like in numbers do not count.
fn pattern(search: &str) -> String {
    let search: String = search.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
    if search.is_empty() {
        return String::new();
    }
    let numeric = search.chars().any(|c| c.is_ascii_digit())
        && search.chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c));
    let search = if numeric { crate::ids::dialled(&search) } else { fold(&search) };
    let escaped = search.chars().flat_map(|c| "!%_".contains(c).then_some('!').into_iter().chain([c]));
    format!("%{}%", escaped.collect::<String>())
}

/// What was told last of each of these.
pub async fn told(db: &Db, tenant: &Tenant, callbacks: &[CallbackId]) -> Result<HashMap<CallbackId, Promise>, Error> {
    let mut found = HashMap::new();
    for few in callbacks.chunks(TOLD_AT_ONCE) {
        let places: Vec<String> = (2..few.len() + 2).map(|place| format!("${place}")).collect();
        let sql = format!(
            "SELECT * FROM promise WHERE tenant = $1 AND callback IN ({}) ORDER BY told_at, id",
            places.join(", ")
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.key());
        for id in few {
            query = query.bind(id.to_string());
        }
        for promise in each(&query.fetch_all(db.read()).await?, rows::promise)? {
            if let Some(of) = promise.callback {
                found.insert(of, promise);
            }
        }
    }
    Ok(found)
}

/// What is open for a caller who rings again from `number`, the most pressing first; never for a withheld one.
pub async fn open_of(db: &Db, tenant: &Tenant, number: &str, now: Utc) -> Result<Vec<OpenEntry>, Error> {
    let sql = format!(
        "SELECT * FROM callback WHERE tenant = $1 AND {OPEN} AND state <> 'reached' AND id IN ( \
         SELECT a.id FROM callback a WHERE a.tenant = $1 AND a.caller = $2 \
         UNION SELECT b.id FROM callback b WHERE b.tenant = $1 AND b.party = $3 \
         UNION SELECT c.id FROM contact_number n JOIN callback c ON c.contact = n.contact \
         WHERE n.tenant = $1 AND n.number = $2) \
         ORDER BY rank, rank_at, id LIMIT $4"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.key())
        .bind(number)
        .bind(format!("n:{number}"))
        .bind(i64::from(OPEN_OF_MAX))
        .fetch_all(db.read())
        .await?;
    let mut open = Vec::new();
    for callback in each(&rows, rows::callback)? {
        let row = sqlx::query(
            "SELECT latest_at, state FROM promise WHERE callback = $1 AND state IN ('open', 'broken') AND told_at >= $2 \
             ORDER BY told_at DESC, id DESC LIMIT 1",
        )
        .bind(callback.id.to_string())
        .bind(callback.opened_at.0)
        .fetch_optional(db.read())
        .await?;
        let promise = match &row {
            Some(row) => Some((row.at("latest_at")?, row.text("state")? == "broken")),
            None => None,
        };
        open.push(OpenEntry {
            id: callback.id,
            // A promise may have broken a moment ago, before anybody has written that down.
            broken: promise.is_some_and(|(latest, broken)| broken || (latest <= now && callback.tried_at.is_none())),
            promise: promise.map(|(latest, _)| latest),
            step: callback.step,
            matter: callback.matter,
            slot: callback.slot,
            tried_at: callback.tried_at,
        });
    }
    Ok(open)
}

/// What comes before a new entry.
pub async fn waiting(tx: &mut Tx, tenant: &Tenant, now: Utc) -> Result<Waiting, Error> {
    let row = sqlx::query(
        "SELECT COUNT(CASE WHEN slot_start IS NULL OR slot_end <= $2 THEN 1 END) AS open, \
         COUNT(CASE WHEN slot_end > $2 THEN 1 END) AS booked FROM callback \
         WHERE tenant = $1 AND rank < 5 AND state IN ('open', 'claimed', 'snoozed')",
    )
    .bind(tenant.key())
    .bind(now.0)
    .fetch_one(tx.conn())
    .await?;
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Waiting { open: small(row.count("open")?), booked: small(row.count("booked")?) })
}

/// How many are open, and how many of these are overdue.
pub async fn counts(db: &Db, tenant: &Tenant, now: Utc) -> Result<(u64, u64), Error> {
    let sql = format!(
        "SELECT COUNT(*) AS open, \
         COUNT(CASE WHEN broken_at IS NOT NULL OR promised_at <= $2 OR slot_end <= $2 THEN 1 END) AS overdue \
         FROM callback WHERE tenant = $1 AND {OPEN}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.key()).bind(now.0).fetch_one(db.read()).await?;
    Ok((row.count("open")?, row.count("overdue")?))
}

#[cfg(test)]
mod tests {
    use crate::callback::Class;

    #[test]
    fn ranks_are_those_that_statements_name() {
        assert_eq!((Class::Held.number(), Class::Over.number()), (5, 6));
    }
}
