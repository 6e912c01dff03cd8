//! What a call that is over, or orders a callback, asks of the rows.

use std::time::Duration;

use crate::callback::Rules;
use crate::clock::Utc;
use crate::db::{Error, Fields, Tx};
use crate::ids::CallId;
use crate::tenant::Tenant;

/// Whether the call is a part of an entry.
pub async fn has_call(tx: &mut Tx, tenant: &Tenant, call: CallId) -> Result<bool, Error> {
    let row = sqlx::query(
        "SELECT k.callback FROM callback_call k JOIN callback c ON c.id = k.callback \
         WHERE k.call = $1 AND c.tenant = $2 LIMIT 1",
    )
    .bind(call.to_string())
    .bind(tenant.key())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.is_some())
}

/// Whether a promise was told in the call that is no entry's yet.
pub async fn was_promised(tx: &mut Tx, tenant: &Tenant, call: CallId) -> Result<bool, Error> {
    let row = sqlx::query("SELECT id FROM promise WHERE call = $1 AND callback IS NULL AND tenant = $2 LIMIT 1")
        .bind(call.to_string())
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.is_some())
}

/// What was told to somebody whom nobody can call back is in no figure.
pub async fn forget_promises(tx: &mut Tx, tenant: &Tenant, call: CallId) -> Result<(), Error> {
    sqlx::query("DELETE FROM promise WHERE call = $1 AND callback IS NULL AND tenant = $2")
        .bind(call.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Within this a number is called back so often at most, whoever orders it.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A number is not called back at strangers' wish as often as they like, nor are all strangers together. `known`: the
/// one who orders is surely who they say.
pub async fn too_many(
    tx: &mut Tx,
    tenant: &Tenant,
    number: &str,
    rules: &Rules,
    known: bool,
    now: Utc,
) -> Result<bool, Error> {
    let since = now.before(DAY);
    let (own, all) = (rules.open_max, rules.strangers_max);
    if ordered_since(tx, tenant, number, since, own).await? >= u64::from(own) {
        return Ok(true);
    }
    Ok(!known && strangers_since(tx, tenant, since, all).await? >= u64::from(all))
}

/// How often a callback of this number was ordered since then, by whomever; more than `most` are not counted.
async fn ordered_since(tx: &mut Tx, tenant: &Tenant, number: &str, since: Utc, most: u32) -> Result<u64, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS ordered FROM (SELECT k.call FROM callback c JOIN callback_call k ON k.callback = c.id \
         WHERE c.tenant = $1 AND c.number = $2 AND k.kind IN ('slot', 'soon') AND k.at > $3 \
         UNION ALL SELECT e.callback FROM callback c JOIN callback_event e ON e.callback = c.id \
         WHERE c.tenant = $1 AND c.number = $2 AND e.kind = 'booked' AND e.actor NOT LIKE 'call:%' AND e.at > $3 \
         LIMIT $4) few",
    )
    .bind(tenant.key())
    .bind(number)
    .bind(since.0)
    .bind(i64::from(most))
    .fetch_one(tx.conn())
    .await?;
    row.count("ordered")
}

/// How many entries were made since then by callers who are no contacts; more than `most` are not counted.
pub(super) async fn strangers_since(tx: &mut Tx, tenant: &Tenant, since: Utc, most: u32) -> Result<u64, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS made FROM (SELECT id FROM callback \
         WHERE tenant = $1 AND created_at > $2 AND contact IS NULL AND (calls > 0 OR slot_start IS NOT NULL) LIMIT $3) few",
    )
    .bind(tenant.key())
    .bind(since.0)
    .bind(i64::from(most))
    .fetch_one(tx.conn())
    .await?;
    row.count("made")
}
