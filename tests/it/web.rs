//! The HTTP API, through the router as it is served.

mod bookings;
mod callbacks;
mod contacts;
mod plans;
mod simulate;

use std::net::SocketAddr;
use std::sync::Arc;
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

use crate::prompts::studio;
use crate::support::{Fresh, at, kept};

/// A router with its database, and who asks.
pub struct Desk {
    pub fresh: Fresh,
    router: Router,
    pub clock: clock::System,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        body["code"].as_str().unwrap().to_owned()
    }
}

impl Desk {
    pub async fn new() -> Desk {
        Desk::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Desk {
        Desk::on(Fresh::sqlite().await, settings)
    }

    fn on(fresh: Fresh, settings: Settings) -> Desk {
        let clock = clock::System::new();
        let studio = Arc::new(studio(&fresh, clock));
        let app = App { db: fresh.db.clone(), data_dir: fresh.dir.path().to_owned(), clock, studio, settings };
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
    pub async fn cookie(&self, tenant: &Tenant) -> String {
        let token = self.token(tenant).await;
        let answer = self.sign_in(&token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn sign_in(&self, token: &str) -> Answer {
        self.send("POST", "/api/v1/session", "", &[], Some(json!({ "token": token }))).await
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, &[], None).await
    }

    pub async fn send(
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

    pub async fn raw(&self, mut request: Request<Body>) -> Answer {
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

pub fn request(method: &str, path: &str, cookie: &str) -> axum::http::request::Builder {
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
    let body = axum::body::to_bytes(body, 1 << 23).await.unwrap().to_vec();
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

#[tokio::test]
async fn a_session_lives() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis Dr. Öz").await;
    let token = desk.token(&tenant).await;
    assert_eq!(desk.get("/api/v1/session", "").await.code(), "not_signed_in");

    let answer = desk.sign_in(&token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["tenant"]["name"], "Praxis Dr. Öz");
    assert_eq!(body["tenant"]["id"], tenant.id().to_string());
    assert_eq!(body["person"]["role"], "owner");
    assert_eq!((&body["person"]["language"], &body["tenant"]["timezone"]), (&json!("de"), &json!("Europe/Berlin")));
    let set = answer.header("set-cookie").to_owned();
    for part in ["nightdesk=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=12096"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    let cookie = set.split(';').next().unwrap();

    let again = desk.get("/api/v1/session", cookie).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, body));
    assert_eq!(again.header("set-cookie"), "", "not written at each request");
    let out = desk.send("DELETE", "/api/v1/session", cookie, &[], None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("/api/v1/session", cookie).await.status, StatusCode::UNAUTHORIZED);
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 9).await.unwrap();
    let mut actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["signed_in", "signed_out"]);
}

#[tokio::test]
async fn a_link_works_once_and_wrong_ones_are_answered_alike() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let token = desk.token(&tenant).await;
    assert_eq!(desk.sign_in(&token).await.status, StatusCode::OK);
    let used = desk.sign_in(&token).await;
    let unknown = desk.sign_in(&"0".repeat(64)).await;
    let long = desk.sign_in(&"x".repeat(5000)).await;
    assert_eq!((used.status, used.code()), (StatusCode::UNAUTHORIZED, "bad_token".to_owned()));
    assert_eq!(used.body, unknown.body);
    assert_eq!(used.body, long.body);
    assert_eq!(used.header("set-cookie"), "");
}

#[tokio::test]
async fn a_planted_session_id_is_not_taken_over() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let first = desk.cookie(&tenant).await;
    let token = desk.token(&tenant).await;
    let answer = desk.send("POST", "/api/v1/session", &first, &[], Some(json!({ "token": token }))).await;
    let second = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_ne!(first, second, "the id changes with a login");
    assert_eq!(desk.get("/api/v1/session", &first).await.status, StatusCode::UNAUTHORIZED, "the old one is gone");
    assert_eq!(desk.get("/api/v1/session", &second).await.status, StatusCode::OK);
    for bad in ["nightdesk=", "nightdesk=AAAAAAAAAAAAAAAAAAAAAA", "nightdesk=%00'; DROP TABLE session", "other=1"] {
        assert_eq!(desk.get("/api/v1/session", bad).await.code(), "not_signed_in", "{bad}");
    }
}

#[tokio::test]
async fn sessions_end_idle_and_old() {
    for sql in ["UPDATE session SET expires_at = 1", "UPDATE session SET created_at = 1"] {
        let desk = Desk::new().await;
        let tenant = desk.fresh.tenant("Praxis").await;
        let cookie = desk.cookie(&tenant).await;
        desk.fresh.raw(sql).await;
        assert_eq!(desk.get("/api/v1/messages", &cookie).await.code(), "not_signed_in", "{sql}");
    }
    // In use, it is written now and then, and lives on.
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    desk.fresh.raw("UPDATE session SET data = replace(data, '\"seen\":', '\"seen\":0,\"was\":')").await;
    let answer = desk.get("/api/v1/session", &cookie).await;
    assert!(answer.header("set-cookie").contains("Max-Age=12096"), "{answer:?}");
    assert_eq!(desk.get("/api/v1/session", &cookie).await.header("set-cookie"), "");
}

#[tokio::test]
async fn https_cookies_are_bound_to_the_host() {
    let desk = Desk::with(Settings { https: true, ..Settings::default() }).await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let token = desk.token(&tenant).await;
    let answer = desk.sign_in(&token).await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-nightdesk=") && set.contains("Secure") && set.contains("Path=/"), "{set}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn logins_are_limited_by_address() {
    let desk = Desk::new().await;
    let guess = |from: &'static str| {
        let desk = &desk;
        async move {
            let body = Body::from(json!({"token": "0"}).to_string());
            let mut request = request("POST", "/api/v1/session", "")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .unwrap();
            request.extensions_mut().insert(ConnectInfo(from.parse::<SocketAddr>().unwrap()));
            desk.raw(request).await
        }
    };
    for _ in 0..10 {
        assert_eq!(guess("198.51.100.1:1").await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = guess("198.51.100.1:2").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_logins".to_owned()));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(guess("198.51.100.2:1").await.status, StatusCode::UNAUTHORIZED, "others can still sign in");
}

#[tokio::test]
async fn changes_come_from_our_own_pages_only() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let id = desk.fresh.message(&tenant, 0).await;
    let cookie = desk.cookie(&tenant).await;
    let delete = |pairs: &'static [(&'static str, &'static str)]| {
        let (desk, cookie) = (&desk, &cookie);
        async move {
            let mut request = Request::builder().method("DELETE").uri(format!("/api/v1/messages/{id}"));
            for (name, value) in pairs {
                request = request.header(*name, *value);
            }
            desk.raw(request.header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
        }
    };
    let refused: [&[(&str, &str)]; 5] = [
        &[("host", "desk.example")],
        &[("host", "desk.example"), ("sec-fetch-site", "cross-site")],
        &[("host", "desk.example"), ("sec-fetch-site", "same-site"), ("origin", "http://desk.example")],
        &[("host", "desk.example"), ("origin", "http://evil.example")],
        &[("host", "desk.example"), ("origin", "null")],
    ];
    for pairs in refused {
        let answer = delete(pairs).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "foreign_origin".to_owned()), "{pairs:?}");
    }
    assert_eq!(desk.get(&format!("/api/v1/messages/{id}"), &cookie).await.status, StatusCode::OK, "still there");
    assert_eq!(delete(&[("host", "desk.example"), ("origin", "http://desk.example")]).await.status, 204);
}

#[tokio::test]
async fn messages_are_listed_marked_deleted_restored() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let (old, new) = (desk.fresh.message(&tenant, 0).await, desk.fresh.message(&tenant, 60).await);
    let cookie = desk.cookie(&tenant).await;

    let page = desk.get("/api/v1/messages?limit=1", &cookie).await.json();
    assert_eq!(page["counts"], json!({"new": 2, "total": 2}));
    let first = &page["messages"][0];
    let peaks: Vec<u32> = (0..96).map(|bar| bar * 2).collect();
    let call_id = message::store::get(&desk.fresh.db, &tenant, new).await.unwrap().unwrap().call.to_string();
    let expected = json!({
        "id": new.to_string(), "call_id": call_id, "caller": "+4915112345678", "caller_name": "Müller & Söhne",
        "contact": null, "called": "+49711123456", "at": "2026-11-20T18:01:00.000Z", "duration": 5.12, "state": "new",
        "urgent": false, "damaged": false, "peaks": peaks, "transcript": null,
        "audio": format!("/api/v1/messages/{new}/audio"), "step": "message.standard",
    });
    assert_eq!(first, &expected);
    let next = format!("/api/v1/messages?limit=1&before={}", page["next"].as_str().unwrap());
    let page = desk.get(&next, &cookie).await.json();
    assert_eq!((&page["messages"][0]["id"], &page["next"]), (&json!(old.to_string()), &Value::Null));

    let path = format!("/api/v1/messages/{old}");
    let marked = desk.send("PATCH", &path, &cookie, &[], Some(json!({"heard": true, "urgent": true}))).await.json();
    assert_eq!((&marked["state"], &marked["urgent"]), (&json!("heard"), &json!(true)));
    let page = desk.get("/api/v1/messages?state=heard", &cookie).await.json();
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
    let back = desk.send("PATCH", &path, &cookie, &[], Some(json!({"heard": false}))).await.json();
    assert_eq!((&back["state"], &back["urgent"]), (&json!("new"), &json!(true)));

    assert_eq!(desk.send("DELETE", &path, &cookie, &[], None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get(&path, &cookie).await.code(), "not_found");
    assert_eq!(desk.send("DELETE", &path, &cookie, &[], None).await.status, StatusCode::NOT_FOUND);
    let restored = desk.send("POST", &format!("{path}/restore"), &cookie, &[], None).await;
    assert_eq!((restored.status, &restored.json()["id"]), (StatusCode::OK, &json!(old.to_string())));
    let detail = desk.get(&path, &cookie).await.json();
    assert_eq!(detail["timeline"], json!([]));
}

#[tokio::test]
async fn calls_have_timelines() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let call = crate::support::call(0);
    let mut tx = desk.fresh.db.write().await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &call).await.unwrap();
    let event = Event { at: at(1), kind: "played".into(), detail: json!({"clip": "gruss", "ms": 900}) };
    calllog::store::append(&mut tx, &tenant, call.id, &[event]).await.unwrap();
    calllog::store::answered(&mut tx, &tenant, call.id, at(1)).await.unwrap();
    calllog::store::end(&mut tx, &tenant, call.id, Outcome::NoMessage, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    let cookie = desk.cookie(&tenant).await;

    let page = desk.get("/api/v1/calls", &cookie).await.json();
    assert_eq!((&page["calls"][0]["outcome"], &page["next"]), (&json!("no_message"), &Value::Null));
    assert_eq!(page["calls"][0]["ended_at"], "2026-11-20T18:00:02.000Z");
    let detail = desk.get(&format!("/api/v1/calls/{}", call.id), &cookie).await.json();
    let line = json!({"at": "2026-11-20T18:00:01.000Z", "kind": "played", "detail": {"clip": "gruss", "ms": 900}});
    assert_eq!((&detail["timeline"], &detail["id"]), (&json!([line]), &json!(call.id.to_string())));
}

#[tokio::test]
async fn bad_requests_are_problems() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let id = desk.fresh.message(&tenant, 0).await;
    let cookie = desk.cookie(&tenant).await;
    for path in ["/api/v1/messages?before=x", "/api/v1/messages?state=gone", "/api/v1/calls?limit=-1"] {
        assert_eq!(desk.get(path, &cookie).await.code(), "bad_request", "{path}");
    }
    assert_eq!(
        desk.get("/api/v1/messages?limit=4000000000", &cookie).await.status,
        StatusCode::OK,
        "the limit has one"
    );
    let path = format!("/api/v1/messages/{id}");
    let patch = |body: Value| desk.send("PATCH", &path, &cookie, &[], Some(body));
    assert_eq!(patch(json!({"heard": "yes"})).await.code(), "bad_request");
    assert_eq!(patch(json!({"state": "heard"})).await.code(), "bad_request");
    assert_eq!(patch(json!({"heard": true, "x": "y".repeat(70_000)})).await.code(), "too_large");
    let answer = desk.send("PUT", &path, &cookie, &[], None).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".to_owned()));
    assert_eq!(desk.get("/api/v2/messages", &cookie).await.code(), "not_found");
    assert_eq!(desk.get("/api/v1/messages/..%2f..%2fetc%2fpasswd", &cookie).await.code(), "not_found");
}

#[tokio::test]
async fn audio_by_ranges() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let (id, wav) = desk.message_with_file(&tenant).await;
    let cookie = desk.cookie(&tenant).await;
    let path = format!("/api/v1/messages/{id}/audio");
    let range = |text: &'static str| {
        let (desk, cookie, path) = (&desk, &cookie, &path);
        async move { desk.send("GET", path, cookie, &[("range", text)], None).await }
    };

    let all = desk.get(&path, &cookie).await;
    assert_eq!(
        (all.status, all.header("content-type"), all.header("content-length")),
        (StatusCode::OK, "audio/wav", "1000")
    );
    assert_eq!((all.header("accept-ranges"), all.header("etag")), ("bytes", &*format!("\"{}\"", "ab".repeat(32))));
    assert!(all.header("cache-control").contains("no-store"));
    assert_eq!(all.header("content-disposition"), format!("inline; filename=\"message-{id}.wav\""));
    assert_eq!(all.body, wav);

    for (text, part, of) in [
        ("bytes=0-0", 0..1, "bytes 0-0/1000"),
        ("bytes=100-199", 100..200, "bytes 100-199/1000"),
        ("bytes=990-", 990..1000, "bytes 990-999/1000"),
        ("bytes=-10", 990..1000, "bytes 990-999/1000"),
        ("bytes=0-99999", 0..1000, "bytes 0-999/1000"),
    ] {
        let answer = range(text).await;
        assert_eq!((answer.status, answer.header("content-range")), (StatusCode::PARTIAL_CONTENT, of), "{text}");
        assert_eq!(answer.header("content-length"), part.len().to_string(), "{text}");
        assert_eq!(answer.body, wav[part], "{text}");
    }
    let outside = range("bytes=1000-").await;
    assert_eq!((outside.status, outside.header("content-range")), (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */1000"));
    assert!(outside.body.is_empty());
    for ignored in ["bytes=5-4", "bytes=0-1,5-6", "lines=1-2"] {
        assert_eq!(range(ignored).await.status, StatusCode::OK, "{ignored}");
    }
    let other = [("range", "bytes=0-9"), ("if-range", "\"another\"")];
    assert_eq!(desk.send("GET", &path, &cookie, &other, None).await.status, StatusCode::OK);
    let head = desk.send("HEAD", &path, &cookie, &[("range", "bytes=0-9")], None).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (StatusCode::OK, "1000", 0));
    let same = desk.send("GET", &path, &cookie, &[("if-none-match", all.header("etag"))], None).await;
    assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let saved = desk.get(&format!("{path}?download=1"), &cookie).await;
    assert!(saved.header("content-disposition").starts_with("attachment;"));

    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    let heard: Vec<(&str, &str)> = lines.iter().map(|l| (l.action.as_str(), l.object.as_str())).collect();
    let object = id.to_string();
    assert_eq!(heard, [("downloaded", &*object), ("listened", &*object), ("signed_in", "")], "each once");
}

#[tokio::test]
async fn a_missing_recording_is_said_in_words() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let id = desk.fresh.message(&tenant, 0).await;
    let cookie = desk.cookie(&tenant).await;
    let answer = desk.get(&format!("/api/v1/messages/{id}/audio"), &cookie).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::GONE, "audio_gone".to_owned()));
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    assert!(!lines.iter().any(|line| line.action == "listened"), "nothing was heard");
    // A row that was tampered with leads nowhere.
    desk.fresh.raw("UPDATE message SET path = '../night ä#%?.db'").await;
    let answer = desk.get(&format!("/api/v1/messages/{id}/audio"), &cookie).await;
    assert_eq!(answer.code(), "audio_gone");
}

/// Reads events from an open stream.
struct Events(BodyDataStream, String);

impl Events {
    async fn open(desk: &Desk, cookie: &str) -> Events {
        Events::of(desk, request("GET", "/api/v1/events", cookie)).await
    }

    /// Comes back after the event with this id.
    async fn after(desk: &Desk, cookie: &str, last: &str) -> Events {
        Events::of(desk, request("GET", "/api/v1/events", cookie).header("last-event-id", last)).await
    }

    async fn of(desk: &Desk, request: axum::http::request::Builder) -> Events {
        let request = request.body(Body::empty()).unwrap();
        let response = desk.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut events = Events(response.into_body().into_data_stream(), String::new());
        assert!(events.next().await.unwrap().contains("retry: 2000"));
        events
    }

    /// The next event as text; none at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.1.find("\n\n") {
                return Some(self.1.drain(..end + 2).collect());
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.unwrap()?;
            self.1.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    async fn change(&mut self) -> Value {
        let text = self.next().await.unwrap();
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        assert!(text.contains("event: change"), "{text}");
        serde_json::from_str(data).unwrap()
    }
}

#[tokio::test]
async fn events_come_live_and_only_to_their_tenant() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let cookie = desk.cookie(&tenant).await;
    let mut events = Events::open(&desk, &cookie).await;
    desk.fresh.message(&other, 0).await;
    let id = desk.fresh.message(&tenant, 1).await;
    assert_eq!(events.change().await["noun"], "call", "the other tenant's came first and is not told");
    assert_eq!(events.change().await, json!({"noun": "message", "id": id.to_string(), "kind": "created"}));
    let path = format!("/api/v1/messages/{id}");
    desk.send("PATCH", &path, &cookie, &[], Some(json!({"heard": true}))).await;
    assert_eq!(events.change().await, json!({"noun": "message", "id": id.to_string(), "kind": "changed"}));
    desk.send("DELETE", &path, &cookie, &[], None).await;
    assert_eq!(events.change().await["kind"], "deleted");

    // More than wait for a slow listener.
    for _ in 0..15 {
        let mut tx = desk.fresh.db.write().await.unwrap();
        for n in 0..100 {
            calllog::store::begin(&mut tx, &tenant, &crate::support::call(n)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    assert!(events.next().await.unwrap().contains("event: resync"));
}

#[tokio::test]
async fn events_end_with_the_session_and_the_program() {
    let settings = Settings::default();
    let desk = Desk::with(settings.clone()).await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let (first, second) = (desk.cookie(&tenant).await, desk.cookie(&tenant).await);
    let mut stays = Events::open(&desk, &second).await;
    let mut ends = Events::open(&desk, &first).await;
    desk.send("DELETE", "/api/v1/session", &first, &[], None).await;
    // The check comes by the clock; the stream's first one is due when it is next polled.
    assert_eq!(ends.next().await, None);
    settings.closing.cancel();
    assert_eq!(stays.next().await, None);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let desk = Desk::new().await;
    for path in ["/", "/messages/1", "/api/v1/messages", "/api/nothing", "/healthz", "/readyz", "/assets/old.js"] {
        let answer = desk.get(path, "").await;
        let csp = answer.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self';"), "{path}: {csp}");
        assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{path}: {csp}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_ne!(answer.header("cache-control"), "", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
    }
}

#[tokio::test]
async fn those_who_watch_over_it() {
    let desk = Desk::new().await;
    assert_eq!(desk.get("/healthz", "").await.status, StatusCode::OK);
    assert_eq!(desk.get("/readyz", "").await.status, StatusCode::OK);
    let document = desk.get("/api/openapi.json", "").await;
    assert_eq!(document.json(), serde_json::from_str::<Value>(&web::openapi_json()).unwrap());
    assert_eq!(desk.get("/metrics", "").await.code(), "only_loopback");
    let mut local = request("GET", "/metrics", "").body(Body::empty()).unwrap();
    local.extensions_mut().insert(ConnectInfo("127.0.0.1:9".parse::<SocketAddr>().unwrap()));
    assert_eq!(desk.raw(local).await.code(), "not_found", "no recorder was given");
    desk.fresh.db.close().await;
    let answer = desk.get("/readyz", "").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()));
    assert_eq!(desk.get("/healthz", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_is_served() {
    let desk = Desk::new().await;
    for path in ["/", "/login", "/messages/abc"] {
        let answer = desk.get(path, "").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(String::from_utf8(answer.body).unwrap().contains("<!doctype html>"), "{path}");
    }
    assert_eq!(desk.get("/assets/gone-1234.js", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.send("POST", "/login", "", &[], None).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// Every route of the document, with these ids in place of `{id}`, and the first revision.
fn routes(message: MessageId, call: CallId, contact: &str, callback: &str) -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&web::openapi_json()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let id = match path.as_str() {
            path if path.contains("/calls/") => call.to_string(),
            path if path.contains("/contacts/") => contact.to_owned(),
            path if path.contains("/callbacks/") => callback.to_owned(),
            _ => message.to_string(),
        };
        // Prompts and calendars are named, not guessed: whose is found under a name is asked in `prompts::desk` and
        // in `bookings`; what belongs to a contact in `contacts`.
        let elsewhere = ["/prompts/", "/calendars/", "/contacts/{id}/", "/contacts/edits/"];
        let by_id = path.contains('{') && !elsewhere.iter().any(|part| path.contains(part));
        let path = path.replace("{callback}", callback).replace("{name}", "c").replace("{file}", "c.ics");
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace("{id}", &id).replace("{language}", "de").replace("{revision}", "1");
            routes.push((method.to_uppercase(), path, by_id));
        }
    }
    assert!(routes.len() >= 12, "{routes:?}");
    assert!(routes.iter().all(|(_, path, _)| !path.contains('{')), "a parameter that this walk does not know");
    routes
}

#[tokio::test]
async fn nobody_sees_what_is_anothers() {
    let desk = Desk::new().await;
    let (owner, stranger) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (id, _) = desk.message_with_file(&owner).await;
    let call = message::store::get(&desk.fresh.db, &owner, id).await.unwrap().unwrap().call;
    desk.fresh.plan(&owner).await;
    let owners = desk.cookie(&owner).await;
    let kept = json!({"name": "Apotheke", "numbers": ["+493023125042"], "lists": ["stamm"]});
    let kept = desk.send("POST", "/api/v1/contacts", &owners, &[], Some(kept)).await.json();
    let contact = kept["id"].as_str().unwrap().to_owned();
    let callback = desk.missed(&owner, "+493023125042", "heizung").await.to_string();
    let cookie = desk.cookie(&stranger).await;
    let body = |method: &str, path: &str| {
        if method == "POST" {
            return callbacks::body_of(path);
        }
        if method == "PUT" && path.ends_with(&contact) {
            return Some(json!({"numbers": ["+493023125042"]}));
        }
        let patch =
            if path.contains("/contacts/") { json!({"vip": true}) } else { json!({"heard": true, "urgent": true}) };
        (method == "PATCH").then_some(patch)
    };

    for (method, path, _) in routes(id, call, &contact, &callback) {
        // Where one signs in, and what is read by a secret.
        if (method == "POST" && path == "/api/v1/session") || path.ends_with("/c.ics") {
            continue;
        }
        let answer = desk.send(&method, &path, "", &[], body(&method, &path)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "not_signed_in".into()),
            "{method} {path}"
        );
    }
    for (method, path, by_id) in routes(id, call, &contact, &callback) {
        if !by_id {
            continue;
        }
        let answer = desk.send(&method, &path, &cookie, &[], body(&method, &path)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found".into()), "{method} {path}");
        let invented = path.replace(&id.to_string(), &MessageId::new(at(0), [9; 10]).to_string());
        let invented = invented.replace(&call.to_string(), &CallId::new(at(0), [9; 10]).to_string());
        let invented = invented.replace(&callback, &CallId::new(at(0), [9; 10]).to_string());
        let invented = invented.replace(&contact, &CallId::new(at(0), [9; 10]).to_string());
        let unknown = desk.send(&method, &invented, &cookie, &[], body(&method, &path)).await;
        assert_eq!(unknown.body, answer.body, "another's and nobody's look alike");
    }
    assert_eq!(desk.get("/api/v1/messages", &cookie).await.json()["counts"]["total"], 0);
    assert_eq!(desk.get("/api/v1/calls", &cookie).await.json()["calls"], json!([]));

    assert_eq!(desk.get("/api/v1/contacts", &cookie).await.json()["contacts"], json!([]));
    for (method, path, by_id) in routes(id, call, &contact, &callback) {
        if by_id && method == "GET" {
            assert_eq!(desk.get(&path, &owners).await.status, StatusCode::OK, "the walk's own addresses are right");
        }
    }
    assert_eq!(desk.get(&format!("/api/v1/contacts/{contact}"), &owners).await.json(), kept, "untouched");
    let untouched = message::store::get(&desk.fresh.db, &owner, id).await.unwrap().unwrap();
    assert_eq!((untouched.state, untouched.urgent), (message::State::New, false));
}
