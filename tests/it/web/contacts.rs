//! Contacts by the API.

use axum::http::StatusCode;
use nightdesk::person::{self, NewPerson, Role};
use nightdesk::tenant::Language;
use serde_json::{Value, json};

use super::{Answer, Desk};

const PATH: &str = "/api/v1/contacts";

async fn post(desk: &Desk, cookie: &str, body: Value) -> Answer {
    desk.send("POST", PATH, cookie, &[], Some(body)).await
}

fn names(answer: &Answer) -> Vec<String> {
    let contacts = answer.json()["contacts"].as_array().unwrap().clone();
    contacts.iter().map(|contact| contact["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn contacts_are_added_changed_listed_and_removed() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let added = post(
        &desk,
        &cookie,
        json!({"name": " Küche  Süd", "numbers": ["030 23125-042", "+493023125042", "+493023125043"], "lists": ["Gute Kunden"]}),
    )
    .await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let added = added.json();
    assert_eq!(added["numbers"], json!(["+493023125042", "+493023125043"]));
    assert_eq!(
        (&added["name"], &added["lists"], &added["vip"]),
        (&json!("Küche Süd"), &json!(["gute-kunden"]), &json!(false))
    );
    let one = format!("{PATH}/{}", added["id"].as_str().unwrap());
    assert_eq!(desk.get(&one, &cookie).await.json(), added);

    let patch = |body: Value| desk.send("PATCH", &one, &cookie, &[], Some(body));
    let changed = patch(json!({"vip": true, "note": "eilt"})).await.json();
    assert_eq!(
        (&changed["vip"], &changed["note"], &changed["numbers"]),
        (&json!(true), &json!("eilt"), &added["numbers"])
    );
    assert_eq!(patch(json!({"lists": []})).await.json()["lists"], json!([]));
    for (bad, why) in [
        (json!({"numbers": []}), "a contact has a number"),
        (json!({"numbers": ["keine"]}), "is no number"),
        (json!({"lists": ["a/b"]}), "cannot name a list"),
        (json!({"name": "x".repeat(121)}), "120 characters"),
        (json!({"id": "x"}), "unknown field"),
    ] {
        let answer = patch(bad).await;
        assert!(
            answer.status.is_client_error() && answer.json()["detail"].as_str().unwrap().contains(why),
            "{answer:?}"
        );
    }
    let taken = post(&desk, &cookie, json!({"numbers": ["+493023125043"]})).await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "number_taken".into()));
    assert!(taken.json()["detail"].as_str().unwrap().contains("Küche Süd"));

    for name in ["Zentrale", "Ämter", "Bäcker"] {
        let number = format!("+4930231250{}", name.len());
        assert_eq!(
            post(&desk, &cookie, json!({"name": name, "numbers": [format!("{number}{}", name.chars().count())]}))
                .await
                .status,
            StatusCode::CREATED
        );
    }
    let page = desk.get(&format!("{PATH}?limit=3"), &cookie).await;
    assert_eq!(names(&page), ["Ämter", "Bäcker", "Küche Süd"]);
    let next = page.json()["next"].as_str().unwrap().to_owned();
    let page = desk.get(&format!("{PATH}?limit=3&after={next}"), &cookie).await;
    assert_eq!((names(&page), &page.json()["next"]), (vec!["Zentrale".to_owned()], &Value::Null));
    assert_eq!(names(&desk.get(&format!("{PATH}?search=kuche"), &cookie).await), ["Küche Süd"]);
    assert_eq!(names(&desk.get(&format!("{PATH}?search=23125%20043"), &cookie).await), ["Küche Süd"]);
    assert_eq!(desk.get(&format!("{PATH}?after=x"), &cookie).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(desk.get(&format!("{PATH}?list=a/b"), &cookie).await.status, StatusCode::BAD_REQUEST);

    assert_eq!(desk.send("DELETE", &one, &cookie, &[], None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.send("DELETE", &one, &cookie, &[], None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(&one, &cookie).await.status, StatusCode::NOT_FOUND);
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    let count = |action: &str| lines.iter().filter(|line| line.action == action).count();
    assert_eq!(["contact_added", "contact_changed", "contact_removed"].map(count), [4, 2, 1]);
}

#[tokio::test]
async fn an_agent_keeps_contacts_too() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let now = desk.clock.now().utc;
    let mut tx = desk.fresh.db.write().await.unwrap();
    let agent = NewPerson { name: "Blumenladen".into(), role: Role::Agent, language: Language::De };
    let agent = person::store::create(&mut tx, &tenant, &agent, now).await.unwrap();
    let link = person::store::login_link(&mut tx, &tenant, agent.id, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let answer = desk.sign_in(link.reveal()).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(post(&desk, &cookie, json!({"numbers": ["+493023125042"]})).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn messages_and_calls_bear_the_contacts_name() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let cookie = desk.cookie(&tenant).await;
    let id = desk.fresh.message(&tenant, 0).await;
    let message = async || desk.get("/api/v1/messages", &cookie).await.json()["messages"][0].clone();
    let first = message().await;
    assert_eq!(first["contact"], Value::Null);
    let number = first["caller"].as_str().unwrap().to_owned();
    let others = desk.cookie(&other).await;
    post(&desk, &others, json!({"name": "Geheim", "numbers": [number]})).await;
    assert_eq!(message().await["contact"], Value::Null, "another tenant's contact is nobody here");
    post(&desk, &cookie, json!({"name": "Apotheke", "numbers": [number]})).await;
    assert_eq!(message().await["contact"], "Apotheke");
    let call = first["call_id"].as_str().unwrap();
    for path in [format!("/api/v1/messages/{id}"), format!("/api/v1/calls/{call}")] {
        assert_eq!(desk.get(&path, &cookie).await.json()["contact"], "Apotheke", "{path}");
    }
    assert_eq!(desk.get("/api/v1/calls", &cookie).await.json()["calls"][0]["contact"], "Apotheke");
    let patched =
        desk.send("PATCH", &format!("/api/v1/messages/{id}"), &cookie, &[], Some(json!({"heard": true}))).await;
    assert_eq!(patched.json()["contact"], "Apotheke");
}

#[tokio::test]
async fn who_was_slower_is_told_by_the_tag() {
    let desk = Desk::new().await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let card = json!({"name": "Eins", "numbers": ["030 23125-0 App. 42"], "language": "en", "mail": ["a@Example.org"]});
    let added = post(&desk, &cookie, card).await;
    let first = added.header("etag").to_owned();
    let body = added.json();
    assert_eq!((&body["numbers"], &body["version"]), (&json!(["+49302312542"]), &json!(1)));
    assert_eq!((&body["language"], &body["mail"]), (&json!("en"), &json!(["a@example.org"])));
    let one = format!("{PATH}/{}", body["id"].as_str().unwrap());
    assert_eq!(desk.get(&one, &cookie).await.header("etag"), first);
    let patched = desk.send("PATCH", &one, &cookie, &[("if-match", &first)], Some(json!({"language": null}))).await;
    assert_eq!((patched.status, &patched.json()["language"]), (StatusCode::OK, &Value::Null));
    let second = patched.header("etag").to_owned();
    assert_ne!(second, first);
    let whole = json!({"name": "Zwei", "numbers": ["+49302312542"]});
    for (method, body) in [("PATCH", Some(json!({"vip": true}))), ("PUT", Some(whole.clone())), ("DELETE", None)] {
        let late = desk.send(method, &one, &cookie, &[("if-match", &first)], body).await;
        assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "changed".into()), "{method}");
    }
    let put = desk.send("PUT", &one, &cookie, &[("if-match", &format!("\"x\", {second}"))], Some(whole)).await;
    assert_eq!((put.status, &put.json()["mail"]), (StatusCode::OK, &json!([])), "what is left out is empty");
    let gone = desk.send("DELETE", &one, &cookie, &[("if-match", "*")], None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

async fn file(desk: &Desk, cookie: &str, kind: &str, query: &str, text: &str) -> Answer {
    let request = crate::web::request("POST", &format!("{PATH}/import{query}"), cookie);
    let request = request.header("content-type", kind).body(axum::body::Body::from(text.to_owned()));
    desk.raw(request.unwrap()).await
}

#[tokio::test]
async fn files_go_in_and_out() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, others) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    let card =
        "BEGIN:VCARD\nVERSION:3.0\nFN:Küche\nTEL:030 23125042\nTEL:keine\nEND:VCARD\nBEGIN:VCARD\nFN:X\nEND:VCARD\n";
    let dry = file(&desk, &cookie, "text/vcard", "?dry_run=1", card).await.json();
    assert_eq!((&dry["added"], &dry["dry_run"]), (&json!(1), &json!(true)));
    let done = file(&desk, &cookie, "text/vcard; charset=utf-8", "?list=Neu", card).await.json();
    assert_eq!(
        (&done["added"], &done["bad"][0]["line"], &done["left_out"][0]["line"]),
        (&json!(1), &json!(7), &json!(5))
    );
    let out = desk.get(&format!("{PATH}/export?format=vcard"), &cookie).await;
    assert!(out.header("content-type").starts_with("text/vcard"), "{out:?}");
    let text = String::from_utf8(out.body).unwrap();
    assert!(text.contains("TEL;VALUE=uri;PREF=1:tel:+493023125042\r\n") && text.contains("CATEGORIES:neu"), "{text}");
    assert_eq!(
        file(&desk, &cookie, "text/vcard", "", &text).await.json()["unchanged"],
        1,
        "a second time nothing changes"
    );
    let table = desk.get(&format!("{PATH}/export"), &cookie).await;
    let table = String::from_utf8(table.body).unwrap();
    assert_eq!(file(&desk, &cookie, "text/csv", "", &table).await.json()["unchanged"], 1);
    assert_eq!(desk.get(&format!("{PATH}/export?format=vcard"), &others).await.body, b"", "another tenant's");
    for (kind, text, status) in [
        ("text/vcard", "nichts", StatusCode::BAD_REQUEST),
        ("application/json", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        assert_eq!(file(&desk, &cookie, kind, "", text).await.status, status);
    }
}

#[tokio::test]
async fn contacts_are_merged_split_and_put_back() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, others) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    let add = async |name: &str, number: &str| {
        post(&desk, &cookie, json!({"name": name, "numbers": [number]})).await.json()["id"].as_str().unwrap().to_owned()
    };
    let (one, two) = (add("Eins", "+493023125041").await, add("Zwei", "+493023125042").await);
    let send = async |path: &str, who: &str, body: Value| desk.send("POST", path, who, &[], Some(body)).await;
    let merge = format!("{PATH}/{one}/merge");
    assert_eq!(send(&merge, &others, json!({"from": [two]})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&merge, &cookie, json!({"from": [one]})).await.status, StatusCode::BAD_REQUEST);
    let merged = send(&merge, &cookie, json!({"from": [two]})).await.json();
    assert_eq!(merged["contact"]["numbers"], json!(["+493023125041", "+493023125042"]));
    assert_eq!(merged["dropped"], json!(["the name Zwei"]));
    assert_eq!(desk.get(&format!("{PATH}/{two}"), &cookie).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(&format!("{PATH}/edits"), &cookie).await.json()["edits"][0]["id"], merged["edit"]);
    let undo = |edit: &Value| format!("{PATH}/edits/{}/undo", edit.as_str().unwrap());
    assert_eq!(send(&undo(&merged["edit"]), &others, json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&undo(&merged["edit"]), &cookie, json!({})).await.json()["contacts"], json!([one, two]));
    let again = send(&undo(&merged["edit"]), &cookie, json!({})).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "undone".into()));
    send(&merge, &cookie, json!({"from": [two]})).await;
    let split = format!("{PATH}/{one}/split");
    assert_eq!(send(&split, &others, json!({"numbers": ["+493023125042"]})).await.status, StatusCode::NOT_FOUND);
    let done = send(&split, &cookie, json!({"numbers": ["030 23125042"], "name": "Drei"})).await.json();
    assert_eq!((&done["contact"]["name"], &done["contact"]["numbers"]), (&json!("Drei"), &json!(["+493023125042"])));
    desk.send("PATCH", &format!("{PATH}/{one}"), &cookie, &[], Some(json!({"vip": true}))).await;
    let late = send(&undo(&done["edit"]), &cookie, json!({})).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "changed_since".into()));
}

#[tokio::test]
async fn a_recorded_name_is_confirmed_by_an_owner() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, others) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    let added = post(&desk, &cookie, json!({"name": "Beispiel", "numbers": ["+493023125042"]})).await.json();
    let name = format!("{PATH}/{}/name", added["id"].as_str().unwrap());
    let put = async |who: &str, wav: Vec<u8>| {
        let request = crate::web::request("PUT", &format!("{name}?transcript=Guten%20Tag."), who);
        desk.raw(request.header("content-type", "audio/wav").body(axum::body::Body::from(wav)).unwrap()).await
    };
    let wav = crate::prompts::speech_file();
    assert_eq!(put(&others, wav.clone()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(put(&cookie, b"nichts".to_vec()).await.code(), "not_audio");
    let made = put(&cookie, wav).await.json();
    let clip = &made["name_clip"];
    assert_eq!((&clip["transcript"], &clip["confirmed"]), (&json!("Guten Tag."), &json!(false)));
    let heard = desk.get(clip["audio"].as_str().unwrap(), &cookie).await;
    assert_eq!((heard.status, heard.header("content-type")), (StatusCode::OK, "audio/wav"));
    assert_eq!(desk.get(clip["audio"].as_str().unwrap(), &others).await.status, StatusCode::NOT_FOUND);
    let confirm = async |who: &str, clip: &Value| {
        desk.send("POST", &format!("{name}/confirm"), who, &[], Some(json!({ "clip": clip }))).await
    };
    assert_eq!(confirm(&others, &clip["id"]).await.status, StatusCode::NOT_FOUND);
    let another = confirm(&cookie, &json!("0199d2d1-3f00-7000-8000-000000000000")).await;
    assert_eq!((another.status, another.code()), (StatusCode::CONFLICT, "another_name".into()));
    assert_eq!(confirm(&cookie, &clip["id"]).await.json()["name_clip"]["confirmed"], true);
    assert_eq!(desk.send("DELETE", &name, &others, &[], None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.send("DELETE", &name, &cookie, &[], None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.send("DELETE", &name, &cookie, &[], None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_timeline_comes_in_pages() {
    let desk = Desk::new().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, others) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    let message = desk.fresh.message(&tenant, 0).await;
    let number = "+4915112345678";
    let added = post(&desk, &cookie, json!({"numbers": [number]})).await.json();
    let path = format!("{PATH}/{}/timeline", added["id"].as_str().unwrap());
    let whole = desk.get(&path, &cookie).await.json();
    let kinds: Vec<&str> = whole["moments"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds.len(), &whole["next"]), (2, &Value::Null));
    assert!(kinds.contains(&"call") && kinds.contains(&"message"), "{whole}");
    let page = desk.get(&format!("{path}?limit=1"), &cookie).await.json();
    let next = page["next"].as_str().unwrap();
    let rest = desk.get(&format!("{path}?limit=1&before={next}"), &cookie).await.json();
    assert_eq!(json!([page["moments"][0], rest["moments"][0]]), whole["moments"]);
    let of = desk.get("/api/v1/timeline?number=0151%2012345678", &cookie).await.json();
    assert_eq!(of["moments"], whole["moments"]);
    assert!(of.to_string().contains(&message.to_string()));
    assert_eq!(desk.get(&path, &others).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/api/v1/timeline?number=0151%2012345678", &others).await.json()["moments"], json!([]));
    assert_eq!(desk.get("/api/v1/timeline?number=x", &cookie).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(desk.get(&format!("{path}?before=x"), &cookie).await.status, StatusCode::BAD_REQUEST);
}

/// What belongs to a contact is not in the walk over all addresses: each of them is asked here.
#[tokio::test]
async fn what_belongs_to_a_contact_is_its_tenants() {
    let desk = Desk::new().await;
    let (owner, stranger) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (owners, strangers) = (desk.cookie(&owner).await, desk.cookie(&stranger).await);
    let add = async |cookie: &str, number: &str| {
        let added = post(&desk, cookie, json!({"name": "Apotheke", "numbers": [number, "+493023125049"]})).await.json();
        added["id"].as_str().unwrap().to_owned()
    };
    let (theirs, own) = (add(&owners, "+493023125042").await, add(&strangers, "+493023125043").await);
    let split = json!({"numbers": ["+493023125049"]});
    let done = desk.send("POST", &format!("{PATH}/{theirs}/split"), &owners, &[], Some(split.clone())).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let edit = done.json()["edit"].as_str().unwrap().to_owned();
    let before = desk.get(PATH, &owners).await.json();
    for (method, path, body) in [
        ("POST", format!("{theirs}/merge"), Some(json!({"from": [own]}))),
        ("POST", format!("{own}/merge"), Some(json!({"from": [theirs]}))),
        ("POST", format!("{theirs}/split"), Some(split)),
        ("POST", format!("edits/{edit}/undo"), None),
        ("GET", format!("{theirs}/timeline"), None),
        ("GET", format!("{theirs}/name/audio"), None),
        ("DELETE", format!("{theirs}/name"), None),
        ("POST", format!("{theirs}/name/say"), Some(json!({"text": "Guten Tag."}))),
        ("POST", format!("{theirs}/name/confirm"), Some(json!({"clip": theirs}))),
    ] {
        let answer = desk.send(method, &format!("{PATH}/{path}"), &strangers, &[], body).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found".into()), "{method} {path}");
    }
    assert_eq!(desk.get(PATH, &owners).await.json(), before, "untouched");
}
