//! The booked times of a calendar for other calendars, behind a secret address.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{ConnectInfo, Path, State as Of};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{BOOKINGS_MAX, of_plan};
use crate::callback::{self, Callback};
use crate::clock::Utc;
use crate::contact;
use crate::ids::dialled;
use crate::person::{self, Action, Secret};
use crate::seat;
use crate::slots::ics::{self, Event, Status};
use crate::tenant::{self, Tenant};
use crate::web::State;
use crate::web::extract::Query;
use crate::web::health::Peer;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::SignedIn;

/// Times that are over stay in the feed for so long: a calendar that was off still finds them.
const PAST: std::time::Duration = std::time::Duration::from_hours(24 * 7);
/// Longest secret that is looked at.
const TOKEN_BYTES_MAX: usize = 128;

/// Where a feed is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarFeed)]
pub(in crate::web) struct FeedBody {
    /// Below the address of this page. It is shown once: who has it can read names and numbers.
    #[schema(example = "/api/v1/calendars/rueckruf.ics?token=0123456789abcdef")]
    path: String,
}

/// Give out the address of a calendar's feed
///
/// It is shown once. The one before it leads nowhere from then on.
#[utoipa::path(post, path = "/api/v1/calendars/{name}/feed", operation_id = "calendars_feed_give", tag = "calendars",
    params(("name" = String, Path, description = "The calendar's name in the plan")), responses(
    (status = 201, body = FeedBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(in crate::web) async fn give(
    Of(state): Of<State>,
    who: SignedIn,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<FeedBody>), Problem> {
    of_plan(&state, &who, &name).await?;
    let now = state.app.clock.now().utc;
    let secret = Secret::random();
    let mut tx = state.app.db.write().await?;
    seat::store::feed::give(&mut tx, &who.tenant, &name, &person::hash(secret.reveal()), now).await?;
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::FeedGiven, &name).await?;
    tx.commit().await?;
    let path = format!("/api/v1/calendars/{name}.ics?token={}", secret.reveal());
    Ok((StatusCode::CREATED, Json(FeedBody { path })))
}

/// Make the address of a calendar's feed useless
#[utoipa::path(delete, path = "/api/v1/calendars/{name}/feed", operation_id = "calendars_feed_revoke", tag = "calendars",
    params(("name" = String, Path, description = "The calendar's name")), responses(
    (status = 204),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(in crate::web) async fn revoke(
    Of(state): Of<State>,
    who: SignedIn,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    if !seat::store::feed::revoke(&mut tx, &who.tenant, &name).await? {
        return Err(Problem::not_found());
    }
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::FeedRevoked, &name).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct TokenQuery {
    /// The secret.
    #[serde(default)]
    token: String,
}

/// The booked times of a calendar, for other calendars
///
/// Without a session: who knows the address reads it. A wrong secret, and a calendar that is none, are answered alike.
#[utoipa::path(get, path = "/api/v1/calendars/{file}", operation_id = "calendars_feed", tag = "calendars",
    params(("file" = String, Path, description = "`NAME.ics`"), TokenQuery), responses(
    (status = 200, content_type = "text/calendar", body = String),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_requests`"),
))]
pub(in crate::web) async fn read(
    Of(state): Of<State>,
    peer: Peer,
    Path(file): Path<String>,
    Query(query): Query<TokenQuery>,
) -> Result<Response, Problem> {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(ConnectInfo(peer))| peer.ip());
    state.feeds.attempt(peer).map_err(Problem::too_many_requests)?;
    let (tenant, name) = found(&state, &file, &query.token).await?.ok_or_else(Problem::not_found)?;
    let now = state.app.clock.now().utc;
    let booked = callback::store::booked(&state.app.db, &tenant, &name, now.before(PAST), BOOKINGS_MAX).await?;
    let numbers: Vec<String> = booked.iter().flat_map(|callback| callback.number.clone()).collect();
    let names = contact::store::names(&state.app.db, &tenant, &numbers).await?;
    let events: Vec<Event> = booked
        .iter()
        .filter_map(|callback| event(callback, callback.number.as_ref().and_then(|number| names.get(number)), now))
        .collect();
    let text = ics::feed(&name, &events);
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// Whose calendar the secret opens, where it is the one that is named.
async fn found(state: &State, file: &str, token: &str) -> Result<Option<(Tenant, String)>, Problem> {
    let Some(name) = file.strip_suffix(".ics").filter(|_| token.len() <= TOKEN_BYTES_MAX) else { return Ok(None) };
    let db = &state.app.db;
    let Some(feed) = seat::store::feed::by_hash(db, &person::hash(token)).await? else { return Ok(None) };
    if feed.calendar != name {
        return Ok(None);
    }
    Ok(tenant::store::by_id(db, feed.tenant).await?.map(|tenant| (tenant, feed.calendar)))
}

/// Whom to call, where, and about what: nothing of what was said or noted.
fn event(callback: &Callback, contact: Option<&String>, now: Utc) -> Option<Event> {
    let slot = callback.slot.as_ref()?;
    let number = callback.number.as_deref().map(dialled).unwrap_or_default();
    let name = contact.map_or(callback.name.as_str(), String::as_str);
    let who: Vec<&str> = [name, &number].into_iter().filter(|text| !text.is_empty()).collect();
    Some(Event {
        uid: format!("{}@nightdesk", callback.id),
        sequence: u32::try_from(callback.version).unwrap_or(u32::MAX),
        start: slot.start,
        end: slot.end,
        stamp: now,
        summary: who.join(", "),
        description: callback.matter.clone().unwrap_or_default(),
        status: Status::Confirmed,
        organizer: None,
        attendee: None,
    })
}
