//! Contacts put together, taken apart and put back; recorded names; what there was with a number. Both engines.

use std::sync::Arc;

use nightdesk::call::Clips;
use nightdesk::callback::{self, By, ByHand};
use nightdesk::contact::store;
use nightdesk::contact::{Contact, Dropped, Entry, NAMES, NAMES_MS_MAX, NameRefused, NewNameClip, Refused, name_file};
use nightdesk::flow::{self, Setting, Visitor};
use nightdesk::history::{self, Of, Place, What};
use nightdesk::ids::{ContactId, Language, NameClipId};
use nightdesk::run::names;
use nightdesk::run::prompts::Libraries;
use nightdesk::run::sounds::Sounds;
use nightdesk::sip::Invite;
use nightdesk::tenant::Tenant;
use nightdesk::web::{Studio as _, contact_follows};

use crate::support::line::{self, FRIDAY_EVENING, Line};
use crate::support::{Fresh, START, at};

both!(
    several_become_one_and_are_put_back,
    numbers_become_a_contact_and_come_back,
    what_changed_since_is_not_undone,
    callbacks_follow,
    who_was_slower_is_told,
    names_are_confirmed_played_and_removed,
    a_history_is_one_list,
);

const A: &str = "+493023125041";
const B: &str = "+493023125042";
const C: &str = "+493023125043";
/// A month and a day.
const LATE: i64 = 31 * 24 * 3600;

fn entry(name: &str, numbers: &[&str]) -> Entry {
    let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
    Entry { name: name.into(), numbers, ..Entry::default() }
}

async fn add(f: &Fresh, tenant: &Tenant, entry: Entry) -> ContactId {
    let mut tx = f.db.write().await.unwrap();
    let id = store::add(&mut tx, tenant, &entry.check().unwrap(), START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

async fn get(f: &Fresh, tenant: &Tenant, id: ContactId) -> Option<Contact> {
    store::get(&f.db, tenant, id).await.unwrap()
}

async fn card(f: &Fresh, tenant: &Tenant, id: ContactId) -> Entry {
    get(f, tenant, id).await.unwrap().card.entry()
}

async fn merge(
    f: &Fresh,
    tenant: &Tenant,
    into: ContactId,
    from: &[ContactId],
) -> Result<nightdesk::contact::Merged, Refused> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::merge(&mut tx, tenant, into, from, "console", at(10)).await.unwrap();
    if let Ok(done) = &done {
        contact_follows(&mut tx, tenant, &done.follow, at(10)).await.unwrap();
        tx.commit().await.unwrap();
    }
    done
}

async fn undo(
    f: &Fresh,
    tenant: &Tenant,
    edit: nightdesk::ids::ContactEditId,
    seconds: i64,
) -> Result<nightdesk::contact::Undone, Refused> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::undo(&mut tx, tenant, edit, at(seconds)).await.unwrap();
    if let Ok(done) = &done {
        contact_follows(&mut tx, tenant, &done.follow, at(seconds)).await.unwrap();
        tx.commit().await.unwrap();
    }
    done
}

async fn several_become_one_and_are_put_back(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let lists = |list: &str| vec![list.to_owned()];
    let first = Entry { note: "ruft oft an".into(), lists: lists("stamm"), ..entry("Apotheke", &[A]) };
    let second = Entry {
        note: "Notdienst".into(),
        lists: lists("neu"),
        vip: true,
        blocked: true,
        language: Some(Language::En),
        mail: vec!["apo@example.org".into()],
        ..entry("Apotheke Nord", &[B, C])
    };
    let (into, from) = (add(f, &tenant, first.clone()).await, add(f, &tenant, second.clone()).await);
    assert_eq!(merge(f, &other, into, &[from]).await, Err(Refused::Gone));
    assert_eq!(merge(f, &tenant, into, &[into]).await, Err(Refused::Alone));
    assert_eq!(merge(f, &tenant, into, &[]).await, Err(Refused::Alone));

    let done = merge(f, &tenant, into, &[from]).await.unwrap();
    let one = card(f, &tenant, into).await;
    assert_eq!((one.name.as_str(), one.note.as_str()), ("Apotheke", "ruft oft an\nNotdienst"));
    assert_eq!((one.numbers.join(" "), one.lists.join(" ")), (format!("{A} {B} {C}"), "neu stamm".into()));
    assert_eq!((one.vip, one.blocked, one.language), (false, false, Some(Language::En)), "its own marks stay");
    assert_eq!(done.dropped, [Dropped::Name("Apotheke Nord".into()), Dropped::Vip, Dropped::Blocked]);
    assert_eq!(get(f, &tenant, from).await, None);
    assert_eq!(store::by_number(&f.db, &tenant, B).await.unwrap().unwrap().id, into);

    assert_eq!(undo(f, &other, done.edit, 20).await, Err(Refused::NoEdit), "another tenant's");
    assert_eq!(undo(f, &tenant, done.edit, LATE).await, Err(Refused::NoEdit), "too late");
    let back = undo(f, &tenant, done.edit, 20).await.unwrap();
    assert_eq!(back.contacts, [into, from]);
    let kept = |entry: Entry| entry.check().unwrap().entry();
    assert_eq!((card(f, &tenant, into).await, card(f, &tenant, from).await), (kept(first), kept(second)));
    assert_eq!(get(f, &tenant, from).await.unwrap().created_at, START);
    assert_eq!(undo(f, &tenant, done.edit, 21).await, Err(Refused::Undone));
    let edits = store::edits(&f.db, &tenant, at(30), 9).await.unwrap();
    assert_eq!((edits.len(), edits[0].undone_at), (1, Some(at(20))));
    assert!(store::edits(&f.db, &other, at(30), 9).await.unwrap().is_empty());
}

async fn numbers_become_a_contact_and_come_back(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let whole = Entry { blocked: true, note: "laut".into(), lists: vec!["stamm".into()], ..entry("Haus", &[A, B, C]) };
    let id = add(f, &tenant, whole.clone()).await;
    let split = async |of: &Tenant, numbers: &[&str], name| {
        let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
        let mut tx = f.db.write().await.unwrap();
        let done = store::split(&mut tx, of, id, &numbers, name, "console", at(10)).await.unwrap();
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done
    };
    assert_eq!(split(&other, &[A], None).await, Err(Refused::Gone));
    assert_eq!(split(&tenant, &[A, B, C], None).await, Err(Refused::Whole));
    assert_eq!(split(&tenant, &["+493023125099"], None).await, Err(Refused::NotIts("+493023125099".into())));
    assert!(matches!(split(&tenant, &[], None).await, Err(Refused::Bad(_))));
    let done = split(&tenant, &["030 23125-043"], Some("Keller")).await.unwrap();
    let new = done.contact.card.entry();
    assert_eq!((new.name.as_str(), new.numbers.join(" ")), ("Keller", C.to_owned()));
    assert!(new.blocked, "who was not wanted gets through by no split");
    assert_eq!((new.note.as_str(), new.lists.join(" ")), ("", "stamm".into()));
    assert_eq!(card(f, &tenant, id).await.numbers, [A, B]);
    undo(f, &tenant, done.edit, 20).await.unwrap();
    assert_eq!(card(f, &tenant, id).await, whole.check().unwrap().entry());
    assert_eq!(get(f, &tenant, done.contact.id).await, None);
}

async fn what_changed_since_is_not_undone(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let (into, from) = (add(f, &tenant, entry("Eins", &[A])).await, add(f, &tenant, entry("Zwei", &[B])).await);
    let done = merge(f, &tenant, into, &[from]).await.unwrap();
    let mut tx = f.db.write().await.unwrap();
    let changed = Entry { name: "Neu".into(), ..card(f, &tenant, into).await };
    store::update(&mut tx, &tenant, into, &changed.check().unwrap(), None, at(11)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let refused = undo(f, &tenant, done.edit, 20).await.unwrap_err();
    assert!(refused.to_string().contains("changed since"), "{refused}");
    assert_eq!(card(f, &tenant, into).await.name, "Neu", "nothing was lost");
    let mut tx = f.db.write().await.unwrap();
    store::remove(&mut tx, &tenant, into, None, at(12)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(undo(f, &tenant, done.edit, 20).await, Err(Refused::Since { .. })));
}

fn by_hand(number: &str) -> ByHand {
    ByHand {
        number: Some(number.into()),
        leave: None,
        name: String::new(),
        matter: Some("heizung".into()),
        language: Language::De,
        urgent: false,
        note: String::new(),
        promise: None,
    }
}

async fn callback(f: &Fresh, tenant: &Tenant, number: &str) -> nightdesk::ids::CallbackId {
    let mut tx = f.db.write().await.unwrap();
    let rules = callback::Rules::default();
    let made = callback::store::add(&mut tx, tenant, &rules, &by_hand(number), By::Console, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    made.unwrap().id
}

async fn callbacks_follow(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let (into, from) = (add(f, &tenant, entry("Eins", &[A])).await, add(f, &tenant, entry("Zwei", &[B])).await);
    let entry = callback(f, &tenant, B).await;
    let whose = async || callback::store::get(&f.db, &tenant, entry).await.unwrap().unwrap().contact;
    assert_eq!(whose().await, Some(from));
    merge(f, &tenant, into, &[from]).await.unwrap();
    assert_eq!(whose().await, Some(into));
}

async fn who_was_slower_is_told(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = add(f, &tenant, entry("Eins", &[A])).await;
    let write = async |name: &str, seen| {
        let mut tx = f.db.write().await.unwrap();
        let card = entry(name, &[A]).check().unwrap();
        let done = store::update(&mut tx, &tenant, id, &card, seen, at(2)).await.unwrap();
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done
    };
    assert_eq!(get(f, &tenant, id).await.unwrap().version, 1);
    assert_eq!(write("Zwei", Some(1)).await, Ok(()));
    assert_eq!(write("Drei", Some(1)).await, Err(Refused::Changed { by: "Zwei".into() }));
    let mut tx = f.db.write().await.unwrap();
    assert!(store::remove(&mut tx, &tenant, id, Some(1), at(2)).await.unwrap().is_err());
    drop(tx);
    assert_eq!(write("Drei", None).await, Ok(()));
    assert_eq!(get(f, &tenant, id).await.unwrap().version, 3);
}

async fn confirm(f: &Fresh, tenant: &Tenant, id: ContactId, clip: NameClipId) -> Option<Result<(), NameRefused>> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::confirm_name(&mut tx, tenant, id, clip, at(5)).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn names_are_confirmed_played_and_removed(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let id = add(f, &tenant, Entry { language: Some(Language::En), ..entry("Beispiel", &[A]) }).await;
    let clock = nightdesk::clock::System::new();
    let studio = crate::prompts::studio(f, clock);
    let by = nightdesk::person::Actor::Console;
    let wav = crate::prompts::speech_file();
    assert_eq!(studio.name_upload(&other, by, id, wav.clone(), "").await.unwrap(), None, "another tenant's");
    let folder = f.dir.path().join(NAMES);
    let files = || std::fs::read_dir(&folder).map_or(0, |files| files.count());
    assert_eq!(files(), 0, "nothing is left of it");
    let clip = studio.name_upload(&tenant, by, id, wav, "Guten Tag, Frau Beispiel.").await.unwrap().unwrap();
    assert!(folder.join(name_file(clip.id)).is_file());

    // Nobody hears it before an owner has confirmed this very recording.
    let sounds = Arc::new(Sounds::open().unwrap());
    let libraries = Libraries::new(sounds, f.dir.path());
    let library = libraries.of(tenant.id());
    let standing = async || store::all_for_lines(&f.db, &tenant).await.unwrap().of(A).cloned().unwrap();
    libraries.reload_all(&f.db).await.unwrap();
    assert!(library.name(clip.id).is_none());
    assert_eq!((standing().await.name_clip, standing().await.language), (None, Some(Language::En)));
    assert_eq!(confirm(f, &other, id, clip.id).await, None);
    let another = NameClipId::new(at(1), [7; 10]);
    assert_eq!(confirm(f, &tenant, id, another).await, Some(Err(NameRefused::Another)));
    let version = get(f, &tenant, id).await.unwrap().version;
    assert_eq!(confirm(f, &tenant, id, clip.id).await, Some(Ok(())));
    assert_eq!(get(f, &tenant, id).await.unwrap().version, version + 1);
    libraries.reload_all(&f.db).await.unwrap();
    assert!(library.name(clip.id).is_some());
    assert!(libraries.of(other.id()).name(clip.id).is_none());
    assert_eq!(standing().await.name_clip, Some(clip.id));

    // Who is not wanted is greeted by no name.
    let mut tx = f.db.write().await.unwrap();
    let blocked = Entry { blocked: true, ..card(f, &tenant, id).await };
    store::update(&mut tx, &tenant, id, &blocked.check().unwrap(), None, at(6)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    libraries.reload_all(&f.db).await.unwrap();
    assert!(library.name(clip.id).is_none());
    assert_eq!(standing().await.name_clip, None);

    // A merge keeps it for an undo; with the contact it goes.
    let into = add(f, &tenant, entry("Haus", &[B])).await;
    let done = merge(f, &tenant, into, &[id]).await.unwrap();
    assert!(done.dropped.contains(&Dropped::NameClip("Beispiel".into())));
    let old = std::time::UNIX_EPOCH;
    names::tidy(&f.db, f.dir.path(), at(20), old).await.unwrap();
    assert_eq!(files(), 1);
    undo(f, &tenant, done.edit, 30).await.unwrap();
    assert!(get(f, &tenant, id).await.unwrap().name_clip.is_some_and(|clip| clip.confirmed));
    let mut tx = f.db.write().await.unwrap();
    store::remove(&mut tx, &tenant, id, None, at(40)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    names::tidy(&f.db, f.dir.path(), at(41), old).await.unwrap();
    assert_eq!(files(), 0);
    assert!(!store::has_name(&f.db, clip.id).await.unwrap());

    // What is held in memory has a limit.
    for (seq, number) in [(1_u8, A), (2, C)] {
        let id = add(f, &tenant, entry("", &[number])).await;
        let clip = NewNameClip {
            id: NameClipId::new(at(50), [seq; 10]),
            transcript: String::new(),
            duration_ms: NAMES_MS_MAX - 1,
            sha256: String::new(),
            author: "console".into(),
            at: at(50),
        };
        let mut tx = f.db.write().await.unwrap();
        assert!(store::set_name(&mut tx, &tenant, id, &clip).await.unwrap());
        tx.commit().await.unwrap();
        let expected = if seq == 1 { Ok(()) } else { Err(NameRefused::TooMuch) };
        assert_eq!(confirm(f, &tenant, id, clip.id).await, Some(expected));
    }
}

async fn a_history_is_one_list(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    // Whoever `support::call` is.
    let caller = "+4915112345678";
    let id = add(f, &tenant, entry("Werkstatt", &[caller, A])).await;
    let message = f.message(&tenant, 100).await;
    f.message(&other, 101).await;
    let entry = callback(f, &tenant, A).await;
    let mut tx = f.db.write().await.unwrap();
    let note = callback::Act::Note("ruft um zehn zurück".into());
    callback::store::act(&mut tx, &tenant, entry, By::Console, &note, None, at(300)).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    let all = async |tenant: &Tenant, of: Of| {
        let (mut found, mut before) = (Vec::new(), Place::newest());
        loop {
            let (page, next) = history::store::page(&f.db, tenant, &of, &before, 1).await.unwrap();
            assert!(page.len() <= 1);
            found.extend(page);
            let Some(next) = next else { return found };
            before = next.to_string().parse().unwrap();
        }
    };
    let kinds = |moments: &[history::Moment]| -> Vec<&str> {
        let kind = |moment: &history::Moment| match &moment.what {
            What::Call { .. } => "call",
            What::Message { .. } => "message",
            What::Callback { .. } => "callback",
            What::Attempt { .. } => "attempt",
            What::Promise { .. } => "promise",
            What::Note { .. } => "note",
        };
        moments.iter().map(kind).collect()
    };
    let whole = all(&tenant, Of::Contact(id)).await;
    let told = kinds(&whole);
    assert_eq!((told[0], told.len(), told[3]), ("note", 4, "callback"), "{whole:?}");
    assert!(whole.windows(2).all(|pair| pair[0].at >= pair[1].at));
    assert!(matches!(&whole[0].what, What::Note { text, .. } if text == "ruft um zehn zurück"), "{whole:?}");
    assert!(whole.iter().any(|moment| matches!(&moment.what, What::Message { id, .. } if *id == message)));
    let number = all(&tenant, Of::Number(caller.into())).await;
    assert_eq!(kinds(&number).len(), 2, "{number:?}");
    assert_eq!(kinds(&all(&tenant, Of::Number(A.into())).await), ["note"; 0], "an entry of a contact is the contact's");
    assert!(all(&other, Of::Contact(id)).await.is_empty(), "another tenant's");
    assert_eq!(all(&other, Of::Number(caller.into())).await.len(), 2, "its own only");
    assert!(all(&tenant, Of::Number(String::new())).await.is_empty(), "withheld is nobody's");
}

fn greeted(change: fn(&mut Visitor)) -> String {
    let name_clip = Some(NameClipId::new(START, [1; 10]));
    let contact = flow::Contact { name_clip, ..flow::Contact::default() };
    let mut visitor = Visitor { trusted: true, contact: Some(contact), ..line::somebody() };
    change(&mut visitor);
    let plan =
        "[line]\nopen = \"menu.a\"\n[menu.a]\nsay = \"wahl\"\nkey.1 = \"message.a\"\n[message.a]\nsay = \"sprich\"\n";
    let mut line = Line::answered(Setting::of(line::plan(plan), "Nightdesk"), visitor, FRIDAY_EVENING);
    let first = line.sees();
    assert!(!line.presses('1').sees().contains("<name>"), "once");
    first
}

#[test]
fn a_name_is_said_where_the_number_is_proven_and_nowhere_else() {
    assert_eq!(greeted(|_| ()), "says <name>+wahl");
    assert_eq!(greeted(|visitor| visitor.trusted = false), "says wahl", "anybody can write a From");
    assert_eq!(greeted(|visitor| visitor.caller = None), "says wahl", "withheld");
    assert_eq!(greeted(|visitor| visitor.contact.as_mut().unwrap().blocked = true), "says wahl");
    assert_eq!(greeted(|visitor| visitor.contact.as_mut().unwrap().name_clip = None), "says wahl");
    assert_eq!(greeted(|visitor| visitor.contact = None), "says wahl");
}

#[test]
fn a_call_begins_in_the_callers_language_where_the_line_speaks_it() {
    let begins = |languages: &str, theirs| {
        let text = format!(
            "[line]\nlanguage = {languages}\nopen = \"say.a\"\n[say.a]\nsay.de = \"gruss\"\nsay.en = \"hello\"\n"
        );
        let contact = flow::Contact { language: theirs, ..flow::Contact::default() };
        let visitor = Visitor { contact: Some(contact), ..line::somebody() };
        Line::answered(Setting::of(line::plan(&text), "Nightdesk"), visitor, FRIDAY_EVENING).sees()
    };
    assert_eq!(begins("[\"de\", \"en\"]", Some(Language::En)), "says hello");
    assert_eq!(begins("[\"de\", \"en\"]", None), "says gruss");
    assert_eq!(begins("[\"de\"]", Some(Language::En)), "says gruss");
}

#[test]
fn a_number_is_proven_by_the_trunk_and_withheld_is_nobodys() {
    let knows = |number: &str| (number == B).then(flow::Contact::default);
    let visits = |from_is_checked, change: fn(&mut Invite)| {
        let mut invite = crate::call::invite(None);
        change(&mut invite);
        let visitor = nightdesk::call::visitor(&invite, "+493023125000".into(), from_is_checked, knows);
        (visitor.trusted, visitor.contact.is_some())
    };
    let asserted: fn(&mut Invite) = |invite| invite.asserted = Some(B.into());
    let withheld: fn(&mut Invite) = |invite| {
        invite.asserted = Some(B.into());
        invite.anonymous = true;
    };
    assert_eq!(visits(false, |_| ()), (false, true));
    assert_eq!(visits(true, |_| ()), (true, true));
    assert_eq!(visits(false, asserted), (true, true));
    assert_eq!(visits(true, withheld), (false, false));
}
