//! Times that are booked without a call: for a website. A seat is given once, whoever asks: by telephone or here.

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::calendars::{SlotBody, seated};
use super::callbacks::acts::{Asked, refused};
use super::callbacks::{
    CallbackBody, Known, Nothing, audit, leave_of, matter_of, moment, name_of, number_of, one, rules_of,
};
use super::extract::id;
use super::once::{Once, Reply};
use super::problem::{Problem, ProblemBody};
use super::session::{LanguageWord, SignedIn};
use super::tag::Seen;
use super::{State, plan};
use crate::callback::{self, Act, Booked, By, ByHand, Callback, Outcome, PromiseKind, Promised};
use crate::clock::Utc;
use crate::db::Tx;
use crate::flow;
use crate::hours::Overrides;
use crate::ids::Language;
use crate::jobs::mail::{self, Invite, Occasion};
use crate::opening;
use crate::person::{self, Action};
use crate::plan::{Kind, Plan};
use crate::seat;
use crate::slots::{Calendar, Slot};

/// Free times that are named where one is gone.
const INSTEAD_MAX: usize = 5;

/// A time to be booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBooking)]
pub(super) struct NewBody {
    /// Its name in the plan.
    calendar: String,
    /// As `GET /calendars/{name}/slots` names it: RFC 3339.
    #[schema(format = DateTime)]
    start: String,
    #[schema(max_length = 120)]
    name: String,
    /// The number to call, in any form.
    number: String,
    /// What it is about; as the plan's step that books there says where it is left out.
    #[schema(max_length = 128)]
    matter: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// What they speak; the tenant's language where it is left out.
    language: Option<LanguageWord>,
    /// Where an invitation is sent, where mail is set up.
    #[schema(max_length = 254)]
    mail: Option<String>,
}

/// Another time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MovedBooking)]
pub(super) struct MoveBody {
    /// Its name in the plan; the one where it is booked where it is left out.
    calendar: Option<String>,
    /// As `GET /calendars/{name}/slots` names it: RFC 3339.
    #[schema(format = DateTime)]
    start: String,
}

/// A calendar, with what holds now.
struct Place {
    plan: Plan,
    name: String,
    rules: Calendar,
    overrides: Overrides,
}

/// Book a time
///
/// The callback is in the queue, with what was promised in words: `promise`, to be shown to who booked.
#[utoipa::path(post, path = "/api/v1/bookings", operation_id = "bookings_add", tag = "calendars", request_body = NewBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key is done once within 24 hours")),
    responses(
    (status = 201, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "No such calendar"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`slot_gone`: `slots` has the next free ones; `already_booked`"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`number_needs_leave`, `key_of_another_request`"),
    (status = 429, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_bookings`"),
))]
pub(super) async fn add(Of(state): Of<State>, who: SignedIn, once: Once<NewBody>) -> Result<Reply, Problem> {
    let now = state.app.clock.now().utc;
    let Once { body: new, key } = once;
    let place = Place::of(&state, &who, &new.calendar, now).await?;
    let slot = place.slot(moment(&new.start)?);
    let mail = new.mail.as_deref().map(mail_of).transpose()?;
    let by_hand = new.by_hand(&who, &place, slot, now)?;
    let number = by_hand.number.clone().unwrap_or_default();
    let rules = rules_of(Some(&place.plan));
    let mut tx = state.app.db.write().await?;
    if let Some(reply) = key.begin(&mut tx, &who, now).await? {
        return Ok(reply);
    }
    // First of all: who books and who counts come one after the other.
    seat::store::turn(&mut tx, &who.tenant).await?;
    if callback::store::too_many(&mut tx, &who.tenant, &number, &rules, false, now).await? {
        return Err(Problem::too_many_bookings());
    }
    let booked = place.booked(slot);
    let by = By::Person(who.person.id);
    let made = match callback::store::book(&mut tx, &who.tenant, &rules, &by_hand, &booked, by, now).await? {
        Ok(made) => made,
        Err(refusal) => return Err(refused(&state, &who, refusal, now).await),
    };
    place.sit(&mut tx, &who, made.id, slot, now).await?;
    invite(&state, &mut tx, &who, &made, Occasion::Booked, slot, mail.as_deref(), now).await?;
    let object = format!("{} book", made.id);
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::CallbackAdded, &object).await?;
    let mut known = Known::of(&state, &who, std::slice::from_ref(&made), now).await?;
    known.tells(made.id, by_hand.promise.map(|told| told.words).unwrap_or_default());
    let version = made.version;
    key.finish(tx, &who, Reply::new(StatusCode::CREATED, Some(version), &known.body(made))).await
}

/// Book another time instead
#[utoipa::path(post, path = "/api/v1/bookings/{callback}/move", operation_id = "bookings_move", tag = "calendars", request_body = MoveBody,
    params(("callback" = String, Path, description = "The callback's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key is done once within 24 hours")),
    responses(
    (status = 200, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`slot_gone`: `slots` has the next free ones, the old time stands; `over`"),
    (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`"),
))]
pub(super) async fn move_to(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    seen: Seen,
    once: Once<MoveBody>,
) -> Result<Reply, Problem> {
    let now = state.app.clock.now().utc;
    let which = id(&which)?;
    let Once { body: to, key } = once;
    let was = one(&state, &who, which).await?;
    let name = to.calendar.clone().or_else(|| was.slot.as_ref().map(|slot| slot.calendar.clone()));
    let name = name.ok_or_else(|| Problem::bad_request("it has no booked time: say which `calendar`"))?;
    let place = Place::of(&state, &who, &name, now).await?;
    let slot = place.slot(moment(&to.start)?);
    let told = place.told(slot, was.language, true, now);
    let words = told.words.clone();
    let mut tx = state.app.db.write().await?;
    if let Some(reply) = key.begin(&mut tx, &who, now).await? {
        return Ok(reply);
    }
    let expected = seen.version(was.version)?;
    seat::store::turn(&mut tx, &who.tenant).await?;
    let (by, booked) = (By::Person(who.person.id), place.booked(slot));
    let to = (&booked, &told);
    let moved = match callback::store::move_to(&mut tx, &who.tenant, which, to, by, expected, now).await? {
        Ok(moved) => moved,
        Err(refusal) => return Err(refused(&state, &who, refusal, now).await),
    };
    seat::store::leave(&mut tx, &who.tenant, which, None).await?;
    place.sit(&mut tx, &who, which, slot, now).await?;
    invite(&state, &mut tx, &who, &moved, Occasion::Moved, slot, None, now).await?;
    audit(&mut tx, &who, which, "move", now).await?;
    let mut known = Known::of(&state, &who, std::slice::from_ref(&moved), now).await?;
    known.tells(which, words);
    let reply = Reply::new(StatusCode::OK, Some(moved.version), &known.body(moved));
    key.finish(tx, &who, reply).await
}

/// Cancel a booked time
///
/// The callback is over: its caller wants none any more.
#[utoipa::path(delete, path = "/api/v1/bookings/{callback}", operation_id = "bookings_cancel", tag = "calendars",
    params(("callback" = String, Path, description = "The callback's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster")),
    responses(
    (status = 200, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "Also where no time is booked"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`claimed`, `over`"),
    (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`"),
))]
pub(super) async fn cancel(
    Of(state): Of<State>,
    who: SignedIn,
    Path(which): Path<String>,
    seen: Seen,
    once: Once<Nothing>,
) -> Result<Reply, Problem> {
    let now = state.app.clock.now().utc;
    let which = id(&which)?;
    let Once { body: Nothing {}, key } = once;
    let was = one(&state, &who, which).await?;
    let booked = was.slot.clone().ok_or_else(Problem::not_found)?;
    let mut tx = state.app.db.write().await?;
    if let Some(reply) = key.begin(&mut tx, &who, now).await? {
        return Ok(reply);
    }
    let expected = seen.version(was.version)?;
    seat::store::turn(&mut tx, &who.tenant).await?;
    let by = By::Person(who.person.id);
    let act = Act::Done { outcome: Outcome::CancelledByCaller, note: String::new() };
    let done = match callback::store::act(&mut tx, &who.tenant, which, by, &act, expected, now).await? {
        Ok(done) => done,
        Err(refusal) => return Err(refused(&state, &who, refusal, now).await),
    };
    seat::store::leave(&mut tx, &who.tenant, which, None).await?;
    let slot = Slot { start: booked.start, end: booked.end };
    invite(&state, &mut tx, &who, &done, Occasion::Cancelled, slot, None, now).await?;
    let asked = Asked { state: &state, who: &who, which, seen, key, word: "cancel" };
    asked.finish(tx, done, now).await
}

impl NewBody {
    fn by_hand(self, who: &SignedIn, place: &Place, slot: Slot, now: Utc) -> Result<ByHand, Problem> {
        let number = number_of(&self.number)?;
        if let Some(why) = leave_of(Some(&place.plan), &number) {
            return Err(Problem::number_needs_leave(&why));
        }
        let language = self.language.map_or(who.tenant.language(), Language::from);
        let matter = self.matter.map(matter_of).transpose()?.filter(|matter| !matter.is_empty());
        Ok(ByHand {
            number: Some(number),
            leave: None,
            name: name_of(self.name)?,
            matter: Some(matter.unwrap_or_else(|| place.matter())),
            note: self.note,
            language,
            urgent: false,
            promise: Some(place.told(slot, language, false, now)),
        })
    }
}

impl Place {
    async fn of(state: &State, who: &SignedIn, name: &str, now: Utc) -> Result<Place, Problem> {
        let plan = plan::followed(state, who).await?.ok_or_else(Problem::not_found)?;
        let rules = plan.calendar(name).ok_or_else(Problem::not_found)?;
        let overrides = overrides(state, who, now).await?;
        Ok(Place { plan, name: name.to_owned(), rules, overrides })
    }

    /// The one that starts then, whether or not it is free or there at all: that is seen in the tenant's turn.
    fn slot(&self, start: Utc) -> Slot {
        let length = i64::try_from(self.rules.length.as_millis()).unwrap_or(i64::MAX);
        Slot { start, end: Utc(start.0.saturating_add(length)) }
    }

    /// What a caller's booking there would be about: one party has one callback for it, however it was booked.
    fn matter(&self) -> String {
        let books = |kind: &Kind| matches!(kind, Kind::Slots(slots) if slots.calendar == self.name);
        let step = self.plan.steps().map(|(_, step)| step).find(|step| books(&step.kind));
        step.map_or_else(|| self.name.clone(), |step| step.matter().to_owned())
    }

    fn booked(&self, slot: Slot) -> Booked {
        Booked { calendar: self.name.clone(), start: slot.start, end: slot.end }
    }

    /// As the telephone would say it.
    fn told(&self, slot: Slot, language: Language, moves: bool, now: Utc) -> Promised {
        let told = flow::slot_told(slot, &self.rules.zone, language, moves, now);
        Promised {
            kind: PromiseKind::Slot,
            words: told.words,
            language,
            told_at: now,
            latest_at: told.latest,
            start: Some(slot.start),
        }
    }

    /// Takes the seat, or says which times are free instead.
    async fn sit(
        &self,
        tx: &mut Tx,
        who: &SignedIn,
        callback: crate::ids::CallbackId,
        slot: Slot,
        now: Utc,
    ) -> Result<(), Problem> {
        let of = seat::Of { name: &self.name, rules: &self.rules, overrides: &self.overrides };
        if seat::store::take(tx, &who.tenant, of, slot, callback, now).await? {
            return Ok(());
        }
        Err(Problem::slot_gone(self.instead(tx, who, slot.start, now).await?))
    }

    /// The next free times after the one that was wished for; the first ones where none comes after it.
    async fn instead(&self, tx: &mut Tx, who: &SignedIn, from: Utc, now: Utc) -> Result<Vec<SlotBody>, Problem> {
        let taken = seat::store::taken(tx, &who.tenant, &self.name, now).await?;
        let free = |from: Utc| -> Vec<SlotBody> {
            let all = self.rules.slots(&self.overrides, from, now);
            let all = all.filter(|(slot, seats)| self.rules.left(&taken, *slot, *seats) > 0);
            all.take(INSTEAD_MAX).map(|(slot, seats)| seated(&self.rules, &taken, slot, seats)).collect()
        };
        let after = free(from);
        Ok(if after.is_empty() { free(now) } else { after })
    }
}

/// What was set by hand.
pub(super) async fn overrides(state: &State, who: &SignedIn, now: Utc) -> Result<Overrides, Problem> {
    let standing = opening::store::standing(&state.app.db, &who.tenant, now).await?;
    Ok(Overrides::new(standing.into_iter().map(|kept| kept.by_hand).collect()))
}

fn mail_of(text: &str) -> Result<String, Problem> {
    mail::address(text).ok_or_else(|| Problem::bad_request("`mail` is no address: write one like name@example.org"))
}

/// Leaves a letter in the queue, where an address is known and mail is set up.
#[allow(clippy::too_many_arguments, reason = "one letter")]
async fn invite(
    state: &State,
    tx: &mut Tx,
    who: &SignedIn,
    callback: &Callback,
    occasion: Occasion,
    slot: Slot,
    mail: Option<&str>,
    now: Utc,
) -> Result<(), Problem> {
    let Some(invited) = seat::store::mail::next(tx, &who.tenant, callback.id, mail).await? else { return Ok(()) };
    let letter = Invite {
        callback: callback.id,
        sequence: invited.sequence,
        occasion,
        business: who.tenant.name().to_owned(),
        language: callback.language,
        zone: super::callbacks::zone_of(who),
        slot,
        to: vec![invited.mail],
        number: callback.number.clone(),
    };
    state.app.settings.outbox.invite(tx, &who.tenant, &letter, now).await?;
    Ok(())
}
