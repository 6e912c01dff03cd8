//! Rows of tenants and their numbers; the only place where a [`Tenant`] is made.

use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

use super::{NewTenant, Tenant, number_key};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields, Tx};
use crate::ids::{PersonId, TenantId};

/// The first tenant: the oldest, or made from `new` where there is none.
pub async fn ensure_first(tx: &mut Tx, new: &NewTenant, at: Utc) -> Result<Tenant, Error> {
    let row = sqlx::query("SELECT * FROM tenant ORDER BY created_at, id LIMIT 1").fetch_optional(tx.conn()).await?;
    match row {
        Some(row) => from_row(&row),
        None => create(tx, new, at).await,
    }
}

/// A further tenant.
pub async fn create(tx: &mut Tx, new: &NewTenant, at: Utc) -> Result<Tenant, Error> {
    let tenant = Tenant {
        id: TenantId::new(at, rand::random()),
        name: new.name.clone(),
        language: new.language,
        timezone: new.timezone.clone(),
        created_at: at,
    };
    sqlx::query("INSERT INTO tenant (id, name, language, timezone, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(tenant.key())
        .bind(&new.name)
        .bind(tenant.language.as_str())
        .bind(&new.timezone)
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    Ok(tenant)
}

/// Gives the tenant a number; `false` where another tenant has it.
pub async fn add_number(tx: &mut Tx, tenant: &Tenant, number: &str, at: Utc) -> Result<bool, Error> {
    let key = number_key(number);
    sqlx::query("INSERT INTO number (number, tenant, created_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING")
        .bind(&key)
        .bind(tenant.key())
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    let row = sqlx::query("SELECT tenant FROM number WHERE number = $1").bind(&key).fetch_one(tx.conn()).await?;
    Ok(row.parsed::<TenantId>("tenant")? == tenant.id)
}

/// Whose number was dialled.
pub async fn by_number(db: &Db, number: &str) -> Result<Option<Tenant>, Error> {
    let row = sqlx::query("SELECT t.* FROM tenant t JOIN number n ON n.tenant = t.id WHERE n.number = $1")
        .bind(number_key(number))
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// All numbers with their tenants: what is looked up at an INVITE is held in memory.
pub async fn numbers(db: &Db) -> Result<Vec<(String, Tenant)>, Error> {
    let rows = sqlx::query("SELECT n.number, t.* FROM tenant t JOIN number n ON n.tenant = t.id ORDER BY n.number")
        .fetch_all(db.read())
        .await?;
    rows.iter().map(|row| Ok((row.text("number")?, from_row(row)?))).collect()
}

/// By its id: for the command line and for work that goes over all tenants.
pub async fn by_id(db: &Db, id: TenantId) -> Result<Option<Tenant>, Error> {
    let row = sqlx::query("SELECT * FROM tenant WHERE id = $1").bind(id.to_string()).fetch_optional(db.read()).await?;
    row.as_ref().map(from_row).transpose()
}

/// All, oldest first.
pub async fn all(db: &Db) -> Result<Vec<Tenant>, Error> {
    let rows = sqlx::query("SELECT * FROM tenant ORDER BY created_at, id").fetch_all(db.read()).await?;
    rows.iter().map(from_row).collect()
}

/// The tenant that a signed-in person belongs to. Only [`crate::person`] asks, after it has seen a
/// token or a session.
pub(crate) async fn of_person<'c>(
    on: impl Executor<'c, Database = Any>,
    person: PersonId,
) -> Result<Option<Tenant>, Error> {
    let row = sqlx::query("SELECT t.* FROM tenant t JOIN person p ON p.tenant = t.id WHERE p.id = $1")
        .bind(person.to_string())
        .fetch_optional(on)
        .await?;
    row.as_ref().map(from_row).transpose()
}

fn from_row(row: &AnyRow) -> Result<Tenant, Error> {
    Ok(Tenant {
        id: row.parsed("id")?,
        name: row.text("name")?,
        language: row.parsed("language")?,
        timezone: row.text("timezone")?,
        created_at: row.at("created_at")?,
    })
}
