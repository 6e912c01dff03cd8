//! `{promise}`: when somebody calls back at the latest, as the desk says it, and that it was really said.

use std::time::Duration;

use super::desk::{Answer, Ask, Told};
use super::message::Stage;
use super::walk::State;
use super::words::Words;
use super::{Action, Event, Flow, Say};
use crate::clock::{Now, Utc};
use crate::plan;
use crate::speech;

/// How long a caller may hear nothing for an answer of the desk.
pub(super) const SILENT_MAX: Duration = Duration::from_millis(1500);

/// What this call is promised.
#[derive(Debug, Default)]
pub(super) struct Promise {
    /// Opening time until somebody calls back, as the last message step promised it.
    pub within: Option<Duration>,
    /// The latest moment, as the desk gave it or as it was told already.
    pub by: Option<Utc>,
    /// It was told.
    told: bool,
    /// It is being said.
    saying: Option<Told>,
}

impl Flow {
    /// A message step promises; true: the desk was asked by when, once for each promise.
    pub(super) fn promises(&mut self, message: &plan::Message) -> bool {
        let Some(within) = message.promise.filter(|within| self.promise.within != Some(*within)) else { return false };
        self.promise = Promise { within: Some(within), ..Promise::default() };
        self.holds = true;
        self.act(Action::Desk(Ask::Latest { within: Some(within) }));
        true
    }

    /// The answer, whenever it comes. One that comes after something else was told is not wanted.
    pub(super) fn promise_answered(&mut self, answer: &Answer) {
        let Answer::Latest(Some(by)) = answer else { return };
        match self.promise.by {
            None if self.promise.within.is_some() => self.promise.by = Some(*by),
            _ => self.let_go(),
        }
    }

    /// Before an event: what was being said has been heard. Who hangs up before the beep has heard less than all;
    /// after it there is a message to call back for.
    pub(super) fn promise_heard(&mut self, event: &Event) {
        if matches!(event, Event::Said) || (matches!(event, Event::HungUp) && !self.is_before_beep()) {
            self.promise_told();
        }
    }

    /// After an event: what is said now, and what it cut short. `before_beep`: it came before the beep of a message.
    pub(super) fn promise_said(&mut self, before_beep: bool, now: Now) {
        if self.promise.within.is_none() || self.promise.told {
            return;
        }
        let said = self.actions.iter().rev().find_map(|action| match action {
            Action::Say(all) => Some(all.iter().find_map(|say| self.promised_in(say, now))),
            Action::Hush => Some(None),
            _ => None,
        });
        let Some(saying) = said else { return };
        let cut = self.promise.saying.take();
        if cut.is_some() && !before_beep {
            self.promise.saying = cut;
            self.promise_told();
        } else {
            self.promise.saying = saying;
        }
    }

    fn promise_told(&mut self) {
        let Some(told) = self.promise.saying.take() else { return };
        // From now on the call says the same, and the desk knows it as told.
        self.promise.by = Some(told.latest);
        self.promise.told = true;
        self.holds = false;
        self.act(Action::Promised(told));
    }

    pub(super) fn is_before_beep(&self) -> bool {
        matches!(self.state, State::Message(_, Stage::Before { .. } | Stage::Promising { .. }))
    }

    /// The sentence that promises.
    fn promised_in(&self, say: &Say, now: Now) -> Option<Told> {
        let Say::Spoken { words, language } = say else { return None };
        let maker = Words { language: *language, ..self.words(now) };
        let latest = maker.promised()?;
        let promise = maker.promise_words(latest);
        let sentence = sentences(words).find(|sentence| sentence.contains(&promise))?;
        Some(Told { words: sentence.to_owned(), language: *language, latest })
    }
}

impl Words<'_> {
    /// How the latest moment is said.
    pub(super) fn promise_words(&self, latest: Utc) -> String {
        let say = self.promise_say(latest);
        let words = say.in_words(self.language);
        speech::speakable(&words, self.language)
    }
}

/// The sentences of words as they are spoken.
fn sentences(words: &str) -> impl Iterator<Item = &str> {
    words.split_inclusive(['.', '!', '?']).map(str::trim).filter(|sentence| !sentence.is_empty())
}
