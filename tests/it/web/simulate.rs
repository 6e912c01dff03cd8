//! What a caller would hear, asked of the API.

use axum::http::StatusCode;
use nightdesk::flow::simulate::ask;
use nightdesk::ids::{Language, PromptVersionId};
use nightdesk::prompt::{self, NewVersion, Place, Source};
use serde_json::json;

use super::plans::with_plans;
use super::*;

/// Open on workdays from nine to five; a message while open, a menu otherwise.
const TEXT: &str = r#"[line]
numbers = ["+493023125001"]
timezone = "Europe/Berlin"
hours = "buero"
open = "message.tag"
closed = "menu.nacht"

[hours.buero]
mon-fri = "09:00-17:00"
closed = ["12-24 Heiligabend"]

[rule.ohne-nummer]
caller = ["withheld"]
to = "menu.nacht"

[message.tag]
say = "greeting"

[menu.nacht]
say = "Wir sind nicht da. Grund: {reason}. Drücken Sie die Eins."
key.1 = "message.tag"
silence = "message.tag"
"#;

const HOLY: &str = "2026-12-24T12:00";
const WORKDAY: &str = "2026-12-22T12:00";
const CALLER: &str = "+493023125042";

async fn desk() -> Desk {
    Desk::with(with_plans(None)).await
}

impl Desk {
    async fn ask(&self, path: &str, cookie: &str, question: Value) -> Answer {
        self.send("POST", path, cookie, &[], Some(question)).await
    }

    async fn simulate(&self, cookie: &str, question: Value) -> Answer {
        self.ask("/api/v1/plan/simulate", cookie, question).await
    }
}

fn kinds(told: &Value) -> Vec<String> {
    let heard = told["heard"].as_array().unwrap();
    heard.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_call_is_told_with_the_lines_that_decide() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.fresh.tenant("Praxis").await).await;
    let text = TEXT.replace("[rule.ohne-nummer]\ncaller = [\"withheld\"]\nto = \"menu.nacht\"\n\n", "");
    let told = desk.simulate(&cookie, json!({"text": text, "at": HOLY, "caller": CALLER, "keys": "1"})).await;
    assert_eq!(told.status, StatusCode::OK, "{told:?}");
    let told = told.json();
    assert_eq!((&told["at"], &told["caller"]), (&json!("2026-12-24T12:00:00+01:00"), &json!(CALLER)));
    assert_eq!((&told["step"], &told["line"]), (&json!("menu.nacht"), &json!(10)));
    assert!(told["why"]["de"].as_str().unwrap().contains("Heiligabend"), "{told}");
    let heard = &told["heard"];
    assert_eq!(heard[0], json!({"after_ms": 0, "kind": "step", "step": "menu.nacht", "line": 6, "by": "route"}));
    assert!(heard[1]["text"].as_str().unwrap().contains("Heiligabend") && heard[1]["prompt"].is_null(), "{heard}");
    let kinds = kinds(&told);
    assert_eq!(kinds[2..4], ["presses", "step"].map(str::to_owned), "{told}");
    assert!(kinds.contains(&"kept".to_owned()) && kinds.last().unwrap() == "ends", "{told}");
    let greeting = heard.as_array().unwrap().iter().find(|one| one["prompt"] == "greeting").unwrap();
    assert!(!greeting["text"].as_str().unwrap().is_empty(), "what ships has words");
    let open = desk.simulate(&cookie, json!({"text": text, "at": WORKDAY, "caller": CALLER})).await.json();
    assert_eq!((&open["step"], &open["line"]), (&json!("message.tag"), &json!(9)));
}

#[tokio::test]
async fn without_a_text_the_running_plan_and_what_was_set_by_hand_count() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.fresh.tenant("Praxis").await).await;
    let standard = desk.simulate(&cookie, json!({})).await.json();
    assert!(
        standard["step"].as_str().unwrap().starts_with("message."),
        "no plan yet: the standard one, now: {standard}"
    );

    let plan = json!({"text": TEXT.replace("withheld", "+493023125099"), "based_on": 0});
    assert_eq!(desk.send("PUT", "/api/v1/plan", &cookie, &[], Some(plan)).await.status, StatusCode::OK);
    let hours = json!({"open": true, "from": "2027-01-02T10:00", "until": "2027-01-02T12:00", "reason": "Notdienst"});
    let set = desk.send("POST", "/api/v1/opening/override", &cookie, &[], Some(hours)).await;
    assert_eq!(set.status, StatusCode::CREATED, "{set:?}");
    // A Saturday.
    for (at, step, by_hand) in [
        ("2027-01-02T09:59", "menu.nacht", false),
        ("2027-01-02T10:00", "message.tag", true),
        ("2027-01-02T12:00", "menu.nacht", false),
    ] {
        for text in [Value::Null, json!(TEXT.replace("withheld", "+493023125099"))] {
            let told = desk.simulate(&cookie, json!({"text": text, "at": at, "caller": CALLER})).await.json();
            assert_eq!((&told["step"], told["line"].is_null()), (&json!(step), by_hand), "{at}: {told}");
        }
    }
    let week = desk.ask("/api/v1/plan/week", &cookie, json!({"at": "2027-01-02T00:00", "caller": CALLER})).await.json();
    assert_eq!(week["timezone"], "Europe/Berlin");
    let stretches = week["stretches"].as_array().unwrap();
    let by_hand: Vec<_> = stretches.iter().filter(|stretch| stretch["line"].is_null()).collect();
    assert_eq!(by_hand.len(), 1);
    assert_eq!(
        (&by_hand[0]["from"], &by_hand[0]["open"], &by_hand[0]["step"]),
        (&json!("2027-01-02T10:00:00+01:00"), &json!(true), &json!("message.tag"))
    );
    assert!(stretches.windows(2).all(|two| two[0]["until"] == two[1]["from"]), "no holes");
    assert_eq!(stretches.last().unwrap()["until"], "2027-01-09T00:00:00+01:00");
}

#[tokio::test]
async fn own_prompts_are_told_in_their_own_words() {
    let desk = desk().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (cookie, stranger) = (desk.cookie(&tenant).await, desk.cookie(&other).await);
    let own = NewVersion {
        id: PromptVersionId::new(at(0), [7; 10]),
        place: Place { language: Language::De, prompt: "greeting".parse().unwrap() },
        source: Source::Upload,
        transcript: "Grüß Gott aus der Praxis.".to_owned(),
        duration_ms: 4000,
        level: -200,
        sha256: "ab".repeat(32),
        author: "console".to_owned(),
        at: at(0),
    };
    let mut tx = desk.fresh.db.write().await.unwrap();
    prompt::store::add_version(&mut tx, &tenant, &own).await.unwrap();
    tx.commit().await.unwrap();
    let question = json!({"text": TEXT, "at": WORKDAY, "caller": CALLER});
    let said = |told: Value| told["heard"][1].clone();
    let ours = said(desk.simulate(&cookie, question.clone()).await.json());
    assert_eq!((&ours["prompt"], &ours["text"]), (&json!("greeting"), &json!("Grüß Gott aus der Praxis.")));
    let theirs = said(desk.simulate(&stranger, question).await.json());
    assert_eq!(theirs["prompt"], "greeting");
    assert_ne!(theirs["text"], ours["text"], "another business has what ships");
}

#[tokio::test]
async fn callers_are_told_apart() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.fresh.tenant("Praxis").await).await;
    let card = json!({"name": "Stammkundin", "numbers": ["+493023125043"], "vip": true});
    let kept = desk.send("POST", "/api/v1/contacts", &cookie, &[], Some(card)).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{kept:?}");
    let vip = TEXT.replace("caller = [\"withheld\"]", "caller = [\"withheld\", \"vip\"]");
    for (asked, step) in [
        (json!({"caller": "withheld"}), "menu.nacht"),
        (json!({}), "menu.nacht"),
        (json!({"caller": null}), "menu.nacht"),
        (json!({"caller": CALLER}), "message.tag"),
        (json!({"caller": "030 23125042", "contact": "yes"}), "message.tag"),
        (json!({"caller": CALLER, "contact": "vip, list:stamm"}), "menu.nacht"),
        // Known as important.
        (json!({"caller": "030 23125043"}), "menu.nacht"),
        (json!({"caller": "030 23125043", "contact": "no"}), "message.tag"),
    ] {
        let mut question = asked.clone();
        question["text"] = json!(vip);
        question["at"] = json!(WORKDAY);
        let told = desk.simulate(&cookie, question).await;
        assert_eq!(told.status, StatusCode::OK, "{told:?}");
        assert_eq!(told.json()["step"], step, "{asked}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_a_reason() {
    let desk = desk().await;
    let cookie = desk.cookie(&desk.fresh.tenant("Praxis").await).await;
    for path in ["/api/v1/plan/simulate", "/api/v1/plan/week"] {
        for (question, said) in [
            (json!({"at": "soon"}), "at: a time like 2026-12-24T19:30"),
            (json!({"at": "9999-12-30T00:00:00Z"}), "at: "),
            (json!({"at": "x".repeat(9999)}), "at: "),
            (json!({"keys": "12a"}), "keys: there is no key 'a'"),
            (json!({"keys": "1".repeat(ask::KEYS_MAX + 1)}), "keys: there are more than 200 keys"),
            (json!({"contact": "friend"}), "contact: `yes`"),
        ] {
            let refused = desk.ask(path, &cookie, question.clone()).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (StatusCode::BAD_REQUEST, "bad_request"),
                "{question}"
            );
            assert!(refused.json()["detail"].as_str().unwrap().starts_with(said), "{refused:?}");
        }
        assert!(desk.ask(path, &cookie, json!({"at": HOLY, "who": "me"})).await.status.is_client_error());
        let bad = desk.ask(path, &cookie, json!({"text": "[line]\nopen = \"menu.gone\"\n"})).await;
        assert_eq!((bad.status, bad.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "plan_not_good"));
        assert_eq!(bad.json()["findings"][0]["line"], 2);
        let long =
            desk.ask(path, &cookie, json!({"text": "#".repeat(nightdesk::plan::limits::TEXT_BYTES_MAX + 1)})).await;
        assert_eq!(long.code(), "plan_not_good", "longer than a plan may be");
        let longer = json!({"text": "x".repeat(super::plans::plan_body_max() + 1)});
        assert_eq!(desk.ask(path, &cookie, longer).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    let many = json!({"text": TEXT, "at": HOLY, "keys": "…".repeat(ask::KEYS_MAX)});
    assert_eq!(desk.simulate(&cookie, many).await.status, StatusCode::OK);
}

#[tokio::test]
async fn agents_may_ask_and_nobody_hears_another_business() {
    let desk = desk().await;
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let (owner, agent, stranger) = (desk.cookie(&tenant).await, desk.agent(&tenant).await, desk.cookie(&other).await);
    let plan = json!({"text": TEXT, "based_on": 0});
    assert_eq!(desk.send("PUT", "/api/v1/plan", &owner, &[], Some(plan)).await.status, StatusCode::OK);
    let close = json!({"open": false, "until": "tomorrow 08:00", "reason": "Geheim"});
    assert_eq!(
        desk.send("POST", "/api/v1/opening/override", &owner, &[], Some(close)).await.status,
        StatusCode::CREATED
    );
    for path in ["/api/v1/plan/simulate", "/api/v1/plan/week"] {
        assert_eq!(desk.ask(path, "", json!({})).await.code(), "not_signed_in");
        let seen = desk.ask(path, &agent, json!({"caller": CALLER})).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert!(String::from_utf8_lossy(&seen.body).contains("menu.nacht"), "{path}");
        let foreign = desk.ask(path, &stranger, json!({"caller": CALLER})).await;
        let foreign = String::from_utf8_lossy(&foreign.body).into_owned();
        assert!(!foreign.contains("menu.nacht") && !foreign.contains("Geheim"), "{foreign}");
    }
    // Theirs alone: a text that claims a number of another business does not check.
    let mut tx = desk.fresh.db.write().await.unwrap();
    nightdesk::tenant::store::add_number(&mut tx, &tenant, "+493023125001", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(desk.simulate(&stranger, json!({"text": TEXT})).await.code(), "plan_not_good");
}
