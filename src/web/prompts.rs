//! Prompts: listed, heard, replaced by a file or by text, gone back to. Owners change them, others hear.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path as FilePath;

use async_trait::async_trait;
use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{Path, State as Of};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::State;
use super::audio::open;
use super::extract::{Body, Query, id};
use super::making::Place as Making;
use super::problem::{Problem, ProblemBody};
use super::session::{LanguageWord, SignedIn};
use super::sound::{Sound, Wav};
use crate::contact::NameClip;
use crate::ids::{ContactId, Language, PromptVersionId};
use crate::message::export::seconds;
use crate::person::{self, Actor, Person};
use crate::prompt::store::{self, KeepError};
use crate::prompt::{self, FOLDER, Place, Source, UPLOAD_BYTES_MAX, Version};
use crate::tenant::Tenant;

/// A prompt that ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedPrompt {
    /// Its id.
    pub id: String,
    /// What it says.
    pub transcript: String,
}

/// Where prompts are made and kept: `run` carries it out, for making takes files, a voice and processes.
/// Each change is in the audit log in `by`'s name, and told to the listeners of [`crate::db::Db::changes`].
#[async_trait]
pub trait Studio: std::fmt::Debug + Send + Sync {
    /// What ships in a language, by id.
    fn shipped(&self, language: Language) -> Vec<ShippedPrompt>;
    /// The WAV file of a prompt that ships.
    fn shipped_wav(&self, place: &Place) -> Option<Vec<u8>>;
    /// Makes a file that somebody recorded a new version, which is current then. The transcript may be empty.
    async fn upload(
        &self,
        tenant: &Tenant,
        by: Actor,
        place: &Place,
        file: Vec<u8>,
        transcript: &str,
    ) -> Result<Version, KeepError>;
    /// Speaks a text: a new version, which is current then.
    async fn say(&self, tenant: &Tenant, by: Actor, place: &Place, text: &str) -> Result<Version, KeepError>;
    /// Makes an older version current; none where there is no such version of this prompt.
    async fn restore(
        &self,
        tenant: &Tenant,
        by: Actor,
        place: &Place,
        version: PromptVersionId,
    ) -> Result<Option<Version>, KeepError>;
    /// Gives a contact a recorded name, to be confirmed by an owner; none: there is no such contact.
    async fn name_upload(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        file: Vec<u8>,
        transcript: &str,
    ) -> Result<Option<NameClip>, KeepError>;
    /// The same from text that is spoken.
    async fn name_say(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        language: Language,
        text: &str,
    ) -> Result<Option<NameClip>, KeepError>;
    /// Back to what ships; `false` where no own version was current.
    async fn reset(&self, tenant: &Tenant, by: Actor, place: &Place) -> Result<bool, KeepError>;
}

/// A prompt in one language.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prompt)]
pub(super) struct PromptBody {
    language: LanguageWord,
    /// What plans name it by.
    #[schema(example = "greeting")]
    id: String,
    /// What the shipped prompt says; null where none ships under this id.
    #[schema(required)]
    shipped: Option<String>,
    /// What callers hear instead of it; null: the shipped prompt, or nothing where none ships.
    #[schema(required)]
    current: Option<VersionBody>,
    /// All own versions that are kept, newest first; the current one is among them.
    versions: Vec<VersionBody>,
    /// Where the WAV file is that callers hear.
    #[schema(example = "/api/v1/prompts/de/greeting/audio")]
    audio: String,
}

/// An own version of a prompt.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PromptVersion)]
pub(super) struct VersionBody {
    id: String,
    /// From 1, in the order in which they came.
    seq: u32,
    source: SourceWord,
    /// What it says; empty where nobody wrote it down.
    transcript: String,
    /// Seconds.
    duration: f64,
    /// When it was made, UTC.
    #[schema(format = DateTime)]
    created_at: String,
    /// Who made it, by name; null where nobody signed in did, or that person is no more.
    #[schema(required)]
    author: Option<String>,
    current: bool,
    /// Where its WAV file is.
    audio: String,
}

/// How a version came.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PromptSource)]
enum SourceWord {
    Upload,
    Text,
    Phone,
}

/// All prompts, in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromptList)]
pub(super) struct PromptListBody {
    /// By language and id.
    prompts: Vec<PromptBody>,
}

/// What is to be spoken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PromptText)]
pub(super) struct SayBody {
    /// 1,000 characters at most.
    text: String,
}

/// Which version is to be current again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PromptRestore)]
pub(super) struct RestoreBody {
    /// Its id.
    version: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AudioQuery {
    /// A version's id, or `shipped`; otherwise what callers hear.
    version: Option<String>,
    /// `1`: to be saved, not played.
    download: Option<u8>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// What is said in it; 1,000 characters at most.
    transcript: Option<String>,
}

/// All prompts
///
/// Those that ship and the tenant's own, in both languages.
#[utoipa::path(get, path = "/api/v1/prompts", operation_id = "prompts_list", tag = "prompts", responses(
    (status = 200, body = PromptListBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(Of(state): Of<State>, who: SignedIn) -> Result<Json<PromptListBody>, Problem> {
    let versions = store::versions(&state.app.db, &who.tenant).await?;
    let people = person::store::all(&state.app.db, &who.tenant).await?;
    let mut found: BTreeMap<(Language, String), (Option<String>, Vec<Version>)> = BTreeMap::new();
    for language in Language::ALL {
        for shipped in state.app.studio.shipped(language) {
            found.entry((language, shipped.id)).or_default().0 = Some(shipped.transcript);
        }
    }
    for version in versions {
        let key = (version.place.language, version.place.prompt.to_string());
        found.entry(key).or_default().1.push(version);
    }
    let prompts = found
        .into_iter()
        .map(|((language, id), (shipped, versions))| body(language, id, shipped, versions, &people))
        .collect();
    Ok(Json(PromptListBody { prompts }))
}

/// The sound of a prompt
///
/// What callers hear, or any version of it. Knows `Range`.
#[utoipa::path(get, path = "/api/v1/prompts/{language}/{id}/audio", operation_id = "prompts_audio", tag = "prompts",
    params(("language" = LanguageWord, Path, description = "`de` or `en`"), ("id" = String, Path, description = "The prompt's id"), AudioQuery),
    responses(
        (status = 200, content_type = "audio/wav", body = inline(Wav)),
        (status = 206, content_type = "audio/wav", body = inline(Wav), description = "The range that was asked for"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, body = ProblemBody, content_type = "application/problem+json", description = "`audio_gone`: the file is missing"),
        (status = 416, description = "The range is outside of the file"),
    ))]
pub(super) async fn audio(
    Of(state): Of<State>,
    who: SignedIn,
    Path(path): Path<(String, String)>,
    Query(query): Query<AudioQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = known_place(&path)?;
    let download = query.download == Some(1);
    let version = match query.version.as_deref() {
        Some("shipped") => None,
        Some(version) => {
            let version = store::get(&state.app.db, &who.tenant, id(version)?).await?;
            Some(version.filter(|version| version.place == place).ok_or_else(Problem::not_found)?)
        }
        None => {
            let all = store::history(&state.app.db, &who.tenant, &place).await?;
            all.into_iter().find(|version| version.current)
        }
    };
    let name = place.to_string().replace('/', "-");
    let Some(version) = version else {
        let wav = state.app.studio.shipped_wav(&place).ok_or_else(Problem::not_found)?;
        // It changes with the program only.
        let tag = format!("\"shipped-{}-{}\"", env!("CARGO_PKG_VERSION"), wav.len());
        let sound = Sound { tag: &tag, name: &name, download, len: wav.len() as u64 };
        return sound.answer(Cursor::new(wav), sound.wanted(&method, &headers)).await;
    };
    let (file, len) = open(&file(&state.app.data_dir, version.id)).await?;
    let tag = format!("\"{}\"", version.sha256);
    let sound = Sound { tag: &tag, name: &name, download, len };
    sound.answer(file, sound.wanted(&method, &headers)).await
}

/// Replace a prompt by a recording
///
/// The body is the file itself: WAV, MP3, FLAC, OGG (Vorbis), M4A (AAC), AIFF or CAF of 20 MB and three
/// minutes at most. Level and ends are brought to those of the other prompts. Any id will do that a plan
/// may name.
#[utoipa::path(put, path = "/api/v1/prompts/{language}/{id}", operation_id = "prompts_upload", tag = "prompts",
    params(("language" = LanguageWord, Path, description = "`de` or `en`"), ("id" = String, Path, description = "The prompt's id"), UploadQuery),
    request_body(content = inline(Wav), content_type = "audio/*"),
    responses(
        (status = 200, body = PromptBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`not_audio`, `too_long`, `silent`, `overdriven`, `too_many_channels`, `odd_rate`, `text_too_long`, `too_many_prompts`, `too_much`"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "`busy`: one at a time"),
    ))]
pub(super) async fn upload(
    Of(state): Of<State>,
    who: SignedIn,
    Path(path): Path<(String, String)>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    file: RawBody,
) -> Result<Json<PromptBody>, Problem> {
    let place = new_place(&path)?;
    let _making = may_make(&state, &who)?;
    // What says that it is too large need not be sent first.
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|bytes| bytes > UPLOAD_BYTES_MAX) {
        return Err(prompt::Refusal::TooLarge.into());
    }
    let file = axum::body::to_bytes(file, UPLOAD_BYTES_MAX).await.map_err(|_| prompt::Refusal::TooLarge)?;
    let transcript = query.transcript.unwrap_or_default();
    state.app.studio.upload(&who.tenant, who.person.id.into(), &place, file.into(), &transcript).await?;
    one(&state, &who, &place).await
}

/// Replace a prompt by text that is spoken
#[utoipa::path(post, path = "/api/v1/prompts/{language}/{id}/say", operation_id = "prompts_say", tag = "prompts",
    params(("language" = LanguageWord, Path, description = "`de` or `en`"), ("id" = String, Path, description = "The prompt's id")),
    request_body = SayBody,
    responses(
        (status = 200, body = PromptBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`no_text`, `text_too_long`, `too_long`, `too_many_prompts`, `too_much`"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "`busy`: one at a time"),
    ))]
pub(super) async fn say(
    Of(state): Of<State>,
    who: SignedIn,
    Path(path): Path<(String, String)>,
    Body(said): Body<SayBody>,
) -> Result<Json<PromptBody>, Problem> {
    let place = new_place(&path)?;
    let _making = may_make(&state, &who)?;
    state.app.studio.say(&who.tenant, who.person.id.into(), &place, &said.text).await?;
    one(&state, &who, &place).await
}

/// Go back to an older version
#[utoipa::path(post, path = "/api/v1/prompts/{language}/{id}/restore", operation_id = "prompts_restore", tag = "prompts",
    params(("language" = LanguageWord, Path, description = "`de` or `en`"), ("id" = String, Path, description = "The prompt's id")),
    request_body = RestoreBody,
    responses(
        (status = 200, body = PromptBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "`too_much`"),
    ))]
pub(super) async fn restore(
    Of(state): Of<State>,
    who: SignedIn,
    Path(path): Path<(String, String)>,
    Body(which): Body<RestoreBody>,
) -> Result<Json<PromptBody>, Problem> {
    let place = known_place(&path)?;
    only_owner(&who)?;
    let version = id(&which.version)?;
    let restored = state.app.studio.restore(&who.tenant, who.person.id.into(), &place, version).await?;
    restored.ok_or_else(Problem::not_found)?;
    one(&state, &who, &place).await
}

/// Go back to the shipped prompt
///
/// Own versions are kept and can be restored. Where nothing ships under this id, callers hear nothing.
#[utoipa::path(delete, path = "/api/v1/prompts/{language}/{id}", operation_id = "prompts_reset", tag = "prompts",
    params(("language" = LanguageWord, Path, description = "`de` or `en`"), ("id" = String, Path, description = "The prompt's id")),
    responses(
        (status = 200, body = PromptBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json", description = "`only_owner`"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "It has no own version"),
    ))]
pub(super) async fn reset(
    Of(state): Of<State>,
    who: SignedIn,
    Path(path): Path<(String, String)>,
) -> Result<Json<PromptBody>, Problem> {
    let place = known_place(&path)?;
    only_owner(&who)?;
    let was = state.app.studio.reset(&who.tenant, who.person.id.into(), &place).await?;
    if !was && store::history(&state.app.db, &who.tenant, &place).await?.is_empty() {
        return Err(Problem::not_found());
    }
    one(&state, &who, &place).await
}

fn only_owner(who: &SignedIn) -> Result<(), Problem> {
    if who.person.role == person::Role::Owner { Ok(()) } else { Err(Problem::only_owner()) }
}

fn may_make(state: &State, who: &SignedIn) -> Result<Making, Problem> {
    only_owner(who)?;
    state.making.place(who.tenant.id())
}

/// What is no language or no id names nothing.
fn known_place((language, prompt): &(String, String)) -> Result<Place, Problem> {
    Ok(Place { language: id(language)?, prompt: id(prompt)? })
}

/// What is made may have a name that nobody used yet, and one that is no name is said to be none.
fn new_place((language, prompt): &(String, String)) -> Result<Place, Problem> {
    let prompt = prompt.parse().map_err(|error: prompt::BadPromptId| Problem::bad_request(error.to_string()))?;
    Ok(Place { language: id(language)?, prompt })
}

fn file(data_dir: &FilePath, version: PromptVersionId) -> std::path::PathBuf {
    data_dir.join(FOLDER).join(prompt::file_name(version))
}

/// A prompt as it stands after a change.
async fn one(state: &State, who: &SignedIn, place: &Place) -> Result<Json<PromptBody>, Problem> {
    let versions = store::history(&state.app.db, &who.tenant, place).await?;
    let people = person::store::all(&state.app.db, &who.tenant).await?;
    let id = place.prompt.to_string();
    let shipped = state.app.studio.shipped(place.language).into_iter().find(|shipped| shipped.id == id);
    Ok(Json(body(place.language, id, shipped.map(|shipped| shipped.transcript), versions, &people)))
}

fn body(
    language: Language,
    id: String,
    shipped: Option<String>,
    versions: Vec<Version>,
    people: &[Person],
) -> PromptBody {
    let audio = format!("/api/v1/prompts/{language}/{id}/audio");
    let versions: Vec<VersionBody> =
        versions.into_iter().map(|version| version_body(version, &audio, people)).collect();
    let current = versions.iter().find(|version| version.current).cloned();
    PromptBody { language: language.into(), id, shipped, current, versions, audio }
}

fn version_body(version: Version, audio: &str, people: &[Person]) -> VersionBody {
    VersionBody {
        audio: format!("{audio}?version={}", version.id),
        id: version.id.to_string(),
        seq: version.seq,
        source: match version.source {
            Source::Upload => SourceWord::Upload,
            Source::Text => SourceWord::Text,
            Source::Phone => SourceWord::Phone,
        },
        transcript: version.transcript,
        duration: seconds(version.duration_ms),
        created_at: version.created_at.rfc3339(),
        author: people
            .iter()
            .find(|person| Actor::Person(person.id).to_string() == version.author)
            .map(|person| person.name.clone()),
        current: version.current,
    }
}
