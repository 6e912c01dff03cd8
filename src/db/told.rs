//! Changes as they are told, and the last of them for who was away for a moment.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use tokio::sync::broadcast;

use super::Change;

/// How many changes wait for a listener that is slow; beyond it the listener is told that it lagged.
const WAITING_MAX: usize = 1024;
/// How many are remembered for who comes back, of all tenants: some minutes of a busy house.
const REMEMBERED_MAX: usize = 4096;

/// Where a listener is in what one process told: kept by the listener, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which process: drawn at its start.
    of: u64,
    /// The last change that was heard.
    seq: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.of, self.seq)
    }
}

/// A text that is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPlace;

impl FromStr for Place {
    type Err = BadPlace;
    fn from_str(text: &str) -> Result<Place, BadPlace> {
        let (of, seq) = text.split_once('-').filter(|(of, _)| of.len() == 16).ok_or(BadPlace)?;
        let of = u64::from_str_radix(of, 16).map_err(|_| BadPlace)?;
        Ok(Place { of, seq: seq.parse().map_err(|_| BadPlace)? })
    }
}

/// What a listener missed who comes back.
#[derive(Debug)]
pub struct Missed {
    /// In their order; none: it is not known any more what was missed.
    pub changes: Option<Vec<Change>>,
    /// Everything after them.
    pub further: broadcast::Receiver<Change>,
}

/// Tells changes, and remembers the last.
#[derive(Debug)]
pub(super) struct Told {
    of: u64,
    /// Held while one is told: numbers are told in their order, and who comes back misses none in between.
    last: Mutex<Last>,
    sender: broadcast::Sender<Change>,
}

#[derive(Debug, Default)]
struct Last {
    seq: u64,
    changes: VecDeque<Change>,
}

impl Told {
    pub(super) fn new() -> Told {
        Told { of: rand::random(), last: Mutex::default(), sender: broadcast::channel(WAITING_MAX).0 }
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    pub(super) fn tell(&self, change: Change) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.seq += 1;
        let change = Change { seq: last.seq, ..change };
        if last.changes.len() == REMEMBERED_MAX {
            last.changes.pop_front();
        }
        last.changes.push_back(change.clone());
        // No listener is no error.
        let _ = self.sender.send(change);
    }

    pub(super) fn place(&self, seq: u64) -> Place {
        Place { of: self.of, seq }
    }

    pub(super) fn since(&self, place: Place) -> Missed {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let further = self.sender.subscribe();
        let first = last.changes.front().map_or(last.seq + 1, |change| change.seq);
        let known = place.of == self.of && place.seq <= last.seq && place.seq + 1 >= first;
        let missed = || last.changes.iter().filter(|change| change.seq > place.seq).cloned().collect();
        Missed { changes: known.then(missed), further }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Utc;
    use crate::db::{ChangeKind, Noun};
    use crate::ids::TenantId;

    fn tell(told: &Told, id: u64) {
        let tenant = TenantId::new(Utc(0), [1; 10]);
        told.tell(Change { seq: 0, tenant, noun: Noun::Call, id: id.to_string(), kind: ChangeKind::Created });
    }

    #[test]
    fn who_comes_back_hears_what_was_missed_or_that_it_is_unknown() {
        let told = Told::new();
        let missed = |of: &Told, place: Place| of.since(place).changes.map(|all| all.iter().map(|c| c.seq).collect());
        assert_eq!(missed(&told, told.place(0)), Some(Vec::new()));
        for id in 1..=10 {
            tell(&told, id);
        }
        assert_eq!(missed(&told, told.place(7)), Some(vec![8, 9, 10]));
        assert_eq!(missed(&told, told.place(10)), Some(Vec::new()));
        assert_eq!(missed(&told, told.place(11)), None, "from the future");
        assert_eq!(missed(&Told::new(), told.place(7)), None, "of another process");
        for id in 11..=u64::try_from(REMEMBERED_MAX).unwrap() + 5 {
            tell(&told, id);
        }
        assert_eq!(missed(&told, told.place(4)), None, "forgotten");
        assert_eq!(missed(&told, told.place(5)).map(|all: Vec<u64>| all.len()), Some(REMEMBERED_MAX));
    }

    #[test]
    fn places_are_read_as_they_are_written() {
        let place = Place { of: 7, seq: 42 };
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "7", "7-1", "000000000000000g-1", "0000000000000007-", "0000000000000007--1"] {
            assert_eq!(bad.parse::<Place>(), Err(BadPlace), "{bad}");
        }
    }
}
