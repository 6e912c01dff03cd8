//! `ETag` and `If-Match` (RFC 9110 §13.1.1): who writes over what somebody else has written first is told.

use std::fmt::Display;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

/// The tag of a version.
pub(super) fn tag(version: impl Display) -> String {
    format!("\"v{version}\"")
}

/// A body with the version that it is of.
pub(super) struct Tagged<T> {
    pub(super) status: StatusCode,
    pub(super) version: u64,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Ok(tag) = HeaderValue::from_str(&tag(self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// `If-Match`: which versions the writer has seen; none: they do not say.
#[derive(Debug)]
pub(super) struct Seen(Option<Vec<String>>);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Seen, Problem> {
        Ok(Seen::of(&parts.headers))
    }
}

impl Seen {
    fn of(headers: &HeaderMap) -> Seen {
        let mut tags = headers.get_all(header::IF_MATCH).iter().peekable();
        if tags.peek().is_none() {
            return Seen(None);
        }
        let texts = tags.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        Seen(Some(texts.map(|text| text.trim().to_owned()).collect()))
    }

    /// The version that a change is of, where it is at `now`; none: any will do.
    pub(super) fn version<V: Copy + Display>(&self, now: V) -> Result<Option<V>, Problem> {
        let Some(tags) = &self.0 else { return Ok(None) };
        let now_tag = tag(now);
        // A weak tag never matches (RFC 9110 §8.8.3.2).
        match tags.iter().find(|tag| *tag == "*" || **tag == now_tag) {
            Some(any) if any == "*" => Ok(None),
            Some(_) => Ok(Some(now)),
            None => Err(Problem::changed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn versions_are_matched() {
        let seen = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, HeaderValue::from_static(text));
            Seen::of(&headers).version(3).ok()
        };
        assert_eq!(Seen::of(&HeaderMap::new()).version(3).ok(), Some(None));
        assert_eq!(seen("\"v3\""), Some(Some(3)));
        assert_eq!(seen("\"v1\", \"v3\""), Some(Some(3)));
        assert_eq!(seen("*"), Some(None));
        for other in ["\"v2\"", "W/\"v3\"", "v3", ""] {
            assert_eq!(seen(other), None, "{other}");
        }
    }
}
