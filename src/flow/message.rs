//! The message step: greeting → beep → record → kept → listen again, replace, add, urgent.

use std::mem;
use std::time::Duration;

use super::{Action, Cause, Event, Flow, RecordEnd, Role, Say, Timer};
use crate::clock::Mono;

/// How a message is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageStep {
    /// Prompts before the beep.
    pub greeting: Vec<&'static str>,
    /// Silence before any sound that ends the recording.
    pub silence_before: Duration,
    /// Silence after sound that ends it.
    pub silence_after: Duration,
    /// Longest take.
    pub max: Duration,
    /// How long before `max` the caller is warned.
    pub warning: Duration,
    /// Less sound than this is a missed call, not a message.
    pub sound_min: Duration,
}

impl Default for MessageStep {
    fn default() -> Self {
        MessageStep {
            greeting: vec!["greeting", "leave-message"],
            silence_before: Duration::from_secs(15),
            silence_after: Duration::from_secs(8),
            max: Duration::from_secs(300),
            warning: Duration::from_secs(20),
            sound_min: Duration::from_secs(1),
        }
    }
}

/// Menus are repeated, wrong keys forgiven and empty recordings tried again this often.
const PATIENCE: u8 = 3;

/// Where the caller is.
#[derive(Debug)]
pub(super) enum State {
    /// Not answered yet.
    Waiting,
    /// Hears what leads to the beep, while the row of the take is made.
    Before { take: Take, ready: bool, said: bool },
    /// Hears the beep.
    Beep(Take),
    /// Speaks.
    Recording(Take),
    /// The take is being written.
    Saving { take: Take, end: RecordEnd },
    /// Hears the menu or thinks about it; something is kept.
    Review { tries: u8 },
    /// Hears the last words.
    Leaving { cause: Cause },
    /// Nothing more to do.
    Over,
}

/// A take on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Take {
    role: Role,
    /// How often nothing may still be heard.
    tries: u8,
}

impl Flow {
    /// One event, one transition: the state is consumed and the next one put back.
    pub(super) fn step_on(&mut self, event: Event, now: Mono) {
        let state = mem::replace(&mut self.state, State::Over);
        self.state = match (state, event) {
            (State::Over, _) => State::Over,
            (state, Event::HungUp) => self.hung_up(state),
            (State::Waiting, Event::Started) => {
                let greeting = self.step.greeting.clone();
                self.lead_in(Take { role: Role::First, tries: PATIENCE }, greeting, now)
            }
            (State::Before { take, ready, said }, event) => self.before(take, ready, said, event),
            (State::Beep(take), Event::Said) => {
                self.act(Action::Record(take.role));
                State::Recording(take)
            }
            (State::Recording(take), event) => self.recording(take, event, now),
            (State::Saving { take, end }, event) => self.saving(take, end, event, now),
            (State::Review { tries }, event) => self.review(tries, event, now),
            (State::Leaving { cause }, Event::Said) => {
                self.act(Action::HangUp(cause));
                State::Over
            }
            (state, _) => state,
        };
    }

    pub(super) fn timed_out(&mut self, timer: Timer) {
        let state = mem::replace(&mut self.state, State::Over);
        self.state = match (timer, state) {
            (Timer::Store, State::Before { take, .. } | State::Saving { take, .. }) => self.not_kept(take),
            (Timer::Choice, State::Review { tries }) => self.ask_again(tries, None),
            (_, state) => state,
        };
    }

    /// The row is made while the words before the beep are heard: it costs the caller no time.
    fn lead_in(&mut self, take: Take, words: Vec<&'static str>, now: Mono) -> State {
        self.act(Action::Prepare(take.role));
        self.act(Action::Say(words.into_iter().map(Say::Prompt).collect()));
        self.set_timer(Timer::Store, now);
        State::Before { take, ready: false, said: false }
    }

    fn before(&mut self, take: Take, ready: bool, said: bool, event: Event) -> State {
        let (ready, said) = match event {
            Event::Ready => {
                self.timer = None;
                (true, said)
            }
            Event::Said => (ready, true),
            // Those who know the greeting go straight to the beep.
            Event::Key('#') => {
                self.act(Action::Hush);
                (ready, true)
            }
            Event::Refused => {
                self.timer = None;
                return self.not_kept(take);
            }
            _ => (ready, said),
        };
        if !(ready && said) {
            return State::Before { take, ready, said };
        }
        self.say([Say::Prompt("beep")]);
        State::Beep(take)
    }

    fn recording(&mut self, take: Take, event: Event, now: Mono) -> State {
        match event {
            Event::NearMax => {
                self.say([Say::Prompt("record-warning")]);
                State::Recording(take)
            }
            Event::WriteFailed => {
                self.act(Action::StopRecording);
                self.not_kept(take)
            }
            Event::Recorded(end) => {
                self.act(Action::Hush);
                self.set_timer(Timer::Store, now);
                State::Saving { take, end }
            }
            _ => State::Recording(take),
        }
    }

    fn saving(&mut self, take: Take, end: RecordEnd, event: Event, now: Mono) -> State {
        match event {
            Event::Kept => {
                self.timer = None;
                self.say([Say::Prompt("saved"), Say::Prompt("review-menu")]);
                State::Review { tries: PATIENCE }
            }
            Event::Empty => {
                self.timer = None;
                self.empty(take, end, now)
            }
            Event::NotKept => {
                self.timer = None;
                self.not_kept(take)
            }
            _ => State::Saving { take, end },
        }
    }

    /// Nothing was heard. Who pressed a key is there and may try again; who was silent has gone.
    fn empty(&mut self, take: Take, end: RecordEnd, now: Mono) -> State {
        match (take.role, end) {
            (Role::Again | Role::More, _) => {
                self.say([Say::Prompt("nothing-heard"), Say::Prompt("kept-so-far"), Say::Prompt("review-menu")]);
                State::Review { tries: PATIENCE }
            }
            (Role::First, RecordEnd::Key) if take.tries > 1 => {
                let take = Take { tries: take.tries.saturating_sub(1), ..take };
                self.lead_in(take, vec!["nothing-heard", "leave-message"], now)
            }
            (Role::First, _) => {
                self.say([Say::Prompt("nothing-heard"), Say::Prompt("goodbye")]);
                State::Leaving { cause: Cause::Silent }
            }
        }
    }

    fn review(&mut self, tries: u8, event: Event, now: Mono) -> State {
        match event {
            Event::Said => {
                self.set_timer(Timer::Choice, now);
                State::Review { tries }
            }
            Event::Key(key) => {
                self.timer = None;
                self.choose(key, tries, now)
            }
            _ => State::Review { tries },
        }
    }

    fn choose(&mut self, key: char, tries: u8, now: Mono) -> State {
        match key {
            '2' => self.say([Say::Message, Say::Prompt("review-menu")]),
            '3' => return self.lead_in(Take { role: Role::Again, tries: 1 }, vec!["record-again"], now),
            '4' => return self.lead_in(Take { role: Role::More, tries: 1 }, vec!["record-more"], now),
            '5' => {
                self.act(Action::MarkUrgent);
                self.say([Say::Prompt("marked-urgent"), Say::Prompt("review-menu")]);
            }
            // A second # of an impatient thumb is no mistake.
            '#' => return self.ask_again(tries, None),
            _ => return self.ask_again(tries, Some("error-invalid")),
        }
        State::Review { tries: PATIENCE }
    }

    fn ask_again(&mut self, tries: u8, mistake: Option<&'static str>) -> State {
        if tries <= 1 {
            self.say([Say::Prompt("goodbye")]);
            return State::Leaving { cause: Cause::Done };
        }
        let words = mistake.into_iter().chain(["review-menu"]);
        self.act(Action::Say(words.map(Say::Prompt).collect()));
        State::Review { tries: tries.saturating_sub(1) }
    }

    /// No dead end: what could be kept is named, and nothing else is promised.
    fn not_kept(&mut self, take: Take) -> State {
        let words = match (take.role, self.known) {
            (Role::Again | Role::More, _) => "kept-so-far",
            (Role::First, true) => "not-kept",
            (Role::First, false) => "not-kept-withheld",
        };
        self.say([Say::Prompt(words), Say::Prompt("goodbye")]);
        State::Leaving { cause: Cause::NotKept }
    }

    /// Hanging up is how most messages end: what was said is kept by the take's own end.
    fn hung_up(&mut self, state: State) -> State {
        self.timer = None;
        if matches!(state, State::Recording(_)) {
            self.act(Action::StopRecording);
        }
        State::Over
    }
}
