//! The desk on both engines: seats are held, booked and let go, promises count what is open, callers at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nightdesk::callback::{self, PromiseState, Show};
use nightdesk::clock::Utc;
use nightdesk::contact::{self, Entry};
use nightdesk::flow::{Answer, Ask, Booking, Setting, Told, Visitor, When};
use nightdesk::ids::{CallId, CallbackId, Language, LegId};
use nightdesk::jobs::{self, mail::Outbox};
use nightdesk::plan::{CheckContext, Plan};
use nightdesk::run::desk::{Desk, Handle, Who};
use nightdesk::seat;
use nightdesk::slots::{Slot, Wish};
use nightdesk::tenant::Tenant;
use tokio::sync::mpsc;

use crate::support::{Fresh, START, at};

both!(
    a_seat_is_held_booked_and_moved,
    what_is_held_is_let_go_with_the_call,
    sixty_four_callers_for_three_seats,
    promises_count_what_is_open,
    all_at_once_are_told_different_times,
    a_number_is_not_ordered_often,
    only_who_is_vouched_for_hears_how_it_stands,
    a_callback_of_another_is_nobodys,
    a_forged_number_moves_nothing,
    who_is_known_is_invited_by_mail,
);

/// Friday, 2026-11-20, 19:00 in Berlin: closed until Monday.
const PLAN: &str = r#"
[line]
open   = "slots.a"
closed = "slots.a"
hours  = "x"
[hours.x]
mon-fri = ["08:00-12:00"]
[slots.a]
calendar = "c"
none = "message.m"
else = "message.m"
[message.m]
[calendar.c]
mon-fri = ["09:00-10:00"]
length = "1h"
seats = 3
horizon = "3d"
[callbacks]
strangers = 100
length = "30m"
"#;

type Waiting = Arc<Mutex<HashMap<LegId, mpsc::UnboundedSender<Answer>>>>;

/// A desk with a clock that stands still, and callers before it.
struct Counter {
    desk: Desk,
    waiting: Waiting,
    setting: Setting,
    tenant: Tenant,
    next: Mutex<u64>,
}

struct Caller {
    handle: Handle,
    answers: mpsc::UnboundedReceiver<Answer>,
    asked: u32,
}

impl Counter {
    async fn open(f: &Fresh, plan: &str) -> Counter {
        let tenant = f.tenant("Praxis").await;
        Counter::of(f, plan, tenant)
    }

    fn of(f: &Fresh, plan: &str, tenant: Tenant) -> Counter {
        let checked = Plan::parse(plan, &CheckContext::default());
        let plan = checked.plan.unwrap_or_else(|| panic!("{:?}", checked.findings));
        let waiting = Waiting::default();
        let told = Arc::clone(&waiting);
        let listener = Arc::new(move |leg, _, answer| {
            if let Some(to) = told.lock().unwrap().get(&leg) {
                let _ = to.send(answer);
            }
        });
        let desk = Desk {
            db: f.db.clone(),
            now: Arc::new(|| START),
            listener,
            runtime: tokio::runtime::Handle::current(),
            outbox: Outbox::new(true),
        };
        Counter { desk, waiting, setting: Setting::of(plan, "Praxis"), tenant, next: Mutex::new(1) }
    }

    fn caller(&self, number: Option<&str>) -> Caller {
        self.caller_at(number, true)
    }

    fn caller_at(&self, number: Option<&str>, trusted: bool) -> Caller {
        let leg = {
            let mut next = self.next.lock().unwrap();
            *next += 1;
            LegId(*next)
        };
        let (to, answers) = mpsc::unbounded_channel();
        self.waiting.lock().unwrap().insert(leg, to);
        let call = CallId::new(START, rand::random());
        let visitor = Visitor { caller: number.map(str::to_owned), trusted, ..Visitor::default() };
        let who =
            Who { call, tenant: self.tenant.clone(), setting: self.setting.clone(), visitor, name: String::new() };
        Caller { handle: self.desk.open(leg, who), answers, asked: 0 }
    }

    fn booking(&self, when: When) -> Booking {
        let latest = match &when {
            When::Slot { slot, .. } => slot.end,
            When::Soon { latest } => *latest,
        };
        let step = self.setting.plan.step_named("slots.a").unwrap();
        let told = Told { words: "Ihr Rückruf ist am Montag um neun Uhr.".into(), language: Language::De, latest };
        Booking { step, when, number: None, moves: None, told }
    }

    fn in_slot(&self, slot: Slot) -> Booking {
        self.booking(When::Slot { calendar: "c".into(), slot })
    }

    async fn free(&self) -> u16 {
        let rules = self.setting.plan.calendar("c").unwrap();
        let mut tx = self.desk.db.write().await.unwrap();
        let taken = seat::store::taken(&mut tx, &self.tenant, "c", START).await.unwrap();
        rules
            .slots(&self.setting.overrides, START, START)
            .map(|(slot, _)| rules.free(&self.setting.overrides, &taken, slot, START))
            .sum()
    }

    async fn open_entries(&self) -> Vec<callback::Callback> {
        let filter = callback::Filter { show: Show::Open, ..callback::Filter::default() };
        callback::store::list(&self.desk.db, &self.tenant, &filter, START).await.unwrap().0
    }
}

impl Caller {
    async fn ask(&mut self, ask: Ask) -> Answer {
        self.asked += 1;
        self.handle.ask(self.asked, ask);
        tokio::time::timeout(Duration::from_secs(60), self.answers.recv()).await.unwrap().unwrap()
    }

    async fn offers(&mut self) -> Vec<Slot> {
        match self.ask(Ask::Offer { calendar: "c".into(), wish: Wish::Soonest, most: 3 }).await {
            Answer::Offers { slots, .. } => slots,
            other => panic!("{other:?}"),
        }
    }

    async fn latest(&mut self) -> Utc {
        match self.ask(Ask::Latest { within: None }).await {
            Answer::Latest(Some(latest)) => latest,
            other => panic!("{other:?}"),
        }
    }

    async fn open(&mut self) -> Vec<nightdesk::flow::Open> {
        match self.ask(Ask::Status).await {
            Answer::Status(open) => open,
            other => panic!("{other:?}"),
        }
    }

    /// Hangs up, and waits until the desk has let go.
    async fn hangs_up(self) {
        let Caller { handle, mut answers, .. } = self;
        handle.ask(99, Ask::Hold { calendar: "none".into(), slots: Vec::new() });
        drop(handle);
        let _ = answers.recv().await;
        tokio::time::sleep(Duration::from_millis(0)).await;
    }
}

fn booked(answer: &Answer) -> CallbackId {
    match answer {
        Answer::Booked(id) => *id,
        other => panic!("{other:?}"),
    }
}

async fn a_seat_is_held_booked_and_moved(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let mut caller = counter.caller(Some("+493023125042"));
    assert_eq!(counter.free().await, 3);
    let slots = caller.offers().await;
    assert_eq!((slots.len(), counter.free().await), (1, 2), "the seat is held");
    assert_eq!(caller.ask(Ask::Hold { calendar: "c".into(), slots: slots.clone() }).await, Answer::Held);
    let elsewhere = Slot { start: at(0), end: at(3600) };
    assert_eq!(caller.ask(Ask::Hold { calendar: "c".into(), slots: vec![elsewhere] }).await, Answer::Gone);
    let id = booked(&caller.ask(Ask::Book(counter.in_slot(slots[0]))).await);
    let whole = callback::store::whole(&counter.desk.db, &counter.tenant, id).await.unwrap().unwrap();
    assert_eq!(whole.callback.slot.as_ref().map(|slot| slot.start), Some(slots[0].start));
    assert_eq!(whole.promises.len(), 1);
    assert_eq!(
        (whole.promises[0].words.as_str(), whole.promises[0].latest_at),
        ("Ihr Rückruf ist am Montag um neun Uhr.", slots[0].end)
    );
    // Another call: as soon as possible instead. The seat is free again, the old promise is nobody's.
    let mut again = counter.caller(Some("+493023125042"));
    assert_eq!(again.open().await[0].slot.as_ref().map(|(name, slot)| (name.as_str(), *slot)), Some(("c", slots[0])));
    let latest = again.latest().await;
    let soon = Booking { moves: Some(id), ..counter.booking(When::Soon { latest }) };
    assert_eq!(booked(&again.ask(Ask::Book(soon)).await), id, "the same entry");
    assert_eq!(counter.free().await, 3);
    let whole = callback::store::whole(&counter.desk.db, &counter.tenant, id).await.unwrap().unwrap();
    let with = |state| whole.promises.iter().filter(|promise| promise.state == state).count();
    let states = (with(PromiseState::Withdrawn), with(PromiseState::Open));
    assert_eq!((states, &whole.callback.slot), ((1, 1), &None));
    // And no call at all.
    assert_eq!(again.ask(Ask::Cancel(id)).await, Answer::Cancelled);
    assert_eq!(counter.open_entries().await.len(), 0);
}

async fn what_is_held_is_let_go_with_the_call(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let mut caller = counter.caller(None);
    caller.offers().await;
    assert_eq!(counter.free().await, 2);
    caller.handle.ask(9, Ask::Release);
    caller.latest().await;
    assert_eq!(counter.free().await, 3, "what was asked in order is done in order");
    caller.offers().await;
    caller.hangs_up().await;
    // The task lets go after its last request; another one of the same tenant comes after it.
    for _ in 0..1000 {
        if counter.free().await == 3 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("a seat is held for nobody");
}

/// A hundred rounds: the last three seats, and 64 callers who all want one.
async fn sixty_four_callers_for_three_seats(f: &Fresh) {
    let rounds = 100;
    for round in 0..rounds {
        let tenant = f.tenant(&format!("Praxis {round}")).await;
        let counter = Arc::new(Counter::of(f, PLAN, tenant));
        let callers = (0..64).map(|caller| {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut caller = counter.caller(Some(&format!("+4930231250{caller:02}")));
                let slot = caller.offers().await.first().copied()?;
                // Nobody who heard an offer is refused.
                Some(booked(&caller.ask(Ask::Book(counter.in_slot(slot))).await))
            })
        });
        let mut ids = Vec::new();
        for caller in callers.collect::<Vec<_>>() {
            ids.extend(caller.await.unwrap());
        }
        let before = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), before), (3, 3), "round {round}: three are booked, 61 are told that there is none");
        let seats = seat::store::booked(&counter.desk.db, &counter.tenant, Some("c"), START).await.unwrap();
        let mut whose: Vec<CallbackId> = seats.iter().map(|seat| seat.callback).collect();
        whose.sort();
        assert_eq!(whose, ids, "round {round}");
        assert_eq!(counter.free().await, 0, "round {round}");
    }
}

async fn promises_count_what_is_open(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    // Monday 08:00 to 12:00, half an hour each: eight can be called on Monday.
    let mut told = Vec::new();
    for number in 0..10 {
        let mut caller = counter.caller(Some(&format!("+4930231250{number:02}")));
        let latest = caller.latest().await;
        booked(&caller.ask(Ask::Book(counter.booking(When::Soon { latest }))).await);
        told.push((latest.0 - START.0) / 60_000);
    }
    // 61 hours from Friday 19:00 to Monday 08:00.
    let monday = 61 * 60;
    let expected: Vec<i64> =
        (1..=8).map(|place| monday + place * 30).chain([1, 2].map(|place| monday + 24 * 60 + place * 30)).collect();
    assert_eq!(told, expected, "each half an hour later, and never Monday once Monday is full");
}

async fn all_at_once_are_told_different_times(f: &Fresh) {
    let counter = Arc::new(Counter::open(f, PLAN).await);
    let callers = (0..16).map(|number| {
        let counter = Arc::clone(&counter);
        tokio::spawn(async move {
            let mut caller = counter.caller(Some(&format!("+4930231250{number:02}")));
            let latest = caller.latest().await;
            (latest, caller)
        })
    });
    let mut told = Vec::new();
    let mut still_there = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        let (latest, caller) = caller.await.unwrap();
        told.push(latest);
        still_there.push(caller);
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 16, "nobody is promised what another was promised");
}

async fn a_number_is_not_ordered_often(f: &Fresh) {
    let counter = Counter::open(f, &PLAN.replace("strangers = 100", "strangers = 5\nopen = 2")).await;
    let order = async |number: &str| {
        let mut caller = counter.caller(None);
        let latest = caller.latest().await;
        let booking = Booking { number: Some(number.into()), ..counter.booking(When::Soon { latest }) };
        caller.ask(Ask::Book(booking)).await
    };
    booked(&order("+493023125001").await);
    booked(&order("+493023125001").await);
    assert_eq!(order("+493023125001").await, Answer::TooMany, "whoever orders it");
    assert_eq!(order("+4990012345678").await, Answer::NotAllowed);
    assert_eq!(order("+33123456789").await, Answer::NotAllowed);
    for number in 2..5 {
        booked(&order(&format!("+49302312500{number}")).await);
    }
    assert_eq!(order("+493023125009").await, Answer::TooMany, "nor all strangers together");
}

async fn only_who_is_vouched_for_hears_how_it_stands(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let mut caller = counter.caller(Some("+493023125042"));
    let latest = caller.latest().await;
    let id = booked(&caller.ask(Ask::Book(counter.booking(When::Soon { latest }))).await);
    assert_eq!(counter.caller(Some("+493023125042")).open().await.len(), 1);
    let mut forged = counter.caller_at(Some("+493023125042"), false);
    assert_eq!(forged.open().await, []);
    assert_eq!(forged.ask(Ask::Cancel(id)).await, Answer::Failed);
    assert_eq!(counter.caller(None).open().await, []);
    assert_eq!(counter.caller(Some("+493023125043")).open().await, []);
}

async fn a_forged_number_moves_nothing(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let mut caller = counter.caller(Some("+493023125042"));
    let slot = caller.offers().await[0];
    let id = booked(&caller.ask(Ask::Book(counter.in_slot(slot))).await);
    let mut forged = counter.caller_at(Some("+493023125042"), false);
    let latest = forged.latest().await;
    let other = booked(&forged.ask(Ask::Book(counter.booking(When::Soon { latest }))).await);
    let open = counter.open_entries().await;
    assert_eq!(open.len(), 2);
    let slot_of = |id| open.iter().find(|entry| entry.id == id).unwrap().slot.as_ref().map(|slot| slot.start);
    assert_eq!((slot_of(id), slot_of(other)), (Some(slot.start), None));
    assert!(open.iter().all(|entry| entry.number.as_deref() == Some("+493023125042")), "both can be called");
}

async fn who_is_known_is_invited_by_mail(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let entry = Entry {
        name: "Apotheke".into(),
        numbers: vec!["+493023125042".into()],
        mail: vec!["apotheke@example.org".into()],
        ..Entry::default()
    };
    let mut tx = f.db.write().await.unwrap();
    contact::store::add(&mut tx, &counter.tenant, &entry.check().unwrap(), START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let letters = async || jobs::store::list(&f.db, &counter.tenant, None, 100).await.unwrap().len();
    let mut forged = counter.caller_at(Some("+493023125042"), false);
    let slot = forged.offers().await[0];
    booked(&forged.ask(Ask::Book(counter.in_slot(slot))).await);
    assert_eq!(letters().await, 0, "nobody is written to for a number that anybody could show");
    let mut caller = counter.caller(Some("+493023125042"));
    let slot = caller.offers().await[0];
    let booking = Booking { moves: Some(caller.open().await[0].callback), ..counter.in_slot(slot) };
    let id = booked(&caller.ask(Ask::Book(booking)).await);
    assert_eq!(letters().await, 1);
    assert_eq!(caller.ask(Ask::Cancel(id)).await, Answer::Cancelled);
    assert_eq!(letters().await, 2);
}

async fn a_callback_of_another_is_nobodys(f: &Fresh) {
    let counter = Counter::open(f, PLAN).await;
    let mut caller = counter.caller(Some("+493023125042"));
    let slot = caller.offers().await[0];
    let id = booked(&caller.ask(Ask::Book(counter.in_slot(slot))).await);
    let mut other = counter.caller(Some("+493023125043"));
    assert_eq!(other.ask(Ask::Cancel(id)).await, Answer::Failed);
    let latest = other.latest().await;
    let told = counter.booking(When::Soon { latest }).told;
    assert_eq!(other.ask(Ask::Renew { callback: id, told }).await, Answer::Failed);
    let moves = Booking { moves: Some(id), ..counter.booking(When::Soon { latest }) };
    assert_eq!(other.ask(Ask::Book(moves)).await, Answer::Failed);
    let open = counter.open_entries().await;
    assert_eq!((open.len(), open[0].id, open[0].slot.is_some()), (1, id, true));
    let elsewhere = Counter::open(f, PLAN).await;
    assert_eq!(elsewhere.caller(Some("+493023125042")).open().await, [], "another business knows nothing of it");
}
