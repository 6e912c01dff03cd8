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
    tx.lines_changed().await?;
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
    tx.lines_changed().await?;
    insert_number(tx, tenant, number, false, at).await
}

/// Takes a number from the tenant; `false` where it is not its own.
pub async fn remove_number(tx: &mut Tx, tenant: &Tenant, number: &str) -> Result<bool, Error> {
    tx.lines_changed().await?;
    let done = sqlx::query("DELETE FROM number WHERE number = $1 AND tenant = $2")
        .bind(number_key(number))
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The numbers that the tenant's plan names are the tenant's while it counts; those that were given
/// otherwise stay. Gives those that are another tenant's: nothing is to be kept then.
pub async fn set_plan_numbers(tx: &mut Tx, tenant: &Tenant, numbers: &[String], at: Utc) -> Result<Vec<String>, Error> {
    tx.lines_changed().await?;
    sqlx::query("DELETE FROM number WHERE tenant = $1 AND from_plan = 1").bind(tenant.key()).execute(tx.conn()).await?;
    let mut taken = Vec::new();
    for number in numbers {
        if !insert_number(tx, tenant, number, true, at).await? {
            taken.push(number.clone());
        }
    }
    Ok(taken)
}

async fn insert_number(tx: &mut Tx, tenant: &Tenant, number: &str, from_plan: bool, at: Utc) -> Result<bool, Error> {
    let key = number_key(number);
    // What is given by hand is no longer the plan's to take away.
    sqlx::query(
        "INSERT INTO number (number, tenant, created_at, from_plan) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (number) DO UPDATE SET from_plan = excluded.from_plan \
         WHERE number.tenant = excluded.tenant AND excluded.from_plan = 0",
    )
    .bind(&key)
    .bind(tenant.key())
    .bind(at.0)
    .bind(i64::from(from_plan))
    .execute(tx.conn())
    .await?;
    let row = sqlx::query("SELECT tenant FROM number WHERE number = $1").bind(&key).fetch_one(tx.conn()).await?;
    Ok(row.parsed::<TenantId>("tenant")? == tenant.id)
}

/// The tenant's numbers, and whether each is there only because its plan names it.
pub async fn numbers_of(db: &Db, tenant: &Tenant) -> Result<Vec<(String, bool)>, Error> {
    let rows = sqlx::query("SELECT number, from_plan FROM number WHERE tenant = $1 ORDER BY number")
        .bind(tenant.key())
        .fetch_all(db.read())
        .await?;
    rows.iter().map(|row| Ok((row.text("number")?, row.truth("from_plan")?))).collect()
}

/// All numbers that the tenant cannot have.
pub(crate) async fn numbers_of_others(db: &Db, tenant: &Tenant) -> Result<Vec<String>, Error> {
    let rows =
        sqlx::query("SELECT number FROM number WHERE tenant <> $1").bind(tenant.key()).fetch_all(db.read()).await?;
    rows.iter().map(|row| row.text("number")).collect()
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
