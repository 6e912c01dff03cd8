//! A plan after it was checked: typed, immutable, cheap to share.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::finding::Place;
use super::value;
use crate::dial;
use crate::hours::{ClockTime, Days, Hours};
use crate::ids::Language;
use crate::slots;

/// A checked plan. Cloning it shares it: running calls keep theirs when another comes.
#[derive(Clone, Debug)]
pub struct Plan(Arc<Parts>);

impl Plan {
    pub(super) fn new(parts: Parts) -> Plan {
        Plan(Arc::new(parts))
    }
}

impl Deref for Plan {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What a plan is made of. Everything is in the order of the text.
#[derive(Debug)]
pub struct Parts {
    /// Which calls are meant, and where they go.
    pub line: Line,
    /// First match wins, before [`Line::days`], [`Line::open`] and [`Line::closed`].
    pub rules: Vec<Rule>,
    /// By [`StepId`].
    pub(super) steps: Vec<Step>,
    /// `[hours.x]`.
    pub hours: HashMap<String, HoursPart>,
    /// `[person.x]`.
    pub people: HashMap<String, Person>,
    /// `[rota.x]`.
    pub rotas: HashMap<String, Rota>,
    /// `[calendar.x]`.
    pub calendars: HashMap<String, Calendar>,
    /// `[prompt.x]`: text that is spoken where the prompt is named. It goes before a recorded one.
    pub prompts: HashMap<String, PromptText>,
    /// `[callbacks]`.
    pub callbacks: Callbacks,
}

impl Parts {
    /// A step; every [`StepId`] of this plan has one.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// All steps, in the order of the text.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (StepId, &Step)> {
        self.steps.iter().enumerate().map(|(at, step)| (StepId(u32::try_from(at).unwrap_or(u32::MAX)), step))
    }

    /// The step of a name such as `menu.abend`. Reads them all: for tools, not for calls.
    pub fn step_named(&self, name: &str) -> Option<StepId> {
        self.steps().find(|(_, step)| step.name == name).map(|(id, _)| id)
    }

    /// The hours that say whether the line is open; none: always open.
    pub fn line_hours(&self) -> Option<&HoursPart> {
        self.hours.get(self.line.hours.as_ref()?)
    }

    /// The bookable times of a calendar of this plan; none where it has none of this name.
    pub fn calendar(&self, name: &str) -> Option<slots::Calendar> {
        let calendar = self.calendars.get(name)?;
        let named = |name: &String| self.hours.get(name);
        let other = || calendar.hours.as_ref().map_or_else(|| self.line_hours(), named);
        let hours = calendar.own.as_ref().or_else(other)?.hours.clone();
        let seats = if calendar.staff.is_empty() {
            slots::Seats::Fixed(calendar.seats)
        } else {
            let people = calendar.staff.iter().filter_map(named).map(|part| part.hours.clone()).collect();
            slots::Seats::Staff { each: calendar.seats, people }
        };
        let Calendar { length, buffer, lead, horizon, .. } = *calendar;
        Some(slots::Calendar { hours, zone: self.line.zone.clone(), length, buffer, seats, lead, horizon })
    }

    /// When callbacks are made: the hours of `[callbacks]`, else the line's, else always.
    pub fn callback_hours(&self) -> Cow<'_, Hours> {
        let named = self.callbacks.hours.as_ref().and_then(|name| self.hours.get(name));
        let part = named.or_else(|| self.line_hours());
        part.map_or_else(|| Cow::Owned(Hours::always()), |part| Cow::Borrowed(&part.hours))
    }

    /// Who calls back, and what one callback takes.
    pub fn crew(&self) -> slots::Crew {
        slots::Crew { at_once: self.callbacks.seats, each: self.callbacks.length }
    }

    /// Which numbers may be called back.
    pub fn policy(&self) -> dial::Policy {
        dial::Policy { home: self.line.home().to_owned(), allow: self.callbacks.allow.clone() }
    }
}

/// A step, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// Where a call goes on, and which place of the text says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where to.
    pub to: To,
    /// The place that says so.
    pub place: Place,
}

/// Where a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// This step.
    Step(StepId),
    /// The menu from which the caller came last; it is said again. A menu's own `back` means the one before
    /// it. Where none was, a menu is said again itself, and any other step ends the call.
    Back,
}

/// `[line]`.
#[derive(Debug)]
pub struct Line {
    /// Name of the business, `{business}`; none: the tenant's.
    pub business: Option<String>,
    /// E.164. Empty: the numbers that the tenant has.
    pub numbers: Vec<String>,
    /// The first is spoken until the caller chooses another. Never empty.
    pub languages: Vec<Language>,
    /// Its IANA name.
    pub timezone: String,
    /// In which all local times are meant.
    pub zone: TimeZone,
    /// Name of the hours; none: always open.
    pub hours: Option<String>,
    /// Where calls go on given days, before open and closed; first match wins.
    pub days: Vec<DayTarget>,
    /// Where calls go while it is open.
    pub open: Target,
    /// Where they go while it is closed; there where there are hours.
    pub closed: Option<Target>,
    /// `[line]`.
    pub place: Place,
}

impl Line {
    /// The country code in which it is: of its first number, or of its time zone.
    pub fn home(&self) -> &str {
        let own = self.numbers.first().map(|number| value::country_code(number));
        own.unwrap_or(match self.timezone.as_str() {
            "Europe/Vienna" => "43",
            "Europe/Zurich" => "41",
            "Europe/London" => "44",
            _ => "49",
        })
    }
}

/// `on."12-24" = "message.weihnachten"`.
#[derive(Debug)]
pub struct DayTarget {
    /// When.
    pub when: DayMatch,
    /// Where to.
    pub target: Target,
}

/// Certain days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayMatch {
    /// Days of the calendar.
    Days(Days),
    /// Days of the week.
    Weekdays(Vec<Weekday>),
    /// The public holidays of the line's hours.
    Holidays,
}

/// `[rule.x]`: calls that go somewhere else. All that is given must match.
#[derive(Debug)]
pub struct Rule {
    /// For the timeline and the simulator.
    pub name: String,
    /// Any of these callers; empty: every caller.
    pub callers: Vec<Caller>,
    /// Any of these called numbers; empty: all of the line.
    pub called: Vec<String>,
    /// Only while it is open (true) or closed (false).
    pub open: Option<bool>,
    /// Where to.
    pub target: Target,
    /// `[rule.x]`.
    pub place: Place,
}

/// Whose call a rule is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Is a contact.
    Contact,
    /// Shows a number and is no contact.
    Unknown,
    /// Is a contact marked as important.
    Vip,
    /// Is blocked.
    Blocked,
    /// Shows no number.
    Withheld,
    /// Is a contact on this list.
    List(String),
    /// Calls from this country: ISO 3166 code, upper case.
    Country(String),
    /// Has this number, E.164.
    Number(String),
    /// Has a number that begins like this: `+49711`.
    Prefix(String),
}

/// A named step.
#[derive(Debug)]
pub struct Step {
    /// `menu.abend`.
    pub name: String,
    /// Its header: the line of the plan responsible.
    pub place: Place,
    /// What happens.
    pub kind: Kind,
}

impl Step {
    /// What a callback that it makes is about: `matter = …`, else the name of the step.
    pub fn matter(&self) -> &str {
        let matter = match &self.kind {
            Kind::Message(message) => message.matter.as_deref(),
            Kind::Slots(slots) => slots.matter.as_deref(),
            _ => None,
        };
        matter.unwrap_or(&self.name)
    }
}

/// What a step does.
#[derive(Debug)]
pub enum Kind {
    /// Keys lead on.
    Menu(Menu),
    /// Says something and goes back.
    Info(Info),
    /// Takes a message.
    Message(Message),
    /// Offers times for a callback.
    Slots(Slots),
    /// Finds the human on call.
    Oncall(Oncall),
    /// Rings people.
    Ring(Ring),
    /// Says something and goes on, or ends.
    Say(SayStep),
    /// Lets the caller choose a language.
    Language(LanguageStep),
    /// Lets the owner in.
    Owner(Owner),
    /// Ends the call.
    Hangup(Hangup),
}

impl Kind {
    /// What is said first.
    pub fn say(&self) -> &Say {
        match self {
            Kind::Menu(step) => &step.say,
            Kind::Info(step) => &step.say,
            Kind::Message(step) => &step.say,
            Kind::Slots(step) => &step.say,
            Kind::Oncall(step) => &step.say,
            Kind::Ring(step) => &step.say,
            Kind::Say(step) => &step.say,
            Kind::Language(step) => &step.say,
            Kind::Owner(step) => &step.say,
            Kind::Hangup(step) => &step.say,
        }
    }
}

/// What is said, in each language of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Say {
    /// Never empty where a step needs one; each language of the line is here, the same pieces where the
    /// plan gives one text for all.
    pub pieces: Vec<(Language, Vec<Piece>)>,
    /// The place that says so.
    pub place: Place,
}

impl Say {
    /// In this language; a language that is not there gets the first.
    pub fn get(&self, language: Language) -> &[Piece] {
        let found = self.pieces.iter().find(|(of, _)| *of == language).or(self.pieces.first());
        found.map_or(&[], |(_, pieces)| pieces)
    }

    /// Whether a spoken text of it has this value.
    pub(super) fn has(&self, value: Value) -> bool {
        let mut pieces = self.pieces.iter().flat_map(|(_, pieces)| pieces);
        pieces.any(|piece| matches!(piece, Piece::Text(text) if text.values.contains(&value)))
    }

    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|(_, pieces)| pieces.is_empty())
    }
}

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A prompt by its id: `[prompt.x]`, the owner's, or one that ships.
    Prompt(String),
    /// Sentences that are spoken: whole, for joined parts are badly understood.
    Text(Template),
}

/// Text that is spoken, with values in braces: `{until}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// As `speech::render` takes it.
    pub text: String,
    /// Which values it needs, in the order in which they are said.
    pub values: Vec<Value>,
}

impl Template {
    /// The text without the sentences whose values are not known just now; none when no sentence is left.
    /// So what is said is well formed, whatever is known: "Wir haben {until} geschlossen. Grund: {reason}."
    /// becomes "Wir haben {until} geschlossen." where the plan gives no reason.
    ///
    /// A sentence ends at a full stop, an exclamation or a question mark before a blank. A full stop after a
    /// number, a single letter or a usual abbreviation ends none.
    pub fn known(&self, known: impl Fn(Value) -> bool) -> Option<Cow<'_, str>> {
        if self.values.iter().all(|value| known(*value)) {
            return Some(Cow::Borrowed(&self.text));
        }
        let kept = sentences(&self.text).filter(|sentence| values_of(sentence).all(|value| value.is_none_or(&known)));
        let text = kept.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Cow::Owned(text))
    }

    /// Whether something is said at any time: a sentence without a value that may be unknown.
    pub(super) fn is_always_said(&self) -> bool {
        self.known(|value| !value.may_be_unknown()).is_some()
    }
}

/// What is known only when it is said. A sentence with one that is not known at that moment is left out:
/// [`Template::known`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// The name of the business.
    Business,
    /// The caller's number, in digits; not known where it is withheld.
    Caller,
    /// Until when it stays as it is, closed or open: "bis morgen, acht Uhr", "until eight a m tomorrow". Not known
    /// where no change comes within [`crate::hours::AHEAD_MAX`].
    Until,
    /// By when somebody calls back: "spätestens morgen, Dienstag, bis zwölf Uhr". Known in a message with
    /// `promise` and after it in the same call, where there are enough opening times ahead.
    Promise,
    /// The windows of today: "von acht bis zwölf Uhr", or "geschlossen". Always known.
    HoursToday,
    /// Why it is closed, as the plan or the one who closed by hand gives it; not known where nobody gave a reason,
    /// and while it is open.
    Reason,
}

impl Value {
    /// All of them.
    pub const ALL: [Value; 6] =
        [Value::Business, Value::Caller, Value::Until, Value::Promise, Value::HoursToday, Value::Reason];

    /// As it stands in braces.
    pub fn name(self) -> &'static str {
        match self {
            Value::Business => "business",
            Value::Caller => "caller",
            Value::Until => "until",
            Value::Promise => "promise",
            Value::HoursToday => "hours.today",
            Value::Reason => "reason",
        }
    }

    /// It is only known where there are opening hours.
    pub(super) fn needs_hours(self) -> bool {
        !matches!(self, Value::Business | Value::Caller)
    }

    /// There are calls in which it is not known.
    pub fn may_be_unknown(self) -> bool {
        !matches!(self, Value::Business | Value::HoursToday)
    }
}

/// Words after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 18] = [
    "bzw", "ca", "dipl", "dr", "evtl", "ggf", "hr", "fr", "inkl", "mr", "mrs", "ms", "nr", "prof", "st", "str", "tel",
    "inc",
];

/// The sentences of a text, without the blanks between them.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let end = rest.char_indices().find_map(|(at, c)| {
            let end = at + c.len_utf8();
            let after = rest.get(end..).unwrap_or_default();
            let ends = match c {
                '!' | '?' => true,
                '.' => ends_sentence(rest.get(..at).unwrap_or_default()),
                _ => false,
            };
            (ends && (after.is_empty() || after.starts_with(char::is_whitespace))).then_some(end)
        });
        let (sentence, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.trim_start();
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// Whether a full stop after `before` ends a sentence.
fn ends_sentence(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '}').next().unwrap_or_default();
    let number = word.ends_with(|c: char| c.is_ascii_digit());
    let letter = word.chars().count() == 1 && word != "}";
    !number && !letter && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// The values in a sentence; none for a name that is not one.
fn values_of(sentence: &str) -> impl Iterator<Item = Option<Value>> {
    sentence.split('{').skip(1).map(|part| {
        let name = part.split_once('}').map_or(part, |(name, _)| name).trim();
        Value::ALL.into_iter().find(|value| value.name() == name)
    })
}

/// `[menu.x]`.
#[derive(Debug)]
pub struct Menu {
    /// What can be chosen.
    pub say: Say,
    /// `1` or `21`; in the order of the text.
    pub keys: Vec<(String, Target)>,
    /// How often it is said again to somebody who presses nothing or something wrong.
    pub repeat: u8,
    /// Wait for a key after it was said.
    pub wait: Duration,
    /// Wait for the next digit of a longer choice.
    pub gap: Duration,
    /// Where somebody goes who presses wrong keys only; none: like silence.
    pub invalid: Option<Target>,
    /// Where somebody goes who presses nothing; none: a farewell, and the end.
    pub silence: Option<Target>,
    /// Keys count while it speaks.
    pub barge_in: bool,
}

/// `[info.x]`.
#[derive(Debug)]
pub struct Info {
    /// What is told.
    pub say: Say,
    /// Where it goes on; back where the plan says nothing.
    pub goto: Target,
    /// A key ends it early.
    pub barge_in: bool,
}

/// `[message.x]`.
#[derive(Debug)]
pub struct Message {
    /// Before the beep; empty: the standard greeting.
    pub say: Say,
    /// Keys that lead elsewhere while the greeting is heard, before the beep: `0` to a human, `*` to
    /// [`Kind::Owner`]. Never with `#`, which leads straight to the beep. In the order of the text.
    pub keys: Vec<(String, Target)>,
    /// Longest message.
    pub max: Duration,
    /// Silence after speech that ends it.
    pub silence: Duration,
    /// Silence before any word that ends it.
    pub wait: Duration,
    /// Less sound is a missed call.
    pub min: Duration,
    /// Urgent from the start.
    pub urgent: bool,
    /// Who is told.
    pub notify: Vec<Notify>,
    /// Opening time until somebody calls back, at most: `{promise}`.
    pub promise: Option<Duration>,
    /// What it is about, where it is not the name of the step: [`Step::matter`].
    pub matter: Option<String>,
    /// Where it goes on after it is kept; none: a farewell, and the end.
    pub goto: Option<Target>,
}

/// Who is told of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notify {
    /// A mail address.
    Mail(String),
    /// The telephone of a person, or of those on duty of a rota.
    Push(String),
    /// A web address.
    Webhook(String),
}

/// `[slots.x]`.
#[derive(Debug)]
pub struct Slots {
    /// Before the offer; may be empty.
    pub say: Say,
    /// Which calendar.
    pub calendar: String,
    /// How many times are offered.
    pub offer: u8,
    /// "As soon as possible" is offered too.
    pub asap: bool,
    /// After it is booked one sentence is recorded, at most this long; none: it is not asked for.
    pub reason: Option<Duration>,
    /// What it is about, where it is not the name of the step: [`Step::matter`].
    pub matter: Option<String>,
    /// Where it goes on after it is done; none: a farewell, and the end.
    pub goto: Option<Target>,
    /// Where it goes on when there is no free time.
    pub none: Target,
    /// Where it goes on when the caller takes none, or slots cannot be offered.
    pub otherwise: Target,
}

/// In which order people are rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All at once.
    Together,
    /// One after the other.
    InTurn,
    /// One after the other, in an order of chance.
    Random,
}

/// `[oncall.x]`.
#[derive(Debug)]
pub struct Oncall {
    /// While nobody is rung yet; may be empty.
    pub say: Say,
    /// Whose turn it is.
    pub rota: String,
    /// The key with which the human accepts.
    pub confirm: Option<char>,
    /// How long each is rung.
    pub each: Duration,
    /// How often the whole rota is tried.
    pub rounds: u8,
    /// Order.
    pub strategy: Strategy,
    /// Where the call goes on when nobody accepts.
    pub otherwise: Target,
}

/// `[ring.x]`.
#[derive(Debug)]
pub struct Ring {
    /// Before it rings; may be empty.
    pub say: Say,
    /// Whom.
    pub call: Vec<Callee>,
    /// Order.
    pub strategy: Strategy,
    /// How long, in all (together) or each.
    pub time: Duration,
    /// The key with which the human accepts.
    pub confirm: Option<char>,
    /// Where the call goes on when nobody answers.
    pub otherwise: Target,
}

/// Who is rung.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A person of the plan or of the tenant.
    Person(String),
    /// A number, E.164.
    Number(String),
}

/// `[say.x]`.
#[derive(Debug)]
pub struct SayStep {
    /// What.
    pub say: Say,
    /// Where it goes on; none: the call ends.
    pub goto: Option<Target>,
    /// A key ends it early.
    pub barge_in: bool,
}

/// `[language.x]`.
#[derive(Debug)]
pub struct LanguageStep {
    /// What can be chosen. All are said, one language of the line after the other, each by its own voice: for who
    /// does not understand the first waits for the second.
    pub say: Say,
    /// Which key chooses what.
    pub keys: Vec<(String, Language)>,
    /// How often it is said again.
    pub repeat: u8,
    /// Wait for a key after it was said.
    pub wait: Duration,
    /// Spoken with somebody who presses nothing.
    pub silence: Language,
    /// Where it goes on.
    pub goto: Target,
}

/// `[owner.x]`: what the owner does by phone. The PIN is asked for, then the line can be opened or closed by hand
/// and prompts are recorded; a wrong PIN ends in a farewell. So each way through it ends in spoken words.
#[derive(Debug)]
pub struct Owner {
    /// Before the PIN is asked for; may be empty.
    pub say: Say,
}

/// `[hangup.x]`.
#[derive(Debug)]
pub struct Hangup {
    /// The last words; empty: the standard farewell.
    pub say: Say,
}

/// `[hours.x]`, and where each of its entries stands: `12-24 in hours.buero.closed`.
#[derive(Debug)]
pub struct HoursPart {
    /// The rules.
    pub hours: Hours,
    /// `[hours.x]`.
    pub place: Place,
    /// Of Monday to Sunday.
    pub week: [Option<Place>; 7],
    /// By the index of [`crate::hours::Draft::openings`].
    pub openings: Vec<Place>,
    /// By the index of [`crate::hours::Draft::closures`].
    pub closures: Vec<Place>,
    /// `holidays = …`.
    pub holidays: Option<Place>,
}

/// `[person.x]`.
#[derive(Debug)]
pub struct Person {
    /// As it is shown and spoken.
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    /// `[person.x]`.
    pub place: Place,
}

/// `[rota.x]`.
#[derive(Debug)]
pub struct Rota {
    /// In the order of their turns.
    pub people: Vec<String>,
    /// When it is the next one's turn; none: the first always, the others after.
    pub turn: Option<Turn>,
    /// Fixed times; empty: [`Rota::turn`] at all times.
    pub shifts: Vec<Shift>,
    /// Nobody at other times is meant: no alarm for a gap.
    pub gaps: bool,
    /// `[rota.x]`.
    pub place: Place,
}

/// When it is the next one's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Each day at this time.
    Daily(ClockTime),
    /// Each week on this day at this time.
    Weekly(Weekday, ClockTime),
    /// Each month on this day (1–28) at this time.
    Monthly(u8, ClockTime),
}

/// `shift.nacht = { people = ["meier"], mon-fri = ["17:00-08:00"] }`.
#[derive(Debug)]
pub struct Shift {
    /// Its name.
    pub name: String,
    /// Who.
    pub people: Vec<String>,
    /// When.
    pub hours: Hours,
}

/// `[calendar.x]`.
#[derive(Debug)]
pub struct Calendar {
    /// Slots lie within these hours; none: its own, or the line's.
    pub hours: Option<String>,
    /// Windows of its own.
    pub own: Option<HoursPart>,
    /// Length of a slot.
    pub length: Duration,
    /// Between the end of a slot and the start of the next.
    pub buffer: Duration,
    /// Seats of a slot, or of each of [`Calendar::staff`] in it.
    pub seats: u16,
    /// Names of hours: there are seats for each who is at work for the whole of a slot. Empty: always.
    pub staff: Vec<String>,
    /// No slot is offered sooner.
    pub lead: Duration,
    /// No slot is offered later.
    pub horizon: Duration,
    /// `[calendar.x]`.
    pub place: Place,
}

/// `[prompt.x]`: spoken text in each language given.
#[derive(Debug)]
pub struct PromptText {
    /// Pieces of text and values.
    pub pieces: Vec<(Language, Vec<Piece>)>,
    /// `[prompt.x]`.
    pub place: Place,
}

/// `[callbacks]`: what becomes of everything that still needs a human.
#[derive(Debug)]
pub struct Callbacks {
    /// A call without a message is an entry too.
    pub missed: bool,
    /// A further call within this joins the open entry.
    pub join: Duration,
    /// A call so soon after it was done opens it again.
    pub reopen: Duration,
    /// Open entries of one caller; further matters join the newest.
    pub open: u8,
    /// Entries a day of callers who are no contacts; more are held back, never lost.
    pub strangers: u16,
    /// Who rings again while something is open hears how it stands.
    pub again: bool,
    /// Where "add a message" leads: a message step; none: the entry's own, else the first of the plan.
    pub message: Option<Target>,
    /// Where the key to a human leads: on call, or ringing; none: there is no such key.
    pub human: Option<Target>,
    /// What one callback takes.
    pub length: Duration,
    /// How many call back at once.
    pub seats: u16,
    /// Name of the hours in which callbacks are made; none: the line's.
    pub hours: Option<String>,
    /// So long before a promise breaks it is warned of.
    pub warn: Duration,
    /// A claim without activity returns after this.
    pub lease: Duration,
    /// An entry for one person falls to all after this.
    pub personal: Duration,
    /// After which time it is tried again: after the first try, the second…; the last repeats. Never empty.
    pub retry: Vec<Duration>,
    /// So many tries; then giving up is proposed.
    pub tries: u8,
    /// Numbers and beginnings of numbers that may be called back besides the usual: [`dial::Policy::allow`].
    pub allow: Vec<String>,
    /// `[callbacks]`.
    pub place: Place,
}

impl Callbacks {
    /// Where the plan says nothing: who hears announcements only has missed nobody.
    pub(super) fn usual(steps: &[Step]) -> Callbacks {
        let finds_people =
            |kind: &Kind| matches!(kind, Kind::Message(_) | Kind::Slots(_) | Kind::Oncall(_) | Kind::Ring(_));
        Callbacks { missed: steps.iter().any(|step| finds_people(&step.kind)), ..Callbacks::default() }
    }
}

impl Default for Callbacks {
    fn default() -> Callbacks {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Callbacks {
            missed: true,
            join: minutes(14 * 24 * 60),
            reopen: minutes(24 * 60),
            open: 3,
            strangers: 20,
            again: true,
            message: None,
            human: None,
            length: minutes(10),
            seats: 1,
            hours: None,
            warn: minutes(30),
            lease: minutes(15),
            personal: minutes(4 * 60),
            retry: vec![minutes(15), minutes(2 * 60), minutes(24 * 60)],
            tries: 6,
            allow: Vec::new(),
            place: Place::default(),
        }
    }
}
