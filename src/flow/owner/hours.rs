//! Open and closed by hand, by telephone.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::{Ask, Asked};
use crate::clock::{Now, Utc};
use crate::flow::route::{self, local};
use crate::flow::typed::Day;
use crate::flow::walk::State;
use crate::flow::{Flow, Say};
use crate::hours::{self, Override, Overrides, Why};
use crate::ids::Language;
use crate::plan::StepId;
use crate::speech::{self, End, Values};

/// Who set it, as rows and timelines say.
pub const AUTHOR: &str = "telephone";
/// Days in which the next opening is looked for: an override may be as long.
const DAYS_MAX: usize = 399;

impl Flow {
    /// How it is just now: "Zurzeit geschlossen, bis Montag, acht Uhr."
    pub(super) fn state_told(&self, now: Now) -> Option<Say> {
        let state = route::state(&self.setting, now.utc);
        self.told((state.is_none_or(|state| state.open), state.and_then(|state| state.until)), true, now)
    }

    /// What is to be: "Geschlossen bis Donnerstag, den siebten Januar, acht Uhr."
    pub(super) fn hours_told(&self, open: bool, until: Option<Utc>, now: Now) -> Option<Say> {
        self.told((open, until), false, now)
    }

    fn told(&self, (open, until): (bool, Option<Utc>), is: bool, now: Now) -> Option<Say> {
        // The English ones are joined from what is recorded.
        let begin = match (self.language, open, is) {
            (Language::De, true, true) => "Zurzeit geöffnet",
            (Language::De, false, true) => "Zurzeit geschlossen",
            (Language::De, true, false) => "Geöffnet",
            (Language::De, false, false) => "Geschlossen",
            (Language::En, true, _) => "We are open",
            (Language::En, false, _) => "We are closed",
        };
        let comma = if is && self.language == Language::De { "," } else { "" };
        let text = if until.is_some() { format!("{begin}{comma} {{until}}.") } else { format!("{begin}.") };
        let zone = &self.setting.plan.line.zone;
        let values = until.map_or_else(Values::new, |until| {
            let end = End::At(local(until, zone));
            Values::new().with("until", speech::Say::Until { end, now: local(now.utc, zone) })
        });
        let words = speech::render(&text, &values, self.language).ok()?;
        Some(Say::Spoken { words, language: self.language })
    }

    pub(super) fn is_by_hand(&self, now: Now) -> bool {
        route::state(&self.setting, now.utc).is_some_and(|state| matches!(state.why, Why::Override(_)))
    }

    /// The first opening of a later day, by the hours alone; none where the plan has none.
    pub(super) fn next_opening(&self, now: Now) -> Option<Utc> {
        let hours = &self.setting.plan.line_hours()?.hours;
        let zone = &self.setting.plan.line.zone;
        let tomorrow = self.today(now).tomorrow().ok();
        let mut days = std::iter::successors(tomorrow, |date| date.tomorrow().ok()).take(DAYS_MAX);
        days.find_map(|date| {
            let from = hours.windows_of(date).first()?.from().minutes();
            let (hour, minute) = (i8::try_from(from / 60).ok()?, i8::try_from(from % 60).ok()?);
            hours::moment(zone, date.to_datetime(jiff::civil::Time::new(hour, minute, 0, 0).ok()?))
        })
    }

    /// The end of today.
    pub(super) fn midnight(&self, now: Now) -> Option<Utc> {
        self.moment(self.today(now).tomorrow().ok()?.at(0, 0, 0, 0))
    }

    pub(super) fn confirm(&mut self, step: StepId, open: bool, until: Option<Utc>, now: Now) -> State {
        match until {
            Some(until) => self.put(step, Ask::Confirm { open, until }, &[], now),
            // Beyond the calendar.
            None => self.put(step, Ask::Menu, &["owner-failed"], now),
        }
    }

    /// Four digits, or fewer and then nothing more.
    pub(super) fn time_typed(&mut self, step: StepId, asked: Asked, now: Now) -> State {
        match asked.ask {
            Ask::Day => match asked.typed.day(self.today(now)) {
                Some(day) => self.put(step, Ask::Time(day), &[], now),
                None => self.put_again(step, asked, &["owner-bad-day"], now),
            },
            Ask::Time(day) => {
                let until = asked.typed.time(day).and_then(|at| self.moment(at)).filter(|at| *at > now.utc);
                match until {
                    Some(until) => self.confirm(step, false, Some(until), now),
                    None => self.put_again(step, asked, &["owner-bad-time"], now),
                }
            }
            _ => match self.open_until(&asked, now) {
                Some(until) => self.confirm(step, true, Some(until), now),
                None => self.put_again(step, asked, &["owner-bad-time"], now),
            },
        }
    }

    /// A time of today, or of tomorrow where it is over; 1 alone is midnight.
    fn open_until(&self, asked: &Asked, now: Now) -> Option<Utc> {
        if asked.typed.only() == Some('1') {
            return self.midnight(now);
        }
        let today = self.today(now);
        let days = [Some(today), today.tomorrow().ok()];
        let mut moments = days.into_iter().flatten().map(|date| self.moment(asked.typed.time(Day(date))?));
        moments.find_map(|at| at.filter(|at| *at > now.utc))
    }

    /// This call goes on with what it has set.
    pub(super) fn is_set(&mut self, open: bool, until: Utc, now: Now) {
        let Ok(by_hand) = Override::new(open, now.utc, until, now.utc, None, AUTHOR.to_owned()) else { return };
        let all = self.setting.overrides.all().iter().cloned().chain([by_hand]).collect();
        self.setting.overrides = Arc::new(Overrides::new(all));
    }

    /// This call goes on without what held.
    pub(super) fn is_lifted(&mut self, now: Now) {
        let later = |by_hand: &&Override| by_hand.from() > now.utc;
        let all = self.setting.overrides.all().iter().filter(later).cloned().collect();
        self.setting.overrides = Arc::new(Overrides::new(all));
    }

    fn today(&self, now: Now) -> Date {
        local(now.utc, &self.setting.plan.line.zone).date()
    }

    fn moment(&self, at: DateTime) -> Option<Utc> {
        hours::moment(&self.setting.plan.line.zone, at)
    }
}
