//! `ETag` and `If-Match` (RFC 9110 §13.1.1): who writes over what somebody else has written first is told.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::web::problem::Problem;

/// A body with the version that it is of.
pub(in crate::web) struct Tagged<T> {
    pub(in crate::web) status: StatusCode,
    pub(in crate::web) version: u64,
    pub(in crate::web) body: T,
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

fn tag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// The version that a writer has seen; none: the request does not say, or any will do.
pub(in crate::web) fn seen(headers: &HeaderMap, now: u64) -> Result<Option<u64>, Problem> {
    let mut tags = headers.get_all(header::IF_MATCH).iter().peekable();
    if tags.peek().is_none() {
        return Ok(None);
    }
    let texts: Vec<&str> = tags.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).collect();
    let now_tag = tag(now);
    // A weak tag never matches (RFC 9110 §8.8.3.2).
    match texts.iter().map(|text| text.trim()).find(|text| *text == "*" || *text == now_tag) {
        Some("*") => Ok(None),
        Some(_) => Ok(Some(now)),
        None => Err(Problem::changed()),
    }
}
