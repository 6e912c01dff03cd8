//! What calls and plans say, in the words of the callback queue.

use std::time::Duration;

use crate::callback::{Promise, PromiseKind, Rules};
use crate::clock::Utc;
use crate::flow::{Setting, Told, When};
use crate::plan::Plan;
use crate::slots::{self, Workload};

/// The rules of a plan's `[callbacks]`.
pub(super) fn rules(plan: &Plan) -> Rules {
    let of = &plan.callbacks;
    Rules {
        missed: of.missed,
        join: of.join,
        reopen: of.reopen,
        open_max: of.open,
        strangers_max: of.strangers,
        warn: of.warn,
        lease: of.lease,
        personal: of.personal,
        retry: of.retry.clone(),
        tries: of.tries,
    }
}

/// By when somebody can call back at the latest.
pub(super) fn latest(setting: &Setting, load: &Workload, within: Option<Duration>, now: Utc) -> Option<Utc> {
    let plan = &setting.plan;
    let hours = plan.callback_hours()?;
    slots::latest(hours, &setting.overrides, &plan.line.zone, plan.crew(), load, within, now)
}

/// As it is kept.
pub(super) fn promise(told: &Told, when: &When, at: Utc) -> Promise {
    let (kind, slot) = match when {
        When::Slot { slot, .. } => (PromiseKind::Slot, Some(slot.start)),
        When::Soon { .. } => (PromiseKind::Soon, None),
    };
    Promise { kind, words: told.words.clone(), language: told.language, told_at: at, latest_at: told.latest, slot }
}
