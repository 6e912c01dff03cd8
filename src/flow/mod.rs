//! What a caller hears and does, in the words of a phone call: no header, no packet, no row.
//!
//! [`Flow`] takes `(event, now)` and gives [`Action`]s; drain [`Flow::poll_action`] after each
//! [`Flow::handle`], then ask [`Flow::poll_timeout`]. Which way a call goes is said by the plan of its
//! [`Setting`]; [`route`] says where it begins and why, [`simulate`] what a caller would hear.

mod again;
mod choice;
mod desk;
mod message;
mod owner;
mod phrases;
mod promise;
mod question;
mod route;
mod setting;
pub mod simulate;
mod slots;
mod told;
mod typed;
mod walk;
mod why;
mod words;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::{Mono, Now, Utc};
use crate::ids::{CallbackId, Language, NameClipId};
use crate::plan::Place;

pub use crate::plan::{StepId, Text};
pub use desk::{Answer, Ask, Booking, Open, Told, When};
pub use message::Recording;
pub use owner::{AUTHOR, Done, Draft, PROMPT_MAX, Pin};
pub use route::{Route, Why, route, state};
pub use setting::{Contact, Setting, Visitor};
pub use told::slot_told;
pub use typed::Digits;
use walk::State;

/// What happened to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// What became of the PIN that [`Action::CheckPin`] gave.
    Pin(Pin),
    /// What became of a change of the owner's.
    Done(Done),
    /// What becomes of the recording of a prompt.
    Draft(Draft),
    /// What the desk answers to the last [`Action::Desk`]: an answer to one before it is not handed on.
    Desk(Answer),
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Say {
    /// A prompt by its id.
    Prompt {
        /// The owner's own, or one that ships.
        id: Cow<'static, str>,
        /// In which language.
        language: Language,
    },
    /// Sentences in words.
    Spoken {
        /// No digit, no symbol ([`crate::speech::is_spoken`]).
        words: String,
        /// In which language.
        language: Language,
    },
    /// What the caller has recorded so far.
    Message,
    /// The prompt that the owner has recorded, and not kept yet.
    Draft,
    /// The caller's name as the owner has recorded it; nothing where it is not at hand.
    Name(NameClipId),
}

impl Say {
    fn prompt(id: impl Into<Cow<'static, str>>, language: Language) -> Say {
        Say::Prompt { id: id.into(), language }
    }
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
    /// The call goes on at this step: for the timeline.
    Enter(Entered),
    /// Make the row of the next take, of a message of this step; [`Event::Ready`] or [`Event::Refused`] answers.
    Prepare {
        /// How it joins what is there.
        role: Role,
        /// Whose message it is: a message step.
        step: StepId,
        /// The open callback that the caller adds to.
        adds: Option<CallbackId>,
    },
    /// Say this, instead of what is being said. Never empty.
    Say(Vec<Say>),
    /// Be quiet.
    Hush,
    /// Record a take; [`Event::Recorded`] answers, then [`Event::Kept`], [`Event::Empty`] or [`Event::NotKept`].
    Record(Role, Recording),
    /// End the recording.
    StopRecording,
    /// The message is urgent.
    MarkUrgent,
    /// The owner is asked for the PIN: for the timeline.
    AskPin,
    /// Is this the owner's PIN? [`Event::Pin`] answers.
    CheckPin(Digits),
    /// Open or closed by hand from now on; [`Event::Done`] answers.
    SetHours {
        /// Open, or closed.
        open: bool,
        /// First moment after it.
        until: Utc,
    },
    /// What holds by hand just now holds no more; [`Event::Done`] answers.
    LiftHours,
    /// Make room for the recording of a prompt; [`Event::Draft`] answers.
    PrepareDraft,
    /// Record it; [`Event::Recorded`] answers, then [`Event::Draft`].
    RecordDraft(Recording),
    /// Callers hear what was recorded from now on; [`Event::Done`] answers.
    KeepDraft {
        /// Spoken in it.
        language: Language,
        /// Which prompt.
        prompt: String,
    },
    /// Nothing of it is left.
    DropDraft,
    /// The version of a prompt before the one that callers hear; [`Event::Done`] answers.
    RestorePrompt {
        /// Spoken in it.
        language: Language,
        /// Which prompt.
        prompt: String,
    },
    /// Ask the desk; [`Event::Desk`] answers.
    Desk(Ask),
    /// The caller was told this of when somebody calls back.
    Promised(Told),
    /// Hang up.
    HangUp(Cause),
}

/// How a call came to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Which.
    pub step: StepId,
    /// What led to it.
    pub by: By,
    /// The place of the plan that says so.
    pub place: Place,
}

/// What led to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The call begins here: rules, days, hours; and why, in both languages.
    Route(Text),
    /// The caller chose it.
    Keys(String),
    /// The caller pressed nothing.
    Silence,
    /// The caller pressed what leads nowhere.
    Invalid,
    /// The step before was done.
    Done,
    /// The step before could not do what it is for.
    Otherwise,
    /// Back to the menu before.
    Back,
}

impl By {
    /// As the timeline writes it.
    pub fn code(&self) -> &'static str {
        match self {
            By::Route(_) => "route",
            By::Keys(_) => "keys",
            By::Silence => "silence",
            By::Invalid => "invalid",
            By::Done => "done",
            By::Otherwise => "otherwise",
            By::Back => "back",
        }
    }
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
    /// The caller goes round and round ([`TURNS_MAX`]).
    TooMany,
}

impl Cause {
    /// As the timeline writes it.
    pub fn code(self) -> &'static str {
        match self {
            Cause::Done => "done",
            Cause::Silent => "silent",
            Cause::NotKept => "not_kept",
            Cause::TooMany => "too_many",
        }
    }
}

/// What is waited for, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// A key after a menu.
    Choice,
    /// The next digit of a longer choice.
    DigitGap,
    /// The store's word about a row or a take.
    Store,
    /// What was asked of the desk.
    Desk,
}

/// How long the store may take before the caller is told that nothing was kept.
const STORE_MAX: Duration = Duration::from_secs(10);
/// Steps and choices of one call: whoever takes more plays with the line.
pub const TURNS_MAX: u16 = 300;

/// One caller's way through a plan.
#[derive(Debug)]
pub struct Flow {
    setting: Setting,
    visitor: Visitor,
    language: Language,
    /// Menus that the caller came through: where `back` leads.
    menus: Vec<StepId>,
    turns_left: u16,
    promise: promise::Promise,
    /// The desk may hold something that nobody was told of.
    holds: bool,
    /// The callback that the slots step to come is to move.
    moves: Option<CallbackId>,
    /// What a message of the caller is added to.
    adds: Option<CallbackId>,
    /// Said before the next words.
    lead: Vec<Say>,
    /// Wrong PINs that are still forgiven in this call.
    pins_left: u8,
    /// What is pressed is a PIN, or may be a part of one.
    secret: bool,
    state: State,
    timer: Option<(Timer, Mono)>,
    actions: VecDeque<Action>,
}

impl Flow {
    /// A caller before the first word.
    pub fn new(setting: Setting, visitor: Visitor) -> Self {
        let spoken = &setting.plan.line.languages;
        let theirs = visitor.contact.as_ref().and_then(|contact| contact.language).filter(|it| spoken.contains(it));
        let language = theirs.or_else(|| spoken.first().copied()).unwrap_or(Language::De);
        Flow {
            setting,
            language,
            menus: Vec::new(),
            turns_left: TURNS_MAX,
            promise: promise::Promise::default(),
            holds: false,
            moves: None,
            adds: None,
            lead: visitor.name_to_say().map(Say::Name).into_iter().collect(),
            visitor,
            pins_left: owner::PINS_MAX,
            secret: false,
            state: State::Waiting,
            timer: None,
            actions: VecDeque::new(),
        }
    }

    /// Something happened at `now`. What does not fit the state is ignored: keys come when they come.
    pub fn handle(&mut self, event: Event, now: Now) {
        let before_beep = self.is_before_beep();
        if event == Event::Timeout {
            let Some((timer, at)) = self.timer else { return };
            if at > now.mono {
                return;
            }
            self.timer = None;
            self.timed_out(timer, now);
        } else {
            self.promise_heard(&event);
            self.step_on(event, now);
        }
        self.promise_said(before_beep, now);
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

    /// Keys that are pressed now are nobody's to know: not for a timeline, a log or a screen.
    pub fn hides_keys(&self) -> bool {
        self.secret
    }

    /// The plan that this call follows, whatever comes after it.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What the caller is spoken to in just now.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Who calls which number.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    /// Says shipped prompts.
    fn say<const N: usize>(&mut self, ids: [&'static str; N]) {
        self.say_all(ids.map(|id| Say::prompt(id, self.language)).into());
    }

    /// Says all of it, after what is to go before. Nothing to say is said at once: false.
    fn say_all(&mut self, words: Vec<Say>) -> bool {
        let mut all = std::mem::take(&mut self.lead);
        all.extend(words);
        let any = !all.is_empty();
        if any {
            self.act(Action::Say(all));
        }
        any
    }

    /// Asks the desk, and waits so long for its answer.
    fn ask_desk(&mut self, ask: Ask, max: Duration, now: Now) {
        self.holds |= matches!(ask, Ask::Offer { .. } | Ask::Latest { .. });
        self.act(Action::Desk(ask));
        self.set_timer(Timer::Desk, max, now);
    }

    /// What the desk holds for this call is free for others.
    fn let_go(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.act(Action::Desk(Ask::Release));
        }
    }

    fn set_timer(&mut self, timer: Timer, after: Duration, now: Now) {
        self.timer = Some((timer, now.mono + after));
    }
}
