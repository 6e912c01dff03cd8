//! Contacts: listed, added, changed, removed. For owners and agents.

pub(super) mod edits;
pub(super) mod files;
pub(super) mod names;
pub(super) mod timeline;

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::extract::{Body, Query, id};
use super::problem::{Problem, ProblemBody};
use super::session::{LanguageWord, SignedIn};
use super::tag::{Seen, Tagged};
use crate::callback;
use crate::clock::Utc;
use crate::contact::{self, Contact, Entry, Filter, Follow, Refused};
use crate::db::{self, Tx};
use crate::ids::{BadCursor, ContactId, Language};
use crate::person::{self, Action};
use crate::tenant::Tenant;
use names::NameBody;

pub use timeline::moment_json;

/// Somebody whom the business knows by number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub(super) struct ContactBody {
    id: String,
    /// May be empty.
    name: String,
    /// May have several lines.
    note: String,
    /// The main one first.
    #[schema(example = json!(["+493023125042"]))]
    numbers: Vec<String>,
    /// As rules of plans name them.
    lists: Vec<String>,
    /// Important.
    vip: bool,
    /// Not wanted.
    blocked: bool,
    /// What they speak: their calls begin in it where the line speaks it.
    #[schema(required)]
    language: Option<LanguageWord>,
    /// Where invitations go.
    mail: Vec<String>,
    /// How they are greeted by name.
    #[schema(required)]
    name_clip: Option<NameBody>,
    /// One more at each change; `ETag` says it too.
    version: u64,
    /// UTC.
    #[schema(format = DateTime)]
    created_at: String,
    /// UTC.
    #[schema(format = DateTime)]
    changed_at: String,
}

impl From<Contact> for ContactBody {
    fn from(contact: Contact) -> ContactBody {
        let entry = contact.card.entry();
        ContactBody {
            id: contact.id.to_string(),
            name: entry.name,
            note: entry.note,
            numbers: entry.numbers,
            lists: entry.lists,
            vip: entry.vip,
            blocked: entry.blocked,
            language: entry.language.map(LanguageWord::from),
            mail: entry.mail,
            name_clip: contact.name_clip.map(|clip| NameBody::of(contact.id, clip)),
            version: contact.version,
            created_at: contact.created_at.rfc3339(),
            changed_at: contact.changed_at.rfc3339(),
        }
    }
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactList)]
pub(super) struct ContactListBody {
    /// By name.
    contacts: Vec<ContactBody>,
    /// Give it as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
    /// Part of a name, number, list or note.
    search: Option<String>,
    /// On this list only.
    list: Option<String>,
}

/// A contact to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewContact)]
pub(super) struct NewBody {
    #[serde(default)]
    #[schema(max_length = 120)]
    name: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// In any form; each may be one contact's only.
    #[schema(min_items = 1, max_items = 20)]
    numbers: Vec<String>,
    /// A list is there once somebody is on it.
    #[serde(default)]
    #[schema(max_items = 20)]
    lists: Vec<String>,
    #[serde(default)]
    vip: bool,
    #[serde(default)]
    blocked: bool,
    language: Option<LanguageWord>,
    #[serde(default)]
    #[schema(max_items = 5)]
    mail: Vec<String>,
}

impl NewBody {
    fn card(self) -> Result<contact::Card, Refused> {
        let NewBody { name, note, numbers, lists, vip, blocked, language, mail } = self;
        let language = language.map(Language::from);
        Ok(Entry { name, note, numbers, lists, vip, blocked, language, mail }.check()?)
    }
}

/// Null is another thing than left out.
#[allow(clippy::option_option, reason = "outer: is given; inner: is known")]
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<LanguageWord>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactPatch)]
pub(super) struct PatchBody {
    #[schema(max_length = 120)]
    name: Option<String>,
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// In the place of those that were.
    #[schema(max_items = 20)]
    numbers: Option<Vec<String>>,
    /// In the place of those that were.
    #[schema(max_items = 20)]
    lists: Option<Vec<String>>,
    vip: Option<bool>,
    blocked: Option<bool>,
    /// Null: not known.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<LanguageWord>)]
    #[allow(clippy::option_option, reason = "outer: is given; inner: is known")]
    language: Option<Option<LanguageWord>>,
    /// In the place of those that were.
    #[schema(max_items = 5)]
    mail: Option<Vec<String>>,
}

/// The contacts, by name
#[utoipa::path(get, path = "/api/v1/contacts", operation_id = "contacts_list", tag = "contacts", params(ListQuery), responses(
    (status = 200, body = ContactListBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Json<ContactListBody>, Problem> {
    let after = query.after.as_deref().map(str::parse).transpose();
    let list = query.list.as_deref().map(contact::list_name).transpose();
    let filter = Filter {
        after: after.map_err(|bad: BadCursor| Problem::bad_request(bad.to_string()))?,
        limit: query.limit.unwrap_or(50),
        search: query.search.unwrap_or_default(),
        list: list.map_err(|bad| Problem::bad_request(bad.to_string()))?,
    };
    let (contacts, next) = contact::store::list(&state.app.db, &who.tenant, &filter).await?;
    let contacts = contacts.into_iter().map(ContactBody::from).collect();
    Ok(Json(ContactListBody { contacts, next: next.map(|next| next.to_string()) }))
}

/// Add a contact
#[utoipa::path(post, path = "/api/v1/contacts", operation_id = "contacts_add", tag = "contacts", request_body = NewBody, responses(
    (status = 201, body = ContactBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`number_taken`, `too_many_contacts`"),
))]
pub(super) async fn add(
    Of(state): Of<State>,
    who: SignedIn,
    Body(new): Body<NewBody>,
) -> Result<Tagged<ContactBody>, Problem> {
    let card = new.card()?;
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    let id = contact::store::add(&mut tx, &who.tenant, &card, now).await??;
    contact_follows(&mut tx, &who.tenant, &Follow::adopts(id, &card), now).await?;
    audit(&state, &mut tx, &who, Action::ContactAdded, &id.to_string()).await?;
    tx.commit().await?;
    let made = Contact { id, card, created_at: now, changed_at: now, version: 1, name_clip: None };
    Ok(Tagged { status: StatusCode::CREATED, ..made.into() })
}

/// One contact
#[utoipa::path(get, path = "/api/v1/contacts/{id}", operation_id = "contacts_get", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")),
    responses((status = 200, body = ContactBody, headers(("ETag" = String, description = "Its version"))), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
) -> Result<Tagged<ContactBody>, Problem> {
    Ok(one(&state, &who, id(&which)?).await?.into())
}

/// Write a contact anew
///
/// What is left out is empty then; its recorded name stays.
#[utoipa::path(put, path = "/api/v1/contacts/{id}", operation_id = "contacts_put", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id"), ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster")),
    request_body = NewBody, responses(
    (status = 200, body = ContactBody, headers(("ETag" = String, description = "Its version"))),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`number_taken`, `too_many_contacts`"),
    (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`: it is not what `If-Match` names"),
))]
pub(super) async fn put(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    seen: Seen,
    Body(new): Body<NewBody>,
) -> Result<Tagged<ContactBody>, Problem> {
    let before = one(&state, &who, id(&which)?).await?;
    let seen = seen.version(before.version)?;
    change(&state, &who, before.id, &new.card()?, seen).await
}

/// Change a contact
#[utoipa::path(patch, path = "/api/v1/contacts/{id}", operation_id = "contacts_patch", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id"), ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster")),
    request_body = PatchBody, responses(
    (status = 200, body = ContactBody, headers(("ETag" = String, description = "Its version"))),
    (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`: it is not what `If-Match` names"),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`number_taken`, `too_many_contacts`"),
))]
pub(super) async fn patch(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    seen: Seen,
    Body(patch): Body<PatchBody>,
) -> Result<Tagged<ContactBody>, Problem> {
    let contact = one(&state, &who, id(&which)?).await?;
    let seen = seen.version(contact.version)?;
    let before = contact.card.entry();
    let card = Entry {
        name: patch.name.unwrap_or(before.name),
        note: patch.note.unwrap_or(before.note),
        numbers: patch.numbers.unwrap_or(before.numbers),
        lists: patch.lists.unwrap_or(before.lists),
        vip: patch.vip.unwrap_or(before.vip),
        blocked: patch.blocked.unwrap_or(before.blocked),
        language: patch.language.map_or(before.language, |given| given.map(Language::from)),
        mail: patch.mail.unwrap_or(before.mail),
    };
    change(&state, &who, contact.id, &card.check().map_err(Refused::Bad)?, seen).await
}

async fn change(
    state: &State,
    who: &SignedIn,
    which: ContactId,
    card: &contact::Card,
    seen: Option<u64>,
) -> Result<Tagged<ContactBody>, Problem> {
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    contact::store::update(&mut tx, &who.tenant, which, card, seen, now).await??;
    contact_follows(&mut tx, &who.tenant, &Follow::adopts(which, card), now).await?;
    audit(state, &mut tx, who, Action::ContactChanged, &which.to_string()).await?;
    tx.commit().await?;
    Ok(one(state, who, which).await?.into())
}

/// Remove a contact
///
/// Its calls and messages stay.
#[utoipa::path(delete, path = "/api/v1/contacts/{id}", operation_id = "contacts_delete", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id"), ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster")),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`: it is not what `If-Match` names"),
    ))]
pub(super) async fn delete(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    seen: Seen,
) -> Result<StatusCode, Problem> {
    let contact = one(&state, &who, id(&which)?).await?;
    let seen = seen.version(contact.version)?;
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    contact::store::remove(&mut tx, &who.tenant, contact.id, seen, now).await??;
    audit(&state, &mut tx, &who, Action::ContactRemoved, &contact.id.to_string()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Callbacks go with the contacts that were put together, taken apart or given a number.
pub async fn contact_follows(tx: &mut Tx, tenant: &Tenant, follow: &Follow, now: Utc) -> Result<(), db::Error> {
    for (from, to) in &follow.became {
        callback::store::repoint(tx, tenant, *from, *to, now).await?;
    }
    for (contact, numbers) in &follow.adopts {
        callback::store::adopt(tx, tenant, *contact, numbers, now).await?;
    }
    Ok(())
}

/// The names of those callers who are contacts and have one.
pub(super) async fn names<'a>(
    state: &State,
    who: &SignedIn,
    callers: impl Iterator<Item = Option<&'a String>>,
) -> Result<HashMap<String, String>, Problem> {
    let mut numbers: Vec<String> = callers.flatten().cloned().collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(contact::store::names(&state.app.db, &who.tenant, &numbers).await?)
}

async fn one(state: &State, who: &SignedIn, which: ContactId) -> Result<Contact, Problem> {
    contact::store::get(&state.app.db, &who.tenant, which).await?.ok_or_else(Problem::not_found)
}

async fn audit(state: &State, tx: &mut Tx, who: &SignedIn, action: Action, object: &str) -> Result<(), Problem> {
    let now = state.app.clock.now().utc;
    Ok(person::store::audit(tx, &who.tenant, now, who.person.id, action, object).await?)
}

impl From<Contact> for Tagged<ContactBody> {
    fn from(contact: Contact) -> Tagged<ContactBody> {
        Tagged { status: StatusCode::OK, version: contact.version, body: contact.into() }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let detail = refused.to_string();
        match refused {
            Refused::Bad(_) | Refused::Alone | Refused::Many | Refused::NotIts(_) | Refused::Whole => {
                Problem::bad_request(detail)
            }
            Refused::Gone | Refused::NoEdit => Problem::not_found(),
            Refused::Changed { .. } => Problem::changed(),
            Refused::Since { .. } => Problem::conflict("changed_since", "Changed since", detail),
            Refused::Undone => Problem::conflict("undone", "Undone already", detail),
            Refused::Taken { .. } | Refused::Several { .. } => Problem::number_taken(detail),
            Refused::Full(_) => Problem::too_many_contacts(detail),
        }
    }
}
