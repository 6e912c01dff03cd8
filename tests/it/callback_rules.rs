//! The pure rules of callbacks against references that are as plain as can be.

use std::time::Duration;

use nightdesk::callback::figures::{self, Facts, Opened, Settled};
use nightdesk::callback::rules::{Candidate, Entry, Joins, Last, Moved, again, joins};
use nightdesk::callback::{
    Act, Arrival, By, Callback, Kind, Outcome, Promise, PromiseKind, PromiseState, Reach, Refusal, Rules, State,
};
use nightdesk::clock::Utc;
use nightdesk::ids::{AttemptId, CallId, CallbackId, Language, PersonId, PromiseId};
use proptest::prelude::*;

use crate::support::{START, at};

fn minutes(n: i64) -> Utc {
    at(60 * n)
}

fn person(n: u8) -> PersonId {
    PersonId::new(START, [n; 10])
}

fn callback() -> Callback {
    Callback {
        id: CallbackId::new(START, [1; 10]),
        party: "n:+493023125041".into(),
        contact: None,
        caller: Some("+493023125041".into()),
        given: None,
        number: Some("+493023125041".into()),
        leave: None,
        name: String::new(),
        matter: Some("a".into()),
        step: None,
        called: String::new(),
        language: Language::De,
        urgent: false,
        state: State::Open,
        assigned: None,
        slot: None,
        created_at: START,
        opened_at: START,
        last_at: START,
        calls: 1,
        attempts: 0,
        tried_at: None,
        promised: None,
        broken: None,
        held: false,
        note: String::new(),
        rules: Rules::default(),
        version: 1,
    }
}

fn promise(latest: Utc, start: Option<Utc>) -> Promise {
    Promise {
        id: PromiseId::new(START, [1; 10]),
        callback: None,
        call: None,
        kind: if start.is_some() { PromiseKind::Slot } else { PromiseKind::Soon },
        words: String::new(),
        language: Language::De,
        told_at: START,
        latest_at: latest,
        start,
        state: PromiseState::Open,
        settled_at: None,
        warned_at: None,
        tried_at: None,
    }
}

fn arrival(minute: i64, matter: Option<&str>, kind: Kind) -> Arrival {
    Arrival {
        id: CallbackId::new(minutes(minute), [2; 10]),
        call: CallId::new(minutes(minute), [3; 10]),
        at: minutes(minute),
        caller: Some("+493023125041".into()),
        caller_name: String::new(),
        called: String::new(),
        language: Language::De,
        matter: matter.map(str::to_owned),
        step: None,
        urgent: false,
        kind,
        given: None,
        leave: None,
        moves: None,
    }
}

const MATTERS: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("c")];
const DAY: i64 = 24 * 60;

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0..4_usize, 0..20 * DAY, 0..5 * DAY, prop::option::of(0..2 * DAY), any::<bool>(), 0..6_u8);
    prop::collection::vec(one, 0..6).prop_map(|all| {
        type Parts = (usize, i64, i64, Option<i64>, bool, u8);
        let of = |(n, (matter, opened_at, last, over, here, of_call)): (u8, Parts)| Candidate {
            id: CallbackId::new(minutes(opened_at), [n; 10]),
            matter: MATTERS[matter].map(str::to_owned),
            opened_at: minutes(opened_at),
            last_at: minutes((opened_at + last).min(20 * DAY)),
            over_at: over.map(|ago| minutes(20 * DAY - ago)),
            cancelled_here: over.is_some() && here && of_call == 1,
            of_call: of_call == 0,
        };
        (0_u8..).zip(all).map(of).collect()
    })
}

/// Each candidate gets a number; the least wins, of those the newest.
fn joins_plainly(all: &[Candidate], arrival: &Arrival, rules: &Rules) -> Joins {
    let age = |at: Utc| Duration::from_millis(u64::try_from(arrival.at.0 - at.0).unwrap());
    let open = all.iter().filter(|c| c.over_at.is_none()).count();
    let cancelled = all.iter().any(|c| c.cancelled_here);
    let quiet = arrival.kind == Kind::Status || (arrival.kind == Kind::Missed && cancelled);
    let mut best: Option<(i32, &Candidate)> = None;
    for c in all {
        let same = c.matter == arrival.matter;
        let either = c.matter.is_none() || arrival.matter.is_none();
        let place = match c.over_at {
            None if arrival.moves == Some(c.id) => 0,
            None if c.of_call && same => 1,
            None if c.of_call && either => 2,
            None if age(c.last_at) <= rules.join && same && c.matter.is_some() => 3,
            None if age(c.last_at) <= rules.join && either => 4,
            _ if quiet => continue,
            Some(over) if age(over) <= rules.reopen && !c.cancelled_here && same => 5,
            Some(over) if age(over) <= rules.reopen && !c.cancelled_here && either => 6,
            None if open >= rules.open_max as usize => 7,
            _ => continue,
        };
        let newer = |other: &Candidate| (c.opened_at, c.id) > (other.opened_at, other.id);
        if best.is_none_or(|(least, other)| place < least || (place == least && newer(other))) {
            best = Some((place, c));
        }
    }
    match best {
        Some((_, c)) => Joins::Into(c.id),
        None if quiet => Joins::Nothing,
        None => Joins::New,
    }
}

/// What one of two people does.
#[derive(Clone, Debug)]
enum Deed {
    Claim,
    Release,
    Note,
    Rings(Reach),
    Snooze(i64),
    Done,
    GiveUp,
    Reopen,
}

fn deeds() -> impl Strategy<Value = Vec<(i64, u8, Deed)>> {
    let deed = prop_oneof![
        3 => Just(Deed::Claim),
        1 => Just(Deed::Release),
        1 => Just(Deed::Note),
        3 => prop::sample::select(Reach::ALL).prop_map(Deed::Rings),
        1 => (1..200_i64).prop_map(Deed::Snooze),
        1 => Just(Deed::Done),
        1 => Just(Deed::GiveUp),
        2 => Just(Deed::Reopen),
    ];
    prop::collection::vec((0..40_i64, 0..2_u8, deed), 1..30)
}

/// An entry as somebody would write it down on paper.
#[derive(Debug, Default)]
struct Paper {
    holder: Option<(u8, Option<i64>)>,
    asleep: Option<i64>,
    over: bool,
    tries: usize,
}

impl Paper {
    /// Whether it is accepted.
    fn does(&mut self, who: u8, deed: &Deed, now: i64) -> bool {
        self.holder = self.holder.filter(|(_, until)| until.is_none_or(|until| until > now));
        self.asleep = self.asleep.filter(|until| *until > now);
        let others = self.holder.is_some_and(|(holder, _)| holder != who);
        let mine = self.holder.is_some_and(|(holder, _)| holder == who);
        let free = !self.over && !others;
        let good = match deed {
            Deed::Note => true,
            Deed::Reopen => self.over,
            Deed::Release => mine,
            _ => free,
        };
        if !good {
            return false;
        }
        match deed {
            Deed::Claim if !mine => (self.holder, self.asleep) = (Some((who, Some(now + 15))), None),
            Deed::Claim | Deed::Note => {}
            Deed::Release => self.holder = None,
            Deed::Rings(result) => {
                self.tries += 1;
                let wait = [15, 120, DAY].get(self.tries - 1).copied().unwrap_or(DAY);
                (self.holder, self.asleep) = match result {
                    Reach::Reached => (Some((who, None)), None),
                    Reach::WrongNumber => (None, None),
                    _ => (None, Some(now + wait)),
                };
            }
            Deed::Snooze(by) => (self.holder, self.asleep) = (None, Some(now + by)),
            Deed::Done | Deed::GiveUp => *self = Paper { over: true, tries: self.tries, ..Paper::default() },
            Deed::Reopen => *self = Paper::default(),
        }
        // Whatever the holder does renews.
        if let Some((holder, Some(until))) = &mut self.holder
            && *holder == who
        {
            *until = now + 15;
        }
        true
    }

    fn state(&self, now: i64) -> &'static str {
        match self {
            Paper { over: true, .. } => "over",
            Paper { holder: Some((_, None)), .. } => "reached",
            Paper { holder: Some((_, Some(until))), .. } if *until > now => "claimed",
            Paper { asleep: Some(until), .. } if *until > now => "snoozed",
            _ => "open",
        }
    }
}

fn act_of(deed: &Deed, now: i64) -> Act {
    let note = String::new();
    match deed {
        Deed::Claim => Act::Claim,
        Deed::Release => Act::Release,
        Deed::Note => Act::Note("n".into()),
        Deed::Rings(result) => Act::Attempt { result: *result, note },
        Deed::Snooze(by) => Act::Snooze(minutes(now + by)),
        Deed::Done => Act::Done { outcome: Outcome::Solved, note },
        Deed::GiveUp => Act::GiveUp { note },
        Deed::Reopen => Act::Reopen,
    }
}

fn word(state: State, now: Utc) -> &'static str {
    match state.at(now) {
        State::Over(_) => "over",
        state => state.as_str(),
    }
}

fn acts(entry: Entry, act: &Act, who: u8, now: Utc) -> Result<Moved, Refusal> {
    entry.act(act, By::Person(person(who)), AttemptId::new(now, [who; 10]), now)
}

proptest! {
    #[test]
    fn calls_join_as_said(
        all in candidates(), matter in 0..4_usize, kind in 0..4_u8, moves in prop::option::of(0..6_usize), open_max in 1..4_u32,
    ) {
        let kind = match kind {
            0 => Kind::Missed,
            1 => Kind::Status,
            2 => Kind::Soon,
            _ => Kind::Message(nightdesk::ids::MessageId::new(START, [1; 10])),
        };
        let mut arrival = arrival(20 * DAY, MATTERS[matter], kind);
        arrival.moves = moves.and_then(|at| all.get(at)).map(|c| c.id);
        let rules = Rules { open_max, ..Rules::default() };
        prop_assert_eq!(joins(&all, &arrival, &rules), joins_plainly(&all, &arrival, &rules));
    }

    /// Whatever somebody rings about, and however often, they have no more open entries than they may, and one for
    /// each matter.
    #[test]
    fn a_party_has_few_entries(calls in prop::collection::vec((0..3 * DAY, 0..4_usize), 1..40)) {
        let rules = Rules::default();
        let (mut all, mut now): (Vec<Candidate>, i64) = (Vec::new(), 0);
        for (n, (wait, matter)) in (0_u8..).zip(calls) {
            now += wait;
            let mut arrival = arrival(now, MATTERS[matter], Kind::Missed);
            arrival.id = CallbackId::new(minutes(now), [n; 10]);
            match joins(&all, &arrival, &rules) {
                Joins::Into(id) => {
                    let one = all.iter_mut().find(|c| c.id == id).unwrap();
                    one.last_at = arrival.at;
                    one.matter = one.matter.clone().or(arrival.matter);
                }
                Joins::New => all.push(Candidate {
                    id: arrival.id,
                    matter: arrival.matter,
                    opened_at: arrival.at,
                    last_at: arrival.at,
                    over_at: None,
                    cancelled_here: false,
                    of_call: false,
                }),
                Joins::Nothing => prop_assert!(false, "a missed call is kept"),
            }
            prop_assert!(all.len() <= 3);
        }
    }

    #[test]
    fn acts_are_those_of_a_paper(deeds in deeds()) {
        let mut entry = Entry { callback: callback(), promises: vec![promise(minutes(90), None)] };
        let (mut paper, mut now) = (Paper::default(), 0);
        for (wait, who, deed) in deeds {
            now += wait;
            let before = entry.clone().passed(minutes(now)).entry;
            let good = paper.does(who, &deed, now);
            match acts(entry.clone(), &act_of(&deed, now), who, minutes(now)) {
                Ok(moved) => {
                    prop_assert!(good, "{:?}", deed);
                    taken_back(&moved, &before, who, minutes(now))?;
                    entry = moved.entry;
                }
                Err(refusal) => prop_assert!(!good, "{:?}: {}", deed, refusal),
            }
            prop_assert_eq!(word(entry.callback.state, minutes(now)), paper.state(now));
            if let State::Claimed { until, .. } = entry.callback.state.at(minutes(now)) {
                prop_assert_eq!(Some(until), paper.holder.and_then(|(_, until)| until).map(minutes));
            }
            if let State::Snoozed { until } = entry.callback.state.at(minutes(now)) {
                prop_assert_eq!(Some(until), paper.asleep.map(minutes));
            }
        }
    }

    /// A promise ends as its tries say, whenever the clock looked.
    #[test]
    fn promises_end_as_their_tries_say(
        tries in prop::collection::vec((0..120_i64, prop::sample::select(Reach::ALL)), 0..5),
        looks in prop::collection::vec(0..120_i64, 0..5),
        slot in any::<bool>(),
    ) {
        let (latest, start) = (minutes(60), slot.then(|| minutes(50)));
        let mut entry = Entry { callback: callback(), promises: vec![promise(latest, start)] };
        let mut all: Vec<(i64, Option<Reach>)> = tries.iter().map(|(at, result)| (*at, Some(*result))).collect();
        all.extend(looks.iter().map(|at| (*at, None)));
        all.sort_by_key(|(at, _)| *at);
        let in_time = |at: i64| at < 60 && (!slot || at >= 45);
        let mut reached = false;
        let mut tried = false;
        for (at, result) in &all {
            entry = match result {
                None => entry.clocked(minutes(*at)).entry,
                Some(result) => {
                    // After they were reached nobody rings again for this.
                    reached |= in_time(*at) && *result == Reach::Reached;
                    tried |= in_time(*at) && *result != Reach::Reached && !reached;
                    acts(entry, &Act::Attempt { result: *result, note: String::new() }, 0, minutes(*at)).unwrap().entry
                }
            };
        }
        let entry = entry.clocked(minutes(120)).entry;
        let expected = match (reached, tried) {
            (true, _) => PromiseState::Kept,
            (_, true) => PromiseState::Tried,
            _ => PromiseState::Broken,
        };
        prop_assert_eq!(entry.promises[0].state, expected);
        prop_assert!(entry.promises[0].settled_at.unwrap() <= latest);
        let warned = looks.iter().copied().filter(|at| (30..60).contains(at)).min();
        if tries.is_empty() {
            prop_assert_eq!(entry.promises[0].warned_at, warned.map(minutes));
        }
    }

    /// Ringing often moves nobody forward.
    #[test]
    fn calls_do_not_change_the_rank(
        urgent in any::<bool>(), held in any::<bool>(), promised in prop::option::of(1..99_i64), calls in 1..20_i64,
    ) {
        let mut entry = Entry { callback: Callback { urgent, held, ..callback() }, promises: Vec::new() };
        if let Some(latest) = promised {
            entry = entry.promised(promise(minutes(100 + latest), None)).entry;
        }
        let before = entry.callback.rank();
        for n in 1..=calls {
            entry = entry.joined(&arrival(n, Some("a"), Kind::Missed), &Rules::default(), true).entry;
        }
        prop_assert_eq!(entry.callback.rank(), before);
        prop_assert_eq!(i64::from(entry.callback.calls), 1 + calls);
        let urgent = Arrival { urgent: true, ..arrival(30, Some("a"), Kind::Missed) };
        prop_assert!(entry.joined(&urgent, &Rules::default(), true).entry.callback.rank() <= before);
    }

    /// Sorted by rank is taken out group by group.
    #[test]
    fn the_order_is_as_said(
        all in prop::collection::vec(
            (any::<bool>(), any::<bool>(), 0..3_u8, prop::option::of(0..9_i64), prop::option::of(0..9_i64), prop::option::of(0..9_i64), 0..9_i64),
            0..20,
        ),
    ) {
        type Parts = (bool, bool, u8, Option<i64>, Option<i64>, Option<i64>, i64);
        let of = |(n, parts): (u8, Parts)| {
            let (urgent, held, ended, broken, slot, promised, opened) = parts;
            let over = nightdesk::callback::Over { outcome: None, at: minutes(opened + 9), by: By::Clock };
            Callback {
                id: CallbackId::new(START, [n; 10]),
                urgent,
                held: held && urgent,
                state: if ended == 0 { State::Over(over) } else { State::Open },
                broken: broken.map(minutes),
                slot: slot.map(|start| nightdesk::callback::Booked {
                    calendar: String::new(),
                    start: minutes(start),
                    end: minutes(start + 10),
                }),
                promised: promised.map(minutes),
                opened_at: minutes(opened),
                ..callback()
            }
        };
        let mut all: Vec<Callback> = (0_u8..).zip(all).map(of).collect();
        let mut left = all.clone();
        let mut said = Vec::new();
        let mut take = |fits: &dyn Fn(&Callback) -> bool, by: &dyn Fn(&Callback) -> i64| {
            let (mut group, rest): (Vec<Callback>, Vec<Callback>) = left.drain(..).partition(|c| fits(c));
            group.sort_by_key(|c| (by(c), c.id));
            said.extend(group.iter().map(|c| c.id));
            left = rest;
        };
        let open = |c: &Callback| c.state.is_open() && !c.held;
        take(&|c| open(c) && c.broken.is_some(), &|c| c.broken.unwrap().0);
        take(&|c| open(c) && c.urgent, &|c| c.opened_at.0);
        take(&|c| open(c) && c.slot.is_some(), &|c| c.slot.as_ref().unwrap().start.0);
        take(&|c| open(c) && c.promised.is_some(), &|c| c.promised.unwrap().0);
        take(&open, &|c| c.opened_at.0);
        take(&|c| c.state.is_open(), &|c| c.opened_at.0);
        take(&|_| true, &|c| -c.opened_at.0);
        all.sort_by_key(Callback::rank);
        prop_assert_eq!(all.iter().map(|c| c.id).collect::<Vec<_>>(), said);
    }

    #[test]
    fn tries_come_by_rule(retry in prop::collection::vec(1..9_u64, 1..5), tries in 1..9_u32) {
        let rules = Rules { retry: retry.iter().map(|n| Duration::from_mins(*n)).collect(), ..Rules::default() };
        let mut waits = retry.iter().copied().chain(std::iter::repeat(*retry.last().unwrap()));
        let wait = waits.nth(tries as usize - 1).unwrap();
        prop_assert_eq!(again(&rules, tries, START), minutes(i64::try_from(wait).unwrap()));
    }

    #[test]
    fn figures_are_counted(
        rows in prop::collection::vec((0..500_i64, prop::option::of((0..300_i64, any::<bool>())), any::<bool>()), 0..30),
        promises in prop::collection::vec((0..5_usize, 0..1000_i64, any::<bool>()), 0..20),
    ) {
        let now = minutes(600);
        let opened = rows.iter().map(|(opened, first, over)| Opened {
            at: minutes(*opened),
            matter: None,
            first: first.map(|(wait, good)| {
                (minutes(opened + wait), if good { Reach::Reached } else { Reach::Busy })
            }),
            over: *over,
        });
        let settled = promises.iter().map(|(state, latest, tried)| Settled {
            state: PromiseState::ALL[*state],
            latest_at: minutes(*latest),
            tried: *tried,
        });
        let facts = Facts { promises: settled.collect(), opened: opened.collect(), ..Facts::default() };
        let figures = figures::figures(&facts, &jiff::tz::TimeZone::UTC, now);
        let broken = promises.iter().filter(|(state, latest, tried)| match PromiseState::ALL[*state] {
            PromiseState::Broken => true,
            PromiseState::Open => *latest <= 600 && !tried,
            _ => false,
        });
        prop_assert_eq!(figures.promises.broken as usize, broken.count());
        // Waits that go on, as long as they are now, and as if they never ended.
        let waits = |unending: Option<i64>| -> Vec<i64> {
            rows.iter()
                .filter_map(|(opened, first, over)| match first {
                    Some((wait, _)) => Some(*wait),
                    None if *over => None,
                    None => Some(unending.unwrap_or(600 - opened)),
                })
                .collect()
        };
        for (percent, figure) in [(50, figures.answer.median), (90, figures.answer.p90)] {
            let least = plain_quantile(&waits(None), percent);
            let most = plain_quantile(&waits(Some(i64::MAX)), percent);
            let figure = figure.map(|wait| (wait.time, wait.at_least));
            let minutes = |n: i64| Duration::from_mins(u64::try_from(n).unwrap());
            prop_assert_eq!(figure, least.map(|wait| (minutes(wait), most != Some(wait))));
        }
        let answered = rows.iter().filter(|(_, first, _)| first.is_some()).count();
        prop_assert_eq!(figures.answer.answered as usize, answered);
        prop_assert_eq!(figures.first_tries as usize, answered);
        prop_assert_eq!(figures.by_hour.values().map(|group| group.answered).sum::<u32>() as usize, answered);
    }
}

/// What a person did is taken back to what was before, and nobody else can do it.
fn taken_back(moved: &Moved, before: &Entry, who: u8, now: Utc) -> Result<(), TestCaseError> {
    let Some(last) = moved.happened.last().filter(|last| last.before.is_some()) else { return Ok(()) };
    let last = Last { at: last.at, kind: last.kind, by: last.by, before: last.before.clone() };
    let text = serde_json::to_string(&last.before).unwrap();
    let last = Last { before: serde_json::from_str(&text).unwrap(), ..last };
    let back = moved.entry.clone().undo(&last, By::Person(person(who)), now).unwrap().entry;
    let mut before = before.clone();
    before.callback.promised = back.callback.promised;
    prop_assert_eq!(&back, &before);
    let other = moved.entry.clone().undo(&last, By::Person(person(1 - who)), now);
    prop_assert_eq!(other, Err(Refusal::NothingToUndo));
    Ok(())
}

/// The least of them such that so many percent are not more.
fn plain_quantile(all: &[i64], percent: usize) -> Option<i64> {
    let enough = |limit: i64| all.iter().filter(|wait| **wait <= limit).count() * 100 >= percent * all.len();
    all.iter().copied().filter(|wait| enough(*wait)).min()
}
