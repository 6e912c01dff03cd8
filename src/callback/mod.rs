//! Everything that still needs a human: one entry for each party and matter, with what was promised.
//!
//! * The rules are pure ([`rules`], [`order`], [`figures`]); [`store`] reads the entry under its lock, lets a rule
//!   move it and writes what came of it, with a line of the timeline for each thing that happened.
//! * A lease or a snooze that has run out counts as open everywhere, whether or not somebody has written it down.
//! * An entry keeps the [`Rules`] of its plan, so that moving it needs nothing but its row.

mod asked;
pub mod figures;
pub mod order;
pub mod rules;
mod settings;
pub mod store;
mod words;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::clock::Utc;
use crate::ids::{AttemptId, BadId, CallId, CallbackId, ContactId, Language, MessageId, PersonId, PromiseId};

pub use asked::{Act, Arrival, ByHand, Clocked, Filter, Kind, OpenEntry, Promised, Show, Waiting};
pub use order::{Class, Place, Rank};
pub use rules::Refusal;
pub use settings::Rules;
pub use words::{ArrivalKind, BadWord, EventKind, Outcome, PromiseKind, PromiseState, Reach};

/// Characters of a note.
pub const NOTE_MAX: usize = 2_000;
/// Characters of a name.
pub const NAME_MAX: usize = 120;
/// Bytes of a matter, as steps of plans are named.
pub const MATTER_BYTES_MAX: usize = 128;
/// Open entries that a caller who rings again is told of.
pub const OPEN_OF_MAX: u32 = 10;
/// Nothing is snoozed for longer.
pub const SNOOZE_MAX: Duration = Duration::from_hours(24 * 90);
/// So long a person may take back what they did last.
pub const UNDO_WITHIN: Duration = Duration::from_mins(10);
/// A booked caller is rung at most so much before the start.
pub const EARLY: Duration = Duration::from_mins(5);
/// Lines of a timeline that are read.
pub const TIMELINE_MAX: u32 = 1_000;
/// Rows of each kind that figures are made of.
pub const FIGURES_ROWS_MAX: u32 = 200_000;
/// Steps of [`Rules::retry`].
pub const RETRY_STEPS_MAX: usize = 20;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// A person of the tenant.
    Person(PersonId),
    /// Somebody at the machine.
    Console,
    /// The caller.
    Caller(CallId),
    /// Time passed.
    Clock,
}

/// As rows spell it.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            By::Person(person) => write!(f, "{person}"),
            By::Console => f.write_str("console"),
            By::Caller(call) => write!(f, "call:{call}"),
            By::Clock => f.write_str("clock"),
        }
    }
}

impl FromStr for By {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match (text, text.strip_prefix("call:")) {
            ("console", _) => Ok(By::Console),
            ("clock", _) => Ok(By::Clock),
            (_, Some(call)) => call.parse().map(By::Caller),
            (person, None) => person.parse().map(By::Person),
        }
    }
}

/// A booked time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Name of the plan's calendar.
    pub calendar: String,
    /// When somebody calls.
    pub start: Utc,
    /// First moment after it.
    pub end: Utc,
}

/// Whose an entry is for a while; then it is everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Whose.
    pub to: PersonId,
    /// From then on everybody's.
    pub until: Utc,
}

/// A number that is not to be called without leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Why it needs leave, a code such as `premium`.
    pub why: String,
    /// Who gave it; none: it is not to be called yet.
    pub by: Option<By>,
}

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has it.
    Open,
    /// Somebody is at it; without activity it returns by itself.
    Claimed {
        /// Who.
        by: PersonId,
        /// Until then.
        until: Utc,
    },
    /// They were spoken to, and who did finishes it.
    Reached {
        /// Who.
        by: PersonId,
        /// When.
        at: Utc,
    },
    /// Not before then.
    Snoozed {
        /// Then it is open.
        until: Utc,
    },
    /// Nothing is left to do.
    Over(Over),
}

/// How an entry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// With what; none: it was given up.
    pub outcome: Option<Outcome>,
    /// When.
    pub at: Utc,
    /// Who said so.
    pub by: By,
}

impl State {
    /// As it counts at `now`: what ran out is open.
    #[must_use]
    pub fn at(self, now: Utc) -> State {
        match self {
            State::Claimed { until, .. } | State::Snoozed { until } if until <= now => State::Open,
            state => state,
        }
    }

    /// Whether something is left to do.
    pub fn is_open(self) -> bool {
        !matches!(self, State::Over(_))
    }

    /// As rows and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Claimed { .. } => "claimed",
            State::Reached { .. } => "reached",
            State::Snoozed { .. } => "snoozed",
            State::Over(Over { outcome: Some(_), .. }) => "done",
            State::Over(Over { outcome: None, .. }) => "given_up",
        }
    }

    /// Who has it.
    pub fn holder(self) -> Option<PersonId> {
        match self {
            State::Claimed { by, .. } | State::Reached { by, .. } => Some(by),
            _ => None,
        }
    }
}

/// Somebody to call back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// Whom it is for: `c:CONTACT`, `n:NUMBER`, else `x:CALL`.
    pub party: String,
    /// Who is known by the number.
    pub contact: Option<ContactId>,
    /// The number that called; none: it was withheld, or made by hand.
    pub caller: Option<String>,
    /// The number that the caller typed.
    pub given: Option<String>,
    /// The number to call; none: one is needed.
    pub number: Option<String>,
    /// Where the number needs leave.
    pub leave: Option<Leave>,
    /// How the caller, or somebody by hand, calls them.
    pub name: String,
    /// What it is about; none: the caller chose nothing.
    pub matter: Option<String>,
    /// The step of the plan that made it.
    pub step: Option<String>,
    /// The line that was called.
    pub called: String,
    /// What the caller speaks.
    pub language: Language,
    /// It goes before others.
    pub urgent: bool,
    /// How it stands.
    pub state: State,
    /// Whose it is for a while.
    pub assigned: Option<Assigned>,
    /// The booked time.
    pub slot: Option<Booked>,
    /// When it was made.
    pub created_at: Utc,
    /// When it was opened last: made, or opened again.
    pub opened_at: Utc,
    /// When the caller was heard of last.
    pub last_at: Utc,
    /// Calls.
    pub calls: u32,
    /// Tries to reach them since it was opened.
    pub attempts: u32,
    /// When somebody tried last.
    pub tried_at: Option<Utc>,
    /// The latest moment of the promise that runs.
    pub promised: Option<Utc>,
    /// Since when a promise is broken and nothing newer was booked.
    pub broken: Option<Utc>,
    /// Beyond the limits for strangers: kept, ranked last.
    pub held: bool,
    /// What somebody noted last.
    pub note: String,
    /// Those of the plan when it was made or joined.
    pub rules: Rules,
    /// Raised by each change.
    pub version: i64,
}

impl Callback {
    /// Whether nobody was reached so often that it may be given up.
    pub fn proposed_to_give_up(&self) -> bool {
        self.state.is_open() && self.attempts >= self.rules.tries
    }

    /// Whether it may be called: a number, and leave where one is needed.
    pub fn may_be_called(&self) -> bool {
        self.number.is_some() && self.leave.as_ref().is_none_or(|leave| leave.by.is_some())
    }

    /// Past what was promised or booked.
    pub fn overdue(&self, now: Utc) -> bool {
        self.state.is_open()
            && (self.broken.is_some()
                || self.promised.is_some_and(|at| at <= now)
                || self.slot.as_ref().is_some_and(|slot| slot.end <= now))
    }

    /// Whether `who` may be given it next.
    pub fn due_for(&self, who: PersonId, now: Utc) -> bool {
        self.state.at(now) == State::Open
            && !self.held
            && self.may_be_called()
            && self.slot.as_ref().is_none_or(|slot| slot.start.before(EARLY) <= now)
            && self.assigned.is_none_or(|assigned| assigned.to == who || assigned.until <= now)
    }

    /// Its place in the order.
    pub fn rank(&self) -> Rank {
        Rank::of(self)
    }
}

/// What was told to a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Its id.
    pub id: PromiseId,
    /// Of which entry; none: the call has none yet.
    pub callback: Option<CallbackId>,
    /// In which call.
    pub call: Option<CallId>,
    /// What kind.
    pub kind: PromiseKind,
    /// In words, as told.
    pub words: String,
    /// In which language.
    pub language: Language,
    /// When it was told.
    pub told_at: Utc,
    /// It is kept by then at the latest.
    pub latest_at: Utc,
    /// The start of the booked time.
    pub start: Option<Utc>,
    /// How it stands.
    pub state: PromiseState,
    /// When that was settled.
    pub settled_at: Option<Utc>,
    /// When it was warned of.
    pub warned_at: Option<Utc>,
    /// When somebody rang in time and reached nobody.
    pub tried_at: Option<Utc>,
}

/// One try to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Of which entry.
    pub callback: CallbackId,
    /// When.
    pub at: Utc,
    /// Who; none: somebody at the machine.
    pub person: Option<PersonId>,
    /// What came of it.
    pub result: Reach,
    /// What is to be known of it.
    pub note: String,
    /// The first since the entry was opened.
    pub first: bool,
    /// When the entry had been opened.
    pub opened_at: Utc,
    /// The entry had a booked time.
    pub booked: bool,
    /// It was taken back.
    pub undone: bool,
}

/// A call that an entry is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub call: CallId,
    /// The most that it did.
    pub kind: ArrivalKind,
    /// When.
    pub at: Utc,
    /// What was recorded for it first.
    pub message: Option<MessageId>,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// From 1 on.
    pub seq: u64,
    /// When.
    pub at: Utc,
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub by: By,
    /// More of it.
    pub detail: serde_json::Value,
    /// It can be taken back while nothing else has happened.
    pub undoable: bool,
}

/// An entry with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The entry.
    pub callback: Callback,
    /// Its calls, oldest first.
    pub calls: Vec<Call>,
    /// What was promised, oldest first.
    pub promises: Vec<Promise>,
    /// Tries, oldest first; those that were taken back are left out.
    pub attempts: Vec<Attempt>,
    /// The timeline, oldest first.
    pub events: Vec<Event>,
}
