//! Rows of PINs. Every try is counted before it is looked at, so that tries at the same time are no more
//! than tries one after the other.

use tokio::sync::Semaphore;

use super::super::pin::{Pin, PinKey, PinState, TRIES_MAX, Tried};
use super::super::{Action, Actor};
use super::audit;
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::tenant::Tenant;

/// Hashes at once: each takes memory, and strangers ask for them.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Sets the tenant's PIN; a lock ends.
pub async fn set(
    tx: &mut Tx,
    tenant: &Tenant,
    key: &PinKey,
    pin: &Pin,
    author: &str,
    actor: impl Into<Actor>,
    at: Utc,
) -> Result<(), Error> {
    let hash = key.seal(pin, rand::random()).ok_or_else(|| Error::Misuse("a PIN could not be hashed".to_owned()))?;
    sqlx::query(
        "INSERT INTO owner_pin (tenant, hash, wrong_count, locked_at, set_at, author) VALUES ($1, $2, 0, NULL, $3, $4) \
         ON CONFLICT (tenant) DO UPDATE SET hash = excluded.hash, wrong_count = 0, locked_at = NULL, \
         set_at = excluded.set_at, author = excluded.author",
    )
    .bind(tenant.key())
    .bind(hash)
    .bind(at.0)
    .bind(author)
    .execute(tx.conn())
    .await?;
    audit(tx, tenant, at, actor, Action::PinSet, "").await
}

/// Tries digits. The same statements and the same work whether they are right, wrong, locked, or no PIN is
/// set. The call counts its own tries ([`super::super::pin::TRIES_PER_CALL`]).
pub async fn check(
    db: &Db,
    tenant: &Tenant,
    key: &PinKey,
    tried: &str,
    actor: impl Into<Actor>,
    at: Utc,
) -> Result<Tried, Error> {
    let actor = actor.into();
    let (sealed, locked) = count(db, tenant).await?;
    let set = sealed.is_some();
    let (key, tried) = (key.clone(), tried.to_owned());
    // A closed semaphore is impossible: nobody closes it.
    let _turn = AT_ONCE.acquire().await.ok();
    let fits = tokio::task::spawn_blocking(move || key.fits(sealed.as_deref(), &tried));
    let fits = fits.await.map_err(|_| Error::Gone("the program is ending".to_owned()))?;
    let (tried, action) = match (locked, fits && set) {
        (true, _) => (Tried::Locked, Action::PinLocked),
        (false, true) => (Tried::Right, Action::PinRight),
        (false, false) => (Tried::Wrong, Action::PinWrong),
    };
    let mut tx = db.write().await?;
    sqlx::query(
        "UPDATE owner_pin SET wrong_count = CASE WHEN $2 = 1 THEN 0 ELSE wrong_count END, \
         locked_at = CASE WHEN $2 = 0 AND wrong_count >= $3 THEN COALESCE(locked_at, $4) ELSE locked_at END \
         WHERE tenant = $1",
    )
    .bind(tenant.key())
    .bind(i64::from(tried == Tried::Right))
    .bind(i64::from(TRIES_MAX))
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    audit(&mut tx, tenant, at, actor, action, "").await?;
    tx.commit().await?;
    Ok(tried)
}

/// Counts one try as wrong until it is seen to be right; gives the hash, and whether it is locked.
async fn count(db: &Db, tenant: &Tenant) -> Result<(Option<String>, bool), Error> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE owner_pin SET wrong_count = wrong_count + 1 WHERE tenant = $1 AND locked_at IS NULL")
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    let row = sqlx::query("SELECT hash, wrong_count, locked_at FROM owner_pin WHERE tenant = $1")
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok((None, false)) };
    let locked = row.at_maybe("locked_at")?.is_some() || row.count("wrong_count")? > u64::from(TRIES_MAX);
    Ok((Some(row.text("hash")?), locked))
}

/// Lets it be tried again; `false` where no PIN is set.
pub async fn unlock(tx: &mut Tx, tenant: &Tenant, actor: impl Into<Actor>, at: Utc) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE owner_pin SET wrong_count = 0, locked_at = NULL WHERE tenant = $1")
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    audit(tx, tenant, at, actor, Action::PinUnlocked, "").await?;
    Ok(true)
}

/// How the tenant's PIN is; none where none is set.
pub async fn state(db: &Db, tenant: &Tenant) -> Result<Option<PinState>, Error> {
    let row = sqlx::query("SELECT set_at, author, wrong_count, locked_at FROM owner_pin WHERE tenant = $1")
        .bind(tenant.key())
        .fetch_optional(db.read())
        .await?;
    row.map(|row| {
        Ok(PinState {
            set_at: row.at("set_at")?,
            author: row.text("author")?,
            wrong: u32::try_from(row.count("wrong_count")?).unwrap_or(u32::MAX),
            locked_at: row.at_maybe("locked_at")?,
        })
    })
    .transpose()
}
