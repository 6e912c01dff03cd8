//! Calls and their timelines.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State as Of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::contacts;
use super::extract::{Query, id};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::calllog::{self, Call, Event, Outcome};
use crate::clock::Utc;
use crate::ids::{BadCursor, Cursor};

/// One call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(super) struct CallBody {
    id: String,
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
    /// UTC.
    #[schema(format = DateTime)]
    started_at: String,
    /// UTC; null while it rings, and where it was not answered.
    #[schema(required, format = DateTime)]
    answered_at: Option<String>,
    /// UTC; null while it runs.
    #[schema(required, format = DateTime)]
    ended_at: Option<String>,
    /// Null while it runs.
    #[schema(required)]
    outcome: Option<OutcomeWord>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Outcome)]
enum OutcomeWord {
    /// A message was kept.
    Message,
    /// Answered; nothing was left.
    NoMessage,
    /// The caller hung up before the answer.
    Abandoned,
    /// Not taken: busy, no common codec.
    Refused,
    /// Something failed here.
    Failed,
    /// The program ended while it ran.
    Interrupted,
    /// It was the owner, by PIN.
    Owner,
    /// A callback was booked, moved or cancelled.
    Callback,
}

/// One line of a timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimelineEvent)]
pub(super) struct EventBody {
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    /// `played`, `key`, `recorded`, …
    kind: String,
    /// More about it, by kind.
    detail: serde_json::Value,
}

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallList)]
pub(super) struct CallListBody {
    /// Newest first.
    calls: Vec<CallBody>,
    /// Give it as `before` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// A call and its timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallDetail)]
pub(super) struct CallDetailBody {
    #[serde(flatten)]
    call: CallBody,
    /// In order.
    timeline: Vec<EventBody>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    before: Option<String>,
}

impl From<Outcome> for OutcomeWord {
    fn from(outcome: Outcome) -> OutcomeWord {
        match outcome {
            Outcome::Message => OutcomeWord::Message,
            Outcome::NoMessage => OutcomeWord::NoMessage,
            Outcome::Abandoned => OutcomeWord::Abandoned,
            Outcome::Refused => OutcomeWord::Refused,
            Outcome::Failed => OutcomeWord::Failed,
            Outcome::Interrupted => OutcomeWord::Interrupted,
            Outcome::Owner => OutcomeWord::Owner,
            Outcome::Callback => OutcomeWord::Callback,
        }
    }
}

impl CallBody {
    fn of(call: Call, names: &HashMap<String, String>) -> CallBody {
        let maybe = |at: Option<Utc>| at.map(Utc::rfc3339);
        CallBody {
            id: call.id.to_string(),
            contact: call.caller.as_ref().and_then(|caller| names.get(caller)).cloned(),
            caller: call.caller,
            caller_name: call.caller_name,
            called: call.called,
            started_at: call.started_at.rfc3339(),
            answered_at: maybe(call.answered_at),
            ended_at: maybe(call.ended_at),
            outcome: call.outcome.map(OutcomeWord::from),
        }
    }
}

impl From<Event> for EventBody {
    fn from(event: Event) -> EventBody {
        EventBody { at: event.at.rfc3339(), kind: event.kind, detail: event.detail }
    }
}

/// Where a page begins.
pub(super) fn cursor(before: Option<&str>) -> Result<Cursor, Problem> {
    match before {
        Some(text) => text.parse().map_err(|e: BadCursor| Problem::bad_request(e.to_string())),
        None => Ok(Cursor::newest()),
    }
}

/// The calls, newest first
#[utoipa::path(get, path = "/api/v1/calls", operation_id = "calls_list", tag = "calls", params(PageQuery), responses(
    (status = 200, body = CallListBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    Of(state): Of<State>,
    who: SignedIn,
    Query(page): Query<PageQuery>,
) -> Result<Json<CallListBody>, Problem> {
    let before = cursor(page.before.as_deref())?;
    let limit = page.limit.unwrap_or(50);
    let (calls, next) = calllog::store::list(&state.app.db, &who.tenant, &before, limit).await?;
    let names = contacts::names(&state, &who, calls.iter().map(|call| call.caller.as_ref())).await?;
    let calls = calls.into_iter().map(|call| CallBody::of(call, &names)).collect();
    Ok(Json(CallListBody { calls, next: next.map(|next| next.to_string()) }))
}

/// One call and its timeline
#[utoipa::path(get, path = "/api/v1/calls/{id}", operation_id = "calls_get", tag = "calls",
    params(("id" = String, Path, description = "The call's id")),
    responses((status = 200, body = CallDetailBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    Of(state): Of<State>,
    who: SignedIn,
    Path(call): Path<String>,
) -> Result<Json<CallDetailBody>, Problem> {
    let call = id(&call)?;
    let db = &state.app.db;
    let found = calllog::store::get(db, &who.tenant, call).await?.ok_or_else(Problem::not_found)?;
    let timeline = calllog::store::timeline(db, &who.tenant, call).await?;
    let timeline = timeline.into_iter().map(EventBody::from).collect();
    let names = contacts::names(&state, &who, std::iter::once(found.caller.as_ref())).await?;
    Ok(Json(CallDetailBody { call: CallBody::of(found, &names), timeline }))
}
