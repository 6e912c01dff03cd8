//! Whether a business is open, and overrides of its hours.

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, id};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use super::{State, plan};
use crate::clock::Utc;
use crate::hours::{self, Hours, Override, Overrides};
use crate::opening::{self, Kept};
use crate::person::{self, Action};

/// Open now?
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Opening)]
pub(super) struct OpeningBody {
    open: bool,
    why: WhyWord,
    /// The name of the holiday, or the reason that was given.
    #[schema(required)]
    detail: Option<String>,
    /// The first moment at which it is otherwise, UTC; null: not within a year.
    #[schema(required, format = DateTime)]
    until: Option<String>,
    /// In which the plan means its times: an IANA name.
    timezone: String,
    /// Those that stand, or will, in the order in which they were set; of several that hold the last counts.
    overrides: Vec<OverrideBody>,
}

/// Which entry says so.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = OpeningWhy)]
enum WhyWord {
    /// A window of the hours.
    Hours,
    /// No window.
    Outside,
    /// A closure of the plan.
    Closure,
    /// A public holiday.
    Holiday,
    /// Somebody set it by hand.
    Override,
}

/// Hours set aside for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpeningOverride)]
pub(super) struct OverrideBody {
    id: String,
    /// Open, or closed.
    open: bool,
    /// UTC.
    #[schema(format = DateTime)]
    from: String,
    /// The first moment after it, UTC.
    #[schema(format = DateTime)]
    until: String,
    /// Callers are told.
    #[schema(required)]
    reason: Option<String>,
    author: String,
    /// UTC.
    #[schema(format = DateTime)]
    set_at: String,
}

impl From<Kept> for OverrideBody {
    fn from(kept: Kept) -> OverrideBody {
        let by_hand = &kept.by_hand;
        OverrideBody {
            id: kept.id.to_string(),
            open: by_hand.open(),
            from: by_hand.from().rfc3339(),
            until: by_hand.until().rfc3339(),
            reason: by_hand.reason().map(str::to_owned),
            author: by_hand.by().to_owned(),
            set_at: by_hand.set_at().rfc3339(),
        }
    }
}

/// An override to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOverride)]
pub(super) struct NewBody {
    /// Open, or closed.
    open: bool,
    /// When it ends, by a clock at the business: `20:00`, `mon 08:00`, `2026-12-28T08:00`, `next opening`,
    /// `next closing`; or RFC 3339 with an offset.
    #[schema(example = "next opening")]
    until: String,
    /// When it begins, in the same forms; now where it is left out.
    from: Option<String>,
    /// Callers are told; 200 characters at most.
    reason: Option<String>,
}

/// Whether it is open
#[utoipa::path(get, path = "/api/v1/opening", operation_id = "opening_get", tag = "opening",
    responses((status = 200, body = OpeningBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(Of(state): Of<State>, who: SignedIn) -> Result<Json<OpeningBody>, Problem> {
    let now = state.app.clock.now().utc;
    let (hours, zone) = times(&state, &who).await?;
    let standing = opening::store::standing(&state.app.db, &who.tenant, now).await?;
    let overrides = Overrides::new(standing.iter().map(|kept| kept.by_hand.clone()).collect());
    let found = hours::state(&hours, &overrides, &zone, now);
    let told = opening::told(&found, who.person.language);
    Ok(Json(OpeningBody {
        open: found.open,
        why: match told.why {
            "hours" => WhyWord::Hours,
            "closure" => WhyWord::Closure,
            "holiday" => WhyWord::Holiday,
            "override" => WhyWord::Override,
            _ => WhyWord::Outside,
        },
        detail: told.detail,
        until: found.until.map(Utc::rfc3339),
        timezone: zone.iana_name().unwrap_or_default().to_owned(),
        overrides: standing.into_iter().map(OverrideBody::from).collect(),
    }))
}

/// Open or close for a while
///
/// It ends by itself. For owners.
#[utoipa::path(post, path = "/api/v1/opening/override", operation_id = "opening_override", tag = "opening", request_body = NewBody, responses(
    (status = 201, body = OverrideBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says which times can be written"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_overrides`"),
))]
pub(super) async fn set(
    Of(state): Of<State>,
    who: SignedIn,
    Body(new): Body<NewBody>,
) -> Result<(StatusCode, Json<OverrideBody>), Problem> {
    who.owner()?;
    let now = state.app.clock.now().utc;
    let (hours, zone) = times(&state, &who).await?;
    let moment = |text: &str, after| {
        opening::moment(text, &zone, &hours, after).map_err(|bad| Problem::bad_request(bad.to_string()))
    };
    let from = new.from.as_deref().map_or(Ok(now), |text| moment(text, now))?;
    let until = moment(&new.until, from)?;
    if until <= now {
        return Err(Problem::bad_request("that is over already"));
    }
    let reason = new.reason.as_deref().and_then(opening::reason);
    let by_hand = Override::new(new.open, from, until, now, reason, who.person.name.clone());
    let by_hand = by_hand.map_err(|bad| Problem::bad_request(bad.to_string()))?;
    let mut tx = state.app.db.write().await?;
    let id = opening::store::set(&mut tx, &who.tenant, &by_hand).await?.ok_or_else(Problem::too_many_overrides)?;
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::OverrideSet, &id.to_string()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Kept { id, by_hand, lifted_at: None }.into())))
}

/// End an override early
#[utoipa::path(delete, path = "/api/v1/opening/override/{id}", operation_id = "opening_lift", tag = "opening",
    params(("id" = String, Path, description = "The override's id")),
    responses((status = 204), (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn lift(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
) -> Result<StatusCode, Problem> {
    who.owner()?;
    let which = id(&which)?;
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    if !opening::store::lift(&mut tx, &who.tenant, which, now).await? {
        return Err(Problem::not_found());
    }
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::OverrideLifted, &which.to_string()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The hours of the plan, and where its clock is.
async fn times(state: &State, who: &SignedIn) -> Result<(Hours, TimeZone), Problem> {
    Ok(match plan::followed(state, who).await? {
        Some(plan) => {
            let hours = plan.line_hours().map_or_else(Hours::always, |part| part.hours.clone());
            (hours, plan.line.zone.clone())
        }
        None => (Hours::always(), hours::zone(who.tenant.timezone()).unwrap_or(TimeZone::UTC)),
    })
}
