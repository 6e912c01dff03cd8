//! The desk: what calls ask of seats, promises and open callbacks, each in one transaction, off the thread of the
//! calls.
//!
//! A call has its own queue, so that what it asks is done in order; what was asked before a caller hung up is done all
//! the same. When the queue ends with the call, whatever it still held is let go.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::runtime;
use tokio::sync::mpsc;

use super::queue;
use crate::callback::{self, Arrival, Kind};
use crate::clock::Utc;
use crate::db::{Db, Tx};
use crate::dial::Verdict;
use crate::flow::{Answer, Ask, Booking, Open, Setting, Told, Visitor, When};
use crate::ids::{CallId, CallbackId, LegId};
use crate::jobs::mail::{Invite, Occasion, Outbox};
use crate::seat::{self, Of};
use crate::slots::{self, Slot, Workload};
use crate::tenant::Tenant;

/// What takes longer is not done: it is rolled back, and the caller hears the truth. Below what a call waits for.
const ASK_MAX: Duration = Duration::from_secs(8);

/// Who is told: must not wait.
pub type Listener = Arc<dyn Fn(LegId, u32, Answer) + Send + Sync>;

/// What it works with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// Time.
    pub now: Arc<dyn Fn() -> Utc + Send + Sync>,
    /// Who is told.
    pub listener: Listener,
    /// Where it is done.
    pub runtime: runtime::Handle,
    /// Invitations to booked times.
    pub outbox: Outbox,
}

/// Whose call it is.
#[derive(Clone, Debug)]
pub struct Who {
    /// The call.
    pub call: CallId,
    /// Whose line.
    pub tenant: Tenant,
    /// What holds for the call.
    pub setting: Setting,
    /// Who calls, and which number.
    pub visitor: Visitor,
    /// The caller's name, as the network says it.
    pub name: String,
}

/// A call's way to the desk. Dropped, what the call holds is let go.
#[derive(Debug)]
pub struct Handle(mpsc::UnboundedSender<(u32, Ask)>);

impl Handle {
    /// Asks; the listener is told what became of it.
    pub fn ask(&self, number: u32, ask: Ask) {
        // The task ends after the last handle.
        let _ = self.0.send((number, ask));
    }
}

impl Desk {
    /// For one call. Its requests are few: each waits for the answer to the one before.
    pub fn open(&self, leg: LegId, who: Who) -> Handle {
        let (ask, asked) = mpsc::unbounded_channel();
        let visit = Visit { desk: self.clone(), who, holds: false };
        self.runtime.spawn(visit.run(leg, asked));
        Handle(ask)
    }
}

/// One call at the desk.
struct Visit {
    desk: Desk,
    who: Who,
    /// There may be something to let go.
    holds: bool,
}

impl Visit {
    async fn run(mut self, leg: LegId, mut asked: mpsc::UnboundedReceiver<(u32, Ask)>) {
        while let Some((number, ask)) = asked.recv().await {
            let told = ask != Ask::Release;
            let answer = match tokio::time::timeout(ASK_MAX, self.answer(ask)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => {
                    tracing::error!(call = %self.who.call, %error, "what a call asked of the desk was not done");
                    Answer::Failed
                }
                Err(_) => {
                    tracing::error!(call = %self.who.call, "what a call asked of the desk took too long");
                    Answer::Failed
                }
            };
            if told {
                (self.desk.listener)(leg, number, answer);
            }
        }
        if self.holds
            && let Err(error) = self.release().await
        {
            tracing::warn!(call = %self.who.call, %error, "held seats are let go when their time is over");
        }
    }

    async fn answer(&mut self, ask: Ask) -> Result<Answer> {
        let now = (self.desk.now)();
        match ask {
            Ask::Status => self.status(now).await,
            Ask::Offer { calendar, wish, most } => {
                self.holds = true;
                self.offer(&calendar, wish, most, now).await
            }
            Ask::Hold { calendar, slots } => {
                let mut tx = self.desk.db.write().await?;
                let held = seat::store::hold(&mut tx, &self.who.tenant, &calendar, &slots, self.who.call, now).await?;
                tx.commit().await?;
                Ok(if held { Answer::Held } else { Answer::Gone })
            }
            Ask::Release => {
                self.release().await?;
                self.holds = false;
                Ok(Answer::Held)
            }
            Ask::Latest { within } => {
                self.holds = true;
                self.latest(within, now).await
            }
            Ask::Book(booking) => self.book(&booking, now).await,
            Ask::Cancel(callback) => self.cancel(callback, now).await,
            Ask::Renew { callback, told } => self.renew(callback, &told, now).await,
        }
    }

    /// Only to who calls from a number that the network vouches for.
    async fn status(&self, now: Utc) -> Result<Answer> {
        let Who { tenant, visitor, .. } = &self.who;
        let Some(number) = visitor.caller.as_deref().filter(|_| visitor.trusted) else {
            return Ok(Answer::Status(Vec::new()));
        };
        let open = callback::store::open_of(&self.desk.db, tenant, number, now).await?;
        Ok(Answer::Status(open.into_iter().map(told_of).collect()))
    }

    async fn offer(&self, calendar: &str, wish: slots::Wish, most: u8, now: Utc) -> Result<Answer> {
        let Who { tenant, setting, call, .. } = &self.who;
        let rules = setting.plan.calendar(calendar).with_context(|| format!("the plan has no calendar {calendar}"))?;
        let of = Of { name: calendar, rules: &rules, overrides: &setting.overrides };
        let mut tx = self.desk.db.write().await?;
        let offered = seat::store::offer(&mut tx, tenant, of, *call, wish, most, now).await?;
        tx.commit().await?;
        Ok(Answer::Offers { slots: offered.slots, later: offered.later })
    }

    async fn release(&self) -> Result<()> {
        let mut tx = self.desk.db.write().await?;
        seat::store::release(&mut tx, &self.who.tenant, self.who.call).await?;
        Ok(tx.commit().await?)
    }

    /// Counted for others from now on, until the call has its entry or ends.
    async fn latest(&self, within: Option<Duration>, now: Utc) -> Result<Answer> {
        let Who { tenant, setting, call, .. } = &self.who;
        let mut tx = self.desk.db.write().await?;
        seat::store::turn(&mut tx, tenant).await?;
        seat::store::settled(&mut tx, tenant, *call).await?;
        let open = u64::from(callback::store::waiting(&mut tx, tenant, now).await?.open);
        let others = seat::store::waiting(&mut tx, tenant, *call, now).await?;
        let load = Workload {
            ahead: u32::try_from(open.saturating_add(others)).unwrap_or(u32::MAX),
            booked: seat::store::busy(&mut tx, tenant, now).await?,
        };
        let latest = queue::latest(setting, &load, within, now);
        if latest.is_some() {
            seat::store::wait(&mut tx, tenant, *call, now).await?;
        }
        tx.commit().await?;
        Ok(Answer::Latest(latest))
    }

    async fn book(&self, booking: &Booking, now: Utc) -> Result<Answer> {
        let Who { tenant, setting, visitor, call, .. } = &self.who;
        let Some(number) = booking.number.as_deref().or(visitor.caller.as_deref()) else {
            return Ok(Answer::NotAllowed);
        };
        // Who moves a callback keeps its number.
        if let (None, Verdict::NeedsLeave(_)) = (booking.moves, setting.plan.policy().verdict(number)) {
            return Ok(Answer::NotAllowed);
        }
        if let Some(moved) = booking.moves
            && !self.is_callers(moved, now).await?
        {
            return Ok(Answer::Failed);
        }
        let rules = callback::Rules::from(&setting.plan.callbacks);
        let mut tx = self.desk.db.write().await?;
        // First of all: who books and who counts come one after the other.
        seat::store::turn(&mut tx, tenant).await?;
        let known = visitor.contact.is_some() && visitor.trusted;
        if booking.moves.is_none() && callback::store::too_many(&mut tx, tenant, number, &rules, known, now).await? {
            return Ok(Answer::TooMany);
        }
        let arrival = self.arrival(booking, self.is_apart(booking, now).await?, now);
        let Some(arrived) = callback::store::arrive(&mut tx, tenant, &rules, &arrival).await? else {
            return Ok(Answer::Failed);
        };
        let callback = arrived.id;
        if let When::Slot { calendar, slot } = &booking.when {
            if !seat::store::book(&mut tx, tenant, calendar, *slot, *call, callback).await? {
                return Ok(Answer::Gone);
            }
            seat::store::leave(&mut tx, tenant, callback, Some((calendar, *slot))).await?;
            let occasion = if arrived.freed.is_some() { Occasion::Moved } else { Occasion::Booked };
            self.invite(&mut tx, callback, occasion, *slot, now).await?;
        } else {
            seat::store::leave(&mut tx, tenant, callback, None).await?;
            seat::store::release(&mut tx, tenant, *call).await?;
            if let Some(freed) = &arrived.freed {
                self.invite(&mut tx, callback, Occasion::Cancelled, slot_of(freed), now).await?;
            }
        }
        let promise = queue::promised(&booking.told, Some(&booking.when), now);
        callback::store::promised(&mut tx, tenant, *call, &promise, Some(callback)).await?;
        tx.commit().await?;
        Ok(Answer::Booked(callback))
    }

    /// A number that nobody vouches for may be anybody's: whose booking stands already, it stays, and this one is
    /// apart from it.
    async fn is_apart(&self, booking: &Booking, now: Utc) -> Result<bool> {
        let Who { tenant, visitor, .. } = &self.who;
        let Some(caller) = visitor.caller.as_deref().filter(|_| !visitor.trusted && booking.moves.is_none()) else {
            return Ok(false);
        };
        let open = callback::store::open_of(&self.desk.db, tenant, caller, now).await?;
        Ok(open.iter().any(|entry| entry.slot.is_some()))
    }

    fn arrival(&self, booking: &Booking, apart: bool, now: Utc) -> Arrival {
        let Who { setting, visitor, call, name, .. } = &self.who;
        let caller = visitor.caller.clone();
        let step = setting.plan.step(booking.step);
        let kind = match &booking.when {
            When::Slot { calendar, slot } => {
                Kind::Booked(callback::Booked { calendar: calendar.clone(), start: slot.start, end: slot.end })
            }
            When::Soon { .. } => Kind::Soon,
        };
        Arrival {
            id: CallbackId::new(now, rand::random()),
            call: *call,
            at: now,
            given: booking.number.clone().or_else(|| caller.clone().filter(|_| apart)),
            caller: caller.filter(|_| !apart),
            caller_name: name.clone(),
            called: visitor.called.clone(),
            language: booking.told.language,
            matter: step.map(|step| step.matter().to_owned()),
            step: step.map(|step| step.name.clone()),
            urgent: false,
            kind,
            leave: None,
            moves: booking.moves,
        }
    }

    async fn cancel(&self, callback: CallbackId, now: Utc) -> Result<Answer> {
        let Who { tenant, call, .. } = &self.who;
        if !self.is_callers(callback, now).await? {
            return Ok(Answer::Failed);
        }
        let mut tx = self.desk.db.write().await?;
        seat::store::turn(&mut tx, tenant).await?;
        let was = match callback::store::cancel_by_caller(&mut tx, tenant, callback, *call, now).await? {
            Ok(was) => was,
            Err(refused) => {
                tracing::info!(%callback, ?refused, "a callback was not cancelled by its caller");
                return Ok(Answer::Failed);
            }
        };
        if let Some(slot) = &was.slot {
            self.invite(&mut tx, callback, Occasion::Cancelled, slot_of(slot), now).await?;
        }
        seat::store::leave(&mut tx, tenant, callback, None).await?;
        tx.commit().await?;
        Ok(Answer::Cancelled)
    }

    async fn renew(&self, callback: CallbackId, told: &Told, now: Utc) -> Result<Answer> {
        let Who { tenant, call, .. } = &self.who;
        if !self.is_callers(callback, now).await? {
            return Ok(Answer::Failed);
        }
        let mut tx = self.desk.db.write().await?;
        let promise = queue::promised(told, Some(&When::Soon { latest: told.latest }), now);
        callback::store::promised(&mut tx, tenant, *call, &promise, Some(callback)).await?;
        seat::store::release(&mut tx, tenant, *call).await?;
        tx.commit().await?;
        Ok(Answer::Renewed)
    }

    /// A letter to the address that is known: the one of the booking, or the contact's where the number is vouched for.
    async fn invite(&self, tx: &mut Tx, callback: CallbackId, occasion: Occasion, slot: Slot, now: Utc) -> Result<()> {
        let Who { tenant, setting, visitor, .. } = &self.who;
        let trusted = visitor.caller.as_deref().filter(|_| visitor.trusted);
        let theirs = match trusted {
            Some(number) => seat::store::mail::of_number(tx, tenant, number).await?,
            None => None,
        };
        let Some(invited) = seat::store::mail::next(tx, tenant, callback, theirs.as_deref()).await? else {
            return Ok(());
        };
        let letter = Invite {
            callback,
            sequence: invited.sequence,
            occasion,
            business: setting.business().to_owned(),
            language: setting.plan.line.languages.first().copied().unwrap_or(tenant.language()),
            zone: setting.plan.line.zone.clone(),
            slot,
            to: vec![invited.mail],
            number: None,
        };
        self.desk.outbox.invite(tx, tenant, &letter, now).await?;
        Ok(())
    }

    async fn is_callers(&self, callback: CallbackId, now: Utc) -> Result<bool> {
        let Answer::Status(open) = self.status(now).await? else { return Ok(false) };
        Ok(open.iter().any(|open| open.callback == callback))
    }
}

fn slot_of(booked: &callback::Booked) -> Slot {
    Slot { start: booked.start, end: booked.end }
}

fn told_of(entry: callback::OpenEntry) -> Open {
    Open {
        callback: entry.id,
        step: entry.step.unwrap_or_default(),
        slot: entry.slot.map(|slot| (slot.calendar, slots::Slot { start: slot.start, end: slot.end })),
        promise: entry.promise,
        broken: entry.broken,
        tried_at: entry.tried_at,
    }
}
