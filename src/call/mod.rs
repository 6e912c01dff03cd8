//! One incoming call: joins the leg, its audio and the caller's way through the plan.
//!
//! The driving contract: after each [`Call::handle`], drain [`Call::poll_action`] until it is empty,
//! then ask [`Call::poll_timeout`]; when [`Call::is_over`] says so, drop it. Everything that the call
//! wants goes out as an [`Action`]; nothing here knows a socket, a thread or a row.

mod answer;
mod desk;
mod owner;
mod speak;
mod store;
mod timeline;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::clock::{Mono, Now, Utc};
use crate::flow::{self, Flow, Setting, Visitor};
use crate::ids::{self, CallId, Language, MessageId, NameClipId, TakeId};
use crate::media::{self, Clip, Figures};
use crate::sdp::Capabilities;
use crate::sip;

pub use answer::remote;
pub use owner::{Made, OwnerAction, OwnerEvent, Pin, Sound};
pub use store::{Finish, StoreAction, StoreEvent};
pub use timeline::{Note, Outcome, What};

/// Where a call finds what it says.
pub trait Clips: Send + Sync {
    /// The prompt of this id: the owner's own, or the one that ships.
    fn clip(&self, language: Language, id: &str) -> Option<Arc<Clip>>;

    /// A contact's name as the owner has recorded it, where it is at hand: nobody is waited for.
    fn name(&self, _id: NameClipId) -> Option<Arc<Clip>> {
        None
    }

    /// These sentences in words, where they are at hand; otherwise [`Action::Speak`] asks for them.
    fn spoken(&self, language: Language, words: &str) -> Option<Arc<Clip>>;
}

/// How the calls of a line are answered.
#[derive(Clone)]
pub struct Line {
    /// The plan and what goes with it.
    pub setting: Setting,
    /// How long it rings before we answer; zero answers at once (PRODUCT.md).
    pub ring: Duration,
    /// What we offer and answer.
    pub capabilities: Capabilities,
    /// What is said.
    pub clips: Arc<dyn Clips>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("business", &self.setting.business)
            .field("ring", &self.ring)
            .finish_non_exhaustive()
    }
}

/// What happens to a call.
#[derive(Debug)]
pub enum Event {
    /// On its leg.
    Sip(sip::Event),
    /// In its audio.
    Media(media::Event),
    /// Its stream is closed and has said all it had to say.
    MediaClosed(Figures),
    /// In the store.
    Store(StoreEvent),
    /// For the owner.
    Owner(OwnerEvent),
    /// To [`Action::Desk`].
    Desk {
        /// Which request: what comes later than it was waited for is not taken for an answer to the next.
        number: u32,
        /// The answer.
        answer: flow::Answer,
    },
    /// What [`Action::Speak`] asked for; none where it cannot be spoken.
    Spoken {
        /// In which language.
        language: Language,
        /// The sentences.
        words: String,
        /// Their sound.
        clip: Option<Arc<Clip>>,
    },
    /// [`Call::poll_timeout`] has come.
    Timeout,
}

/// What a call wants.
#[derive(Debug)]
pub enum Action {
    /// Of its leg.
    Sip(sip::Command),
    /// Of its stream.
    Media(media::Command),
    /// Close the stream; [`Event::MediaClosed`] answers.
    CloseMedia,
    /// Of the store.
    Store(StoreAction),
    /// Of whoever keeps what is the owner's.
    Owner(OwnerAction),
    /// Of the desk; [`Event::Desk`] answers, but to a [`flow::Ask::Release`].
    Desk {
        /// Counted from 1 in each call; a release has that of the request before it.
        number: u32,
        /// The request.
        ask: flow::Ask,
    },
    /// Make these sentences heard; [`Event::Spoken`] answers.
    Speak {
        /// In which language.
        language: Language,
        /// The sentences, in words.
        words: String,
    },
    /// For the timeline.
    Note(Note),
}

/// The random start of a call's ids and session numbers.
pub type Seed = [u8; 32];

/// The first play waits for the caller's first packet, but no longer than this (PRODUCT.md).
const FIRST_PACKET_MAX: Duration = Duration::from_secs(1);
/// The longest call: two of the longest messages and all that is said around them.
const CALL_MAX: Duration = Duration::from_secs(75 * 60);
/// A call whose stream or store does not answer is let go after this long.
const CLOSING_MAX: Duration = Duration::from_secs(30);

/// One incoming call.
#[derive(Debug)]
pub struct Call {
    id: CallId,
    line: Line,
    flow: Flow,
    random: StdRng,
    phase: Phase,
    audio: answer::Audio,
    playing: speak::Playing,
    message: Option<store::Message>,
    draft: Option<owner::Draft>,
    desk: desk::Asked,
    /// What the timeline says once it is kept.
    pending: Option<What>,
    outcome: Outcome,
    last_key: Option<(char, speak::KeyFrom, Mono)>,
    actions: VecDeque<Action>,
}

/// How far a call has come.
#[derive(Debug)]
enum Phase {
    /// It rings until then.
    Ringing { until: Mono, offer: Option<Vec<u8>> },
    /// Answered with our offer; theirs to answer.
    Offered,
    /// The caller hears us; hung up then, whatever happens.
    Up { until: Mono },
    /// The leg is over; stream and store finish. The timeline's last word is kept until they have.
    Closing { until: Mono, media: bool, ended: Note },
    /// Nothing is left.
    Over,
}

impl Call {
    /// A call that has just come in. `local` is where its audio will be received.
    pub fn new(invite: &sip::Invite, line: Line, visitor: Visitor, local: SocketAddr, seed: Seed, now: Now) -> Self {
        let mut random = StdRng::from_seed(seed);
        let id = CallId::new(now.utc, rand::RngExt::random(&mut random));
        let mut call = Call {
            id,
            flow: Flow::new(line.setting.clone(), visitor),
            audio: answer::Audio::new(local, invite.flow.remote.ip(), rand::RngExt::random(&mut random)),
            phase: Phase::Ringing { until: now.mono + line.ring, offer: invite.offer.clone() },
            playing: speak::Playing::default(),
            message: None,
            draft: None,
            desk: desk::Asked::default(),
            pending: None,
            outcome: Outcome::Abandoned,
            last_key: None,
            actions: VecDeque::new(),
            random,
            line,
        };
        call.note(What::incoming(invite), now.utc);
        if call.line.ring.is_zero() {
            call.answer(now);
        } else {
            call.act(Action::Sip(sip::Command::Ring { sdp: None }));
        }
        call
    }

    /// Its name.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// What it began with, and goes by to its end.
    pub fn setting(&self) -> &Setting {
        self.flow.setting()
    }

    /// Who calls which number.
    pub fn visitor(&self) -> &Visitor {
        self.flow.visitor()
    }

    /// Something happened.
    pub fn handle(&mut self, event: Event, now: Now) {
        match event {
            Event::Sip(event) => self.on_sip(event, now),
            Event::Media(event) => self.on_media(event, now),
            Event::MediaClosed(figures) => {
                self.note(What::audio(&figures), now.utc);
                if let Phase::Closing { media, .. } = &mut self.phase {
                    *media = true;
                }
            }
            Event::Store(event) => self.on_store(event, now),
            Event::Owner(event) => self.on_owner(event, now),
            Event::Desk { number, answer } => self.on_desk(number, answer, now),
            Event::Spoken { language, words, clip } => self.spoken(language, words, clip, now),
            Event::Timeout => self.on_timeout(now),
        }
        self.settle(now);
    }

    /// What it wants next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Event::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Mono> {
        let phase = match &self.phase {
            Phase::Ringing { until, .. } | Phase::Up { until } | Phase::Closing { until, .. } => Some(*until),
            Phase::Offered | Phase::Over => None,
        };
        phase.into_iter().chain(self.flow.poll_timeout()).chain(self.playing.given_up_at()).min()
    }

    /// Leg, stream and store are done with it.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    fn on_sip(&mut self, event: sip::Event, now: Now) {
        match event {
            sip::Event::Confirmed { sdp } => self.confirmed(sdp, now),
            sip::Event::Offer(offer) => self.reoffered(&offer, now),
            sip::Event::OfferWanted => self.offer_wanted(),
            sip::Event::Key { key, .. } => self.key(key, speak::KeyFrom::Info, now),
            sip::Event::Ended(why) => self.ended(&why, now),
            // A call that came in is neither answered by others nor do we offer early.
            sip::Event::Incoming(_)
            | sip::Event::Progress { .. }
            | sip::Event::Answered { .. }
            | sip::Event::EarlyAnswer(_) => {}
        }
    }

    fn on_timeout(&mut self, now: Now) {
        match &self.phase {
            Phase::Ringing { until, .. } if *until <= now.mono => self.answer(now),
            Phase::Closing { until, .. } if *until <= now.mono => self.give_up(now),
            Phase::Up { until } if *until <= now.mono => self.cut(now),
            _ => {
                self.speech_is_late(now);
                self.tell(flow::Event::Timeout, now);
            }
        }
    }

    /// The leg is over: what was said is finished, the stream closed.
    fn ended(&mut self, why: &sip::Ended, now: Now) {
        if matches!(self.phase, Phase::Closing { .. } | Phase::Over) {
            return;
        }
        let ended = Note { at: now.utc, what: What::ended(why) };
        self.phase = Phase::Closing { until: now.mono + CLOSING_MAX, media: false, ended };
        self.tell(flow::Event::HungUp, now);
        self.act(Action::CloseMedia);
    }

    /// A closing call is over once its stream is closed and its take is stored.
    fn settle(&mut self, now: Now) {
        let Phase::Closing { media: true, .. } = self.phase else { return };
        // The stream writes no more: what is dropped now stays dropped.
        self.drop_draft();
        if self.finish_cut_take(now) {
            return;
        }
        self.over(now);
    }

    /// Nobody talks to an answering machine for so long: a held or forgotten line.
    fn cut(&mut self, now: Now) {
        self.note(What::HangUp { cause: "too_long".to_owned() }, now.utc);
        self.phase = Phase::Up { until: Mono(u64::MAX) };
        self.act(Action::Sip(sip::Command::Hangup));
    }

    /// Stream or store never answered: what is on disk is found again at the next start.
    fn give_up(&mut self, now: Now) {
        self.drop_draft();
        self.note(What::LeftOpen, now.utc);
        self.over(now);
    }

    fn over(&mut self, now: Now) {
        if let Phase::Closing { ended, .. } = std::mem::replace(&mut self.phase, Phase::Over) {
            self.act(Action::Note(ended));
        }
        let message = self.message.as_ref().map(store::Message::id);
        let (outcome, language) = (self.outcome, self.flow.language());
        self.act(Action::Store(StoreAction::End { outcome, message, language, at: now.utc }));
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn note(&mut self, what: What, at: Utc) {
        self.act(Action::Note(Note { at, what }));
    }

    fn message_id(&mut self, now: Now) -> MessageId {
        MessageId::new(now.utc, rand::RngExt::random(&mut self.random))
    }

    fn take_id(&mut self, now: Now) -> TakeId {
        TakeId::new(now.utc, rand::RngExt::random(&mut self.random))
    }
}

/// Who calls, as far as the INVITE says it. `called` is the number that was found to be ours; `contact` knows
/// whose a number is. One that is withheld is nobody's, also where a header names it. `from_is_checked`: the trunk
/// lets nobody write a From that is not theirs.
pub fn visitor(
    invite: &sip::Invite,
    called: String,
    from_is_checked: bool,
    contact: impl Fn(&str) -> Option<flow::Contact>,
) -> Visitor {
    let shown = !invite.anonymous && !invite.caller().is_empty();
    let caller = shown.then(|| ids::dialled(invite.caller()));
    let trusted = shown && (from_is_checked || invite.asserted.is_some());
    Visitor { contact: caller.as_deref().and_then(contact), caller, trusted, called }
}

impl sip::Invite {
    /// The caller's number as the most trustworthy header says it: P-Asserted-Identity of the
    /// trusted peer, else From (RFC 3325 §9.1).
    pub fn caller(&self) -> &str {
        self.asserted.as_deref().unwrap_or(&self.from_user)
    }
}
