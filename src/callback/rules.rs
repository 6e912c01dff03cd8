//! What may become of an entry. Each rule consumes the [`Entry`] and gives it back as it is then, with what happened.
//!
//! A promise is settled by what was tried: reached by its latest moment, it is kept (a booked time: not earlier than
//! [`EARLY`] before its start); rung in time without reaching anybody, it is tried once its time is over; else it is
//! broken then. Done without a call that reached them, a promise that still ran counts neither way; given up, it does.

mod joins;
mod undo;

use serde_json::{Value, json};

use super::{Act, Arrival, Assigned, Attempt, Booked, By, Callback, EARLY, EventKind, Kind, Leave, NOTE_MAX, Outcome};
use super::{Over, Promise, PromiseKind, PromiseState, Reach, Rules, SNOOZE_MAX, State, UNDO_WITHIN};
use crate::clock::Utc;
use crate::ids::{AttemptId, CallId, CallbackId, PersonId};

pub use joins::{Candidate, Joins, joins};
pub use undo::Before;

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The tenant has no such entry.
    #[error("there is no such callback")]
    Gone,
    /// It was changed since it was read.
    #[error("it was changed meanwhile (version {0} now): read it again")]
    Changed(i64),
    /// Another person has it.
    #[error("{by} has it: it returns by itself, or is assigned anew")]
    Claimed {
        /// Who.
        by: PersonId,
        /// When the claim ends by itself; none: they spoke to the caller.
        until: Option<Utc>,
    },
    /// It is another person's for a while.
    #[error("it is {to}'s for now: it falls to all by itself, or is assigned anew")]
    Personal {
        /// Whose.
        to: PersonId,
        /// Until then.
        until: Utc,
    },
    /// The number is not to be called without leave.
    #[error("the number ({0}) needs leave: allow it, or set another")]
    NeedsLeave(String),
    /// Somebody is to be called then about the same already.
    #[error("a time is booked for this number already: move it, or cancel it")]
    Booked {
        /// The entry.
        callback: CallbackId,
        /// When.
        start: Utc,
    },
    /// Nothing is left to do there.
    #[error("it is over: reopen it first")]
    Over,
    /// It cannot be reopened.
    #[error("it is open")]
    NotOver,
    /// Nobody has it, or another person.
    #[error("it is not yours")]
    NotYours,
    /// No person stands behind it.
    #[error("say who does it")]
    NoPerson,
    /// No such time.
    #[error("that time is over, or more than 90 days away")]
    BadTime,
    /// Longer than [`NOTE_MAX`], or empty where one is needed.
    #[error("a note has 1 to {NOTE_MAX} characters")]
    BadNote,
    /// There is nothing to allow or admit.
    #[error("nothing holds it back")]
    NotHeld,
    /// Something else has happened since, or it was too long ago, or somebody else's.
    #[error("there is nothing of yours to take back: something else has happened since, or it was too long ago")]
    NothingToUndo,
}

/// An entry with its promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The entry.
    pub callback: Callback,
    /// All that belong to it.
    pub promises: Vec<Promise>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// When.
    pub at: Utc,
    /// What.
    pub kind: EventKind,
    /// Who.
    pub by: By,
    /// More of it.
    pub detail: Value,
    /// How it was before, where it can be taken back.
    pub before: Option<Before>,
}

/// What a rule gives back.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// As it is now.
    pub entry: Entry,
    /// In its order.
    pub happened: Vec<Happened>,
    /// A try that is to be kept.
    pub attempt: Option<Attempt>,
    /// A booked time that is no longer wanted: its seat is to be freed.
    pub freed: Option<Booked>,
}

/// The last line of a timeline.
#[derive(Clone, Debug)]
pub struct Last {
    /// When.
    pub at: Utc,
    /// What.
    pub kind: EventKind,
    /// Who.
    pub by: By,
    /// How it was before it.
    pub before: Option<Before>,
}

impl Entry {
    /// Time passed: claims that ran out end, promises that are due are settled at their time.
    #[must_use]
    pub fn passed(self, now: Utc) -> Moved {
        let mut moved = Moved { entry: self, happened: Vec::new(), attempt: None, freed: None };
        let state = moved.entry.callback.state;
        if let State::Claimed { by, until } = state
            && state.at(now) == State::Open
        {
            moved.tell(until, EventKind::LeaseEnded, By::Clock, json!({"person": by.to_string()}));
        }
        moved.entry.callback.state = state.at(now);
        moved.settle(|promise| (promise.latest_at <= now).then(|| (untouched(promise), promise.latest_at)), By::Clock);
        moved
    }

    /// As [`Entry::passed`]; what breaks soon is warned of.
    #[must_use]
    pub fn clocked(self, now: Utc) -> Moved {
        let mut moved = self.passed(now);
        let warn = moved.entry.callback.rules.warn;
        let mut told = Vec::new();
        for promise in &mut moved.entry.promises {
            if promise.state == PromiseState::Open
                && promise.warned_at.is_none()
                && promise.latest_at.before(warn) <= now
            {
                promise.warned_at = Some(now);
                told.push(promise_told(promise));
            }
        }
        for detail in told {
            moved.tell(now, EventKind::PromiseWarned, By::Clock, detail);
        }
        moved
    }

    /// What somebody does.
    pub fn act(self, act: &Act, by: By, attempt: AttemptId, now: Utc) -> Result<Moved, Refusal> {
        let moved = self.passed(now);
        let mut before = Before::of(&moved.entry);
        let happened = moved.happened.len();
        let mut moved = match act {
            Act::Claim => moved.claim(by, now),
            Act::Release => moved.release(by, now),
            Act::Attempt { result, note } => moved.attempt(by, *result, note, attempt, now),
            Act::Note(note) => moved.note(by, note, now),
            Act::Snooze(until) => moved.snooze(by, *until, now),
            Act::Done { outcome, note } => moved.finish(by, Some(*outcome), note, now),
            Act::GiveUp { note } => moved.finish(by, None, note, now),
            Act::Reopen => moved.reopen(by, now),
            Act::Assign(to) => moved.assign(by, *to, now),
            Act::Urgent(urgent) => moved.urgent(by, *urgent, now),
            Act::Number { number, leave } => moved.number(by, number, leave.as_deref(), now),
            Act::Allow => moved.allow(by, now),
            Act::Admit => moved.admit(by, now),
        }?;
        before.attempt = moved.attempt.as_ref().map(|attempt| attempt.id);
        if let Some(last) = moved.happened.get_mut(happened..).and_then(<[Happened]>::last_mut) {
            last.before = Some(before);
        }
        let callback = &mut moved.entry.callback;
        if let (State::Claimed { by: holder, .. }, By::Person(person)) = (callback.state, by)
            && holder == person
        {
            callback.state = State::Claimed { by: holder, until: after(now, callback.rules.lease) };
        }
        Ok(moved.done())
    }

    /// Takes back what `by` did last.
    pub fn undo(self, last: &Last, by: By, now: Utc) -> Result<Moved, Refusal> {
        let before = last.before.as_ref().filter(|_| last.by == by && last.at >= now.before(UNDO_WITHIN));
        let before = before.ok_or(Refusal::NothingToUndo)?;
        let mut moved = before.restore(self)?.passed(now);
        let undone = Happened {
            at: now,
            kind: EventKind::Undone,
            by,
            detail: json!({"what": last.kind.as_str()}),
            before: None,
        };
        moved.happened.insert(0, undone);
        Ok(moved.done())
    }

    /// A further call. `counted`: it is the first that is heard of this call.
    #[must_use]
    pub fn joined(self, arrival: &Arrival, rules: &Rules, counted: bool) -> Moved {
        let mut moved = self.passed(arrival.at);
        let by = By::Caller(arrival.call);
        if let State::Over(over) = moved.entry.callback.state {
            moved.entry.callback.open_again(arrival.at);
            moved.entry.callback.urgent = false;
            let was = over.outcome.map_or("given_up", Outcome::as_str);
            moved.tell(arrival.at, EventKind::Reopened, by, json!({"was": was}));
        }
        let callback = &mut moved.entry.callback;
        // Who rings is there to be reached: whatever it waits for has come. Its rank is as it was.
        if matches!(callback.state, State::Snoozed { .. }) && arrival.kind != Kind::Status {
            callback.state = State::Open;
        }
        callback.rules = rules.clone();
        callback.last_at = callback.last_at.max(arrival.at);
        callback.calls = callback.calls.saturating_add(u32::from(counted));
        callback.urgent |= arrival.urgent;
        if callback.matter.is_none() && arrival.matter.is_some() {
            callback.matter = arrival.matter.clone();
            callback.step = arrival.step.clone();
        }
        if callback.name.is_empty() {
            callback.name.clone_from(&arrival.caller_name);
        }
        callback.number_of(arrival);
        let detail = json!({"call": arrival.call.to_string(), "kind": arrival.kind.word().as_str()});
        moved.tell(arrival.at, EventKind::Call, by, detail);
        moved.booked(arrival, by);
        moved.done()
    }

    /// A time is booked, or another one, by who speaks for the caller without a call.
    pub fn books(self, slot: &Booked, by: By, now: Utc) -> Result<Moved, Refusal> {
        let mut moved = self.passed(now);
        if !moved.entry.callback.state.is_open() {
            return Err(Refusal::Over);
        }
        moved.takes(slot, by, now);
        Ok(moved.done())
    }

    /// A promise was told. One that ran is withdrawn, unless it is that of a booked time which stands.
    #[must_use]
    pub fn promised(self, promise: Promise) -> Moved {
        let by = promise.call.map_or(By::Console, By::Caller);
        self.promised_by(promise, by)
    }

    /// The same by whom.
    #[must_use]
    pub fn promised_by(self, promise: Promise, by: By) -> Moved {
        let mut moved = self.passed(promise.told_at);
        let slot_stands = moved.entry.callback.slot.is_some() && promise.kind != PromiseKind::Slot;
        let replaced = |old: &Promise| {
            let stays = slot_stands && old.kind == PromiseKind::Slot;
            (!stays).then_some((PromiseState::Withdrawn, promise.told_at))
        };
        moved.settle(replaced, by);
        moved.tell(promise.told_at, EventKind::PromiseTold, by, promise_told(&promise));
        moved.entry.promises.push(promise);
        moved.done()
    }

    /// The caller wants no call any more.
    pub fn cancelled(self, call: CallId, now: Utc) -> Result<Moved, Refusal> {
        let mut moved = self.passed(now).finish(By::Caller(call), Some(Outcome::CancelledByCaller), "", now)?;
        moved.freed = moved.entry.callback.slot.take();
        Ok(moved.done())
    }
}

impl Moved {
    /// An entry that has just been made.
    #[must_use]
    pub fn made(callback: Callback, by: By, detail: Value) -> Moved {
        let at = callback.created_at;
        let entry = Entry { callback, promises: Vec::new() };
        let mut moved = Moved { entry, happened: Vec::new(), attempt: None, freed: None };
        moved.tell(at, EventKind::Created, by, detail);
        moved
    }

    /// And a promise was told.
    #[must_use]
    pub fn and_promised(self, promise: Promise, by: By) -> Moved {
        let Moved { entry, happened, attempt, freed } = self;
        let told = entry.promised_by(promise, by);
        Moved { happened: happened.into_iter().chain(told.happened).collect(), attempt, freed, ..told }
    }

    /// The call books a time, or another one.
    pub(super) fn booked(&mut self, arrival: &Arrival, by: By) {
        match &arrival.kind {
            Kind::Booked(slot) => self.takes(slot, by, arrival.at),
            // As soon as possible instead of then.
            Kind::Soon if arrival.moves == Some(self.entry.callback.id) => {
                self.freed = self.entry.callback.slot.take().or(self.freed.take());
            }
            _ => {}
        }
    }

    /// This time is booked in the place of any other.
    pub(super) fn takes(&mut self, slot: &Booked, by: By, at: Utc) {
        let callback = &mut self.entry.callback;
        let old = callback.slot.replace(slot.clone());
        callback.broken = None;
        if matches!(callback.state, State::Snoozed { .. }) {
            callback.state = State::Open;
        }
        let kind = if old.is_some() { EventKind::Moved } else { EventKind::Booked };
        if old.as_ref() != Some(slot) {
            self.freed = old.or(self.freed.take());
            let detail = json!({"calendar": slot.calendar, "start": slot.start.rfc3339(), "end": slot.end.rfc3339()});
            self.tell(at, kind, by, detail);
        }
    }

    fn claim(mut self, by: By, now: Utc) -> Result<Moved, Refusal> {
        let person = by.person()?;
        let callback = &mut self.entry.callback;
        callback.free_for(by)?;
        if let Some(Assigned { to, until }) = callback.assigned.filter(|a| a.to != person && a.until > now) {
            return Err(Refusal::Personal { to, until });
        }
        if let Some(leave) = callback.leave.as_ref().filter(|leave| leave.by.is_none()) {
            return Err(Refusal::NeedsLeave(leave.why.clone()));
        }
        if callback.state.holder().is_none() {
            callback.state = State::Claimed { by: person, until: after(now, callback.rules.lease) };
            self.tell(now, EventKind::Claimed, by, Value::Null);
        }
        Ok(self)
    }

    fn release(mut self, by: By, now: Utc) -> Result<Moved, Refusal> {
        self.entry.callback.free_for(by)?;
        self.entry.callback.state.holder().ok_or(Refusal::NotYours)?;
        self.entry.callback.state = State::Open;
        self.tell(now, EventKind::Released, by, Value::Null);
        Ok(self)
    }

    fn attempt(mut self, by: By, result: Reach, note: &str, id: AttemptId, now: Utc) -> Result<Moved, Refusal> {
        let person = by.person()?;
        let note = noted(note)?;
        let callback = &mut self.entry.callback;
        callback.free_for(by)?;
        let (rung, first) = (callback.number.clone(), callback.attempts == 0);
        callback.attempts = callback.attempts.saturating_add(1);
        callback.tried_at = Some(now);
        callback.state = match result {
            Reach::Reached => State::Reached { by: person, at: now },
            Reach::WrongNumber => State::Open,
            Reach::NoAnswer | Reach::Busy | Reach::Mailbox => {
                State::Snoozed { until: again(&callback.rules, callback.attempts, now) }
            }
        };
        match result {
            Reach::Reached => callback.broken = None,
            Reach::WrongNumber => (callback.number, callback.leave) = (None, None),
            _ => {}
        }
        if !note.is_empty() {
            callback.note.clone_from(&note);
        }
        self.attempt = Some(Attempt {
            id,
            callback: callback.id,
            at: now,
            person: Some(person),
            result,
            note: note.clone(),
            first,
            opened_at: callback.opened_at,
            booked: callback.slot.is_some(),
            undone: false,
        });
        let again = match callback.state {
            State::Snoozed { until } => Some(until.rfc3339()),
            _ => None,
        };
        self.rung(result, by, now);
        let detail = json!({"result": result.as_str(), "number": rung, "note": note, "again_at": again});
        self.tell(now, EventKind::Attempt, by, detail);
        Ok(self)
    }

    /// What a try does to promises: a booked caller who is rung long before the time still has the promise.
    fn rung(&mut self, result: Reach, by: By, now: Utc) {
        let in_time = |promise: &Promise| promise.start.is_none_or(|start| start.before(EARLY) <= now);
        if result == Reach::Reached {
            return self.settle(|promise| in_time(promise).then_some((PromiseState::Kept, now)), by);
        }
        for promise in &mut self.entry.promises {
            if promise.state == PromiseState::Open && in_time(promise) {
                promise.tried_at = promise.tried_at.or(Some(now));
            }
        }
    }

    fn note(mut self, by: By, note: &str, now: Utc) -> Result<Moved, Refusal> {
        let note = noted(note)?;
        if note.is_empty() {
            return Err(Refusal::BadNote);
        }
        self.entry.callback.note.clone_from(&note);
        self.tell(now, EventKind::Note, by, json!({"note": note}));
        Ok(self)
    }

    fn snooze(mut self, by: By, until: Utc, now: Utc) -> Result<Moved, Refusal> {
        self.entry.callback.free_for(by)?;
        if until <= now || until > after(now, SNOOZE_MAX) {
            return Err(Refusal::BadTime);
        }
        self.entry.callback.state = State::Snoozed { until };
        self.tell(now, EventKind::Snoozed, by, json!({"until": until.rfc3339()}));
        Ok(self)
    }

    /// Done with an outcome, or given up without one.
    fn finish(mut self, by: By, outcome: Option<Outcome>, note: &str, now: Utc) -> Result<Moved, Refusal> {
        let note = noted(note)?;
        let callback = &mut self.entry.callback;
        match by {
            // A caller may always say no.
            By::Caller(_) if callback.state.is_open() => {}
            _ => callback.free_for(by)?,
        }
        callback.state = State::Over(Over { outcome, at: now, by });
        if !note.is_empty() {
            callback.note.clone_from(&note);
        }
        let settled = |promise: &Promise| match (outcome, promise.tried_at) {
            (Some(Outcome::CancelledByCaller), _) | (Some(_), None) => PromiseState::Withdrawn,
            (_, Some(_)) => PromiseState::Tried,
            (None, None) => PromiseState::Broken,
        };
        self.settle(|promise| Some((settled(promise), now)), by);
        let kind = if outcome.is_some() { EventKind::Done } else { EventKind::GivenUp };
        self.tell(now, kind, by, json!({"outcome": outcome.map(Outcome::as_str), "note": note}));
        Ok(self)
    }

    fn reopen(mut self, by: By, now: Utc) -> Result<Moved, Refusal> {
        if self.entry.callback.state.is_open() {
            return Err(Refusal::NotOver);
        }
        self.entry.callback.open_again(now);
        self.tell(now, EventKind::Reopened, by, Value::Null);
        Ok(self)
    }

    fn assign(mut self, by: By, to: Option<PersonId>, now: Utc) -> Result<Moved, Refusal> {
        let callback = &mut self.entry.callback;
        if !callback.state.is_open() {
            return Err(Refusal::Over);
        }
        callback.assigned = to.map(|to| Assigned { to, until: after(now, callback.rules.personal) });
        // Whoever had it has it no longer: this is how it is taken from somebody.
        if callback.state.holder().is_some_and(|holder| Some(holder) != to) {
            callback.state = State::Open;
        }
        self.tell(now, EventKind::Assigned, by, json!({"to": to.map(|to| to.to_string())}));
        Ok(self)
    }

    fn urgent(mut self, by: By, urgent: bool, now: Utc) -> Result<Moved, Refusal> {
        self.entry.callback.urgent = urgent;
        self.tell(now, EventKind::Urgent, by, json!({"urgent": urgent}));
        Ok(self)
    }

    fn number(mut self, by: By, number: &str, leave: Option<&str>, now: Utc) -> Result<Moved, Refusal> {
        let callback = &mut self.entry.callback;
        if !callback.state.is_open() {
            return Err(Refusal::Over);
        }
        let old = callback.number.replace(number.to_owned());
        callback.leave = leave.map(|why| Leave { why: why.to_owned(), by: None });
        self.tell(now, EventKind::Number, by, json!({"number": number, "old": old, "leave": leave}));
        Ok(self)
    }

    fn allow(mut self, by: By, now: Utc) -> Result<Moved, Refusal> {
        let leave = self.entry.callback.leave.as_mut().filter(|leave| leave.by.is_none()).ok_or(Refusal::NotHeld)?;
        leave.by = Some(by);
        let why = leave.why.clone();
        self.tell(now, EventKind::Allowed, by, json!({"why": why}));
        Ok(self)
    }

    fn admit(mut self, by: By, now: Utc) -> Result<Moved, Refusal> {
        if !std::mem::take(&mut self.entry.callback.held) {
            return Err(Refusal::NotHeld);
        }
        self.tell(now, EventKind::Admitted, by, Value::Null);
        Ok(self)
    }

    /// Ends promises that run, as `how` says.
    fn settle(&mut self, how: impl Fn(&Promise) -> Option<(PromiseState, Utc)>, by: By) {
        for at in 0..self.entry.promises.len() {
            let Some(promise) = self.entry.promises.get_mut(at).filter(|p| p.state == PromiseState::Open) else {
                continue;
            };
            let Some((state, settled_at)) = how(promise) else { continue };
            (promise.state, promise.settled_at) = (state, Some(settled_at));
            let kind = match state {
                PromiseState::Kept => EventKind::PromiseKept,
                PromiseState::Tried => EventKind::PromiseTried,
                PromiseState::Broken => EventKind::PromiseBroken,
                PromiseState::Withdrawn | PromiseState::Open => EventKind::PromiseWithdrawn,
            };
            let detail = promise_told(promise);
            if state == PromiseState::Broken && self.entry.callback.state.is_open() {
                let first = self.entry.callback.broken.unwrap_or(settled_at);
                self.entry.callback.broken = Some(first.min(settled_at));
            }
            self.tell(settled_at, kind, by, detail);
        }
    }

    fn tell(&mut self, at: Utc, kind: EventKind, by: By, detail: Value) {
        self.happened.push(Happened { at, kind, by, detail, before: None });
    }

    /// What the row says of its promises.
    fn done(mut self) -> Moved {
        let open = self.entry.promises.iter().filter(|promise| promise.state == PromiseState::Open);
        self.entry.callback.promised = open.map(|promise| promise.latest_at).min();
        self
    }
}

impl Callback {
    /// Open, and nobody else has it. The machine's owner may do what the holder may.
    fn free_for(&self, by: By) -> Result<(), Refusal> {
        match (self.state, by) {
            (State::Over(_), _) => Err(Refusal::Over),
            (_, By::Console) => Ok(()),
            (State::Claimed { by: holder, until }, _) if by != By::Person(holder) => {
                Err(Refusal::Claimed { by: holder, until: Some(until) })
            }
            (State::Reached { by: holder, .. }, _) if by != By::Person(holder) => {
                Err(Refusal::Claimed { by: holder, until: None })
            }
            _ => Ok(()),
        }
    }

    /// As if it were new. A booked time that is yet to come still has its seat.
    fn open_again(&mut self, now: Utc) {
        (self.state, self.opened_at, self.attempts) = (State::Open, now, 0);
        (self.assigned, self.broken) = (None, None);
        self.slot = self.slot.take().filter(|slot| slot.end > now);
    }

    /// The number that the caller wants to be called at, where it says something new.
    pub(super) fn number_of(&mut self, arrival: &Arrival) {
        let own = self.given.is_none() && self.number == self.caller;
        let new = match (&arrival.given, &arrival.caller) {
            (Some(given), _) => Some(given),
            (None, Some(caller)) if self.number.is_none() || (own && self.caller.as_ref() != Some(caller)) => {
                Some(caller)
            }
            _ => None,
        };
        if let Some(number) = new.filter(|number| self.number.as_ref() != Some(number)) {
            self.number = Some(number.clone());
            self.leave = arrival.leave.as_ref().map(|why| Leave { why: why.clone(), by: None });
        }
        self.given = arrival.given.clone().or(self.given.take());
        self.caller = arrival.caller.clone().or(self.caller.take());
    }
}

impl By {
    fn person(self) -> Result<PersonId, Refusal> {
        match self {
            By::Person(person) => Ok(person),
            _ => Err(Refusal::NoPerson),
        }
    }
}

/// When to try again after so many tries.
pub fn again(rules: &Rules, attempts: u32, now: Utc) -> Utc {
    let nth = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = rules.retry.get(nth).or(rules.retry.last()).copied().unwrap_or(rules.lease);
    after(now, wait)
}

/// How a promise ends whose time is over.
fn untouched(promise: &Promise) -> PromiseState {
    if promise.tried_at.is_some() { PromiseState::Tried } else { PromiseState::Broken }
}

fn promise_told(promise: &Promise) -> Value {
    json!({
        "promise": promise.id.to_string(), "kind": promise.kind.as_str(), "latest_at": promise.latest_at.rfc3339(),
        "words": promise.words,
    })
}

/// A note in its form.
pub(super) fn noted(text: &str) -> Result<String, Refusal> {
    let note: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    let note = note.trim().to_owned();
    if note.chars().count() > NOTE_MAX { Err(Refusal::BadNote) } else { Ok(note) }
}

pub(super) fn after(at: Utc, by: std::time::Duration) -> Utc {
    Utc(at.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}
