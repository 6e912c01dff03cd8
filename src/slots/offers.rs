//! Which times a caller is offered.

use jiff::civil::Date;

use super::calendar::{local_date, moment, touch};
use super::{Calendar, Slot, Taken, Wish};
use crate::clock::Utc;
use crate::hours::{ClockTime, Overrides};

/// One slot is offered for each so many free seats.
const SEATS_PER_OFFER: u32 = 4;

/// Times that one caller is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offers {
    /// In the order of time; each is free, and so are all together.
    pub slots: Vec<Slot>,
    /// A free slot starts after the last of them.
    pub later: bool,
}

/// What one caller is offered: at most `most`. Scarce seats are offered one at a time: at most max(1, free seats/4)
/// slots, of all that are free in the calendar, so that many callers at once find what is there.
///
/// A wish for a day and an hour gives those of that day that are nearest to the hour, then the first of the days
/// after it.
pub fn offers(calendar: &Calendar, overrides: &Overrides, taken: &Taken, wish: Wish, most: u8, now: Utc) -> Offers {
    let asked = Asked { calendar, overrides, taken, now };
    let most = asked.fair(most);
    let slots = match wish {
        Wish::Soonest => asked.pick(asked.free(now), most),
        Wish::After(at) => asked.pick(asked.free(at).filter(move |slot| slot.start > at), most),
        Wish::Around { date, time } => asked.around(date, time, most),
    };
    let last = slots.last().map(|slot| slot.start);
    let later = last.is_some_and(|last| asked.free(last).any(|slot| slot.start > last));
    Offers { slots, later }
}

/// One question with all that it is asked about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    calendar: &'a Calendar,
    overrides: &'a Overrides,
    taken: &'a Taken,
    now: Utc,
}

impl<'a> Asked<'a> {
    /// Free slots with their free seats.
    fn seats(self, from: Utc) -> impl Iterator<Item = (Slot, u16)> + use<'a> {
        let all = self.calendar.slots(self.overrides, from, self.now);
        all.map(move |(slot, seats)| (slot, self.calendar.left(self.taken, slot, seats))).filter(|(_, left)| *left > 0)
    }

    fn free(self, from: Utc) -> impl Iterator<Item = Slot> + use<'a> {
        self.seats(from).map(|(slot, _)| slot)
    }

    /// How many are offered. Seats are counted no further than is needed to know.
    fn fair(self, most: u8) -> usize {
        let enough = u32::from(most) * SEATS_PER_OFFER;
        let mut free = 0;
        for (_, seats) in self.seats(self.now) {
            free += u32::from(seats);
            if free >= enough {
                return usize::from(most);
            }
        }
        usize::try_from(free / SEATS_PER_OFFER).unwrap_or(0).clamp(1, usize::from(most.max(1))).min(usize::from(most))
    }

    /// The first of `slots`; of two without the buffer between them, which may be where windows touch, the first.
    fn pick(self, slots: impl Iterator<Item = Slot>, most: usize) -> Vec<Slot> {
        let mut picked: Vec<Slot> = Vec::new();
        if most > 0 {
            for slot in slots {
                if !picked.iter().any(|other| touch(self.calendar, slot, *other)) {
                    picked.push(slot);
                }
                if picked.len() == most {
                    break;
                }
            }
        }
        picked
    }

    fn around(self, date: Date, time: ClockTime, most: usize) -> Vec<Slot> {
        let zone = &self.calendar.zone;
        let (Some(begin), Some(wished)) = (moment(zone, date, 0), moment(zone, date, time.minutes())) else {
            return Vec::new();
        };
        let that_day = |slot: &Slot| local_date(zone, slot.start) == Some(date);
        let mut day: Vec<Slot> = self.free(begin).take_while(that_day).collect();
        day.sort_by_key(|slot| (slot.start.0.abs_diff(wished.0), slot.start));
        let end = date.tomorrow().ok().and_then(|next| moment(zone, next, 0));
        let after = end.into_iter().flat_map(|end| self.free(end));
        let mut picked = self.pick(day.into_iter().chain(after), most);
        picked.sort_unstable();
        picked
    }
}
