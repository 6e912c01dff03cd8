//! Rows of people, login links, sessions and the audit log.

pub mod once;
pub mod pin;

use std::time::Duration;

use sqlx::any::AnyRow;

use super::{Action, Actor, AuditLine, LOGIN_LINK_LIFE, NewPerson, Person, Role, Secret, hash};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::{PersonId, TenantId};
use crate::tenant::{self, Tenant};

/// Seeking in a recording makes many requests: within this time they are one act of listening.
const ONE_LISTENING: Duration = Duration::from_secs(600);

/// Makes a person.
pub async fn create(tx: &mut Tx, tenant: &Tenant, new: &NewPerson, at: Utc) -> Result<Person, Error> {
    let person = Person {
        id: PersonId::new(at, rand::random()),
        name: new.name.clone(),
        role: new.role,
        language: new.language,
    };
    sqlx::query("INSERT INTO person (id, tenant, name, role, language, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(person.id.to_string())
        .bind(tenant.key())
        .bind(&person.name)
        .bind(person.role.as_str())
        .bind(person.language.as_str())
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    Ok(person)
}

/// The tenant's first owner, or one made with this name.
pub async fn ensure_owner(tx: &mut Tx, tenant: &Tenant, name: &str, at: Utc) -> Result<Person, Error> {
    let row = sqlx::query("SELECT * FROM person WHERE tenant = $1 AND role = 'owner' ORDER BY created_at, id LIMIT 1")
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    match row {
        Some(row) => from_row(&row),
        None => {
            let new = NewPerson { name: name.to_owned(), role: Role::Owner, language: tenant.language() };
            create(tx, tenant, &new, at).await
        }
    }
}

/// The people of a tenant, oldest first.
pub async fn all(db: &Db, tenant: &Tenant) -> Result<Vec<Person>, Error> {
    let rows = sqlx::query("SELECT * FROM person WHERE tenant = $1 ORDER BY created_at, id")
        .bind(tenant.key())
        .fetch_all(db.read())
        .await?;
    rows.iter().map(from_row).collect()
}

/// A one-time secret for the link `…/login#SECRET`: good for a day and for one use. None where the
/// tenant has no such person.
pub async fn login_link(tx: &mut Tx, tenant: &Tenant, person: PersonId, at: Utc) -> Result<Option<Secret>, Error> {
    // Old ones go with the new one: the table stays as small as the number of open links.
    sqlx::query("DELETE FROM login_token WHERE expires_at < $1").bind(at.0).execute(tx.conn()).await?;
    let secret = Secret::random();
    let done = sqlx::query(
        "INSERT INTO login_token (hash, person, created_at, expires_at) \
         SELECT $1, p.id, $2, $3 FROM person p WHERE p.id = $4 AND p.tenant = $5",
    )
    .bind(hash(secret.reveal()))
    .bind(at.0)
    .bind(later(at, LOGIN_LINK_LIFE))
    .bind(person.to_string())
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    Ok((done.rows_affected() == 1).then_some(secret))
}

/// Uses a login link: whose it was. None where it is unknown, used or too old, without saying which.
pub async fn redeem(tx: &mut Tx, secret: &str, at: Utc) -> Result<Option<(Person, Tenant)>, Error> {
    let hash = hash(secret);
    // One statement decides, so that of two who come at once one is let in.
    let done =
        sqlx::query("UPDATE login_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2")
            .bind(&hash)
            .bind(at.0)
            .execute(tx.conn())
            .await?;
    if done.rows_affected() != 1 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT p.* FROM person p JOIN login_token l ON l.person = p.id WHERE l.hash = $1")
        .bind(&hash)
        .fetch_one(tx.conn())
        .await?;
    let person = from_row(&row)?;
    let tenant = tenant::store::of_person(tx.conn(), person.id).await?;
    Ok(tenant.map(|tenant| (person, tenant)))
}

/// Who a session's person is, and their tenant. None where they are no more.
pub(crate) async fn signed_in(db: &Db, person: PersonId) -> Result<Option<(Person, Tenant)>, Error> {
    let row =
        sqlx::query("SELECT * FROM person WHERE id = $1").bind(person.to_string()).fetch_optional(db.read()).await?;
    let Some(row) = row else { return Ok(None) };
    let tenant = tenant::store::of_person(db.read(), person).await?;
    let person = from_row(&row)?;
    Ok(tenant.map(|tenant| (person, tenant)))
}

/// Writes an act into the audit log.
pub async fn audit(
    tx: &mut Tx,
    tenant: &Tenant,
    at: Utc,
    actor: impl Into<Actor>,
    action: Action,
    object: &str,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO audit (id, tenant, at, person, action, object) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(audit_id(at))
        .bind(tenant.key())
        .bind(at.0)
        .bind(actor.into().to_string())
        .bind(action.as_str())
        .bind(object)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether this act was written a moment ago; asked before [`audit`] for what comes in many requests.
pub async fn audited_lately(
    db: &Db,
    tenant: &Tenant,
    at: Utc,
    person: PersonId,
    action: Action,
    object: &str,
) -> Result<bool, Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS lately FROM audit \
         WHERE object = $1 AND person = $2 AND action = $3 AND at > $4 AND tenant = $5",
    )
    .bind(object)
    .bind(person.to_string())
    .bind(action.as_str())
    .bind(at.0.saturating_sub(millis(ONE_LISTENING)))
    .bind(tenant.key())
    .fetch_one(db.read())
    .await?;
    Ok(row.count("lately")? > 0)
}

/// The newest lines of the audit log.
pub async fn audit_lines(db: &Db, tenant: &Tenant, limit: u32) -> Result<Vec<AuditLine>, Error> {
    let rows = sqlx::query("SELECT * FROM audit WHERE tenant = $1 ORDER BY at DESC, id DESC LIMIT $2")
        .bind(tenant.key())
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AuditLine {
                at: row.at("at")?,
                actor: row.parsed("person")?,
                action: row.text("action")?,
                object: row.text("object")?,
            })
        })
        .collect()
}

/// A session's row: what the cookie's id leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// What the session holds, as JSON.
    pub data: String,
    /// When it was made: it has an end however much it is used.
    pub created_at: Utc,
    /// When it ends if it is not used.
    pub expires_at: Utc,
}

/// A new session; `false` where its id is taken.
pub async fn session_create(tx: &mut Tx, id: &str, row: &SessionRow) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO session (hash, data, created_at, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING",
    )
    .bind(hash(id))
    .bind(&row.data)
    .bind(row.created_at.0)
    .bind(row.expires_at.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a session holds now, and until when it runs; `false` where it is no more. It never makes one: a
/// request that was under way while its person signed out brings nothing back.
pub async fn session_save(tx: &mut Tx, id: &str, data: &str, expires_at: Utc) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE session SET data = $2, expires_at = $3 WHERE hash = $1")
        .bind(hash(id))
        .bind(data)
        .bind(expires_at.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A session that still runs: used within its idle time, and made after `oldest`.
pub async fn session(db: &Db, id: &str, at: Utc, oldest: Utc) -> Result<Option<SessionRow>, Error> {
    let row = sqlx::query("SELECT * FROM session WHERE hash = $1 AND expires_at > $2 AND created_at > $3")
        .bind(hash(id))
        .bind(at.0)
        .bind(oldest.0)
        .fetch_optional(db.read())
        .await?;
    row.map(|row| {
        Ok(SessionRow { data: row.text("data")?, created_at: row.at("created_at")?, expires_at: row.at("expires_at")? })
    })
    .transpose()
}

/// Ends a session.
pub async fn session_delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM session WHERE hash = $1").bind(hash(id)).execute(tx.conn()).await?;
    Ok(())
}

/// Removes sessions that have ended. Gives how many.
pub async fn sessions_sweep(tx: &mut Tx, at: Utc, oldest: Utc) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM session WHERE expires_at <= $1 OR created_at <= $2")
        .bind(at.0)
        .bind(oldest.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

fn from_row(row: &AnyRow) -> Result<Person, Error> {
    Ok(Person {
        id: row.parsed("id")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        language: row.parsed("language")?,
    })
}

/// An id of the log's own: sorted by time, like all ids.
fn audit_id(at: Utc) -> String {
    TenantId::new(at, rand::random()).to_string()
}

fn later(at: Utc, by: Duration) -> i64 {
    at.0.saturating_add(millis(by))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
