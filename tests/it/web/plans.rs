//! Plans and opening hours by the API.

use axum::http::StatusCode;
use nightdesk::person::pin::{PinKey, Tried};
use nightdesk::person::{Actor, NewPerson, Role, store::pin};
use nightdesk::revision::Basis;
use nightdesk::run::plans;
use nightdesk::tenant::Language;
use serde_json::json;

use super::*;

const TEXT: &str = "[line]\nopen = \"message.a\"\n\n[message.a]\nsay = \"greeting\"\nmax = \"3m\"\n";

fn with_plans(dir: Option<&str>) -> Settings {
    let standard = [(Language::De, TEXT.replace("3m", "5m"))].into();
    let basis = Basis { known: plans::known().unwrap(), standard, dir: dir.map(Into::into) };
    Settings { basis: basis.into(), pin_key: Some(PinKey::new([5; 32])), ..Settings::default() }
}

impl Desk {
    async fn agent(&self, tenant: &Tenant) -> String {
        let now = self.clock.now().utc;
        let mut tx = self.fresh.db.write().await.unwrap();
        let new = NewPerson { name: "Werkstatt".into(), role: Role::Agent, language: Language::De };
        let agent = person::store::create(&mut tx, tenant, &new, now).await.unwrap();
        let link = person::store::login_link(&mut tx, tenant, agent.id, now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let answer = self.sign_in(link.reveal()).await;
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn put_plan(&self, cookie: &str, text: &str, based_on: u32) -> Answer {
        self.send("PUT", "/api/v1/plan", cookie, &[], Some(json!({"text": text, "based_on": based_on}))).await
    }
}

#[tokio::test]
async fn a_plan_is_changed_and_taken_back() {
    let desk = Desk::with(with_plans(None)).await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let plan = desk.get("/api/v1/plan", &cookie).await.json();
    assert_eq!((&plan["revision"], &plan["good"], &plan["editable"]), (&json!(0), &json!(true), &json!(true)));
    assert!(plan["text"].as_str().unwrap().contains("5m") && plan["made"].is_null());

    let done = desk.put_plan(&cookie, TEXT, 0).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let done = done.json();
    assert_eq!(
        (&done["revision"], &done["made"]["author"], &done["text"]),
        (&json!(1), &json!("Inhaberin"), &json!(TEXT))
    );
    let late = desk.put_plan(&cookie, &TEXT.replace("3m", "4m"), 0).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "plan_changed"));
    let bad = desk.put_plan(&cookie, "[line]\nopen = \"menu.gone\"\n", 1).await;
    assert_eq!((bad.status, bad.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "plan_not_good"));
    let finding = &bad.json()["findings"][0];
    assert_eq!((&finding["severity"], &finding["line"], &finding["column"]), (&json!("error"), &json!(2), &json!(8)));
    assert!(finding["message"]["de"].as_str().unwrap().contains("menu.gone"), "{finding}");
    let check =
        |text: &str| desk.send("POST", "/api/v1/plan/check", &cookie, &[], Some(json!({ "text": text }))).map_json();
    assert_eq!(check(TEXT).await, json!({"good": true, "findings": []}));
    assert_eq!(check("[line]\n").await["good"], json!(false));

    assert_eq!(desk.put_plan(&cookie, &TEXT.replace("3m", "4m"), 1).await.json()["revision"], 2);
    let diff = desk.get("/api/v1/plan/diff?from=1&to=2", &cookie).await.json();
    assert_eq!(diff["diff"].as_str().unwrap().lines().last(), Some("+max = \"4m\""));
    let back = json!({"revision": 1, "based_on": 2, "note": "war besser"});
    let back = desk.send("POST", "/api/v1/plan/rollback", &cookie, &[], Some(back)).await.json();
    assert_eq!((&back["revision"], &back["made"]["restores"], &back["text"]), (&json!(3), &json!(1), &json!(TEXT)));
    let list = desk.get("/api/v1/plan/revisions?limit=2", &cookie).await.json();
    let seqs: Vec<_> = list["revisions"].as_array().unwrap().iter().map(|entry| entry["revision"].clone()).collect();
    assert_eq!((seqs, &list["next"]), (vec![json!(3), json!(2)], &json!(2)));
    assert_eq!(desk.get("/api/v1/plan/revisions?before=2", &cookie).await.json()["next"], json!(null));
    assert_eq!(desk.get("/api/v1/plan/revisions/2", &cookie).await.json()["based_on"], 1);
    for path in ["/api/v1/plan/revisions/9", "/api/v1/plan/revisions/x", "/api/v1/plan/diff?from=1&to=9"] {
        assert_eq!(desk.get(path, &cookie).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    let acts = |action: &str| lines.iter().filter(|line| line.action == action).count();
    assert_eq!((acts("plan_applied"), acts("plan_rolled_back")), (2, 1));

    // A plan may be longer than other bodies, and no longer than a plan.
    let long = format!("{TEXT}# {}\n", "x".repeat(1 << 20));
    assert_eq!(desk.put_plan(&cookie, &long, 3).await.status, StatusCode::OK);
    let longer = "x".repeat(plan_body_max() + 1);
    assert_eq!(desk.put_plan(&cookie, &longer, 4).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

fn plan_body_max() -> usize {
    2 * nightdesk::plan::limits::TEXT_BYTES_MAX + 64 * 1024
}

trait MapJson {
    async fn map_json(self) -> Value;
}

impl<F: Future<Output = Answer>> MapJson for F {
    async fn map_json(self) -> Value {
        self.await.json()
    }
}

#[tokio::test]
async fn agents_read_and_foreign_people_see_nothing() {
    let desk = Desk::with(with_plans(None)).await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (owner, agent, stranger) = (desk.cookie(&tenant).await, desk.agent(&tenant).await, desk.cookie(&other).await);
    assert_eq!(desk.put_plan(&owner, TEXT, 0).await.status, StatusCode::OK);
    let seen = desk.get("/api/v1/plan", &agent).await.json();
    assert_eq!((&seen["revision"], &seen["editable"]), (&json!(1), &json!(false)));
    let over = json!({"open": false, "until": "tomorrow 08:00"});
    let set = desk.send("POST", "/api/v1/opening/override", &owner, &[], Some(over.clone())).await;
    let id = set.json()["id"].as_str().unwrap().to_owned();
    let lift = format!("/api/v1/opening/override/{id}");
    for (method, path, body) in [
        ("PUT", "/api/v1/plan", Some(json!({"text": TEXT, "based_on": 1}))),
        ("POST", "/api/v1/plan/rollback", Some(json!({"revision": 0, "based_on": 1}))),
        ("POST", "/api/v1/opening/override", Some(over)),
        ("DELETE", lift.as_str(), None),
    ] {
        assert_eq!(desk.send(method, path, "", &[], body.clone()).await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(desk.send(method, path, &agent, &[], body).await.code(), "only_owner", "{path}");
    }
    assert_eq!(desk.get("/api/v1/plan", &stranger).await.json()["revision"], 0);
    assert_eq!(desk.get("/api/v1/plan/revisions/1", &stranger).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/api/v1/opening", &stranger).await.json()["overrides"], json!([]));
    assert_eq!(desk.send("DELETE", &lift, &stranger, &[], None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/api/v1/opening", &agent).await.json()["overrides"][0]["id"], json!(id));
    // A number of theirs cannot be claimed.
    let mut tx = desk.fresh.db.write().await.unwrap();
    nightdesk::tenant::store::add_number(&mut tx, &tenant, "+493023125001", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let claim = TEXT.replace("[line]\n", "[line]\nnumbers = [\"+493023125001\"]\n");
    assert_eq!(desk.put_plan(&stranger, &claim, 0).await.code(), "plan_not_good");
}

#[tokio::test]
async fn plans_in_files_are_read_only() {
    let desk = Desk::with(with_plans(Some("/etc/nightdesk/plans"))).await;
    let cookie = desk.cookie(&desk.fresh.tenant("Praxis").await).await;
    let refused = desk.put_plan(&cookie, TEXT, 0).await;
    assert_eq!(refused.code(), "plan_in_files");
    assert!(refused.json()["detail"].as_str().unwrap().contains("/etc/nightdesk/plans"));
    assert_eq!(desk.get("/api/v1/plan", &cookie).await.code(), "unavailable", "no process has read them yet");
}

#[tokio::test]
async fn hours_are_set_aside() {
    let desk = Desk::with(with_plans(None)).await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let opening = || async { desk.get("/api/v1/opening", &cookie).await.json() };
    let set = |body: Value| desk.send("POST", "/api/v1/opening/override", &cookie, &[], Some(body));
    let now = opening().await;
    assert_eq!((&now["open"], &now["why"], &now["until"]), (&json!(true), &json!("hours"), &json!(null)));
    assert_eq!(now["timezone"], "Europe/Berlin");
    for until in ["", "soon", "2020-01-01T08:00", "next opening", "2099-01-01T08:00"] {
        let refused = set(json!({"open": false, "until": until})).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "bad_request"), "{until}");
    }
    let long = set(json!({"open": false, "until": "tomorrow 08:00", "reason": "x".repeat(201)})).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
    let made = set(json!({"open": false, "until": "tomorrow 08:00", "reason": " Betriebs-\nausflug "})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = made.json();
    assert_eq!((&made["reason"], &made["author"]), (&json!("Betriebs- ausflug"), &json!("Inhaberin")));
    let now = opening().await;
    assert_eq!((&now["open"], &now["why"], &now["detail"]), (&json!(false), &json!("override"), &made["reason"]));
    assert_eq!((&now["until"], &now["overrides"]), (&made["until"], &json!([made])));

    // With hours: never open, but by hand.
    let hours = "[line]\nopen = \"message.a\"\nclosed = \"message.a\"\nhours = \"h\"\n[hours.h]\nmon = \"00:00-00:01\"\n\
                 closed = \"01-01..12-31 Urlaub\"\n[message.a]\n";
    assert_eq!(desk.put_plan(&cookie, hours, 0).await.status, StatusCode::OK);
    let path = format!("/api/v1/opening/override/{}", made["id"].as_str().unwrap());
    assert_eq!(desk.send("DELETE", &path, &cookie, &[], None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.send("DELETE", &path, &cookie, &[], None).await.status, StatusCode::NOT_FOUND);
    let now = opening().await;
    assert_eq!((&now["open"], &now["why"], &now["detail"]), (&json!(false), &json!("closure"), &json!("Urlaub")));
    assert_eq!(set(json!({"open": true, "until": "tomorrow 08:00"})).await.status, StatusCode::CREATED);
    assert_eq!(opening().await["open"], json!(true));
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    let acts = |action: &str| lines.iter().filter(|line| line.action == action).count();
    assert_eq!((acts("override_set"), acts("override_lifted")), (2, 1));
}

#[tokio::test]
async fn a_locked_pin_is_unlocked_by_its_owner() {
    let desk = Desk::with(with_plans(None)).await;
    let tenant = desk.fresh.tenant("Praxis").await;
    let (owner, agent) = (desk.cookie(&tenant).await, desk.agent(&tenant).await);
    let set = |cookie: String, pin: &'static str| {
        let desk = &desk;
        async move { desk.send("PUT", "/api/v1/pin", &cookie, &[], Some(json!({ "pin": pin }))).await }
    };
    let unlock = |cookie: String| {
        let desk = &desk;
        async move { desk.send("POST", "/api/v1/pin/unlock", &cookie, &[], None).await.status }
    };
    assert_eq!(desk.get("/api/v1/pin", &owner).await.json()["set"], json!(false));
    assert_eq!(unlock(owner.clone()).await, StatusCode::NOT_FOUND);
    assert_eq!(set(agent.clone(), "473926").await.code(), "only_owner");
    assert_eq!(set(owner.clone(), "123456").await.code(), "bad_request");
    assert_eq!(set(owner.clone(), "473926").await.status, StatusCode::NO_CONTENT);
    let check = |tried| {
        let (db, tenant) = (desk.fresh.db.clone(), tenant.clone());
        async move { pin::check(&db, &tenant, &PinKey::new([5; 32]), tried, Actor::Console, at(0)).await.unwrap() }
    };
    for _ in 0..10 {
        assert_eq!(check("000000").await, Tried::Wrong);
    }
    assert_eq!(check("473926").await, Tried::Locked);
    let state = desk.get("/api/v1/pin", &owner).await.json();
    assert_eq!((&state["set"], state["locked_at"].is_string(), &state["wrong"]), (&json!(true), true, &json!(10)));
    assert_eq!(desk.get("/api/v1/pin", &agent).await.code(), "only_owner");
    assert_eq!(unlock(agent).await, StatusCode::FORBIDDEN);
    assert_eq!(unlock(owner).await, StatusCode::NO_CONTENT);
    assert_eq!(check("473926").await, Tried::Right);
}
