//! The recording of a message, by ranges, so that it can be sought in. Listening is audited.

use std::io::{ErrorKind, SeekFrom};
use std::path::{Component, Path as FilePath, PathBuf};

use axum::body::Body;
use axum::extract::{Path, State as Of};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use super::State;
use super::extract::{Query, id};
use super::problem::{Problem, ProblemBody};
use super::range::{Part, part};
use super::session::SignedIn;
use crate::message::{self, Message, RECORDINGS};
use crate::person::{self, Action};

/// Read from the file at a time.
const CHUNK_BYTES: usize = 32 * 1024;

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
    let tag = format!("\"{}\"", message.sha256);

    let seen = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if seen {
        StatusCode::NOT_MODIFIED.into_response()
    } else if method == Method::HEAD {
        // RFC 9110 §14.2: ranges are for GET only.
        sized(StatusCode::OK, len, Body::empty())
    } else {
        if part_of(&headers, &tag, len) != Part::Outside {
            audit(&state, &who, &message, download).await?;
        }
        send(file, part_of(&headers, &tag, len), len).await?
    };
    describe(response.headers_mut(), &message, &tag, download);
    Ok(response)
}

/// A WAV file.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it stands for bytes in the document of the API")]
struct Wav(Vec<u8>);

/// `If-Range` (RFC 9110 §13.1.5): a part of an older recording does not fit to this one.
fn part_of(headers: &HeaderMap, tag: &str, len: u64) -> Part {
    let fits = headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| fits).and_then(|value| value.to_str().ok());
    part(range, len)
}

async fn send(mut file: File, part: Part, len: u64) -> Result<Response, Problem> {
    match part {
        Part::Whole => Ok(sized(StatusCode::OK, len, stream(file.take(len)))),
        Part::Bytes { first, last } => {
            file.seek(SeekFrom::Start(first)).await.map_err(|e| unreadable(&e))?;
            let count = last.saturating_sub(first).saturating_add(1);
            let response = sized(StatusCode::PARTIAL_CONTENT, count, stream(file.take(count)));
            Ok(ranged(response, &format!("bytes {first}-{last}/{len}")))
        }
        Part::Outside => Ok(ranged(StatusCode::RANGE_NOT_SATISFIABLE.into_response(), &format!("bytes */{len}"))),
    }
}

fn stream(part: tokio::io::Take<File>) -> Body {
    Body::from_stream(ReaderStream::with_capacity(part, CHUNK_BYTES))
}

fn sized(status: StatusCode, len: u64, body: Body) -> Response {
    (status, [(header::CONTENT_LENGTH, HeaderValue::from(len))], body).into_response()
}

fn ranged(mut response: Response, range: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(range) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

fn describe(headers: &mut HeaderMap, message: &Message, tag: &str, download: bool) {
    let disposition = if download { "attachment" } else { "inline" };
    let disposition = format!("{disposition}; filename=\"message-{}.wav\"", message.id);
    let values = [
        (header::CONTENT_TYPE, "audio/wav"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::ETAG, tag),
        (header::CONTENT_DISPOSITION, &disposition),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Below the folder of recordings, whatever the row says.
fn path(data_dir: &FilePath, relative: &str) -> Option<PathBuf> {
    let relative = FilePath::new(relative);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !relative.as_os_str().is_empty()).then(|| data_dir.join(RECORDINGS).join(relative))
}

async fn open(path: &FilePath) -> Result<(File, u64), Problem> {
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

fn unreadable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a recording cannot be read");
    Problem::audio_unreadable()
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
