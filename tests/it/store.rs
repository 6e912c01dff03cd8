//! The store, on SQLite and on PostgreSQL: each test runs on both.

use std::time::Duration;

use futures_util::FutureExt;
use nightdesk::calllog::{self, Call, Event, Outcome};
use nightdesk::clock::Utc;
use nightdesk::db::{ChangeKind, Db, Error, Noun, OpenError};
use nightdesk::ids::{CallId, Cursor, MessageId, PersonId, TakeId};
use nightdesk::message::{self, Filter, State, TakeState, export};
use nightdesk::person::{self, Action, NewPerson, Role};
use nightdesk::tenant::{self, Language, NewTenant};
use serde_json::json;

use crate::support::{Fresh, START, at, begun, call, kept, take};

both!(
    opens_again,
    newer_is_refused,
    many_open_at_once,
    tenants_and_numbers,
    a_call_and_its_timeline,
    a_call_written_late,
    many_calls_at_once,
    calls_left_open,
    a_message_is_kept,
    a_message_grows,
    what_is_added_to_a_deleted_message_is_heard,
    unfinished_after_a_crash,
    lists_in_pages,
    delete_and_restore,
    purge,
    foreign_tenants_see_nothing,
    changes_come_after_commit,
    a_commit_is_told_though_nobody_waits,
    dropped_is_undone,
    one_fails_alone,
    login_once,
    sessions_end,
    audit_is_append_only,
    export_lines,
    errors_know_whose_fault,
    writers_queue,
);

async fn opens_again(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    f.db.close().await;
    assert!(matches!(f.db.write().await, Err(Error::Gone(_))));
    let again = Db::open(&f.url).await.unwrap();
    again.ping().await.unwrap();
    assert_eq!(tenant::store::all(&again).await.unwrap(), [tenant]);
}

async fn newer_is_refused(f: &Fresh) {
    f.try_raw("INSERT INTO schema_step (version, name) VALUES (99, 'future')").await.unwrap();
    let error = Db::open(&f.url).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("newer version"), "{error}");
}

async fn many_open_at_once(f: &Fresh) {
    f.try_raw("DELETE FROM schema_step").await.unwrap();
    for table in tables().into_iter().rev() {
        f.try_raw(format!("DROP TABLE {table}").leak()).await.unwrap();
    }
    if f.url.starts_with("postgres") {
        f.try_raw("DROP FUNCTION audit_append_only()").await.unwrap();
    }
    let open = || async { Db::open(&f.url).await.unwrap() };
    let (a, b, c) = tokio::join!(open(), open(), open());
    for db in [a, b, c] {
        db.ping().await.unwrap();
    }
}

/// All that migrations make, in their order.
fn tables() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/migrations/sqlite");
    let mut steps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    steps.sort();
    let texts = steps.iter().map(|step| std::fs::read_to_string(step).unwrap());
    let name = |line: &str| Some(line.strip_prefix("CREATE TABLE ")?.split(' ').next()?.to_owned());
    texts.flat_map(|text| text.lines().filter_map(name).collect::<Vec<_>>()).collect()
}

async fn tenants_and_numbers(f: &Fresh) {
    let new =
        NewTenant { name: "Zahnärzte am Markt".into(), language: Language::En, timezone: "Europe/Berlin".into() };
    let mut tx = f.db.write().await.unwrap();
    let first = tenant::store::ensure_first(&mut tx, &new, START).await.unwrap();
    let again = tenant::store::ensure_first(&mut tx, &new, at(9)).await.unwrap();
    assert_eq!(first, again);
    let other = tenant::store::create(&mut tx, &new, at(1)).await.unwrap();
    assert!(tenant::store::add_number(&mut tx, &first, "+49 711 123-456", START).await.unwrap());
    assert!(tenant::store::add_number(&mut tx, &first, "+49711123456", START).await.unwrap(), "the same again");
    assert!(!tenant::store::add_number(&mut tx, &other, "+49711123456", START).await.unwrap(), "taken");
    tx.commit().await.unwrap();

    let found = tenant::store::by_number(&f.db, "+49 (711) 123456").await.unwrap().unwrap();
    assert_eq!((found.id(), found.name(), found.language()), (first.id(), "Zahnärzte am Markt", Language::En));
    assert_eq!(tenant::store::by_number(&f.db, "+49711123457").await.unwrap(), None);
    assert_eq!(tenant::store::by_id(&f.db, other.id()).await.unwrap(), Some(other.clone()));
    assert_eq!(tenant::store::all(&f.db).await.unwrap(), [first.clone(), other]);
    assert_eq!(tenant::store::numbers(&f.db).await.unwrap(), [("+49711123456".to_owned(), first)]);
}

fn event(seconds: i64, kind: &str) -> Event {
    Event { at: at(seconds), kind: kind.into(), detail: json!({"clip": "begrüßung", "ms": seconds}) }
}

async fn a_call_and_its_timeline(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let call = Call { caller: None, ..call(0) };
    let mut tx = f.db.write().await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &call).await.unwrap();
    calllog::store::answered(&mut tx, &tenant, call.id, at(2)).await.unwrap();
    calllog::store::append(&mut tx, &tenant, call.id, &[event(0, "rang"), event(2, "answered")]).await.unwrap();
    // More than go into one statement, and none at all.
    let many: Vec<Event> = (3..43).map(|s| event(s, "key")).collect();
    calllog::store::append(&mut tx, &tenant, call.id, &many).await.unwrap();
    calllog::store::append(&mut tx, &tenant, call.id, &[]).await.unwrap();
    calllog::store::append(&mut tx, &tenant, call.id, &[event(50, "hung_up")]).await.unwrap();
    calllog::store::end(&mut tx, &tenant, call.id, Outcome::NoMessage, at(50)).await.unwrap();
    tx.commit().await.unwrap();

    let expected =
        Call { answered_at: Some(at(2)), ended_at: Some(at(50)), outcome: Some(Outcome::NoMessage), ..call.clone() };
    assert_eq!(calllog::store::get(&f.db, &tenant, call.id).await.unwrap(), Some(expected));
    let timeline = calllog::store::timeline(&f.db, &tenant, call.id).await.unwrap();
    let mut events = vec![event(0, "rang"), event(2, "answered")];
    events.extend(many);
    events.push(event(50, "hung_up"));
    assert_eq!(timeline, events);
}

async fn a_call_written_late(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let other = f.tenant("Kanzlei").await;
    let begun = call(0);
    let whole =
        Call { answered_at: Some(at(1)), ended_at: Some(at(2)), outcome: Some(Outcome::Message), ..begun.clone() };
    let mut tx = f.db.write().await.unwrap();
    calllog::store::put(&mut tx, &tenant, &whole).await.unwrap();
    // The beginning that comes after the end takes nothing back; a foreign tenant changes nothing.
    calllog::store::put(&mut tx, &tenant, &begun).await.unwrap();
    let stolen = Call { outcome: Some(Outcome::Failed), ..whole.clone() };
    calllog::store::put(&mut tx, &other, &stolen).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(calllog::store::get(&f.db, &tenant, begun.id).await.unwrap(), Some(whole));
    assert_eq!(calllog::store::get(&f.db, &other, begun.id).await.unwrap(), None);
}

async fn many_calls_at_once(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    // More than go into one statement, and a rest of several sizes; some name no caller.
    let calls: Vec<Call> = (0..77).map(|n| Call { caller: (n % 3 > 0).then(|| n.to_string()), ..call(n) }).collect();
    let mut tx = f.db.write().await.unwrap();
    let rows: Vec<_> = calls.iter().map(|call| (&tenant, call, ChangeKind::Created)).collect();
    calllog::store::put_many(&mut tx, &rows).await.unwrap();
    let mut events: Vec<_> = calls.iter().map(|call| (&tenant, call.id, event(1, "rang"))).collect();
    events.extend(calls.iter().flat_map(|call| (2..5).map(|n| (&tenant, call.id, event(n, "key")))));
    events.insert(40, (&other, calls[0].id, event(9, "forged")));
    calllog::store::append_many(&mut tx, &events).await.unwrap();
    calllog::store::append_many(&mut tx, &[]).await.unwrap();
    // Later all end, one of them in the name of a foreign tenant.
    let ended: Vec<Call> = calls
        .iter()
        .map(|call| Call { ended_at: Some(at(99)), outcome: Some(Outcome::Message), ..call.clone() })
        .collect();
    let mut rows: Vec<_> = ended.iter().map(|call| (&tenant, call, ChangeKind::Changed)).collect();
    rows[5].0 = &other;
    calllog::store::put_many(&mut tx, &rows).await.unwrap();
    calllog::store::append_many(&mut tx, &[(&tenant, calls[70].id, event(99, "hung_up"))]).await.unwrap();
    tx.commit().await.unwrap();

    for (n, call) in calls.iter().enumerate() {
        let expected = if n == 5 { call } else { &ended[n] };
        assert_eq!(calllog::store::get(&f.db, &tenant, call.id).await.unwrap().as_ref(), Some(expected));
        let mut expected: Vec<Event> =
            std::iter::once(event(1, "rang")).chain((2..5).map(|n| event(n, "key"))).collect();
        expected.extend((n == 70).then(|| event(99, "hung_up")));
        assert_eq!(calllog::store::timeline(&f.db, &tenant, call.id).await.unwrap(), expected, "call {n}");
    }
}

async fn calls_left_open(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let (silent, spoken, done) = (call(0), call(1), call(2));
    let mut tx = f.db.write().await.unwrap();
    for call in [&silent, &spoken, &done] {
        calllog::store::begin(&mut tx, &tenant, call).await.unwrap();
    }
    calllog::store::append(&mut tx, &tenant, spoken.id, &[event(1, "rang"), event(30, "recording")]).await.unwrap();
    calllog::store::end(&mut tx, &tenant, done.id, Outcome::Message, at(20)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = f.db.write().await.unwrap();
    assert_eq!(calllog::store::finish_open(&mut tx, at(500)).await.unwrap(), 2);
    assert_eq!(calllog::store::finish_open(&mut tx, at(500)).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let ended = |call: Option<Call>| call.map(|call| (call.ended_at, call.outcome)).unwrap();
    let get = |id| calllog::store::get(&f.db, &tenant, id);
    assert_eq!(ended(get(silent.id).await.unwrap()), (Some(at(0)), Some(Outcome::Interrupted)));
    assert_eq!(ended(get(spoken.id).await.unwrap()), (Some(at(30)), Some(Outcome::Interrupted)));
    assert_eq!(ended(get(done.id).await.unwrap()), (Some(at(20)), Some(Outcome::Message)));
}

async fn a_message_is_kept(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut tx = f.db.write().await.unwrap();
    let (id, take) = begun(&mut tx, &tenant, 0).await;
    let (silent, _) = begun(&mut tx, &tenant, 1).await;
    tx.commit().await.unwrap();
    assert_eq!(message::store::get(&f.db, &tenant, id).await.unwrap(), None, "not heard while it is recorded");

    let mut changes = f.db.changes();
    let mut tx = f.db.write().await.unwrap();
    assert!(message::store::mark_urgent(&mut tx, &tenant, id, true).await.unwrap());
    tx.commit().await.unwrap();
    assert!(changes.try_recv().is_err(), "nobody can see it yet");

    let mut tx = f.db.write().await.unwrap();
    assert!(message::store::finish_take(&mut tx, &tenant, take, TakeState::Kept, 6000, 5000).await.unwrap());
    assert!(message::store::keep(&mut tx, &tenant, id, &kept(id, 0)).await.unwrap());
    assert!(message::store::missed(&mut tx, &tenant, silent).await.unwrap());
    assert!(!message::store::missed(&mut tx, &tenant, id).await.unwrap(), "what is kept stays kept");
    tx.commit().await.unwrap();

    let message = message::store::get(&f.db, &tenant, id).await.unwrap().unwrap();
    let kept = kept(id, 0);
    assert_eq!((message.state, message.urgent, message.damaged), (State::New, true, false));
    assert_eq!((message.duration_ms, message.rate_hz, message.peak), (5120, 8000, 12_000));
    assert_eq!((message.peaks, message.sha256, message.path), (kept.peaks, kept.sha256, kept.path));
    assert_eq!(message.caller_name, "Müller & Söhne");
    let (listed, next) = message::store::list(&f.db, &tenant, &Filter::default()).await.unwrap();
    assert_eq!(listed.iter().map(|m| m.id).collect::<Vec<_>>(), [id], "a missed call is not listed");
    assert_eq!(next, None);
}

async fn a_message_grows(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = f.message(&tenant, 0).await;
    let mut tx = f.db.write().await.unwrap();
    assert!(message::store::set_heard(&mut tx, &tenant, id, true, at(20)).await.unwrap());
    let (second, third) = (take(30), take(40));
    assert!(message::store::add_take(&mut tx, &tenant, id, &second).await.unwrap());
    assert!(message::store::add_take(&mut tx, &tenant, id, &third).await.unwrap());
    message::store::finish_take(&mut tx, &tenant, second.id, TakeState::Replaced, 900, 800).await.unwrap();
    message::store::finish_take(&mut tx, &tenant, third.id, TakeState::Kept, 9000, 8000).await.unwrap();
    let more = message::Kept { duration_ms: 13_000, damaged: true, ..kept(id, 50) };
    assert!(message::store::keep(&mut tx, &tenant, id, &more).await.unwrap());
    tx.commit().await.unwrap();

    let message = message::store::get(&f.db, &tenant, id).await.unwrap().unwrap();
    assert_eq!((message.state, message.duration_ms, message.damaged), (State::New, 13_000, true));
    let takes = message::store::takes(&f.db, &tenant, id).await.unwrap();
    let states: Vec<(u32, TakeState, u64)> = takes.iter().map(|t| (t.seq, t.state, t.total_ms)).collect();
    assert_eq!(states, [(1, TakeState::Kept, 6000), (2, TakeState::Replaced, 900), (3, TakeState::Kept, 9000)]);
}

async fn what_is_added_to_a_deleted_message_is_heard(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = f.message(&tenant, 0).await;
    let mut tx = f.db.write().await.unwrap();
    message::store::delete(&mut tx, &tenant, id, at(5)).await.unwrap();
    tx.commit().await.unwrap();
    let mut changes = f.db.changes();
    let mut tx = f.db.write().await.unwrap();
    message::store::keep(&mut tx, &tenant, id, &kept(id, 9)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(changes.try_recv().unwrap().kind, ChangeKind::Created);
    assert!(message::store::get(&f.db, &tenant, id).await.unwrap().is_some());
}

async fn unfinished_after_a_crash(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let other = f.tenant("Kanzlei").await;
    let whole = f.message(&tenant, 0).await;
    let grown = f.message(&other, 1).await;
    let mut tx = f.db.write().await.unwrap();
    let (cut, cut_take) = begun(&mut tx, &tenant, 2).await;
    let second = take(3);
    message::store::add_take(&mut tx, &other, grown, &second).await.unwrap();
    tx.commit().await.unwrap();

    let mut found = message::store::unfinished(&f.db).await.unwrap();
    found.sort_by_key(|u| u.at);
    assert_eq!(found.iter().map(|u| u.message).collect::<Vec<_>>(), [grown, cut]);
    assert!(!found.iter().any(|u| u.message == whole));
    assert_eq!((found[0].tenant.id(), found[0].kept_before), (other.id(), true));
    assert_eq!(found[0].takes.iter().map(|t| t.state).collect::<Vec<_>>(), [TakeState::Kept, TakeState::Recording]);
    assert_eq!((found[1].tenant.id(), found[1].kept_before), (tenant.id(), false));
    assert_eq!((found[1].takes[0].id, found[1].takes[0].file.as_str()), (cut_take, &*format!("{cut_take}.take")));

    let mut tx = f.db.write().await.unwrap();
    message::store::finish_take(&mut tx, &tenant, cut_take, TakeState::Kept, 4000, 3000).await.unwrap();
    message::store::keep(&mut tx, &tenant, cut, &kept(cut, 60)).await.unwrap();
    message::store::finish_take(&mut tx, &other, second.id, TakeState::Empty, 0, 0).await.unwrap();
    tx.commit().await.unwrap();
    assert!(message::store::unfinished(&f.db).await.unwrap().is_empty());
}

async fn lists_in_pages(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut ids = Vec::new();
    // Two in each second: the id decides between them.
    for n in 0..9 {
        ids.push((at(n / 2), f.message(&tenant, n / 2).await));
    }
    ids.sort_by_key(|&(at, id)| std::cmp::Reverse((at, id.to_string())));
    let ids: Vec<MessageId> = ids.into_iter().map(|(_, id)| id).collect();
    let mut filter = Filter { limit: 2, ..Filter::default() };
    let mut seen = Vec::new();
    loop {
        let (page, next) = message::store::list(&f.db, &tenant, &filter).await.unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|m| m.id));
        let Some(next) = next else { break };
        filter.before = next.to_string().parse().unwrap();
    }
    assert_eq!(seen, ids);

    let mut tx = f.db.write().await.unwrap();
    message::store::set_heard(&mut tx, &tenant, ids[3], true, at(99)).await.unwrap();
    tx.commit().await.unwrap();
    let heard = Filter { state: Some(State::Heard), ..Filter::default() };
    let (page, _) = message::store::list(&f.db, &tenant, &heard).await.unwrap();
    assert_eq!(page.iter().map(|m| m.id).collect::<Vec<_>>(), [ids[3]]);
    let counts = message::store::counts(&f.db, &tenant).await.unwrap();
    assert_eq!((counts.new, counts.total), (8, 9));

    let (calls, next) = calllog::store::list(&f.db, &tenant, &Cursor::newest(), 5).await.unwrap();
    assert_eq!(calls.len(), 5);
    let (rest, end) = calllog::store::list(&f.db, &tenant, &next.unwrap(), 5).await.unwrap();
    assert_eq!((rest.len(), end), (4, None));
    assert!(calls.iter().chain(&rest).is_sorted_by_key(|c| std::cmp::Reverse((c.started_at, c.id.to_string()))));
    for bad in ["", "_", "1", "x_y", "1_'; DROP TABLE call; --", "99999999999999999999_0"] {
        assert!(bad.parse::<Cursor>().is_err(), "{bad}");
    }
}

async fn delete_and_restore(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = f.message(&tenant, 0).await;
    let mut tx = f.db.write().await.unwrap();
    assert!(message::store::delete(&mut tx, &tenant, id, at(5)).await.unwrap());
    assert!(!message::store::delete(&mut tx, &tenant, id, at(6)).await.unwrap(), "once");
    assert!(!message::store::set_heard(&mut tx, &tenant, id, true, at(6)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(message::store::get(&f.db, &tenant, id).await.unwrap(), None);
    assert_eq!(message::store::counts(&f.db, &tenant).await.unwrap().total, 0);
    let mut tx = f.db.write().await.unwrap();
    assert!(message::store::restore(&mut tx, &tenant, id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(message::store::get(&f.db, &tenant, id).await.unwrap().unwrap().state, State::New);
}

async fn purge(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let (old, young, kept) = (f.message(&tenant, 0).await, f.message(&tenant, 1).await, f.message(&tenant, 2).await);
    let mut tx = f.db.write().await.unwrap();
    message::store::delete(&mut tx, &tenant, old, at(10)).await.unwrap();
    message::store::delete(&mut tx, &tenant, young, at(20)).await.unwrap();
    let due = message::store::purge_due(&mut tx, at(15)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due.iter().map(|p| p.message).collect::<Vec<_>>(), [old]);
    assert_eq!(due[0].files.len(), 2, "the file to listen to and the take's: {due:?}");

    let mut tx = f.db.write().await.unwrap();
    assert!(!message::store::restore(&mut tx, &tenant, old).await.unwrap(), "its files may be gone");
    let again = message::store::purge_due(&mut tx, at(15)).await.unwrap();
    assert_eq!(again, due, "a crash between removing and forgetting is caught up");
    message::store::purged(&mut tx, old).await.unwrap();
    message::store::purged(&mut tx, kept).await.unwrap();
    assert!(message::store::purge_due(&mut tx, at(15)).await.unwrap().is_empty());
    assert!(message::store::restore(&mut tx, &tenant, young).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(message::store::counts(&f.db, &tenant).await.unwrap().total, 2, "what is not due is never purged");
}

async fn foreign_tenants_see_nothing(f: &Fresh) {
    let (owner, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let id = f.message(&owner, 0).await;
    let call = message::store::get(&f.db, &owner, id).await.unwrap().unwrap().call;
    let take = message::store::takes(&f.db, &owner, id).await.unwrap()[0].id;
    let before = message::store::get(&f.db, &owner, id).await.unwrap();

    let mut tx = f.db.write().await.unwrap();
    assert!(!message::store::add_take(&mut tx, &other, id, &crate::support::take(1)).await.unwrap());
    assert!(!message::store::finish_take(&mut tx, &other, take, TakeState::Lost, 0, 0).await.unwrap());
    assert!(!message::store::keep(&mut tx, &other, id, &kept(id, 99)).await.unwrap());
    assert!(!message::store::mark_urgent(&mut tx, &other, id, true).await.unwrap());
    assert!(!message::store::set_heard(&mut tx, &other, id, true, at(1)).await.unwrap());
    assert!(!message::store::delete(&mut tx, &other, id, at(1)).await.unwrap());
    assert!(!message::store::restore(&mut tx, &other, id).await.unwrap());
    calllog::store::append(&mut tx, &other, call, &[event(1, "forged")]).await.unwrap();
    calllog::store::end(&mut tx, &other, call, Outcome::Failed, at(1)).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(message::store::get(&f.db, &owner, id).await.unwrap(), before);
    assert_eq!(message::store::get(&f.db, &other, id).await.unwrap(), None);
    assert!(message::store::takes(&f.db, &other, id).await.unwrap().is_empty());
    assert!(message::store::list(&f.db, &other, &Filter::default()).await.unwrap().0.is_empty());
    assert_eq!(message::store::counts(&f.db, &other).await.unwrap().total, 0);
    assert_eq!(calllog::store::get(&f.db, &other, call).await.unwrap(), None);
    assert!(calllog::store::timeline(&f.db, &other, call).await.unwrap().is_empty());
    assert!(calllog::store::timeline(&f.db, &owner, call).await.unwrap().is_empty(), "nothing forged");
    assert_eq!(calllog::store::get(&f.db, &owner, call).await.unwrap().unwrap().ended_at, None);
}

async fn changes_come_after_commit(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut changes = f.db.changes();
    let id = f.message(&tenant, 0).await;
    let mut tx = f.db.write().await.unwrap();
    message::store::set_heard(&mut tx, &tenant, id, true, at(1)).await.unwrap();
    message::store::mark_urgent(&mut tx, &tenant, id, true).await.unwrap();
    let mut first = Vec::new();
    while let Ok(change) = changes.try_recv() {
        first.push((change.tenant, change.noun, change.kind));
    }
    assert_eq!(
        first,
        [(tenant.id(), Noun::Call, ChangeKind::Created), (tenant.id(), Noun::Message, ChangeKind::Created)],
        "of what is committed, each once"
    );
    tx.commit().await.unwrap();
    let change = changes.try_recv().unwrap();
    assert_eq!((change.id, change.kind), (id.to_string(), ChangeKind::Changed));
    assert!(changes.try_recv().is_err(), "two changes of one row in one commit are one");
}

async fn a_commit_is_told_though_nobody_waits(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut changes = f.db.changes();
    let mut tx = f.db.write().await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &call(0)).await.unwrap();
    assert!(tx.commit().now_or_never().is_none(), "begun, and dropped");
    let told = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await;
    assert_eq!(told.unwrap().unwrap().noun, Noun::Call);
}

async fn dropped_is_undone(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut changes = f.db.changes();
    let mut tx = f.db.write().await.unwrap();
    let (id, _) = begun(&mut tx, &tenant, 0).await;
    message::store::keep(&mut tx, &tenant, id, &kept(id, 0)).await.unwrap();
    drop(tx);
    f.message(&tenant, 1).await;
    assert_eq!(message::store::counts(&f.db, &tenant).await.unwrap().total, 1);
    let told: Vec<String> = std::iter::from_fn(|| changes.try_recv().ok()).map(|c| c.id).collect();
    assert!(!told.contains(&id.to_string()));
}

async fn one_fails_alone(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut changes = f.db.changes();
    let (good, last) = (call(0), call(1));
    let mut tx = f.db.write().await.unwrap();
    let mark = tx.mark().await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &good).await.unwrap();
    tx.keep_mark(mark).await.unwrap();
    let mark = tx.mark().await.unwrap();
    let orphan = CallId::new(at(7), rand::random());
    let new = message::NewMessage {
        id: MessageId::new(at(7), rand::random()),
        call: orphan,
        caller: None,
        caller_name: String::new(),
        called: "1".into(),
        step: "message.standard".into(),
        matter: "message.standard".into(),
        language: nightdesk::ids::Language::De,
        adds: None,
        at: at(7),
    };
    let error = message::store::begin(&mut tx, &tenant, &new, &take(7)).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    tx.undo_mark(mark).await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &last).await.unwrap();
    tx.commit().await.unwrap();
    let told: Vec<String> = std::iter::from_fn(|| changes.try_recv().ok()).map(|c| c.id).collect();
    assert_eq!(told, [good.id.to_string(), last.id.to_string()]);
    assert!(message::store::unfinished(&f.db).await.unwrap().is_empty());
}

async fn login_once(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let mut tx = f.db.write().await.unwrap();
    let owner = person::store::ensure_owner(&mut tx, &tenant, "Inhaber", START).await.unwrap();
    assert_eq!(person::store::ensure_owner(&mut tx, &tenant, "Anders", at(1)).await.unwrap(), owner);
    let new = NewPerson { name: "Empfang".into(), role: Role::Agent, language: Language::En };
    let agent = person::store::create(&mut tx, &tenant, &new, at(1)).await.unwrap();
    assert!(person::store::login_link(&mut tx, &other, owner.id, START).await.unwrap().is_none(), "foreign person");
    let link = person::store::login_link(&mut tx, &tenant, owner.id, START).await.unwrap().unwrap();
    let old = person::store::login_link(&mut tx, &tenant, agent.id, START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(person::store::all(&f.db, &tenant).await.unwrap(), [owner.clone(), agent]);

    let use_at = |secret: String, seconds: i64| async move {
        let mut tx = f.db.write().await.unwrap();
        let who = person::store::redeem(&mut tx, &secret, at(seconds)).await.unwrap();
        tx.commit().await.unwrap();
        who
    };
    let secret = link.reveal().to_owned();
    let (a, b) = tokio::join!(use_at(secret.clone(), 5), use_at(secret.clone(), 5));
    let in_: Vec<_> = [a, b].into_iter().flatten().collect();
    assert_eq!(in_, [(owner, tenant)], "of two at once one comes in");
    assert_eq!(use_at(secret, 6).await, None);
    assert_eq!(use_at("0".repeat(64), 6).await, None);
    assert_eq!(use_at(old.reveal().to_owned(), 24 * 3600).await, None, "a day and no longer");
}

async fn sessions_end(f: &Fresh) {
    let row = person::store::SessionRow { data: "{}".into(), created_at: START, expires_at: at(100) };
    let at_time = |seconds: i64, oldest: Utc| person::store::session(&f.db, "cookie", at(seconds), oldest);
    let mut tx = f.db.write().await.unwrap();
    assert!(!person::store::session_save(&mut tx, "cookie", "{}", at(100)).await.unwrap(), "there is none yet");
    assert!(person::store::session_create(&mut tx, "cookie", &row).await.unwrap());
    assert!(!person::store::session_create(&mut tx, "cookie", &row).await.unwrap(), "ids are not shared");
    tx.commit().await.unwrap();
    assert_eq!(at_time(99, at(-1)).await.unwrap(), Some(row.clone()));
    assert_eq!(at_time(100, at(-1)).await.unwrap(), None, "idle");
    assert_eq!(at_time(99, START).await.unwrap(), None, "too old however much it is used");
    // Used, it lives longer and is no younger.
    let mut tx = f.db.write().await.unwrap();
    assert!(person::store::session_save(&mut tx, "cookie", "{\"a\":1}", at(900)).await.unwrap());
    tx.commit().await.unwrap();
    let used = at_time(899, at(-1)).await.unwrap().unwrap();
    assert_eq!((used.created_at, used.data.as_str()), (START, "{\"a\":1}"));
    assert!(f.texts("SELECT hash FROM session").await.iter().all(|hash| hash != "cookie"));
    let mut tx = f.db.write().await.unwrap();
    assert_eq!(person::store::sessions_sweep(&mut tx, at(900), at(-1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn audit_is_append_only(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let who = PersonId::new(START, rand::random());
    let mut tx = f.db.write().await.unwrap();
    person::store::audit(&mut tx, &tenant, at(1), who, Action::Listened, "m").await.unwrap();
    tx.commit().await.unwrap();
    for sql in ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"] {
        let error = f.try_raw(sql).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    let lately = |s: i64, object: &'static str| {
        let (db, tenant) = (&f.db, &tenant);
        async move { person::store::audited_lately(db, tenant, at(s), who, Action::Listened, object).await.unwrap() }
    };
    assert!(lately(300, "m").await);
    assert!(!lately(300, "other").await);
    assert!(!lately(602, "m").await);
    let lines = person::store::audit_lines(&f.db, &tenant, 10).await.unwrap();
    assert_eq!((lines.len(), lines[0].action.as_str(), lines[0].actor), (1, "listened", person::Actor::Person(who)));
}

async fn export_lines(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let (a, b) = (f.message(&tenant, 0).await, f.message(&other, 60).await);
    let lines = export::lines(&f.db, f.dir.path(), None).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.id.clone()).collect::<Vec<_>>(), [b.to_string(), a.to_string()]);
    let lines = export::lines(&f.db, f.dir.path(), Some(&tenant)).await.unwrap();
    let expected = json!([{
        "id": a.to_string(), "tenant": tenant.id().to_string(), "caller": "+4915112345678",
        "called": "+49711123456", "at": "2026-11-20T18:00:00.000Z", "duration": 5.12,
        "path": f.dir.path().join(format!("{a}.wav")).display().to_string(), "state": "new", "urgent": false,
        "step": "message.standard",
    }]);
    assert_eq!(serde_json::to_value(lines).unwrap(), expected);
}

async fn errors_know_whose_fault(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let call = call(0);
    let mut tx = f.db.write().await.unwrap();
    calllog::store::begin(&mut tx, &tenant, &call).await.unwrap();
    tx.commit().await.unwrap();
    f.try_raw("UPDATE call SET outcome = 'nonsense'").await.unwrap();
    let error = calllog::store::get(&f.db, &tenant, call.id).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error}");
    let error: Error = f.try_raw("SELECT nothing FROM nowhere").await.unwrap_err().into();
    assert!(matches!(error, Error::Misuse(_)), "{error}");
}

async fn writers_queue(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let all = (0..40).map(|n| f.message(&tenant, n));
    tokio::time::timeout(Duration::from_secs(60), futures_util::future::join_all(all)).await.unwrap();
    assert_eq!(message::store::counts(&f.db, &tenant).await.unwrap().total, 40);
}

#[tokio::test]
async fn sqlite_is_durable_and_alone() {
    let f = Fresh::sqlite().await;
    let mut conn = f.connection().await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut conn).await.unwrap();
    assert_eq!(mode, "wal");
    // A second program that holds the write lock makes us wait, not fail.
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut conn).await.unwrap();
    let tenant = f.tenant("Praxis");
    let free = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sqlx::raw_sql("COMMIT").execute(&mut conn).await.unwrap();
    };
    let (tenant, ()) = tokio::join!(tenant, free);
    assert_eq!(tenant::store::all(&f.db).await.unwrap(), [tenant]);
}

#[tokio::test]
async fn what_is_no_database_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    std::fs::write(&path, vec![7_u8; 8192]).unwrap();
    let error = Db::open(path.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("damaged") && error.contains("restore a backup"), "{error}");
    let error = Db::open("mysql://user:geheim@host/x").await.unwrap_err().to_string();
    assert!(error.contains("postgres://") && !error.contains("geheim"), "{error}");
    let error = Db::open("postgres://user:geheim@127.0.0.1:1/x").await.unwrap_err().to_string();
    assert!(error.contains("cannot be reached") && !error.contains("geheim"), "{error}");
    let below_a_file = path.join("deeper/y.db");
    let error = Db::open(below_a_file.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("--data"), "{error}");
}

#[test]
fn ids_of_takes_are_file_names() {
    let id = TakeId::new(START, [0xff; 10]).to_string();
    assert!(id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'), "{id}");
}
