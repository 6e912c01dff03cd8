//! Between the clock on the wall and the moments of the world.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Not a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone: write one of the IANA names, like Europe/Berlin")]
pub struct UnknownZone;

/// The time zone of an IANA name, from the data built into the program: the same on every machine.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    TimeZoneDatabase::bundled().get(name).map_err(|_| UnknownZone)
}
