//! What a caller would hear, and the week: by the engine that answers calls.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::State;
use super::extract::Body;
use super::plan::{self, FindingBody, TextBody};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::clock::Utc;
use crate::contact;
use crate::flow::simulate::{self, Heard, Simulated, Stretch, Transcripts, What, ask};
use crate::flow::{Contact, Setting, Visitor};
use crate::hours::Overrides;
use crate::ids::Language;
use crate::opening;
use crate::plan::Plan;
use crate::prompt;

/// What is asked of a simulation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanQuestion)]
pub(super) struct QuestionBody {
    /// A text that need not be the plan; left out: the plan that calls follow. What was set by hand counts in both.
    text: Option<String>,
    /// When the call comes: RFC 3339, or by a clock at the business; now where it is left out.
    #[schema(example = "2026-12-24T19:30")]
    at: Option<String>,
    /// Who calls; left out, or `withheld`: no number is shown.
    #[schema(example = "+493023125042")]
    caller: Option<String>,
    /// Which number is called; left out: the first of the plan.
    called: Option<String>,
    /// As if the caller were this contact: `no`, `yes`, `vip`, `blocked`, `list:NAME`, with commas; left out: what is
    /// known of the number.
    contact: Option<String>,
    /// Pressed one after the other; `,` waits half a second, `…` two, `_` until the call goes on. 200 at most.
    #[serde(default)]
    keys: String,
}

/// A simulated call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanSimulated)]
pub(super) struct SimulatedBody {
    /// When it comes, with the offset of the line's time zone.
    #[schema(format = DateTime)]
    at: String,
    /// Null: withheld.
    #[schema(required)]
    caller: Option<String>,
    /// Where it begins.
    #[schema(example = "menu.abend")]
    step: String,
    /// Why, without a full stop.
    why: TextBody,
    /// The line of the plan that decides; null: it was set by hand.
    #[schema(required)]
    line: Option<usize>,
    /// In order.
    heard: Vec<HeardBody>,
}

/// Something that happens in a simulated call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanHeard)]
pub(super) struct HeardBody {
    /// Since the call was answered; how long words take is estimated.
    after_ms: u64,
    #[serde(flatten)]
    what: WhatBody,
}

/// What happens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = PlanHeardWhat)]
enum WhatBody {
    /// The call goes on at a step.
    Step {
        step: String,
        /// The line of the plan that says so.
        line: usize,
        /// `route`, `keys`, `silence`, `invalid`, `done`, `otherwise` or `back`.
        by: &'static str,
    },
    /// The caller hears this.
    Says {
        /// The words; empty where they are not known.
        text: String,
        /// The prompt; null: a sentence of the plan.
        #[schema(required)]
        prompt: Option<String>,
    },
    /// The caller presses a key.
    Presses { key: char },
    /// The caller says and presses nothing.
    Silent { seconds: u64 },
    /// The caller speaks.
    Speaks { seconds: u64 },
    /// The message is in the list.
    Kept { urgent: bool },
    /// A callback is booked; in the simulation only.
    Books {
        /// The booked time, with the offset of the line's time zone; null: as soon as possible.
        #[schema(required, format = DateTime)]
        start: Option<String>,
        /// When it is late.
        #[schema(format = DateTime)]
        latest: String,
        /// The number to call; null: the one that the call comes from.
        #[schema(required)]
        number: Option<String>,
        /// It was booked before, for another time.
        moved: bool,
    },
    /// A callback is not wanted any more.
    Cancels,
    /// The caller was told when somebody calls back.
    Promised {
        words: String,
        /// With the offset of the line's time zone.
        #[schema(format = DateTime)]
        latest: String,
    },
    /// The call ends.
    Ends {
        /// The caller hangs up, not Nightdesk.
        by_caller: bool,
    },
    /// The owner gives the PIN. Simulated ones are right, and never shown.
    Pin,
    /// The owner opens or closes by hand; in the simulation only.
    SetsHours {
        open: bool,
        /// With the offset of the line's time zone.
        #[schema(format = DateTime)]
        until: String,
    },
    /// The owner lifts what was set by hand.
    LiftsHours,
    /// The owner replaces a prompt by what was recorded.
    KeepsPrompt { prompt: String },
    /// The owner takes a prompt back to the version before.
    RestoresPrompt { prompt: String },
}

impl From<What> for WhatBody {
    fn from(what: What) -> WhatBody {
        match what {
            What::Step { step, line, by } => WhatBody::Step { step, line, by },
            What::Says { text, prompt } => WhatBody::Says { text, prompt },
            What::Presses { key } => WhatBody::Presses { key },
            What::Silent { seconds } => WhatBody::Silent { seconds },
            What::Speaks { seconds } => WhatBody::Speaks { seconds },
            What::Kept { urgent } => WhatBody::Kept { urgent },
            What::Books { start, latest, number, moved } => WhatBody::Books { start, latest, number, moved },
            What::Cancels => WhatBody::Cancels,
            What::Promised { words, latest } => WhatBody::Promised { words, latest },
            What::Ends { by_caller } => WhatBody::Ends { by_caller },
            What::Pin => WhatBody::Pin,
            What::SetsHours { open, until } => WhatBody::SetsHours { open, until },
            What::LiftsHours => WhatBody::LiftsHours,
            What::KeepsPrompt { prompt } => WhatBody::KeepsPrompt { prompt },
            What::RestoresPrompt { prompt } => WhatBody::RestoresPrompt { prompt },
        }
    }
}

impl From<Simulated> for SimulatedBody {
    fn from(told: Simulated) -> SimulatedBody {
        let heard = |Heard { after_ms, what }| HeardBody { after_ms, what: what.into() };
        SimulatedBody {
            at: told.at,
            caller: told.caller,
            step: told.step,
            why: told.why.into(),
            line: told.line,
            heard: told.heard.into_iter().map(heard).collect(),
        }
    }
}

/// A time in which every call of somebody begins at the same step for the same reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanStretch)]
pub(super) struct StretchBody {
    /// First moment, with the offset of the line's time zone.
    #[schema(format = DateTime)]
    from: String,
    /// First moment after it.
    #[schema(format = DateTime)]
    until: String,
    /// Open or closed; null: a line without hours.
    #[schema(required)]
    open: Option<bool>,
    /// Where calls begin.
    #[schema(example = "menu.abend")]
    step: String,
    /// Why, without a full stop.
    why: TextBody,
    /// The line of the plan that decides; null: it was set by hand.
    #[schema(required)]
    line: Option<usize>,
}

impl From<Stretch> for StretchBody {
    fn from(stretch: Stretch) -> StretchBody {
        StretchBody {
            from: stretch.from,
            until: stretch.until,
            open: stretch.open,
            step: stretch.step,
            why: stretch.why.into(),
            line: stretch.line,
        }
    }
}

/// A week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanWeek)]
pub(super) struct WeekBody {
    /// In which the plan means its times: an IANA name.
    timezone: String,
    /// From the moment on that was asked about, without holes, for seven days.
    stretches: Vec<StretchBody>,
}

/// What a caller would hear
///
/// By the engine that answers calls, step by step, with the line of the plan that says so. No call is made.
#[utoipa::path(post, path = "/api/v1/plan/simulate", operation_id = "plan_simulate", tag = "plan", request_body = QuestionBody, responses(
    (status = 200, body = SimulatedBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says which field, and what can be written"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`plan_not_good`, with `findings`: of the text that was given"),
))]
pub(super) async fn simulate(
    Of(state): Of<State>,
    who: SignedIn,
    Body(question): Body<QuestionBody>,
) -> Result<Json<SimulatedBody>, Problem> {
    let asked = asked(&state, &who, &question).await?;
    let texts = Texts::of(&state, &who).await?;
    let told = elsewhere(move || simulate::simulate(&asked.setting, &asked.visitor, asked.at, &question.keys, &texts));
    Ok(Json(told.await?.into()))
}

/// Seven days at a glance
///
/// When which step answers, and why. `keys` are not looked at.
#[utoipa::path(post, path = "/api/v1/plan/week", operation_id = "plan_week", tag = "plan", request_body = QuestionBody, responses(
    (status = 200, body = WeekBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: `detail` says which field, and what can be written"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`plan_not_good`, with `findings`: of the text that was given"),
))]
pub(super) async fn week(
    Of(state): Of<State>,
    who: SignedIn,
    Body(question): Body<QuestionBody>,
) -> Result<Json<WeekBody>, Problem> {
    let asked = asked(&state, &who, &question).await?;
    let timezone = asked.setting.plan.line.zone.iana_name().unwrap_or_default().to_owned();
    let stretches = elsewhere(move || simulate::week(&asked.setting, &asked.visitor, asked.at)).await?;
    Ok(Json(WeekBody { timezone, stretches: stretches.into_iter().map(StretchBody::from).collect() }))
}

/// A question, understood.
struct Asked {
    setting: Setting,
    visitor: Visitor,
    at: Utc,
}

async fn asked(state: &State, who: &SignedIn, question: &QuestionBody) -> Result<Asked, Problem> {
    let bad = |field: &str, bad: ask::BadAsk| Problem::bad_request(format!("{field}: {bad}"));
    ask::keys(&question.keys).map_err(|found| bad("keys", found))?;
    let now = state.app.clock.now().utc;
    let plan = match &question.text {
        Some(text) => written(state, who, text.clone()).await?,
        None => match plan::followed(state, who).await? {
            Some(plan) => plan,
            None => written(state, who, plan::standard(state, who)).await?,
        },
    };
    let standing = opening::store::standing(&state.app.db, &who.tenant, now).await?;
    let overrides = Overrides::new(standing.into_iter().map(|kept| kept.by_hand).collect());
    let setting = Setting { overrides: Arc::new(overrides), ..Setting::of(plan, who.tenant.name()) };
    let at = question.at.as_deref().map(|text| ask::at(text, &setting.plan.line.zone)).transpose();
    let at = at.map_err(|found| bad("at", found))?.unwrap_or(now);
    let caller = ask::caller(question.caller.as_deref());
    let contact = match (&question.contact, &caller) {
        (Some(text), _) => ask::contact(text).map_err(|found| bad("contact", found))?,
        (None, Some(number)) => known(state, who, number).await?,
        (None, None) => None,
    };
    let visitor = ask::visitor(caller, question.called.as_deref(), contact, &setting);
    Ok(Asked { setting, visitor, at })
}

/// What the business knows of who calls from this number.
async fn known(state: &State, who: &SignedIn, number: &str) -> Result<Option<Contact>, Problem> {
    let found = contact::store::by_number(&state.app.db, &who.tenant, number).await?;
    let standing = found.map(|found| found.card.standing());
    Ok(standing.map(|it| Contact {
        vip: it.vip,
        blocked: it.blocked,
        lists: it.lists,
        language: it.language,
        name_clip: it.name_clip,
    }))
}

/// A text that need not be anybody's plan.
async fn written(state: &State, who: &SignedIn, text: String) -> Result<Plan, Problem> {
    let (draft, findings) = plan::checked(text, plan::context(state, who).await?).await?;
    let refused = || Problem::plan_not_good(findings.into_iter().map(FindingBody::from).collect());
    draft.map(|draft| draft.plan().clone()).ok_or_else(refused)
}

/// Long plans take their time: not on a thread that serves others.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::unavailable())
}

/// What prompts say to a tenant's callers.
struct Texts(HashMap<(Language, String), String>);

impl Texts {
    /// Own versions that are current over those that ship. Of a recording that nobody wrote down no words are known.
    async fn of(state: &State, who: &SignedIn) -> Result<Texts, Problem> {
        let mut texts = HashMap::new();
        for language in [Language::De, Language::En] {
            let shipped = state.app.studio.shipped(language).into_iter();
            texts.extend(shipped.map(|shipped| ((language, shipped.id), shipped.transcript)));
        }
        for own in prompt::store::current_all(&state.app.db, &who.tenant).await? {
            texts.insert((own.place.language, own.place.prompt.to_string()), own.transcript);
        }
        Ok(Texts(texts))
    }
}

impl Transcripts for Texts {
    fn transcript(&self, language: Language, prompt: &str) -> Option<String> {
        self.0.get(&(language, prompt.to_owned())).cloned()
    }
}
