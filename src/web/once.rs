//! `Idempotency-Key`: a request that comes twice is done once, and answered the same both times.
//!
//! A handler takes [`Once`] in the place of `Body`, asks [`Key::begin`] in its transaction before it does anything,
//! and ends with [`Key::finish`], which keeps the answer in that transaction and commits it. So there is no moment at
//! which it is done and not known: a repetition that comes meanwhile waits for the transaction. What was refused has
//! changed nothing and is not kept: it is tried anew.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::session::SignedIn;
use crate::clock::Utc;
use crate::db::Tx;
use crate::person::store::once::{self, Answer, Begun};

const HEADER: &str = "idempotency-key";
/// Longest key: a UUID and some more.
const KEY_BYTES_MAX: usize = 128;

/// A JSON body, and which request it is. A body that is empty is `{}`.
pub(super) struct Once<T> {
    pub(super) body: T,
    pub(super) key: Key,
}

/// Which request it is; without a key each is done.
#[derive(Debug)]
pub(super) struct Key(Option<Keyed>);

#[derive(Debug)]
struct Keyed {
    route: String,
    key: String,
    body_hash: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Once<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Once<T>, Problem> {
        let key = match request.headers().get(HEADER) {
            Some(key) => Some(checked(key)?),
            None => None,
        };
        let route = format!("{} {}", request.method(), request.uri().path());
        let json = request.headers().get(header::CONTENT_TYPE).is_some_and(is_json);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|refused| Problem::rejected(refused.status(), refused.body_text()))?;
        if !bytes.is_empty() && !json {
            let detail = "Send the body as `application/json`.".to_owned();
            return Err(Problem::rejected(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let body = serde_json::from_slice(text).map_err(|bad| Problem::bad_request(bad.to_string()))?;
        let body_hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Once { body, key: Key(key.map(|key| Keyed { route, key, body_hash })) })
    }
}

fn is_json(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn checked(key: &HeaderValue) -> Result<String, Problem> {
    let text = key.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > KEY_BYTES_MAX {
        return Err(Problem::bad_request(format!("an Idempotency-Key has 1 to {KEY_BYTES_MAX} ASCII characters")));
    }
    Ok(text.to_owned())
}

/// What is answered: kept as it is.
pub(super) struct Reply {
    answer: Answer,
}

impl Reply {
    /// With a body, and its version where it has one.
    pub(super) fn new(status: StatusCode, version: Option<i64>, body: &impl Serialize) -> Reply {
        // A body made of our own types is always JSON.
        let body = serde_json::to_string(body).unwrap_or_default();
        let etag = version.map(super::tag::tag).unwrap_or_default();
        Reply { answer: Answer { status: status.as_u16(), etag, body } }
    }

    /// Nothing to say.
    pub(super) fn empty() -> Reply {
        Reply { answer: Answer { status: StatusCode::NO_CONTENT.as_u16(), etag: String::new(), body: String::new() } }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let Answer { status, etag, body } = self.answer;
        let with_body = !body.is_empty();
        let mut response = (StatusCode::from_u16(status).unwrap_or_default(), body).into_response();
        let headers = response.headers_mut();
        if with_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        } else {
            headers.remove(header::CONTENT_TYPE);
        }
        if let Some(tag) = HeaderValue::from_str(&etag).ok().filter(|tag| !tag.is_empty()) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

impl Key {
    /// Begins a request in its transaction; with an answer, it was done already and the transaction is to be dropped.
    pub(super) async fn begin(&self, tx: &mut Tx, who: &SignedIn, now: Utc) -> Result<Option<Reply>, Problem> {
        let Some(key) = &self.0 else { return Ok(None) };
        match once::begin(tx, &key.of(who), now).await? {
            Begun::First => Ok(None),
            Begun::Again(answer) => Ok(Some(Reply { answer })),
            Begun::Other => Err(Problem::other_request()),
        }
    }

    /// Keeps the answer and commits.
    pub(super) async fn finish(&self, mut tx: Tx, who: &SignedIn, reply: Reply) -> Result<Reply, Problem> {
        if let Some(key) = &self.0 {
            once::answered(&mut tx, &key.of(who), &reply.answer).await?;
        }
        tx.commit().await?;
        Ok(reply)
    }
}

impl Keyed {
    fn of(&self, who: &SignedIn) -> once::Request<'_> {
        once::Request { person: who.person.id, route: &self.route, key: &self.key, body_hash: &self.body_hash }
    }
}
