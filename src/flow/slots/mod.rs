//! The slots step: times are offered and taken by key, or a callback as soon as possible; the number is confirmed,
//! the callback booked, and one sentence recorded that says what it is about.
//!
//! A time that was heard is never refused while the caller is there: the desk holds its seat, for minutes at a
//! time, and is asked again long before they are over. The callback is booked before anything is recorded: who
//! hangs up after "Ihr Rückruf ist …" is called.

mod number;
mod reason;
mod say;

use std::time::Duration;

use super::desk::{Answer, Ask, Booking, When};
use super::question::{Pressed, Question};
use super::typed::{Day, FOUR, TWO};
use super::walk::State;
use super::{Action, By, Event, Flow, Say, Timer};
use crate::clock::{Mono, Now, Utc};
use crate::hours::ClockTime;
use crate::ids::CallbackId;
use crate::plan::{self, Kind, StepId};
use crate::slots::{Slot, Wish};

use super::phrases::Phrase;
use reason::Reason;

/// How long the desk may take, and how long where something is written.
pub(super) const DESK_MAX: Duration = Duration::from_secs(3);
pub(super) const WRITE_MAX: Duration = Duration::from_secs(10);
/// Times that are told in one go.
const OFFERS_MAX: u8 = 3;
/// Questions and requests of one dialogue: seats are not held for somebody who plays with the keys.
const LEFT: u8 = 40;
/// The desk is asked to go on holding what a caller has heard, this long after it did.
const HOLD_AGAIN: Duration = Duration::from_secs(60);
/// Digits of a telephone number with the prefix of another country.
const NUMBER_DIGITS: usize = 20;

/// A caller who is offered times.
#[derive(Debug)]
pub(super) struct Dialogue {
    step: StepId,
    /// Name of the plan's calendar.
    calendar: String,
    /// The callback that is to be another time.
    moves: Option<CallbackId>,
    /// Questions and requests that are left.
    left: u8,
    /// The seats that the desk holds, and since when it does for sure.
    held: (Vec<Slot>, Mono),
    /// There are later ones.
    later: bool,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Times are asked for, while words may be heard.
    Seeking { wish: Wish, said: bool, answer: Option<Answer> },
    /// The latest moment of "as soon as possible" is asked for.
    SeekingSoon,
    /// Is asked something.
    Asked(Question<About>),
    /// The desk writes it down.
    Booking(Booking),
    /// It stands, and is told; then the reason may be recorded.
    Booked(Reason),
}

/// What the caller is asked about.
#[derive(Clone, Debug)]
enum About {
    /// Which of these times.
    Offers { slots: Vec<Slot>, later: bool },
    /// Which day.
    Day,
    /// Which hour of it.
    Hour(Day),
    /// As soon as possible, with this as the latest moment.
    Soon(Utc),
    /// Whether the number that the call comes from is the one to call.
    Own(Chosen),
    /// Which number to call.
    Number(Chosen),
    /// Whether this one is right.
    Typed(Chosen, String),
}

/// When the callback is to be.
#[derive(Clone, Debug)]
struct Chosen(When);

impl About {
    /// Digits that are asked for.
    fn digits(&self) -> usize {
        match self {
            About::Day => FOUR,
            About::Hour(_) => TWO,
            About::Number(_) => NUMBER_DIGITS,
            About::Offers { .. } | About::Soon(_) | About::Own(_) | About::Typed(..) => 1,
        }
    }
}

impl Flow {
    pub(super) fn enter_slots(&mut self, step: StepId, slots: &plan::Slots, now: Now) -> State {
        let words = self.words(now).say(&slots.say);
        let said = words.is_empty() || !self.say_all(words);
        let dialogue = Dialogue {
            step,
            calendar: slots.calendar.clone(),
            moves: self.moves.take(),
            left: LEFT,
            held: (Vec::new(), now.mono),
            later: false,
            stage: Stage::SeekingSoon,
        };
        self.seek(dialogue, Wish::Soonest, said, now)
    }

    pub(super) fn slots(&mut self, mut dialogue: Box<Dialogue>, event: Event, now: Now) -> State {
        self.hold_again(&mut dialogue, now);
        let stage = std::mem::replace(&mut dialogue.stage, Stage::SeekingSoon);
        match (stage, event) {
            (Stage::Seeking { wish, said, answer }, event) => self.seeking(*dialogue, wish, said, answer, event, now),
            (Stage::SeekingSoon, Event::Desk(answer)) => self.found_soon(*dialogue, &answer, now),
            (Stage::Asked(question), event) => self.asked_slots(*dialogue, question, event, now),
            (Stage::Booking(booking), Event::Desk(answer)) => self.booked(*dialogue, booking, &answer, now),
            (Stage::Booked(reason), event) => self.reason(*dialogue, reason, event, now),
            (stage, _) => dialogue.at(stage),
        }
    }

    pub(super) fn slots_timed_out(&mut self, mut dialogue: Box<Dialogue>, timer: Timer, now: Now) -> State {
        self.hold_again(&mut dialogue, now);
        let stage = std::mem::replace(&mut dialogue.stage, Stage::SeekingSoon);
        match (timer, stage) {
            (Timer::Desk, Stage::Seeking { wish, said, .. }) => {
                self.seeking(*dialogue, wish, said, None, Event::Desk(Answer::Failed), now)
            }
            (Timer::Desk, Stage::SeekingSoon) => self.found_soon(*dialogue, &Answer::Failed, now),
            (Timer::Desk, Stage::Booking(booking)) => self.booked(*dialogue, booking, &Answer::Failed, now),
            (Timer::Choice, Stage::Asked(question)) => self.put_slots_again(*dialogue, question, Vec::new(), now),
            (Timer::DigitGap, Stage::Asked(question)) => self.typed_slots(*dialogue, question, now),
            (Timer::Store, Stage::Booked(reason)) => self.reason_late(*dialogue, reason, now),
            (_, stage) => dialogue.at(stage),
        }
    }

    /// What is being recorded is kept by its own end; what is held is let go by who calls this.
    pub(super) fn slots_hung_up(&mut self, dialogue: &Dialogue) {
        if matches!(dialogue.stage, Stage::Booked(Reason::Recording)) {
            self.act(Action::StopRecording);
        }
    }

    /// What was heard stays free for this caller.
    fn hold_again(&mut self, dialogue: &mut Dialogue, now: Now) {
        let (slots, since) = &mut dialogue.held;
        if slots.is_empty() || now.mono.since(*since) < HOLD_AGAIN || !matches!(dialogue.stage, Stage::Asked(_)) {
            return;
        }
        *since = now.mono;
        let (calendar, slots) = (dialogue.calendar.clone(), slots.clone());
        self.act(Action::Desk(Ask::Hold { calendar, slots }));
    }

    /// Asks for times. `said`: nothing is being said just now.
    fn seek(&mut self, mut dialogue: Dialogue, wish: Wish, said: bool, now: Now) -> State {
        if !self.goes_on(&mut dialogue) {
            return self.give_up(dialogue, now);
        }
        dialogue.held = (Vec::new(), now.mono);
        let most = self.slots_step(dialogue.step).map_or(OFFERS_MAX, |slots| slots.offer.min(OFFERS_MAX));
        self.ask_desk(Ask::Offer { calendar: dialogue.calendar.clone(), wish, most }, DESK_MAX, now);
        dialogue.at(Stage::Seeking { wish, said, answer: None })
    }

    fn seeking(
        &mut self,
        dialogue: Dialogue,
        wish: Wish,
        mut said: bool,
        mut answer: Option<Answer>,
        event: Event,
        now: Now,
    ) -> State {
        match event {
            Event::Desk(came) if answer.is_none() => {
                self.timer = None;
                answer = Some(came);
            }
            Event::Said => said = true,
            Event::Key(_) if !said => {
                self.act(Action::Hush);
                said = true;
            }
            _ => {}
        }
        match answer {
            Some(answer) if said => self.found(dialogue, wish, answer, now),
            answer => dialogue.at(Stage::Seeking { wish, said, answer }),
        }
    }

    fn found(&mut self, mut dialogue: Dialogue, wish: Wish, answer: Answer, now: Now) -> State {
        let Answer::Offers { mut slots, later } = answer else { return self.not_possible(dialogue, now) };
        // What no key is for is not offered.
        slots.truncate(usize::from(OFFERS_MAX));
        let Some(first) = slots.first().copied() else { return self.none_free(dialogue, wish, now) };
        if let Wish::Around { date, .. } = wish
            && self.date_of(first.start) != date
        {
            let sorry = self.phrase(say::NONE_THAT_DAY);
            self.lead.push(sorry);
        }
        dialogue.held = (slots, now.mono);
        dialogue.later = later;
        self.offer_again(dialogue, now)
    }

    /// What was heard is still held for this caller.
    fn offer_again(&mut self, dialogue: Dialogue, now: Now) -> State {
        if dialogue.held.0.is_empty() {
            return self.seek(dialogue, Wish::Soonest, true, now);
        }
        let about = About::Offers { slots: dialogue.held.0.clone(), later: dialogue.later };
        self.put_slots(dialogue, about, now)
    }

    fn none_free(&mut self, dialogue: Dialogue, wish: Wish, now: Now) -> State {
        let sorry = match wish {
            Wish::Soonest => say::NONE_FREE,
            Wish::After(_) => say::NONE_LATER,
            Wish::Around { .. } => say::NONE_THAT_DAY,
        };
        let sorry = self.phrase(sorry);
        self.lead.push(sorry);
        match (wish, self.slots_step(dialogue.step).map(|slots| slots.none)) {
            (Wish::Soonest, Some(none)) => {
                self.stays_as_it_was(&dialogue);
                self.let_go();
                self.go(dialogue.step, none, By::Otherwise, now)
            }
            _ => self.seek(dialogue, Wish::Soonest, true, now),
        }
    }

    fn seek_soon(&mut self, mut dialogue: Dialogue, now: Now) -> State {
        if !self.goes_on(&mut dialogue) {
            return self.give_up(dialogue, now);
        }
        self.ask_desk(Ask::Latest { within: None }, DESK_MAX, now);
        dialogue.at(Stage::SeekingSoon)
    }

    fn found_soon(&mut self, dialogue: Dialogue, answer: &Answer, now: Now) -> State {
        self.timer = None;
        match answer {
            Answer::Latest(Some(latest)) => self.put_slots(dialogue, About::Soon(*latest), now),
            Answer::Latest(None) => {
                self.lead.extend(self.prompts(&["owner-failed"]));
                self.offer_again(dialogue, now)
            }
            _ => self.not_possible(dialogue, now),
        }
    }

    fn asked_slots(&mut self, dialogue: Dialogue, mut question: Question<About>, event: Event, now: Now) -> State {
        match event {
            Event::Said => self.question_said(&mut question, now),
            Event::Desk(Answer::Gone) if !dialogue.held.0.is_empty() => {
                let gone = self.phrase(say::GONE);
                self.lead.push(gone);
                self.act(Action::Hush);
                return self.seek(dialogue, Wish::Soonest, true, now);
            }
            Event::Key(key) => {
                let digits = question.about.digits();
                match self.question_key(&mut question, digits, key, now) {
                    Pressed::Nothing => {}
                    Pressed::Key(key) => return self.chosen_slots(dialogue, question, key, now),
                    Pressed::Typed => return self.typed_slots(dialogue, question, now),
                    Pressed::Cleared => return self.put_slots(dialogue, question.about, now),
                    Pressed::Back => return self.back_slots(dialogue, question, now),
                }
            }
            _ => {}
        }
        dialogue.at(Stage::Asked(question))
    }

    /// One key, of a question that is answered by one.
    fn chosen_slots(&mut self, dialogue: Dialogue, question: Question<About>, key: char, now: Now) -> State {
        match (&question.about, key) {
            (_, '0') => self.give_up(dialogue, now),
            (About::Offers { slots, .. }, '1'..='3') => match place(key).and_then(|at| slots.get(at)).copied() {
                Some(slot) => self.take(dialogue, slot, now),
                None => self.wrong_slots(dialogue, question, now),
            },
            (About::Offers { slots, later: true }, '4') => {
                let last = slots.iter().map(|slot| slot.start).max().unwrap_or(now.utc);
                self.seek(dialogue, Wish::After(last), true, now)
            }
            (About::Offers { .. }, '5') => self.put_slots(dialogue, About::Day, now),
            (About::Offers { .. }, '6') if self.offers_soon(&dialogue) => self.seek_soon(dialogue, now),
            (About::Offers { .. } | About::Soon(_), '9') => self.put_slots(dialogue, question.about, now),
            (About::Soon(latest), '1') => {
                let chosen = Chosen(When::Soon { latest: *latest });
                self.choose_time(dialogue, chosen, Vec::new(), now)
            }
            (About::Soon(_), '2') => self.offer_again(dialogue, now),
            (About::Own(_) | About::Typed(..), '1' | '2') => self.number_chosen(dialogue, question.about, key, now),
            _ => self.wrong_slots(dialogue, question, now),
        }
    }

    fn wrong_slots(&mut self, dialogue: Dialogue, question: Question<About>, now: Now) -> State {
        let wrong = self.prompts(&["error-invalid"]);
        self.put_slots_again(dialogue, question, wrong, now)
    }

    /// All digits of a day, an hour or a number, or `#`.
    fn typed_slots(&mut self, dialogue: Dialogue, question: Question<About>, now: Now) -> State {
        let wrong = match &question.about {
            About::Number(_) => return self.number_typed(dialogue, question, now),
            About::Day => match question.typed.day(self.date_of(now.utc)) {
                Some(day) if !self.is_too_far(&dialogue, day, now) => {
                    return self.put_slots(dialogue, About::Hour(day), now);
                }
                Some(day) => vec![self.phrase(if self.is_rather_past(day, now) { say::PAST } else { say::TOO_FAR })],
                None => self.prompts(&["owner-bad-day"]),
            },
            About::Hour(Day(date)) => {
                let date = *date;
                let hour = if question.typed.is_empty() { Some(0) } else { question.typed.hour() };
                if let Some(time) = hour.and_then(|hour| ClockTime::new(hour, 0)) {
                    return self.seek(dialogue, Wish::Around { date, time }, true, now);
                }
                self.prompts(&["owner-bad-time"])
            }
            // Of one key each.
            _ => Vec::new(),
        };
        self.put_slots_again(dialogue, question, wrong, now)
    }

    /// `*` before any digit.
    fn back_slots(&mut self, dialogue: Dialogue, question: Question<About>, now: Now) -> State {
        match question.about {
            About::Day | About::Soon(_) => self.offer_again(dialogue, now),
            About::Hour(_) => self.put_slots(dialogue, About::Day, now),
            About::Number(chosen) => self.ask_number(dialogue, chosen, now),
            About::Own(chosen) | About::Typed(chosen, _) => self.put_slots(dialogue, About::Number(chosen), now),
            About::Offers { .. } => self.wrong_slots(dialogue, question, now),
        }
    }

    /// The caller wants this one.
    fn take(&mut self, dialogue: Dialogue, slot: Slot, now: Now) -> State {
        let chosen = Chosen(When::Slot { calendar: dialogue.calendar.clone(), slot });
        self.choose_time(dialogue, chosen, vec![slot], now)
    }

    /// Then the number is asked for, and other seats than these are free for everybody. A callback that is moved
    /// keeps the number that it has.
    fn choose_time(&mut self, dialogue: Dialogue, chosen: Chosen, seats: Vec<Slot>, now: Now) -> State {
        if dialogue.moves.is_some() {
            return self.book(dialogue, chosen, None, now);
        }
        let dialogue = self.only(dialogue, seats, now);
        self.ask_number(dialogue, chosen, now)
    }

    /// Other seats than these are free for everybody.
    fn only(&mut self, dialogue: Dialogue, slots: Vec<Slot>, now: Now) -> Dialogue {
        self.act(Action::Desk(Ask::Hold { calendar: dialogue.calendar.clone(), slots: slots.clone() }));
        Dialogue { held: (slots, now.mono), ..dialogue }
    }

    fn put_slots(&mut self, mut dialogue: Dialogue, about: About, now: Now) -> State {
        if !self.goes_on(&mut dialogue) {
            return self.give_up(dialogue, now);
        }
        let words = self.slots_question(&dialogue, &about, now);
        let question = self.put_question(Question::new(about), words, now);
        dialogue.at(Stage::Asked(question))
    }

    /// Puts it once more, to somebody who pressed nothing or something wrong; not for ever.
    fn put_slots_again(
        &mut self,
        mut dialogue: Dialogue,
        question: Question<About>,
        wrong: Vec<Say>,
        now: Now,
    ) -> State {
        let is_there = !wrong.is_empty();
        match question.again() {
            Ok(question) if self.goes_on(&mut dialogue) => {
                let mut words = wrong;
                words.extend(self.slots_question(&dialogue, &question.about, now));
                let question = self.put_question(question, words, now);
                dialogue.at(Stage::Asked(question))
            }
            // Who types what cannot be read is there all the same.
            Err(About::Day | About::Hour(_)) if is_there => {
                self.lead.extend(wrong);
                self.offer_again(dialogue, now)
            }
            _ => self.give_up(dialogue, now),
        }
    }

    fn book(&mut self, dialogue: Dialogue, Chosen(when): Chosen, number: Option<String>, now: Now) -> State {
        let moves = dialogue.moves;
        let own = self.visitor.caller.as_deref().filter(|_| moves.is_none());
        let told = self.callback_told(&Chosen(when.clone()), number.as_deref().or(own), moves.is_some(), now);
        let booking = Booking { step: dialogue.step, when, number, moves, told };
        self.ask_desk(Ask::Book(booking.clone()), WRITE_MAX, now);
        dialogue.at(Stage::Booking(booking))
    }

    fn booked(&mut self, dialogue: Dialogue, booking: Booking, answer: &Answer, now: Now) -> State {
        self.timer = None;
        let sorry: Phrase = match answer {
            Answer::Booked(_) => {
                self.holds = false;
                return self.tell_booked(dialogue, &booking, now);
            }
            Answer::Gone => {
                let gone = self.phrase(say::GONE);
                self.lead.push(gone);
                return self.seek(dialogue, Wish::Soonest, true, now);
            }
            Answer::NotAllowed => {
                let sorry = self.phrase(say::NOT_CALLED);
                self.lead.push(sorry);
                return self.put_slots(dialogue, About::Number(Chosen(booking.when)), now);
            }
            Answer::TooMany => say::TOO_MANY,
            _ => return self.not_possible(dialogue, now),
        };
        let sorry = self.phrase(sorry);
        self.lead.push(sorry);
        self.give_up(dialogue, now)
    }

    /// The desk did not do it: the plan's way for that.
    fn not_possible(&mut self, dialogue: Dialogue, now: Now) -> State {
        self.lead.extend(self.prompts(&["owner-failed"]));
        self.give_up(dialogue, now)
    }

    /// The plan's way for who takes none.
    fn give_up(&mut self, dialogue: Dialogue, now: Now) -> State {
        self.timer = None;
        self.let_go();
        self.stays_as_it_was(&dialogue);
        match self.slots_step(dialogue.step).map(|slots| slots.otherwise) {
            Some(target) => self.go(dialogue.step, target, By::Otherwise, now),
            None => dialogue.step_lost(self),
        }
    }

    /// Who wanted another time keeps the one that was.
    fn stays_as_it_was(&mut self, dialogue: &Dialogue) {
        if dialogue.moves.is_some() {
            self.lead.extend(self.prompts(&["owner-unchanged"]));
        }
    }

    /// One more question or request; false: it was the last.
    fn goes_on(&mut self, dialogue: &mut Dialogue) -> bool {
        dialogue.left = dialogue.left.saturating_sub(1);
        dialogue.left > 0 && self.takes_a_turn()
    }

    /// Nothing would be found on that day however free it is.
    fn is_too_far(&self, dialogue: &Dialogue, Day(date): Day, now: Now) -> bool {
        let horizon = self.setting.plan.calendars.get(&dialogue.calendar).map(|calendar| calendar.horizon);
        horizon.is_some_and(|horizon| date > self.date_of(now.after(horizon).utc))
    }

    /// A year before it is nearer than the day itself: who types yesterday means yesterday.
    fn is_rather_past(&self, Day(date): Day, now: Now) -> bool {
        let today = self.date_of(now.utc);
        let before = date.checked_sub(jiff::Span::new().years(1)).unwrap_or(date);
        before < today && today.duration_since(before) < date.duration_since(today)
    }

    fn offers_soon(&self, dialogue: &Dialogue) -> bool {
        self.slots_step(dialogue.step).is_some_and(|slots| slots.asap)
    }

    fn slots_step(&self, step: StepId) -> Option<&plan::Slots> {
        match &self.setting.plan.step(step)?.kind {
            Kind::Slots(slots) => Some(slots),
            _ => None,
        }
    }
}

impl Dialogue {
    fn at(self, stage: Stage) -> State {
        State::Slots(Box::new(Dialogue { stage, ..self }))
    }

    /// A step that the plan does not have: nobody came here.
    fn step_lost(self, flow: &mut Flow) -> State {
        flow.farewell(super::Cause::Done)
    }
}

/// 0 for the first key.
fn place(key: char) -> Option<usize> {
    usize::try_from(key.to_digit(10)?.checked_sub(1)?).ok()
}
