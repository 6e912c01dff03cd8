//! Who rings again while something is open hears how it stands, never what it is about, and can change it.
//!
//! Only where the network vouches for the number: a number that anybody may write says nothing about who calls.

use super::desk::{Answer, Ask, Open, Told};
use super::owner::is_owner;
use super::phrases::Phrase;
use super::promise::SILENT_MAX;
use super::question::{Pressed, Question};
use super::route::route;
use super::slots::{DESK_MAX, WRITE_MAX};
use super::walk::State;
use super::{Action, By, Cause, Event, Flow, Say, Timer};
use crate::clock::{Now, Utc};
use crate::ids::Language;
use crate::plan::{Kind, Place, StepId, Target, To};

const SORRY: Phrase = Phrase(
    "Wir haben Sie nicht wie zugesagt zurückgerufen. Das tut uns leid.",
    "We have not called you back as we promised. We are sorry.",
);
const NOTED: Phrase = Phrase("Ihr Anliegen ist bei uns vorgemerkt.", "Your callback is on our list.");
const ADD: Phrase = Phrase("Um etwas zu ergänzen,", "To leave a message");
const MOVE: Phrase = Phrase("Für eine andere Zeit", "For another time");
const CHOOSE: Phrase = Phrase("Um eine Zeit zu wählen,", "To choose a time");
const CANCEL: Phrase = Phrase("Wenn Sie keinen Rückruf mehr möchten,", "To cancel your callback");
const HUMAN: Phrase = Phrase("Um jetzt mit jemandem zu sprechen,", "To speak to somebody now");
const REST: Phrase = Phrase("Für alles andere", "For anything else");
const REALLY: Phrase = Phrase("Wenn Ihr Rückruf wirklich entfallen soll,", "To cancel your callback");
const KEEP: Phrase = Phrase("Wenn alles so bleiben soll,", "To keep it");
const CANCELLED: Phrase = Phrase("Ihr Rückruf entfällt.", "Your callback is cancelled.");

/// Questions of one caller: then the call goes on.
const LEFT: u8 = 12;

/// A caller for whom something is open.
#[derive(Debug)]
pub(super) struct Again {
    /// The most pressing entry.
    entry: Option<Open>,
    left: u8,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// What is open is asked for.
    Status,
    /// Hears that a promise was not kept, while a new one is looked for.
    Sorry { said: bool, latest: Option<Option<Utc>> },
    /// The new one is written down.
    Renewing(Told),
    /// Is asked what is to be done.
    Asked(Question<About>),
    /// It is being cancelled.
    Cancelling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// What is to be done.
    Menu,
    /// Whether the callback is really not wanted.
    Cancel,
}

impl Flow {
    /// The call is answered.
    pub(super) fn answered(&mut self, now: Now) -> State {
        if !self.asks_status(now) {
            return self.begin(now);
        }
        self.ask_desk(Ask::Status, SILENT_MAX, now);
        State::Again(Box::new(Again { entry: None, left: LEFT, stage: Stage::Status }))
    }

    /// The line tells who rings again, and this one may be told.
    fn asks_status(&self, now: Now) -> bool {
        let plan = &self.setting.plan;
        let wanted = plan.callbacks.again && self.visitor.trusted && self.visitor.caller.is_some();
        if !wanted || self.visitor.contact.as_ref().is_some_and(|contact| contact.blocked) {
            return false;
        }
        let To::Step(first) = route(&self.setting, &self.visitor, now.utc).target.to else { return false };
        plan.step(first).is_some_and(|step| {
            !is_owner(&step.kind) && !matches!(step.kind, Kind::Hangup(_) | Kind::Ring(_) | Kind::Oncall(_))
        })
    }

    pub(super) fn again(&mut self, mut again: Again, event: Event, now: Now) -> State {
        let stage = std::mem::replace(&mut again.stage, Stage::Status);
        match (stage, event) {
            (Stage::Status, Event::Desk(answer)) => self.stands(again, answer, now),
            (Stage::Sorry { said, .. }, Event::Desk(answer)) => {
                self.timer = None;
                let Answer::Latest(latest) = answer else { return self.renew(again, said, Some(None), now) };
                self.renew(again, said, Some(latest), now)
            }
            (Stage::Sorry { latest, .. }, Event::Said) => self.renew(again, true, latest, now),
            (Stage::Sorry { said: false, latest }, Event::Key(_)) => {
                self.act(Action::Hush);
                self.renew(again, true, latest, now)
            }
            (Stage::Renewing(told), Event::Desk(answer)) => self.renewed(again, told, &answer, now),
            (Stage::Cancelling, Event::Desk(answer)) => self.cancelled(again, &answer, now),
            (Stage::Asked(question), event) => self.asked_standing(again, question, event, now),
            (stage, _) => again.at(stage),
        }
    }

    pub(super) fn again_timed_out(&mut self, mut again: Again, timer: Timer, now: Now) -> State {
        let stage = std::mem::replace(&mut again.stage, Stage::Status);
        match (timer, stage) {
            (Timer::Desk, Stage::Status) => self.begin(now),
            (Timer::Desk, Stage::Sorry { said, .. }) => self.renew(again, said, Some(None), now),
            (Timer::Desk, Stage::Renewing(told)) => self.renewed(again, told, &Answer::Failed, now),
            (Timer::Desk, Stage::Cancelling) => self.cancelled(again, &Answer::Failed, now),
            // Nothing pressed: the plan goes on as for everybody.
            (Timer::Choice, Stage::Asked(Question { about: About::Menu, .. })) => self.as_usual(now),
            (Timer::Choice, Stage::Asked(question)) => self.repeat_standing(again, question, Vec::new(), now),
            (_, stage) => again.at(stage),
        }
    }

    /// What is open is known.
    fn stands(&mut self, mut again: Again, answer: Answer, now: Now) -> State {
        self.timer = None;
        let Answer::Status(open) = answer else { return self.begin(now) };
        let Some(entry) = open.into_iter().next() else { return self.begin(now) };
        let mut words = vec![self.hello()];
        let broken = entry.broken;
        if broken {
            words.push(self.phrase(SORRY));
            words.extend(self.tried(&entry, now));
        } else {
            words.extend(self.tried(&entry, now));
            words.extend(self.how_it_stands(&entry, now));
        }
        again.entry = Some(entry);
        if broken {
            self.ask_desk(Ask::Latest { within: None }, DESK_MAX, now);
            self.say_all(words);
            return again.at(Stage::Sorry { said: false, latest: None });
        }
        self.lead.extend(words);
        self.ask_standing(again, About::Menu, now)
    }

    /// The new promise, once the apology is said and the desk has answered.
    fn renew(&mut self, again: Again, said: bool, latest: Option<Option<Utc>>, now: Now) -> State {
        let Some(found) = latest.filter(|_| said) else { return again.at(Stage::Sorry { said, latest }) };
        let Some((latest, callback)) = found.zip(again.entry.as_ref().map(|entry| entry.callback)) else {
            return self.ask_standing(again, About::Menu, now);
        };
        let when = self.latest_words(latest, now);
        let words = match self.language {
            Language::De => format!("Wir rufen Sie {when} zurück."),
            Language::En => format!("We will call you back {when}."),
        };
        let words = crate::speech::speakable(&words, self.language);
        let told = Told { words, language: self.language, latest };
        self.ask_desk(Ask::Renew { callback, told: told.clone() }, DESK_MAX, now);
        again.at(Stage::Renewing(told))
    }

    fn renewed(&mut self, again: Again, told: Told, answer: &Answer, now: Now) -> State {
        self.timer = None;
        if *answer == Answer::Renewed {
            self.holds = false;
            self.lead.push(Say::Spoken { words: told.words, language: told.language });
        }
        self.ask_standing(again, About::Menu, now)
    }

    fn asked_standing(&mut self, again: Again, mut question: Question<About>, event: Event, now: Now) -> State {
        match event {
            Event::Said => self.question_said(&mut question, now),
            Event::Key(key) => match self.question_key(&mut question, 1, key, now) {
                Pressed::Key(key) => return self.chosen_standing(again, question, key, now),
                Pressed::Back if question.about == About::Cancel => return self.ask_standing(again, About::Menu, now),
                Pressed::Back => return self.wrong_standing(again, question, now),
                Pressed::Nothing | Pressed::Typed | Pressed::Cleared => {}
            },
            _ => {}
        }
        again.at(Stage::Asked(question))
    }

    fn chosen_standing(&mut self, again: Again, question: Question<About>, key: char, now: Now) -> State {
        let Some(entry) = &again.entry else { return self.as_usual(now) };
        let callback = entry.callback;
        let by = || By::Keys(key.to_string());
        let leads = match (question.about, key) {
            (About::Menu, '1') => self.message_for(entry),
            (About::Menu, '2') => self.slots_for(entry),
            (About::Menu, '0') => self.human(),
            _ => None,
        };
        if let Some((step, place)) = leads {
            self.let_go();
            self.moves = (key == '2').then_some(callback);
            self.adds = (key == '1').then_some(callback);
            return self.enter(step, by(), place, now);
        }
        match (question.about, key) {
            (About::Menu, '3') => self.ask_standing(again, About::Cancel, now),
            (About::Menu, '9') => self.as_usual(now),
            (About::Cancel, '1') => {
                self.ask_desk(Ask::Cancel(callback), WRITE_MAX, now);
                again.at(Stage::Cancelling)
            }
            (About::Cancel, '2') => {
                self.lead.extend(self.prompts(&["owner-unchanged"]));
                self.ask_standing(again, About::Menu, now)
            }
            _ => self.wrong_standing(again, question, now),
        }
    }

    fn cancelled(&mut self, again: Again, answer: &Answer, now: Now) -> State {
        self.timer = None;
        if *answer == Answer::Cancelled {
            let told = self.phrase(CANCELLED);
            self.lead.push(told);
            return self.farewell(Cause::Done);
        }
        self.lead.extend(self.prompts(&["owner-failed"]));
        self.ask_standing(again, About::Menu, now)
    }

    fn ask_standing(&mut self, again: Again, about: About, now: Now) -> State {
        self.put_standing(again, Question::new(about), Vec::new(), now)
    }

    fn wrong_standing(&mut self, again: Again, question: Question<About>, now: Now) -> State {
        let wrong = self.prompts(&["error-invalid"]);
        self.repeat_standing(again, question, wrong, now)
    }

    /// Once more, but not for ever; then the plan goes on.
    fn repeat_standing(&mut self, again: Again, question: Question<About>, lead: Vec<Say>, now: Now) -> State {
        match question.again() {
            Ok(question) => self.put_standing(again, question, lead, now),
            Err(_) => self.as_usual(now),
        }
    }

    fn put_standing(&mut self, mut again: Again, question: Question<About>, lead: Vec<Say>, now: Now) -> State {
        again.left = again.left.saturating_sub(1);
        if again.left == 0 || !self.takes_a_turn() {
            return self.as_usual(now);
        }
        let mut words = lead;
        words.extend(match (question.about, &again.entry) {
            (About::Menu, Some(entry)) => self.menu_standing(entry),
            _ => vec![self.key_phrase(REALLY, '1'), self.key_phrase(KEEP, '2')],
        });
        let question = self.put_question(question, words, now);
        again.at(Stage::Asked(question))
    }

    /// As for everybody.
    fn as_usual(&mut self, now: Now) -> State {
        self.timer = None;
        self.let_go();
        self.begin(now)
    }

    fn hello(&self) -> Say {
        self.sentence(&match self.language {
            Language::De => format!("Guten Tag, hier ist {}.", self.setting.business()),
            Language::En => format!("Hello, this is {}.", self.setting.business()),
        })
    }

    fn tried(&self, entry: &Open, now: Now) -> Option<Say> {
        let when = self.moment_words(entry.tried_at?, now);
        Some(self.sentence(&match self.language {
            Language::De => format!("Wir haben {when} versucht, Sie zu erreichen."),
            Language::En => format!("We tried to call you {when}."),
        }))
    }

    /// The booked time or the promise, while it lies ahead.
    fn how_it_stands(&self, entry: &Open, now: Now) -> Option<Say> {
        if let Some((_, slot)) = entry.slot.as_ref().filter(|(_, slot)| slot.end > now.utc) {
            let when = self.slot_words(slot.start, now);
            return Some(self.sentence(&match self.language {
                Language::De => format!("Ihr Rückruf ist {when}."),
                Language::En => format!("Your callback is {when}."),
            }));
        }
        match entry.promise.filter(|by| *by > now.utc) {
            Some(by) => {
                let when = self.latest_words(by, now);
                Some(self.sentence(&match self.language {
                    Language::De => format!("Wir rufen Sie {when} zurück."),
                    Language::En => format!("We will call you back {when}."),
                }))
            }
            None if entry.tried_at.is_some() => None,
            None => Some(self.phrase(NOTED)),
        }
    }

    fn menu_standing(&self, entry: &Open) -> Vec<Say> {
        let human = self.human().map(|_| self.key_phrase(HUMAN, '0'));
        let add = self.message_for(entry).map(|_| self.key_phrase(ADD, '1'));
        let when = if entry.slot.is_some() { MOVE } else { CHOOSE };
        let times = self.slots_for(entry).map(|_| self.key_phrase(when, '2'));
        let rest = [self.key_phrase(CANCEL, '3'), self.key_phrase(REST, '9')];
        // Whom we have let wait is told first how to get to somebody.
        let (first, last) = if entry.broken { (human, None) } else { (None, human) };
        first.into_iter().chain(add).chain(times).chain(rest).chain(last).collect()
    }

    fn human(&self) -> Option<(StepId, Place)> {
        step_of(self.setting.plan.callbacks.human)
    }

    /// Where a message is left: where the plan says, at the entry's own step, at the first that takes one.
    fn message_for(&self, entry: &Open) -> Option<(StepId, Place)> {
        let said = step_of(self.setting.plan.callbacks.message);
        said.or_else(|| self.step_like(entry, |kind| matches!(kind, Kind::Message(_))))
    }

    fn slots_for(&self, entry: &Open) -> Option<(StepId, Place)> {
        self.step_like(entry, |kind| matches!(kind, Kind::Slots(_)))
    }

    /// The entry's own step, or the first of its kind.
    fn step_like(&self, entry: &Open, is: impl Fn(&Kind) -> bool) -> Option<(StepId, Place)> {
        let steps = || self.setting.plan.steps().filter(|(_, step)| is(&step.kind));
        let own = steps().find(|(_, step)| step.name == entry.step);
        own.or_else(|| steps().next()).map(|(id, step)| (id, step.place))
    }
}

impl Again {
    fn at(self, stage: Stage) -> State {
        State::Again(Box::new(Again { stage, ..self }))
    }
}

fn step_of(target: Option<Target>) -> Option<(StepId, Place)> {
    match target? {
        Target { to: To::Step(step), place } => Some((step, place)),
        Target { to: To::Back, .. } => None,
    }
}
