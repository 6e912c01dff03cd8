//! What an owner changes by telephone: the PIN is looked at, hours are set and lifted, prompts replaced. Each in one
//! transaction with its line of the audit log: a caller who hangs up leaves it whole, or not there at all.
//!
//! Nothing here runs on the thread of the calls; a call asks one thing at a time, so there are never more of
//! them than calls.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::runtime;

use super::prompts::Libraries;
use super::studio::Studio;
use crate::call::{self, OwnerAction, OwnerEvent};
use crate::clock::Utc;
use crate::db::Db;
use crate::flow::{AUTHOR, Digits, Done};
use crate::hours::Override;
use crate::ids::{CallId, LegId};
use crate::opening;
use crate::person::pin::{PinKey, Tried};
use crate::person::store::pin;
use crate::person::{self, Action, Actor};
use crate::prompt::Place;
use crate::tenant::Tenant;

/// A change that takes longer is none: what was begun is rolled back, and the owner hears the truth.
const CHANGE_MAX: Duration = Duration::from_secs(8);

/// Who is told what became of it: must not wait.
pub type Listener = Arc<dyn Fn(LegId, OwnerEvent) + Send + Sync>;

/// Whose call it is.
#[derive(Clone, Debug)]
pub struct Who {
    /// The call.
    pub call: CallId,
    /// Whose line.
    pub tenant: Tenant,
}

impl Who {
    /// As the audit log names them: a PIN says that it is the owner, not which one.
    fn actor(&self) -> Actor {
        Actor::Call(self.call)
    }
}

/// What changes are made with. Cheap to clone.
#[derive(Clone)]
pub struct Owners {
    /// The database.
    pub db: Db,
    /// What PINs are keyed with.
    pub key: PinKey,
    /// Where prompts are made and kept…
    pub studio: Studio,
    /// …and taken from by calls.
    pub libraries: Arc<Libraries>,
    /// Who is told.
    pub listener: Listener,
    /// Where it is done.
    pub runtime: runtime::Handle,
}

impl Owners {
    /// Begins to do it; the listener is told once it is done. What is of files is the recorder's.
    pub fn ask(&self, leg: LegId, who: Who, action: OwnerAction) {
        let owners = self.clone();
        self.runtime.spawn(async move {
            let answer = owners.answer(&who, action).await;
            if let Some(answer) = answer {
                (owners.listener)(leg, answer);
            }
        });
    }

    async fn answer(&self, who: &Who, action: OwnerAction) -> Option<OwnerEvent> {
        let changed = match action {
            OwnerAction::CheckPin { tried, at } => return Some(OwnerEvent::Pin(self.check(who, &tried, at).await)),
            OwnerAction::Open { .. } | OwnerAction::Finish { .. } | OwnerAction::Drop { .. } => return None,
            action => tokio::time::timeout(CHANGE_MAX, self.change(who, action)).await,
        };
        let changed = changed.unwrap_or_else(|_| Err(anyhow!("it took too long")));
        let done = match changed {
            Ok(true) => Done::Yes,
            Ok(false) => Done::Nothing,
            Err(error) => {
                tracing::error!(call = %who.call, %error, "what the owner wanted by telephone was not done");
                Done::Failed
            }
        };
        Some(OwnerEvent::Done(done))
    }

    /// `false` where there was nothing to change.
    async fn change(&self, who: &Who, action: OwnerAction) -> Result<bool> {
        match action {
            OwnerAction::SetHours { open, at, until } => set_hours(&self.db, who, open, at, until).await,
            OwnerAction::LiftHours { at } => lift_hours(&self.db, who, at).await,
            OwnerAction::Keep { language, prompt, sound } => {
                let place = Place { language, prompt: prompt.parse()? };
                let samples = sound.samples.clone();
                self.studio.recorded(&who.tenant, who.actor(), &place, sound.rate_hz, samples).await?;
                self.heard_from_now_on(who).await?;
                Ok(true)
            }
            OwnerAction::Restore { language, prompt } => {
                let place = Place { language, prompt: prompt.parse()? };
                let any = self.studio.step_back(&who.tenant, who.actor(), &place).await?;
                self.heard_from_now_on(who).await?;
                Ok(any)
            }
            OwnerAction::CheckPin { .. }
            | OwnerAction::Open { .. }
            | OwnerAction::Finish { .. }
            | OwnerAction::Drop { .. } => Ok(false),
        }
    }

    /// The owner hears the change at once, in this very call.
    async fn heard_from_now_on(&self, who: &Who) -> Result<()> {
        Ok(self.libraries.of(who.tenant.id()).reload(&self.db, &who.tenant).await?)
    }

    async fn check(&self, who: &Who, tried: &Digits, at: Utc) -> call::Pin {
        let checking = pin::check(&self.db, &who.tenant, &self.key, tried.reveal(), who.actor(), at);
        match checking.await {
            Ok(Tried::Right) => call::Pin::Right,
            Ok(Tried::Wrong) => call::Pin::Wrong,
            Ok(Tried::Locked) => {
                tracing::warn!(call = %who.call, "a PIN is tried, though too many were wrong: nightdesk tenant pin unlock");
                call::Pin::Locked
            }
            Err(error) => {
                tracing::error!(call = %who.call, %error, "a PIN cannot be looked at");
                call::Pin::Unknown
            }
        }
    }
}

async fn set_hours(db: &Db, who: &Who, open: bool, at: Utc, until: Utc) -> Result<bool> {
    let by_hand = Override::new(open, at, until, at, None, AUTHOR.to_owned())?;
    let mut tx = db.write().await?;
    let id = opening::store::set(&mut tx, &who.tenant, &by_hand).await?;
    let id = id.ok_or_else(|| anyhow!("{} overrides of hours stand already", opening::RUNNING_MAX))?;
    let actor = who.actor();
    person::store::audit(&mut tx, &who.tenant, at, actor, Action::OverrideSet, &id.to_string()).await?;
    tx.commit().await?;
    Ok(true)
}

/// All that hold now: lifting the last alone would bring back the one before it.
async fn lift_hours(db: &Db, who: &Who, at: Utc) -> Result<bool> {
    let standing = opening::store::standing(db, &who.tenant, at).await?;
    let mut tx = db.write().await?;
    let mut any = false;
    for kept in standing.iter().filter(|kept| kept.by_hand.from() <= at) {
        if opening::store::lift(&mut tx, &who.tenant, kept.id, at).await? {
            let (actor, object) = (who.actor(), kept.id.to_string());
            person::store::audit(&mut tx, &who.tenant, at, actor, Action::OverrideLifted, &object).await?;
            any = true;
        }
    }
    tx.commit().await?;
    Ok(any)
}
