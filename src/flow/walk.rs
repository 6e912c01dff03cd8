//! From step to step.

use std::mem;

use super::again::Again;
use super::choice::Choosing;
use super::message::Stage;
use super::owner::{Desk, is_owner};
use super::route::{local, route};
use super::slots::Dialogue;
use super::words::Words;
use super::{Action, By, Cause, Entered, Event, Flow, Say, Timer};
use crate::clock::{Now, Utc};
use crate::plan::{self, Kind, Place, Plan, StepId, Target, To};

/// Menus that are remembered for `back`.
const MENUS_MAX: usize = 32;

/// Where the caller is.
#[derive(Debug)]
pub(super) enum State {
    /// Not answered yet.
    Waiting,
    /// Hears words, then goes on.
    Hearing { step: StepId, then: Option<Target>, barge_in: bool },
    /// Is asked for keys.
    Choosing(Choosing),
    /// Hears how it stands with what is open already.
    Again(Box<Again>),
    /// Is offered times.
    Slots(Box<Dialogue>),
    /// Leaves a message at this step.
    Message(StepId, Stage),
    /// Is the owner, or says so.
    Owner(StepId, Desk),
    /// Hears the last words.
    Leaving { cause: Cause },
    /// Nothing more to do.
    Over,
}

impl State {
    /// What the desk answers is for the step itself, not for what it promises.
    fn asks_desk(&self) -> bool {
        matches!(self, State::Again(_) | State::Slots(_) | State::Over)
    }
}

impl Flow {
    /// One event, one transition: the state is consumed and the next one put back.
    pub(super) fn step_on(&mut self, event: Event, now: Now) {
        let state = mem::replace(&mut self.state, State::Over);
        if let (Event::Desk(answer), false) = (&event, state.asks_desk()) {
            self.promise_answered(answer);
        }
        self.state = match (state, event) {
            (State::Over, _) => State::Over,
            (state, Event::HungUp) => self.hung_up(&state),
            (State::Waiting, Event::Started) => self.answered(now),
            (State::Hearing { step, then, .. }, Event::Said) => self.go_on(step, then, now),
            (State::Hearing { step, then, barge_in: true }, Event::Key(_)) => {
                self.act(Action::Hush);
                self.go_on(step, then, now)
            }
            (State::Choosing(choosing), event) => self.choosing(choosing, event, now),
            (State::Again(again), event) => self.again(*again, event, now),
            (State::Slots(dialogue), event) => self.slots(dialogue, event, now),
            (State::Message(step, stage), event) => self.message(step, stage, event, now),
            (State::Owner(step, desk), event) => self.owner(step, desk, event, now),
            (State::Leaving { cause }, Event::Said) => self.hang_up(cause),
            (state, _) => state,
        };
    }

    pub(super) fn timed_out(&mut self, timer: Timer, now: Now) {
        let state = mem::replace(&mut self.state, State::Over);
        self.state = match state {
            State::Choosing(choosing) => self.no_key(choosing, timer, now),
            State::Again(again) => self.again_timed_out(*again, timer, now),
            State::Slots(dialogue) => self.slots_timed_out(dialogue, timer, now),
            State::Message(step, stage) => self.message_timed_out(step, stage, timer, now),
            State::Owner(step, desk) => self.owner_timed_out(step, desk, timer, now),
            state => state,
        };
    }

    /// The first step.
    pub(super) fn begin(&mut self, now: Now) -> State {
        let setting = self.setting.clone();
        let route = route(&setting, &self.visitor, now.utc);
        let To::Step(first) = route.target.to else { return self.farewell(Cause::Done) };
        let kind = setting.plan.step(first).map(|step| &step.kind);
        // An owner hears how it is after the PIN.
        if !kind.is_some_and(is_owner) {
            self.lead.extend(self.words(now).closed_by_hand(kind.and_then(said_by)));
        }
        self.enter(first, By::Route(route.explained(&setting)), route.target.place, now)
    }

    /// Goes where `target` says. `from`: the step that the caller leaves.
    pub(super) fn go(&mut self, from: StepId, target: Target, by: By, now: Now) -> State {
        match target.to {
            To::Step(step) => self.enter(step, by, target.place, now),
            To::Back => {
                if self.menus.last() == Some(&from) {
                    self.menus.pop();
                }
                let is_menu = |plan: &Plan| matches!(plan.step(from).map(|step| &step.kind), Some(Kind::Menu(_)));
                match self.menus.last() {
                    Some(menu) => self.enter(*menu, By::Back, target.place, now),
                    None if is_menu(&self.setting.plan) => self.enter(from, By::Back, target.place, now),
                    None => self.farewell(Cause::Done),
                }
            }
        }
    }

    fn go_on(&mut self, from: StepId, then: Option<Target>, now: Now) -> State {
        match then {
            Some(target) => self.go(from, target, By::Done, now),
            None => self.hang_up(Cause::Done),
        }
    }

    pub(super) fn enter(&mut self, id: StepId, by: By, place: Place, now: Now) -> State {
        self.timer = None;
        self.secret = false;
        if !self.takes_a_turn() {
            return self.farewell(Cause::TooMany);
        }
        let plan = self.setting.plan.clone();
        let Some(step) = plan.step(id) else { return self.farewell(Cause::Done) };
        self.act(Action::Enter(Entered { step: id, by, place }));
        if !matches!(step.kind, Kind::Message(_)) {
            self.adds = None;
        }
        match &step.kind {
            Kind::Menu(menu) => {
                if self.menus.last() != Some(&id) {
                    if self.menus.len() >= MENUS_MAX {
                        self.menus.remove(0);
                    }
                    self.menus.push(id);
                }
                self.ask(Choosing::new(id, menu.repeat), false, now)
            }
            Kind::Language(language) => self.ask(Choosing::new(id, language.repeat), false, now),
            Kind::Info(info) => self.tell(id, &info.say, Some(info.goto), info.barge_in, now),
            Kind::Say(say) => self.tell(id, &say.say, say.goto, say.barge_in, now),
            Kind::Message(message) => self.begin_message(id, message, now),
            Kind::Slots(slots) => self.enter_slots(id, slots, now),
            // Until they have their engines, the way for when they find nobody.
            Kind::Oncall(oncall) => self.go(id, oncall.otherwise, By::Otherwise, now),
            Kind::Ring(ring) => self.go(id, ring.otherwise, By::Otherwise, now),
            Kind::Owner(_) => self.enter_owner(id, now),
            Kind::Hangup(hangup) => {
                let words = self.words(now).say(&hangup.say);
                if self.say_all(words) { State::Leaving { cause: Cause::Done } } else { self.farewell(Cause::Done) }
            }
        }
    }

    /// One more step or choice; false: it was the last.
    pub(super) fn takes_a_turn(&mut self) -> bool {
        self.turns_left = self.turns_left.saturating_sub(1);
        self.turns_left > 0
    }

    fn tell(&mut self, step: StepId, say: &plan::Say, then: Option<Target>, barge_in: bool, now: Now) -> State {
        let words = self.words(now).say(say);
        if self.say_all(words) { State::Hearing { step, then, barge_in } } else { self.go_on(step, then, now) }
    }

    pub(super) fn words(&self, now: Now) -> Words<'_> {
        Words {
            setting: &self.setting,
            visitor: &self.visitor,
            language: self.language,
            now: now.utc,
            promise: self.promise.within,
            by: self.promise.by,
        }
    }

    pub(super) fn date_of(&self, at: Utc) -> jiff::civil::Date {
        local(at, &self.setting.plan.line.zone).date()
    }

    /// Shipped prompts in the language of the call.
    pub(super) fn prompts(&self, ids: &[&'static str]) -> Vec<Say> {
        ids.iter().map(|id| Say::prompt(*id, self.language)).collect()
    }

    /// A farewell, and the end.
    pub(super) fn farewell(&mut self, cause: Cause) -> State {
        self.leave(["goodbye"], cause)
    }

    pub(super) fn leave<const N: usize>(&mut self, ids: [&'static str; N], cause: Cause) -> State {
        self.timer = None;
        self.say(ids);
        State::Leaving { cause }
    }

    fn hang_up(&mut self, cause: Cause) -> State {
        self.let_go();
        self.act(Action::HangUp(cause));
        State::Over
    }

    /// Hanging up is how most messages end: what was said is kept by the take's own end.
    fn hung_up(&mut self, state: &State) -> State {
        self.timer = None;
        if matches!(state, State::Message(_, Stage::Recording(_))) {
            self.act(Action::StopRecording);
        }
        match state {
            State::Owner(_, desk) => self.owner_hung_up(desk),
            State::Slots(dialogue) => self.slots_hung_up(dialogue),
            _ => {}
        }
        self.let_go();
        State::Over
    }
}

/// The words that are said when a step is entered; none for those that wait for their engines.
pub(super) fn said_by(kind: &Kind) -> Option<&plan::Say> {
    (!matches!(kind, Kind::Oncall(_) | Kind::Ring(_))).then(|| kind.say())
}
