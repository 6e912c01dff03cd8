//! What a caller hears and does, in the words of a phone call: no header, no packet, no row.
//!
//! [`Flow`] takes `(event, now)` and gives [`Action`]s; drain [`Flow::poll_action`] after each
//! [`Flow::handle`], then ask [`Flow::poll_timeout`].

mod message;

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Mono;

pub use message::MessageStep;
use message::State;

/// What happened to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The call is answered; the line can be heard.
    Started,
    /// What was to be said last has been said to its end.
    Said,
    /// A key.
    Key(char),
    /// The row of the take stands: recording may start.
    Ready,
    /// No message can be kept (disk, database).
    Refused,
    /// The recording is near its longest.
    NearMax,
    /// The recording ended.
    Recorded(RecordEnd),
    /// The recording can no longer be written.
    WriteFailed,
    /// The take is on disk and in the list.
    Kept,
    /// The take held too little sound to be a message.
    Empty,
    /// The take could not be kept.
    NotKept,
    /// The caller hung up, or the line is dead.
    HungUp,
    /// [`Flow::poll_timeout`] has come.
    Timeout,
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// The caller pressed `#`.
    Key,
    /// Nothing more was said.
    Silence,
    /// The longest message.
    Max,
    /// It was stopped, or the line died.
    Stopped,
}

/// Something to be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// A prompt by its id.
    Prompt(&'static str),
    /// What the caller has recorded so far.
    Message,
}

/// How a take joins the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first.
    First,
    /// Replaces all before it, once it holds sound.
    Again,
    /// Is heard after what is there.
    More,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make the row of the next take; [`Event::Ready`] or [`Event::Refused`] answers.
    Prepare(Role),
    /// Say this, instead of what is being said.
    Say(Vec<Say>),
    /// Be quiet.
    Hush,
    /// Record a take; [`Event::Recorded`] answers, then [`Event::Kept`], [`Event::Empty`] or [`Event::NotKept`].
    Record(Role),
    /// End the recording.
    StopRecording,
    /// The message is urgent.
    MarkUrgent,
    /// Hang up.
    HangUp(Cause),
}

/// Why we hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// All is said.
    Done,
    /// The caller says and presses nothing.
    Silent,
    /// Nothing could be kept.
    NotKept,
}

impl Cause {
    /// As the timeline writes it.
    pub fn code(self) -> &'static str {
        match self {
            Cause::Done => "done",
            Cause::Silent => "silent",
            Cause::NotKept => "not_kept",
        }
    }
}

/// What is waited for, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// A key after the menu.
    Choice,
    /// The store's word about a row or a take.
    Store,
}

/// How long the store may take before the caller is told that nothing was kept.
const STORE_MAX: Duration = Duration::from_secs(10);
/// How long a caller may think after the menu.
const CHOICE_MAX: Duration = Duration::from_secs(6);

/// One caller's way through a step.
#[derive(Debug)]
pub struct Flow {
    step: MessageStep,
    /// The caller's number is known.
    known: bool,
    state: State,
    timer: Option<(Timer, Mono)>,
    actions: VecDeque<Action>,
}

impl Flow {
    /// A caller before the first word. `known`: their number is not withheld.
    pub fn new(step: MessageStep, known: bool) -> Self {
        Flow { step, known, state: State::Waiting, timer: None, actions: VecDeque::new() }
    }

    /// Something happened at `now`. What does not fit the state is ignored: keys come when they come.
    pub fn handle(&mut self, event: Event, now: Mono) {
        if event == Event::Timeout {
            let Some((timer, at)) = self.timer else { return };
            if at > now {
                return;
            }
            self.timer = None;
            self.timed_out(timer);
        } else {
            self.step_on(event, now);
        }
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Event::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Mono> {
        self.timer.map(|(_, at)| at)
    }

    /// Nothing more will be said or recorded.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn say<const N: usize>(&mut self, what: [Say; N]) {
        self.act(Action::Say(what.into()));
    }

    fn set_timer(&mut self, timer: Timer, now: Mono) {
        let after = match timer {
            Timer::Choice => CHOICE_MAX,
            Timer::Store => STORE_MAX,
        };
        self.timer = Some((timer, now + after));
    }
}
