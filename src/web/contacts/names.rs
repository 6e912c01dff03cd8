//! How a contact is greeted by name: recorded, heard, confirmed by an owner, taken away.

use axum::body::Body as RawBody;
use axum::extract::{Path, State as Of};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ContactBody, audit, one};
use crate::contact::{self, NAMES, NameClip, NameRefused, name_file};
use crate::ids::{ContactId, Language, NameClipId};
use crate::message::export::seconds;
use crate::person::{Action, Role};
use crate::prompt::{Refusal, UPLOAD_BYTES_MAX};
use crate::web::State;
use crate::web::audio::open;
use crate::web::extract::{Body, Query, id};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::{LanguageWord, SignedIn};
use crate::web::sound::{Sound, Wav};
use crate::web::tag::Tagged;

/// A recorded name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NameClip)]
pub(super) struct NameBody {
    id: String,
    /// What is said; empty where nobody wrote it down.
    transcript: String,
    /// Seconds.
    duration: f64,
    /// An owner has heard it: callers whose number is proven hear it.
    confirmed: bool,
    /// UTC.
    #[schema(format = DateTime)]
    created_at: String,
    /// Where its WAV file is.
    audio: String,
}

impl NameBody {
    pub(super) fn of(contact: ContactId, clip: NameClip) -> NameBody {
        NameBody {
            id: clip.id.to_string(),
            transcript: clip.transcript,
            duration: seconds(clip.duration_ms),
            confirmed: clip.confirmed,
            created_at: clip.created_at.rfc3339(),
            audio: format!("/api/v1/contacts/{contact}/name/audio"),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct UploadQuery {
    /// What is said in it; 200 characters at most.
    transcript: Option<String>,
}

/// What is to be spoken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NameText)]
pub(in crate::web) struct SayBody {
    /// Such as `Guten Tag, Frau Beispiel.`; 200 characters at most.
    text: String,
    /// The contact's, else the business's.
    language: Option<LanguageWord>,
}

/// Which recording was heard.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NameConfirm)]
pub(in crate::web) struct ConfirmBody {
    /// Its id.
    clip: String,
}

/// Record a contact's name
///
/// The body is the file itself, as for prompts; ten seconds at most. It is said once before the first words of a call,
/// as it is: record the whole greeting, "Guten Tag, Frau …". Nobody hears it before an owner has confirmed it.
#[utoipa::path(put, path = "/api/v1/contacts/{id}/name", operation_id = "contacts_name_upload", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id"), UploadQuery),
    request_body(content = inline(Wav), content_type = "audio/*"),
    responses(
        (status = 200, body = ContactBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`not_audio`, `too_long`, `silent`, `overdriven`, `too_many_channels`, `odd_rate`, `text_too_long`"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "`busy`: one at a time"),
    ))]
pub(in crate::web) async fn upload(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    file: RawBody,
) -> Result<Tagged<ContactBody>, Problem> {
    let which = one(&state, &who, id(&which)?).await?.id;
    let _making = state.making.place(who.tenant.id())?;
    // What says that it is too large need not be sent first.
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|bytes| bytes > UPLOAD_BYTES_MAX) {
        return Err(Refusal::TooLarge.into());
    }
    let file = axum::body::to_bytes(file, UPLOAD_BYTES_MAX).await.map_err(|_| Refusal::TooLarge)?;
    let (by, said) = (who.person.id.into(), query.transcript.unwrap_or_default());
    let made = state.app.studio.name_upload(&who.tenant, by, which, file.into(), &said).await?;
    made.ok_or_else(Problem::not_found)?;
    shown(&state, &who, which).await
}

/// Have a contact's name spoken
#[utoipa::path(post, path = "/api/v1/contacts/{id}/name/say", operation_id = "contacts_name_say", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")), request_body = SayBody,
    responses(
        (status = 200, body = ContactBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`no_text`, `text_too_long`, `too_long`"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "`busy`: one at a time"),
    ))]
pub(in crate::web) async fn say(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Body(said): Body<SayBody>,
) -> Result<Tagged<ContactBody>, Problem> {
    let contact = one(&state, &who, id(&which)?).await?;
    let _making = state.making.place(who.tenant.id())?;
    let language = said.language.map(Language::from).or(contact.card.language).unwrap_or(who.tenant.language());
    let by = who.person.id.into();
    let made = state.app.studio.name_say(&who.tenant, by, contact.id, language, &said.text).await?;
    made.ok_or_else(Problem::not_found)?;
    shown(&state, &who, contact.id).await
}

/// Confirm a contact's recorded name
///
/// From now on it is said to callers whose number is proven (see the setting `trust-from`).
#[utoipa::path(post, path = "/api/v1/contacts/{id}/name/confirm", operation_id = "contacts_name_confirm", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")), request_body = ConfirmBody,
    responses(
        (status = 200, body = ContactBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`another_name`, `too_many_names`"),
    ))]
pub(in crate::web) async fn confirm(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Body(which_clip): Body<ConfirmBody>,
) -> Result<Tagged<ContactBody>, Problem> {
    let which: ContactId = id(&which)?;
    if who.person.role != Role::Owner {
        return Err(Problem::only_owner());
    }
    let clip: NameClipId = id(&which_clip.clip)?;
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    let done = contact::store::confirm_name(&mut tx, &who.tenant, which, clip, now).await?;
    done.ok_or_else(Problem::not_found)??;
    audit(&state, &mut tx, &who, Action::NameConfirmed, &format!("{which} {clip}")).await?;
    tx.commit().await?;
    shown(&state, &who, which).await
}

/// Take a contact's recorded name away
#[utoipa::path(delete, path = "/api/v1/contacts/{id}/name", operation_id = "contacts_name_delete", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")),
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(in crate::web) async fn delete(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
) -> Result<StatusCode, Problem> {
    let which: ContactId = id(&which)?;
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    if !contact::store::drop_name(&mut tx, &who.tenant, which, now).await? {
        return Err(Problem::not_found());
    }
    audit(&state, &mut tx, &who, Action::NameRemoved, &which.to_string()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sound of a contact's recorded name
#[utoipa::path(get, path = "/api/v1/contacts/{id}/name/audio", operation_id = "contacts_name_audio", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id")),
    responses(
        (status = 200, content_type = "audio/wav", body = inline(Wav)),
        (status = 206, content_type = "audio/wav", body = inline(Wav), description = "The range that was asked for"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, body = ProblemBody, content_type = "application/problem+json", description = "`audio_gone`: the file is missing"),
        (status = 416, description = "The range is outside of the file"),
    ))]
pub(in crate::web) async fn audio(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let contact = one(&state, &who, id(&which)?).await?;
    let clip = contact.name_clip.ok_or_else(Problem::not_found)?;
    let (file, len) = open(&state.app.data_dir.join(NAMES).join(name_file(clip.id))).await?;
    let tag = format!("\"{}\"", clip.sha256);
    let sound = Sound { tag: &tag, name: "name", download: false, len };
    sound.answer(file, sound.wanted(&method, &headers)).await
}

async fn shown(state: &State, who: &SignedIn, which: ContactId) -> Result<Tagged<ContactBody>, Problem> {
    Ok(one(state, who, which).await?.into())
}

impl From<NameRefused> for Problem {
    fn from(refused: NameRefused) -> Problem {
        let code = match refused {
            NameRefused::Another => "another_name",
            NameRefused::TooMuch => "too_many_names",
        };
        Problem::conflict(code, "Name not confirmed", refused.to_string())
    }
}
