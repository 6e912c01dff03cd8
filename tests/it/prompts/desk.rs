//! Prompts over HTTP.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use nightdesk::ids::PromptVersionId;
use nightdesk::person::{self, NewPerson, Role};
use nightdesk::prompt::UPLOAD_BYTES_MAX;
use nightdesk::tenant::Language;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::made::wav;
use crate::support::at;
use crate::web::{Answer, Desk, request};

const GREETING: &str = "/api/v1/prompts/de/greeting";

async fn put(desk: &Desk, path: &str, cookie: &str, file: Vec<u8>) -> Answer {
    desk.raw(request("PUT", path, cookie).header(header::CONTENT_TYPE, "audio/wav").body(Body::from(file)).unwrap())
        .await
}

fn file() -> Vec<u8> {
    wav(44_100, 2, 16, false, 66_150)
}

fn find<'v>(list: &'v Value, language: &str, id: &str) -> &'v Value {
    let all = list["prompts"].as_array().unwrap();
    all.iter().find(|prompt| prompt["language"] == language && prompt["id"] == id).unwrap()
}

#[tokio::test]
async fn a_prompt_is_replaced_heard_restored_and_reset() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let list = desk.get("/api/v1/prompts", &cookie).await.json();
    let greeting = find(&list, "de", "greeting");
    assert!(greeting["shipped"].as_str().unwrap().starts_with("Guten Tag"), "{greeting}");
    assert_eq!((&greeting["current"], &greeting["versions"]), (&Value::Null, &json!([])));
    assert_eq!(greeting["audio"], format!("{GREETING}/audio"));
    let shipped = desk.get(&format!("{GREETING}/audio"), &cookie).await;
    assert_eq!((shipped.status, shipped.header("content-type")), (StatusCode::OK, "audio/wav"));

    let answer = put(&desk, &format!("{GREETING}?transcript=Gr%C3%BC%C3%9F%20Gott."), &cookie, file()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let first = answer.json();
    let current = &first["current"];
    assert_eq!((&current["transcript"], &current["source"]), (&json!("Grüß Gott."), &json!("upload")));
    assert_eq!((&current["author"], &current["seq"]), (&json!("Inhaberin"), &json!(1)));
    assert!((1.7..1.9).contains(&current["duration"].as_f64().unwrap()), "{current}");
    let own = desk.get(&format!("{GREETING}/audio"), &cookie).await;
    assert_ne!(own.body, shipped.body);
    let old = desk.get(&format!("{GREETING}/audio?version=shipped"), &cookie).await;
    assert_eq!(old.body, shipped.body);
    let ranged = desk.send("GET", &format!("{GREETING}/audio"), &cookie, &[("range", "bytes=10-19")], None).await;
    assert_eq!((ranged.status, &ranged.body[..]), (StatusCode::PARTIAL_CONTENT, &own.body[10..20]));
    let ranged =
        desk.send("GET", &format!("{GREETING}/audio?version=shipped"), &cookie, &[("range", "bytes=0-3")], None).await;
    assert_eq!((ranged.status, &ranged.body[..]), (StatusCode::PARTIAL_CONTENT, &b"RIFF"[..]));

    let said = json!({"text": "Wir sind um 9:30 Uhr wieder da."});
    let second = desk.send("POST", &format!("{GREETING}/say"), &cookie, &[], Some(said)).await;
    assert_eq!(second.status, StatusCode::OK, "{second:?}");
    let second = second.json();
    assert_eq!((&second["current"]["source"], &second["current"]["seq"]), (&json!("text"), &json!(2)));
    assert_eq!(second["versions"].as_array().unwrap().len(), 2);
    let heard = desk.get(second["versions"][1]["audio"].as_str().unwrap(), &cookie).await;
    assert_eq!(heard.body, own.body);

    let back = json!({"version": first["current"]["id"]});
    let restored = desk.send("POST", &format!("{GREETING}/restore"), &cookie, &[], Some(back)).await.json();
    assert_eq!(restored["current"]["id"], first["current"]["id"]);
    let reset = desk.send("DELETE", GREETING, &cookie, &[], None).await;
    assert_eq!(reset.status, StatusCode::OK, "{reset:?}");
    assert_eq!(reset.json()["current"], Value::Null);
    assert_eq!(reset.json()["versions"].as_array().unwrap().len(), 2, "kept");
    assert_eq!(desk.get(&format!("{GREETING}/audio"), &cookie).await.body, shipped.body);
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 9).await.unwrap();
    let mut actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["prompt_reset", "prompt_restored", "prompt_set", "prompt_set", "signed_in"]);
}

#[tokio::test]
async fn a_plans_own_prompt_has_any_name() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let path = "/api/v1/prompts/de/unsere-begruessung";
    assert_eq!(desk.get(&format!("{path}/audio"), &cookie).await.code(), "not_found");
    let made = put(&desk, path, &cookie, file()).await.json();
    assert_eq!((&made["shipped"], &made["current"]["transcript"]), (&Value::Null, &json!("")));
    let list = desk.get("/api/v1/prompts", &cookie).await.json();
    assert_eq!(find(&list, "de", "unsere-begruessung"), &made);
    let reset = desk.send("DELETE", path, &cookie, &[], None).await;
    assert_eq!(reset.status, StatusCode::OK);
    assert_eq!(desk.get(&format!("{path}/audio"), &cookie).await.code(), "not_found");
    for bad in ["Gross", "a%20b", "..%2Fx", "ende."] {
        let answer = put(&desk, &format!("/api/v1/prompts/de/{bad}"), &cookie, file()).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "bad_request".to_owned()), "{bad}");
    }
    assert_eq!(put(&desk, "/api/v1/prompts/fr/greeting", &cookie, file()).await.code(), "not_found");
}

#[tokio::test]
async fn what_is_no_prompt_is_refused_in_words() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    for (file, status, code) in [
        (b"no audio".to_vec(), 422, "not_audio"),
        (nightdesk::media::take::wav(16_000, &[0; 16_000]), 422, "silent"),
        (vec![0; UPLOAD_BYTES_MAX + 1], 413, "too_large"),
    ] {
        let answer = put(&desk, GREETING, &cookie, file).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
    // Nothing of it has to be sent where the head says so already.
    let lies = request("PUT", GREETING, &cookie).header(header::CONTENT_LENGTH, "99999999").body(Body::empty());
    assert_eq!(desk.raw(lies.unwrap()).await.code(), "too_large");
    let empty = desk.send("POST", &format!("{GREETING}/say"), &cookie, &[], Some(json!({"text": " … "}))).await;
    assert_eq!((empty.status.as_u16(), empty.code().as_str()), (422, "no_text"));
    let long = json!({"text": "a ".repeat(1001)});
    assert_eq!(desk.send("POST", &format!("{GREETING}/say"), &cookie, &[], Some(long)).await.code(), "text_too_long");
    let unknown = json!({"version": PromptVersionId::new(at(0), [3; 10]).to_string()});
    let answer = desk.send("POST", &format!("{GREETING}/restore"), &cookie, &[], Some(unknown)).await;
    assert_eq!(answer.code(), "not_found");
    assert_eq!(desk.send("DELETE", GREETING, &cookie, &[], None).await.code(), "not_found", "nothing own is there");
}

#[tokio::test]
async fn a_foreign_tenant_hears_and_changes_nothing() {
    let desk = Desk::new().await;
    let (owner, stranger) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (ours, theirs) = (desk.cookie(&owner).await, desk.cookie(&stranger).await);
    let shipped = desk.get(&format!("{GREETING}/audio"), &theirs).await.body;
    let made = put(&desk, GREETING, &ours, file()).await.json();
    let named = put(&desk, "/api/v1/prompts/de/nur-unsere", &ours, file()).await.json();
    let id = made["current"]["id"].as_str().unwrap();

    let theirs_of = |path: &'static str| desk.get(path, &theirs);
    assert_eq!(theirs_of("/api/v1/prompts/de/greeting/audio").await.body, shipped, "the shipped one");
    let foreign = desk.get(made["current"]["audio"].as_str().unwrap(), &theirs).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
    let invented = PromptVersionId::new(at(0), [9; 10]);
    let unknown = desk.get(&format!("{GREETING}/audio?version={invented}"), &theirs).await;
    assert_eq!(unknown.body, foreign.body, "another's and nobody's look alike");
    assert_eq!(theirs_of("/api/v1/prompts/de/nur-unsere/audio").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(named["current"]["audio"].as_str().unwrap(), &theirs).await.status, StatusCode::NOT_FOUND);
    let restore = desk.send("POST", &format!("{GREETING}/restore"), &theirs, &[], Some(json!({ "version": id }))).await;
    assert_eq!(restore.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.send("DELETE", GREETING, &theirs, &[], None).await.status, StatusCode::NOT_FOUND);
    let list = desk.get("/api/v1/prompts", &theirs).await.json();
    assert!(!list.to_string().contains("nur-unsere") && !list.to_string().contains(id), "{list}");
    // A version of one prompt is none of another, its own tenant's neither.
    let other = desk.get(&format!("/api/v1/prompts/de/saved/audio?version={id}"), &ours).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let list = desk.get("/api/v1/prompts", &ours).await.json();
    assert_eq!(find(&list, "de", "greeting"), &made, "nothing has changed");
}

#[tokio::test]
async fn agents_hear_and_change_nothing() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let owner = desk.cookie(&tenant).await;
    let made = put(&desk, GREETING, &owner, file()).await.json();
    let now = desk.clock.now().utc;
    let new = NewPerson { name: "Assistenz".into(), role: Role::Agent, language: Language::De };
    let mut tx = desk.fresh.db.write().await.unwrap();
    let agent = person::store::create(&mut tx, &tenant, &new, now).await.unwrap();
    let link = person::store::login_link(&mut tx, &tenant, agent.id, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let signed_in = desk.send("POST", "/api/v1/session", "", &[], Some(json!({ "token": link.reveal() }))).await;
    let agent = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();

    assert_eq!(desk.get("/api/v1/prompts", &agent).await.status, StatusCode::OK);
    assert_eq!(desk.get(&format!("{GREETING}/audio"), &agent).await.status, StatusCode::OK);
    let version = json!({"version": made["current"]["id"]});
    let refused = [
        put(&desk, GREETING, &agent, file()).await,
        desk.send("POST", &format!("{GREETING}/say"), &agent, &[], Some(json!({"text": "Hallo"}))).await,
        desk.send("POST", &format!("{GREETING}/restore"), &agent, &[], Some(version)).await,
        desk.send("DELETE", GREETING, &agent, &[], None).await,
    ];
    for answer in refused {
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "only_owner".to_owned()));
    }
    let list = desk.get("/api/v1/prompts", &owner).await.json();
    assert_eq!(find(&list, "de", "greeting"), &made);
}

#[tokio::test]
async fn one_is_made_at_a_time() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, others) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    // A body that never ends holds its place until the request goes away.
    let read = Arc::new(Notify::new());
    let reading = Arc::clone(&read);
    let endless = futures_util::stream::once(async move {
        reading.notify_one();
        std::future::pending::<Result<Vec<u8>, std::io::Error>>().await
    });
    let waiting = desk.raw(request("PUT", GREETING, &cookie).body(Body::from_stream(endless)).unwrap());
    let meanwhile = async {
        read.notified().await;
        let second = put(&desk, GREETING, &cookie, file()).await;
        assert_eq!((second.status, second.code()), (StatusCode::SERVICE_UNAVAILABLE, "busy".to_owned()));
        assert_eq!(put(&desk, GREETING, &others, file()).await.status, StatusCode::OK, "others are not held up");
    };
    tokio::select! {
        answer = waiting => panic!("{answer:?}"),
        () = meanwhile => {}
    }
    assert_eq!(put(&desk, GREETING, &cookie, file()).await.status, StatusCode::OK);
}
