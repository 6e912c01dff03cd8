//! How well promises are kept, and how long people wait. A wait that goes on counts as long as it has lasted, never
//! as nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{PromiseState, Reach};
use crate::clock::Utc;

/// A promise whose latest moment lies within the time asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How it stands; one that runs though its time is over counts as broken, or tried.
    pub state: PromiseState,
    /// Its latest moment.
    pub latest_at: Utc,
    /// Somebody rang in time.
    pub tried: bool,
}

/// An entry that was opened within the time asked for, without a booked time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When.
    pub at: Utc,
    /// What it is about.
    pub matter: Option<String>,
    /// The first try: when, and what came of it.
    pub first: Option<(Utc, Reach)>,
    /// Over without a try.
    pub over: bool,
}

/// What figures are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Promises.
    pub promises: Vec<Settled>,
    /// Entries that were opened.
    pub opened: Vec<Opened>,
    /// First tries of entries with a booked time: what came of them.
    pub booked: Vec<Reach>,
    /// Since when each open entry is open.
    pub open_since: Vec<Utc>,
    /// There were more rows than are read.
    pub cut: bool,
}

/// Promises by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    /// Reached in time.
    pub kept: u32,
    /// Rung in time, nobody reached.
    pub tried: u32,
    /// Neither.
    pub broken: u32,
    /// They count neither way.
    pub withdrawn: u32,
    /// They still run.
    pub running: u32,
}

impl Promises {
    /// Percent of those that ended kept, tried or broken; none: none has.
    pub fn percent(&self, of: u32) -> Option<f64> {
        let all = u64::from(self.kept) + u64::from(self.tried) + u64::from(self.broken);
        #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
        (all > 0).then(|| f64::from(of) * 100.0 / all as f64)
    }
}

/// How long people waited for the first try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Somebody tried.
    pub answered: u32,
    /// Nobody has tried yet.
    pub waiting: u32,
    /// Over without a try.
    pub closed: u32,
    /// Half of those who were answered or wait had waited no longer.
    pub median: Option<Wait>,
    /// Nine of ten.
    pub p90: Option<Wait>,
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// Some who wait still count with less than they will have waited: it is at least so long.
    pub at_least: bool,
}

/// Figures of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Promises due then.
    pub promises: Promises,
    /// Entries opened then.
    pub answer: Answer,
    /// By matter; empty: none was chosen.
    pub by_matter: BTreeMap<String, Answer>,
    /// By the local hour in which they were opened.
    pub by_hour: BTreeMap<u8, Answer>,
    /// First tries, and how many reached somebody; booked times too.
    pub first_tries: u32,
    /// Of these.
    pub first_reached: u32,
    /// Open now, by age: see [`AGES`].
    pub open_by_age: [u32; 6],
    /// There were more rows than are read: figures are of a part.
    pub cut: bool,
}

/// Ages below which the groups of [`Figures::open_by_age`] lie; the last group has no end.
pub const AGES: [Duration; 5] = [
    Duration::from_hours(1),
    Duration::from_hours(4),
    Duration::from_hours(24),
    Duration::from_hours(3 * 24),
    Duration::from_hours(7 * 24),
];

/// Figures as of `now`.
///
/// A wait that goes on enters median and p90 with its length so far. Where the figure would be another one if these
/// waits never ended, it is a lower bound (`at_least`): it can only grow.
pub fn figures(facts: &Facts, zone: &TimeZone, now: Utc) -> Figures {
    let mut figures = Figures { cut: facts.cut, ..Figures::default() };
    for promise in &facts.promises {
        let promises = &mut figures.promises;
        let place = match promise.state {
            PromiseState::Kept => &mut promises.kept,
            PromiseState::Tried => &mut promises.tried,
            PromiseState::Broken => &mut promises.broken,
            PromiseState::Withdrawn => &mut promises.withdrawn,
            PromiseState::Open if promise.latest_at > now => &mut promises.running,
            PromiseState::Open if promise.tried => &mut promises.tried,
            PromiseState::Open => &mut promises.broken,
        };
        *place += 1;
    }
    let all: Vec<&Opened> = facts.opened.iter().collect();
    figures.answer = answer(&all, now);
    figures.by_matter = grouped(&all, now, |opened| opened.matter.clone().unwrap_or_default());
    figures.by_hour = grouped(&all, now, |opened| hour(zone, opened.at));
    let first = facts.opened.iter().filter_map(|opened| Some(opened.first?.1)).chain(facts.booked.iter().copied());
    for result in first {
        figures.first_tries += 1;
        figures.first_reached += u32::from(result == Reach::Reached);
    }
    for since in &facts.open_since {
        let age = span(*since, now);
        let group = AGES.iter().position(|limit| age < *limit).unwrap_or(AGES.len());
        if let Some(count) = figures.open_by_age.get_mut(group) {
            *count += 1;
        }
    }
    figures
}

fn grouped<K: Ord>(all: &[&Opened], now: Utc, key: impl Fn(&Opened) -> K) -> BTreeMap<K, Answer> {
    let mut groups: BTreeMap<K, Vec<&Opened>> = BTreeMap::new();
    for opened in all {
        groups.entry(key(opened)).or_default().push(opened);
    }
    groups.into_iter().map(|(key, group)| (key, answer(&group, now))).collect()
}

fn answer(all: &[&Opened], now: Utc) -> Answer {
    let (mut waits, mut over) = (Vec::new(), Vec::new());
    let mut answer = Answer::default();
    for opened in all {
        match opened.first {
            Some((at, _)) => {
                answer.answered += 1;
                over.push(span(opened.at, at));
            }
            None if opened.over => answer.closed += 1,
            None => {
                answer.waiting += 1;
                waits.push(span(opened.at, now));
            }
        }
    }
    waits.extend(&over);
    waits.sort_unstable();
    over.sort_unstable();
    (answer.median, answer.p90) = (quantile(&waits, &over, 50), quantile(&waits, &over, 90));
    answer
}

/// The nearest rank: the least wait such that so many percent of all are not longer. `over`: the waits that are over;
/// were the others endless, the figure would be found among these alone.
fn quantile(all: &[Duration], over: &[Duration], percent: usize) -> Option<Wait> {
    let nth = (all.len() * percent).div_ceil(100).max(1) - 1;
    let time = *all.get(nth)?;
    Some(Wait { time, at_least: over.get(nth) != Some(&time) })
}

fn span(from: Utc, to: Utc) -> Duration {
    Duration::from_millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}

fn hour(zone: &TimeZone, at: Utc) -> u8 {
    let local = jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_zoned(zone.clone()).hour());
    local.ok().and_then(|hour| u8::try_from(hour).ok()).unwrap_or(0)
}
