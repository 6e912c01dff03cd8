//! What there was with a contact, or a number.

use axum::Json;
use axum::extract::{Path, State as Of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::one;
use crate::contact;
use crate::history::{self, Moment, Place, What};
use crate::ids::BadCursor;
use crate::message::export::seconds;
use crate::web::State;
use crate::web::extract::{Query, id};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::SignedIn;

/// Something that was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Moment)]
pub(in crate::web) struct MomentBody {
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    #[serde(flatten)]
    what: WhatBody,
}

/// What it was: one shape for each kind.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[schema(as = MomentKind)]
enum WhatBody {
    /// A call came in.
    Call {
        id: String,
        caller: String,
        called: String,
        /// As calls have it; null while it runs.
        #[schema(required)]
        outcome: Option<String>,
        /// UTC; null where we did not answer.
        #[schema(required, format = DateTime)]
        answered_at: Option<String>,
        /// UTC; null while it runs.
        #[schema(required, format = DateTime)]
        ended_at: Option<String>,
    },
    /// A message was left.
    Message {
        id: String,
        call_id: String,
        /// `new` or `heard`.
        state: String,
        #[schema(required)]
        step: Option<String>,
        /// Seconds.
        duration: f64,
        urgent: bool,
    },
    /// An entry of the queue was made.
    Callback {
        id: String,
        #[schema(required)]
        matter: Option<String>,
        /// How it stands now.
        state: String,
        #[schema(required)]
        outcome: Option<String>,
        /// Calls that joined it.
        calls: u64,
    },
    /// Somebody was rung.
    Attempt {
        id: String,
        callback_id: String,
        result: String,
        note: String,
        /// Who rang, by id.
        #[schema(required)]
        person: Option<String>,
    },
    /// A caller was told when somebody rings back.
    Promise {
        id: String,
        callback_id: String,
        /// As it was said.
        words: String,
        /// How it stands now.
        state: String,
        /// UTC.
        #[schema(format = DateTime)]
        latest_at: String,
    },
    /// Somebody wrote something down.
    Note {
        callback_id: String,
        /// Who: a person's id, or `console`.
        by: String,
        text: String,
    },
}

impl From<Moment> for MomentBody {
    fn from(moment: Moment) -> MomentBody {
        let what = match moment.what {
            What::Call { id, caller, called, outcome, answered_at, ended_at } => WhatBody::Call {
                id: id.to_string(),
                caller,
                called,
                outcome,
                answered_at: answered_at.map(|at| at.rfc3339()),
                ended_at: ended_at.map(|at| at.rfc3339()),
            },
            What::Message { id, call, state, step, duration_ms, urgent } => WhatBody::Message {
                id: id.to_string(),
                call_id: call.to_string(),
                state,
                step,
                duration: seconds(duration_ms),
                urgent,
            },
            What::Callback { id, matter, state, outcome, calls } => {
                WhatBody::Callback { id: id.to_string(), matter, state, outcome, calls }
            }
            What::Attempt { id, callback, result, note, person } => {
                WhatBody::Attempt { id: id.to_string(), callback_id: callback.to_string(), result, note, person }
            }
            What::Promise { id, callback, words, state, latest_at } => WhatBody::Promise {
                id: id.to_string(),
                callback_id: callback.to_string(),
                words,
                state,
                latest_at: latest_at.rfc3339(),
            },
            What::Note { callback, by, text } => WhatBody::Note { callback_id: callback.to_string(), by, text },
        };
        MomentBody { at: moment.at.rfc3339(), what }
    }
}

/// As the API and the command line show a moment.
pub fn moment_json(moment: Moment) -> serde_json::Value {
    // A body made of our own types is always JSON.
    serde_json::to_value(MomentBody::from(moment)).unwrap_or_default()
}

/// A page of a history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(in crate::web) struct TimelineBody {
    /// Newest first.
    moments: Vec<MomentBody>,
    /// Give it as `before` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct PageQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    before: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct NumberQuery {
    /// In any form.
    number: String,
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    before: Option<String>,
}

/// What there was with a contact
///
/// Calls, messages, callbacks, attempts, promises and notes of all its numbers, newest first.
#[utoipa::path(get, path = "/api/v1/contacts/{id}/timeline", operation_id = "contacts_timeline", tag = "contacts",
    params(("id" = String, Path, description = "The contact's id"), PageQuery), responses(
    (status = 200, body = TimelineBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(in crate::web) async fn of_contact(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<TimelineBody>, Problem> {
    let contact = one(&state, &who, id(&which)?).await?;
    page(&state, &who, &history::Of::Contact(contact.id), query.before.as_deref(), query.limit).await
}

/// What there was with a number
#[utoipa::path(get, path = "/api/v1/timeline", operation_id = "timeline", tag = "contacts", params(NumberQuery), responses(
    (status = 200, body = TimelineBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(in crate::web) async fn of_number(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<NumberQuery>,
) -> Result<Json<TimelineBody>, Problem> {
    let number = contact::number(&query.number).map_err(|bad| Problem::bad_request(bad.to_string()))?;
    page(&state, &who, &history::Of::Number(number), query.before.as_deref(), query.limit).await
}

async fn page(
    state: &State,
    who: &SignedIn,
    of: &history::Of,
    before: Option<&str>,
    limit: Option<u32>,
) -> Result<Json<TimelineBody>, Problem> {
    let before = before.map_or(Ok(Place::newest()), str::parse);
    let before = before.map_err(|bad: BadCursor| Problem::bad_request(bad.to_string()))?;
    let (moments, next) = history::store::page(&state.app.db, &who.tenant, of, &before, limit.unwrap_or(50)).await?;
    let moments = moments.into_iter().map(MomentBody::from).collect();
    Ok(Json(TimelineBody { moments, next: next.map(|next| next.to_string()) }))
}
