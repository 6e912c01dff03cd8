//! Callbacks: rows on both engines, claims by many at once, clocks, figures.

use std::time::Duration;

use nightdesk::callback::store::{self, Arrived};
use nightdesk::callback::{
    Act, Arrival, Booked, By, ByHand, Callback, EventKind, Filter, Kind, Outcome, Place, PromiseKind, PromiseState,
    Promised, Reach, Refusal, Rules, Show, State, Waiting,
};
use nightdesk::clock::Utc;
use nightdesk::contact::{self, Entry};
use nightdesk::db::{ChangeKind, Noun};
use nightdesk::ids::{CallId, CallbackId, Language, MessageId, PersonId};
use nightdesk::tenant::Tenant;

use crate::support::{Fresh, START, at};

both!(
    an_entry_is_made_and_joined,
    an_entry_is_claimed_tried_and_done,
    versions_and_tenants_keep_apart,
    what_was_done_last_is_taken_back,
    promises_are_kept_tried_or_broken,
    clocks_run_once,
    strangers_are_held_back,
    booked_times_move_and_cancel,
    a_party_follows_its_contact,
    the_order_is_that_of_the_rules,
    who_rings_again_hears_what_is_open,
    figures_count_waits,
    tasks_claim_each_entry_once,
    processes_claim_each_entry_once,
);

const A: &str = "+493023125041";
const B: &str = "+493023125042";

fn minutes(n: i64) -> Utc {
    at(60 * n)
}

fn person(n: u8) -> PersonId {
    PersonId::new(START, [n; 10])
}

fn arrival(seconds: i64, caller: &str, matter: &str) -> Arrival {
    Arrival {
        id: CallbackId::new(at(seconds), rand::random()),
        call: CallId::new(at(seconds), rand::random()),
        at: at(seconds),
        caller: (!caller.is_empty()).then(|| caller.to_owned()),
        caller_name: String::new(),
        called: "+493023125000".into(),
        language: Language::De,
        matter: (!matter.is_empty()).then(|| matter.to_owned()),
        step: (!matter.is_empty()).then(|| format!("message.{matter}")),
        urgent: false,
        kind: Kind::Missed,
        given: None,
        leave: None,
        moves: None,
    }
}

async fn arrived(f: &Fresh, tenant: &Tenant, arrival: &Arrival) -> Arrived {
    let mut tx = f.db.write().await.unwrap();
    let done = store::arrive(&mut tx, tenant, &Rules::default(), arrival).await.unwrap();
    tx.commit().await.unwrap();
    done.expect("there is something to keep")
}

async fn acts(f: &Fresh, tenant: &Tenant, id: CallbackId, n: u8, act: Act, now: Utc) -> Result<Callback, Refusal> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::act(&mut tx, tenant, id, By::Person(person(n)), &act, None, now).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn undoes(f: &Fresh, tenant: &Tenant, id: CallbackId, n: u8, now: Utc) -> Result<Callback, Refusal> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::undo(&mut tx, tenant, id, By::Person(person(n)), None, now).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn next(f: &Fresh, tenant: &Tenant, n: u8, now: Utc) -> Option<CallbackId> {
    let mut tx = f.db.write().await.unwrap();
    let done = store::claim_next(&mut tx, tenant, person(n), now).await.unwrap();
    tx.commit().await.unwrap();
    done.map(|callback| callback.id)
}

fn rang(result: Reach) -> Act {
    Act::Attempt { result, note: String::new() }
}

fn done(outcome: Outcome) -> Act {
    Act::Done { outcome, note: String::new() }
}

async fn one(f: &Fresh, tenant: &Tenant, id: CallbackId) -> Callback {
    store::get(&f.db, tenant, id).await.unwrap().expect("it is there")
}

async fn kinds(f: &Fresh, tenant: &Tenant, id: CallbackId) -> Vec<&'static str> {
    let whole = store::whole(&f.db, tenant, id).await.unwrap().unwrap();
    whole.events.iter().map(|event| event.kind.as_str()).collect()
}

fn told(latest: Utc, at: Utc) -> Promised {
    Promised {
        kind: PromiseKind::Soon,
        words: "bis spätestens zwanzig Uhr".into(),
        language: Language::De,
        told_at: at,
        latest_at: latest,
        start: None,
    }
}

async fn promise(f: &Fresh, tenant: &Tenant, id: CallbackId, promised: Promised) {
    let mut tx = f.db.write().await.unwrap();
    let call = CallId::new(promised.told_at, rand::random());
    store::promised(&mut tx, tenant, call, &promised, Some(id)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn states(f: &Fresh, tenant: &Tenant, id: CallbackId) -> Vec<PromiseState> {
    store::whole(&f.db, tenant, id).await.unwrap().unwrap().promises.iter().map(|promise| promise.state).collect()
}

async fn listed(f: &Fresh, tenant: &Tenant, filter: Filter, now: Utc) -> Vec<CallbackId> {
    let (page, _) = store::list(&f.db, tenant, &filter, now).await.unwrap();
    page.iter().map(|callback| callback.id).collect()
}

async fn an_entry_is_made_and_joined(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut changes = f.db.changes();
    let missed = arrival(0, A, "");
    let first = arrived(f, &tenant, &missed).await;
    assert!(first.new && first.id == missed.id);
    let change = changes.try_recv().unwrap();
    assert_eq!((change.noun, change.kind, change.id), (Noun::Callback, ChangeKind::Created, first.id.to_string()));
    // The same call again: a message, told in full.
    let message = MessageId::new(at(1), [1; 10]);
    let said = Arrival { kind: Kind::Message(message), matter: Some("heizung".into()), ..missed.clone() };
    for _ in 0..2 {
        assert_eq!(arrived(f, &tenant, &said).await, Arrived { id: first.id, new: false, freed: None });
    }
    let entry = one(f, &tenant, first.id).await;
    assert_eq!((entry.calls, entry.matter.as_deref(), entry.number.as_deref()), (1, Some("heizung"), Some(A)));
    // Another call of the same matter, and one that chose nothing, join; another matter does not.
    assert_eq!(arrived(f, &tenant, &arrival(3600, A, "heizung")).await.id, first.id);
    assert_eq!(arrived(f, &tenant, &arrival(7200, A, "")).await.id, first.id);
    let other = arrived(f, &tenant, &arrival(7300, A, "rechnung")).await;
    assert!(other.new);
    assert!(arrived(f, &tenant, &arrival(7400, B, "heizung")).await.new, "another party");
    let entry = one(f, &tenant, first.id).await;
    assert_eq!((entry.calls, entry.last_at, entry.opened_at), (3, at(7200), at(0)));
    let whole = store::whole(&f.db, &tenant, first.id).await.unwrap().unwrap();
    assert_eq!(whole.calls.len(), 3);
    assert_eq!(whole.calls[0].message, Some(message));
    // Withheld callers are a party of their own each time.
    let (x, y) = (arrival(8000, "", "heizung"), arrival(8001, "", "heizung"));
    assert!(arrived(f, &tenant, &x).await.new && arrived(f, &tenant, &y).await.new);
    assert_eq!(one(f, &tenant, x.id).await.number, None);
    assert!(!arrived(f, &tenant, &Arrival { matter: None, ..x.clone() }).await.new, "the same call");
    // Done, a call within the time opens it again; too late is a new one.
    acts(f, &tenant, first.id, 1, done(Outcome::Solved), at(9000)).await.unwrap();
    let again = arrived(f, &tenant, &arrival(9000 + 3600, A, "heizung")).await;
    assert_eq!(again, Arrived { id: first.id, new: false, freed: None });
    let entry = one(f, &tenant, first.id).await;
    assert_eq!((entry.state, entry.opened_at, entry.attempts), (State::Open, at(12600), 0));
    acts(f, &tenant, first.id, 1, done(Outcome::Solved), at(13_000)).await.unwrap();
    assert!(arrived(f, &tenant, &arrival(13_000 + 25 * 3600, A, "heizung")).await.new);
}

async fn an_entry_is_claimed_tried_and_done(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = arrived(f, &tenant, &arrival(0, A, "heizung")).await.id;
    let claimed = acts(f, &tenant, id, 1, Act::Claim, minutes(1)).await.unwrap();
    assert_eq!(claimed.state, State::Claimed { by: person(1), until: minutes(16) });
    let refused = acts(f, &tenant, id, 2, Act::Claim, minutes(2)).await.unwrap_err();
    assert_eq!(refused, Refusal::Claimed { by: person(1), until: Some(minutes(16)) });
    assert_eq!(next(f, &tenant, 2, minutes(2)).await, None);
    // Activity renews; without it the claim returns by itself.
    acts(f, &tenant, id, 1, Act::Note("ruft an".into()), minutes(10)).await.unwrap();
    assert_eq!(next(f, &tenant, 2, minutes(24)).await, None);
    assert_eq!(next(f, &tenant, 2, minutes(25)).await, Some(id));
    assert_eq!(
        acts(f, &tenant, id, 1, rang(Reach::Reached), minutes(26)).await.unwrap_err(),
        Refusal::Claimed { by: person(2), until: Some(minutes(40)) }
    );
    // Nobody answered: later, by rule; never done.
    let tried = acts(f, &tenant, id, 2, rang(Reach::Mailbox), minutes(30)).await.unwrap();
    assert_eq!(tried.state, State::Snoozed { until: minutes(45) });
    assert_eq!(next(f, &tenant, 1, minutes(44)).await, None);
    assert_eq!(next(f, &tenant, 1, minutes(45)).await, Some(id));
    let tried = acts(f, &tenant, id, 1, rang(Reach::Busy), minutes(46)).await.unwrap();
    assert_eq!(tried.state, State::Snoozed { until: minutes(46 + 120) });
    for n in 0..4 {
        let tried = acts(f, &tenant, id, 1, rang(Reach::NoAnswer), minutes(50 + n)).await.unwrap();
        assert!(tried.state.is_open());
        assert_eq!(tried.proposed_to_give_up(), n == 3, "{n}");
    }
    // Reached, it stays with who reached them until done.
    acts(f, &tenant, id, 1, rang(Reach::Reached), minutes(60)).await.unwrap();
    assert_eq!(next(f, &tenant, 2, minutes(600)).await, None);
    assert!(acts(f, &tenant, id, 2, done(Outcome::Solved), minutes(601)).await.is_err());
    let over = acts(f, &tenant, id, 1, done(Outcome::Appointment), minutes(602)).await.unwrap();
    assert!(matches!(over.state, State::Over(over) if over.outcome == Some(Outcome::Appointment)));
    assert_eq!(acts(f, &tenant, id, 1, Act::Claim, minutes(603)).await.unwrap_err(), Refusal::Over);
    assert_eq!(one(f, &tenant, id).await, over);
    let told = kinds(f, &tenant, id).await;
    assert_eq!(
        told[..6],
        ["created", "claimed", "note", "lease_ended", "claimed", "attempt"],
        "the timeline tells it in its order"
    );
    // A wrong number needs another one; a number that needs leave is nobody's next.
    let id = arrived(f, &tenant, &arrival(40_000, B, "heizung")).await.id;
    let wrong = acts(f, &tenant, id, 1, rang(Reach::WrongNumber), minutes(700)).await.unwrap();
    assert_eq!((wrong.state, wrong.number), (State::Open, None));
    assert_eq!(next(f, &tenant, 1, minutes(701)).await, None);
    let number = Act::Number { number: "+4930900123".into(), leave: Some("premium".into()) };
    acts(f, &tenant, id, 1, number, minutes(702)).await.unwrap();
    assert_eq!(next(f, &tenant, 1, minutes(703)).await, None);
    let refused = acts(f, &tenant, id, 1, Act::Claim, minutes(703)).await.unwrap_err();
    assert_eq!(refused, Refusal::NeedsLeave("premium".into()));
    acts(f, &tenant, id, 2, Act::Allow, minutes(704)).await.unwrap();
    assert_eq!(acts(f, &tenant, id, 2, Act::Allow, minutes(704)).await.unwrap_err(), Refusal::NotHeld);
    // Snoozed by hand, and another's for a while.
    assert_eq!(acts(f, &tenant, id, 1, Act::Snooze(minutes(700)), minutes(705)).await.unwrap_err(), Refusal::BadTime);
    acts(f, &tenant, id, 1, Act::Snooze(minutes(710)), minutes(705)).await.unwrap();
    acts(f, &tenant, id, 1, Act::Assign(Some(person(2))), minutes(706)).await.unwrap();
    assert_eq!(next(f, &tenant, 1, minutes(711)).await, None, "another's");
    assert!(matches!(acts(f, &tenant, id, 1, Act::Claim, minutes(711)).await, Err(Refusal::Personal { .. })));
    assert_eq!(next(f, &tenant, 1, minutes(706 + 240)).await, Some(id), "falls to all");
    acts(f, &tenant, id, 1, Act::GiveUp { note: "nie da".into() }, minutes(960)).await.unwrap();
    assert_eq!(one(f, &tenant, id).await.state.as_str(), "given_up");
    let open = acts(f, &tenant, id, 1, Act::Reopen, minutes(961)).await.unwrap();
    assert_eq!((open.state, open.opened_at), (State::Open, minutes(961)));
}

async fn versions_and_tenants_keep_apart(f: &Fresh) {
    let (tenant, other) = (f.tenant("Praxis").await, f.tenant("Kanzlei").await);
    let id = arrived(f, &tenant, &arrival(0, A, "heizung")).await.id;
    let mut tx = f.db.write().await.unwrap();
    let by = By::Person(person(1));
    let refused = store::act(&mut tx, &tenant, id, by, &Act::Claim, Some(7), at(1)).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Changed(1));
    let gone = store::act(&mut tx, &other, id, by, &Act::Claim, None, at(1)).await.unwrap();
    assert_eq!(gone.unwrap_err(), Refusal::Gone);
    assert_eq!(store::undo(&mut tx, &other, id, by, None, at(1)).await.unwrap(), Err(Refusal::Gone));
    assert_eq!(store::claim_next(&mut tx, &other, person(1), at(1)).await.unwrap(), None);
    assert_eq!(store::waiting(&mut tx, &other, at(1)).await.unwrap(), Waiting::default());
    let cancelled = store::cancel_by_caller(&mut tx, &other, id, CallId::new(at(1), [1; 10]), at(1)).await.unwrap();
    assert_eq!(cancelled.unwrap_err(), Refusal::Gone);
    tx.commit().await.unwrap();
    assert_eq!(store::get(&f.db, &other, id).await.unwrap(), None);
    assert_eq!(store::whole(&f.db, &other, id).await.unwrap(), None);
    assert!(listed(f, &other, Filter { show: Show::All, ..Filter::default() }, at(1)).await.is_empty());
    assert!(store::open_of(&f.db, &other, A, at(1)).await.unwrap().is_empty());
    assert!(arrived(f, &other, &arrival(5, A, "heizung")).await.new);
    assert_eq!(one(f, &tenant, id).await.version, 1, "untouched");
}

async fn what_was_done_last_is_taken_back(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = arrived(f, &tenant, &arrival(0, A, "heizung")).await.id;
    promise(f, &tenant, id, told(minutes(60), at(1))).await;
    assert_eq!(undoes(f, &tenant, id, 1, at(2)).await.unwrap_err(), Refusal::NothingToUndo);
    let before = acts(f, &tenant, id, 1, Act::Claim, minutes(1)).await.unwrap();
    acts(f, &tenant, id, 1, rang(Reach::Reached), minutes(2)).await.unwrap();
    assert_eq!(states(f, &tenant, id).await, [PromiseState::Kept]);
    assert_eq!(undoes(f, &tenant, id, 2, minutes(3)).await.unwrap_err(), Refusal::NothingToUndo, "another's");
    assert_eq!(undoes(f, &tenant, id, 1, minutes(13)).await.unwrap_err(), Refusal::NothingToUndo, "too late");
    let back = undoes(f, &tenant, id, 1, minutes(12)).await.unwrap();
    assert_eq!(back, Callback { version: back.version, ..before });
    assert_eq!(states(f, &tenant, id).await, [PromiseState::Open]);
    assert!(store::whole(&f.db, &tenant, id).await.unwrap().unwrap().attempts.is_empty());
    assert_eq!(undoes(f, &tenant, id, 1, minutes(12)).await.unwrap_err(), Refusal::NothingToUndo, "only once");
    // Something else has happened since.
    acts(f, &tenant, id, 1, done(Outcome::NoNeed), minutes(14)).await.unwrap();
    assert_eq!(states(f, &tenant, id).await, [PromiseState::Withdrawn]);
    arrived(f, &tenant, &arrival(60 * 15, A, "heizung")).await;
    assert_eq!(undoes(f, &tenant, id, 1, minutes(16)).await.unwrap_err(), Refusal::NothingToUndo);
    // Done by mistake, noticed after the promise's time: it is broken at its time.
    promise(f, &tenant, id, told(minutes(60), minutes(20))).await;
    acts(f, &tenant, id, 1, done(Outcome::Spam), minutes(59)).await.unwrap();
    let back = undoes(f, &tenant, id, 1, minutes(61)).await.unwrap();
    assert_eq!((back.state, back.broken), (State::Open, Some(minutes(60))));
    let told = kinds(f, &tenant, id).await;
    assert_eq!(told[told.len() - 2..], ["undone", "promise_broken"]);
}

async fn promises_are_kept_tried_or_broken(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let make = async |n: i64| {
        let id = arrived(f, &tenant, &arrival(n, &format!("+4930231250{n:02}"), "x")).await.id;
        promise(f, &tenant, id, told(minutes(60), at(n))).await;
        id
    };
    let (kept, tried, broken, late, given_up, again) =
        (make(1).await, make(2).await, make(3).await, make(4).await, make(5).await, make(6).await);
    acts(f, &tenant, kept, 1, rang(Reach::NoAnswer), minutes(10)).await.unwrap();
    acts(f, &tenant, kept, 1, rang(Reach::Reached), minutes(59)).await.unwrap();
    acts(f, &tenant, tried, 1, rang(Reach::NoAnswer), minutes(10)).await.unwrap();
    acts(f, &tenant, given_up, 1, Act::GiveUp { note: String::new() }, minutes(10)).await.unwrap();
    promise(f, &tenant, again, told(minutes(90), minutes(30))).await;
    let clocked = store::keep_clocks(&f.db, minutes(60), 100).await.unwrap();
    assert_eq!((clocked.broken, clocked.tried, clocked.warned), (2, 1, 1));
    acts(f, &tenant, late, 1, rang(Reach::Reached), minutes(61)).await.unwrap();
    use PromiseState::{Broken, Kept, Open, Tried, Withdrawn};
    for (id, expected) in [
        (kept, vec![Kept]),
        (tried, vec![Tried]),
        (broken, vec![Broken]),
        (late, vec![Broken]),
        (given_up, vec![Broken]),
        (again, vec![Withdrawn, Open]),
    ] {
        assert_eq!(states(f, &tenant, id).await, expected);
    }
    // Told anew, the broken one stays broken, and the entry stays first.
    promise(f, &tenant, broken, told(minutes(120), minutes(70))).await;
    assert_eq!(states(f, &tenant, broken).await, [Broken, Open]);
    assert_eq!(one(f, &tenant, broken).await.broken, Some(minutes(60)));
    assert_eq!(next(f, &tenant, 2, minutes(71)).await, Some(broken));
    // A promise of a call that becomes an entry only later.
    let mut call = arrival(4000, B, "y");
    let mut tx = f.db.write().await.unwrap();
    store::promised(&mut tx, &tenant, call.call, &told(minutes(200), at(4000)), None).await.unwrap();
    tx.commit().await.unwrap();
    call.at = at(4005);
    let id = arrived(f, &tenant, &call).await.id;
    assert_eq!(states(f, &tenant, id).await, [Open]);
    assert_eq!(one(f, &tenant, id).await.promised, Some(minutes(200)));
}

async fn clocks_run_once(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut ids = Vec::new();
    for n in 0..10 {
        let id = arrived(f, &tenant, &arrival(n, &format!("+4930231250{n:02}"), "x")).await.id;
        promise(f, &tenant, id, told(minutes(60), at(n))).await;
        ids.push(id);
    }
    acts(f, &tenant, ids[0], 1, Act::Claim, minutes(1)).await.unwrap();
    let none = store::keep_clocks(&f.db, minutes(15), 100).await.unwrap();
    assert_eq!(none, nightdesk::callback::Clocked::default(), "nothing is due");
    assert_eq!(store::keep_clocks(&f.db, minutes(16), 100).await.unwrap().leases_ended, 1);
    assert_eq!(one(f, &tenant, ids[0]).await.state, State::Open);
    let warned = store::keep_clocks(&f.db, minutes(30), 4).await.unwrap();
    assert!(warned.warned == 4 && warned.more);
    // The others by several at once: each once.
    let (db, now) = (f.db.clone(), minutes(30));
    let all: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn({
                let db = db.clone();
                async move { store::keep_clocks(&db, now, 100).await.unwrap().warned }
            })
        })
        .collect();
    let mut warned = 0;
    for one in all {
        warned += one.await.unwrap();
    }
    assert_eq!(warned, 6);
    // A process that stood still breaks them at their time, not at its own.
    let mut changes = f.db.changes();
    assert_eq!(store::keep_clocks(&f.db, minutes(90), 100).await.unwrap().broken, 10);
    assert_eq!(changes.try_recv().unwrap().noun, Noun::Callback);
    assert_eq!(store::keep_clocks(&f.db, minutes(90), 100).await.unwrap(), none);
    let whole = store::whole(&f.db, &tenant, ids[3]).await.unwrap().unwrap();
    let told: Vec<_> = whole.events.iter().map(|event| (event.kind, event.at)).collect();
    assert_eq!(
        told[2..],
        [(EventKind::PromiseWarned, minutes(30)), (EventKind::PromiseBroken, minutes(60))],
        "{told:?}"
    );
    // A call that was promised something and never became an entry.
    let mut tx = f.db.write().await.unwrap();
    store::promised(&mut tx, &tenant, CallId::new(at(0), [1; 10]), &told_at(100), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store::keep_clocks(&f.db, minutes(100), 100).await.unwrap().broken, 1);
    assert_eq!(store::keep_clocks(&f.db, minutes(101), 100).await.unwrap(), none);
}

fn told_at(minute: i64) -> Promised {
    told(minutes(minute), minutes(minute - 60))
}

async fn strangers_are_held_back(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let rules = Rules { strangers_max: 3, open_max: 2, ..Rules::default() };
    let mut tx = f.db.write().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..5 {
        let call = arrival(n, &format!("+4930231250{n:02}"), "x");
        ids.push(store::arrive(&mut tx, &tenant, &rules, &call).await.unwrap().unwrap().id);
    }
    let card = Entry { name: "Küche".into(), numbers: vec![A.into()], ..Entry::default() }.check().unwrap();
    contact::store::add(&mut tx, &tenant, &card, START).await.unwrap().unwrap();
    let known = store::arrive(&mut tx, &tenant, &rules, &arrival(9, A, "x")).await.unwrap().unwrap().id;
    // Further matters of one party join the newest.
    let second = store::arrive(&mut tx, &tenant, &rules, &arrival(10, A, "y")).await.unwrap().unwrap();
    let third = store::arrive(&mut tx, &tenant, &rules, &arrival(11, A, "z")).await.unwrap().unwrap();
    assert!(second.new && !third.new && third.id == second.id);
    let tomorrow = store::arrive(&mut tx, &tenant, &rules, &arrival(90_000, B, "x")).await.unwrap().unwrap().id;
    tx.commit().await.unwrap();
    for (n, id) in ids.iter().enumerate() {
        assert_eq!(one(f, &tenant, *id).await.held, n >= 3, "{n}");
    }
    assert!(!one(f, &tenant, known).await.held && !one(f, &tenant, tomorrow).await.held);
    let order = listed(f, &tenant, Filter::default(), at(100)).await;
    assert_eq!(order[order.len() - 2..], ids[3..], "held ones last");
    for _ in 0..6 {
        assert!(next(f, &tenant, 1, at(90_001)).await.is_some());
    }
    assert_eq!(next(f, &tenant, 1, at(90_001)).await, None, "held ones are nobody's next");
    acts(f, &tenant, ids[4], 1, Act::Admit, at(90_002)).await.unwrap();
    assert_eq!(next(f, &tenant, 1, at(90_003)).await, Some(ids[4]));
}

async fn booked_times_move_and_cancel(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let slot =
        |hour: i64| Booked { calendar: "rueckruf".into(), start: minutes(60 * hour), end: minutes(60 * hour + 10) };
    let book = |seconds: i64, hour: i64| Arrival { kind: Kind::Booked(slot(hour)), ..arrival(seconds, A, "x") };
    let first = book(0, 4);
    let mut tx = f.db.write().await.unwrap();
    let promised = Promised { kind: PromiseKind::Slot, start: Some(minutes(240)), ..told(minutes(250), at(0)) };
    store::promised(&mut tx, &tenant, first.call, &promised, None).await.unwrap();
    tx.commit().await.unwrap();
    let id = arrived(f, &tenant, &first).await.id;
    assert_eq!(next(f, &tenant, 1, minutes(234)).await, None, "not earlier than five minutes before");
    assert_eq!(next(f, &tenant, 1, minutes(235)).await, Some(id));
    acts(f, &tenant, id, 1, Act::Release, minutes(235)).await.unwrap();
    // Long before the time it is no callback of that time.
    let other = arrived(f, &tenant, &Arrival { call: CallId::new(at(5), [9; 10]), ..book(5, 4) }).await;
    assert_eq!(other, Arrived { id, new: false, freed: None }, "the same time again");
    let moved = arrived(f, &tenant, &Arrival { moves: Some(id), ..book(600, 9) }).await;
    assert_eq!(moved, Arrived { id, new: false, freed: Some(slot(4)) });
    let promised = Promised { kind: PromiseKind::Slot, start: Some(minutes(540)), ..told(minutes(550), at(600)) };
    promise(f, &tenant, id, promised).await;
    use PromiseState::{Open, Withdrawn};
    assert_eq!(states(f, &tenant, id).await, [Withdrawn, Open]);
    acts(f, &tenant, id, 1, rang(Reach::NoAnswer), minutes(300)).await.unwrap();
    assert_eq!(store::whole(&f.db, &tenant, id).await.unwrap().unwrap().promises[1].tried_at, None, "too early");
    // As soon as possible instead.
    let soon = Arrival { kind: Kind::Soon, moves: Some(id), ..arrival(18_500, A, "x") };
    assert_eq!(arrived(f, &tenant, &soon).await.freed, Some(slot(9)));
    promise(f, &tenant, id, told(minutes(400), at(18_500))).await;
    assert_eq!(states(f, &tenant, id).await, [Withdrawn, Withdrawn, Open]);
    // Booked once more, and cancelled; the call that did it makes no entry of its end.
    assert!(!arrived(f, &tenant, &book(18_600, 10)).await.new);
    let call = arrival(18_700, A, "");
    let mut tx = f.db.write().await.unwrap();
    let was = store::cancel_by_caller(&mut tx, &tenant, id, call.call, at(18_700)).await.unwrap().unwrap();
    assert_eq!(was.slot, Some(slot(10)));
    for kind in [Kind::Missed, Kind::Status] {
        let end = Arrival { kind, ..call.clone() };
        assert_eq!(store::arrive(&mut tx, &tenant, &Rules::default(), &end).await.unwrap(), None);
    }
    tx.commit().await.unwrap();
    let entry = one(f, &tenant, id).await;
    assert_eq!((entry.state.as_str(), entry.slot), ("done", None));
    assert_eq!(states(f, &tenant, id).await, [Withdrawn; 3]);
}

async fn a_party_follows_its_contact(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let id = arrived(f, &tenant, &arrival(0, A, "x")).await.id;
    let mut tx = f.db.write().await.unwrap();
    let add = |name: &str, number: &str| {
        Entry { name: name.into(), numbers: vec![number.into()], ..Entry::default() }.check().unwrap()
    };
    let one_card = contact::store::add(&mut tx, &tenant, &add("Küche", A), START).await.unwrap().unwrap();
    let other = contact::store::add(&mut tx, &tenant, &add("Keller", B), START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    // Also without being told: the number is the same.
    assert_eq!(arrived(f, &tenant, &arrival(10, A, "x")).await.id, id);
    assert_eq!(one(f, &tenant, id).await.contact, Some(one_card));
    assert_eq!(listed(f, &tenant, Filter { search: "küch".into(), ..Filter::default() }, at(11)).await, [id]);
    let apart = arrived(f, &tenant, &arrival(20, B, "x")).await.id;
    assert_ne!(apart, id);
    let mut tx = f.db.write().await.unwrap();
    assert_eq!(store::repoint(&mut tx, &tenant, one_card, other, at(30)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(store::of_contact(&f.db, &tenant, other, 10).await.unwrap().len(), 2);
    let mut tx = f.db.write().await.unwrap();
    assert_eq!(store::adopt(&mut tx, &tenant, one_card, &[A.to_owned()], at(40)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(one(f, &tenant, id).await.party, format!("c:{one_card}"));
}

/// A generator of a test's own: the seed is in the failure.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Entries with random lives.
async fn lives(f: &Fresh, tenant: &Tenant, dice: &mut Dice) -> Vec<CallbackId> {
    let mut ids = Vec::new();
    for n in 0..60 {
        let minute = i64::try_from(dice.roll(6)).unwrap();
        let mut call = arrival(60 * minute, &format!("+4930231250{n:02}"), "x");
        call.urgent = dice.roll(4) == 0;
        call.leave = (dice.roll(6) == 0).then(|| "premium".to_owned());
        if dice.roll(4) == 0 {
            let start = minutes(60 + i64::try_from(dice.roll(5)).unwrap());
            call.kind = Kind::Booked(Booked { calendar: "c".into(), start, end: Utc(start.0 + 600_000) });
        }
        let strangers_max = if dice.roll(8) == 0 { 0 } else { 1000 };
        let rules = Rules { strangers_max, personal: Duration::from_mins(20), ..Rules::default() };
        let mut tx = f.db.write().await.unwrap();
        let id = store::arrive(&mut tx, tenant, &rules, &call).await.unwrap().unwrap().id;
        tx.commit().await.unwrap();
        if dice.roll(3) == 0 {
            promise(f, tenant, id, told(minutes(40 + i64::try_from(dice.roll(30)).unwrap()), call.at)).await;
        }
        let act = match dice.roll(8) {
            0 => Act::Claim,
            1 => rang(Reach::NoAnswer),
            2 => rang(Reach::WrongNumber),
            3 => Act::Assign(Some(person(u8::try_from(dice.roll(2)).unwrap()))),
            4 => done(Outcome::Solved),
            5 => Act::Snooze(minutes(59 + i64::try_from(dice.roll(3)).unwrap())),
            _ => Act::Note("n".into()),
        };
        let now = minutes(30 + i64::try_from(dice.roll(20)).unwrap());
        let _ = acts(f, tenant, id, u8::try_from(dice.roll(2)).unwrap(), act, now).await;
        ids.push(id);
    }
    ids
}

/// The order and who is due are the same in SQL as in the pure rules.
async fn the_order_is_that_of_the_rules(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let seed: u64 = rand::random();
    let ids = lives(f, &tenant, &mut Dice(seed)).await;
    let now = minutes(60);
    store::keep_clocks(&f.db, minutes(50), 1000).await.unwrap();
    let mut all = Vec::new();
    for id in &ids {
        all.push(one(f, &tenant, *id).await);
    }
    all.sort_by_key(Callback::rank);
    // In pages, each begun where the last one ended, by its text.
    let mut filter = Filter { show: Show::All, limit: 7, ..Filter::default() };
    let mut pages = Vec::new();
    loop {
        let (page, more) = store::list(&f.db, &tenant, &filter, now).await.unwrap();
        pages.extend(page);
        let Some(more) = more else { break };
        filter.after = Some(more.to_string().parse::<Place>().unwrap());
    }
    assert_eq!(pages, all, "seed {seed}");
    let ids_of = |fits: &dyn Fn(&&Callback) -> bool| all.iter().filter(fits).map(|c| c.id).collect::<Vec<_>>();
    let full = Filter { limit: 200, ..Filter::default() };
    for (filter, expected) in [
        (full.clone(), ids_of(&|c| c.state.is_open())),
        (Filter { show: Show::Done, ..full.clone() }, ids_of(&|c| !c.state.is_open())),
        (Filter { due: Some(person(1)), ..full.clone() }, ids_of(&|c| c.due_for(person(1), now))),
        (Filter { overdue: true, ..full.clone() }, ids_of(&|c| c.overdue(now))),
        (Filter { urgent: true, ..full.clone() }, ids_of(&|c| c.urgent && c.state.is_open())),
        (
            Filter { search: "030 23125-017".into(), ..full.clone() },
            ids_of(&|c| c.state.is_open() && c.caller.as_deref() == Some("+493023125017")),
        ),
    ] {
        assert_eq!(listed(f, &tenant, filter.clone(), now).await, expected, "seed {seed} {filter:?}");
    }
    let due = ids_of(&|c| c.due_for(person(0), now));
    for id in due {
        assert_eq!(next(f, &tenant, 0, now).await, Some(id), "seed {seed}");
    }
    assert_eq!(next(f, &tenant, 0, now).await, None, "seed {seed}");
    let mine = listed(f, &tenant, Filter { mine: Some(person(0)), limit: 200, ..Filter::default() }, now).await;
    for id in mine {
        let entry = one(f, &tenant, id).await;
        let holds = entry.state.holder() == Some(person(0));
        assert!(holds || entry.assigned.is_some_and(|assigned| assigned.to == person(0)));
    }
}

async fn who_rings_again_hears_what_is_open(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let plain = arrived(f, &tenant, &arrival(0, A, "x")).await.id;
    let broken = arrived(f, &tenant, &arrival(10, A, "y")).await.id;
    promise(f, &tenant, broken, told(minutes(60), at(10))).await;
    let other = arrived(f, &tenant, &arrival(20, B, "x")).await.id;
    acts(f, &tenant, plain, 1, rang(Reach::Mailbox), minutes(5)).await.unwrap();
    let open = store::open_of(&f.db, &tenant, A, minutes(59)).await.unwrap();
    let told_of: Vec<_> = open.iter().map(|entry| (entry.id, entry.promise, entry.broken, entry.tried_at)).collect();
    assert_eq!(told_of, [(broken, Some(minutes(60)), false, None), (plain, None, false, Some(minutes(5)))]);
    assert_eq!(open[0].step.as_deref(), Some("message.y"));
    // Also before the clock has written it down.
    assert!(store::open_of(&f.db, &tenant, A, minutes(60)).await.unwrap()[0].broken);
    store::keep_clocks(&f.db, minutes(60), 10).await.unwrap();
    let open = store::open_of(&f.db, &tenant, A, minutes(61)).await.unwrap();
    assert!(open[0].broken && open[0].id == broken);
    promise(f, &tenant, broken, told(minutes(120), minutes(62))).await;
    let open = store::open_of(&f.db, &tenant, A, minutes(63)).await.unwrap();
    assert_eq!((open[0].promise, open[0].broken), (Some(minutes(120)), false));
    assert_eq!(store::open_of(&f.db, &tenant, B, minutes(63)).await.unwrap()[0].id, other);
    assert!(store::open_of(&f.db, &tenant, "", minutes(63)).await.unwrap().is_empty());
    let slot = Booked { calendar: "c".into(), start: minutes(600), end: minutes(610) };
    arrived(f, &tenant, &Arrival { kind: Kind::Booked(slot), ..arrival(3900, B, "x") }).await;
    let mut tx = f.db.write().await.unwrap();
    assert_eq!(store::waiting(&mut tx, &tenant, minutes(70)).await.unwrap(), Waiting { open: 2, booked: 1 });
    assert_eq!(store::waiting(&mut tx, &tenant, minutes(611)).await.unwrap(), Waiting { open: 3, booked: 0 });
    assert_eq!(store::counts(&f.db, &tenant, minutes(70)).await.unwrap(), (3, 1));
}

async fn figures_count_waits(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let make = async |n: i64, matter: &str| {
        arrived(f, &tenant, &arrival(60 * n, &format!("+4930231250{n:02}"), matter)).await.id
    };
    let (first, second, third, fourth) =
        (make(0, "x").await, make(1, "x").await, make(2, "").await, make(3, "x").await);
    acts(f, &tenant, first, 1, rang(Reach::Reached), minutes(10)).await.unwrap();
    acts(f, &tenant, second, 1, rang(Reach::NoAnswer), minutes(21)).await.unwrap();
    acts(f, &tenant, second, 1, rang(Reach::Reached), minutes(300)).await.unwrap();
    acts(f, &tenant, fourth, 1, done(Outcome::Spam), minutes(4)).await.unwrap();
    promise(f, &tenant, third, told(minutes(30), minutes(3))).await;
    let (from, to) = (at(-1), minutes(1000));
    let figures = store::figures(&f.db, &tenant, &zone, from, to, minutes(302)).await.unwrap();
    assert_eq!((figures.answer.answered, figures.answer.waiting, figures.answer.closed), (2, 1, 1));
    let wait = |time: u64, at_least: bool| {
        Some(nightdesk::callback::figures::Wait { time: Duration::from_mins(time), at_least })
    };
    assert_eq!((figures.answer.median, figures.answer.p90), (wait(20, false), wait(300, true)));
    assert_eq!((figures.first_tries, figures.first_reached), (2, 1));
    assert_eq!((figures.promises.broken, figures.promises.percent(figures.promises.kept)), (1, Some(0.0)));
    assert_eq!(figures.by_matter.keys().collect::<Vec<_>>(), ["", "x"]);
    assert_eq!(figures.by_hour.keys().collect::<Vec<_>>(), [&19], "18:00 UTC is 19:00 in Berlin");
    assert_eq!(figures.open_by_age.iter().sum::<u32>(), 3);
    let none = store::figures(&f.db, &tenant, &zone, minutes(500), to, minutes(302)).await.unwrap();
    assert_eq!((none.answer, none.promises), Default::default());
}

async fn many(f: &Fresh, tenant: &Tenant, n: i64) {
    let mut tx = f.db.write().await.unwrap();
    for n in 0..n {
        let new = ByHand {
            number: Some(A.into()),
            leave: None,
            name: format!("Nr. {n}"),
            matter: None,
            note: String::new(),
            language: Language::De,
            urgent: n % 7 == 0,
            promise: None,
        };
        store::add(&mut tx, tenant, &Rules::default(), &new, By::Console, at(n)).await.unwrap().unwrap();
    }
    tx.commit().await.unwrap();
}

async fn tasks_claim_each_entry_once(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    many(f, &tenant, 100).await;
    let now = minutes(10);
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (db, tenant) = (f.db.clone(), tenant.clone());
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let mut tx = db.write().await.unwrap();
                    let got = store::claim_next(&mut tx, &tenant, person(n), now).await.unwrap();
                    tx.commit().await.unwrap();
                    let Some(got) = got else { return claimed };
                    claimed.push(got.id);
                }
            })
        })
        .collect();
    let mut all: Vec<CallbackId> = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 100);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 100, "none twice");
}

/// Two processes of the program, each with its own connections.
async fn processes_claim_each_entry_once(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    many(f, &tenant, 1000).await;
    let mut tx = f.db.write().await.unwrap();
    for name in ["agent", "agentin"] {
        let new = nightdesk::person::NewPerson {
            name: name.into(),
            role: nightdesk::person::Role::Agent,
            language: Language::De,
        };
        nightdesk::person::store::create(&mut tx, &tenant, &new, START).await.unwrap();
    }
    tx.commit().await.unwrap();
    let start = |name: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nightdesk"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NIGHTDESK_")) {
            command.env_remove(name);
        }
        command.args(["callback", "next", "--count", "600", "--json", "--as", name, "--database", &f.url]);
        command.arg("--data").arg(f.dir.path()).current_dir(f.dir.path());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start("agent"), start("agentin")];
    let mut all = Vec::new();
    for child in both {
        let out = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&out.stdout).unwrap();
        assert!((400..=600).contains(&rows.len()), "both had some: {}", rows.len());
        all.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(all.len(), 1000);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 1000, "none twice");
}
