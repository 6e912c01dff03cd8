//! Rows of versions, on SQLite and on PostgreSQL.

use nightdesk::db::{ChangeKind, Noun};
use nightdesk::ids::{Language, PromptVersionId};
use nightdesk::prompt::store::{self, KeepError};
use nightdesk::prompt::{
    CURRENT_MS_MAX, KEPT_MS_MAX, NewVersion, PROMPTS_MAX, Place, Refusal, Source, VERSIONS_MAX, Version,
};
use nightdesk::tenant::Tenant;

use crate::support::{Fresh, at};

macro_rules! both {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        #[tokio::test]
        async fn sqlite() { super::$name(&crate::support::Fresh::sqlite().await).await }
        #[tokio::test]
        async fn postgres() { super::$name(&crate::support::Fresh::postgres().await).await }
    })+ };
}

both!(
    versions_come_go_and_come_back,
    foreign_tenants_see_and_change_nothing,
    old_versions_go,
    limits_of_a_tenant,
    many_at_once_leave_one_current,
    steps_of_the_schema_come_in_either_order,
);

fn place(id: &str) -> Place {
    Place { language: Language::De, prompt: id.parse().unwrap() }
}

fn new(place: &Place, seconds: i64) -> NewVersion {
    NewVersion {
        id: PromptVersionId::new(at(seconds), rand::random()),
        place: place.clone(),
        source: Source::Upload,
        transcript: format!("Guten Tag, {seconds}."),
        duration_ms: 4000,
        level: -200,
        sha256: "ab".repeat(32),
        author: "console".to_owned(),
        at: at(seconds),
    }
}

async fn try_add(f: &Fresh, tenant: &Tenant, new: &NewVersion) -> Result<Version, KeepError> {
    let mut tx = f.db.write().await.unwrap();
    let version = store::add_version(&mut tx, tenant, new).await?;
    tx.commit().await.unwrap();
    Ok(version)
}

async fn add(f: &Fresh, tenant: &Tenant, new: &NewVersion) -> Version {
    try_add(f, tenant, new).await.unwrap()
}

async fn restore(f: &Fresh, tenant: &Tenant, place: &Place, id: PromptVersionId) -> Option<Version> {
    let mut tx = f.db.write().await.unwrap();
    let version = store::restore(&mut tx, tenant, place, id).await.unwrap();
    tx.commit().await.unwrap();
    version
}

async fn reset(f: &Fresh, tenant: &Tenant, place: &Place) -> bool {
    let mut tx = f.db.write().await.unwrap();
    let was = store::reset(&mut tx, tenant, place).await.unwrap();
    tx.commit().await.unwrap();
    was
}

async fn currents(f: &Fresh, tenant: &Tenant) -> Vec<PromptVersionId> {
    store::current_all(&f.db, tenant).await.unwrap().iter().map(|version| version.id).collect()
}

async fn versions_come_go_and_come_back(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let greeting = place("greeting");
    let mut changes = f.db.changes();
    let first = add(f, &tenant, &new(&greeting, 1)).await;
    assert_eq!((first.seq, first.current, first.transcript.as_str()), (1, true, "Guten Tag, 1."));
    let change = changes.recv().await.unwrap();
    assert_eq!((change.noun, change.id.as_str(), change.kind), (Noun::Prompt, "de/greeting", ChangeKind::Changed));
    let second = add(f, &tenant, &new(&greeting, 2)).await;
    let english = Place { language: Language::En, ..greeting.clone() };
    let other = add(f, &tenant, &new(&english, 3)).await;
    assert_eq!((second.seq, other.seq), (2, 1), "counted by prompt and language");
    assert_eq!(currents(f, &tenant).await, [second.id, other.id]);
    let versions = store::versions(&f.db, &tenant).await.unwrap();
    let first = Version { current: false, ..first };
    assert_eq!(versions, [second.clone(), first.clone(), other.clone()]);

    assert_eq!(restore(f, &tenant, &greeting, other.id).await, None, "of another prompt");
    assert_eq!(restore(f, &tenant, &greeting, first.id).await, Some(Version { current: true, ..first.clone() }));
    assert_eq!(currents(f, &tenant).await, [first.id, other.id]);
    assert!(reset(f, &tenant, &greeting).await);
    assert!(!reset(f, &tenant, &greeting).await, "nothing was current");
    assert_eq!(currents(f, &tenant).await, [other.id]);
    let history = store::history(&f.db, &tenant, &greeting).await.unwrap();
    assert_eq!(history, [Version { current: false, ..second.clone() }, first], "the versions stay");
    restore(f, &tenant, &greeting, second.id).await.unwrap();
    assert_eq!(store::get(&f.db, &tenant, second.id).await.unwrap(), Some(second));
}

async fn foreign_tenants_see_and_change_nothing(f: &Fresh) {
    let (owner, stranger) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let greeting = place("greeting");
    let version = add(f, &owner, &new(&greeting, 1)).await;
    assert_eq!(store::versions(&f.db, &stranger).await.unwrap(), []);
    assert_eq!(store::history(&f.db, &stranger, &greeting).await.unwrap(), []);
    assert_eq!(store::get(&f.db, &stranger, version.id).await.unwrap(), None);
    assert_eq!(currents(f, &stranger).await, []);
    assert_eq!(restore(f, &stranger, &greeting, version.id).await, None);
    assert!(!reset(f, &stranger, &greeting).await);
    let theirs = add(f, &stranger, &new(&greeting, 2)).await;
    assert_eq!(theirs.seq, 1);
    assert_eq!(currents(f, &owner).await, [version.id], "both have one");
    let all = store::current_of_all(&f.db).await.unwrap();
    assert_eq!((&all[&owner.id()], &all[&stranger.id()]), (&vec![version], &vec![theirs]));
}

async fn old_versions_go(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let greeting = place("greeting");
    let first = add(f, &tenant, &new(&greeting, 0)).await;
    let mut all = vec![first.id];
    for n in 1..VERSIONS_MAX as i64 {
        all.push(add(f, &tenant, &new(&greeting, n)).await.id);
    }
    // What callers hear is old, and not removed for it.
    restore(f, &tenant, &greeting, first.id).await.unwrap();
    assert_eq!(store::purge_due(&f.db).await.unwrap(), []);
    reset(f, &tenant, &greeting).await;
    restore(f, &tenant, &greeting, first.id).await.unwrap();
    let newest = add(f, &tenant, &new(&greeting, 99)).await;
    let due = store::purge_due(&f.db).await.unwrap();
    assert_eq!(due, [(first.id, format!("{}.wav", first.id))], "the oldest that is not current");
    let history = store::history(&f.db, &tenant, &greeting).await.unwrap();
    assert_eq!((history.len(), history[0].id, history[0].seq), (VERSIONS_MAX, newest.id, VERSIONS_MAX as u32 + 1));
    assert_eq!(restore(f, &tenant, &greeting, first.id).await, None, "its file may be gone");
    assert!(store::has_row(&f.db, first.id).await.unwrap());
    let mut tx = f.db.write().await.unwrap();
    store::purged(&mut tx, &[first.id, newest.id]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!store::has_row(&f.db, first.id).await.unwrap());
    assert!(store::has_row(&f.db, newest.id).await.unwrap(), "only those whose time is up");

    // By length: two prompts of many long versions.
    let long = |place: &Place, n: i64| NewVersion { duration_ms: CURRENT_MS_MAX / 3, ..new(place, n) };
    for n in 200..=200 + 3 * (KEPT_MS_MAX / CURRENT_MS_MAX) as i64 {
        add(f, &tenant, &long(&place(if n % 2 == 0 { "a" } else { "b" }), n)).await;
    }
    let kept: u64 = store::versions(&f.db, &tenant).await.unwrap().iter().map(|version| version.duration_ms).sum();
    assert!(kept <= KEPT_MS_MAX, "{kept}");
    assert_eq!(currents(f, &tenant).await.len(), 3);
}

async fn limits_of_a_tenant(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let half = NewVersion { duration_ms: CURRENT_MS_MAX / 2, ..new(&place("a"), 1) };
    let short = add(f, &tenant, &new(&place("b"), 2)).await;
    let a = add(f, &tenant, &half).await;
    let refused = try_add(f, &tenant, &NewVersion { duration_ms: CURRENT_MS_MAX / 2, ..new(&place("c"), 3) }).await;
    assert!(matches!(refused, Err(KeepError::Refused(Refusal::TooMuch))), "{refused:?}");
    // Instead of the one that is current there is room for as much.
    let again = NewVersion { duration_ms: CURRENT_MS_MAX - 5000, ..new(&place("a"), 4) };
    add(f, &tenant, &again).await;
    reset(f, &tenant, &place("a")).await;
    let c = NewVersion { duration_ms: CURRENT_MS_MAX / 2 + 1, ..new(&place("c"), 5) };
    add(f, &tenant, &c).await;
    let mut tx = f.db.write().await.unwrap();
    let refused = store::restore(&mut tx, &tenant, &place("a"), a.id).await;
    assert!(matches!(refused, Err(KeepError::Refused(Refusal::TooMuch))), "{refused:?}");
    drop(tx);
    assert_eq!(currents(f, &tenant).await, [short.id, c.id]);

    let mut tx = f.db.write().await.unwrap();
    for n in 3..PROMPTS_MAX as i64 {
        let tiny = NewVersion { duration_ms: 1, ..new(&place(&format!("p{n}")), n) };
        store::add_version(&mut tx, &tenant, &tiny).await.unwrap();
    }
    tx.commit().await.unwrap();
    let refused = try_add(f, &tenant, &new(&place("one-more"), 900)).await;
    assert!(matches!(refused, Err(KeepError::Refused(Refusal::TooManyPrompts))), "{refused:?}");
    add(f, &tenant, &new(&place("b"), 901)).await;
}

async fn many_at_once_leave_one_current(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let greeting = place("greeting");
    let news: Vec<NewVersion> = (0..12).map(|n| new(&greeting, n)).collect();
    let all = futures_util::future::join_all(news.iter().map(|new| add(f, &tenant, new))).await;
    let mut seqs: Vec<u32> = all.iter().map(|version| version.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=12).collect::<Vec<u32>>());
    let last = all.iter().max_by_key(|version| version.seq).unwrap();
    assert_eq!(currents(f, &tenant).await, [last.id]);
}

async fn steps_of_the_schema_come_in_either_order(f: &Fresh) {
    // As a database that was made before this step, by a program that had a later one.
    f.raw("DROP TABLE prompt_version").await;
    f.raw("DELETE FROM schema_step WHERE version = 3").await;
    let again = nightdesk::db::Db::open(&f.url).await.unwrap();
    let tenant = f.tenant("Praxis").await;
    assert_eq!(store::versions(&again, &tenant).await.unwrap(), []);
}
