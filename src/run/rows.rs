//! What calls say, as rows.

use rustc_hash::FxHashMap;

use super::files::{self, Heard};
use super::queue::{self, Caller};
use super::scribe::{Context, What, Work};
use crate::call::{Finish, Note, Outcome, StoreAction, StoreEvent};
use crate::callback;
use crate::calllog;
use crate::clock::Utc;
use crate::db::{ChangeKind, Error, Tx};
use crate::flow::Role;
use crate::ids::{CallId, LegId};
use crate::message::{self, Kept, NewMessage, NewTake, TakeState};
use crate::tenant::Tenant;

/// Writes works in their order of one call; gives what the calls are told after the commit.
///
/// What many calls say of themselves goes into few statements: first how the calls are, then messages
/// and takes one by one, at last the timelines.
pub(super) async fn write(tx: &mut Tx, works: impl Iterator<Item = &Work>) -> Result<Vec<(LegId, StoreEvent)>, Error> {
    let works: Vec<&Work> = works.collect();
    calls(tx, &works).await?;
    let mut answers = Vec::new();
    for work in &works {
        answers.extend(message(tx, work).await?.map(|answer| (work.leg, answer)));
    }
    let noted = works.iter().filter_map(|work| match &work.what {
        What::Notes(notes) => Some((&work.context, notes)),
        _ => None,
    });
    let noted = noted.flat_map(|(context, notes)| notes.iter().map(move |note| (context, note)));
    let events: Vec<_> = noted.map(|(context, note)| (&context.tenant, context.call.id, event(note))).collect();
    calllog::store::append_many(tx, &events).await?;
    Ok(answers)
}

/// Each call once, with all that is known of it by now.
async fn calls(tx: &mut Tx, works: &[&Work]) -> Result<(), Error> {
    let mut calls: Vec<(&Tenant, calllog::Call, ChangeKind)> = Vec::new();
    let mut places: FxHashMap<CallId, usize> = FxHashMap::default();
    for work in works {
        let (answered, ended) = match &work.what {
            What::Begin => (None, None),
            What::Notes(notes) => match notes.iter().find(|note| note.what == crate::call::What::Answered) {
                Some(note) => (Some(note.at), None),
                None => continue,
            },
            What::Store(StoreAction::End { outcome, at, .. }) => (None, Some((*at, outcome_row(*outcome)))),
            _ => continue,
        };
        let begun = &work.context.call;
        let place = *places.entry(begun.id).or_insert_with(|| {
            let kind = if matches!(work.what, What::Begin) { ChangeKind::Created } else { ChangeKind::Changed };
            calls.push((&work.context.tenant, begun.clone(), kind));
            calls.len() - 1
        });
        let Some((_, call, _)) = calls.get_mut(place) else { continue };
        call.answered_at = answered.or(call.answered_at);
        if let Some((at, outcome)) = ended {
            (call.ended_at, call.outcome) = (Some(at), Some(outcome));
        }
    }
    let rows: Vec<_> = calls.iter().map(|(tenant, call, kind)| (*tenant, call, *kind)).collect();
    calllog::store::put_many(tx, &rows).await
}

/// What it says of a message.
async fn message(tx: &mut Tx, work: &Work) -> Result<Option<StoreEvent>, Error> {
    let (tenant, call) = (&work.context.tenant, &work.context.call);
    match &work.what {
        What::Store(StoreAction::Prepare { message, take, role, step, matter, language, adds, at }) => {
            let new = NewTake { id: *take, file: files::take_file(*take), started_at: *at };
            if *role != Role::First && message::store::add_take(tx, tenant, *message, &new).await? {
                return Ok(Some(StoreEvent::Ready(*take)));
            }
            let row = NewMessage {
                id: *message,
                call: call.id,
                caller: call.caller.clone(),
                caller_name: call.caller_name.clone(),
                called: call.called.clone(),
                step: step.clone(),
                matter: matter.clone(),
                language: *language,
                adds: *adds,
                at: *at,
            };
            message::store::begin(tx, tenant, &row, &new).await?;
            Ok(Some(StoreEvent::Ready(*take)))
        }
        What::Store(StoreAction::Urgent { message }) => {
            message::store::mark_urgent(tx, tenant, *message, true).await?;
            if message::store::is_kept(tx, tenant, *message).await? {
                queue::left(tx, caller(&work.context), *message, call.started_at).await?;
            }
            Ok(None)
        }
        What::Store(StoreAction::Promised { told, at }) => {
            let promised = queue::promised(told, None, *at);
            callback::store::promised(tx, tenant, call.id, &promised, None).await.map(|_| None)
        }
        What::Store(StoreAction::End { outcome, message, language, at }) => {
            if let Some(message) = message {
                message::store::close(tx, tenant, *message).await?;
            }
            if !work.context.blocked && *outcome != Outcome::Owner {
                queue::ended(tx, caller(&work.context), *language, *at).await?;
            }
            Ok(None)
        }
        What::Finished(finish, result) => {
            let answer = finished(tx, tenant, finish, result).await?;
            if let StoreEvent::Kept { .. } = answer {
                queue::left(tx, caller(&work.context), finish.message, finish.at).await?;
            }
            Ok(Some(answer))
        }
        // Of the call itself, or files.
        What::Begin | What::Notes(_) | What::Store(_) => Ok(None),
    }
}

fn caller(context: &Context) -> Caller<'_> {
    Caller { tenant: &context.tenant, call: &context.call, plan: Some(&context.plan) }
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
        Outcome::Owner => calllog::Outcome::Owner,
        Outcome::Callback => calllog::Outcome::Callback,
    }
}
