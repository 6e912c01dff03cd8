//! The page, built into the binary.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// Served where the page was not built. No style: the policy lets none be inline.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Nightdesk</title>\n\
     <h1>Nightdesk runs, its page is not built</h1>\n\
     <p>Build it with <code>npm --prefix web ci &amp;&amp; npm --prefix web run build</code>, then build the program \
     again; <code>./dev demo</code> does both.</p>\n\
     <p>The API is at <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p>\n";

/// Everything that no route took: a file of the page, or the page itself, which finds its way by the address.
pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::not_found().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::method_not_allowed().into_response();
    }
    if let Some(file) = Dist::get(path).filter(|_| !path.is_empty()) {
        return answer(path, &file, &headers);
    }
    if path.starts_with("assets/") {
        // An old page that asks for a part of it that is gone must not be given HTML for it.
        return Problem::not_found().into_response();
    }
    match Dist::get("index.html") {
        Some(file) => answer("index.html", &file, &headers),
        None => (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response(),
    }
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    // Names of assets carry a hash of what they hold.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let hash: String = file.metadata.sha256_hash().iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let cached = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response =
        if cached { StatusCode::NOT_MODIFIED.into_response() } else { file.data.clone().into_response() };
    let mime = file.metadata.mimetype();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    let out = response.headers_mut();
    for (name, value) in [(header::CONTENT_TYPE, mime.as_str()), (header::CACHE_CONTROL, cache), (header::ETAG, &tag)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    }
    response
}
