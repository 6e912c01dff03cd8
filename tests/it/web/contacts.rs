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
