//! Callbacks: the queue, one entry whole, entries by hand. What is done with them is in [`acts`].

pub(super) mod acts;
mod told;

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::extract::{Query, id};
use super::once::{Once, Reply};
use super::plan;
use super::problem::{Problem, ProblemBody};
use super::session::{LanguageWord, SignedIn};
use crate::callback::{
    self, By, ByHand, Callback, Filter, MATTER_BYTES_MAX, Place, PromiseKind, Promised, Rules, Show,
};
use crate::clock::Utc;
use crate::contact;
use crate::dial::{Policy, Verdict};
use crate::hours;
use crate::ids::{BadCursor, CallbackId, Language};
use crate::person::{self, Action};
use crate::plan::Plan;

pub(super) use told::{CallbackBody, Known, WholeBody, local, moment};

/// Longest search.
const SEARCH_CHARS_MAX: usize = 120;

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackCounts)]
struct CountsBody {
    /// With something left to do.
    open: u64,
    /// Of these, past what was promised or booked.
    overdue: u64,
}

/// A page of callbacks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackList)]
pub(super) struct ListBody {
    /// The most pressing first; those that are over: the newest first.
    callbacks: Vec<CallbackBody>,
    /// Give it as `after` for the next page; null at the end. It is a place in the order: an entry that moves while
    /// pages are read may be met twice or, where it went before the place, not at all; one that stays is met once.
    #[schema(required)]
    next: Option<String>,
    counts: CountsBody,
}

/// Which.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CallbackShow)]
pub(super) enum ShowWord {
    /// With something left to do.
    #[default]
    Open,
    /// Over.
    Done,
    /// Both, the open ones first.
    All,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
    /// `open` where it is left out.
    show: Option<ShowWord>,
    /// What you have, or what is assigned to you.
    mine: Option<bool>,
    /// What `POST /callbacks/next` could give you now.
    due: Option<bool>,
    /// Past what was promised or booked.
    overdue: Option<bool>,
    urgent: Option<bool>,
    /// About this.
    matter: Option<String>,
    /// Of who speaks this: `de`, `en`.
    language: Option<String>,
    /// Of this line: the number that was called.
    line: Option<String>,
    /// Part of a name, number or matter; also of the contact's.
    search: Option<String>,
    /// Of this contact.
    contact: Option<String>,
}

impl ListQuery {
    fn filter(self, who: &SignedIn) -> Result<Filter, Problem> {
        let after = self.after.as_deref().map(str::parse::<Place>).transpose();
        let language = self.language.as_deref().map(str::parse::<Language>).transpose();
        let mine = |asked: Option<bool>| asked.unwrap_or(false).then_some(who.person.id);
        Ok(Filter {
            show: match self.show.unwrap_or_default() {
                ShowWord::Open => Show::Open,
                ShowWord::Done => Show::Done,
                ShowWord::All => Show::All,
            },
            mine: mine(self.mine),
            due: mine(self.due),
            overdue: self.overdue.unwrap_or(false),
            urgent: self.urgent.unwrap_or(false),
            matter: self.matter,
            language: language.map_err(|bad| Problem::bad_request(bad.to_string()))?,
            called: self.line.as_deref().map(crate::ids::dialled),
            contact: self.contact.as_deref().map(id).transpose()?,
            search: self.search.unwrap_or_default().chars().take(SEARCH_CHARS_MAX).collect(),
            after: after.map_err(|bad: BadCursor| Problem::bad_request(bad.to_string()))?,
            limit: self.limit.unwrap_or(50),
        })
    }
}

/// The callbacks, the most pressing first
#[utoipa::path(get, path = "/api/v1/callbacks", operation_id = "callbacks_list", tag = "callbacks", params(ListQuery), responses(
    (status = 200, body = ListBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListBody>, Problem> {
    let filter = query.filter(&who)?;
    let (db, now) = (&state.app.db, state.app.clock.now().utc);
    let (found, next) = callback::store::list(db, &who.tenant, &filter, now).await?;
    let (open, overdue) = callback::store::counts(db, &who.tenant, now).await?;
    let known = Known::of(&state, &who, &found, now).await?;
    Ok(Json(ListBody {
        callbacks: found.into_iter().map(|callback| known.body(callback)).collect(),
        next: next.map(|next| next.to_string()),
        counts: CountsBody { open, overdue },
    }))
}

/// One callback with all that happened
#[utoipa::path(get, path = "/api/v1/callbacks/{id}", operation_id = "callbacks_get", tag = "callbacks",
    params(("id" = String, Path, description = "The callback's id")),
    responses((status = 200, body = WholeBody, headers(("ETag" = String, description = "Its version"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(Of(state): Of<State>, who: SignedIn, Path(which): Path<String>) -> Result<Response, Problem> {
    let whole = callback::store::whole(&state.app.db, &who.tenant, id(&which)?).await?;
    let whole = whole.ok_or_else(Problem::not_found)?;
    let now = state.app.clock.now().utc;
    let known = Known::of(&state, &who, std::slice::from_ref(&whole.callback), now).await?;
    let version = whole.callback.version;
    Ok(Reply::new(StatusCode::OK, Some(version), &known.whole(whole)).into_response())
}

/// Somebody to call back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCallback)]
pub(super) struct NewBody {
    /// In any form; none: one is needed before it can be called.
    number: Option<String>,
    #[serde(default)]
    #[schema(max_length = 120)]
    name: String,
    /// As steps of the plan name it, or another word.
    #[schema(max_length = 128)]
    matter: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// What they speak; the tenant's language where it is left out.
    language: Option<LanguageWord>,
    #[serde(default)]
    urgent: bool,
    /// What they were told.
    promise: Option<NewPromise>,
}

/// What somebody was told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPromise {
    /// As told.
    #[schema(max_length = 500)]
    words: String,
    /// It is kept by then: RFC 3339.
    #[schema(format = DateTime)]
    by: String,
}

/// Make a callback by hand
#[utoipa::path(post, path = "/api/v1/callbacks", operation_id = "callbacks_add", tag = "callbacks", request_body = NewBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key is done once within 24 hours")),
    responses(
    (status = 201, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`key_of_another_request`"),
))]
pub(super) async fn add(Of(state): Of<State>, who: SignedIn, once: Once<NewBody>) -> Result<Reply, Problem> {
    let now = state.app.clock.now().utc;
    let plan = plan::followed(&state, &who).await?;
    let rules = rules_of(plan.as_ref());
    let new = once.body.by_hand(&who, plan.as_ref(), now)?;
    let mut tx = state.app.db.write().await?;
    if let Some(reply) = once.key.begin(&mut tx, &who, now).await? {
        return Ok(reply);
    }
    let made = callback::store::add(&mut tx, &who.tenant, &rules, &new, By::Person(who.person.id), now).await?;
    let made = made.map_err(|refused| Problem::bad_request(refused.to_string()))?;
    let object = made.id.to_string();
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::CallbackAdded, &object).await?;
    let mut known = Known::of(&state, &who, std::slice::from_ref(&made), now).await?;
    if let Some(told) = new.promise {
        known.tells(made.id, told.words);
    }
    let version = made.version;
    once.key.finish(tx, &who, Reply::new(StatusCode::CREATED, Some(version), &known.body(made))).await
}

impl NewBody {
    fn by_hand(self, who: &SignedIn, plan: Option<&Plan>, now: Utc) -> Result<ByHand, Problem> {
        let number = self.number.as_deref().map(number_of).transpose()?;
        let language = self.language.map_or(who.tenant.language(), Language::from);
        let promise = match self.promise {
            Some(told) => {
                let latest_at = moment(&told.by)?;
                if latest_at <= now || told.words.trim().is_empty() || told.words.chars().count() > WORDS_MAX {
                    return Err(Problem::bad_request(format!(
                        "a promise has 1 to {WORDS_MAX} characters of words and a moment to come"
                    )));
                }
                let words = told.words.trim().to_owned();
                let (kind, start) = (PromiseKind::Soon, None);
                Some(Promised { kind, words, language, told_at: now, latest_at, start })
            }
            None => None,
        };
        Ok(ByHand {
            leave: number.as_deref().and_then(|number| leave_of(plan, number)),
            number,
            name: name_of(self.name)?,
            matter: self.matter.map(matter_of).transpose()?.filter(|matter| !matter.is_empty()),
            note: self.note,
            language,
            urgent: self.urgent,
            promise,
        })
    }
}

/// Characters of what was told.
const WORDS_MAX: usize = 500;

/// Takes the most pressing callback that is yours to call
///
/// It is claimed by you. Two who ask at once get different ones.
#[utoipa::path(post, path = "/api/v1/callbacks/next", operation_id = "callbacks_next", tag = "callbacks",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key is done once within 24 hours")),
    responses(
    (status = 200, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
    (status = 204, description = "Nothing is due"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn next(Of(state): Of<State>, who: SignedIn, once: Once<Nothing>) -> Result<Reply, Problem> {
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    if let Some(reply) = once.key.begin(&mut tx, &who, now).await? {
        return Ok(reply);
    }
    let claimed = callback::store::claim_next(&mut tx, &who.tenant, who.person.id, now).await?;
    let reply = match claimed {
        Some(callback) => {
            audit(&mut tx, &who, callback.id, "claim", now).await?;
            let known = Known::of(&state, &who, std::slice::from_ref(&callback), now).await?;
            Reply::new(StatusCode::OK, Some(callback.version), &known.body(callback))
        }
        None => Reply::empty(),
    };
    once.key.finish(tx, &who, reply).await
}

/// Nothing is to be said: `{}`, or no body at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) async fn audit(
    tx: &mut crate::db::Tx,
    who: &SignedIn,
    which: CallbackId,
    what: &str,
    now: Utc,
) -> Result<(), Problem> {
    let object = format!("{which} {what}");
    Ok(person::store::audit(tx, &who.tenant, now, who.person.id, Action::CallbackChanged, &object).await?)
}

pub(super) fn rules_of(plan: Option<&Plan>) -> Rules {
    plan.map(|plan| Rules::from(&plan.callbacks)).unwrap_or_default()
}

/// Where the tenant's clock is.
pub(super) fn zone_of(who: &SignedIn) -> TimeZone {
    hours::zone(who.tenant.timezone()).unwrap_or(TimeZone::UTC)
}

/// In the one form of numbers.
pub(super) fn number_of(text: &str) -> Result<String, Problem> {
    contact::number(text).map_err(|bad| Problem::bad_request(bad.to_string()))
}

/// Why a number needs leave; none: it may be called. Without a plan nothing but the home country's is allowed.
pub(super) fn leave_of(plan: Option<&Plan>, number: &str) -> Option<String> {
    let policy = plan.map_or_else(|| Policy { home: "49".to_owned(), allow: Vec::new() }, |plan| plan.policy());
    match policy.verdict(number) {
        Verdict::NeedsLeave(kind) => Some(kind.code().to_owned()),
        Verdict::Allowed => None,
    }
}

pub(super) fn name_of(text: String) -> Result<String, Problem> {
    if text.chars().count() > callback::NAME_MAX {
        return Err(Problem::bad_request(format!("a name has {} characters at most", callback::NAME_MAX)));
    }
    Ok(text)
}

pub(super) fn matter_of(text: String) -> Result<String, Problem> {
    let text = text.trim();
    if text.len() > MATTER_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(Problem::bad_request(format!("a matter is one line of {MATTER_BYTES_MAX} bytes at most")));
    }
    Ok(text.to_owned())
}

/// The entry as it is now.
pub(super) async fn one(state: &State, who: &SignedIn, which: CallbackId) -> Result<Callback, Problem> {
    callback::store::get(&state.app.db, &who.tenant, which).await?.ok_or_else(Problem::not_found)
}
