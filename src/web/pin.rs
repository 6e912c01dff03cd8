//! The PIN with which an owner reaches the mailbox by phone: set, unlocked, never shown.

use axum::Json;
use axum::extract::State as Of;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::State;
use super::extract::Body;
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::clock::Utc;
use crate::person::pin::Pin;
use crate::person::store::pin;

/// How the PIN is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pin)]
pub(super) struct PinBody {
    set: bool,
    /// UTC; null where none is set.
    #[schema(required, format = DateTime)]
    set_at: Option<String>,
    /// Since when too many tries were wrong, UTC; null: it can be tried.
    #[schema(required, format = DateTime)]
    locked_at: Option<String>,
    /// Wrong tries since the last right one.
    wrong: u32,
}

/// A new PIN.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPin)]
pub(super) struct NewPinBody {
    /// 6 to 12 digits, none of those that are tried first.
    pin: String,
}

/// How the PIN of the mailbox is
///
/// For owners.
#[utoipa::path(get, path = "/api/v1/pin", operation_id = "pin_get", tag = "pin", responses(
    (status = 200, body = PinBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
))]
pub(super) async fn get(Of(state): Of<State>, who: SignedIn) -> Result<Json<PinBody>, Problem> {
    who.owner()?;
    let found = pin::state(&state.app.db, &who.tenant).await?;
    Ok(Json(PinBody {
        set: found.is_some(),
        set_at: found.as_ref().map(|found| found.set_at.rfc3339()),
        locked_at: found.as_ref().and_then(|found| found.locked_at).map(Utc::rfc3339),
        wrong: found.map_or(0, |found| found.wrong),
    }))
}

/// Set the PIN of the mailbox
///
/// A lock ends. For owners.
#[utoipa::path(put, path = "/api/v1/pin", operation_id = "pin_put", tag = "pin", request_body = NewPinBody, responses(
    (status = 204),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says why these digits are none"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
))]
pub(super) async fn put(
    Of(state): Of<State>,
    who: SignedIn,
    Body(new): Body<NewPinBody>,
) -> Result<StatusCode, Problem> {
    who.owner()?;
    let digits = Pin::new(&new.pin).map_err(|bad| Problem::bad_request(bad.to_string()))?;
    let key = state.app.settings.pin_key.as_ref().ok_or_else(Problem::unavailable)?;
    let mut tx = state.app.db.write().await?;
    let now = state.app.clock.now().utc;
    pin::set(&mut tx, &who.tenant, key, &digits, &who.person.name, who.person.id, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let the PIN be tried again
///
/// After too many wrong ones. For owners.
#[utoipa::path(post, path = "/api/v1/pin/unlock", operation_id = "pin_unlock", tag = "pin", responses(
    (status = 204),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "None is set"),
))]
pub(super) async fn unlock(Of(state): Of<State>, who: SignedIn) -> Result<StatusCode, Problem> {
    who.owner()?;
    let mut tx = state.app.db.write().await?;
    if !pin::unlock(&mut tx, &who.tenant, who.person.id, state.app.clock.now().utc).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
