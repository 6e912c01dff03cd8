//! The plan of a business: read, checked, changed, and taken back.

use axum::Json;
use axum::extract::{Path, State as Of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::extract::{Body, Query, id};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use crate::person::{self, Action};
use crate::plan::{CheckContext, Finding, Plan, Severity, Text};
use crate::revision::{self, Applied, Draft, Entry, Origin};

/// Longest body with a plan in it: quotes and line ends take two bytes each in JSON.
pub(super) const BODY_BYTES_MAX: usize = 2 * crate::plan::limits::TEXT_BYTES_MAX + 64 * 1024;
/// Revisions of one page.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

/// The same sentence in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanText)]
pub(super) struct TextBody {
    de: String,
    en: String,
}

/// How bad a finding is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Severity)]
enum SeverityWord {
    /// The plan does not count.
    Error,
    /// The plan counts; somebody should look.
    Warning,
}

/// Something to be said about a plan, and where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct FindingBody {
    /// Stable; docs/findings.md says more about each.
    #[schema(example = "P101")]
    code: &'static str,
    severity: SeverityWord,
    /// First byte.
    start: usize,
    /// The byte after the last.
    end: usize,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    message: TextBody,
    /// What stands at the place; may be empty.
    label: TextBody,
    /// What to do.
    #[schema(required)]
    help: Option<TextBody>,
}

impl From<Text> for TextBody {
    fn from(text: Text) -> TextBody {
        TextBody { de: text.de, en: text.en }
    }
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> FindingBody {
        let place = finding.place;
        let severity = match finding.severity {
            Severity::Error => SeverityWord::Error,
            Severity::Warning => SeverityWord::Warning,
        };
        FindingBody {
            code: finding.code,
            severity,
            start: place.start,
            end: place.end,
            line: place.line,
            column: place.column,
            message: finding.message.into(),
            label: finding.label.into(),
            help: finding.help.map(TextBody::from),
        }
    }
}

/// The plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(super) struct PlanBody {
    text: String,
    /// Its revision; 0 where there is none yet: the text is then the standard plan's. Null for a file.
    #[schema(required)]
    revision: Option<u32>,
    /// The file that it is, where plans are files.
    #[schema(required)]
    file: Option<String>,
    /// Null for a file and for the standard plan.
    #[schema(required)]
    made: Option<EntryBody>,
    /// It can be changed here, by an owner.
    editable: bool,
    /// It checks. Where it does not, calls are answered with an older one.
    good: bool,
    findings: Vec<FindingBody>,
}

/// A revision without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevisionEntry)]
pub(super) struct EntryBody {
    revision: u32,
    author: String,
    /// May be empty.
    note: String,
    /// UTC.
    #[schema(format = DateTime)]
    at: String,
    /// The one that was the plan before it.
    #[schema(required)]
    based_on: Option<u32>,
    /// The one whose text it is again.
    #[schema(required)]
    restores: Option<u32>,
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> EntryBody {
        EntryBody {
            revision: entry.seq,
            author: entry.author,
            note: entry.note,
            at: entry.at.rfc3339(),
            based_on: entry.based_on,
            restores: entry.restores,
        }
    }
}

/// A revision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revision)]
pub(super) struct RevisionBody {
    #[serde(flatten)]
    entry: EntryBody,
    text: String,
}

/// A page of revisions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevisionList)]
pub(super) struct RevisionListBody {
    /// Newest first.
    revisions: Vec<EntryBody>,
    /// Give it as `before` for the next page; null at the end.
    #[schema(required)]
    next: Option<u32>,
}

/// A text to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanCheck)]
pub(super) struct CheckBody {
    text: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanChecked)]
pub(super) struct CheckedBody {
    /// It could be the plan.
    good: bool,
    findings: Vec<FindingBody>,
}

/// A text that is to be the plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChange)]
pub(super) struct ChangeBody {
    text: String,
    /// The revision that was there when the work began; 0: none.
    based_on: u32,
    /// Why.
    #[serde(default)]
    note: String,
}

/// Which revision's text is to be the plan again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanRollback)]
pub(super) struct RollbackBody {
    /// 0: the standard plan.
    revision: u32,
    /// The revision that was seen last; 0: none.
    based_on: u32,
    /// Why.
    #[serde(default)]
    note: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// 1–200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    before: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// A revision; 0 is the standard plan.
    from: u32,
    /// A revision; 0 is the standard plan.
    to: u32,
}

/// What tells two revisions apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanDiff)]
pub(super) struct DiffBody {
    /// In the unified form; empty where nothing does.
    diff: String,
}

/// The plan
#[utoipa::path(get, path = "/api/v1/plan", operation_id = "plan_get", tag = "plan",
    responses((status = 200, body = PlanBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(Of(state): Of<State>, who: SignedIn) -> Result<Json<PlanBody>, Problem> {
    Ok(Json(body(&state, &who).await?))
}

async fn body(state: &State, who: &SignedIn) -> Result<PlanBody, Problem> {
    let basis = &state.app.settings.basis;
    if basis.dir.is_some() {
        let current = state.app.settings.running.of(who.tenant.id()).ok_or_else(Problem::unavailable)?;
        let findings = current.held_back.as_deref().cloned().unwrap_or_default();
        return Ok(PlanBody {
            text: current.text.to_string(),
            revision: None,
            file: current.file.clone(),
            made: None,
            editable: false,
            good: current.held_back.is_none(),
            findings: findings.into_iter().map(FindingBody::from).collect(),
        });
    }
    let last = revision::store::last(&state.app.db, &who.tenant).await?;
    let (entry, text) = match last {
        Some(last) => (Some(last.entry), last.text),
        None => (None, standard(state, who)),
    };
    let (draft, findings) = checked(text.clone(), context(state, who).await?).await?;
    Ok(PlanBody {
        text,
        revision: Some(entry.as_ref().map_or(0, |entry| entry.seq)),
        file: None,
        made: entry.map(EntryBody::from),
        editable: who.is_owner(),
        good: draft.is_some(),
        findings: findings.into_iter().map(FindingBody::from).collect(),
    })
}

/// Check a text
///
/// As it would be checked if it were to be the plan; nothing is changed.
#[utoipa::path(post, path = "/api/v1/plan/check", operation_id = "plan_check", tag = "plan", request_body = CheckBody,
    responses((status = 200, body = CheckedBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn check(
    Of(state): Of<State>,
    who: SignedIn,
    Body(body): Body<CheckBody>,
) -> Result<Json<CheckedBody>, Problem> {
    let (draft, findings) = checked(body.text, context(&state, &who).await?).await?;
    Ok(Json(CheckedBody { good: draft.is_some(), findings: findings.into_iter().map(FindingBody::from).collect() }))
}

/// Make a text the plan
///
/// Calls that begin from now on follow it. For owners.
#[utoipa::path(put, path = "/api/v1/plan", operation_id = "plan_put", tag = "plan", request_body = ChangeBody, responses(
    (status = 200, body = PlanBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`plan_changed`: somebody else was faster; `plan_in_files`"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`plan_not_good`, with `findings`"),
))]
pub(super) async fn put(
    Of(state): Of<State>,
    who: SignedIn,
    Body(change): Body<ChangeBody>,
) -> Result<Json<PlanBody>, Problem> {
    let origin = Origin { note: change.note, based_on: Some(change.based_on), ..Origin::default() };
    apply(&state, &who, change.text, origin).await
}

/// Make an older text the plan again
///
/// It becomes a new revision. For owners.
#[utoipa::path(post, path = "/api/v1/plan/rollback", operation_id = "plan_rollback", tag = "plan", request_body = RollbackBody, responses(
    (status = 200, body = PlanBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "`plan_changed`: somebody else was faster; `plan_in_files`"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`plan_not_good`, with `findings`: what it names is gone by now"),
))]
pub(super) async fn rollback(
    Of(state): Of<State>,
    who: SignedIn,
    Body(wanted): Body<RollbackBody>,
) -> Result<Json<PlanBody>, Problem> {
    let (_, text) = named(&state, &who, wanted.revision).await?;
    let restores = (wanted.revision > 0).then_some(wanted.revision);
    let origin = Origin { note: wanted.note, based_on: Some(wanted.based_on), restores, ..Origin::default() };
    apply(&state, &who, text, origin).await
}

async fn apply(state: &State, who: &SignedIn, text: String, origin: Origin) -> Result<Json<PlanBody>, Problem> {
    who.owner()?;
    if let Some(dir) = &state.app.settings.basis.dir {
        return Err(Problem::plan_in_files(dir));
    }
    let (draft, findings) = checked(text, context(state, who).await?).await?;
    let draft = draft.ok_or_else(|| Problem::plan_not_good(findings.into_iter().map(FindingBody::from).collect()))?;
    let now = state.app.clock.now().utc;
    let origin = Origin { author: who.person.name.clone(), ..origin };
    let mut tx = state.app.db.write().await?;
    match revision::store::apply(&mut tx, &who.tenant, &draft, &origin, now).await? {
        Applied::Done(seq) => {
            let action = if origin.restores.is_some() { Action::PlanRolledBack } else { Action::PlanApplied };
            person::store::audit(&mut tx, &who.tenant, now, who.person.id, action, &seq.to_string()).await?;
            tx.commit().await?;
        }
        Applied::Same(_) => {}
        Applied::Overtaken(seq) => return Err(Problem::plan_changed(seq)),
        Applied::Taken(numbers) => return Err(Problem::numbers_taken(&numbers)),
    }
    Ok(Json(body(state, who).await?))
}

/// The revisions, newest first
#[utoipa::path(get, path = "/api/v1/plan/revisions", operation_id = "plan_revisions", tag = "plan", params(HistoryQuery),
    responses((status = 200, body = RevisionListBody), (status = 401, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn revisions(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<RevisionListBody>, Problem> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let found = revision::store::history(&state.app.db, &who.tenant, query.before, limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
    let next = found.last().filter(|last| full && last.seq > 1).map(|last| last.seq);
    Ok(Json(RevisionListBody { revisions: found.into_iter().map(EntryBody::from).collect(), next }))
}

/// One revision
#[utoipa::path(get, path = "/api/v1/plan/revisions/{revision}", operation_id = "plan_revision", tag = "plan",
    params(("revision" = u32, Path, description = "Its number")),
    responses((status = 200, body = RevisionBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn one(
    Of(state): Of<State>,
    who: SignedIn,
    Path(seq): Path<String>,
) -> Result<Json<RevisionBody>, Problem> {
    let found = revision::store::get(&state.app.db, &who.tenant, id(&seq)?).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(RevisionBody { entry: found.entry.into(), text: found.text }))
}

/// What tells two revisions apart
#[utoipa::path(get, path = "/api/v1/plan/diff", operation_id = "plan_diff", tag = "plan", params(DiffQuery),
    responses((status = 200, body = DiffBody), (status = 401, body = ProblemBody, content_type = "application/problem+json"), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn diff(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<DiffQuery>,
) -> Result<Json<DiffBody>, Problem> {
    let (from, to) = (named(&state, &who, query.from).await?, named(&state, &who, query.to).await?);
    // Long texts take their time: not on a thread that serves others.
    let told = tokio::task::spawn_blocking(move || revision::diff((&from.0, &from.1), (&to.0, &to.1))).await;
    Ok(Json(DiffBody { diff: told.map_err(|_| Problem::unavailable())? }))
}

/// A revision's name and text; 0 is the standard plan.
async fn named(state: &State, who: &SignedIn, seq: u32) -> Result<(String, String), Problem> {
    if seq == 0 {
        return Ok(("standard plan".to_owned(), standard(state, who)));
    }
    let found = revision::store::get(&state.app.db, &who.tenant, seq).await?.ok_or_else(Problem::not_found)?;
    Ok((format!("revision {seq}"), found.text))
}

fn standard(state: &State, who: &SignedIn) -> String {
    state.app.settings.basis.standard(who.tenant.language(), who.tenant.timezone())
}

async fn context(state: &State, who: &SignedIn) -> Result<CheckContext, Problem> {
    let now = state.app.clock.now().utc;
    Ok(revision::store::context(&state.app.db, &who.tenant, &state.app.settings.basis.known, now).await?)
}

/// Long texts take their time: not on a thread that serves others.
async fn checked(text: String, context: CheckContext) -> Result<(Option<Draft>, Vec<Finding>), Problem> {
    let checked = tokio::task::spawn_blocking(move || Draft::check(&text, &context)).await;
    checked.map_err(|_| Problem::unavailable())
}

/// The plan that calls follow now, as far as this process knows; none: the standard one.
pub(super) async fn followed(state: &State, who: &SignedIn) -> Result<Option<Plan>, Problem> {
    if let Some(current) = state.app.settings.running.of(who.tenant.id()) {
        return Ok(Some(current.plan.clone()));
    }
    let Some(last) = revision::store::last(&state.app.db, &who.tenant).await? else { return Ok(None) };
    let known = state.app.settings.basis.known.clone();
    Ok(checked(last.text, known).await?.0.map(|draft| draft.plan().clone()))
}
