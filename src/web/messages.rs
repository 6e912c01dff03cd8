//! Messages: listed, marked, deleted, restored.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::calls::{EventBody, cursor};
use super::contacts;
use super::extract::{Body, Query, id};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::calllog;
use crate::db::Tx;
use crate::ids::MessageId;
use crate::message::export::seconds;
use crate::message::{self, Filter, Message};
use crate::person::{self, Action};

/// A message that can be heard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(super) struct MessageBody {
    id: String,
    /// The call it was left in.
    call_id: String,
    /// The caller's number; null where it is withheld.
    #[schema(required)]
    caller: Option<String>,
    /// The name that came with the call; may be empty.
    caller_name: String,
    /// The name of the contact whose number it is.
    #[schema(required)]
    contact: Option<String>,
    /// What was dialled.
    called: String,
    /// The step of the plan that took it, as the caller chose: `message.notfall`.
    #[schema(required)]
    step: Option<String>,
    /// The beep, UTC.
    #[schema(format = DateTime)]
    at: String,
    /// Seconds of what can be heard.
    duration: f64,
    state: StateWord,
    /// The caller said so, or someone here.
    urgent: bool,
    /// Part of it could not be read.
    damaged: bool,
    /// 96 bars of 0–255.
    #[schema(value_type = Vec<u16>)]
    peaks: Vec<u8>,
    /// What was said, as text.
    #[schema(required)]
    transcript: Option<String>,
    /// Where its WAV file is.
    #[schema(example = "/api/v1/messages/0199d2d1-3f00-7000-8000-000000000000/audio")]
    audio: String,
}

/// Heard or not.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MessageState)]
pub(super) enum StateWord {
    New,
    Heard,
}

/// How many messages there are to hear.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counts)]
struct CountsBody {
    /// Not heard yet.
    new: u64,
    /// All.
    total: u64,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageList)]
pub(super) struct MessageListBody {
    /// Newest first.
    messages: Vec<MessageBody>,
    /// Give it as `before` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
    counts: CountsBody,
}

/// A message and the timeline of its call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageDetail)]
pub(super) struct MessageDetailBody {
    #[serde(flatten)]
    message: MessageBody,
    /// In order.
    timeline: Vec<EventBody>,
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessagePatch)]
pub(super) struct PatchBody {
    heard: Option<bool>,
    urgent: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    before: Option<String>,
    /// Only these.
    state: Option<StateWord>,
}

impl MessageBody {
    fn of(message: Message, names: &HashMap<String, String>) -> MessageBody {
        MessageBody {
            audio: format!("/api/v1/messages/{}/audio", message.id),
            id: message.id.to_string(),
            call_id: message.call.to_string(),
            contact: message.caller.as_ref().and_then(|caller| names.get(caller)).cloned(),
            caller: message.caller,
            caller_name: message.caller_name,
            called: message.called,
            step: message.step,
            at: message.at.rfc3339(),
            duration: seconds(message.duration_ms),
            state: match message.state {
                message::State::New => StateWord::New,
                message::State::Heard => StateWord::Heard,
            },
            urgent: message.urgent,
            damaged: message.damaged,
            peaks: message.peaks,
            transcript: message.transcript,
        }
    }
}

/// The messages, newest first
#[utoipa::path(get, path = "/api/v1/messages", operation_id = "messages_list", tag = "messages", params(ListQuery),
    responses((status = 200, body = MessageListBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Json<MessageListBody>, Problem> {
    let filter = Filter {
        before: cursor(query.before.as_deref())?,
        limit: query.limit.unwrap_or(50),
        state: query.state.map(|word| match word {
            StateWord::New => message::State::New,
            StateWord::Heard => message::State::Heard,
        }),
    };
    let db = &state.app.db;
    let (messages, next) = message::store::list(db, &who.tenant, &filter).await?;
    let counts = message::store::counts(db, &who.tenant).await?;
    let names = contacts::names(&state, &who, messages.iter().map(|message| message.caller.as_ref())).await?;
    Ok(Json(MessageListBody {
        messages: messages.into_iter().map(|message| MessageBody::of(message, &names)).collect(),
        next: next.map(|next| next.to_string()),
        counts: CountsBody { new: counts.new, total: counts.total },
    }))
}

/// One message and the timeline of its call
#[utoipa::path(get, path = "/api/v1/messages/{id}", operation_id = "messages_get", tag = "messages",
    params(("id" = String, Path, description = "The message's id")),
    responses((status = 200, body = MessageDetailBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    Of(state): Of<State>,
    who: SignedIn,
    Path(message): Path<String>,
) -> Result<Json<MessageDetailBody>, Problem> {
    let db = &state.app.db;
    let found = message::store::get(db, &who.tenant, id(&message)?).await?.ok_or_else(Problem::not_found)?;
    let timeline = calllog::store::timeline(db, &who.tenant, found.call).await?;
    let timeline = timeline.into_iter().map(EventBody::from).collect();
    let names = contacts::names(&state, &who, std::iter::once(found.caller.as_ref())).await?;
    Ok(Json(MessageDetailBody { message: MessageBody::of(found, &names), timeline }))
}

/// Mark a message
#[utoipa::path(patch, path = "/api/v1/messages/{id}", operation_id = "messages_patch", tag = "messages",
    params(("id" = String, Path, description = "The message's id")), request_body = PatchBody,
    responses((status = 200, body = MessageBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn patch(
    Of(state): Of<State>,
    who: SignedIn,
    Path(message): Path<String>,
    Body(patch): Body<PatchBody>,
) -> Result<Json<MessageBody>, Problem> {
    let message = id(&message)?;
    let now = state.app.clock.now().utc;
    // What is still being recorded has a row, but is nobody's to mark.
    let _ = one(&state, &who, message).await?;
    let mut tx = state.app.db.write().await?;
    if let Some(heard) = patch.heard {
        found(message::store::set_heard(&mut tx, &who.tenant, message, heard, now).await?)?;
        audit(&state, &mut tx, &who, Action::MarkedHeard, message).await?;
    }
    if let Some(urgent) = patch.urgent {
        found(message::store::mark_urgent(&mut tx, &who.tenant, message, urgent).await?)?;
        audit(&state, &mut tx, &who, Action::MarkedUrgent, message).await?;
    }
    tx.commit().await?;
    one(&state, &who, message).await
}

/// Delete a message
///
/// It can be restored for 30 days.
#[utoipa::path(delete, path = "/api/v1/messages/{id}", operation_id = "messages_delete", tag = "messages",
    params(("id" = String, Path, description = "The message's id")),
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn delete(
    Of(state): Of<State>,
    who: SignedIn,
    Path(message): Path<String>,
) -> Result<StatusCode, Problem> {
    let message = id(&message)?;
    let mut tx = state.app.db.write().await?;
    let now = state.app.clock.now().utc;
    found(message::store::delete(&mut tx, &who.tenant, message, now).await?)?;
    audit(&state, &mut tx, &who, Action::Deleted, message).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Undo a deletion
#[utoipa::path(post, path = "/api/v1/messages/{id}/restore", operation_id = "messages_restore", tag = "messages",
    params(("id" = String, Path, description = "The message's id")),
    responses((status = 200, body = MessageBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn restore(
    Of(state): Of<State>,
    who: SignedIn,
    Path(message): Path<String>,
) -> Result<Json<MessageBody>, Problem> {
    let message = id(&message)?;
    let mut tx = state.app.db.write().await?;
    found(message::store::restore(&mut tx, &who.tenant, message).await?)?;
    audit(&state, &mut tx, &who, Action::Restored, message).await?;
    tx.commit().await?;
    one(&state, &who, message).await
}

fn found(found: bool) -> Result<(), Problem> {
    found.then_some(()).ok_or_else(Problem::not_found)
}

async fn one(state: &State, who: &SignedIn, message: MessageId) -> Result<Json<MessageBody>, Problem> {
    let found = message::store::get(&state.app.db, &who.tenant, message).await?.ok_or_else(Problem::not_found)?;
    let names = contacts::names(state, who, std::iter::once(found.caller.as_ref())).await?;
    Ok(Json(MessageBody::of(found, &names)))
}

async fn audit(state: &State, tx: &mut Tx, who: &SignedIn, action: Action, message: MessageId) -> Result<(), Problem> {
    let now = state.app.clock.now().utc;
    Ok(person::store::audit(tx, &who.tenant, now, who.person.id, action, &message.to_string()).await?)
}
