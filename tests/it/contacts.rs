//! Contacts: their rows on both engines, the lines that know them, and calls that go by them.

use std::sync::Arc;
use std::time::Duration;

use nightdesk::call::{Note, What};
use nightdesk::clock::System;
use nightdesk::config::{Config, Values};
use nightdesk::contact::sheet::{self, Row};
use nightdesk::contact::store::{self, Import, Imported};
use nightdesk::contact::{
    ALL_LISTS_MAX, CONTACTS_MAX, Card, Contact, Entry, Filter, Known, LIST_BYTES_MAX, Refused, Standing, list_name,
};
use nightdesk::db::{ChangeKind, Noun};
use nightdesk::hours::Override;
use nightdesk::ids::ContactId;
use nightdesk::opening;
use nightdesk::plan::{CheckContext, Plan, Severity, limits};
use nightdesk::revision::{self, Draft, Origin};
use nightdesk::run::lines::contact;
use nightdesk::run::plans::{self, Plans};
use nightdesk::run::voice::Voice;
use nightdesk::run::worker::Worker;
use nightdesk::sim::{Faults, Script, Weather, World, speech};
use nightdesk::sip::Invite;
use nightdesk::tenant::Tenant;

use crate::support::{Fresh, START, at};

both!(
    contacts_are_kept_found_and_removed,
    a_number_belongs_to_one,
    lists_come_in_pages_and_are_searched,
    limits_hold,
    files_are_imported,
    plans_may_name_lists_that_somebody_is_on,
    lines_know_contacts,
    calls_go_by_contacts,
    an_invite_names_a_contact_unless_it_is_withheld,
    fifty_thousand_are_loaded_once,
);

fn entry(name: &str, numbers: &[&str], lists: &[&str]) -> Entry {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Entry { name: name.into(), numbers: owned(numbers), lists: owned(lists), ..Entry::default() }
}

fn card(name: &str, numbers: &[&str], lists: &[&str]) -> Card {
    entry(name, numbers, lists).check().unwrap()
}

async fn add(f: &Fresh, tenant: &Tenant, card: &Card) -> Result<ContactId, Refused> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::add(&mut tx, tenant, card, START).await.unwrap();
    if done.is_ok() {
        tx.commit().await.unwrap();
    }
    done
}

async fn update(f: &Fresh, tenant: &Tenant, id: ContactId, card: &Card) -> Result<(), Refused> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::update(&mut tx, tenant, id, card, None, at(9)).await.unwrap();
    if done.is_ok() {
        tx.commit().await.unwrap();
    }
    done
}

async fn remove(f: &Fresh, tenant: &Tenant, id: ContactId) -> bool {
    let mut tx = f.db.write().await.unwrap();
    let done = store::remove(&mut tx, tenant, id, None, at(9)).await.unwrap();
    tx.commit().await.unwrap();
    done.is_ok()
}

const A: &str = "+493023125041";
const B: &str = "+493023125042";
const C: &str = "+493023125043";
/// Who rings first in the simulation.
const RINGS: &str = "+4930231000000";

async fn contacts_are_kept_found_and_removed(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let before = f.db.line_changes().await.unwrap();
    let mut changes = f.db.changes();
    let note = "ruft oft an\nund lange".to_owned();
    let muster = Entry { note, vip: true, ..entry("Küche Süd", &[B, "030 23125041"], &["stamm", "aerzte"]) };
    let id = add(f, &tenant, &muster.check().unwrap()).await.unwrap();
    assert!(f.db.line_changes().await.unwrap() > before, "lines read again");
    let change = changes.try_recv().unwrap();
    assert_eq!((change.noun, change.id, change.kind), (Noun::Contact, id.to_string(), ChangeKind::Created));

    let kept = store::get(&f.db, &tenant, id).await.unwrap().unwrap();
    assert_eq!((kept.card.name.as_str(), kept.card.note.as_str()), ("Küche Süd", "ruft oft an\nund lange"));
    assert_eq!(
        (&kept.card.numbers[..], &kept.card.lists[..]),
        (&[B, A].map(String::from)[..], &["aerzte", "stamm"].map(String::from)[..])
    );
    assert_eq!((kept.card.vip, kept.card.blocked, kept.created_at), (true, false, START));
    let found = |number: &'static str| store::by_number(&f.db, &tenant, number);
    assert_eq!(found("0049 (0)30 23125-041").await.unwrap(), Some(kept.clone()));
    assert_eq!(found(C).await.unwrap(), None);
    let names = store::names(&f.db, &tenant, &[A, C, B].map(String::from)).await.unwrap();
    assert_eq!((names.len(), names[A].as_str()), (2, "Küche Süd"));
    assert_eq!(store::lists(&f.db, &tenant).await.unwrap(), ["aerzte", "stamm"].map(String::from).into());

    // Nothing of it is another tenant's.
    assert_eq!(store::get(&f.db, &other, id).await.unwrap(), None);
    assert_eq!(store::by_number(&f.db, &other, A).await.unwrap(), None);
    assert!(store::names(&f.db, &other, &[A.to_owned()]).await.unwrap().is_empty());
    assert!(store::lists(&f.db, &other).await.unwrap().is_empty());
    assert!(store::all_for_lines(&f.db, &other).await.unwrap().is_empty());
    assert!(store::list(&f.db, &other, &Filter::default()).await.unwrap().0.is_empty());
    assert_eq!(update(f, &other, id, &card("X", &[C], &[])).await, Err(Refused::Gone));
    assert!(!remove(f, &other, id).await);
    assert_eq!(store::get(&f.db, &tenant, id).await.unwrap(), Some(kept), "untouched");

    update(f, &tenant, id, &card("Küche", &[C], &["stamm"])).await.unwrap();
    let kept = store::get(&f.db, &tenant, id).await.unwrap().unwrap();
    assert_eq!((kept.card, kept.changed_at), (card("Küche", &[C], &["stamm"]), at(9)));
    assert_eq!(store::by_number(&f.db, &tenant, A).await.unwrap(), None);
    assert!(remove(f, &tenant, id).await);
    assert!(!remove(f, &tenant, id).await, "once");
    for table in ["contact", "contact_number", "contact_list"] {
        let count: &'static str = format!("SELECT 'x' FROM {table}").leak();
        assert!(f.texts(count).await.is_empty(), "{table} keeps nothing of who was removed");
    }
}

async fn a_number_belongs_to_one(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let first = add(f, &tenant, &card("Apotheke", &[A], &[])).await.unwrap();
    let taken = Refused::Taken { number: A.into(), by: "Apotheke".into() };
    assert_eq!(add(f, &tenant, &card("Blumenladen", &[B, A], &[])).await, Err(taken.clone()));
    let second = add(f, &tenant, &card("Blumenladen", &[B], &[])).await.unwrap();
    assert_eq!(update(f, &tenant, second, &card("Blumenladen", &[B, A], &[])).await, Err(taken));
    assert_eq!(update(f, &tenant, first, &card("Apotheke neu", &[A, C], &[])).await, Ok(()), "its own is no hindrance");
    assert!(add(f, &other, &card("Apotheke", &[A], &[])).await.is_ok(), "another tenant knows them too");
    // Two at once: one is told.
    let one = card("X", &["+493023125050"], &[]);
    let (a, b) = tokio::join!(add(f, &tenant, &one), add(f, &tenant, &one));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

fn names(contacts: &[Contact]) -> Vec<&str> {
    contacts.iter().map(|contact| contact.card.label()).collect()
}

async fn lists_come_in_pages_and_are_searched(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    for (name, number, list) in [
        ("Zentrale", "+493023125001", "stamm"),
        ("Öl & Söhne", "+493023125002", "stamm"),
        ("100%_Ig!", "+493023125003", "neu"),
        ("Straßenbau", "+493023125004", "stamm"),
        ("", "+493023125005", "neu"),
        ("ol & sohne", "+493023125006", "neu"),
    ] {
        add(f, &tenant, &card(name, &[number], &[list])).await.unwrap();
    }
    let mut filter = Filter { limit: 2, ..Filter::default() };
    let mut all = Vec::new();
    loop {
        let (page, next) = store::list(&f.db, &tenant, &filter).await.unwrap();
        assert!(page.len() <= 2);
        all.extend(page);
        let Some(next) = next else { break };
        filter.after = Some(next.to_string().parse().unwrap());
    }
    let order: Vec<String> = names(&all).iter().map(|name| name.to_lowercase().replace('ö', "o")).collect();
    assert_eq!(order, ["+493023125005", "100%_ig!", "ol & sohne", "ol & sohne", "straßenbau", "zentrale"]);
    assert!(all.iter().all(|contact| contact.card.numbers.len() == 1 && contact.card.lists.len() == 1));

    let found = |search: &str, list: Option<&str>| {
        let filter = Filter { search: search.into(), list: list.map(str::to_owned), ..Filter::default() };
        let tenant = tenant.clone();
        async move {
            let (found, _) = store::list(&f.db, &tenant, &filter).await.unwrap();
            found.iter().map(|contact| contact.card.label().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("strassenb", None).await, ["Straßenbau"]);
    assert_eq!(found("STRASS", None).await, ["Straßenbau"]);
    assert_eq!(found("SÖHNE", None).await.len(), 2);
    assert_eq!(found("%", None).await, ["100%_Ig!"], "no sign of LIKE counts");
    assert_eq!(found("_", None).await, ["100%_Ig!"]);
    assert_eq!(found("!", None).await, ["100%_Ig!"]);
    assert_eq!(found("030 23125-004", None).await, ["Straßenbau"]);
    assert_eq!(found("125005", None).await, ["+493023125005"]);
    assert_eq!(found("", Some("stamm")).await, ["Öl & Söhne", "Straßenbau", "Zentrale"]);
    assert_eq!(found("sohne", Some("neu")).await, ["ol & sohne"]);
    assert_eq!(found("' OR 1=1 --", None).await, [""; 0]);
    assert_eq!(found("\0", Some("x")).await, [""; 0]);
}

async fn limits_hold(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut lists = 0;
    let mut number = 1_000;
    let refused = loop {
        let names: Vec<String> = (0..20).map(|n| format!("l{}", lists + n)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match add(f, &tenant, &card("", &[&format!("+49302312{number}")], &names)).await {
            Ok(_) => (lists, number) = (lists + 20, number + 1),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, Refused::Full(_)), "{refused}");
    assert_eq!(lists, ALL_LISTS_MAX);
    assert_eq!(store::lists(&f.db, &tenant).await.unwrap().len(), ALL_LISTS_MAX);
    // Of those that are there, more may be used.
    add(f, &tenant, &card("", &[A], &["l1"])).await.unwrap();
    fill(f, CONTACTS_MAX).await;
    let full = f.tenant_of("Viele").await;
    let refused = add(f, &full, &card("", &[A], &[])).await.unwrap_err();
    assert!(refused.to_string().contains("50,000 contacts"), "{refused}");
    // Lists are named as in plans.
    assert_eq!(LIST_BYTES_MAX, limits::NAME_MAX);
    let longest = list_name(&"ab_-9".repeat(12)).unwrap();
    let text = format!(
        "[line]\nopen = \"message.a\"\n[rule.r]\ncaller = \"list:{longest}\"\nto = \"message.a\"\n[message.a]\n"
    );
    assert!(Plan::parse(&text, &CheckContext::default()).plan.is_some());
}

/// A tenant with so many contacts, made by one statement.
async fn fill(f: &Fresh, contacts: u64) {
    f.tenant("Viele").await;
    let tenant = "(SELECT id FROM tenant WHERE name = 'Viele')";
    let id = "'0199d2d1-3f00-7000-8000-' || CAST(100000000000 + n AS TEXT)";
    let many = format!(
        "WITH RECURSIVE many (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM many WHERE n + 1 < {contacts}) \
         INSERT INTO"
    );
    let rows = format!(
        "{many} contact (id, tenant, name, note, vip, blocked, sort, sought, created_at, changed_at) SELECT {id}, {tenant}, 'Kunde ' || n, '', n % 2, 0, 'kunde ' || n, 'kunde ' || n, 0, 0 FROM many;
         {many} contact_number SELECT {tenant}, '+4930' || CAST(10000000 + n AS TEXT), {id}, 0 FROM many;
         {many} contact_list SELECT {tenant}, 'gruppe-' || (n % 7), {id} FROM many;
         INSERT INTO contact_change SELECT {tenant}, 1; UPDATE line_change SET seq = seq + 1;"
    );
    f.raw(rows.leak()).await;
}

fn rows(text: &str) -> Vec<Row> {
    let sheet = sheet::read(text.as_bytes()).unwrap();
    assert_eq!(sheet.bad, []);
    sheet.rows
}

async fn import(f: &Fresh, tenant: &Tenant, text: &str) -> Vec<Imported> {
    let mut tx = f.db.write().await.unwrap();
    let mut import = Import::begin(&mut tx, tenant).await.unwrap();
    let mut done = Vec::new();
    for row in rows(text) {
        done.push(import.row(&row, START).await.unwrap());
    }
    tx.commit().await.unwrap();
    done
}

async fn files_are_imported(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let first = format!("name;number;list;vip;note\nApotheke;{A};stamm;ja;eins\nBlumenladen;{B};;;\n");
    assert_eq!(import(f, &tenant, &first).await, [Imported::Added, Imported::Added]);
    assert_eq!(import(f, &tenant, &first).await, [Imported::Same, Imported::Same], "a second time nothing changes");
    // What a row does not say stays; what it says counts.
    let more = format!("name;number;list;vip;blocked\n;{A}, {C};neu;;x\nBlumenladen Nord;{B};;nein;\n");
    assert_eq!(import(f, &tenant, &more).await, [Imported::Changed, Imported::Changed]);
    let anna = store::by_number(&f.db, &tenant, C).await.unwrap().unwrap().card;
    assert_eq!((anna.name.as_str(), anna.note.as_str(), anna.vip, anna.blocked), ("Apotheke", "eins", true, true));
    assert_eq!((anna.numbers.len(), anna.lists.join(" ").as_str()), (2, "neu stamm"));
    let between = import(f, &tenant, &format!("number\n\"{A},{B}\"\n")).await;
    let several = Refused::Several { one: "Apotheke".into(), other: "Blumenladen Nord".into() };
    assert_eq!(between, [Imported::Refused(several)]);
    // Two rows can make one contact too large.
    let full: Vec<String> = (10..29).map(|n| format!("+4930231250{n}")).collect();
    let grown = import(f, &tenant, &format!("number\n\"{A},{}\"\n", full.join(","))).await;
    assert!(matches!(&grown[..], [Imported::Refused(Refused::Bad(_))]), "{grown:?}");
    let (all, _) = store::list(&f.db, &tenant, &Filter::default()).await.unwrap();
    let mut table = Vec::new();
    sheet::write(&mut table, &all).unwrap();
    assert_eq!(import(f, &tenant, &String::from_utf8(table).unwrap()).await, [Imported::Same, Imported::Same]);
}

const RULES: &str = r#"
[line]
numbers  = ["+493023125000"]
open     = "message.alle"

[rule.gesperrt]
caller   = "blocked"
to       = "hangup.weg"

[rule.stamm]
caller   = "list:stamm"
to       = "message.stamm"

[rule.wichtig]
caller   = "vip"
to       = "message.wichtig"

[rule.fremd]
caller   = "unknown"
to       = "message.fremd"

[message.alle]
[message.stamm]
[message.wichtig]
[message.fremd]
[hangup.weg]
"#;

async fn plans_may_name_lists_that_somebody_is_on(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    add(f, &tenant, &card("Apotheke", &[A], &["stam"])).await.unwrap();
    let known = plans::known().unwrap();
    let context = revision::store::context(&f.db, &tenant, &known, START).await.unwrap();
    let (draft, findings) = Draft::check(RULES, &context);
    let found: Vec<_> = findings.iter().filter(|finding| finding.code == "P107").collect();
    assert_eq!(found.len(), 1, "{findings:?}");
    assert_eq!(found[0].severity, Severity::Warning, "a list that empties later does not hold up a plan");
    assert!(found[0].help.as_ref().is_some_and(|help| help.en.contains("stam\"")), "{:?}", found[0]);
    assert!(draft.is_some());
    add(f, &tenant, &card("Blumenladen", &[B], &["stamm"])).await.unwrap();
    let context = revision::store::context(&f.db, &tenant, &known, START).await.unwrap();
    let (_, findings) = Draft::check(RULES, &context);
    assert!(findings.iter().all(|finding| finding.code != "P107"), "{findings:?}");
}

async fn apply(f: &Fresh, tenant: &Tenant) {
    let (draft, findings) = Draft::check(RULES, &plans::known().unwrap());
    let draft = draft.unwrap_or_else(|| panic!("{findings:?}"));
    let mut tx = f.db.write().await.unwrap();
    revision::store::apply(&mut tx, tenant, &draft, &Origin::default(), START).await.unwrap();
    tx.commit().await.unwrap();
}

async fn open(f: &Fresh) -> Plans {
    let find = |name: &str| (name == "data").then(|| f.dir.path().display().to_string());
    let config = Config::read(&Values::gather(None, |_| None, find).unwrap()).unwrap();
    let voice = Voice::start(&f.dir.path().join("voice"), Worker::of("/nowhere/nightdesk".into(), 1));
    Plans::open(&f.db, &config, System::new(), voice).await.unwrap()
}

fn known(plans: &Plans) -> Arc<Known> {
    Arc::clone(&plans.lines().load().of("+493023125000").expect("a line").contacts)
}

/// Somebody rings the line as it is now; where the plan sends them first.
fn rings(plans: &Plans) -> String {
    let served = plans.lines().load().of("+493023125000").expect("a line");
    let mut world = World::new(7, Weather::FAIR, Faults::default());
    world.house.line_mut().setting = served.line.setting.clone();
    let standing = served.contacts.of(RINGS).map(contact);
    world.house.contacts = standing.into_iter().map(|standing| (RINGS.to_owned(), standing)).collect();
    let caller = world.ring(Script::default(), speech(1, 3000));
    assert!(world.settle(Duration::from_secs(3 * 3600)), "the call never ends");
    assert_eq!(world.callers[caller].caller_id(), RINGS);
    let step = |note: &Note| match &note.what {
        What::Step { step, .. } => Some(step.clone()),
        _ => None,
    };
    world.house.records[RINGS].notes.iter().find_map(step).expect("a step")
}

/// As the SIP thread asks it, from the INVITE alone.
async fn an_invite_names_a_contact_unless_it_is_withheld(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    add(f, &tenant, &card("Apotheke", &["+493023125042"], &["stamm"])).await.unwrap();
    apply(f, &tenant).await;
    let plans = open(f).await;
    let served = plans.lines().load().of("+493023125000").expect("a line");
    let asks = |change: fn(&mut Invite)| {
        let mut invite = crate::call::invite(None);
        change(&mut invite);
        served.visitor(&invite, "+493023125000".into()).contact.map(|contact| contact.lists)
    };
    assert_eq!(asks(|_| ()), Some(vec!["stamm".to_owned()]));
    assert!(asks(|invite| invite.from_user = "030 23125-042".into()).is_some(), "in any form");
    assert_eq!(asks(|invite| invite.from_user = A.into()), None);
    assert_eq!(asks(|invite| invite.asserted = Some(A.into())), None, "the trunk's word goes before");
    assert_eq!(asks(|invite| invite.anonymous = true), None, "withheld is nobody's");
    assert_eq!(asks(|invite| invite.from_user = String::new()), None);
}

async fn calls_go_by_contacts(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    apply(f, &tenant).await;
    let mut plans = open(f).await;
    assert_eq!(rings(&plans), "message.fremd");
    let anna = entry("Apotheke", &[RINGS], &["stamm"]);
    let id = add(f, &tenant, &anna.clone().check().unwrap()).await.unwrap();
    assert_eq!(rings(&plans), "message.fremd", "lines are not read again yet");
    for (is, goes) in [
        (anna.clone(), "message.stamm"),
        (Entry { lists: vec![], vip: true, ..anna.clone() }, "message.wichtig"),
        (Entry { lists: vec!["neu".into()], ..anna.clone() }, "message.alle"),
        (Entry { blocked: true, ..anna }, "hangup.weg"),
    ] {
        update(f, &tenant, id, &is.check().unwrap()).await.unwrap();
        plans.refresh(false).await.unwrap();
        assert_eq!(rings(&plans), goes);
    }
}

async fn lines_know_contacts(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let anna = add(f, &tenant, &card("Apotheke", &[A], &["stamm"])).await.unwrap();
    apply(f, &tenant).await;
    let mut plans = open(f).await;
    let stands = |plans: &Plans, number: &str| known(plans).of(number).cloned();
    let stamm = Standing { lists: vec!["stamm".into()], ..Standing::default() };
    assert_eq!((stands(&plans, A), stands(&plans, B)), (Some(stamm.clone()), None));

    // What is no change of contacts leaves them where they are in memory.
    let before = known(&plans);
    let now = System::new().now().utc;
    let by_hand =
        Override::new(false, now, nightdesk::clock::Utc(now.0 + 60_000), now, None, "Inhaberin".into()).unwrap();
    let mut tx = f.db.write().await.unwrap();
    opening::store::set(&mut tx, &tenant, &by_hand).await.unwrap();
    tx.commit().await.unwrap();
    plans.refresh(false).await.unwrap();
    assert!(Arc::ptr_eq(&before, &known(&plans)));

    // Another tenant's contacts are neither this one's nor a reason to read this one's again.
    let other = f.tenant("Kanzlei").await;
    add(f, &other, &card("Apotheke", &[B], &["stamm"])).await.unwrap();
    plans.refresh(false).await.unwrap();
    assert!(Arc::ptr_eq(&before, &known(&plans)));

    let blocked = Entry { blocked: true, ..entry("Apotheke", &[A, B], &[]) };
    update(f, &tenant, anna, &blocked.check().unwrap()).await.unwrap();
    plans.refresh(false).await.unwrap();
    let unwanted = Standing { blocked: true, ..Standing::default() };
    assert_eq!((stands(&plans, A), stands(&plans, B)), (Some(unwanted.clone()), Some(unwanted)));
    assert_eq!(before.of(A), Some(&stamm), "a running call keeps what it began with");
    assert!(remove(f, &tenant, anna).await);
    plans.refresh(false).await.unwrap();
    assert!(known(&plans).is_empty());
}

async fn fifty_thousand_are_loaded_once(f: &Fresh) {
    fill(f, CONTACTS_MAX).await;
    let tenant = f.tenant_of("Viele").await;
    apply(f, &tenant).await;
    let begun = std::time::Instant::now();
    let mut plans = open(f).await;
    let loaded = begun.elapsed();
    let held = known(&plans);
    assert_eq!(held.len() as u64, CONTACTS_MAX);
    assert_eq!(held.kinds(), 14, "two marks by seven lists are shared by all");
    let last = Standing { vip: true, lists: vec!["gruppe-5".into()], ..Standing::default() };
    assert_eq!(held.of("+493010049999"), Some(&last));
    let bytes: usize = 50_000 * (13 + size_of::<(Box<str>, u32)>() * 2);
    eprintln!("50,000 contacts: lines opened in {loaded:?}, at most about {} KiB held", bytes / 1024);
    let mut tx = f.db.write().await.unwrap();
    nightdesk::tenant::store::add_number(&mut tx, &tenant, "+493023125001", START).await.unwrap();
    tx.commit().await.unwrap();
    let begun = std::time::Instant::now();
    plans.refresh(false).await.unwrap();
    eprintln!("lines read again without them in {:?}", begun.elapsed());
    assert!(Arc::ptr_eq(&held, &known(&plans)), "not read again");
}
