//! A desk in memory, for simulations: it knows the calendars of a plan, and what simulated callers did there.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Utc;
use crate::flow::desk::{Answer, Ask, Booking, Open, Told, When};
use crate::flow::setting::Setting;
use crate::ids::CallbackId;
use crate::slots::{self, Slot, Taken, Workload};

/// How long a seat is held.
const HOLD: Duration = Duration::from_secs(5 * 60);

/// What is booked, held, promised and open. By default all is free, and nothing is open.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// What is open for whom, the most pressing first; by the caller's number.
    pub open: BTreeMap<String, Vec<Open>>,
    /// Callbacks that were booked, by the call that did.
    pub booked: Vec<(String, CallbackId, Booking)>,
    /// Promises that were told, by the call.
    pub promised: Vec<(String, Told)>,
    /// Seats that are held for a call, until then.
    pub held: Vec<Held>,
    /// Other seats that are taken, by calendar.
    pub taken: BTreeMap<String, Vec<Slot>>,
    /// Callbacks that are open before any of these.
    pub ahead: u32,
    /// It does nothing that it is asked.
    pub fails: bool,
}

/// A seat that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// For this call.
    pub call: String,
    /// Name of the calendar.
    pub calendar: String,
    /// Which.
    pub slot: Slot,
    /// Until right before this.
    pub until: Utc,
}

impl Desk {
    /// What is answered to `call`, whose caller has this number; none to a release.
    pub fn ask(&mut self, setting: &Setting, call: &str, caller: Option<&str>, ask: &Ask, now: Utc) -> Option<Answer> {
        self.held.retain(|held| held.until > now);
        if *ask == Ask::Release {
            self.let_go(call);
            return None;
        }
        if self.fails {
            return Some(Answer::Failed);
        }
        Some(match ask {
            Ask::Status => Answer::Status(caller.and_then(|caller| self.open.get(caller)).cloned().unwrap_or_default()),
            Ask::Offer { calendar, wish, most } => self.offer(setting, call, calendar, (*wish, *most), now),
            Ask::Hold { calendar, slots } => self.hold(call, calendar, slots, now),
            Ask::Latest { within } => Answer::Latest(self.latest(setting, *within, now)),
            Ask::Book(booking) => self.book(call, caller, booking, now),
            Ask::Cancel(callback) => match self.remove(*callback) {
                Some(_) => Answer::Cancelled,
                None => Answer::Failed,
            },
            Ask::Renew { callback, told } => match self.find(*callback) {
                Some(open) => {
                    (open.promise, open.broken) = (Some(told.latest), false);
                    Answer::Renewed
                }
                None => Answer::Failed,
            },
            Ask::Release => return None,
        })
    }

    /// The call is over: nothing is held for it any more.
    pub fn ended(&mut self, call: &str) {
        self.let_go(call);
    }

    fn let_go(&mut self, call: &str) {
        self.held.retain(|held| held.call != call);
    }

    fn offer(
        &mut self,
        setting: &Setting,
        call: &str,
        name: &str,
        (wish, most): (slots::Wish, u8),
        now: Utc,
    ) -> Answer {
        self.let_go(call);
        let Some(calendar) = setting.plan.calendar(name) else { return Answer::Failed };
        let offers = slots::offers(&calendar, &setting.overrides, &self.taken_of(name), wish, most, now);
        for slot in &offers.slots {
            self.hold_one(call, name, *slot, now);
        }
        Answer::Offers { slots: offers.slots, later: offers.later }
    }

    fn hold(&mut self, call: &str, calendar: &str, slots: &[Slot], now: Utc) -> Answer {
        if !slots.iter().all(|slot| self.holds(call, calendar, *slot)) {
            return Answer::Gone;
        }
        self.let_go(call);
        for slot in slots {
            self.hold_one(call, calendar, *slot, now);
        }
        Answer::Held
    }

    fn hold_one(&mut self, call: &str, calendar: &str, slot: Slot, now: Utc) {
        let until = Utc(now.0.saturating_add(i64::try_from(HOLD.as_millis()).unwrap_or(i64::MAX)));
        self.held.push(Held { call: call.to_owned(), calendar: calendar.to_owned(), slot, until });
    }

    fn holds(&self, call: &str, calendar: &str, slot: Slot) -> bool {
        self.held.iter().any(|held| held.call == call && held.calendar == calendar && held.slot == slot)
    }

    fn latest(&self, setting: &Setting, within: Option<Duration>, now: Utc) -> Option<Utc> {
        let (plan, load) = (&setting.plan, Workload { ahead: self.ahead, booked: Vec::new() });
        slots::latest(&plan.callback_hours(), &setting.overrides, &plan.line.zone, plan.crew(), &load, within, now)
    }

    fn book(&mut self, call: &str, caller: Option<&str>, booking: &Booking, now: Utc) -> Answer {
        if let When::Slot { calendar, slot } = &booking.when
            && !self.holds(call, calendar, *slot)
        {
            return Answer::Gone;
        }
        if booking.moves.is_some_and(|moves| self.remove(moves).is_none()) {
            return Answer::Failed;
        }
        self.let_go(call);
        let number = u8::try_from(self.booked.len() % 256).unwrap_or(0);
        let callback = booking.moves.unwrap_or_else(|| CallbackId::new(now, [number; 10]));
        let slot = match &booking.when {
            When::Slot { calendar, slot } => Some((calendar.clone(), *slot)),
            When::Soon { .. } => None,
        };
        let promise = slot.is_none().then_some(booking.told.latest);
        let open = Open { callback, step: String::new(), slot, promise, broken: false, tried_at: None };
        if let Some(caller) = caller {
            self.open.entry(caller.to_owned()).or_default().insert(0, open);
        }
        self.booked.push((call.to_owned(), callback, booking.clone()));
        Answer::Booked(callback)
    }

    /// Seats that are held or booked.
    fn taken_of(&self, calendar: &str) -> Taken {
        let held = self.held.iter().filter(|held| held.calendar == calendar).map(|held| held.slot);
        let booked = self.booked.iter().filter_map(|(_, _, booking)| match &booking.when {
            When::Slot { calendar: of, slot } if of == calendar => Some(*slot),
            _ => None,
        });
        let other = self.taken.get(calendar).into_iter().flatten().copied();
        Taken::new(held.chain(booked).chain(other).collect())
    }

    fn find(&mut self, callback: CallbackId) -> Option<&mut Open> {
        self.open.values_mut().flatten().find(|open| open.callback == callback)
    }

    /// It is open no more, and its seat is free.
    fn remove(&mut self, callback: CallbackId) -> Option<Open> {
        let all = self.open.values_mut().find(|all| all.iter().any(|open| open.callback == callback))?;
        let at = all.iter().position(|open| open.callback == callback)?;
        self.booked.retain(|(_, of, _)| *of != callback);
        Some(all.remove(at))
    }
}
