//! Opening hours cut into slots, day by day, and the seats of each.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Calendar, Seats, Slot, Taken, later, millis};
use crate::clock::Utc;
use crate::hours::{self, Hours, Overrides, Window};

/// A shorter slot is none: nobody calls anybody back in it.
const LENGTH_MIN: Duration = Duration::from_secs(60);
const MINUTES_OF_DAY: u16 = 24 * 60;

impl Calendar {
    /// Slots that start at `from` or later with their seats, in the order of time, neither sooner than the lead
    /// time of `now` nor later than its horizon. One without seats is left out. Days are looked at one by one, as
    /// they are asked for.
    pub fn slots<'a>(
        &'a self,
        overrides: &'a Overrides,
        from: Utc,
        now: Utc,
    ) -> impl Iterator<Item = (Slot, u16)> + use<'a> {
        let (first, last) = (from.max(later(now, self.lead)), later(now, self.horizon));
        let starts = local_date(&self.zone, first).filter(|_| self.length >= LENGTH_MIN && first <= last);
        // A window of the evening before may last until then.
        let starts = starts.map(|date| date.yesterday().unwrap_or(date));
        let dates = std::iter::successors(starts, |date| date.tomorrow().ok());
        let begins = move |date: &Date| moment(&self.zone, *date, 0).is_some_and(|begin| begin <= last);
        let days = dates.take_while(begins).flat_map(move |date| Day::of(self, date).seated(overrides));
        days.skip_while(move |(slot, _)| slot.start < first).take_while(move |(slot, _)| slot.start <= last)
    }

    /// Seats of this slot that are free: 0 where it is no slot of this calendar, or closed by hand, too soon, too
    /// late or taken. Seats that are taken count where they share time with it, with the buffer after either.
    pub fn free(&self, overrides: &Overrides, taken: &Taken, slot: Slot, now: Utc) -> u16 {
        let all = self.slots(overrides, slot.start, now);
        let found = all.take_while(|(other, _)| other.start <= slot.start).find(|(other, _)| *other == slot);
        found.map_or(0, |(slot, seats)| self.left(taken, slot, seats))
    }

    /// Of `seats` those that nobody has.
    #[must_use]
    pub fn left(&self, taken: &Taken, slot: Slot, seats: u16) -> u16 {
        seats.saturating_sub(u16::try_from(taken.beside(slot, self.buffer)).unwrap_or(u16::MAX))
    }
}

/// The slots of the windows that start on one day, and when those who work then are at work.
struct Day<'a> {
    calendar: &'a Calendar,
    slots: Vec<Slot>,
    staff: Vec<Vec<Range<Utc>>>,
}

impl<'a> Day<'a> {
    fn of(calendar: &'a Calendar, date: Date) -> Day<'a> {
        let Calendar { hours, zone, .. } = calendar;
        let before = date.yesterday().ok().map(|date| windows(hours, zone, date)).unwrap_or_default();
        // An exception may begin before the evening's window has ended: no time is cut twice.
        let mut free_from = before.iter().map(|window| window.end).max().unwrap_or(Utc(i64::MIN));
        let mut slots = Vec::new();
        for window in windows(hours, zone, date) {
            slots.extend(cut(calendar, window.start.max(free_from)..window.end));
            free_from = free_from.max(window.end);
        }
        let staff = match &calendar.seats {
            Seats::Staff { people, .. } if !slots.is_empty() => {
                people.iter().map(|who| around(who, zone, date)).collect()
            }
            _ => Vec::new(),
        };
        Day { calendar, slots, staff }
    }

    fn seated(mut self, overrides: &'a Overrides) -> impl Iterator<Item = (Slot, u16)> + use<'a> {
        let slots = std::mem::take(&mut self.slots);
        let open = slots.into_iter().filter(|slot| !closed_by_hand(overrides, *slot));
        open.map(move |slot| (slot, self.seats(slot))).filter(|(_, seats)| *seats > 0)
    }

    fn seats(&self, slot: Slot) -> u16 {
        match self.calendar.seats {
            Seats::Fixed(seats) => seats,
            Seats::Staff { each, .. } => {
                let whole = |work: &Range<Utc>| work.start <= slot.start && slot.end <= work.end;
                let there = self.staff.iter().filter(|works| works.iter().any(whole)).count();
                each.saturating_mul(u16::try_from(there).unwrap_or(u16::MAX))
            }
        }
    }
}

/// A stretch cut into slots, from its start on. Their length is of real time: in the night in which the clock is
/// put back there are more of them, each with a start of its own.
fn cut(calendar: &Calendar, stretch: Range<Utc>) -> impl Iterator<Item = Slot> + use<> {
    let (length, buffer) = (calendar.length, calendar.buffer);
    let first = Slot { start: stretch.start, end: later(stretch.start, length) };
    let next = move |slot: &Slot| {
        let start = later(slot.end, buffer);
        Some(Slot { start, end: later(start, length) })
    };
    std::iter::successors(Some(first), next).take_while(move |slot| slot.end <= stretch.end && slot.start < slot.end)
}

/// Whether a moment of it is closed by hand. What is open by hand adds nothing: slots are within hours.
fn closed_by_hand(overrides: &Overrides, slot: Slot) -> bool {
    let near = || overrides.all().iter().filter(|set| set.from() < slot.end && slot.start < set.until());
    if near().all(|set| set.open()) {
        return false;
    }
    let edges = near().flat_map(|set| [set.from(), set.until()]);
    let inside = edges.filter(|edge| slot.start < *edge && *edge < slot.end);
    inside.chain([slot.start]).any(|at| overrides.at(at).is_some_and(|set| !set.open()))
}

/// Windows that start on a day, as moments; in the order of their starts.
fn windows(hours: &Hours, zone: &TimeZone, date: Date) -> Vec<Range<Utc>> {
    let moments = |window: Window| {
        let from = window.from().minutes();
        Some(moment(zone, date, from)?..moment(zone, date, from.saturating_add(window.minutes()))?)
    };
    // Where the clock jumps over all of a window, nothing is left of it.
    hours.day(date).open().filter_map(moments).filter(|window| window.start < window.end).collect()
}

/// When it is open from the day before `date` to the day after, windows that touch joined.
fn around(hours: &Hours, zone: &TimeZone, date: Date) -> Vec<Range<Utc>> {
    let days = [date.yesterday().ok(), Some(date), date.tomorrow().ok()];
    let mut joined: Vec<Range<Utc>> = Vec::new();
    for window in days.into_iter().flatten().flat_map(|date| windows(hours, zone, date)) {
        match joined.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => joined.push(window),
        }
    }
    joined
}

/// The first moment at which the clock shows `minutes` after the midnight with which `date` begins.
pub(super) fn moment(zone: &TimeZone, date: Date, minutes: u16) -> Option<Utc> {
    let mut date = date;
    for _ in 0..minutes / MINUTES_OF_DAY {
        date = date.tomorrow().ok()?;
    }
    let of_day = minutes % MINUTES_OF_DAY;
    let (hour, minute) = (i8::try_from(of_day / 60).ok()?, i8::try_from(of_day % 60).ok()?);
    hours::moment(zone, date.at(hour, minute, 0, 0))
}

/// The day of a moment.
pub(super) fn local_date(zone: &TimeZone, at: Utc) -> Option<Date> {
    let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(zone.to_datetime(at).date())
}

/// Whether less than the buffer is between them.
pub(super) fn touch(calendar: &Calendar, one: Slot, other: Slot) -> bool {
    let buffer = millis(calendar.buffer);
    one.start.0 < other.end.0.saturating_add(buffer) && other.start.0 < one.end.0.saturating_add(buffer)
}
