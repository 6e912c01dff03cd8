//! Rows of contacts. Every write raises the tenant's counter and that of lines, in its own transaction.

mod edit;
mod import;
mod name;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::{ALL_LISTS_MAX, ALL_NUMBERS_MAX, CONTACTS_MAX};
use super::{Card, Contact, Entry, Filter, Known, NameClip, Place, Refused, Standing, fold};
use crate::clock::Utc;
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{ContactId, Cursor, Language, TenantId, dialled};
use crate::tenant::Tenant;

pub use edit::{edits, merge, split, undo};
pub use import::{Import, Imported, Totals};
pub use name::{confirm_name, drop_name, has_name, names_due, names_of_all, names_purged, set_name};

/// Keeps a new contact.
pub async fn add(tx: &mut Tx, tenant: &Tenant, card: &Card, at: Utc) -> Result<Result<ContactId, Refused>, Error> {
    touch(tx, tenant).await?;
    let mut room = Room::of(tx, tenant).await?;
    let done = insert(tx, tenant, &mut room, card, at).await?;
    if let Ok(id) = &done {
        tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Created);
    }
    Ok(done)
}

/// Puts a card in the place of what a contact was. `seen` is the version that the writer had before them; none: any.
pub async fn update(
    tx: &mut Tx,
    tenant: &Tenant,
    id: ContactId,
    card: &Card,
    seen: Option<u64>,
    at: Utc,
) -> Result<Result<(), Refused>, Error> {
    touch(tx, tenant).await?;
    if let Err(refused) = as_seen(tx, tenant, id, seen).await? {
        return Ok(Err(refused));
    }
    let mut room = Room::of(tx, tenant).await?;
    let done = replace(tx, tenant, &mut room, id, card, at).await?;
    if done.is_ok() {
        tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Changed);
    }
    Ok(done)
}

/// Takes a contact away with all that is known of it. `seen` as in [`update`].
pub async fn remove(
    tx: &mut Tx,
    tenant: &Tenant,
    id: ContactId,
    seen: Option<u64>,
    at: Utc,
) -> Result<Result<(), Refused>, Error> {
    touch(tx, tenant).await?;
    if let Err(refused) = as_seen(tx, tenant, id, seen).await? {
        return Ok(Err(refused));
    }
    clear(tx, tenant, id).await?;
    name::release(tx, tenant, id, at).await?;
    if !delete_row(tx, tenant, id).await? {
        return Ok(Err(Refused::Gone));
    }
    tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Deleted);
    Ok(Ok(()))
}

/// Whether it is there, in the version that was seen.
async fn as_seen(tx: &mut Tx, tenant: &Tenant, id: ContactId, seen: Option<u64>) -> Result<Result<(), Refused>, Error> {
    let Some(now) = in_tx(tx, tenant, id).await? else { return Ok(Err(Refused::Gone)) };
    let same = seen.is_none_or(|seen| seen == now.version);
    Ok(if same { Ok(()) } else { Err(Refused::Changed { by: now.card.label().to_owned() }) })
}

async fn delete_row(tx: &mut Tx, tenant: &Tenant, id: ContactId) -> Result<bool, Error> {
    let done = sqlx::query("DELETE FROM contact WHERE id = $1 AND tenant = $2")
        .bind(id.to_string())
        .bind(tenant.key())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Something of a contact besides its card is different.
async fn changed(tx: &mut Tx, tenant: &Tenant, id: ContactId, at: Utc) -> Result<(), Error> {
    sqlx::query("UPDATE contact SET version = version + 1, changed_at = $3 WHERE id = $1 AND tenant = $2")
        .bind(id.to_string())
        .bind(tenant.key())
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Changed);
    Ok(())
}

/// First of every write, so that writers take turns and counts hold.
async fn touch(tx: &mut Tx, tenant: &Tenant) -> Result<(), Error> {
    tx.lines_changed().await?;
    sqlx::query(
        "INSERT INTO contact_change (tenant, seq) VALUES ($1, 1) \
         ON CONFLICT (tenant) DO UPDATE SET seq = contact_change.seq + 1",
    )
    .bind(tenant.key())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How much a tenant has: counted once in a transaction, then kept.
#[derive(Debug)]
struct Room {
    contacts: u64,
    numbers: u64,
    lists: HashSet<String>,
}

impl Room {
    async fn of(tx: &mut Tx, tenant: &Tenant) -> Result<Room, Error> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM contact WHERE tenant = $1) AS contacts, \
             (SELECT COUNT(*) FROM contact_number WHERE tenant = $1) AS numbers",
        )
        .bind(tenant.key())
        .fetch_one(tx.conn())
        .await?;
        let (contacts, numbers) = (row.count("contacts")?, row.count("numbers")?);
        let rows = sqlx::query(LISTS).bind(tenant.key()).fetch_all(tx.conn()).await?;
        let lists = rows.iter().map(|row| row.text("list")).collect::<Result<_, _>>()?;
        Ok(Room { contacts, numbers, lists })
    }

    /// Room for a card in the place of one that has so many numbers.
    fn take(&mut self, card: &Card, contacts: u64, numbers_before: usize) -> Result<(), Refused> {
        let count = |numbers: usize| u64::try_from(numbers).unwrap_or(u64::MAX);
        let numbers = (self.numbers + count(card.numbers.len())).saturating_sub(count(numbers_before));
        if self.contacts + contacts > CONTACTS_MAX {
            return Err(Refused::Full("50,000 contacts"));
        }
        if numbers > ALL_NUMBERS_MAX {
            return Err(Refused::Full("100,000 numbers of contacts"));
        }
        if card.lists.iter().filter(|list| !self.lists.contains(*list)).count() + self.lists.len() > ALL_LISTS_MAX {
            return Err(Refused::Full("200 lists of contacts"));
        }
        self.contacts += contacts;
        self.numbers = numbers;
        self.lists.extend(card.lists.iter().cloned());
        Ok(())
    }
}

async fn insert(
    tx: &mut Tx,
    tenant: &Tenant,
    room: &mut Room,
    card: &Card,
    at: Utc,
) -> Result<Result<ContactId, Refused>, Error> {
    let id = ContactId::new(at, rand::random());
    Ok(insert_as(tx, tenant, room, id, card, (at, at, 1)).await?.map(|()| id))
}

/// With this id, made and changed then, in this version.
async fn insert_as(
    tx: &mut Tx,
    tenant: &Tenant,
    room: &mut Room,
    id: ContactId,
    card: &Card,
    (created_at, changed_at, version): (Utc, Utc, u64),
) -> Result<Result<(), Refused>, Error> {
    for number in &card.numbers {
        if let Some((_, by)) = holder(tx, tenant, number).await? {
            return Ok(Err(Refused::Taken { number: number.clone(), by }));
        }
    }
    if let Err(full) = room.take(card, 1, 0) {
        return Ok(Err(full));
    }
    sqlx::query(
        "INSERT INTO contact (id, tenant, name, note, vip, blocked, sort, sought, language, mail, created_at, \
         changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(&card.name)
    .bind(&card.note)
    .bind(i64::from(card.vip))
    .bind(i64::from(card.blocked))
    .bind(card.sort())
    .bind(card.sought())
    .bind(card.language.map(Language::as_str))
    .bind(mail_column(card)?)
    .bind(created_at.0)
    .bind(changed_at.0)
    .bind(i64::try_from(version).unwrap_or(i64::MAX))
    .execute(tx.conn())
    .await?;
    attach(tx, tenant, id, card).await?;
    Ok(Ok(()))
}

fn mail_column(card: &Card) -> Result<String, Error> {
    serde_json::to_string(&card.mail).map_err(|error| Error::Misuse(error.to_string()))
}

async fn replace(
    tx: &mut Tx,
    tenant: &Tenant,
    room: &mut Room,
    id: ContactId,
    card: &Card,
    at: Utc,
) -> Result<Result<(), Refused>, Error> {
    let Some(before) = in_tx(tx, tenant, id).await? else { return Ok(Err(Refused::Gone)) };
    for number in card.numbers.iter().filter(|number| !before.card.numbers.contains(number)) {
        if let Some((_, by)) = holder(tx, tenant, number).await? {
            return Ok(Err(Refused::Taken { number: number.clone(), by }));
        }
    }
    if let Err(full) = room.take(card, 0, before.card.numbers.len()) {
        return Ok(Err(full));
    }
    sqlx::query(
        "UPDATE contact SET name = $3, note = $4, vip = $5, blocked = $6, sort = $7, sought = $8, language = $9, \
         mail = $10, changed_at = $11, version = version + 1 WHERE id = $1 AND tenant = $2",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(&card.name)
    .bind(&card.note)
    .bind(i64::from(card.vip))
    .bind(i64::from(card.blocked))
    .bind(card.sort())
    .bind(card.sought())
    .bind(card.language.map(Language::as_str))
    .bind(mail_column(card)?)
    .bind(at.0)
    .execute(tx.conn())
    .await?;
    clear(tx, tenant, id).await?;
    attach(tx, tenant, id, card).await?;
    Ok(Ok(()))
}

/// Numbers and lists of a contact whose row stands.
async fn attach(tx: &mut Tx, tenant: &Tenant, id: ContactId, card: &Card) -> Result<(), Error> {
    for (seq, number) in (0_i64..).zip(&card.numbers) {
        sqlx::query("INSERT INTO contact_number (tenant, number, contact, seq) VALUES ($1, $2, $3, $4)")
            .bind(tenant.key())
            .bind(number)
            .bind(id.to_string())
            .bind(seq)
            .execute(tx.conn())
            .await?;
    }
    for list in &card.lists {
        sqlx::query("INSERT INTO contact_list (tenant, list, contact) VALUES ($1, $2, $3)")
            .bind(tenant.key())
            .bind(list)
            .bind(id.to_string())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

async fn clear(tx: &mut Tx, tenant: &Tenant, id: ContactId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM contact_number WHERE contact = $1 AND tenant = $2",
        "DELETE FROM contact_list WHERE contact = $1 AND tenant = $2",
    ] {
        sqlx::query(sql).bind(id.to_string()).bind(tenant.key()).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Whose a number is, and how lists show them.
async fn holder(tx: &mut Tx, tenant: &Tenant, number: &str) -> Result<Option<(ContactId, String)>, Error> {
    let row = sqlx::query(
        "SELECT c.id, c.name FROM contact_number n JOIN contact c ON c.id = n.contact \
         WHERE n.tenant = $1 AND n.number = $2",
    )
    .bind(tenant.key())
    .bind(number)
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let name = row.text("name")?;
    Ok(Some((row.parsed("id")?, if name.is_empty() { number.to_owned() } else { name })))
}

const ONE: &str = "SELECT c.*, n.id AS clip, n.transcript, n.duration_ms, n.sha256, n.created_at AS clip_at, n.confirmed \
    FROM contact c LEFT JOIN contact_name n ON n.contact = c.id WHERE c.id = $1 AND c.tenant = $2";
const NUMBERS: &str = "SELECT number FROM contact_number WHERE contact = $1 AND tenant = $2 ORDER BY seq";
const ON_LISTS: &str = "SELECT list FROM contact_list WHERE contact = $1 AND tenant = $2 ORDER BY list";
const LISTS: &str = "SELECT DISTINCT list FROM contact_list WHERE tenant = $1";

async fn in_tx(tx: &mut Tx, tenant: &Tenant, id: ContactId) -> Result<Option<Contact>, Error> {
    let one = |sql| sqlx::query(sql).bind(id.to_string()).bind(tenant.key().to_owned());
    let Some(row) = one(ONE).fetch_optional(tx.conn()).await? else { return Ok(None) };
    let numbers = texts(&one(NUMBERS).fetch_all(tx.conn()).await?, "number")?;
    let lists = texts(&one(ON_LISTS).fetch_all(tx.conn()).await?, "list")?;
    from_row(&row, numbers, lists).map(Some)
}

/// One contact.
pub async fn get(db: &Db, tenant: &Tenant, id: ContactId) -> Result<Option<Contact>, Error> {
    let one = |sql| sqlx::query(sql).bind(id.to_string()).bind(tenant.key().to_owned());
    let Some(row) = one(ONE).fetch_optional(db.read()).await? else { return Ok(None) };
    let numbers = texts(&one(NUMBERS).fetch_all(db.read()).await?, "number")?;
    let lists = texts(&one(ON_LISTS).fetch_all(db.read()).await?, "list")?;
    from_row(&row, numbers, lists).map(Some)
}

/// Whose a number is, in any form.
pub async fn by_number(db: &Db, tenant: &Tenant, number: &str) -> Result<Option<Contact>, Error> {
    let number = super::number(number).unwrap_or_else(|_| dialled(number));
    let row = sqlx::query("SELECT contact FROM contact_number WHERE tenant = $1 AND number = $2")
        .bind(tenant.key())
        .bind(number)
        .fetch_optional(db.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    get(db, tenant, row.parsed("contact")?).await
}

/// A page of contacts by name, and where the next one begins.
pub async fn list(db: &Db, tenant: &Tenant, filter: &Filter) -> Result<(Vec<Contact>, Option<Place>), Error> {
    let limit = filter.limit.clamp(1, Cursor::PAGE_MAX);
    let (sort, id) = filter
        .after
        .as_ref()
        .map_or((String::new(), String::new()), |after| (after.sort.clone(), after.id.to_string()));
    let rows = sqlx::query(
        "SELECT c.*, n.id AS clip, n.transcript, n.duration_ms, n.sha256, n.created_at AS clip_at, n.confirmed \
         FROM contact c LEFT JOIN contact_name n ON n.contact = c.id \
         WHERE c.tenant = $1 AND (c.sort > $2 OR (c.sort = $2 AND c.id > $3)) \
         AND ($4 = '' OR c.sought LIKE $4 ESCAPE '!') \
         AND ($5 = '' OR c.id IN (SELECT l.contact FROM contact_list l WHERE l.tenant = $1 AND l.list = $5)) \
         ORDER BY c.sort, c.id LIMIT $6",
    )
    .bind(tenant.key())
    .bind(sort)
    .bind(id)
    .bind(pattern(&filter.search))
    .bind(filter.list.as_deref().unwrap_or_default())
    .bind(i64::from(limit) + 1)
    .fetch_all(db.read())
    .await?;
    let more = rows.len() > limit as usize;
    let rows: Vec<AnyRow> = rows.into_iter().take(limit as usize).collect();
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(Place { sort: last.text("sort")?, id: last.parsed("id")? }),
        None => None,
    };
    Ok((whole(db, tenant, &rows).await?, next))
}

/// What is sought, as LIKE has it. What looks like a number is sought in the form of numbers.
fn pattern(search: &str) -> String {
    let search: String = search.trim().chars().filter(|c| !c.is_control()).take(super::NAME_MAX).collect();
    if search.is_empty() {
        return String::new();
    }
    let numeric = search.chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c))
        && search.chars().any(|c| c.is_ascii_digit());
    let search = if numeric { super::number(&search).unwrap_or(search) } else { fold(&search) };
    let mut pattern = String::from("%");
    for c in search.chars() {
        if "!%_".contains(c) {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

/// Rows of a page with their numbers and lists: two statements, however many they are.
async fn whole(db: &Db, tenant: &Tenant, rows: &[AnyRow]) -> Result<Vec<Contact>, Error> {
    let ids: Vec<String> = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
    let mut numbers = of_ids(db, tenant, &ids, "number", "SELECT contact, number FROM contact_number", "seq").await?;
    let mut lists = of_ids(db, tenant, &ids, "list", "SELECT contact, list FROM contact_list", "list").await?;
    let mut of = |row: &AnyRow| {
        let id = row.text("id")?;
        from_row(row, numbers.remove(&id).unwrap_or_default(), lists.remove(&id).unwrap_or_default())
    };
    rows.iter().map(&mut of).collect()
}

async fn of_ids(
    db: &Db,
    tenant: &Tenant,
    ids: &[String],
    column: &str,
    select: &'static str,
    order: &'static str,
) -> Result<HashMap<String, Vec<String>>, Error> {
    let Some(places) = places(ids) else { return Ok(HashMap::new()) };
    let sql = format!("{select} WHERE tenant = $1 AND contact IN ({}) ORDER BY contact, {order}", places.text);
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.key());
    for id in places.values {
        query = query.bind(id);
    }
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for row in &query.fetch_all(db.read()).await? {
        found.entry(row.text("contact")?).or_default().push(row.text(column)?);
    }
    Ok(found)
}

/// The names of those who have one, by their numbers; numbers in the form in which calls keep them.
pub async fn names(db: &Db, tenant: &Tenant, numbers: &[String]) -> Result<HashMap<String, String>, Error> {
    let Some(places) = places(numbers) else { return Ok(HashMap::new()) };
    let sql = format!(
        "SELECT n.number, c.name FROM contact_number n JOIN contact c ON c.id = n.contact \
         WHERE n.tenant = $1 AND n.number IN ({}) AND c.name <> ''",
        places.text
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.key());
    for number in places.values {
        query = query.bind(number);
    }
    let rows = query.fetch_all(db.read()).await?;
    rows.iter().map(|row| Ok((row.text("number")?, row.text("name")?))).collect()
}

/// `$2, $3, …` and what is bound there.
struct Places<'a> {
    text: String,
    values: Vec<&'a str>,
}

/// None: there is nothing to ask for. The last value is repeated up to a power of two, so that there are few
/// texts, and they stay prepared.
fn places(values: &[String]) -> Option<Places<'_>> {
    let last = values.last()?.as_str();
    let mut values: Vec<&str> = values.iter().take(Cursor::PAGE_MAX as usize).map(String::as_str).collect();
    values.resize(values.len().next_power_of_two(), last);
    let mut text = String::from("$2");
    for place in 3..values.len() + 2 {
        // Writing to a string does not fail.
        let _ = write!(text, ", ${place}");
    }
    Some(Places { text, values })
}

/// The lists that somebody is on.
pub async fn lists(db: &Db, tenant: &Tenant) -> Result<HashSet<String>, Error> {
    let rows = sqlx::query(LISTS).bind(tenant.key()).fetch_all(db.read()).await?;
    rows.iter().map(|row| row.text("list")).collect()
}

/// The counter of every tenant that has, or had, contacts: what a process compares with what it has.
pub async fn changes(db: &Db) -> Result<HashMap<TenantId, i64>, Error> {
    let rows = sqlx::query("SELECT tenant, seq FROM contact_change").fetch_all(db.read()).await?;
    rows.iter().map(|row| Ok((row.parsed("tenant")?, row.number("seq")?))).collect()
}

/// What lines go by.
pub async fn all_for_lines(db: &Db, tenant: &Tenant) -> Result<Known, Error> {
    let rows = sqlx::query("SELECT contact, list FROM contact_list WHERE tenant = $1 ORDER BY contact, list")
        .bind(tenant.key())
        .fetch_all(db.read())
        .await?;
    let mut lists: HashMap<String, Vec<String>> = HashMap::new();
    for row in &rows {
        lists.entry(row.text("contact")?).or_default().push(row.text("list")?);
    }
    let rows = sqlx::query(
        "SELECT n.number, n.contact, c.vip, c.blocked, c.language, s.id AS clip FROM contact_number n \
         JOIN contact c ON c.id = n.contact \
         LEFT JOIN contact_name s ON s.contact = c.id AND s.confirmed = 1 AND c.blocked = 0 WHERE n.tenant = $1",
    )
    .bind(tenant.key())
    .fetch_all(db.read())
    .await?;
    let standing = |row: &AnyRow| -> Result<(Box<str>, Standing), Error> {
        let lists = lists.get(&row.text("contact")?).cloned().unwrap_or_default();
        let (vip, blocked) = (row.truth("vip")?, row.truth("blocked")?);
        let name_clip = row.text_maybe("clip")?.map(|_| row.parsed("clip")).transpose()?;
        let standing = Standing { vip, blocked, lists, language: language(row)?, name_clip };
        Ok((row.text("number")?.into_boxed_str(), standing))
    };
    rows.iter().map(standing).collect()
}

fn texts(rows: &[AnyRow], column: &str) -> Result<Vec<String>, Error> {
    rows.iter().map(|row| row.text(column)).collect()
}

fn language(row: &AnyRow) -> Result<Option<Language>, Error> {
    row.text_maybe("language")?.map(|_| row.parsed("language")).transpose()
}

fn from_row(row: &AnyRow, numbers: Vec<String>, lists: Vec<String>) -> Result<Contact, Error> {
    let (vip, blocked) = (row.truth("vip")?, row.truth("blocked")?);
    let mail = serde_json::from_str(&row.text("mail")?).map_err(|error| Error::Corrupt(error.to_string()))?;
    let (name, note, language) = (row.text("name")?, row.text("note")?, language(row)?);
    let entry = Entry { name, note, numbers, lists, vip, blocked, language, mail };
    let name_clip: Option<NameClip> = name::from_row(row)?;
    Ok(Contact {
        id: row.parsed("id")?,
        // It was checked when it was kept; limits may have been others then.
        card: Card(entry),
        created_at: row.at("created_at")?,
        changed_at: row.at("changed_at")?,
        version: row.count("version")?,
        name_clip,
    })
}
