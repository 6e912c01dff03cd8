//! Which entry a call belongs to.

use crate::callback::{Arrival, Kind, Rules};
use crate::clock::Utc;
use crate::ids::CallbackId;

/// An entry of the caller's party: open, or over since not too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: CallbackId,
    /// What it is about.
    pub matter: Option<String>,
    /// When it was opened.
    pub opened_at: Utc,
    /// When the caller was heard of last.
    pub last_at: Utc,
    /// When it ended; none: it is open.
    pub over_at: Option<Utc>,
    /// It was this very call that ended it.
    pub cancelled_here: bool,
    /// This call is a part of it already.
    pub of_call: bool,
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// Into this entry, which is opened again where it is over.
    Into(CallbackId),
    /// It is a new one.
    New,
    /// There is nothing to keep: a caller who only heard how things stand, or has just cancelled.
    Nothing,
}

/// The rule, in this order: the entry that the caller changes; that of the same call; that of the same matter; one
/// without a matter, or any for a call without one; one that was over a moment ago; a new one, while the party has
/// not too many.
pub fn joins(all: &[Candidate], arrival: &Arrival, rules: &Rules) -> Joins {
    let newest = |fits: &dyn Fn(&&Candidate) -> bool| all.iter().filter(fits).max_by_key(|c| (c.opened_at, c.id));
    let open = |c: &Candidate| c.over_at.is_none();
    let near = |c: &Candidate| open(c) && c.last_at >= arrival.at.before(rules.join);
    let lately = |c: &Candidate| c.over_at.is_some_and(|at| at >= arrival.at.before(rules.reopen));
    let alike = |c: &Candidate| c.matter == arrival.matter;
    let either = |c: &Candidate| c.matter.is_none() || arrival.matter.is_none();

    if let Some(found) = arrival.moves.and_then(|id| newest(&|c| c.id == id && open(c))) {
        return Joins::Into(found.id);
    }
    let here = newest(&|c| c.of_call && open(c) && alike(c)).or_else(|| newest(&|c| c.of_call && open(c) && either(c)));
    let found = here.or_else(|| newest(&|c| near(c) && alike(c) && c.matter.is_some()));
    if let Some(found) = found.or_else(|| newest(&|c| near(c) && either(c))) {
        return Joins::Into(found.id);
    }
    let said_nothing = matches!(arrival.kind, Kind::Missed | Kind::Status);
    if arrival.kind == Kind::Status || (said_nothing && all.iter().any(|c| c.cancelled_here)) {
        return Joins::Nothing;
    }
    let again = newest(&|c| lately(c) && !c.cancelled_here && alike(c))
        .or_else(|| newest(&|c| lately(c) && !c.cancelled_here && either(c)));
    if let Some(found) = again {
        return Joins::Into(found.id);
    }
    let many = all.iter().filter(|c| open(c)).count() >= usize::try_from(rules.open_max).unwrap_or(usize::MAX);
    match newest(&|c| open(c)).filter(|_| many) {
        Some(found) => Joins::Into(found.id),
        None => Joins::New,
    }
}
