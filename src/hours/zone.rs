//! Between the clock on the wall and the moments of the world.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::clock::Utc;

/// Not a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone: write one of the IANA names, like Europe/Berlin")]
pub struct UnknownZone;

/// The time zone of an IANA name, from the data built into the program: the same on every machine.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    TimeZoneDatabase::bundled().get(name).map_err(|_| UnknownZone)
}

/// The first moment at which the clock of `zone` shows `local` or a later time: 02:30 that does not exist is
/// 03:00, and of 02:30 that exists twice it is the first. None beyond the calendar.
pub fn moment(zone: &TimeZone, local: DateTime) -> Option<Utc> {
    Wall(zone).first(local)
}

/// A clock on a wall that is never put back: while the hour after a change comes for the second time, it
/// stands at the end of the first. So what it shows never falls, and opening hours have one meaning.
#[derive(Clone, Copy)]
pub(super) struct Wall<'z>(pub(super) &'z TimeZone);

impl Wall<'_> {
    /// What it shows at `at`; at a moment beyond the calendar, what it shows at its end.
    pub(super) fn shows(self, at: Utc) -> DateTime {
        let at = timestamp(at);
        let offset = self.0.to_offset(at);
        let local = offset.to_datetime(at);
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { before, after } if offset == after => {
                let stands = self.change(at, before).map(|change| before.to_datetime(change));
                stands.and_then(|end| end.checked_sub(SignedDuration::from_millis(1)).ok()).unwrap_or(local)
            }
            _ => local,
        }
    }

    /// The first moment at which it shows `local` or more; none beyond the calendar.
    pub(super) fn first(self, local: DateTime) -> Option<Utc> {
        let moment = match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(local).ok()?
            }
            // Without the change it would have shown it at this moment or earlier.
            AmbiguousOffset::Gap { before, .. } => {
                let at = before.to_timestamp(local).ok()?;
                self.change(at, before).unwrap_or(at)
            }
        };
        Some(Utc(moment.as_millisecond()))
    }

    /// The last change away from the offset `before`, at `at` or earlier.
    fn change(self, at: Timestamp, before: Offset) -> Option<Timestamp> {
        let tick = SignedDuration::from_nanos(1);
        let after = at.checked_add(tick).unwrap_or(at);
        let changes = self.0.preceding(after).map(|change| change.timestamp());
        // A rule may change without changing the offset; two are seen at once only in odd places.
        changes.take(4).find(|change| change.checked_sub(tick).is_ok_and(|just| self.0.to_offset(just) == before))
    }
}

fn timestamp(at: Utc) -> Timestamp {
    let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at.0).unwrap_or(end)
}
