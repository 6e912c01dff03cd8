//! In which order people are called back. An entry's rank is kept in its row, so that the database sorts by it.

use std::fmt;
use std::str::FromStr;

use super::{Callback, State};
use crate::clock::Utc;
use crate::ids::{BadCursor, CallbackId};

/// What goes before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A promise was broken: the oldest first.
    Broken,
    /// By age.
    Urgent,
    /// A booked time: by its start.
    Slot,
    /// A promise runs: by its latest moment.
    Promise,
    /// By age.
    Age,
    /// Beyond the limits for strangers.
    Held,
    /// Nothing is left to do: the newest first.
    Over,
}

impl Class {
    const ALL: [Class; 7] =
        [Class::Broken, Class::Urgent, Class::Slot, Class::Promise, Class::Age, Class::Held, Class::Over];

    /// As rows count it.
    pub fn number(self) -> i64 {
        Class::ALL.iter().zip(0..).find(|(class, _)| **class == self).map_or(0, |(_, number)| number)
    }
}

/// A place in the order: the least is called first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank {
    /// What goes before what.
    pub class: Class,
    /// Within the class.
    pub at: Utc,
    /// Where two are alike.
    pub id: CallbackId,
}

impl Rank {
    /// How often somebody calls is no part of it.
    pub fn of(callback: &Callback) -> Rank {
        let (class, at) = match callback {
            Callback { state: State::Over(over), .. } => (Class::Over, Utc(over.at.0.saturating_neg())),
            Callback { held: true, opened_at, .. } => (Class::Held, *opened_at),
            Callback { broken: Some(since), .. } => (Class::Broken, *since),
            Callback { urgent: true, opened_at, .. } => (Class::Urgent, *opened_at),
            Callback { slot: Some(slot), .. } => (Class::Slot, slot.start),
            Callback { promised: Some(latest), .. } => (Class::Promise, *latest),
            Callback { opened_at, .. } => (Class::Age, *opened_at),
        };
        Rank { class, at, id: callback.id }
    }

    /// Where the page after this entry begins.
    pub fn place(self) -> Place {
        Place(self)
    }
}

/// Where a page of the list ends: the rank of its last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub(super) Rank);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rank { class, at, id } = self.0;
        write!(f, "{}_{}_{id}", class.number(), at.0)
    }
}

impl FromStr for Place {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let mut parts = text.splitn(3, '_');
        let mut part = || parts.next().ok_or(BadCursor);
        let (class, at, id) = (part()?, part()?, part()?);
        let class: usize = class.parse().map_err(|_| BadCursor)?;
        let class = Class::ALL.get(class).copied().ok_or(BadCursor)?;
        let at = at.parse().map(Utc).map_err(|_| BadCursor)?;
        Ok(Place(Rank { class, at, id: id.parse().map_err(|_| BadCursor)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_went() {
        let id = CallbackId::new(Utc(5), [1; 10]);
        for class in Class::ALL {
            let place = Place(Rank { class, at: Utc(-7), id });
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for bad in ["", "1", "9_1_x", "x_1_y", &format!("9_1_{id}"), &format!("1_z_{id}")] {
            assert_eq!(bad.parse::<Place>(), Err(BadCursor), "{bad}");
        }
    }
}
