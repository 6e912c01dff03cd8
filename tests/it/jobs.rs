//! The queue of jobs on both engines, and mails to a mail server of our own.

use std::collections::HashSet;
use std::time::Duration;

use nightdesk::clock::{System, Utc};
use nightdesk::config::{Mail, Secret, Security, Server as MailServer};
use nightdesk::db::Db;
use nightdesk::ids::CallbackId;
use nightdesk::jobs::mail::{Invite, Occasion, Outbox};
use nightdesk::jobs::smtp::Post;
use nightdesk::jobs::store::{self, list};
use nightdesk::jobs::{ATTEMPTS_MAX, DEAD_KEPT, DONE_KEPT, Job, Kind, LEASE, Leased, NewJob, Outcome, State};
use nightdesk::run::jobs::Runner;
use nightdesk::slots::Slot;
use nightdesk::tenant::{Language, Tenant};
use tokio_util::sync::CancellationToken;

use crate::support::smtp::{Server, Way};
use crate::support::{Fresh, START, at};

both!(
    a_job_is_done_once_for_each_key,
    what_fails_is_tried_again_and_then_dead,
    a_lease_that_ends_is_another_s,
    a_job_that_ends_its_workers_is_dead,
    two_processes_share_nothing,
    the_newest_of_a_topic_is_done,
    what_is_over_is_removed,
    what_is_not_committed_or_not_set_up_is_not_done,
    invitations_reach_the_mail_server,
    refusals_are_kept_and_told_apart,
);

const ALL: &[Kind] = &[Kind::Mail];

fn job(key: &str, topic: Option<&str>) -> NewJob {
    NewJob { kind: Kind::Mail, payload: "{}".into(), key: key.into(), topic: topic.map(str::to_owned), due: START }
}

async fn enqueue(f: &Fresh, tenant: &Tenant, job: &NewJob, seconds: i64) -> bool {
    let mut tx = f.db.write().await.unwrap();
    let new = store::enqueue(&mut tx, tenant, job, at(seconds)).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn take(db: &Db, worker: &str, now: Utc) -> Vec<Leased> {
    store::take(db, worker, ALL, 8, now).await.unwrap()
}

async fn finish(f: &Fresh, job: &Leased, outcome: &Outcome, now: Utc) -> Option<State> {
    let mut tx = f.db.write().await.unwrap();
    let state = store::finish(&mut tx, job, outcome, 1.0, now).await.unwrap();
    tx.commit().await.unwrap();
    state
}

async fn retry(f: &Fresh, tenant: &Tenant, job: &Job, now: Utc) -> bool {
    let mut tx = f.db.write().await.unwrap();
    let done = store::retry(&mut tx, tenant, job.id, now).await.unwrap();
    tx.commit().await.unwrap();
    done
}

/// Key and state, newest first.
async fn states(f: &Fresh, tenant: &Tenant) -> Vec<(String, State)> {
    list(&f.db, tenant, None, 50).await.unwrap().into_iter().map(|job| (job.key, job.state)).collect()
}

async fn a_job_is_done_once_for_each_key(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    assert!(enqueue(f, &tenant, &NewJob { due: at(5), ..job("a", None) }, 0).await);
    assert!(!enqueue(f, &tenant, &job("a", None), 1).await, "the same work");
    assert!(enqueue(f, &other, &job("a", None), 2).await, "another tenant's keys are its own");
    assert!(store::take(&f.db, "w", &[], 8, at(9)).await.unwrap().is_empty(), "whose work it does not know");

    let [early] = take(&f.db, "w", at(4)).await.try_into().unwrap();
    assert_eq!((early.tenant, early.attempts), (other.id(), 1));
    let [due] = take(&f.db, "w", at(5)).await.try_into().unwrap();
    assert_eq!((due.tenant, due.key.as_str(), due.payload.as_str()), (tenant.id(), "a", "{}"));
    assert!(take(&f.db, "v", at(5)).await.is_empty(), "leased");
    assert_eq!(finish(f, &due, &Outcome::Done, at(6)).await, Some(State::Done));
    assert_eq!(finish(f, &due, &Outcome::Done, at(6)).await, None, "once");
    let [done] = list(&f.db, &tenant, Some(State::Done), 9).await.unwrap().try_into().unwrap();
    assert_eq!((done.done_at, done.last_error, done.attempts), (Some(at(6)), None, 1));
    assert!(!enqueue(f, &tenant, &job("a", None), 7).await, "also when it is done");
    assert!(!retry(f, &tenant, &list(&f.db, &tenant, None, 1).await.unwrap()[0], at(8)).await, "it was not dead");
}

async fn what_fails_is_tried_again_and_then_dead(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    enqueue(f, &tenant, &job("a", None), 0).await;
    let mut now = START;
    for attempt in 1..=ATTEMPTS_MAX {
        let [leased] = take(&f.db, "w", now).await.try_into().unwrap();
        assert_eq!(leased.attempts, attempt);
        let state = finish(f, &leased, &Outcome::Later("451 later\r\nagain".into()), now).await.unwrap();
        assert_eq!(state, if attempt == ATTEMPTS_MAX { State::Dead } else { State::Queued });
        let [row] = list(&f.db, &tenant, None, 9).await.unwrap().try_into().unwrap();
        assert_eq!((row.attempts, row.last_error.as_deref()), (attempt, Some("451 lateragain")));
        if state == State::Queued {
            assert!(take(&f.db, "w", Utc(row.due_at.0 - 1)).await.is_empty(), "not before");
            assert!(row.due_at.0 - now.0 <= 86_400_000, "a day at most");
            now = row.due_at;
        }
    }
    assert_eq!(store::counts(&f.db).await.unwrap(), (0, 1));
    let [dead] = list(&f.db, &tenant, Some(State::Dead), 9).await.unwrap().try_into().unwrap();
    assert!(!retry(f, &other, &dead, now).await, "another's");
    assert!(retry(f, &tenant, &dead, now).await);
    assert!(!retry(f, &tenant, &dead, now).await);
    let [again] = take(&f.db, "w", now).await.try_into().unwrap();
    assert_eq!(again.attempts, 1);
    assert_eq!(finish(f, &again, &Outcome::Never("550 no".into()), now).await, Some(State::Dead), "at once");
    assert!(take(&f.db, "w", Utc(i64::MAX)).await.is_empty());
}

async fn a_lease_that_ends_is_another_s(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    enqueue(f, &tenant, &job("a", None), 0).await;
    let [lost] = take(&f.db, "crashed", START).await.try_into().unwrap();
    let ended = Utc(START.0 + i64::try_from(LEASE.as_millis()).unwrap());
    assert!(take(&f.db, "next", Utc(ended.0 - 1)).await.is_empty());
    let [taken] = take(&f.db, "next", ended).await.try_into().unwrap();
    assert_eq!((taken.id, taken.attempts), (lost.id, 2));
    // Who was thought dead comes back: it changes nothing.
    assert_eq!(finish(f, &lost, &Outcome::Never("x".into()), ended).await, None);
    assert_eq!(finish(f, &taken, &Outcome::Done, ended).await, Some(State::Done));
    // Also where the same worker takes it twice.
    enqueue(f, &tenant, &job("b", None), 0).await;
    let [first] = take(&f.db, "w", START).await.try_into().unwrap();
    let [second] = take(&f.db, "w", ended).await.try_into().unwrap();
    assert_eq!(finish(f, &first, &Outcome::Done, ended).await, None);
    assert_eq!(finish(f, &second, &Outcome::Done, ended).await, Some(State::Done));
}

async fn a_job_that_ends_its_workers_is_dead(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    enqueue(f, &tenant, &job("a", None), 0).await;
    let mut now = START;
    for attempt in 1..=ATTEMPTS_MAX {
        let [leased] = take(&f.db, "w", now).await.try_into().unwrap();
        assert_eq!(leased.attempts, attempt);
        now = Utc(now.0 + i64::try_from(LEASE.as_millis()).unwrap());
    }
    assert!(take(&f.db, "w", now).await.is_empty());
    assert_eq!(states(f, &tenant).await, [("a".to_owned(), State::Dead)]);
}

async fn two_processes_share_nothing(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut tx = f.db.write().await.unwrap();
    for nth in 0..400 {
        store::enqueue(&mut tx, &tenant, &job(&nth.to_string(), None), START).await.unwrap();
    }
    tx.commit().await.unwrap();
    let second = Db::open(&f.url).await.unwrap();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        // Both at once, as often as there is something.
        let (x, y) = tokio::join!(take(&f.db, "a", START), take(&second, "b", START));
        if x.is_empty() && y.is_empty() {
            break;
        }
        a.extend(x.into_iter().map(|job| job.key));
        b.extend(y.into_iter().map(|job| job.key));
    }
    let all: HashSet<&String> = a.iter().chain(&b).collect();
    assert_eq!((a.len() + b.len(), all.len()), (400, 400), "each once");
    assert!(!a.is_empty() && !b.is_empty(), "both had some");
    second.close().await;
}

async fn the_newest_of_a_topic_is_done(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let keyed = |nth: usize| job(&format!("k{nth}"), Some("t"));
    enqueue(f, &tenant, &job("other", Some("u")), 0).await;
    enqueue(f, &tenant, &keyed(0), 1).await;
    enqueue(f, &tenant, &keyed(1), 2).await;
    assert!(!enqueue(f, &tenant, &keyed(0), 3).await, "what was there before supersedes nothing");
    let expected = [("k1", State::Queued), ("k0", State::Superseded), ("other", State::Queued)];
    assert_eq!(states(f, &tenant).await, expected.map(|(key, state)| (key.to_owned(), state)));

    // One that is under way is not tried again, and its end is told as it was.
    let leased = take(&f.db, "w", at(9)).await;
    assert_eq!(leased.iter().map(|job| job.key.as_str()).collect::<Vec<_>>().len(), 2);
    let first = leased.iter().find(|job| job.key == "k1").unwrap();
    enqueue(f, &tenant, &keyed(2), 4).await;
    assert_eq!(finish(f, first, &Outcome::Later("x".into()), at(9)).await, None);
    let [newest] = take(&f.db, "w", at(9)).await.try_into().unwrap();
    assert_eq!(newest.key, "k2");
    enqueue(f, &tenant, &keyed(3), 5).await;
    assert_eq!(finish(f, &newest, &Outcome::Done, at(9)).await, Some(State::Done), "it was sent");
    assert!(!states(f, &tenant).await.contains(&("k1".to_owned(), State::Queued)));
}

async fn what_is_over_is_removed(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    for key in ["done", "dead", "waits"] {
        enqueue(f, &tenant, &job(key, None), 0).await;
    }
    for leased in take(&f.db, "w", START).await {
        match leased.key.as_str() {
            "done" => finish(f, &leased, &Outcome::Done, START).await,
            "dead" => finish(f, &leased, &Outcome::Never("x".into()), START).await,
            _ => None,
        };
    }
    let swept = async |after: Duration| {
        let mut tx = f.db.write().await.unwrap();
        let now = Utc(START.0 + i64::try_from(after.as_millis()).unwrap());
        let swept = store::sweep(&mut tx, now).await.unwrap();
        tx.commit().await.unwrap();
        swept
    };
    let one = Duration::from_millis(1);
    assert_eq!([swept(DONE_KEPT).await, swept(DONE_KEPT + one).await], [0, 1]);
    assert_eq!([swept(DEAD_KEPT).await, swept(DEAD_KEPT + one).await], [0, 1]);
    assert_eq!(swept(DEAD_KEPT * 9).await, 0, "what is to be done stays");
}

async fn what_is_not_committed_or_not_set_up_is_not_done(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut added = f.db.jobs_watch();
    let mut tx = f.db.write().await.unwrap();
    assert!(store::enqueue(&mut tx, &tenant, &job("a", None), START).await.unwrap());
    drop(tx);
    assert!(take(&f.db, "w", START).await.is_empty());
    assert!(!added.has_changed().unwrap());
    // Nothing configured: nothing enqueued.
    assert_eq!(invite(f, &tenant, Outbox::new(false), &booked(&["a@b.example"])).await, 0);
    assert!(states(f, &tenant).await.is_empty());
    // Another process may have been set up; this one leaves it alone.
    assert_eq!(invite(f, &tenant, Outbox::new(true), &booked(&["a@b.example"])).await, 1);
    assert!(added.has_changed().unwrap(), "this process is told at the commit");
    added.mark_unchanged();
    assert_eq!(Runner::new(f.db.clone(), None).round(START).await.unwrap(), 0);
    assert_eq!(states(f, &tenant).await[0].1, State::Queued);
}

fn booked(to: &[&str]) -> Invite {
    Invite {
        callback: CallbackId::new(START, [1; 10]),
        sequence: 0,
        occasion: Occasion::Booked,
        business: "Praxis\r\nBcc: other@example.org\r\n.\r\nMAIL FROM:<x@example.org>".into(),
        language: Language::De,
        zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(),
        slot: Slot { start: at(3600), end: at(4200) },
        to: to.iter().map(|to| (*to).to_owned()).collect(),
        number: Some("+493023125041".into()),
    }
}

async fn invite(f: &Fresh, tenant: &Tenant, outbox: Outbox, invite: &Invite) -> usize {
    let mut tx = f.db.write().await.unwrap();
    let count = outbox.invite(&mut tx, tenant, invite, START).await.unwrap();
    tx.commit().await.unwrap();
    count
}

fn settings(server: &Server, security: Security) -> Mail {
    let host = server.address.ip().to_string();
    Mail {
        server: MailServer { security, host, port: server.address.port() },
        from: "post@praxis.example".into(),
        from_name: None,
        user: None,
        password: Secret::default(),
        password_file: None,
        ca: None,
    }
}

fn runner(f: &Fresh, mail: &Mail) -> Runner {
    Runner::new(f.db.clone(), Some(Post::new(mail).unwrap()))
}

async fn invitations_reach_the_mail_server(f: &Fresh) {
    let (tenant, server) = (f.tenant("Praxis").await, Server::start(Way::Plain).await);
    let (runner, outbox) = (runner(f, &settings(&server, Security::Plain)), Outbox::new(true));
    let first = booked(&["a@example.org", "b@example.org", "a@example.org ", "no address", "c@example.org\r\nX"]);
    assert_eq!(invite(f, &tenant, outbox, &first).await, 2);
    assert_eq!(invite(f, &tenant, outbox, &first).await, 0, "once");
    assert_eq!(runner.round(START).await.unwrap(), 2);
    assert_eq!(runner.round(START).await.unwrap(), 0);
    let mails = server.mails();
    let to: HashSet<&str> = mails.iter().flat_map(|mail| &mail.to).map(String::as_str).collect();
    assert_eq!(to, HashSet::from(["RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>"]));
    assert!(mails.iter().all(|mail| mail.to.len() == 1 && mail.from.starts_with("MAIL FROM:<post@praxis.example>")));
    let head = mails[0].text.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("\r\nBcc") && head.contains("\r\nAuto-Submitted: auto-generated"), "{head}");

    // Moved before it could be sent, and cancelled: only the last is told.
    let changed = |sequence, occasion| Invite { sequence, occasion, ..booked(&["a@example.org"]) };
    invite(f, &tenant, outbox, &changed(1, Occasion::Moved)).await;
    invite(f, &tenant, outbox, &changed(2, Occasion::Cancelled)).await;
    assert_eq!(runner.round(START).await.unwrap(), 1);
    assert!(server.mails()[2].text.contains("method=CANCEL"));
    // Nobody is told of what is over.
    invite(f, &tenant, outbox, &changed(3, Occasion::Booked)).await;
    assert_eq!(runner.round(at(4200)).await.unwrap(), 1);
    let rows = list(&f.db, &tenant, None, 9).await.unwrap();
    let newest = rows.into_iter().find(|row| row.key.contains("/3/")).unwrap();
    assert_eq!((newest.state, server.mails().len()), (State::Done, 3));
    assert!(newest.last_error.unwrap().contains("over before"));
}

async fn refusals_are_kept_and_told_apart(f: &Fresh) {
    let (tenant, server) = (f.tenant("Praxis").await, Server::start(Way::Plain).await);
    let mail =
        Mail { user: Some("post".into()), password: Secret::new("hunter2"), ..settings(&server, Security::Plain) };
    let runner = runner(f, &mail);
    for (nth, refused, state) in [
        (0, Some(("RCPT", "550 5.1.1 no such person")), State::Dead),
        (1, Some(("MAIL", "451 4.7.1 greylisted")), State::Queued),
        (2, Some(("AUTH", "535 5.7.8 wrong password")), State::Queued),
        (3, Some(("EHLO", "421 4.3.2 closing")), State::Queued),
        (4, Some(("DATA", "554 5.7.1 spam")), State::Dead),
        (5, None, State::Done),
    ] {
        server.refuse(refused);
        let one = Invite { callback: CallbackId::new(at(nth), [2; 10]), ..booked(&["a@example.org"]) };
        invite(f, &tenant, Outbox::new(true), &one).await;
        assert_eq!(runner.round(START).await.unwrap(), 1);
        let row = list(&f.db, &tenant, None, 50).await.unwrap();
        let row = row.iter().find(|row| row.key.contains(&one.callback.to_string())).unwrap();
        let reply = refused.map(|(_, reply)| reply.split_once(' ').unwrap().1);
        assert_eq!(row.state, state, "{row:?}");
        assert!(reply.is_none_or(|reply| row.last_error.as_deref().unwrap().contains(reply)), "{row:?}");
        assert!(!format!("{row:?}").contains("hunter2"));
    }
    assert_eq!(server.mails().len(), 1);
    assert!(server.mails()[0].auth.starts_with("AUTH PLAIN "));
}

#[tokio::test]
async fn the_way_is_secured_and_proved() {
    let f = Fresh::sqlite().await;
    let tenant = f.tenant("Praxis").await;
    for (nth, (way, security)) in
        [(Way::StartTls, Security::StartTls), (Way::Tls, Security::Tls)].into_iter().enumerate()
    {
        let server = Server::start(way).await;
        let one =
            Invite { callback: CallbackId::new(START, [u8::try_from(nth).unwrap(); 10]), ..booked(&["a@example.org"]) };
        invite(&f, &tenant, Outbox::new(true), &one).await;
        let strange = settings(&server, security);
        assert_eq!(runner(&f, &strange).round(START).await.unwrap(), 1);
        let row = list(&f.db, &tenant, Some(State::Queued), 1).await.unwrap().remove(0);
        assert!(row.last_error.as_deref().unwrap().contains("certificate"), "nobody vouches for it: {row:?}");

        let ca = f.dir.path().join(format!("{nth}.pem"));
        std::fs::write(&ca, &server.certificate).unwrap();
        std::fs::write(f.dir.path().join("password"), "hunter2\n").unwrap();
        let password_file = Some(f.dir.path().join("password"));
        let known = Mail { ca: Some(ca), user: Some("post".into()), password_file, ..strange };
        assert_eq!(runner(&f, &known).round(row.due_at).await.unwrap(), 1);
        let [mail] = server.mails().try_into().unwrap();
        assert!(mail.secured);
        // RFC 4616: NUL post NUL hunter2, base64.
        assert_eq!(mail.auth, "AUTH PLAIN AHBvc3QAaHVudGVyMg==");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let f = Fresh::sqlite().await;
    let (tenant, server) = (f.tenant("Praxis").await, Server::start(Way::Plain).await);
    invite(&f, &tenant, Outbox::new(true), &booked(&["a@example.org"])).await;
    runner(&f, &settings(&server, Security::StartTls)).round(START).await.unwrap();
    assert_eq!(states(&f, &tenant).await[0].1, State::Queued);
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_commit_wakes_the_runner_and_a_stop_waits_for_it() {
    let f = Fresh::sqlite().await;
    let (tenant, server) = (f.tenant("Praxis").await, Server::start(Way::Plain).await);
    let (clock, stop) = (System::new(), CancellationToken::new());
    let loops: Vec<_> =
        (0..2).map(|_| runner(&f, &settings(&server, Security::Plain)).start(clock, stop.clone())).collect();
    let now = clock.now().utc.0;
    let later = Slot { start: Utc(now + 3_600_000), end: Utc(now + 7_200_000) };
    for nth in 0..20_u8 {
        let one = Invite { callback: CallbackId::new(START, [nth; 10]), slot: later, ..booked(&["a@example.org"]) };
        invite(&f, &tenant, Outbox::new(true), &one).await;
    }
    server.wait(20).await;
    stop.cancel();
    for ended in loops {
        ended.await.unwrap();
    }
    let states = states(&f, &tenant).await;
    assert!(states.len() == 20 && states.iter().all(|(_, state)| *state == State::Done), "{states:?}");
    let ids: HashSet<String> = server
        .mails()
        .iter()
        .map(|mail| mail.text.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned())
        .collect();
    assert_eq!((server.mails().len(), ids.len()), (20, 20), "two runners, each mail once");
}
