//! What calls say, as rows.

use super::files::{self, Heard};
use super::scribe::{What, Work};
use crate::call::{Finish, Note, Outcome, StoreAction, StoreEvent};
use crate::calllog;
use crate::clock::Utc;
use crate::db::{Error, Tx};
use crate::flow::Role;
use crate::message::{self, Kept, NewMessage, NewTake, TakeState};
use crate::tenant::Tenant;

/// Writes one thing; gives what the call is told after the commit.
pub(super) async fn write(tx: &mut Tx, work: &Work) -> Result<Option<StoreEvent>, Error> {
    let (tenant, call) = (&work.context.tenant, &work.context.call);
    match &work.what {
        What::Begin => calllog::store::begin(tx, tenant, call).await.map(|()| None),
        What::Notes(notes) => {
            if let Some(at) = notes.iter().find(|note| note.what == crate::call::What::Answered).map(|note| note.at) {
                calllog::store::answered(tx, tenant, call.id, at).await?;
            }
            let events: Vec<_> = notes.iter().map(event).collect();
            calllog::store::append(tx, tenant, call.id, &events).await.map(|()| None)
        }
        What::Store(StoreAction::Prepare { message, take, role, at }) => {
            let new = NewTake { id: *take, file: files::take_file(*take), started_at: *at };
            if message::store::add_take(tx, tenant, *message, &new).await? {
                return Ok(Some(StoreEvent::Ready(*take)));
            }
            debug_assert_eq!(*role, Role::First);
            let row = NewMessage {
                id: *message,
                call: call.id,
                caller: call.caller.clone(),
                caller_name: call.caller_name.clone(),
                called: call.called.clone(),
                at: *at,
            };
            message::store::begin(tx, tenant, &row, &new).await?;
            Ok(Some(StoreEvent::Ready(*take)))
        }
        What::Store(StoreAction::Urgent { message }) => {
            message::store::mark_urgent(tx, tenant, *message, true).await.map(|_| None)
        }
        What::Store(StoreAction::End { outcome, message, at }) => {
            if let Some(message) = message {
                message::store::close(tx, tenant, *message).await?;
            }
            calllog::store::end(tx, tenant, call.id, outcome_row(*outcome), *at).await.map(|()| None)
        }
        // Files, not rows.
        What::Store(StoreAction::Open { .. } | StoreAction::Finish(_) | StoreAction::Load { .. }) => Ok(None),
        What::Finished(finish, result) => finished(tx, tenant, finish, result).await.map(Some),
    }
}

/// What the call is told where the row cannot be written.
pub(super) fn refused(work: &Work) -> Option<StoreEvent> {
    match &work.what {
        What::Store(StoreAction::Prepare { take, .. }) => Some(StoreEvent::Refused(*take)),
        // The take is synced and its row stands: the next start finishes what this one could not write.
        What::Finished(finish, Ok(Some(heard))) => {
            Some(StoreEvent::Kept { take: finish.take, duration_ms: heard.duration_ms })
        }
        What::Finished(finish, Ok(None)) => Some(StoreEvent::Empty(finish.take)),
        What::Finished(finish, Err(_)) => Some(StoreEvent::NotKept(finish.take)),
        _ => None,
    }
}

async fn finished(
    tx: &mut Tx,
    tenant: &Tenant,
    finish: &Finish,
    result: &Result<Option<Heard>, std::io::ErrorKind>,
) -> Result<StoreEvent, Error> {
    match result {
        Ok(Some(heard)) => {
            keep(tx, tenant, finish, heard).await?;
            Ok(StoreEvent::Kept { take: finish.take, duration_ms: heard.duration_ms })
        }
        Ok(None) => {
            message::store::finish_take(tx, tenant, finish.take, TakeState::Empty, 0, 0).await?;
            Ok(StoreEvent::Empty(finish.take))
        }
        Err(_) => {
            message::store::finish_take(tx, tenant, finish.take, TakeState::Lost, 0, 0).await?;
            Ok(StoreEvent::NotKept(finish.take))
        }
    }
}

/// A take is part of its message from now on, which can be heard.
pub(super) async fn keep(tx: &mut Tx, tenant: &Tenant, finish: &Finish, heard: &Heard) -> Result<(), Error> {
    let (total, sound) = (heard.take_total_ms, heard.take_sound_ms);
    message::store::finish_take(tx, tenant, finish.take, TakeState::Kept, total, sound).await?;
    if finish.role == Role::Again {
        message::store::replace_takes(tx, tenant, finish.message, finish.take).await?;
    }
    message::store::keep(tx, tenant, finish.message, &kept(heard, finish.at)).await?;
    Ok(())
}

fn kept(heard: &Heard, at: Utc) -> Kept {
    Kept {
        duration_ms: heard.duration_ms,
        rate_hz: heard.rate_hz,
        peak: heard.peak,
        sha256: heard.sha256.clone(),
        peaks: heard.peaks.clone(),
        path: heard.file.clone(),
        damaged: heard.damaged,
        at,
    }
}

/// `kind` in its own column, the rest as detail.
fn event(note: &Note) -> calllog::Event {
    let mut detail = serde_json::to_value(note).unwrap_or_default();
    let kind = detail.as_object_mut().and_then(|detail| detail.remove("kind"));
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or("unknown").to_owned();
    calllog::Event { at: note.at, kind, detail }
}

fn outcome_row(outcome: Outcome) -> calllog::Outcome {
    match outcome {
        Outcome::Message => calllog::Outcome::Message,
        Outcome::Missed => calllog::Outcome::NoMessage,
        Outcome::Abandoned => calllog::Outcome::Abandoned,
        Outcome::NotKept => calllog::Outcome::Failed,
        Outcome::Refused => calllog::Outcome::Refused,
    }
}
