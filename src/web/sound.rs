//! Sound by ranges, so that it can be sought in: what recordings and prompts have in common.

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::problem::Problem;
use super::range::{Part, part};

/// Read from the file at a time.
const CHUNK_BYTES: usize = 32 * 1024;

/// A WAV file.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it stands for bytes in the document of the API")]
pub(super) struct Wav(Vec<u8>);

/// A WAV file as it is asked for.
pub(super) struct Sound<'a> {
    /// Of what is in it; quoted.
    pub(super) tag: &'a str,
    /// For saving, without its ending.
    pub(super) name: &'a str,
    /// To be saved, not played.
    pub(super) download: bool,
    /// Bytes.
    pub(super) len: u64,
}

/// What a request asks of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It has it already.
    Nothing,
    /// To know how long it is.
    Head,
    /// To hear it.
    Bytes(Part),
}

impl Wanted {
    /// Some of it is going to be heard.
    pub(super) fn is_heard(self) -> bool {
        matches!(self, Wanted::Bytes(part) if part != Part::Outside)
    }
}

impl Sound<'_> {
    /// What these headers ask of it.
    pub(super) fn wanted(&self, method: &Method, headers: &HeaderMap) -> Wanted {
        if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == self.tag.as_bytes()) {
            Wanted::Nothing
        } else if method == Method::HEAD {
            Wanted::Head
        } else {
            Wanted::Bytes(part_of(headers, self.tag, self.len))
        }
    }

    /// The answer.
    pub(super) async fn answer<R>(&self, from: R, wanted: Wanted) -> Result<Response, Problem>
    where
        R: AsyncRead + AsyncSeek + Unpin + Send + 'static,
    {
        let mut response = match wanted {
            Wanted::Nothing => StatusCode::NOT_MODIFIED.into_response(),
            // RFC 9110 §14.2: ranges are for GET only.
            Wanted::Head => sized(StatusCode::OK, self.len, Body::empty()),
            Wanted::Bytes(part) => send(from, part, self.len).await?,
        };
        self.describe(response.headers_mut());
        Ok(response)
    }

    fn describe(&self, headers: &mut HeaderMap) {
        let disposition = if self.download { "attachment" } else { "inline" };
        let disposition = format!("{disposition}; filename=\"{}.wav\"", self.name);
        let values = [
            (header::CONTENT_TYPE, "audio/wav"),
            (header::ACCEPT_RANGES, "bytes"),
            (header::CACHE_CONTROL, "private, no-store"),
            (header::ETAG, self.tag),
            (header::CONTENT_DISPOSITION, &disposition),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// `If-Range` (RFC 9110 §13.1.5): a part of an older recording does not fit to this one.
fn part_of(headers: &HeaderMap, tag: &str, len: u64) -> Part {
    let fits = headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| fits).and_then(|value| value.to_str().ok());
    part(range, len)
}

async fn send<R>(mut from: R, part: Part, len: u64) -> Result<Response, Problem>
where
    R: AsyncRead + AsyncSeek + Unpin + Send + 'static,
{
    match part {
        Part::Whole => Ok(sized(StatusCode::OK, len, stream(from, len))),
        Part::Bytes { first, last } => {
            from.seek(SeekFrom::Start(first)).await.map_err(|e| unreadable(&e))?;
            let count = last.saturating_sub(first).saturating_add(1);
            let response = sized(StatusCode::PARTIAL_CONTENT, count, stream(from, count));
            Ok(ranged(response, &format!("bytes {first}-{last}/{len}")))
        }
        Part::Outside => Ok(ranged(StatusCode::RANGE_NOT_SATISFIABLE.into_response(), &format!("bytes */{len}"))),
    }
}

fn stream(from: impl AsyncRead + Send + 'static, bytes: u64) -> Body {
    Body::from_stream(ReaderStream::with_capacity(from.take(bytes), CHUNK_BYTES))
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

/// A file that is there and fails.
pub(super) fn unreadable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a recording cannot be read");
    Problem::audio_unreadable()
}
