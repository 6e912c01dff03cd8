//! How well promises are kept, and how long people wait.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Of;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::callbacks::{moment, zone_of};
use super::extract::Query;
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::callback;
use crate::callback::figures::{Answer, Figures, Promises, Wait};

/// Figures where no time is named.
const USUALLY: Duration = Duration::from_hours(24 * 30);
/// Of how much at once.
const LONGEST: Duration = Duration::from_hours(24 * 366);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FiguresQuery {
    /// RFC 3339; 30 days ago where it is left out.
    #[param(format = DateTime)]
    from: Option<String>,
    /// RFC 3339; now where it is left out. A year after `from` at most.
    #[param(format = DateTime)]
    to: Option<String>,
}

/// How promises ended whose latest moment lies within the time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresPromises)]
struct PromisesBody {
    kept: u32,
    /// Somebody rang in time and reached nobody.
    tried: u32,
    broken: u32,
    /// They count neither way.
    withdrawn: u32,
    running: u32,
    /// Percent of those that ended kept, tried or broken; null: none has.
    #[schema(required)]
    kept_percent: Option<f64>,
    #[schema(required)]
    broken_percent: Option<f64>,
}

/// How long people waited for the first try.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresAnswer)]
struct AnswerBody {
    answered: u32,
    /// Nobody has tried yet.
    waiting: u32,
    /// Over without a try.
    closed: u32,
    #[schema(required)]
    median: Option<WaitBody>,
    #[schema(required)]
    p90: Option<WaitBody>,
}

/// A wait.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresWait)]
struct WaitBody {
    seconds: u64,
    /// Some who wait still count with less than they will have waited: it is at least so long.
    at_least: bool,
}

/// Figures of a time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Figures)]
pub(super) struct FiguresBody {
    /// UTC.
    #[schema(format = DateTime)]
    from: String,
    /// UTC.
    #[schema(format = DateTime)]
    to: String,
    promises: PromisesBody,
    answer: AnswerBody,
    /// Without a matter: the empty word.
    by_matter: BTreeMap<String, AnswerBody>,
    /// By the local hour in which they were opened.
    by_hour: BTreeMap<u8, AnswerBody>,
    first_tries: u32,
    /// Of these.
    first_reached: u32,
    /// Open now: below 1 hour, 4 hours, 1 day, 3 days, 7 days, and older.
    open_by_age: [u32; 6],
    /// There were more rows than are read: figures are of a part.
    cut: bool,
}

impl From<&Promises> for PromisesBody {
    fn from(of: &Promises) -> PromisesBody {
        let (kept_percent, broken_percent) = (of.percent(of.kept), of.percent(of.broken));
        let Promises { kept, tried, broken, withdrawn, running } = *of;
        PromisesBody { kept, tried, broken, withdrawn, running, kept_percent, broken_percent }
    }
}

impl From<&Answer> for AnswerBody {
    fn from(of: &Answer) -> AnswerBody {
        let wait = |wait: Wait| WaitBody { seconds: wait.time.as_secs(), at_least: wait.at_least };
        AnswerBody {
            answered: of.answered,
            waiting: of.waiting,
            closed: of.closed,
            median: of.median.map(wait),
            p90: of.p90.map(wait),
        }
    }
}

/// How well promises are kept, and how long people wait
#[utoipa::path(get, path = "/api/v1/figures", operation_id = "figures_get", tag = "callbacks", params(FiguresQuery), responses(
    (status = 200, body = FiguresBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn get(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<FiguresBody>, Problem> {
    let now = state.app.clock.now().utc;
    let to = query.to.as_deref().map_or(Ok(now), moment)?;
    let from = query.from.as_deref().map_or(Ok(to.before(USUALLY)), moment)?;
    if from >= to || from < to.before(LONGEST) {
        return Err(Problem::bad_request("`from` is before `to`, and a year before it at most"));
    }
    let found = callback::store::figures(&state.app.db, &who.tenant, &zone_of(&who), from, to, now).await?;
    let Figures { promises, answer, by_matter, by_hour, first_tries, first_reached, open_by_age, cut } = found;
    Ok(Json(FiguresBody {
        from: from.rfc3339(),
        to: to.rfc3339(),
        promises: (&promises).into(),
        answer: (&answer).into(),
        by_matter: by_matter.iter().map(|(matter, answer)| (matter.clone(), answer.into())).collect(),
        by_hour: by_hour.iter().map(|(hour, answer)| (*hour, answer.into())).collect(),
        first_tries,
        first_reached,
        open_by_age,
        cut,
    }))
}
