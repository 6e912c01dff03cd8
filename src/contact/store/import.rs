//! Many contacts at once: who is known by a number grows, who is not is new.

use super::{Room, holder, in_tx, insert, replace, touch};
use crate::clock::Utc;
use crate::contact::sheet::{BadRow, Row};
use crate::contact::{Card, Refused};
use crate::db::{ChangeKind, Error, Noun, Tx};
use crate::tenant::Tenant;

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Nobody had one of its numbers.
    Added,
    /// Somebody had, and is more now.
    Changed,
    /// Somebody had, and is as before.
    Same,
    /// Nothing was changed.
    Refused(Refused),
}

/// Rows of a file in one transaction. Other writers wait meanwhile: some hundred rows at once are enough.
#[derive(Debug)]
pub struct Import<'a> {
    tx: &'a mut Tx,
    tenant: &'a Tenant,
    room: Room,
}

impl<'a> Import<'a> {
    /// Begins in a transaction.
    pub async fn begin(tx: &'a mut Tx, tenant: &'a Tenant) -> Result<Import<'a>, Error> {
        touch(tx, tenant).await?;
        tx.changed(tenant.id(), Noun::Contact, "", ChangeKind::Changed);
        let room = Room::of(tx, tenant).await?;
        Ok(Import { tx, tenant, room })
    }

    /// Some of them; those that were refused are added to `bad`.
    pub async fn rows(
        &mut self,
        rows: &[Row],
        totals: &mut Totals,
        bad: &mut Vec<BadRow>,
        at: Utc,
    ) -> Result<(), Error> {
        for row in rows {
            match self.row(row, at).await? {
                Imported::Added => totals.added += 1,
                Imported::Changed => totals.changed += 1,
                Imported::Same => totals.same += 1,
                Imported::Refused(why) => bad.push(BadRow { line: row.line, why: why.to_string() }),
            }
        }
        Ok(())
    }

    /// One row.
    pub async fn row(&mut self, row: &Row, at: Utc) -> Result<Imported, Error> {
        let mut known = None;
        for number in &row.card.numbers {
            match (holder(self.tx, self.tenant, number).await?, &known) {
                (Some((id, other)), Some((first, one))) if id != *first => {
                    return Ok(Imported::Refused(Refused::Several { one: String::clone(one), other }));
                }
                (Some(found), None) => known = Some(found),
                _ => {}
            }
        }
        let Some((id, _)) = known else {
            let done = insert(self.tx, self.tenant, &mut self.room, &row.card, at).await?;
            return Ok(done.map_or_else(Imported::Refused, |_| Imported::Added));
        };
        let Some(before) = in_tx(self.tx, self.tenant, id).await? else {
            return Ok(Imported::Refused(Refused::Gone));
        };
        let card = match grown(&before.card, row) {
            Ok(card) if card == before.card => return Ok(Imported::Same),
            Ok(card) => card,
            Err(refused) => return Ok(Imported::Refused(refused)),
        };
        let done = replace(self.tx, self.tenant, &mut self.room, id, &card, at).await?;
        Ok(done.map_or_else(Imported::Refused, |()| Imported::Changed))
    }
}

/// What became of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// New contacts.
    pub added: u64,
    /// Contacts that are more now.
    pub changed: u64,
    /// Contacts that are as before.
    pub same: u64,
}

/// What a row says counts; what it does not say stays.
fn grown(before: &Card, row: &Row) -> Result<Card, Refused> {
    let mut entry = before.entry();
    let new = &row.card;
    if !new.name.is_empty() {
        entry.name.clone_from(&new.name);
    }
    if !new.note.is_empty() {
        entry.note.clone_from(&new.note);
    }
    entry.numbers.extend(new.numbers.iter().cloned());
    entry.lists.extend(new.lists.iter().cloned());
    entry.mail.extend(new.mail.iter().cloned());
    entry.language = new.language.or(entry.language);
    entry.vip = row.vip.unwrap_or(entry.vip);
    entry.blocked = row.blocked.unwrap_or(entry.blocked);
    Ok(entry.check()?)
}
