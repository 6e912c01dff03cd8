//! By when somebody calls back at the latest: what can be kept, and not more.

use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Slot, millis};
use crate::clock::Utc;
use crate::hours::{self, Hours, Overrides};

/// All offsets of time zones are whole quarters of an hour today.
const QUARTER: i64 = 15 * 60 * 1000;
/// No callback takes less.
const EACH_MIN: Duration = Duration::from_secs(60);

/// Who calls back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crew {
    /// So many call at once.
    pub at_once: u16,
    /// What one callback takes.
    pub each: Duration,
}

/// What is to be done besides this callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Open callbacks before this one, without those that have a seat in a slot.
    pub ahead: u32,
    /// Seats that are booked, one entry for each: while one lasts, one fewer calls back.
    pub booked: Vec<Slot>,
}

/// The moment at which the callback after `ahead` others is made at the latest: when the crew had opening time
/// enough for all of them and this one, but not before `within` of opening time. Rounded up to a quarter of an hour
/// where that is within opening time. None where no such moment comes within [`hours::AHEAD_MAX`].
pub fn latest(
    hours: &Hours,
    overrides: &Overrides,
    zone: &TimeZone,
    crew: Crew,
    load: &Workload,
    within: Option<Duration>,
    now: Utc,
) -> Option<Utc> {
    if crew.at_once == 0 {
        return None;
    }
    let rates = Rates::new(crew.at_once, &load.booked, now);
    let mut work = i128::from(millis(crew.each.max(EACH_MIN))) * (i128::from(load.ahead) + 1);
    let mut wait = i128::from(within.map_or(0, millis));
    for open in hours::open_stretches(hours, overrides, zone, now) {
        for (part, at_once) in rates.parts(open) {
            let length = i128::from(part.end.0) - i128::from(part.start.0);
            // How much of this part both need; all of it and more where nobody is free.
            let worked = if work <= 0 { 0 } else { quotient(work, at_once).unwrap_or(length + 1) };
            let needed = worked.max(wait).max(0);
            if needed <= length {
                let by = Utc(part.start.0.saturating_add(i64::try_from(needed).ok()?));
                return Some(rounded(hours, overrides, zone, by));
            }
            work -= length * i128::from(at_once);
            wait -= length;
        }
    }
    None
}

/// The next quarter of an hour, as people promise it; the moment itself where that is after closing.
pub fn rounded(hours: &Hours, overrides: &Overrides, zone: &TimeZone, by: Utc) -> Utc {
    let quarter = Utc(by.0.saturating_add(QUARTER - 1).div_euclid(QUARTER).saturating_mul(QUARTER));
    let before = quarter.before(Duration::from_millis(1));
    if hours::state(hours, overrides, zone, before).open { quarter } else { by }
}

/// `work` shared by so many, rounded up; none where there is nobody.
fn quotient(work: i128, at_once: u16) -> Option<i128> {
    let at_once = i128::from(at_once);
    (at_once > 0).then(|| (work + at_once - 1) / at_once)
}

/// How many are free, from each of these moments on.
struct Rates {
    all: u16,
    /// In the order of time: who is free from then on.
    edges: Vec<(Utc, u16)>,
}

impl Rates {
    fn new(all: u16, booked: &[Slot], now: Utc) -> Rates {
        let lasting = booked.iter().filter(|seat| seat.start < seat.end && seat.end > now);
        let mut changes: Vec<(Utc, i64)> = lasting.flat_map(|seat| [(seat.start, 1), (seat.end, -1)]).collect();
        changes.sort_unstable();
        let mut busy = 0;
        let mut edges: Vec<(Utc, u16)> = Vec::with_capacity(changes.len());
        for (at, change) in changes {
            busy += change;
            let free = i64::from(all).saturating_sub(busy).clamp(0, i64::from(all));
            let free = u16::try_from(free).unwrap_or(0);
            match edges.last_mut() {
                Some(last) if last.0 == at => last.1 = free,
                _ => edges.push((at, free)),
            }
        }
        Rates { all, edges }
    }

    /// A stretch in parts, each with who is free in it.
    fn parts(&self, stretch: Range<Utc>) -> impl Iterator<Item = (Range<Utc>, u16)> + '_ {
        let mut next = self.edges.partition_point(|(at, _)| *at <= stretch.start);
        let mut free = next.checked_sub(1).and_then(|at| self.edges.get(at)).map_or(self.all, |(_, free)| *free);
        let mut start = stretch.start;
        std::iter::from_fn(move || {
            if start >= stretch.end {
                return None;
            }
            let edge = self.edges.get(next).filter(|(at, _)| *at < stretch.end);
            let part = (start..edge.map_or(stretch.end, |(at, _)| *at), free);
            start = part.0.end;
            if let Some((_, from_then)) = edge {
                free = *from_then;
                next += 1;
            }
            Some(part)
        })
    }
}
