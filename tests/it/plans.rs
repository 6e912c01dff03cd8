//! Plans, overrides and PINs: their rows on both engines, and the lines that are made of them.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use nightdesk::clock::{System, Utc};
use nightdesk::config::{Config, Values};
use nightdesk::db::{ChangeKind, Db, Error, Noun};
use nightdesk::hours::Override;
use nightdesk::ids::OverrideId;
use nightdesk::opening;
use nightdesk::person::pin::{Pin, PinKey, TRIES_MAX, Tried};
use nightdesk::person::store::pin;
use nightdesk::person::{self, Actor};
use nightdesk::plan::CheckContext;
use nightdesk::revision::{self, Applied, Draft, Origin};
use nightdesk::run::lines::ServedLine;
use nightdesk::run::plans::{self, Plans};
use nightdesk::run::voice::Voice;
use nightdesk::run::worker::Worker;
use nightdesk::tenant::{self, Language, NewTenant, Tenant};

use crate::support::{Fresh, START, at};

both!(
    revisions_follow_each_other,
    numbers_of_a_plan,
    one_of_many_is_first,
    overrides_stand_until_they_end,
    a_pin_is_tried_ten_times,
    lines_follow_rows,
    a_plan_that_no_longer_checks_changes_nothing,
    another_process_is_heard,
);

/// A plan that says `word` and takes a message, with these numbers.
fn text(word: &str, numbers: &[&str]) -> String {
    let numbers = if numbers.is_empty() { String::new() } else { format!("numbers = {numbers:?}\n") };
    format!(
        "[line]\n{numbers}open = \"message.a\"\n\n[message.a]\nsay = \"Guten Tag, hier ist {word}.\"\nmax = \"3m\"\n"
    )
}

fn draft(text: &str) -> Draft {
    let known = plans::known().unwrap();
    let (draft, findings) = Draft::check(text, &known);
    draft.unwrap_or_else(|| panic!("{findings:?}"))
}

async fn apply(db: &Db, tenant: &Tenant, text: &str, origin: &Origin, seconds: i64) -> Applied {
    let mut tx = db.write().await.unwrap();
    let done = revision::store::apply(&mut tx, tenant, &draft(text), origin, at(seconds)).await.unwrap();
    if matches!(done, Applied::Done(_)) {
        tx.commit().await.unwrap();
    }
    done
}

fn by(author: &str, based_on: Option<u32>) -> Origin {
    Origin { author: author.into(), based_on, ..Origin::default() }
}

async fn revisions_follow_each_other(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let (first, second) = (text("eins", &[]), text("zwei", &[]));
    assert_eq!(revision::store::last(&f.db, &tenant).await.unwrap(), None);
    let mut changes = f.db.changes();
    assert_eq!(apply(&f.db, &tenant, &first, &by("Inhaber", Some(0)), 0).await, Applied::Done(1));
    let change = changes.try_recv().unwrap();
    assert_eq!((change.noun, change.id.as_str(), change.kind), (Noun::Plan, "1", ChangeKind::Changed));
    assert_eq!(apply(&f.db, &tenant, &first, &by("Inhaber", Some(1)), 1).await, Applied::Same(1));
    assert_eq!(apply(&f.db, &tenant, &second, &by("Werkstatt", Some(0)), 2).await, Applied::Overtaken(1));
    let why = Origin { note: "neue\nAnsage".into(), ..by("Werkstatt", Some(1)) };
    assert_eq!(apply(&f.db, &tenant, &second, &why, 3).await, Applied::Done(2));
    let back = Origin { restores: Some(1), ..by("Inhaber", None) };
    assert_eq!(apply(&f.db, &tenant, &first, &back, 4).await, Applied::Done(3));
    assert_eq!(apply(&f.db, &other, &second, &by("Inhaber", Some(0)), 5).await, Applied::Done(1));

    let told: Vec<String> = revision::store::history(&f.db, &tenant, None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|e| {
            format!(
                "{} {} {:?} {:?} {:?} +{}s",
                e.seq,
                e.author,
                e.note,
                e.based_on,
                e.restores,
                (e.at.0 - START.0) / 1000
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "3 Inhaber \"\" Some(2) Some(1) +4s",
            "2 Werkstatt \"neue Ansage\" Some(1) None +3s",
            "1 Inhaber \"\" None None +0s"
        ]
    );
    let before = revision::store::history(&f.db, &tenant, Some(3), 1).await.unwrap();
    assert_eq!(before.iter().map(|e| e.seq).collect::<Vec<_>>(), [2]);
    let last = revision::store::last(&f.db, &tenant).await.unwrap().unwrap();
    assert_eq!((last.entry.seq, &last.text), (3, &first));
    assert_eq!(revision::store::get(&f.db, &tenant, 2).await.unwrap().unwrap().text, second);
    assert_eq!(revision::store::get(&f.db, &other, 2).await.unwrap(), None);
    let mut all = revision::store::last_of_all(&f.db).await.unwrap();
    all.sort();
    let mut expected = [(tenant.id(), 3), (other.id(), 1)];
    expected.sort();
    assert_eq!(all, expected);
    assert!(
        f.try_raw("INSERT INTO plan_revision SELECT tenant, 0, text, '', '', 0, 0, 0 FROM plan_revision")
            .await
            .is_err()
    );
}

async fn numbers_of_a_plan(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let (ours, more, theirs) = ("+493023125001", "+493023125002", "+493023125003");
    let mut tx = f.db.write().await.unwrap();
    assert!(tenant::store::add_number(&mut tx, &tenant, ours, START).await.unwrap());
    assert!(tenant::store::add_number(&mut tx, &other, theirs, START).await.unwrap());
    tx.commit().await.unwrap();
    apply(&f.db, &tenant, &text("eins", &[ours, more]), &by("", None), 0).await;
    let numbers = |tenant: Tenant| async move { tenant::store::numbers_of(&f.db, &tenant).await.unwrap() };
    assert_eq!(numbers(tenant.clone()).await, [(ours.to_owned(), false), (more.to_owned(), true)]);

    let known = CheckContext::default();
    let context = revision::store::context(&f.db, &tenant, &known, START).await.unwrap();
    assert_eq!(context.foreign_numbers.iter().map(String::as_str).collect::<Vec<_>>(), [theirs]);
    assert_eq!(context.today, Some(jiff::civil::date(2026, 11, 20)));
    let (refused, findings) = Draft::check(&text("zwei", &[theirs]), &context);
    assert!(refused.is_none() && findings.iter().any(|f| f.message.en.contains(theirs)), "{findings:?}");
    // The check may be older than the rows.
    let mut tx = f.db.write().await.unwrap();
    let stale = draft(&text("zwei", &[more, theirs]));
    let done = revision::store::apply(&mut tx, &tenant, &stale, &by("", None), START).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(done, Applied::Taken(vec![theirs.to_owned()]));
    assert_eq!(numbers(tenant.clone()).await.len(), 2, "nothing was changed");
    assert_eq!(revision::store::last(&f.db, &tenant).await.unwrap().unwrap().entry.seq, 1);

    // What a plan no longer names goes, what was given by hand stays; and a number may be taken over by hand.
    apply(&f.db, &tenant, &text("drei", &[]), &by("", None), 1).await;
    assert_eq!(numbers(tenant.clone()).await, [(ours.to_owned(), false)]);
    apply(&f.db, &other, &text("vier", &[more]), &by("", None), 2).await;
    let mut tx = f.db.write().await.unwrap();
    assert!(!tenant::store::add_number(&mut tx, &tenant, more, START).await.unwrap());
    assert!(tenant::store::add_number(&mut tx, &other, more, START).await.unwrap());
    assert!(!tenant::store::remove_number(&mut tx, &tenant, theirs).await.unwrap());
    assert!(tenant::store::remove_number(&mut tx, &other, theirs).await.unwrap());
    tx.commit().await.unwrap();
    apply(&f.db, &other, &text("fünf", &[]), &by("", None), 3).await;
    assert_eq!(numbers(other).await, [(more.to_owned(), false)]);
}

async fn one_of_many_is_first(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let seen = |origin: Origin, word: String| {
        let (db, tenant) = (f.db.clone(), tenant.clone());
        async move { apply(&db, &tenant, &text(&word, &[]), &origin, 0).await }
    };
    let done = join_all((0..8).map(|n| seen(by("", Some(0)), format!("Nummer {n}")))).await;
    assert_eq!(done.iter().filter(|done| **done == Applied::Done(1)).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|done| **done == Applied::Overtaken(1)).count(), 7, "{done:?}");
    let mut done = join_all((0..8).map(|n| seen(by("", None), format!("Zahl {n}")))).await;
    done.sort_by_key(|done| if let Applied::Done(seq) = done { *seq } else { 0 });
    assert_eq!(done, (2..10).map(Applied::Done).collect::<Vec<_>>());
}

fn closed(from: i64, until: i64, set_at: i64) -> Override {
    Override::new(false, at(from), at(until), at(set_at), Some("Betriebsausflug".into()), "Inhaber".into()).unwrap()
}

async fn set(db: &Db, tenant: &Tenant, by_hand: &Override) -> Option<OverrideId> {
    let mut tx = db.write().await.unwrap();
    let id = opening::store::set(&mut tx, tenant, by_hand).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn overrides_stand_until_they_end(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let first = set(&f.db, &tenant, &closed(0, 100, 0)).await.unwrap();
    let second = set(&f.db, &tenant, &closed(50, 200, 1)).await.unwrap();
    let standing = |at| opening::store::standing(&f.db, &tenant, at);
    let ids = |kept: Vec<opening::Kept>| kept.into_iter().map(|kept| kept.id).collect::<Vec<_>>();
    let kept = standing(at(10)).await.unwrap();
    assert_eq!(kept[0].by_hand, closed(0, 100, 0));
    assert_eq!(ids(kept), [first, second]);
    assert_eq!(ids(standing(at(100)).await.unwrap()), [second], "it ends by itself");
    let of_all = opening::store::standing_of_all(&f.db, at(10)).await.unwrap();
    assert_eq!((of_all.len(), of_all[&tenant.id()].len()), (1, 2));

    let mut changes = f.db.changes();
    let mut tx = f.db.write().await.unwrap();
    assert!(!opening::store::lift(&mut tx, &other, second, at(20)).await.unwrap(), "another tenant's");
    assert!(!opening::store::lift(&mut tx, &tenant, first, at(100)).await.unwrap(), "it has ended");
    assert!(opening::store::lift(&mut tx, &tenant, second, at(20)).await.unwrap());
    assert!(!opening::store::lift(&mut tx, &tenant, second, at(20)).await.unwrap(), "once");
    tx.commit().await.unwrap();
    assert_eq!(changes.try_recv().unwrap().noun, Noun::Opening);
    assert_eq!(ids(standing(at(20)).await.unwrap()), [first]);
    let all = opening::store::history(&f.db, &tenant, 9).await.unwrap();
    assert_eq!(all.iter().map(|kept| kept.lifted_at).collect::<Vec<_>>(), [Some(at(20)), None]);
    assert!(opening::store::standing(&f.db, &other, at(20)).await.unwrap().is_empty());

    let mut count = 1;
    while set(&f.db, &tenant, &closed(0, 100, 30)).await.is_some() {
        count += 1;
    }
    assert_eq!(count, opening::RUNNING_MAX);
}

async fn a_pin_is_tried_ten_times(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let key = PinKey::new([3; 32]);
    let caller = Actor::Call(crate::support::call(0).id);
    let check = |tried: &'static str| pin::check(&f.db, &tenant, &key, tried, caller, START);
    assert_eq!(check("473926").await.unwrap(), Tried::Wrong, "none is set");
    let mut tx = f.db.write().await.unwrap();
    let digits = Pin::new("473926").unwrap();
    pin::set(&mut tx, &tenant, &key, &digits, "Inhaber", Actor::Console, START).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(check("473925").await.unwrap(), Tried::Wrong);
    assert_eq!(check("473926").await.unwrap(), Tried::Right);
    assert_eq!(pin::state(&f.db, &tenant).await.unwrap().unwrap().wrong, 0, "a right one begins anew");
    assert_eq!(pin::check(&f.db, &other, &key, "473926", caller, START).await.unwrap(), Tried::Wrong);

    // Many callers at once have no more tries than one.
    let tried = join_all((0..TRIES_MAX + 6).map(|_| check("000000"))).await;
    let count = |wanted| tried.iter().filter(|tried| *tried.as_ref().unwrap() == wanted).count();
    assert_eq!((count(Tried::Wrong), count(Tried::Locked)), (TRIES_MAX as usize, 6), "{tried:?}");
    assert_eq!(check("473926").await.unwrap(), Tried::Locked, "the right one too");
    let state = pin::state(&f.db, &tenant).await.unwrap().unwrap();
    assert_eq!((state.locked_at, state.author.as_str()), (Some(START), "Inhaber"));

    let mut tx = f.db.write().await.unwrap();
    assert!(pin::unlock(&mut tx, &tenant, Actor::Console, at(9)).await.unwrap());
    assert!(!pin::unlock(&mut tx, &other, Actor::Console, at(9)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(check("473926").await.unwrap(), Tried::Right);
    let lines = person::store::audit_lines(&f.db, &tenant, 99).await.unwrap();
    let count = |action: &str| lines.iter().filter(|line| line.action == action).count();
    let counts = ["pin_set", "pin_wrong", "pin_right", "pin_locked", "pin_unlocked"].map(count);
    assert_eq!(counts, [1, 2 + TRIES_MAX as usize, 2, 7, 1]);
    assert!(lines.iter().any(|line| line.actor == caller) && lines.iter().any(|line| line.actor == Actor::Console));
    let rows = f.texts("SELECT hash FROM owner_pin").await;
    assert!(rows.len() == 1 && !rows[0].contains("473926"));
}

fn config(data: &Path, given: &[(&str, &str)]) -> Config {
    let find = |name: &str| {
        let given = given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| (name == "data").then(|| data.display().to_string()))
    };
    Config::read(&Values::gather(None, |_| None, find).unwrap()).unwrap()
}

/// Lines that speak no sentences: that is another test's.
async fn open(f: &Fresh, config: &Config) -> anyhow::Result<Plans> {
    let voice = Voice::start(&f.dir.path().join("voice"), Worker::of("/nowhere/nightdesk".into(), 1));
    Plans::open(&f.db, config, System::new(), voice).await
}

fn line(plans: &Plans, number: &str) -> Arc<ServedLine> {
    plans.lines().load().of(number).expect("a line")
}

/// What a number is answered with, and whose it is.
fn answer(plans: &Plans, number: &str) -> (String, u64) {
    let served = line(plans, number);
    let step = served.line.setting.plan.steps().next().map(|(_, step)| &step.kind);
    let Some(nightdesk::plan::Kind::Message(message)) = step else { panic!("{step:?}") };
    (served.tenant.name().to_owned(), message.max.as_secs())
}

fn of_length(minutes: u32, numbers: &[&str]) -> String {
    text("X", numbers).replace("3m", &format!("{minutes}m"))
}

const A: &str = "+493023125001";
const B: &str = "+493023125002";

/// Tenants, the older one first.
async fn two(f: &Fresh) -> (Tenant, Tenant) {
    let first = f.tenant("Praxis").await;
    let mut tx = f.db.write().await.unwrap();
    let new = NewTenant { name: "Kanzlei".into(), language: Language::De, timezone: "Europe/Berlin".into() };
    let second = tenant::store::create(&mut tx, &new, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    (first, second)
}

async fn lines_follow_rows(f: &Fresh) {
    let (first, second) = two(f).await;
    let config = config(f.dir.path(), &[("message-max", "4m")]);
    let mut plans = open(f, &config).await.unwrap();
    assert_eq!(answer(&plans, "123"), ("Praxis".to_owned(), 240), "the standard plan");
    apply(&f.db, &first, &of_length(1, &[A]), &by("", None), 0).await;
    apply(&f.db, &second, &of_length(2, &[B]), &by("", None), 0).await;
    plans.refresh(false).await.unwrap();
    let before = line(&plans, A);
    assert_eq!(answer(&plans, A), ("Praxis".to_owned(), 60));
    assert_eq!(answer(&plans, B), ("Kanzlei".to_owned(), 120));
    assert_eq!(answer(&plans, "anything else").0, "Praxis");

    // An override changes what the lines hold, and no plan is read again.
    let now = System::new().now().utc;
    let by_hand = Override::new(false, now, Utc(now.0 + 60_000), now, None, "Inhaber".into()).unwrap();
    set(&f.db, &second, &by_hand).await.unwrap();
    plans.refresh(false).await.unwrap();
    assert_eq!(line(&plans, B).line.setting.overrides.all(), [by_hand]);
    assert!(line(&plans, A).line.setting.overrides.all().is_empty());
    assert_eq!(plans.running().of(second.id()).unwrap().revision, Some(1));
    assert!(std::ptr::eq(&*line(&plans, A).line.setting.plan, &*before.line.setting.plan), "shared, not parsed again");

    // A number that moves, and one that goes.
    let mut tx = f.db.write().await.unwrap();
    assert!(tenant::store::remove_number(&mut tx, &second, B).await.unwrap());
    assert!(tenant::store::add_number(&mut tx, &first, B, START).await.unwrap());
    tx.commit().await.unwrap();
    plans.refresh(false).await.unwrap();
    assert_eq!(answer(&plans, B), ("Praxis".to_owned(), 60));
    // A call that runs keeps what it began with.
    assert_eq!(before.tenant.name(), "Praxis");
}

async fn a_plan_that_no_longer_checks_changes_nothing(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let config = config(f.dir.path(), &[]);
    apply(&f.db, &tenant, &of_length(1, &[A]), &by("", None), 0).await;
    let mut plans = open(f, &config).await.unwrap();
    // As when a prompt that it names is removed: what was good is not.
    f.raw("INSERT INTO plan_revision SELECT tenant, 2, '[line]\nopen = \"menu.gone\"\n', 'x', '', 0, 1, NULL FROM plan_revision; UPDATE line_change SET seq = seq + 1").await;
    plans.refresh(false).await.unwrap();
    assert_eq!(answer(&plans, A), ("Praxis".to_owned(), 60));
    let current = plans.running().of(tenant.id()).unwrap();
    assert_eq!(current.revision, Some(1));
    assert!(current.held_back.as_ref().unwrap().iter().any(|finding| finding.message.en.contains("menu.gone")));
    // A fresh start knows no last good one: it goes back until one is.
    let again = open(f, &config).await.unwrap();
    assert_eq!((answer(&again, A).1, again.running().of(tenant.id()).unwrap().revision), (60, Some(1)));
    // Without any good one the standard plan answers.
    f.raw("DELETE FROM plan_revision WHERE seq = 1").await;
    let again = open(f, &config).await.unwrap();
    assert_eq!((answer(&again, A).1, again.running().of(tenant.id()).unwrap().revision), (300, None));
    // And what is mended counts at once.
    apply(&f.db, &tenant, &of_length(2, &[A]), &by("", None), 9).await;
    plans.refresh(false).await.unwrap();
    let current = plans.running().of(tenant.id()).unwrap();
    assert_eq!((answer(&plans, A).1, current.revision, current.held_back.is_none()), (120, Some(3), true));
}

async fn another_process_is_heard(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut plans = open(f, &config(f.dir.path(), &[])).await.unwrap();
    let elsewhere = Db::open(&f.url).await.unwrap();
    let (mut changes, mut local) = (f.db.changes(), f.db.lines_watch());
    local.mark_unchanged();
    apply(&elsewhere, &tenant, &of_length(1, &[A]), &by("", None), 0).await;
    assert!(!local.has_changed().unwrap(), "not woken by others");
    plans.refresh(false).await.unwrap();
    let change = changes.try_recv().unwrap();
    assert_eq!((change.tenant, change.noun, change.id.as_str()), (tenant.id(), Noun::Plan, "1"));
    let now = System::new().now().utc;
    let by_hand = Override::new(true, now, Utc(now.0 + 60_000), now, None, "Inhaber".into()).unwrap();
    set(&elsewhere, &tenant, &by_hand).await.unwrap();
    plans.refresh(false).await.unwrap();
    assert_eq!(changes.try_recv().unwrap().noun, Noun::Opening);

    // Our own are told once, by their commit.
    apply(&f.db, &tenant, &of_length(2, &[A]), &by("", None), 1).await;
    assert!(local.has_changed().unwrap(), "woken at once");
    plans.refresh(false).await.unwrap();
    assert_eq!(changes.try_recv().unwrap().id, "2");
    assert!(changes.try_recv().is_err());
    let before = f.db.line_changes().await.unwrap();
    plans.refresh(false).await.unwrap();
    let mut tx = elsewhere.write().await.unwrap();
    let refused = revision::store::apply(&mut tx, &tenant, &draft(&of_length(3, &[])), &by("", Some(9)), START).await;
    assert_eq!(refused.unwrap(), Applied::Overtaken(2));
    drop(tx);
    assert_eq!(f.db.line_changes().await.unwrap(), before, "what is dropped never was");
    elsewhere.close().await;
    assert!(matches!(elsewhere.line_changes().await, Err(Error::Gone(_))));
}

#[tokio::test]
async fn plans_as_files() {
    let f = Fresh::sqlite().await;
    let (first, second) = two(&f).await;
    let mut tx = f.db.write().await.unwrap();
    tenant::store::add_number(&mut tx, &second, B, START).await.unwrap();
    tx.commit().await.unwrap();
    // Rows of plans do not count here.
    apply(&f.db, &first, &of_length(9, &[]), &by("", None), 0).await;
    let dir = f.dir.path().join("plans");
    let config = config(f.dir.path(), &[("plan-dir", dir.to_str().unwrap())]);
    assert!(open(&f, &config).await.is_err(), "no such directory");
    std::fs::create_dir(&dir).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    write("a.toml", &of_length(1, &[]));
    write("b.toml", &of_length(2, &[B]));
    write(".c.toml", "half");
    write("d.txt", "no plan");
    let mut plans = open(&f, &config).await.unwrap();
    assert_eq!(answer(&plans, A), ("Praxis".to_owned(), 60));
    assert_eq!(answer(&plans, B), ("Kanzlei".to_owned(), 120));
    assert_eq!(plans.running().of(second.id()).unwrap().file.as_deref(), Some("b.toml"));

    // Broken: the line goes on, and says so.
    write("b.toml", "[line]\nopen = \"menu.gone\"\n");
    plans.refresh(true).await.unwrap();
    assert_eq!(answer(&plans, B), ("Kanzlei".to_owned(), 120));
    assert!(plans.running().of(second.id()).unwrap().held_back.is_some());
    std::fs::write(dir.join("b.toml"), b"\xff\xfe").unwrap();
    plans.refresh(true).await.unwrap();
    assert_eq!(answer(&plans, B).1, 120);
    write("b.toml", &of_length(4, &[B]));
    plans.refresh(true).await.unwrap();
    assert_eq!(answer(&plans, B).1, 240);
    assert!(plans.running().of(second.id()).unwrap().held_back.is_none());

    // A second file for one number is left out, and so is one with numbers of two tenants.
    write("e.toml", &of_length(5, &[B]));
    let mut tx = f.db.write().await.unwrap();
    tenant::store::add_number(&mut tx, &first, A, START).await.unwrap();
    tx.commit().await.unwrap();
    write("f.toml", &of_length(6, &[A, B]));
    plans.refresh(true).await.unwrap();
    assert_eq!((answer(&plans, A).1, answer(&plans, B).1), (60, 240));
    // Further files of a tenant are for the numbers that they name.
    std::fs::remove_file(dir.join("f.toml")).unwrap();
    write("g.toml", &of_length(7, &["+493023125009"]));
    plans.refresh(true).await.unwrap();
    assert_eq!(answer(&plans, "+49 30 23125 009"), ("Praxis".to_owned(), 420));
    assert_eq!(answer(&plans, A).1, 60);
    // Without its file a tenant has the standard plan.
    std::fs::remove_file(dir.join("b.toml")).unwrap();
    std::fs::remove_file(dir.join("e.toml")).unwrap();
    plans.refresh(true).await.unwrap();
    assert_eq!(answer(&plans, B), ("Kanzlei".to_owned(), 300));
    // Broken from the start: callers are answered all the same.
    write("a.toml", "[line]\n");
    let plans = open(&f, &config).await.unwrap();
    assert_eq!(answer(&plans, "1"), ("Praxis".to_owned(), 420), "the other file of the tenant");
}

#[tokio::test]
async fn changes_are_followed() {
    let f = Fresh::sqlite().await;
    let tenant = f.tenant("Praxis").await;
    let dir = f.dir.path().join("plans");
    std::fs::create_dir(&dir).unwrap();
    let config = config(f.dir.path(), &[("plan-dir", dir.to_str().unwrap())]);
    let plans = open(&f, &config).await.unwrap();
    let (lines, mut changes) = (plans.lines(), f.db.changes());
    let stop = tokio_util::sync::CancellationToken::new();
    let task = plans.follow(stop.clone());
    std::fs::write(dir.join("a.toml"), of_length(1, &[A])).unwrap();
    let told = async { while changes.recv().await.unwrap().noun != Noun::Plan {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), told).await.expect("the file is seen");
    // The page may be told of the empty directory's standard plan first.
    let seen = async {
        while lines.load().of(A).unwrap().line.setting.plan.line.numbers != [A] {
            changes.recv().await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), seen).await.expect("the plan is followed");
    assert_eq!(lines.load().of(A).unwrap().tenant.id(), tenant.id());
    stop.cancel();
    task.await.unwrap();
}
