//! Callbacks as the API tells them.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::zone_of;
use crate::callback::{self, Assigned, Attempt, By, Callback, Event, Promise, State, Whole};
use crate::clock::Utc;
use crate::dial;
use crate::ids::{CallbackId, PersonId};
use crate::person;
use crate::web::contacts;
use crate::web::problem::Problem;
use crate::web::session::{LanguageWord, SignedIn};

/// Somebody to call back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Callback)]
pub(in crate::web) struct CallbackBody {
    id: String,
    /// Raised by each change; `ETag` says it too.
    version: i64,
    /// `open`, `claimed`, `reached`, `snoozed`, `done`, `given_up`; a claim or a snooze that ran out is `open`.
    #[schema(example = "open")]
    state: &'static str,
    /// The end of a claim or a snooze, UTC.
    #[schema(required, format = DateTime)]
    until: Option<String>,
    /// Who has it.
    #[schema(required)]
    holder: Option<WhoBody>,
    /// Whose it is for a while; then it is everybody's.
    #[schema(required)]
    assigned: Option<AssignedBody>,
    /// What the caller said, or somebody by hand; may be empty.
    name: String,
    /// The name of the contact whose number it is.
    #[schema(required)]
    contact: Option<String>,
    #[schema(required)]
    contact_id: Option<String>,
    /// The number to call, E.164; null: one is needed.
    #[schema(required)]
    number: Option<String>,
    /// The number that called; null: it was withheld, or made without a call.
    #[schema(required)]
    caller: Option<String>,
    /// The number is not to be called without leave.
    #[schema(required)]
    leave: Option<LeaveBody>,
    /// What it is about; null: nothing was chosen.
    #[schema(required)]
    matter: Option<String>,
    /// The step of the plan that made it.
    #[schema(required)]
    step: Option<String>,
    /// The line that was called; empty: made without a call.
    line: String,
    language: LanguageWord,
    urgent: bool,
    /// Beyond the limits for strangers: kept, and last in the order until it is admitted.
    held: bool,
    /// What was told last, in its words.
    #[schema(required)]
    promise: Option<String>,
    /// The latest moment of what was promised and runs, UTC.
    #[schema(required, format = DateTime)]
    promised_at: Option<String>,
    /// The booked time.
    #[schema(required)]
    slot: Option<SlotBody>,
    /// Past what was promised or booked.
    overdue: bool,
    /// Since then, UTC; null: it is not overdue.
    #[schema(required, format = DateTime)]
    overdue_since: Option<String>,
    /// `POST /callbacks/next` could give it to you now.
    due: bool,
    /// Calls that came in.
    calls: u32,
    /// The last of them, UTC.
    #[schema(format = DateTime)]
    last_at: String,
    /// Tries since it was opened.
    attempts: u32,
    /// The last of them, UTC.
    #[schema(required, format = DateTime)]
    tried_at: Option<String>,
    /// Nobody was reached so often that it may be given up.
    give_up_proposed: bool,
    /// What somebody noted last; may be empty.
    note: String,
    /// UTC.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was made, or opened again, UTC.
    #[schema(format = DateTime)]
    opened_at: String,
    /// How it ended: `solved`, `appointment`, `forwarded`, `cancelled_by_caller`, `no_need`, `spam`.
    #[schema(required)]
    outcome: Option<&'static str>,
    /// When it ended, UTC.
    #[schema(required, format = DateTime)]
    over_at: Option<String>,
}

/// Who.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallbackWho)]
pub(in crate::web) struct WhoBody {
    /// `person`, `console` (the command line), `caller`, `clock`.
    kind: &'static str,
    /// Of the person, or of the call.
    #[schema(required)]
    id: Option<String>,
    /// Of the person.
    #[schema(required)]
    name: Option<String>,
    /// It is you.
    you: bool,
}

/// Whose it is for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackAssigned)]
struct AssignedBody {
    to: WhoBody,
    /// UTC.
    #[schema(format = DateTime)]
    until: String,
}

/// Why a number needs leave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackLeave)]
struct LeaveBody {
    /// Such as `premium`, `foreign`.
    why: String,
    /// ISO 3166 code, where it is abroad.
    #[schema(required)]
    country: Option<String>,
    /// Who gave it; null: it is not to be called yet.
    #[schema(required)]
    by: Option<WhoBody>,
}

/// A booked time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallbackSlot)]
pub(in crate::web) struct SlotBody {
    calendar: String,
    /// UTC.
    #[schema(format = DateTime)]
    start: String,
    /// UTC.
    #[schema(format = DateTime)]
    end: String,
    /// By a clock at the business.
    #[schema(format = DateTime, example = "2026-11-23T09:30:00+01:00")]
    start_local: String,
}

/// A call that it is made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackCall)]
struct CallBody {
    call_id: String,
    /// `status`, `missed`, `message`, `soon`, `slot`.
    kind: &'static str,
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    /// What was recorded: `GET /messages/{id}`.
    #[schema(required)]
    message_id: Option<String>,
}

/// What was told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackPromise)]
struct PromiseBody {
    id: String,
    /// `slot`, `soon`, `message`.
    kind: &'static str,
    /// As told.
    words: String,
    language: LanguageWord,
    /// UTC.
    #[schema(format = DateTime)]
    told_at: String,
    /// UTC.
    #[schema(format = DateTime)]
    latest_at: String,
    /// `open`, `kept`, `tried`, `broken`, `withdrawn`.
    state: &'static str,
    /// UTC.
    #[schema(required, format = DateTime)]
    settled_at: Option<String>,
    #[schema(required)]
    call_id: Option<String>,
}

/// A try.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackAttempt)]
struct AttemptBody {
    id: String,
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    by: WhoBody,
    /// `reached`, `no_answer`, `busy`, `mailbox`, `wrong_number`.
    result: &'static str,
    note: String,
}

/// A line of the timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackEvent)]
struct EventBody {
    seq: u64,
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    /// `created`, `call`, `claimed`, `attempt`, `promise_told`, …
    kind: &'static str,
    by: WhoBody,
    /// More about it, by kind.
    detail: serde_json::Value,
    /// Whoever did it may take it back for ten minutes, while nothing else happens.
    undoable: bool,
}

/// A callback with all that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackDetail)]
pub(in crate::web) struct WholeBody {
    #[serde(flatten)]
    callback: CallbackBody,
    calls_made: Vec<CallBody>,
    promises: Vec<PromiseBody>,
    tries: Vec<AttemptBody>,
    /// In order; the newest 1,000.
    timeline: Vec<EventBody>,
}

/// What is known besides the rows themselves.
pub(in crate::web) struct Known {
    people: HashMap<PersonId, String>,
    contacts: HashMap<String, String>,
    told: HashMap<CallbackId, String>,
    zone: TimeZone,
    me: PersonId,
    now: Utc,
}

impl Known {
    pub(in crate::web) async fn of(
        state: &crate::web::State,
        who: &SignedIn,
        callbacks: &[Callback],
        now: Utc,
    ) -> Result<Known, Problem> {
        let db = &state.app.db;
        let people = person::store::all(db, &who.tenant).await?;
        let numbers = callbacks.iter().flat_map(|callback| [callback.caller.as_ref(), callback.number.as_ref()]);
        let ids: Vec<CallbackId> = callbacks.iter().map(|callback| callback.id).collect();
        let told = callback::store::told(db, &who.tenant, &ids).await?;
        Ok(Known {
            people: people.into_iter().map(|person| (person.id, person.name)).collect(),
            contacts: contacts::names(state, who, numbers).await?,
            told: told.into_iter().map(|(id, promise)| (id, promise.words)).collect(),
            zone: zone_of(who),
            me: who.person.id,
            now,
        })
    }

    /// What was told a moment ago.
    pub(in crate::web) fn tells(&mut self, callback: CallbackId, words: String) {
        self.told.insert(callback, words);
    }

    pub(in crate::web) fn person(&self, person: PersonId) -> &str {
        self.people.get(&person).map_or("somebody", String::as_str)
    }

    fn who(&self, by: By) -> WhoBody {
        let plain = |kind| WhoBody { kind, id: None, name: None, you: false };
        match by {
            By::Person(person) => WhoBody {
                kind: "person",
                id: Some(person.to_string()),
                name: self.people.get(&person).cloned(),
                you: person == self.me,
            },
            By::Console => plain("console"),
            By::Caller(call) => WhoBody { id: Some(call.to_string()), ..plain("caller") },
            By::Clock => plain("clock"),
        }
    }

    pub(in crate::web) fn body(&self, callback: Callback) -> CallbackBody {
        let state = callback.state.at(self.now);
        let (until, over) = match state {
            State::Claimed { until, .. } | State::Snoozed { until } => (Some(until), None),
            State::Over(over) => (None, Some(over)),
            State::Open | State::Reached { .. } => (None, None),
        };
        let name_of = |number: &Option<String>| number.as_ref().and_then(|number| self.contacts.get(number)).cloned();
        let rfc3339 = |at: Option<Utc>| at.map(Utc::rfc3339);
        let assigned = callback.assigned.filter(|assigned| assigned.until > self.now);
        CallbackBody {
            id: callback.id.to_string(),
            version: callback.version,
            state: state.as_str(),
            until: rfc3339(until),
            holder: state.holder().map(|person| self.who(By::Person(person))),
            assigned: assigned
                .map(|Assigned { to, until }| AssignedBody { to: self.who(By::Person(to)), until: until.rfc3339() }),
            contact: name_of(&callback.caller).or_else(|| name_of(&callback.number)),
            contact_id: callback.contact.map(|contact| contact.to_string()),
            leave: self.leave(&callback),
            promise: self.told.get(&callback.id).cloned(),
            promised_at: rfc3339(callback.promised),
            slot: callback.slot.as_ref().map(|slot| self.slot(slot)),
            overdue: callback.overdue(self.now),
            overdue_since: rfc3339(overdue_since(&callback, self.now)),
            due: callback.due_for(self.me, self.now),
            give_up_proposed: callback.proposed_to_give_up(),
            language: callback.language.into(),
            line: callback.called,
            name: callback.name,
            number: callback.number,
            caller: callback.caller,
            matter: callback.matter,
            step: callback.step,
            urgent: callback.urgent,
            held: callback.held,
            calls: callback.calls,
            last_at: callback.last_at.rfc3339(),
            attempts: callback.attempts,
            tried_at: rfc3339(callback.tried_at),
            note: callback.note,
            created_at: callback.created_at.rfc3339(),
            opened_at: callback.opened_at.rfc3339(),
            outcome: over.and_then(|over| over.outcome).map(callback::Outcome::as_str),
            over_at: rfc3339(over.map(|over| over.at)),
        }
    }

    fn leave(&self, callback: &Callback) -> Option<LeaveBody> {
        let leave = callback.leave.as_ref()?;
        let kind = callback.number.as_deref().map(|number| dial::kind("", number));
        let country = (leave.why == "foreign").then(|| kind.and_then(dial::Kind::country)).flatten();
        Some(LeaveBody {
            why: leave.why.clone(),
            country: country.map(|country| country.to_string()),
            by: leave.by.map(|by| self.who(by)),
        })
    }

    pub(in crate::web) fn slot(&self, slot: &callback::Booked) -> SlotBody {
        SlotBody {
            calendar: slot.calendar.clone(),
            start: slot.start.rfc3339(),
            end: slot.end.rfc3339(),
            start_local: local(slot.start, &self.zone),
        }
    }

    pub(in crate::web) fn whole(&self, whole: Whole) -> WholeBody {
        let Whole { callback, calls, promises, attempts, events } = whole;
        let call = |call: callback::Call| CallBody {
            call_id: call.call.to_string(),
            kind: call.kind.as_str(),
            at: call.at.rfc3339(),
            message_id: call.message.map(|message| message.to_string()),
        };
        WholeBody {
            callback: self.body(callback),
            calls_made: calls.into_iter().map(call).collect(),
            promises: promises.into_iter().map(promise).collect(),
            tries: attempts.into_iter().map(|attempt| self.attempt(attempt)).collect(),
            timeline: events.into_iter().map(|event| self.event(event)).collect(),
        }
    }

    fn attempt(&self, attempt: Attempt) -> AttemptBody {
        AttemptBody {
            id: attempt.id.to_string(),
            at: attempt.at.rfc3339(),
            by: self.who(attempt.person.map_or(By::Console, By::Person)),
            result: attempt.result.as_str(),
            note: attempt.note,
        }
    }

    fn event(&self, event: Event) -> EventBody {
        EventBody {
            seq: event.seq,
            at: event.at.rfc3339(),
            kind: event.kind.as_str(),
            by: self.who(event.by),
            detail: event.detail,
            undoable: event.undoable,
        }
    }
}

fn promise(promise: Promise) -> PromiseBody {
    PromiseBody {
        id: promise.id.to_string(),
        kind: promise.kind.as_str(),
        words: promise.words,
        language: promise.language.into(),
        told_at: promise.told_at.rfc3339(),
        latest_at: promise.latest_at.rfc3339(),
        state: promise.state.as_str(),
        settled_at: promise.settled_at.map(Utc::rfc3339),
        call_id: promise.call.map(|call| call.to_string()),
    }
}

/// Since when what was told is not true any more.
fn overdue_since(callback: &Callback, now: Utc) -> Option<Utc> {
    let over = [callback.broken, callback.promised, callback.slot.as_ref().map(|slot| slot.end)];
    let since = over.into_iter().flatten().filter(|at| *at <= now).min();
    since.filter(|_| callback.overdue(now))
}

/// By a clock there.
pub(in crate::web) fn local(at: Utc, zone: &TimeZone) -> String {
    let Ok(at) = jiff::Timestamp::from_millisecond(at.0) else { return String::new() };
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A moment in RFC 3339 with an offset.
pub(in crate::web) fn moment(text: &str) -> Result<Utc, Problem> {
    let bad = || Problem::bad_request(format!("{:.40?} is no time: write one like 2026-11-23T09:30:00+01:00", text));
    text.parse::<jiff::Timestamp>().map(|at| Utc(at.as_millisecond())).map_err(|_| bad())
}
