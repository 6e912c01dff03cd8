//! The queue of callbacks by the API, on both engines.

use nightdesk::callback::{self, Arrival, Kind, Rules};
use nightdesk::ids::{CallbackId, Language};

use super::plans::with_plans;
use super::*;
use crate::support::Fresh;

/// Each test on SQLite and on PostgreSQL, with the page before it.
macro_rules! desks {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        #[tokio::test]
        async fn sqlite() { super::$name(super::Desk::queue(crate::support::Fresh::sqlite().await)).await }
        #[tokio::test]
        async fn postgres() { super::$name(super::Desk::queue(crate::support::Fresh::postgres().await)).await }
    })+ };
}
pub(super) use desks;

desks!(
    an_entry_is_taken_rung_and_done,
    refusals_name_the_next_step,
    a_repeated_request_is_done_once,
    versions_are_matched,
    pages_stay_in_place_while_entries_change,
    entries_by_hand,
    nothing_of_another_tenant_is_found,
    figures_are_told,
    missed_events_are_sent_after_a_gap,
);

pub(super) const PATH: &str = "/api/v1/callbacks";

const ACTS: [&str; 14] = [
    "claim", "release", "attempts", "notes", "snooze", "done", "give-up", "reopen", "undo", "assign", "urgent",
    "number", "allow", "admit",
];

/// A body that is good for this address, where it has one.
pub(super) fn body_of(path: &str) -> Option<Value> {
    Some(match path.rsplit('/').next()? {
        "attempts" => json!({"result": "busy"}),
        "notes" => json!({"note": "x"}),
        "snooze" => json!({"until": "2099-01-01T00:00:00Z"}),
        "done" => json!({"outcome": "spam"}),
        "assign" => json!({"to": null}),
        "urgent" => json!({"urgent": true}),
        "number" => json!({"number": "+493023125043"}),
        "move" => json!({"start": "2026-11-23T08:00:00Z", "calendar": "c"}),
        act if ACTS.contains(&act) => json!({}),
        _ => return None,
    })
}

impl Desk {
    pub(super) fn queue(fresh: Fresh) -> Desk {
        Desk::on(fresh, with_plans(None))
    }

    pub(super) async fn post(&self, cookie: &str, path: &str, body: Value) -> Answer {
        self.send("POST", path, cookie, &[], Some(body)).await
    }

    async fn keyed(&self, cookie: &str, path: &str, key: &str, body: Value) -> Answer {
        self.send("POST", path, cookie, &[("idempotency-key", key)], Some(body)).await
    }

    /// A missed call a while ago.
    pub(super) async fn missed(&self, tenant: &Tenant, caller: &str, matter: &str) -> CallbackId {
        let now = self.clock.now().utc;
        let arrival = Arrival {
            id: CallbackId::new(now, rand::random()),
            call: CallId::new(now, rand::random()),
            at: now,
            caller: Some(caller.to_owned()),
            caller_name: "Bäckerei".into(),
            called: "+493023125000".into(),
            language: Language::De,
            matter: Some(matter.to_owned()),
            step: Some("message.a".into()),
            urgent: false,
            kind: Kind::Missed,
            given: None,
            leave: None,
            moves: None,
        };
        let mut tx = self.fresh.db.write().await.unwrap();
        let done = callback::store::arrive(&mut tx, tenant, &Rules::default(), &arrival).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        done.id
    }
}

fn ids(answer: &Answer) -> Vec<String> {
    let all = answer.json()["callbacks"].as_array().unwrap().clone();
    all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn an_entry_is_taken_rung_and_done(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.agent(&tenant).await;
    let id = desk.missed(&tenant, "+493023125042", "heizung").await;
    let list = desk.get(PATH, &cookie).await;
    assert_eq!(ids(&list), [id.to_string()]);
    let body = list.json();
    assert_eq!(body["counts"], json!({"open": 1, "overdue": 0}));
    let one = &body["callbacks"][0];
    assert_eq!((&one["state"], &one["due"], &one["calls"]), (&json!("open"), &json!(true), &json!(1)));
    assert_eq!((&one["number"], &one["name"]), (&json!("+493023125042"), &json!("Bäckerei")));

    let next = desk.post(&cookie, &format!("{PATH}/next"), json!({})).await;
    assert_eq!((next.status, &next.json()["id"]), (StatusCode::OK, &json!(id.to_string())));
    assert_eq!((&next.json()["state"], &next.json()["holder"]["you"]), (&json!("claimed"), &json!(true)));
    let none = desk.post(&cookie, &format!("{PATH}/next"), json!({})).await;
    assert_eq!((none.status, none.body.len()), (StatusCode::NO_CONTENT, 0));
    let at = |act: &str| format!("{PATH}/{id}/{act}");
    let tried = desk.post(&cookie, &at("attempts"), json!({"result": "no_answer", "note": "Ansage"})).await.json();
    assert_eq!((&tried["state"], &tried["attempts"], &tried["note"]), (&json!("snoozed"), &json!(1), &json!("Ansage")));
    let undone = desk.post(&cookie, &at("undo"), json!({})).await.json();
    assert_eq!((&undone["state"], &undone["attempts"]), (&json!("claimed"), &json!(0)));
    for (act, body, state) in [
        ("release", json!({}), "open"),
        ("urgent", json!({"urgent": true}), "open"),
        ("claim", json!({}), "claimed"),
        ("notes", json!({"note": "will ein Angebot"}), "claimed"),
        ("attempts", json!({"result": "reached"}), "reached"),
        ("done", json!({"outcome": "appointment"}), "done"),
        ("reopen", json!({}), "open"),
        ("give-up", json!({"note": "zieht weg"}), "given_up"),
    ] {
        let answer = desk.post(&cookie, &at(act), body).await;
        assert_eq!((answer.status, &answer.json()["state"]), (StatusCode::OK, &json!(state)), "{act}: {answer:?}");
        assert_eq!(answer.header("etag"), format!("\"v{}\"", answer.json()["version"]));
    }
    assert_eq!(ids(&desk.get(PATH, &cookie).await), [""; 0]);
    assert_eq!(ids(&desk.get(&format!("{PATH}?show=done"), &cookie).await), [id.to_string()]);
    let whole = desk.get(&format!("{PATH}/{id}"), &cookie).await.json();
    assert_eq!(
        (&whole["tries"][0]["result"], &whole["tries"][0]["by"]["name"]),
        (&json!("reached"), &json!("Werkstatt"))
    );
    assert_eq!(whole["calls_made"][0]["kind"], "missed");
    let kinds: Vec<&str> = whole["timeline"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.first(), Some(&"created"));
    assert_eq!(kinds.last(), Some(&"given_up"));
    let lines = person::store::audit_lines(&desk.fresh.db, &tenant, 99).await.unwrap();
    assert!(lines.iter().any(|line| line.object == format!("{id} give_up")), "{lines:?}");
}

async fn refusals_name_the_next_step(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let (owner, agent) = (desk.cookie(&tenant).await, desk.agent(&tenant).await);
    let id = desk.missed(&tenant, "+493023125042", "heizung").await;
    let at = |act: &str| format!("{PATH}/{id}/{act}");
    assert_eq!(desk.post(&agent, &at("claim"), json!({})).await.status, StatusCode::OK);
    let taken = desk.post(&owner, &at("claim"), json!({})).await;
    assert_eq!((taken.status, taken.code().as_str()), (StatusCode::CONFLICT, "claimed"));
    let detail = taken.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Werkstatt has it until ") && detail.contains("CE"), "{detail}");
    let me = desk.get("/api/v1/session", &owner).await.json()["person"]["id"].clone();
    let assigned = desk.post(&owner, &at("assign"), json!({"to": me})).await.json();
    assert_eq!((&assigned["state"], &assigned["assigned"]["to"]["you"]), (&json!("open"), &json!(true)));
    let theirs = desk.post(&agent, &at("claim"), json!({})).await;
    assert_eq!(theirs.code(), "personal");
    assert!(theirs.json()["detail"].as_str().unwrap().contains("Inhaberin"), "{theirs:?}");
    for (act, body, status, code) in [
        ("assign", json!({"to": "nobody"}), StatusCode::BAD_REQUEST, "bad_request"),
        ("snooze", json!({"until": "morgen"}), StatusCode::BAD_REQUEST, "bad_request"),
        ("snooze", json!({"until": "2020-01-01T00:00:00Z"}), StatusCode::BAD_REQUEST, "bad_request"),
        ("notes", json!({"note": "  "}), StatusCode::BAD_REQUEST, "bad_request"),
        ("done", json!({"outcome": "perhaps"}), StatusCode::BAD_REQUEST, "bad_request"),
        ("attempts", json!({"result": "reached", "x": 1}), StatusCode::BAD_REQUEST, "bad_request"),
        ("admit", json!({}), StatusCode::CONFLICT, "not_held"),
        ("allow", json!({}), StatusCode::CONFLICT, "not_held"),
        ("reopen", json!({}), StatusCode::CONFLICT, "not_over"),
        ("release", json!({}), StatusCode::CONFLICT, "not_yours"),
    ] {
        let answer = desk.post(&owner, &at(act), body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{act}: {answer:?}");
    }
    // A number that costs much is called with leave only.
    let costly = desk.post(&owner, &at("number"), json!({"number": "0900 123456"})).await.json();
    assert_eq!((&costly["leave"]["why"], &costly["due"]), (&json!("premium"), &json!(false)));
    assert_eq!(desk.post(&owner, &at("claim"), json!({})).await.code(), "needs_leave");
    assert_eq!(desk.post(&owner, &at("allow"), json!({})).await.json()["leave"]["by"]["you"], true);
    assert_eq!(desk.post(&owner, &at("claim"), json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.post(&owner, &at("done"), json!({"outcome": "spam"})).await.status, StatusCode::OK);
    assert_eq!(desk.post(&owner, &at("notes"), json!({"note": "x"})).await.status, StatusCode::OK, "also then");
    assert_eq!(desk.post(&owner, &at("claim"), json!({})).await.code(), "over");
    assert_eq!(desk.post(&agent, &at("undo"), json!({})).await.code(), "nothing_to_undo");
}

async fn a_repeated_request_is_done_once(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let (owner, agent) = (desk.cookie(&tenant).await, desk.agent(&tenant).await);
    let new = json!({"name": "Apotheke", "number": "030 23125-042", "matter": "rezept"});
    let first = desk.keyed(&owner, PATH, "a", new.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    let again = desk.keyed(&owner, PATH, "a", new.clone()).await;
    assert_eq!((again.status, &again.body, again.header("etag")), (first.status, &first.body, first.header("etag")));
    assert_eq!(again.header("content-type"), "application/json");
    let other = desk.keyed(&owner, PATH, "a", json!({"name": "Optik"})).await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "key_of_another_request"));
    assert_ne!(desk.keyed(&agent, PATH, "a", new.clone()).await.json()["id"], first.json()["id"], "another's key");
    assert_eq!(ids(&desk.get(PATH, &owner).await).len(), 2);
    for bad in ["", &"x".repeat(129)] {
        assert_eq!(desk.keyed(&owner, PATH, bad, new.clone()).await.code(), "bad_request");
    }

    // Many at once with one key: one is done, all hear of it.
    let at_once = (0..8).map(|_| desk.keyed(&owner, PATH, "b", json!({"name": "Optik"})));
    let answers = futures_util::future::join_all(at_once).await;
    assert!(answers.iter().all(|a| a.status == StatusCode::CREATED && a.body == answers[0].body), "{answers:?}");
    assert_eq!(ids(&desk.get(PATH, &owner).await).len(), 3);

    // What was refused has changed nothing, and is tried anew.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let at = |act: &str| format!("{PATH}/{id}/{act}");
    assert_eq!(desk.post(&agent, &at("claim"), json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.keyed(&owner, &at("claim"), "c", json!({})).await.code(), "claimed");
    assert_eq!(desk.post(&agent, &at("release"), json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.keyed(&owner, &at("claim"), "c", json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.post(&owner, &at("release"), json!({})).await.status, StatusCode::OK);
    assert_eq!(desk.keyed(&owner, &at("claim"), "c", json!({})).await.json()["state"], "claimed", "as it was answered");
    assert_eq!(desk.get(&format!("{PATH}/{id}"), &owner).await.json()["state"], "open", "and not done again");
    desk.fresh.raw("UPDATE idempotency SET made_at = made_at - 86400001").await;
    assert_eq!(desk.keyed(&owner, &at("claim"), "c", json!({})).await.status, StatusCode::OK);
    assert_eq!(
        desk.get(&format!("{PATH}/{id}"), &owner).await.json()["state"],
        "claimed",
        "a day later it is a new one"
    );
}

async fn versions_are_matched(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let id = desk.missed(&tenant, "+493023125042", "heizung").await;
    let path = format!("{PATH}/{id}");
    let tag = desk.get(&path, &cookie).await.header("etag").to_owned();
    let note = async |tag: &str, note: &str| {
        let headers = [("if-match", tag)];
        desk.send("POST", &format!("{path}/notes"), &cookie, &headers, Some(json!({"note": note}))).await
    };
    let first = note(&tag, "a").await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let late = note(&tag, "b").await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::PRECONDITION_FAILED, "changed"));
    assert_eq!(note(first.header("etag"), "c").await.status, StatusCode::OK);
    assert_eq!(note("*", "d").await.status, StatusCode::OK);
    assert_eq!(desk.get(&path, &cookie).await.json()["note"], "d");
    // Two with the same tag at once: one is refused.
    let tag = desk.get(&path, &cookie).await.header("etag").to_owned();
    let both = futures_util::future::join_all([note(&tag, "e"), note(&tag, "f")]).await;
    let good = both.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(good, 1, "{both:?}");
}

async fn pages_stay_in_place_while_entries_change(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let mut all = Vec::new();
    for n in 0..10 {
        all.push(desk.missed(&tenant, &format!("+4930231250{n:02}"), "heizung").await.to_string());
    }
    let mut met = Vec::new();
    let mut path = format!("{PATH}?limit=3");
    for round in 0.. {
        let page = desk.get(&path, &cookie).await;
        met.extend(ids(&page));
        // Somebody works on what was met, and one comes in before the place.
        let first = met[round].clone();
        desk.post(&cookie, &format!("{PATH}/{first}/claim"), json!({})).await;
        desk.post(&cookie, &format!("{PATH}/{}/done", met[0]), json!({"outcome": "solved"})).await;
        let Some(next) = page.json()["next"].as_str().map(str::to_owned) else { break };
        path = format!("{PATH}?limit=3&after={next}");
    }
    let mut sorted = met.clone();
    sorted.sort();
    sorted.dedup();
    all.sort();
    assert_eq!((met.len(), sorted), (10, all), "each once");
    for (query, count) in [
        ("?matter=heizung", 9),
        ("?matter=bad", 0),
        ("?language=en", 0),
        ("?language=de&line=%2B493023125000", 9),
        ("?search=b%C3%A4cker", 9),
        ("?search=23125%20009", 1),
        ("?mine=true", 3),
        ("?due=true", 6),
        ("?urgent=true", 0),
        ("?overdue=true", 0),
        ("?show=all", 10),
    ] {
        let found = ids(&desk.get(&format!("{PATH}{query}"), &cookie).await);
        assert_eq!(found.len(), count, "{query}");
    }
    for bad in ["?after=x", "?language=fr", "?show=some", "?limit=-1"] {
        assert_eq!(desk.get(&format!("{PATH}{bad}"), &cookie).await.code(), "bad_request", "{bad}");
    }
}

async fn entries_by_hand(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.agent(&tenant).await;
    let by = nightdesk::clock::Utc(desk.clock.now().utc.0 + 3_600_000).rfc3339();
    let new = json!({"name": " Küche Süd", "number": "0043 1 5123456", "note": "Rückfrage", "urgent": true,
        "language": "en", "promise": {"words": "By three.", "by": by}});
    let made = desk.post(&cookie, PATH, new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = made.json();
    assert_eq!(
        (&made["number"], &made["leave"]["why"], &made["leave"]["country"]),
        (&json!("+4315123456"), &json!("foreign"), &json!("AT"))
    );
    assert_eq!(
        (&made["promise"], &made["promised_at"], &made["language"]),
        (&json!("By three."), &json!(by), &json!("en"))
    );
    for bad in [
        json!({"number": "keine"}),
        json!({"name": "x".repeat(121)}),
        json!({"matter": "x".repeat(129)}),
        json!({"note": "x".repeat(2001)}),
        json!({"promise": {"words": "", "by": by}}),
        json!({"promise": {"words": "gestern", "by": "2020-01-01T00:00:00Z"}}),
        json!({"id": "x"}),
    ] {
        assert_eq!(desk.post(&cookie, PATH, bad).await.code(), "bad_request");
    }
    let without = desk.post(&cookie, PATH, json!({"name": "Optik"})).await.json();
    assert_eq!((&without["number"], &without["due"]), (&Value::Null, &json!(false)));
    assert_eq!(ids(&desk.get(PATH, &cookie).await).len(), 2);
}

async fn nothing_of_another_tenant_is_found(desk: Desk) {
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let cookie = desk.cookie(&other).await;
    let id = desk.missed(&tenant, "+493023125042", "heizung").await;
    let before = desk.fresh.texts("SELECT version || ' ' || state FROM callback").await;
    for act in ACTS {
        let body = body_of(act).unwrap();
        let path = format!("{PATH}/{id}/{act}");
        assert_eq!(desk.post("", &path, body.clone()).await.code(), "not_signed_in", "{act}");
        let answer = desk.post(&cookie, &path, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"), "{act}");
        let nowhere = desk.post(&cookie, &format!("{PATH}/{}/{act}", "x"), body).await;
        assert_eq!(nowhere.body, answer.body, "{act}");
    }
    assert_eq!(desk.get(&format!("{PATH}/{id}"), &cookie).await.code(), "not_found");
    assert_eq!(ids(&desk.get(&format!("{PATH}?show=all"), &cookie).await), [""; 0]);
    assert_eq!(desk.post(&cookie, &format!("{PATH}/next"), json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.fresh.texts("SELECT version || ' ' || state FROM callback").await, before);
}

async fn figures_are_told(desk: Desk) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let id = desk.missed(&tenant, "+493023125042", "heizung").await;
    desk.missed(&tenant, "+493023125043", "bad").await;
    desk.post(&cookie, &format!("{PATH}/{id}/attempts"), json!({"result": "reached"})).await;
    let to = nightdesk::clock::Utc(desk.clock.now().utc.0 + 3_600_000).rfc3339();
    let figures = desk.get(&format!("/api/v1/figures?to={to}"), &cookie).await;
    assert_eq!(figures.status, StatusCode::OK, "{figures:?}");
    let figures = figures.json();
    assert_eq!((&figures["answer"]["answered"], &figures["answer"]["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(figures["by_matter"]["bad"]["waiting"], 1);
    assert_eq!((&figures["first_tries"], &figures["first_reached"]), (&json!(1), &json!(1)));
    assert_eq!(figures["open_by_age"], json!([2, 0, 0, 0, 0, 0]));
    for bad in ["?from=x", "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=2000-01-01T00:00:00Z"] {
        assert_eq!(desk.get(&format!("/api/v1/figures{bad}"), &cookie).await.code(), "bad_request", "{bad}");
    }
}

async fn missed_events_are_sent_after_a_gap(desk: Desk) {
    let (tenant, other) = (desk.fresh.tenant("Praxis").await, desk.fresh.tenant("Kanzlei").await);
    let cookie = desk.cookie(&tenant).await;
    let mut events = Events::open(&desk, &cookie).await;
    let first = desk.missed(&tenant, "+493023125042", "heizung").await;
    let text = events.next().await.unwrap();
    let text = if text.starts_with(':') { events.next().await.unwrap() } else { text };
    assert!(text.contains(&first.to_string()), "{text}");
    let place = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    drop(events);
    desk.missed(&other, "+493023125043", "bad").await;
    let second = desk.missed(&tenant, "+493023125044", "bad").await;
    let mut again = Events::after(&desk, &cookie, &place).await;
    assert_eq!(again.change().await["id"], second.to_string(), "missed, and only the tenant's own");
    let third = desk.missed(&tenant, "+493023125045", "bad").await;
    assert_eq!(again.change().await["id"], third.to_string(), "and then what comes");
    for unknown in ["x", "0000000000000000-1", &format!("{}999", place)] {
        let mut lost = Events::after(&desk, &cookie, unknown).await;
        let mut text = lost.next().await.unwrap();
        if text.starts_with(':') || text.starts_with("retry") {
            text = lost.next().await.unwrap();
        }
        assert!(text.contains("event: resync"), "{unknown}: {text}");
    }
}
