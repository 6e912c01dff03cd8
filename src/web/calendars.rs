//! Calendars of the plan: their free times, who has booked, and the feed that other calendars read.

pub(super) mod feed;

use axum::Json;
use axum::extract::{Path, State as Of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::callbacks::{CallbackBody, Known, moment};
use super::extract::Query;
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use super::{State, bookings, plan};
use crate::callback;
use crate::clock::Utc;
use crate::seat;
use crate::slots::{Calendar, Slot, Taken};

/// Slots of one answer.
const SLOTS_MAX: usize = 1_000;
/// Bookings of one answer.
pub(super) const BOOKINGS_MAX: u32 = 1_000;
/// Where no end is named.
const USUALLY_MS: i64 = 7 * 24 * 3_600_000;
/// At once.
const LONGEST_MS: i64 = 92 * 24 * 3_600_000;

/// A calendar of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calendar)]
pub(super) struct CalendarBody {
    name: String,
    /// Length of a slot.
    length_s: u64,
    /// Between two slots.
    buffer_s: u64,
    /// No slot can be booked that starts sooner.
    lead_s: u64,
    /// Nor one that starts later.
    horizon_s: u64,
    /// IANA name.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    /// When the address of its feed was given out, UTC; null: there is none.
    #[schema(required, format = DateTime)]
    feed_since: Option<String>,
}

/// Calendars.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarList)]
pub(super) struct CalendarsBody {
    /// By name.
    calendars: Vec<CalendarBody>,
}

/// A time that can be booked, or could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Slot)]
pub(super) struct SlotBody {
    /// UTC.
    #[schema(format = DateTime)]
    start: String,
    /// UTC.
    #[schema(format = DateTime)]
    end: String,
    /// By a clock at the business.
    #[schema(format = DateTime, example = "2026-11-23T09:30:00+01:00")]
    start_local: String,
    /// By a clock at the business.
    #[schema(format = DateTime, example = "2026-11-23T09:45:00+01:00")]
    end_local: String,
    seats: u16,
    /// Of these, not held and not booked.
    free: u16,
}

/// Slots.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlotList)]
pub(super) struct SlotsBody {
    /// In the order of time; 1,000 at most.
    slots: Vec<SlotBody>,
    /// There are more: ask again from `start` of the last.
    cut: bool,
}

/// Who is to be called in a calendar.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BookingList)]
pub(super) struct BookingsBody {
    /// In the order of time; 1,000 at most.
    bookings: Vec<CallbackBody>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RangeQuery {
    /// RFC 3339; now where it is left out.
    #[param(format = DateTime)]
    from: Option<String>,
    /// RFC 3339; a week after `from` where it is left out. 92 days after it at most.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Only those with a free seat.
    free: Option<bool>,
}

/// The calendars of the plan
#[utoipa::path(get, path = "/api/v1/calendars", operation_id = "calendars_list", tag = "calendars", responses(
    (status = 200, body = CalendarsBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(Of(state): Of<State>, who: SignedIn) -> Result<Json<CalendarsBody>, Problem> {
    let Some(plan) = plan::followed(&state, &who).await? else {
        return Ok(Json(CalendarsBody { calendars: Vec::new() }));
    };
    let feeds = seat::store::feed::all(&state.app.db, &who.tenant).await?;
    let mut names: Vec<&String> = plan.calendars.keys().collect();
    names.sort_unstable();
    let body = |name: &String| {
        let of = plan.calendars.get(name)?;
        let feed = feeds.iter().find(|feed| feed.calendar == *name);
        Some(CalendarBody {
            name: name.clone(),
            length_s: of.length.as_secs(),
            buffer_s: of.buffer.as_secs(),
            lead_s: of.lead.as_secs(),
            horizon_s: of.horizon.as_secs(),
            timezone: plan.line.timezone.clone(),
            feed_since: feed.map(|feed| feed.made_at.rfc3339()),
        })
    };
    Ok(Json(CalendarsBody { calendars: names.into_iter().filter_map(body).collect() }))
}

/// The times of a calendar
#[utoipa::path(get, path = "/api/v1/calendars/{name}/slots", operation_id = "calendars_slots", tag = "calendars",
    params(("name" = String, Path, description = "The calendar's name in the plan"), RangeQuery), responses(
    (status = 200, body = SlotsBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn slots(
    Of(state): Of<State>,
    who: SignedIn,
    Path(name): Path<String>,
    Query(query): Query<RangeQuery>,
) -> Result<Json<SlotsBody>, Problem> {
    let calendar = of_plan(&state, &who, &name).await?;
    let now = state.app.clock.now().utc;
    let (from, to) = query.range(now)?;
    let overrides = bookings::overrides(&state, &who, now).await?;
    let taken = seat::store::taken_now(&state.app.db, &who.tenant, &name, now).await?;
    let wanted = query.free.unwrap_or(false);
    let all = calendar.slots(&overrides, from, now).take_while(|(slot, _)| slot.start < to);
    let found = all.map(|(slot, seats)| seated(&calendar, &taken, slot, seats));
    let mut slots: Vec<SlotBody> = found.filter(|slot| slot.free > 0 || !wanted).take(SLOTS_MAX + 1).collect();
    let cut = slots.len() > SLOTS_MAX;
    slots.truncate(SLOTS_MAX);
    Ok(Json(SlotsBody { slots, cut }))
}

impl RangeQuery {
    fn range(&self, now: Utc) -> Result<(Utc, Utc), Problem> {
        let from = self.from.as_deref().map_or(Ok(now), moment)?;
        let to = self.to.as_deref().map_or(Ok(Utc(from.0.saturating_add(USUALLY_MS))), moment)?;
        if from >= to || to.0.saturating_sub(from.0) > LONGEST_MS {
            return Err(Problem::bad_request("`from` is before `to`, and 92 days before it at most"));
        }
        Ok((from, to))
    }
}

/// Who is to be called in a calendar
#[utoipa::path(get, path = "/api/v1/calendars/{name}/bookings", operation_id = "calendars_bookings", tag = "calendars",
    params(("name" = String, Path, description = "The calendar's name in the plan")), responses(
    (status = 200, body = BookingsBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn booked(
    Of(state): Of<State>,
    who: SignedIn,
    Path(name): Path<String>,
) -> Result<Json<BookingsBody>, Problem> {
    of_plan(&state, &who, &name).await?;
    let now = state.app.clock.now().utc;
    let found = callback::store::booked(&state.app.db, &who.tenant, &name, now, BOOKINGS_MAX).await?;
    let known = Known::of(&state, &who, &found, now).await?;
    Ok(Json(BookingsBody { bookings: found.into_iter().map(|callback| known.body(callback)).collect() }))
}

/// A calendar of the plan that holds now.
pub(super) async fn of_plan(state: &State, who: &SignedIn, name: &str) -> Result<Calendar, Problem> {
    let plan = plan::followed(state, who).await?;
    plan.and_then(|plan| plan.calendar(name)).ok_or_else(Problem::not_found)
}

pub(super) fn seated(calendar: &Calendar, taken: &Taken, slot: Slot, seats: u16) -> SlotBody {
    SlotBody {
        start: slot.start.rfc3339(),
        end: slot.end.rfc3339(),
        start_local: super::callbacks::local(slot.start, &calendar.zone),
        end_local: super::callbacks::local(slot.end, &calendar.zone),
        seats,
        free: calendar.left(taken, slot, seats),
    }
}
