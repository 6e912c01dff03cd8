//! Several contacts become one, numbers become a contact, and both are undone.
//!
//! What was before is kept as JSON. Undoing puts it back only where nothing has changed since: a card that somebody
//! has written in the meantime is not lost by it.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use super::{Room, clear, delete_row, in_tx, insert_as, name, replace, touch};
use crate::clock::Utc;
use crate::contact::edit::{Dropped, Edit, EditKind, Follow, Merged, Split, UNDO_LIFE_MS, Undone};
use crate::contact::{Card, Contact, Entry, NUMBERS_MAX, Refused, number};
use crate::db::{ChangeKind, Db, Error, Fields, Noun, Tx};
use crate::ids::{ContactEditId, ContactId, NameClipId};
use crate::tenant::Tenant;

/// What undoing needs.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// As they were.
    before: Vec<Snapshot>,
    /// Who was there afterwards, each in its version: as long as they are so, it can be undone.
    after: Vec<(ContactId, u64)>,
}

impl State {
    /// What undoing brings with it.
    fn follow(&self) -> Follow {
        let Some(first) = self.before.first() else { return Follow::default() };
        let new = self.after.iter().filter(|(after, _)| self.before.iter().all(|before| before.id != *after));
        Follow {
            became: new.map(|(after, _)| (*after, first.id)).collect(),
            adopts: self.before.iter().skip(1).map(|one| (one.id, one.entry.numbers.clone())).collect(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    id: ContactId,
    created_at: i64,
    version: u64,
    entry: Entry,
    clip: Option<NameClipId>,
}

impl Snapshot {
    fn of(contact: &Contact) -> Snapshot {
        Snapshot {
            id: contact.id,
            created_at: contact.created_at.0,
            version: contact.version,
            entry: contact.card.entry(),
            clip: contact.name_clip.as_ref().map(|clip| clip.id),
        }
    }
}

/// Puts the contacts `from` together with `into`, which stays: numbers, lists, addresses and notes of all; name,
/// marks, language and recorded name are its own. `by` is who does it, as the audit log spells it.
pub async fn merge(
    tx: &mut Tx,
    tenant: &Tenant,
    into: ContactId,
    from: &[ContactId],
    by: &str,
    at: Utc,
) -> Result<Result<Merged, Refused>, Error> {
    touch(tx, tenant).await?;
    let others = match different(into, from) {
        Ok(others) => others,
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(target) = in_tx(tx, tenant, into).await? else { return Ok(Err(Refused::Gone)) };
    let mut sources = Vec::with_capacity(others.len());
    for id in others {
        let Some(source) = in_tx(tx, tenant, id).await? else { return Ok(Err(Refused::Gone)) };
        sources.push(source);
    }
    let card = match joined(&target, &sources).check() {
        Ok(card) => card,
        Err(bad) => return Ok(Err(bad.into())),
    };
    // The recordings are kept as long as this can be undone.
    let until = Utc(at.0.saturating_add(UNDO_LIFE_MS));
    for source in &sources {
        take_away(tx, tenant, source.id, until).await?;
        tx.changed(tenant.id(), Noun::Contact, source.id, ChangeKind::Deleted);
    }
    let mut room = Room::of(tx, tenant).await?;
    if let Err(refused) = replace(tx, tenant, &mut room, into, &card, at).await? {
        return Ok(Err(refused));
    }
    tx.changed(tenant.id(), Noun::Contact, into, ChangeKind::Changed);
    let before = std::iter::once(&target).chain(&sources).map(Snapshot::of).collect();
    let dropped = dropped(&card, &sources);
    let Some(contact) = in_tx(tx, tenant, into).await? else { return Ok(Err(Refused::Gone)) };
    let state = State { before, after: vec![(into, contact.version)] };
    let edit = keep(tx, tenant, EditKind::Merge, contact.card.label(), &state, by, at).await?;
    let became = sources.iter().map(|source| (source.id, into)).collect();
    let follow = Follow { became, ..Follow::default() };
    Ok(Ok(Merged { edit, contact, dropped, follow }))
}

/// Each once, without the one that stays.
fn different(into: ContactId, from: &[ContactId]) -> Result<Vec<ContactId>, Refused> {
    let mut others: Vec<ContactId> = Vec::new();
    for id in from {
        if *id == into || others.contains(id) {
            return Err(Refused::Alone);
        }
        // Each has a number: more would be too many numbers.
        if others.len() >= NUMBERS_MAX {
            return Err(Refused::Many);
        }
        others.push(*id);
    }
    if others.is_empty() { Err(Refused::Alone) } else { Ok(others) }
}

fn joined(target: &Contact, sources: &[Contact]) -> Entry {
    let mut entry = target.card.entry();
    for source in sources {
        let other = source.card.entry();
        if entry.name.is_empty() {
            entry.name = other.name;
        }
        if !other.note.is_empty() && !entry.note.contains(&other.note) {
            let between = if entry.note.is_empty() { "" } else { "\n" };
            entry.note = format!("{}{between}{}", entry.note, other.note);
        }
        entry.numbers.extend(other.numbers);
        entry.lists.extend(other.lists);
        entry.mail.extend(other.mail);
        entry.language = entry.language.or(other.language);
    }
    entry
}

fn dropped(card: &Card, sources: &[Contact]) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    for source in sources {
        let other = &source.card;
        let named = !other.name.is_empty() && other.name != card.name;
        let speaks = other.language.filter(|language| card.language != Some(*language));
        let all = [
            named.then(|| Dropped::Name(other.name.clone())),
            (other.vip && !card.vip).then_some(Dropped::Vip),
            (other.blocked && !card.blocked).then_some(Dropped::Blocked),
            speaks.map(Dropped::Language),
            source.name_clip.as_ref().map(|_| Dropped::NameClip(other.label().to_owned())),
        ];
        for one in all.into_iter().flatten() {
            if !dropped.contains(&one) {
                dropped.push(one);
            }
        }
    }
    dropped
}

/// Takes numbers out of a contact into a new one, of this name; none: of the same. Lists, marks and language go
/// with them, so that their calls go the same ways as before.
pub async fn split(
    tx: &mut Tx,
    tenant: &Tenant,
    id: ContactId,
    numbers: &[String],
    called: Option<&str>,
    by: &str,
    at: Utc,
) -> Result<Result<Split, Refused>, Error> {
    touch(tx, tenant).await?;
    let Some(contact) = in_tx(tx, tenant, id).await? else { return Ok(Err(Refused::Gone)) };
    let (rest, new) = match parted(&contact.card, numbers, called) {
        Ok(cards) => cards,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut room = Room::of(tx, tenant).await?;
    if let Err(refused) = replace(tx, tenant, &mut room, id, &rest, at).await? {
        return Ok(Err(refused));
    }
    let new_id = ContactId::new(at, rand::random());
    if let Err(refused) = insert_as(tx, tenant, &mut room, new_id, &new, (at, at, 1)).await? {
        return Ok(Err(refused));
    }
    tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Changed);
    tx.changed(tenant.id(), Noun::Contact, new_id, ChangeKind::Created);
    let Some(made) = in_tx(tx, tenant, new_id).await? else { return Ok(Err(Refused::Gone)) };
    let state =
        State { before: vec![Snapshot::of(&contact)], after: vec![(id, contact.version + 1), (new_id, made.version)] };
    let edit = keep(tx, tenant, EditKind::Split, contact.card.label(), &state, by, at).await?;
    let follow = Follow { adopts: vec![(new_id, new.numbers.clone())], ..Follow::default() };
    Ok(Ok(Split { edit, from: id, contact: made, follow }))
}

fn parted(card: &Card, numbers: &[String], called: Option<&str>) -> Result<(Card, Card), Refused> {
    let mut rest = card.entry();
    let mut new = Entry { note: String::new(), mail: Vec::new(), numbers: Vec::new(), ..card.entry() };
    if let Some(called) = called {
        called.clone_into(&mut new.name);
    }
    for text in numbers.iter().take(NUMBERS_MAX) {
        let one = number(text)?;
        if !card.numbers.contains(&one) {
            return Err(Refused::NotIts(one));
        }
        rest.numbers.retain(|number| *number != one);
        new.numbers.push(one);
    }
    if rest.numbers.is_empty() {
        return Err(Refused::Whole);
    }
    Ok((rest.check()?, new.check()?))
}

/// Undoes a merge or a split.
pub async fn undo(
    tx: &mut Tx,
    tenant: &Tenant,
    edit: ContactEditId,
    at: Utc,
) -> Result<Result<Undone, Refused>, Error> {
    touch(tx, tenant).await?;
    let row = sqlx::query("SELECT * FROM contact_edit WHERE id = $1 AND tenant = $2")
        .bind(edit.to_string())
        .bind(tenant.key())
        .fetch_optional(tx.conn())
        .await?;
    let Some(row) = row else { return Ok(Err(Refused::NoEdit)) };
    let done = from_row(&row)?;
    if done.undone_at.is_some() {
        return Ok(Err(Refused::Undone));
    }
    if done.until() < at {
        return Ok(Err(Refused::NoEdit));
    }
    let state: State = serde_json::from_str(&row.text("state")?).map_err(|e| Error::Corrupt(e.to_string()))?;
    for (id, version) in &state.after {
        let now = in_tx(tx, tenant, *id).await?;
        if now.is_none_or(|now| now.version != *version) {
            return Ok(Err(Refused::Since { by: done.label }));
        }
    }
    if let Err(refused) = put_back(tx, tenant, &state, at).await? {
        return Ok(Err(refused));
    }
    sqlx::query("UPDATE contact_edit SET undone_at = $3 WHERE id = $1 AND tenant = $2")
        .bind(edit.to_string())
        .bind(tenant.key())
        .bind(at.0)
        .execute(tx.conn())
        .await?;
    let contacts = state.before.iter().map(|one| one.id).collect();
    Ok(Ok(Undone { kind: done.kind, contacts, follow: state.follow() }))
}

async fn put_back(tx: &mut Tx, tenant: &Tenant, state: &State, at: Utc) -> Result<Result<(), Refused>, Error> {
    let stays = |id: &ContactId| state.after.iter().any(|(after, _)| after == id);
    for (id, _) in &state.after {
        if !state.before.iter().any(|before| before.id == *id) {
            take_away(tx, tenant, *id, at).await?;
            tx.changed(tenant.id(), Noun::Contact, id, ChangeKind::Deleted);
        }
    }
    let mut room = Room::of(tx, tenant).await?;
    // First those that stay: they give the numbers away that the others take.
    let (there, gone): (Vec<_>, Vec<_>) = state.before.iter().partition(|before| stays(&before.id));
    for before in there {
        if let Err(refused) = replace(tx, tenant, &mut room, before.id, &Card(before.entry.clone()), at).await? {
            return Ok(Err(refused));
        }
        tx.changed(tenant.id(), Noun::Contact, before.id, ChangeKind::Changed);
    }
    for before in gone {
        let row = (Utc(before.created_at), at, before.version + 1);
        let card = Card(before.entry.clone());
        if let Err(refused) = insert_as(tx, tenant, &mut room, before.id, &card, row).await? {
            return Ok(Err(refused));
        }
        if let Some(clip) = before.clip {
            name::take_back(tx, tenant, clip, before.id).await?;
        }
        tx.changed(tenant.id(), Noun::Contact, before.id, ChangeKind::Created);
    }
    Ok(Ok(()))
}

async fn take_away(tx: &mut Tx, tenant: &Tenant, id: ContactId, clip_until: Utc) -> Result<(), Error> {
    clear(tx, tenant, id).await?;
    name::release(tx, tenant, id, clip_until).await?;
    delete_row(tx, tenant, id).await?;
    Ok(())
}

async fn keep(
    tx: &mut Tx,
    tenant: &Tenant,
    kind: EditKind,
    label: &str,
    state: &State,
    by: &str,
    at: Utc,
) -> Result<ContactEditId, Error> {
    // Those that can no longer be undone say things of people that nobody needs.
    sqlx::query("DELETE FROM contact_edit WHERE tenant = $1 AND at < $2")
        .bind(tenant.key())
        .bind(at.0.saturating_sub(UNDO_LIFE_MS))
        .execute(tx.conn())
        .await?;
    let id = ContactEditId::new(at, rand::random());
    let state = serde_json::to_string(state).map_err(|e| Error::Misuse(e.to_string()))?;
    sqlx::query(
        "INSERT INTO contact_edit (id, tenant, kind, at, author, label, state) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.to_string())
    .bind(tenant.key())
    .bind(kind.as_str())
    .bind(at.0)
    .bind(by)
    .bind(label)
    .bind(state)
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// What can be undone, newest first, at most so many; what was undone is among them.
pub async fn edits(db: &Db, tenant: &Tenant, now: Utc, limit: u32) -> Result<Vec<Edit>, Error> {
    let rows =
        sqlx::query("SELECT * FROM contact_edit WHERE tenant = $1 AND at >= $2 ORDER BY at DESC, id DESC LIMIT $3")
            .bind(tenant.key())
            .bind(now.0.saturating_sub(UNDO_LIFE_MS))
            .bind(i64::from(limit))
            .fetch_all(db.read())
            .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Edit, Error> {
    Ok(Edit {
        id: row.parsed("id")?,
        kind: row.parsed("kind")?,
        at: row.at("at")?,
        label: row.text("label")?,
        undone_at: row.at_maybe("undone_at")?,
    })
}
