//! What every request passes: security headers, a time limit, and where a change may come from.

use std::time::Duration;

use axum::extract::{Request, State as Of};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::problem::Problem;

/// Until the head of the answer; recordings and events then take their time.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// PUT brings a file, over a telephone's network perhaps.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(180);

/// No inline script or style, nothing from elsewhere, in nobody's frame.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     media-src 'self'; connect-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// The page will use the microphone of its own origin when it rings in the browser; nothing else.
const PERMISSIONS: &str = "camera=(), geolocation=(), payment=(), usb=(), serial=(), \
     display-capture=(), browsing-topics=(), microphone=(self), autoplay=(self)";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Puts the security headers on every answer, refusals included.
pub(super) async fn headers(Of(state): Of<State>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.app.settings.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // What callers said stays in no cache; the page's files say otherwise themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Ends what takes too long.
pub(super) async fn time_limit(request: Request, next: Next) -> Response {
    let most = if request.method() == Method::PUT { UPLOAD_TIME_MAX } else { ANSWER_TIME_MAX };
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow().into_response(),
    }
}

/// Cross-site request forgery: a request that changes something comes from our own pages or from the
/// address bar, by what the browser says (`Sec-Fetch-Site`, which no page can set), or else from an
/// `Origin` with our own host. A request that says nothing is refused.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_ours(request.headers()) { next.run(request).await } else { Problem::foreign_origin().into_response() }
}

fn is_ours(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else { return false };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    !host.is_empty() && authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|&(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)));
        is_ours(&headers.collect())
    }

    #[test]
    fn where_changes_come_from() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("sec-fetch-site", "none")]));
        assert!(ours(&[("host", "desk.example:8080"), ("origin", "http://desk.example:8080")]));
        assert!(!ours(&[("sec-fetch-site", "same-site"), ("host", "a"), ("origin", "http://a")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[("host", "desk.example"), ("origin", "http://desk.example.evil")]));
        assert!(!ours(&[("host", "desk.example"), ("origin", "null")]));
        assert!(!ours(&[("host", ""), ("origin", "http://")]));
        assert!(!ours(&[("host", "desk.example")]));
        assert!(!ours(&[]));
    }
}
