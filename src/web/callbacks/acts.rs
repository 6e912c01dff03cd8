//! What people do with a callback.

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Known, Nothing, audit, leave_of, moment, number_of, one, zone_of};
use crate::callback::{self, Act, By, Callback, Outcome, Reach, Refusal, State as Stands};
use crate::clock::Utc;
use crate::db::Tx;
use crate::ids::CallbackId;
use crate::opening;
use crate::person;
use crate::seat;
use crate::slots::Slot;
use crate::web::extract::id;
use crate::web::once::{Key, Once, Reply};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::SignedIn;
use crate::web::tag::Seen;
use crate::web::{State, bookings, plan};

use super::told::CallbackBody;

/// One act: its address, what it says, and what it is.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident, $path:literal, $operation:literal, $body:ty, |$given:ident, $asked:ident| $act:expr;)+) => { $(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = "callbacks", request_body = $body,
            params(("id" = String, Path, description = "The callback's id"),
                ("If-Match" = Option<String>, Header, description = "The `ETag` that was seen: refused where somebody else was faster"),
                ("Idempotency-Key" = Option<String>, Header, description = "The same key is done once within 24 hours")),
            responses(
            (status = 200, body = CallbackBody, headers(("ETag" = String, description = "Its version"))),
            (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says what is not good"),
            (status = 401, body = ProblemBody, content_type = "application/problem+json"),
            (status = 404, body = ProblemBody, content_type = "application/problem+json"),
            (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`claimed`, `personal`, `needs_leave`, `over`, `not_over`, `not_yours`, `nothing_to_undo`, `not_held`, `seat_gone`: `detail` says the next step"),
            (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "`changed`"),
            (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`key_of_another_request`"),
        ))]
        pub(in crate::web) async fn $name(
            Of(state): Of<State>,
            who: SignedIn,
            Path(which): Path<String>,
            seen: Seen,
            once: Once<$body>,
        ) -> Result<Reply, Problem> {
            let Once { body: $given, key } = once;
            let $asked = Asked { state: &state, who: &who, which: id(&which)?, seen, key, word: stringify!($name) };
            let act = $act;
            $asked.act(act).await
        }
    )+ };
}

acts! {
    /// Take a callback
    ///
    /// It is yours until the lease ends; taking it again renews that.
    claim, "/api/v1/callbacks/{id}/claim", "callbacks_claim", Nothing, |_given, asked| Do::Act(Act::Claim);
    /// Give a callback back
    release, "/api/v1/callbacks/{id}/release", "callbacks_release", Nothing, |_given, asked| Do::Act(Act::Release);
    /// Note a try to reach them
    attempts, "/api/v1/callbacks/{id}/attempts", "callbacks_attempt", AttemptBody,
        |given, asked| Do::Act(Act::Attempt { result: given.result.into(), note: given.note });
    /// Note something
    notes, "/api/v1/callbacks/{id}/notes", "callbacks_note", NoteBody, |given, asked| Do::Act(Act::Note(given.note));
    /// Put a callback off
    snooze, "/api/v1/callbacks/{id}/snooze", "callbacks_snooze", SnoozeBody,
        |given, asked| Do::Act(Act::Snooze(moment(&given.until)?));
    /// Finish a callback
    done, "/api/v1/callbacks/{id}/done", "callbacks_done", DoneBody,
        |given, asked| Do::Act(Act::Done { outcome: given.outcome.into(), note: given.note });
    /// Give a callback up: nobody is tried any more
    give_up, "/api/v1/callbacks/{id}/give-up", "callbacks_give_up", GiveUpBody,
        |given, asked| Do::Act(Act::GiveUp { note: given.note });
    /// Open a callback again
    reopen, "/api/v1/callbacks/{id}/reopen", "callbacks_reopen", Nothing, |_given, asked| Do::Act(Act::Reopen);
    /// Take back what you did last
    ///
    /// Within ten minutes, while nothing else has happened.
    undo, "/api/v1/callbacks/{id}/undo", "callbacks_undo", Nothing, |_given, asked| Do::Undo;
    /// Give a callback to one person for a while, or to all
    assign, "/api/v1/callbacks/{id}/assign", "callbacks_assign", AssignBody,
        |given, asked| asked.assigned(given.to.as_deref()).await?;
    /// Put a callback before others, or no longer
    urgent, "/api/v1/callbacks/{id}/urgent", "callbacks_urgent", UrgentBody,
        |given, asked| Do::Act(Act::Urgent(given.urgent));
    /// Set the number to call
    number, "/api/v1/callbacks/{id}/number", "callbacks_number", NumberBody,
        |given, asked| asked.number(&given.number).await?;
    /// Let a number be called that needs leave
    allow, "/api/v1/callbacks/{id}/allow", "callbacks_allow", Nothing, |_given, asked| Do::Act(Act::Allow);
    /// Put what was held back among the others
    admit, "/api/v1/callbacks/{id}/admit", "callbacks_admit", Nothing, |_given, asked| Do::Act(Act::Admit);
}

/// A try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAttempt)]
pub(in crate::web) struct AttemptBody {
    result: ReachWord,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallbackReach)]
enum ReachWord {
    /// They were spoken to.
    Reached,
    NoAnswer,
    Busy,
    /// A mailbox answered: that is not reached.
    Mailbox,
    /// It is somebody else's number: another one is needed.
    WrongNumber,
}

impl From<ReachWord> for Reach {
    fn from(word: ReachWord) -> Reach {
        match word {
            ReachWord::Reached => Reach::Reached,
            ReachWord::NoAnswer => Reach::NoAnswer,
            ReachWord::Busy => Reach::Busy,
            ReachWord::Mailbox => Reach::Mailbox,
            ReachWord::WrongNumber => Reach::WrongNumber,
        }
    }
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackNote)]
pub(in crate::web) struct NoteBody {
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
}

/// Until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackSnooze)]
pub(in crate::web) struct SnoozeBody {
    /// RFC 3339; 90 days ahead at most.
    #[schema(format = DateTime)]
    until: String,
}

/// How it ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackDone)]
pub(in crate::web) struct DoneBody {
    outcome: OutcomeWord,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// How a callback was done.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallbackOutcome)]
enum OutcomeWord {
    /// What they wanted is settled.
    Solved,
    /// A time was agreed on.
    Appointment,
    /// Somebody else sees to it.
    Forwarded,
    CancelledByCaller,
    NoNeed,
    Spam,
}

impl From<OutcomeWord> for Outcome {
    fn from(word: OutcomeWord) -> Outcome {
        match word {
            OutcomeWord::Solved => Outcome::Solved,
            OutcomeWord::Appointment => Outcome::Appointment,
            OutcomeWord::Forwarded => Outcome::Forwarded,
            OutcomeWord::CancelledByCaller => Outcome::CancelledByCaller,
            OutcomeWord::NoNeed => Outcome::NoNeed,
            OutcomeWord::Spam => Outcome::Spam,
        }
    }
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackGiveUp)]
pub(in crate::web) struct GiveUpBody {
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// For whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackAssign)]
pub(in crate::web) struct AssignBody {
    /// A person's id; null: for all.
    #[schema(required)]
    to: Option<String>,
}

/// Before others?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackUrgent)]
pub(in crate::web) struct UrgentBody {
    urgent: bool,
}

/// Which number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackNumber)]
pub(in crate::web) struct NumberBody {
    /// In any form.
    number: String,
}

/// What is asked.
enum Do {
    Act(Act),
    Undo,
}

/// One request.
pub(in crate::web) struct Asked<'a> {
    pub(in crate::web) state: &'a State,
    pub(in crate::web) who: &'a SignedIn,
    pub(in crate::web) which: CallbackId,
    pub(in crate::web) seen: Seen,
    pub(in crate::web) key: Key,
    /// For the audit log.
    pub(in crate::web) word: &'static str,
}

impl Asked<'_> {
    async fn act(self, what: Do) -> Result<Reply, Problem> {
        let Asked { state, who, which, .. } = &self;
        let now = state.app.clock.now().utc;
        let followed = plan::followed(state, who).await?;
        let mut tx = state.app.db.write().await?;
        if let Some(reply) = self.key.begin(&mut tx, who, now).await? {
            return Ok(reply);
        }
        let was = one(state, who, *which).await?;
        let expected = self.seen.version(was.version)?;
        let by = By::Person(who.person.id);
        let ends = matches!(&what, Do::Act(Act::Done { .. } | Act::GiveUp { .. }));
        let returns = matches!(was.state, Stands::Over(_)) && matches!(&what, Do::Undo | Do::Act(Act::Reopen));
        if ends || returns {
            // Seats first, as everybody who gives them.
            seat::store::turn(&mut tx, &who.tenant).await?;
        }
        let done = match &what {
            Do::Act(act) => callback::store::act(&mut tx, &who.tenant, *which, by, act, expected, now).await?,
            Do::Undo => callback::store::undo(&mut tx, &who.tenant, *which, by, expected, now).await?,
        };
        let callback = match done {
            Ok(callback) => callback,
            Err(refusal) => return Err(refused(state, who, refusal, now).await),
        };
        if ends {
            seat::store::leave(&mut tx, &who.tenant, *which, None).await?;
        }
        if returns {
            self.sits_again(&mut tx, followed.as_ref(), &callback, now).await?;
        }
        self.finish(tx, callback, now).await
    }

    /// With the entry as it is now.
    pub(in crate::web) async fn finish(self, mut tx: Tx, callback: Callback, now: Utc) -> Result<Reply, Problem> {
        let Asked { state, who, which, .. } = &self;
        audit(&mut tx, who, *which, self.word, now).await?;
        let known = Known::of(state, who, std::slice::from_ref(&callback), now).await?;
        let reply = Reply::new(StatusCode::OK, Some(callback.version), &known.body(callback));
        self.key.finish(tx, who, reply).await
    }

    /// The seat of a booked time that is yet to come was free while the entry was over.
    async fn sits_again(
        &self,
        tx: &mut Tx,
        followed: Option<&crate::plan::Plan>,
        callback: &Callback,
        now: Utc,
    ) -> Result<(), Problem> {
        let Some(booked) = callback.slot.as_ref().filter(|booked| booked.end > now) else { return Ok(()) };
        let Some(calendar) = followed.and_then(|plan| plan.calendar(&booked.calendar)) else { return Ok(()) };
        let overrides = bookings::overrides(self.state, self.who, now).await?;
        let slot = Slot { start: booked.start, end: booked.end };
        let of = seat::Of { name: &booked.calendar, rules: &calendar, overrides: &overrides };
        seat::store::leave(tx, &self.who.tenant, callback.id, None).await?;
        // It was booked in time: how soon it is by now does not count.
        let then = slot.start.before(calendar.lead).min(now);
        if seat::store::take(tx, &self.who.tenant, of, slot, callback.id, then).await? {
            return Ok(());
        }
        let detail = "The booked time was given to somebody else meanwhile. Make a new callback, or book another time.";
        Err(Problem::conflict("seat_gone", "Time gone", detail.to_owned()))
    }

    async fn assigned(&self, to: Option<&str>) -> Result<Do, Problem> {
        let Some(to) = to else { return Ok(Do::Act(Act::Assign(None))) };
        let people = person::store::all(&self.state.app.db, &self.who.tenant).await?;
        let found = people.into_iter().find(|person| person.id.to_string() == to);
        let found = found.ok_or_else(|| Problem::bad_request("there is no such person here"))?;
        Ok(Do::Act(Act::Assign(Some(found.id))))
    }

    async fn number(&self, text: &str) -> Result<Do, Problem> {
        let number = number_of(text)?;
        let followed = plan::followed(self.state, self.who).await?;
        let leave = leave_of(followed.as_ref(), &number);
        Ok(Do::Act(Act::Number { number, leave }))
    }
}

/// Why nothing was changed, with who and until when.
pub(in crate::web) async fn refused(state: &State, who: &SignedIn, refusal: Refusal, now: Utc) -> Problem {
    let known = match Known::of(state, who, &[], now).await {
        Ok(known) => known,
        Err(problem) => return problem,
    };
    let zone = zone_of(who);
    let at = |at: Utc| opening::shown(&zone, at);
    let (code, title, detail) = match refusal {
        Refusal::Gone => return Problem::not_found(),
        Refusal::Changed(_) => return Problem::changed(),
        Refusal::BadTime | Refusal::BadNote | Refusal::NoPerson => return Problem::bad_request(refusal.to_string()),
        Refusal::Claimed { by, until } => {
            let name = known.person(by);
            let detail = match until {
                Some(until) => format!("{name} has it until {}. Take another one, or assign it anew.", at(until)),
                None => format!("{name} has spoken to them and finishes it. Assign it anew to take it over."),
            };
            ("claimed", "Somebody has it", detail)
        }
        Refusal::Personal { to, until } => {
            let detail = format!("It is for {} until {}. Assign it anew to take it.", known.person(to), at(until));
            ("personal", "For somebody else", detail)
        }
        Refusal::NeedsLeave(why) => {
            let detail = format!("The number needs leave ({why}): allow it, or set another number.");
            ("needs_leave", "Number needs leave", detail)
        }
        Refusal::Booked { start, .. } => {
            let detail =
                format!("A callback at {} is booked for this number already. Move it, or cancel it.", at(start));
            ("already_booked", "Booked already", detail)
        }
        Refusal::Over => ("over", "It is over", "Nothing is left to do there. Reopen it first.".to_owned()),
        Refusal::NotOver => ("not_over", "It is open", "It is open: there is nothing to reopen.".to_owned()),
        Refusal::NotYours => ("not_yours", "Not yours", "Nobody has it: there is nothing to give back.".to_owned()),
        Refusal::NotHeld => ("not_held", "Nothing to allow", "Nothing holds it back.".to_owned()),
        Refusal::NothingToUndo => {
            let detail = "There is nothing of yours to take back: something else has happened since, or it was more \
                          than ten minutes ago.";
            ("nothing_to_undo", "Nothing to undo", detail.to_owned())
        }
    };
    Problem::conflict(code, title, detail)
}
