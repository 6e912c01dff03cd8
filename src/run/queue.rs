//! What calls and plans say, in the words of the callback queue.

use std::time::Duration;

use crate::callback::{self, Arrival, Kind, PromiseKind, Promised, Rules};
use crate::calllog;
use crate::clock::Utc;
use crate::db::{Error, Tx};
use crate::dial::Verdict;
use crate::flow::{Setting, Told, When};
use crate::ids::{CallbackId, Language, MessageId};
use crate::message;
use crate::plan::Plan;
use crate::slots::{self, Workload};
use crate::tenant::Tenant;

fn rules(plan: Option<&Plan>) -> Rules {
    plan.map(|plan| Rules::from(&plan.callbacks)).unwrap_or_default()
}

/// By when somebody can call back at the latest.
pub(super) fn latest(setting: &Setting, load: &Workload, within: Option<Duration>, now: Utc) -> Option<Utc> {
    let plan = &setting.plan;
    let hours = plan.callback_hours();
    slots::latest(&hours, &setting.overrides, &plan.line.zone, plan.crew(), load, within, now)
}

/// As it is kept. `when`: of a booking; none: told around a message.
pub(super) fn promised(told: &Told, when: Option<&When>, at: Utc) -> Promised {
    let (kind, start) = match when {
        Some(When::Slot { slot, .. }) => (PromiseKind::Slot, Some(slot.start)),
        Some(When::Soon { .. }) => (PromiseKind::Soon, None),
        None => (PromiseKind::Message, None),
    };
    Promised { kind, words: told.words.clone(), language: told.language, told_at: at, latest_at: told.latest, start }
}

/// A call, as far as the queue needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'a> {
    pub tenant: &'a Tenant,
    pub call: &'a calllog::Call,
    /// None: it died with the call.
    pub plan: Option<&'a Plan>,
}

/// A message can be heard: somebody has to call back. Said again of the same message it changes nothing.
pub(super) async fn left(tx: &mut Tx, of: Caller<'_>, message: MessageId, at: Utc) -> Result<(), Error> {
    let Some(about) = message::store::about(tx, of.tenant, message).await? else { return Ok(()) };
    let arrival = Arrival {
        caller: about.caller.clone(),
        language: about.language.unwrap_or(of.tenant.language()),
        matter: about.matter.or_else(|| about.step.clone()),
        step: about.step,
        urgent: about.urgent,
        kind: Kind::Message(message),
        moves: about.adds,
        ..arrival(of, at)
    };
    arrive(tx, of, &arrival).await
}

/// The call is over. Who left nothing, and shows a number, is called back too.
pub(super) async fn ended(tx: &mut Tx, of: Caller<'_>, language: Language, at: Utc) -> Result<(), Error> {
    if callback::store::has_call(tx, of.tenant, of.call.id).await? {
        return Ok(());
    }
    let shown = of.call.caller.is_some();
    let missed = rules(of.plan).missed;
    if shown && (missed || callback::store::was_promised(tx, of.tenant, of.call.id).await?) {
        let arrival = Arrival { language, ..arrival(of, at) };
        return arrive(tx, of, &arrival).await;
    }
    // Nobody can be called: what was told is nobody's.
    callback::store::forget_promises(tx, of.tenant, of.call.id).await
}

fn arrival(of: Caller<'_>, at: Utc) -> Arrival {
    Arrival {
        id: CallbackId::new(at, rand::random()),
        call: of.call.id,
        at,
        caller: of.call.caller.clone(),
        caller_name: of.call.caller_name.clone(),
        called: of.call.called.clone(),
        language: of.tenant.language(),
        matter: None,
        step: None,
        urgent: false,
        kind: Kind::Missed,
        given: None,
        leave: None,
        moves: None,
    }
}

async fn arrive(tx: &mut Tx, of: Caller<'_>, arrival: &Arrival) -> Result<(), Error> {
    let policy = of.plan.map(|plan| plan.policy());
    let verdict = |number: &str| policy.as_ref().map(|policy| policy.verdict(number));
    let leave = arrival.caller.as_deref().and_then(|number| match verdict(number) {
        Some(Verdict::NeedsLeave(kind)) => Some(kind.code().to_owned()),
        Some(Verdict::Allowed) | None => None,
    });
    let rules = rules(of.plan);
    callback::store::arrive(tx, of.tenant, &rules, &Arrival { leave, ..arrival.clone() }).await?;
    Ok(())
}
