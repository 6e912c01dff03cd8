//! The HTTP API, through the router as it is served.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but not in their helpers"
)]

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::{Router, response::Response};
use futures_util::StreamExt;
use nightdesk::calllog::{self, Event, Outcome};
use nightdesk::clock;
use nightdesk::ids::{CallId, MessageId};
use nightdesk::message;
use nightdesk::person;
use nightdesk::tenant::Tenant;
use nightdesk::web::{self, App, Settings};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Fresh, at, kept};

/// A router with its database, and who asks.
struct Desk {
    fresh: Fresh,
    router: Router,
    clock: clock::System,
}

/// An answer, whole.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        body["code"].as_str().unwrap().to_owned()
    }
}

impl Desk {
    async fn new() -> Desk {
        Desk::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Desk {
        let fresh = Fresh::sqlite().await;
        let clock = clock::System::new();
        let app = App { db: fresh.db.clone(), data_dir: fresh.dir.path().to_owned(), clock, settings };
        Desk { router: web::router(app), fresh, clock }
    }

    async fn token(&self, tenant: &Tenant) -> String {
        let now = self.clock.now().utc;
        let mut tx = self.fresh.db.write().await.unwrap();
        let owner = person::store::ensure_owner(&mut tx, tenant, "Inhaberin", now).await.unwrap();
        let link = person::store::login_link(&mut tx, tenant, owner.id, now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        link.reveal().to_owned()
    }

    /// Signs in; gives the cookie.
    async fn cookie(&self, tenant: &Tenant) -> String {
        let token = self.token(tenant).await;
        let answer = self.sign_in(&token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn sign_in(&self, token: &str) -> Answer {
        self.send("POST", "/api/v1/session", "", &[], Some(json!({ "token": token }))).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, &[], None).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = request(method, path, cookie);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        self.raw(request.body(body).unwrap()).await
    }

    async fn raw(&self, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        whole(response).await
    }

    /// A message with its file, and what is in it.
    async fn message_with_file(&self, tenant: &Tenant) -> (MessageId, Vec<u8>) {
        let id = self.fresh.message(tenant, 0).await;
        let wav: Vec<u8> = (0..1000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let folder = self.fresh.dir.path().join(message::RECORDINGS);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(kept(id, 0).path), &wav).unwrap();
        (id, wav)
    }
}

fn request(method: &str, path: &str, cookie: &str) -> axum::http::request::Builder {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "desk.example");
    if Method::from_bytes(method.as_bytes()).is_ok_and(|m| m != Method::GET && m != Method::HEAD) {
        request = request.header("sec-fetch-site", "same-origin");
    }
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    request
}

async fn whole(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

#[test]
fn the_document_is_committed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi.json");
    let ours = web::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &ours).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == ours, "web/openapi.json is old: run UPDATE_OPENAPI=1 cargo test --test it the_document");
}
