//! What an owner changes by telephone: the PIN is looked at, hours are set and lifted, prompts replaced. Each in one
//! transaction with its line of the audit log: a caller who hangs up leaves it whole, or not there at all.
//!
//! Nothing here runs on the thread of the calls; a call asks one thing at a time, so there are never more of
//! them than calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::runtime;

use crate::call::{self, OwnerAction, OwnerEvent, Sound};
use crate::clock::Utc;
use crate::db::Db;
use crate::flow::{AUTHOR, Digits, Done};
use crate::hours::Override;
use crate::ids::{CallId, Language, LegId};
use crate::opening;
use crate::person::pin::{PinKey, Tried};
use crate::person::store::pin;
use crate::person::{self, Action, Actor};
use crate::tenant::Tenant;

/// A change that takes longer is none: what was begun is rolled back, and the owner hears the truth.
const CHANGE_MAX: Duration = Duration::from_secs(8);

/// Who is told what became of it: must not wait.
pub type Listener = Arc<dyn Fn(LegId, OwnerEvent) + Send + Sync>;

/// What a change gives: `false` where there was nothing to change.
pub type Changing<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

/// Where prompts are kept.
pub trait Prompts: Send + Sync {
    /// Callers hear `sound` from now on where the plan says `prompt`.
    fn keep<'a>(&'a self, who: &'a Who, language: Language, prompt: &'a str, sound: &'a Sound, at: Utc)
    -> Changing<'a>;

    /// Callers hear the version before the present one, or the shipped prompt where there is none.
    fn restore<'a>(&'a self, who: &'a Who, language: Language, prompt: &'a str, at: Utc) -> Changing<'a>;
}

/// Whose call it is.
#[derive(Clone, Debug)]
pub struct Who {
    /// The call.
    pub call: CallId,
    /// Whose line.
    pub tenant: Tenant,
}

/// What changes are made with. Cheap to clone.
#[derive(Clone)]
pub struct Owners {
    /// The database.
    pub db: Db,
    /// What PINs are keyed with.
    pub key: PinKey,
    /// Prompts.
    pub prompts: Arc<dyn Prompts>,
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
        let changing: Changing<'_> = match &action {
            OwnerAction::CheckPin { tried, at } => return Some(OwnerEvent::Pin(self.check(who, tried, *at).await)),
            OwnerAction::SetHours { open, at, until } => Box::pin(set_hours(&self.db, who, *open, *at, *until)),
            OwnerAction::LiftHours { at } => Box::pin(lift_hours(&self.db, who, *at)),
            OwnerAction::Keep { language, prompt, sound, at } => self.prompts.keep(who, *language, prompt, sound, *at),
            OwnerAction::Restore { language, prompt, at } => self.prompts.restore(who, *language, prompt, *at),
            OwnerAction::Open { .. } | OwnerAction::Finish { .. } | OwnerAction::Drop { .. } => return None,
        };
        let changed = tokio::time::timeout(CHANGE_MAX, changing).await.unwrap_or_else(|_| Err(anyhow!("too slow")));
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

    async fn check(&self, who: &Who, tried: &Digits, at: Utc) -> call::Pin {
        let checking = pin::check(&self.db, &who.tenant, &self.key, tried.reveal(), Actor::Call(who.call), at);
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
    let actor = Actor::Call(who.call);
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
            let (actor, object) = (Actor::Call(who.call), kept.id.to_string());
            person::store::audit(&mut tx, &who.tenant, at, actor, Action::OverrideLifted, &object).await?;
            any = true;
        }
    }
    tx.commit().await?;
    Ok(any)
}

/// A place without prompts of its own.
pub struct NoPrompts;

impl Prompts for NoPrompts {
    fn keep<'a>(&'a self, _: &'a Who, _: Language, _: &'a str, _: &'a Sound, _: Utc) -> Changing<'a> {
        Box::pin(async { Err(anyhow!("prompts cannot be kept yet")) })
    }

    fn restore<'a>(&'a self, _: &'a Who, _: Language, _: &'a str, _: Utc) -> Changing<'a> {
        Box::pin(async { Ok(false) })
    }
}
