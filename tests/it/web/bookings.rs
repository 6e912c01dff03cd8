//! Times booked by the API, calendars and their feeds.

use nightdesk::seat;

use super::callbacks::{PATH, desks};
use super::*;

desks!(
    a_time_is_booked_moved_and_cancelled,
    sixty_four_at_once_for_three_seats,
    what_cannot_be_booked_is_said,
    what_ends_an_entry_frees_its_seat,
    a_feed_is_read_by_its_secret_only,
);

const BOOKINGS: &str = "/api/v1/bookings";
const SLOTS: &str = "/api/v1/calendars/c/slots?free=true";

/// Open around the clock, so that there are times whenever the test runs.
const PLAN: &str = r#"
[line]
open = "slots.a"
[slots.a]
calendar = "c"
none = "message.m"
else = "message.m"
[message.m]
[calendar.c]
daily = ["00:00-24:00"]
length = "30m"
seats = 3
lead = "1h"
horizon = "3d"
[callbacks]
open = 4
strangers = 100
"#;

async fn office(desk: &Desk) -> (Tenant, String) {
    let tenant = desk.fresh.tenant("Praxis").await;
    let cookie = desk.cookie(&tenant).await;
    let put = desk.send("PUT", "/api/v1/plan", &cookie, &[], Some(json!({"text": PLAN, "based_on": 0}))).await;
    assert_eq!(put.status, StatusCode::OK, "{put:?}");
    (tenant, cookie)
}

async fn free(desk: &Desk, cookie: &str) -> Vec<Value> {
    let answer = desk.get(SLOTS, cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["slots"].as_array().unwrap().clone()
}

fn new(slot: &Value, number: &str) -> Value {
    json!({"calendar": "c", "start": slot["start"], "name": "Blumenladen", "number": number})
}

async fn a_time_is_booked_moved_and_cancelled(desk: Desk) {
    let (_, cookie) = office(&desk).await;
    let calendars = desk.get("/api/v1/calendars", &cookie).await.json();
    assert_eq!(
        (&calendars["calendars"][0]["name"], &calendars["calendars"][0]["length_s"]),
        (&json!("c"), &json!(1800))
    );
    let slots = free(&desk, &cookie).await;
    assert_eq!((&slots[0]["seats"], &slots[0]["free"]), (&json!(3), &json!(3)));
    assert!(slots[0]["start_local"].as_str().unwrap().contains("+0"), "{}", slots[0]);

    let booking = json!({"calendar": "c", "start": slots[0]["start_local"], "name": "Blumenladen",
        "number": "030 23125-042", "matter": "strauss", "note": "am liebsten früh", "mail": "laden@example.org"});
    let booked = desk.send("POST", BOOKINGS, &cookie, &[("idempotency-key", "k")], Some(booking.clone())).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let again = desk.send("POST", BOOKINGS, &cookie, &[("idempotency-key", "k")], Some(booking)).await;
    assert_eq!(again.body, booked.body, "done once");
    let body = booked.json();
    assert_eq!(
        (&body["slot"]["start"], &body["matter"], &body["calls"]),
        (&slots[0]["start"], &json!("strauss"), &json!(0))
    );
    assert!(body["promise"].as_str().unwrap().starts_with("Ihr Rückruf ist "), "{body}");
    assert_eq!(free(&desk, &cookie).await[0]["free"], 2);
    let id = body["id"].as_str().unwrap();
    let listed = desk.get("/api/v1/calendars/c/bookings", &cookie).await.json();
    assert_eq!((listed["bookings"].as_array().unwrap().len(), &listed["bookings"][0]["id"]), (1, &body["id"]));
    // Who only knows the number does not move it.
    let twice = json!({"calendar": "c", "start": slots[1]["start"], "name": "x", "number": "+493023125042", "matter": "strauss"});
    assert_eq!(desk.post(&cookie, BOOKINGS, twice).await.code(), "already_booked");

    let moved = desk.post(&cookie, &format!("{BOOKINGS}/{id}/move"), json!({"start": slots[2]["start"]})).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    let moved = moved.json();
    assert_eq!(moved["slot"]["start"], slots[2]["start"]);
    assert!(moved["promise"].as_str().unwrap().starts_with("Ihr Rückruf ist jetzt "), "{moved}");
    let now = free(&desk, &cookie).await;
    assert_eq!((&now[0]["free"], &now[2]["free"]), (&json!(3), &json!(2)));
    let whole = desk.get(&format!("{PATH}/{id}"), &cookie).await.json();
    let promises: Vec<_> = whole["promises"].as_array().unwrap().iter().map(|p| p["state"].clone()).collect();
    assert_eq!(promises, ["withdrawn", "open"]);

    let cancelled = desk.send("DELETE", &format!("{BOOKINGS}/{id}"), &cookie, &[], None).await;
    assert_eq!((cancelled.status, &cancelled.json()["outcome"]), (StatusCode::OK, &json!("cancelled_by_caller")));
    assert_eq!(free(&desk, &cookie).await[2]["free"], 3);
    assert_eq!(desk.send("DELETE", &format!("{BOOKINGS}/{id}"), &cookie, &[], None).await.code(), "over");
    assert_eq!(
        desk.post(&cookie, &format!("{BOOKINGS}/{id}/move"), json!({"start": slots[2]["start"]})).await.code(),
        "over"
    );
}

async fn sixty_four_at_once_for_three_seats(desk: Desk) {
    let (tenant, cookie) = office(&desk).await;
    let slots = free(&desk, &cookie).await;
    let all = (0..64).map(|n| {
        let body = new(&slots[4], &format!("+4930231250{n:02}"));
        desk.send("POST", BOOKINGS, &cookie, &[], Some(body))
    });
    let answers = futures_util::future::join_all(all).await;
    let booked: Vec<&Answer> = answers.iter().filter(|a| a.status == StatusCode::CREATED).collect();
    let gone: Vec<&Answer> = answers.iter().filter(|a| a.status == StatusCode::CONFLICT).collect();
    assert_eq!((booked.len(), gone.len()), (3, 61), "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    for answer in gone {
        assert_eq!(answer.code(), "slot_gone");
        let body = answer.json();
        assert!(body["detail"].as_str().unwrap().contains("Nothing was booked"), "{body}");
        assert_eq!((&body["slots"][0]["start"], &body["slots"][0]["free"]), (&slots[5]["start"], &json!(3)));
    }
    let seats = seat::store::booked(&desk.fresh.db, &tenant, Some("c"), desk.clock.now().utc).await.unwrap();
    let open = desk.get(PATH, &cookie).await.json();
    assert_eq!((seats.len(), &open["counts"]["open"]), (3, &json!(3)), "whoever was refused has no entry");
}

async fn what_cannot_be_booked_is_said(desk: Desk) {
    let (_, cookie) = office(&desk).await;
    let slots = free(&desk, &cookie).await;
    let start = &slots[0]["start"];
    for (body, status, code) in [
        (json!({"calendar": "x", "start": start, "name": "", "number": "+493023125042"}), 404, "not_found"),
        (json!({"calendar": "c", "start": "morgen", "name": "", "number": "+493023125042"}), 400, "bad_request"),
        (
            json!({"calendar": "c", "start": "2020-01-01T00:00:00Z", "name": "", "number": "+493023125042"}),
            409,
            "slot_gone",
        ),
        (json!({"calendar": "c", "start": start, "name": "", "number": "keine"}), 400, "bad_request"),
        (json!({"calendar": "c", "start": start, "name": "", "number": "0900 123456"}), 422, "number_needs_leave"),
        (json!({"calendar": "c", "start": start, "name": "", "number": "+4315123456"}), 422, "number_needs_leave"),
        (
            json!({"calendar": "c", "start": start, "name": "", "number": "+493023125042", "mail": "nobody"}),
            400,
            "bad_request",
        ),
    ] {
        let answer = desk.post(&cookie, BOOKINGS, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{answer:?}");
    }
    // One number is not ordered as often as they like.
    for (n, slot) in slots.iter().take(4).enumerate() {
        let mut body = new(slot, "+493023125042");
        body["matter"] = json!(format!("m{n}"));
        assert_eq!(desk.post(&cookie, BOOKINGS, body).await.status, StatusCode::CREATED, "{n}");
    }
    let mut fifth = new(&slots[9], "+493023125042");
    fifth["matter"] = json!("m9");
    let answer = desk.post(&cookie, BOOKINGS, fifth).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_bookings"));
    for bad in ["?from=x", "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?to=2099-01-01T00:00:00Z"] {
        assert_eq!(desk.get(&format!("/api/v1/calendars/c/slots{bad}"), &cookie).await.code(), "bad_request", "{bad}");
    }
    for path in ["/api/v1/calendars/x/slots", "/api/v1/calendars/x/bookings"] {
        assert_eq!(desk.get(path, &cookie).await.code(), "not_found", "{path}");
    }
}

async fn what_ends_an_entry_frees_its_seat(desk: Desk) {
    let (_, cookie) = office(&desk).await;
    let slots = free(&desk, &cookie).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let made = desk.post(&cookie, BOOKINGS, new(&slots[0], &format!("+49302312504{n}"))).await;
        assert_eq!(made.json()["matter"], "slots.a", "as by telephone");
        ids.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    let left =
        async || free(&desk, &cookie).await.iter().find(|s| s["start"] == slots[0]["start"]).map(|s| s["free"].clone());
    assert_eq!(left().await, None);
    let done = desk.post(&cookie, &format!("{PATH}/{}/done", ids[0]), json!({"outcome": "no_need"})).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(left().await, Some(json!(1)));
    // Taken back while nobody else has it: the seat is theirs again.
    let undone = desk.post(&cookie, &format!("{PATH}/{}/undo", ids[0]), json!({})).await;
    assert_eq!((undone.status, left().await), (StatusCode::OK, None), "{undone:?}");
    desk.post(&cookie, &format!("{PATH}/{}/give-up", ids[0]), json!({})).await;
    assert_eq!(left().await, Some(json!(1)));
    assert_eq!(desk.post(&cookie, BOOKINGS, new(&slots[0], "+493023125049")).await.status, StatusCode::CREATED);
    let late = desk.post(&cookie, &format!("{PATH}/{}/undo", ids[0]), json!({})).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "seat_gone"));
}

async fn a_feed_is_read_by_its_secret_only(desk: Desk) {
    let (_, cookie) = office(&desk).await;
    let slots = free(&desk, &cookie).await;
    let mut booking = new(&slots[0], "+493023125042");
    booking["note"] = json!("geheim");
    desk.post(&cookie, BOOKINGS, booking).await;
    assert_eq!(desk.post(&cookie, "/api/v1/calendars/x/feed", json!({})).await.code(), "not_found");
    let given = desk.post(&cookie, "/api/v1/calendars/c/feed", json!({})).await;
    assert_eq!(given.status, StatusCode::CREATED, "{given:?}");
    let path = given.json()["path"].as_str().unwrap().to_owned();
    let feed = desk.get(&path, "").await;
    assert_eq!((feed.status, feed.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    let text = String::from_utf8(feed.body.clone()).unwrap();
    assert!(text.contains("SUMMARY:Blumenladen\\, +493023125042") && text.contains("BEGIN:VEVENT"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
    assert!(desk.get("/api/v1/calendars", &cookie).await.json()["calendars"][0]["feed_since"].is_string());
    let secret = path.split('=').nth(1).unwrap().to_owned();
    let stored = desk.fresh.texts("SELECT hash FROM calendar_feed").await;
    assert!(stored.len() == 1 && stored[0] != secret);
    let nothing = desk.get("/api/v1/calendars/c.ics", "").await;
    assert_eq!((nothing.status, nothing.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    for wrong in [
        format!("/api/v1/calendars/d.ics?token={secret}"),
        "/api/v1/calendars/c.ics?token=00".into(),
        format!("/api/v1/calendars/c?token={secret}"),
    ] {
        assert_eq!(desk.get(&wrong, "").await.body, nothing.body, "{wrong}");
    }
    let anew =
        desk.post(&cookie, "/api/v1/calendars/c/feed", json!({})).await.json()["path"].as_str().unwrap().to_owned();
    assert_eq!(desk.get(&path, "").await.body, nothing.body, "the one before leads nowhere");
    assert_eq!(
        desk.send("DELETE", "/api/v1/calendars/c/feed", &cookie, &[], None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(desk.get(&anew, "").await.body, nothing.body);
    assert_eq!(desk.send("DELETE", "/api/v1/calendars/c/feed", &cookie, &[], None).await.code(), "not_found");
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(desk.get("/api/v1/calendars/c.ics?token=00", "").await.status);
    }
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "nobody guesses long");
}
