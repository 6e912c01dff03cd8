//! To whom the invitation of a booked time goes. Kept with the callback: who moves the time need not know it.

use crate::db::{Error, Fields, Tx};
use crate::ids::CallbackId;
use crate::tenant::Tenant;

/// An address, and the number of the next letter to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The address.
    pub mail: String,
    /// Higher with each letter.
    pub sequence: u32,
}

/// The first address of whom a number belongs to.
pub async fn of_number(tx: &mut Tx, tenant: &Tenant, number: &str) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        "SELECT c.mail FROM contact c JOIN contact_number n ON n.contact = c.id WHERE n.tenant = $1 AND n.number = $2",
    )
    .bind(tenant.key())
    .bind(number)
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let all: Vec<String> = serde_json::from_str(&row.text("mail")?)
        .map_err(|error| Error::Corrupt(format!("the addresses of a contact are no JSON: {error}")))?;
    Ok(all.into_iter().next())
}

/// Keeps the address of a callback, where there is a new one, and counts a letter to it; none: nobody is told by mail.
pub async fn next(
    tx: &mut Tx,
    tenant: &Tenant,
    callback: CallbackId,
    mail: Option<&str>,
) -> Result<Option<Invited>, Error> {
    if let Some(mail) = mail {
        sqlx::query(
            "INSERT INTO seat_mail (callback, tenant, mail, sequence) VALUES ($1, $2, $3, -1) \
             ON CONFLICT (callback) DO UPDATE SET mail = excluded.mail",
        )
        .bind(callback.to_string())
        .bind(tenant.key())
        .bind(mail)
        .execute(tx.conn())
        .await?;
    }
    let row = sqlx::query(
        "UPDATE seat_mail SET sequence = sequence + 1 WHERE callback = $1 AND tenant = $2 RETURNING mail, sequence",
    )
    .bind(callback.to_string())
    .bind(tenant.key())
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sequence = u32::try_from(row.count("sequence")?).unwrap_or(u32::MAX);
    Ok(Some(Invited { mail: row.text("mail")?, sequence }))
}
