//! Several contacts become one, numbers become a contact, and both are undone.

use axum::Json;
use axum::extract::{Path, State as Of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContactBody, audit, contact_follows};
use crate::contact;
use crate::contact::{Edit, EditKind};
use crate::ids::ContactId;
use crate::person::{Action, Actor};
use crate::web::State;
use crate::web::extract::{Body, id};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::SignedIn;

/// How many are listed.
const LISTED_MAX: u32 = 100;

/// Who is to be put together with the one of the address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactMerge)]
pub(in crate::web) struct MergeBody {
    /// Their ids; they are no more then.
    #[schema(min_items = 1, max_items = 20)]
    from: Vec<String>,
}

/// One contact of several.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactMerged)]
pub(in crate::web) struct MergedBody {
    contact: ContactBody,
    /// What the others said and this one does not, in words.
    dropped: Vec<String>,
    /// Undo it by this id, for 30 days, as long as nothing has changed.
    edit: String,
}

/// Which numbers become a contact of their own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactSplit)]
pub(in crate::web) struct SplitBody {
    /// Some of its numbers, not all.
    #[schema(min_items = 1, max_items = 20)]
    numbers: Vec<String>,
    /// What the new one is called; left out: the same.
    name: Option<String>,
}

/// The contact that numbers have become.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactSplitDone)]
pub(in crate::web) struct SplitDoneBody {
    /// The new one; lists, marks and language are those of the other.
    contact: ContactBody,
    /// Undo it by this id, for 30 days, as long as nothing has changed.
    edit: String,
}

/// A merge or a split.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactEdit)]
struct EditBody {
    id: String,
    kind: KindWord,
    /// To whom.
    label: String,
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    /// It can be undone until then, UTC.
    #[schema(format = DateTime)]
    until: String,
    /// When it was undone, UTC.
    #[schema(required, format = DateTime)]
    undone_at: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ContactEditKind)]
enum KindWord {
    Merge,
    Split,
}

impl From<EditKind> for KindWord {
    fn from(kind: EditKind) -> KindWord {
        match kind {
            EditKind::Merge => KindWord::Merge,
            EditKind::Split => KindWord::Split,
        }
    }
}

impl From<Edit> for EditBody {
    fn from(edit: Edit) -> EditBody {
        EditBody {
            id: edit.id.to_string(),
            kind: edit.kind.into(),
            until: edit.until().rfc3339(),
            at: edit.at.rfc3339(),
            undone_at: edit.undone_at.map(|at| at.rfc3339()),
            label: edit.label,
        }
    }
}

/// What was merged and split.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactEditList)]
pub(in crate::web) struct EditListBody {
    /// Newest first, those of the last 30 days.
    edits: Vec<EditBody>,
}

/// What there is again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactEditUndone)]
pub(in crate::web) struct UndoneBody {
    kind: KindWord,
    /// Ids of the contacts that are as they were.
    contacts: Vec<String>,
}

/// Put contacts together
///
/// Numbers, lists, mail addresses and notes of all are one contact's; its name, marks, language and recorded name stay.
#[utoipa::path(post, path = "/api/v1/contacts/{id}/merge", operation_id = "contacts_merge", tag = "contacts",
    params(("id" = String, Path, description = "The id of the contact that stays")), request_body = MergeBody, responses(
    (status = 200, body = MergedBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_contacts`"),
))]
pub(in crate::web) async fn merge(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Body(merge): Body<MergeBody>,
) -> Result<Json<MergedBody>, Problem> {
    let into: ContactId = id(&which)?;
    let from: Vec<ContactId> = merge.from.iter().map(|from| id(from)).collect::<Result<_, _>>()?;
    let (by, now) = (Actor::from(who.person.id).to_string(), state.app.clock.now().utc);
    let mut tx = state.app.db.write().await?;
    let done = contact::store::merge(&mut tx, &who.tenant, into, &from, &by, now).await??;
    contact_follows(&mut tx, &who.tenant, &done.follow, now).await?;
    audit(&state, &mut tx, &who, Action::ContactsMerged, &format!("{into} {}", done.edit)).await?;
    tx.commit().await?;
    let dropped = done.dropped.iter().map(ToString::to_string).collect();
    Ok(Json(MergedBody { contact: done.contact.into(), dropped, edit: done.edit.to_string() }))
}

/// Take numbers out of a contact
///
/// They are a contact of their own then, on the same lists and with the same marks.
#[utoipa::path(post, path = "/api/v1/contacts/{id}/split", operation_id = "contacts_split", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")), request_body = SplitBody, responses(
    (status = 200, body = SplitDoneBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_contacts`"),
))]
pub(in crate::web) async fn split(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Body(split): Body<SplitBody>,
) -> Result<Json<SplitDoneBody>, Problem> {
    let which: ContactId = id(&which)?;
    let (by, now) = (Actor::from(who.person.id).to_string(), state.app.clock.now().utc);
    let (numbers, name) = (&split.numbers, split.name.as_deref());
    let mut tx = state.app.db.write().await?;
    let done = contact::store::split(&mut tx, &who.tenant, which, numbers, name, &by, now).await??;
    contact_follows(&mut tx, &who.tenant, &done.follow, now).await?;
    audit(&state, &mut tx, &who, Action::ContactSplit, &format!("{which} {}", done.contact.id)).await?;
    tx.commit().await?;
    Ok(Json(SplitDoneBody { contact: done.contact.into(), edit: done.edit.to_string() }))
}

/// What was merged and split
#[utoipa::path(get, path = "/api/v1/contacts/edits", operation_id = "contacts_edits", tag = "contacts", responses(
    (status = 200, body = EditListBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(in crate::web) async fn list(Of(state): Of<State>, who: SignedIn) -> Result<Json<EditListBody>, Problem> {
    let now = state.app.clock.now().utc;
    let edits = contact::store::edits(&state.app.db, &who.tenant, now, LISTED_MAX).await?;
    Ok(Json(EditListBody { edits: edits.into_iter().map(EditBody::from).collect() }))
}

/// Undo a merge or a split
#[utoipa::path(post, path = "/api/v1/contacts/edits/{id}/undo", operation_id = "contacts_undo", tag = "contacts",
    params(("id" = String, Path, description = "The id of the merge or split")), responses(
    (status = 200, body = UndoneBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`changed_since`, `undone`, `too_many_contacts`"),
))]
pub(in crate::web) async fn undo(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
) -> Result<Json<UndoneBody>, Problem> {
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    let done = contact::store::undo(&mut tx, &who.tenant, id(&which)?, now).await??;
    contact_follows(&mut tx, &who.tenant, &done.follow, now).await?;
    audit(&state, &mut tx, &who, Action::ContactEditUndone, &which).await?;
    tx.commit().await?;
    let contacts = done.contacts.iter().map(ToString::to_string).collect();
    Ok(Json(UndoneBody { kind: done.kind.into(), contacts }))
}
