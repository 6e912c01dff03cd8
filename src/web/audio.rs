//! The recording of a message, by ranges, so that it can be sought in. Listening is audited.

use std::io::ErrorKind;
use std::path::{Component, Path as FilePath, PathBuf};

use axum::extract::{Path, State as Of};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;
use tokio::fs::File;
use utoipa::IntoParams;

use super::State;
use super::extract::{Query, id};
use super::problem::{Problem, ProblemBody};
use super::session::SignedIn;
use super::sound::{Sound, Wav, unreadable};
use crate::message::{self, Message, RECORDINGS};
use crate::person::{self, Action};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AudioQuery {
    /// `1`: to be saved, not played.
    download: Option<u8>,
}

/// The recording
///
/// Knows `Range`. What is listened to is written into the audit log.
#[utoipa::path(get, path = "/api/v1/messages/{id}/audio", operation_id = "messages_audio", tag = "messages",
    params(("id" = String, Path, description = "The message's id"), AudioQuery),
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
    Path(message): Path<String>,
    Query(query): Query<AudioQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = message::store::get(&state.app.db, &who.tenant, id(&message)?).await?;
    let message = found.ok_or_else(Problem::not_found)?;
    let path = path(&state.app.data_dir, &message.path).ok_or_else(Problem::audio_gone)?;
    let (file, len) = open(&path).await?;
    let download = query.download == Some(1);
    let (tag, name) = (format!("\"{}\"", message.sha256), format!("message-{}", message.id));
    let sound = Sound { tag: &tag, name: &name, download, len };
    let wanted = sound.wanted(&method, &headers);
    if wanted.is_heard() {
        audit(&state, &who, &message, download).await?;
    }
    sound.answer(file, wanted).await
}

/// Below the folder of recordings, whatever the row says.
fn path(data_dir: &FilePath, relative: &str) -> Option<PathBuf> {
    let relative = FilePath::new(relative);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !relative.as_os_str().is_empty()).then(|| data_dir.join(RECORDINGS).join(relative))
}

/// A file, and its length.
pub(super) async fn open(path: &FilePath) -> Result<(File, u64), Problem> {
    let file = File::open(path).await.map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            tracing::error!(path = %path.display(), "a recording is missing");
            Problem::audio_gone()
        }
        _ => unreadable(&error),
    })?;
    let meta = file.metadata().await.map_err(|e| unreadable(&e))?;
    if meta.is_file() { Ok((file, meta.len())) } else { Err(Problem::audio_gone()) }
}

/// A player asks for many ranges: that is one act, written once.
async fn audit(state: &State, who: &SignedIn, message: &Message, download: bool) -> Result<(), Problem> {
    let action = if download { Action::Downloaded } else { Action::Listened };
    let (db, now, object) = (&state.app.db, state.app.clock.now().utc, message.id.to_string());
    if person::store::audited_lately(db, &who.tenant, now, who.person.id, action, &object).await? {
        return Ok(());
    }
    let mut tx = db.write().await?;
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, action, &object).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_do_not_lead_out_of_the_folder() {
        let dir = FilePath::new("/data");
        assert_eq!(path(dir, "a/b.wav"), Some("/data/recordings/a/b.wav".into()));
        for bad in ["", "/etc/passwd", "../x.wav", "a/../../x.wav"] {
            assert_eq!(path(dir, bad), None, "{bad}");
        }
    }
}
