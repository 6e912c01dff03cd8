//! What a crash left is finished at the next start, from its files: the same way as at a hang-up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::files::Recordings;
use super::queue::{self, Caller};
use super::rows;
use crate::call::Finish;
use crate::calllog;
use crate::clock::Utc;
use crate::db::{Db, Error};
use crate::flow::Role;
use crate::message::{self, Take, TakeState, Unfinished};
use crate::revision::Running;
use crate::tenant;

/// Less sound than this was no message; which plan took it died with the call.
const SOUND_MIN: Duration = Duration::from_secs(1);
/// Calls that were cut off longer ago are history.
const CUT_OFF_SINCE: Duration = Duration::from_secs(30 * 24 * 3600);
/// More are left for the next start.
const CUT_OFF_MAX: u32 = 20_000;

/// What a start found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Messages that can be heard now.
    pub kept: usize,
    /// Messages in which nothing was said.
    pub missed: usize,
    /// Takes that could not be read.
    pub lost: usize,
    /// Calls that were running.
    pub calls: u64,
}

/// Finishes calls and takes that were left open.
pub async fn run(db: &Db, recordings: &Recordings, at: Utc) -> Result<Found, Error> {
    let mut tx = db.write().await?;
    let calls = calllog::store::finish_open(&mut tx, at).await?;
    tx.commit().await?;
    let mut found = Found { calls, ..Found::default() };
    for unfinished in message::store::unfinished(db).await? {
        // A damaged one never stops the others.
        if let Err(error) = finish(db, recordings, &unfinished, at, &mut found).await {
            tracing::error!(message = %unfinished.message, %error, "a message cannot be finished");
        }
    }
    Ok(found)
}

/// Callers whose calls ended with the program are in the queue too, by the rules of the plans that count now.
/// Done twice it does nothing more.
pub async fn queue(db: &Db, running: &Running, at: Utc) -> Result<usize, Error> {
    let tenants: HashMap<_, _> =
        tenant::store::all(db).await?.into_iter().map(|tenant| (tenant.id(), tenant)).collect();
    let cut_off = calllog::store::cut_off(db, at.before(CUT_OFF_SINCE), CUT_OFF_MAX).await?;
    let calls = cut_off.len();
    for (tenant, call) in cut_off {
        let Some(tenant) = tenants.get(&tenant) else { continue };
        let current = running.of(tenant.id());
        let caller = Caller { tenant, call: &call, plan: current.as_ref().map(|current| &current.plan) };
        if let Err(error) = queue_one(db, caller, call.ended_at.unwrap_or(call.started_at)).await {
            tracing::error!(call = %call.id, %error, "a call that was cut off is not in the queue");
        }
    }
    Ok(calls)
}

async fn queue_one(db: &Db, caller: Caller<'_>, at: Utc) -> Result<(), Error> {
    let mut tx = db.write().await?;
    for about in message::store::about_call(&mut tx, caller.tenant, caller.call.id).await? {
        queue::left(&mut tx, caller, about.id, at).await?;
    }
    queue::ended(&mut tx, caller, caller.tenant.language(), at).await?;
    tx.commit().await
}

async fn finish(db: &Db, recordings: &Recordings, left: &Unfinished, at: Utc, found: &mut Found) -> Result<(), Error> {
    let mut kept: Vec<_> = left.takes.iter().filter(|take| take.state == TakeState::Kept).map(|take| take.id).collect();
    let open = left.takes.iter().filter(|take| take.state == TakeState::Recording);
    for take in open {
        // Whether it was to replace what was there died with the call: both are kept.
        let role = if kept.is_empty() { Role::First } else { Role::More };
        let sound_min = SOUND_MIN;
        let finish = Finish { message: left.message, take: take.id, role, before: kept.clone(), sound_min, at };
        if finish_take(db, recordings, left, take, finish, found).await? {
            kept.push(take.id);
        }
    }
    if kept.is_empty() {
        found.missed += 1;
    } else {
        found.kept += 1;
    }
    let mut tx = db.write().await?;
    message::store::close(&mut tx, &left.tenant, left.message).await?;
    tx.commit().await
}

async fn finish_take(
    db: &Db,
    recordings: &Recordings,
    left: &Unfinished,
    take: &Take,
    finish: Finish,
    found: &mut Found,
) -> Result<bool, Error> {
    let finish = Arc::new(finish);
    let (files, job) = (recordings.clone(), Arc::clone(&finish));
    let read = tokio::task::spawn_blocking(move || files.finish(&job)).await;
    let mut tx = db.write().await?;
    let kept = match read {
        Ok(Ok(Some(heard))) => {
            rows::keep(&mut tx, &left.tenant, &finish, &heard).await?;
            true
        }
        Ok(Ok(None)) => false,
        // The row was made, the file never: the crash came before the beep.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => false,
        failed => {
            found.lost += 1;
            tracing::error!(take = %take.id, ?failed, "a take cannot be read");
            message::store::finish_take(&mut tx, &left.tenant, take.id, TakeState::Lost, 0, 0).await?;
            false
        }
    };
    tx.commit().await?;
    Ok(kept)
}
