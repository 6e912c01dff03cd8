//! Seats that are held or booked, found by time.

use std::time::Duration;

use super::{Slot, millis};

/// Seats that are held or booked, in the order of their starts. They may be of an older grid: what counts is
/// that they share time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    seats: Vec<Slot>,
    /// Of the longest, in milliseconds: no seat that starts earlier than this before a slot reaches into it.
    longest: i64,
}

impl Taken {
    /// One entry for each seat, in any order.
    pub fn new(mut seats: Vec<Slot>) -> Taken {
        seats.sort_unstable();
        let longest = seats.iter().map(|seat| seat.end.0.saturating_sub(seat.start.0)).max().unwrap_or(0);
        Taken { seats, longest: longest.max(0) }
    }

    /// How many of them share time with `slot`, where `buffer` is kept free after each.
    pub fn beside(&self, slot: Slot, buffer: Duration) -> usize {
        let buffer = millis(buffer);
        let end = slot.end.0.saturating_add(buffer);
        let earliest = slot.start.0.saturating_sub(buffer).saturating_sub(self.longest);
        let first = self.seats.partition_point(|seat| seat.start.0 < earliest);
        let near = self.seats.get(first..).unwrap_or_default().iter().take_while(|seat| seat.start.0 < end);
        near.filter(|seat| seat.end.0.saturating_add(buffer) > slot.start.0).count()
    }
}
