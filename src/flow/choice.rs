//! Keys that lead on: menus, the choice of a language, and keys during a greeting.

use std::time::Duration;

use super::walk::State;
use super::words::Words;
use super::{Action, By, Cause, Event, Flow, Timer};
use crate::clock::Now;
use crate::ids::Language;
use crate::plan::{Kind, LanguageStep, Menu, Piece, StepId};

/// Between the digits of a longer choice, where a step says nothing else.
pub(super) const GAP: Duration = Duration::from_secs(2);

/// A caller who is asked for keys.
#[derive(Debug)]
pub(super) struct Choosing {
    step: StepId,
    /// Of a choice of several keys.
    typed: String,
    /// How often it may still be said, this time included.
    tries: u8,
    /// It was said to its end, or cut short by a key.
    said: bool,
}

impl Choosing {
    pub(super) fn new(step: StepId, repeat: u8) -> Choosing {
        Choosing { step, typed: String::new(), tries: repeat.saturating_add(1), said: false }
    }
}

/// What typed keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match<T> {
    /// A choice that nothing longer begins with.
    Whole(T),
    /// A longer choice begins like this; one ends here, or none does.
    Begins(Option<T>),
    /// No choice.
    Nothing,
}

/// Looks `typed` up.
pub(super) fn look_up<T: Copy>(keys: &[(String, T)], typed: &str) -> Match<T> {
    let whole = keys.iter().find(|(key, _)| key == typed).map(|(_, to)| *to);
    let longer = keys.iter().any(|(key, _)| key.len() > typed.len() && key.starts_with(typed));
    match (whole, longer) {
        (whole, true) => Match::Begins(whole),
        (Some(to), false) => Match::Whole(to),
        (None, false) => Match::Nothing,
    }
}

/// What a step that asks for keys does with them.
#[derive(Clone, Copy)]
enum Asks<'p> {
    Menu(&'p Menu),
    Language(&'p LanguageStep),
}

impl<'p> Asks<'p> {
    fn of(kind: &'p Kind) -> Option<Asks<'p>> {
        match kind {
            Kind::Menu(menu) => Some(Asks::Menu(menu)),
            Kind::Language(language) => Some(Asks::Language(language)),
            _ => None,
        }
    }

    fn wait(self) -> Duration {
        match self {
            Asks::Menu(menu) => menu.wait,
            Asks::Language(language) => language.wait,
        }
    }

    fn gap(self) -> Duration {
        match self {
            Asks::Menu(menu) => menu.gap,
            Asks::Language(_) => GAP,
        }
    }

    fn barge_in(self) -> bool {
        match self {
            Asks::Menu(menu) => menu.barge_in,
            Asks::Language(_) => true,
        }
    }

    /// The choice, by its index.
    fn look_up(self, typed: &str) -> Match<usize> {
        let indexed = |keys: Vec<(String, usize)>| look_up(&keys, typed);
        match self {
            Asks::Menu(menu) => indexed(menu.keys.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect()),
            Asks::Language(step) => {
                indexed(step.keys.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect())
            }
        }
    }
}

impl Flow {
    /// Says what can be chosen. `wrong`: after a key that leads nowhere.
    pub(super) fn ask(&mut self, mut choosing: Choosing, wrong: bool, now: Now) -> State {
        let plan = self.setting.plan.clone();
        let Some(asks) = plan.step(choosing.step).and_then(|step| Asks::of(&step.kind)) else {
            return self.farewell(Cause::Done);
        };
        let mut words = if wrong { self.prompts(&["error-invalid"]) } else { Vec::new() };
        match asks {
            Asks::Menu(menu) => words.extend(self.words(now).say(&menu.say)),
            // Who is to choose hears each language, by its own voice.
            Asks::Language(step) => {
                let mut said: Vec<&[Piece]> = Vec::new();
                for language in &plan.line.languages {
                    let pieces = step.say.get(*language);
                    // One text for all is said once.
                    let text = pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
                    if !(text && said.contains(&pieces)) {
                        words.extend(Words { language: *language, ..self.words(now) }.say(&step.say));
                        said.push(pieces);
                    }
                }
            }
        }
        choosing.typed.clear();
        choosing.said = !self.say_all(words);
        if choosing.said {
            self.set_timer(Timer::Choice, asks.wait(), now);
        }
        State::Choosing(choosing)
    }

    pub(super) fn choosing(&mut self, mut choosing: Choosing, event: Event, now: Now) -> State {
        let plan = self.setting.plan.clone();
        let Some(asks) = plan.step(choosing.step).and_then(|step| Asks::of(&step.kind)) else {
            return self.farewell(Cause::Done);
        };
        match event {
            Event::Said if !choosing.said => {
                choosing.said = true;
                self.set_timer(Timer::Choice, asks.wait(), now);
                State::Choosing(choosing)
            }
            Event::Key(key) if choosing.said || asks.barge_in() => {
                if !choosing.said {
                    choosing.said = true;
                    self.act(Action::Hush);
                }
                self.timer = None;
                self.typed(choosing, asks, key, now)
            }
            _ => State::Choosing(choosing),
        }
    }

    fn typed(&mut self, mut choosing: Choosing, asks: Asks<'_>, key: char, now: Now) -> State {
        let before = asks.look_up(&choosing.typed);
        choosing.typed.push(key);
        match (asks.look_up(&choosing.typed), before) {
            (Match::Whole(at), _) => self.chosen(choosing, asks, at, now),
            (Match::Begins(_), _) => {
                self.set_timer(Timer::DigitGap, asks.gap(), now);
                State::Choosing(choosing)
            }
            // # says that there is nothing more to come.
            (Match::Nothing, Match::Begins(Some(at))) if key == '#' => {
                choosing.typed.pop();
                self.chosen(choosing, asks, at, now)
            }
            (Match::Nothing, _) => self.wrong(choosing, asks, now),
        }
    }

    /// Nothing came in time.
    pub(super) fn no_key(&mut self, choosing: Choosing, timer: Timer, now: Now) -> State {
        let plan = self.setting.plan.clone();
        let Some(asks) = plan.step(choosing.step).and_then(|step| Asks::of(&step.kind)) else {
            return self.farewell(Cause::Done);
        };
        if timer == Timer::DigitGap {
            return match asks.look_up(&choosing.typed) {
                Match::Whole(at) | Match::Begins(Some(at)) => self.chosen(choosing, asks, at, now),
                _ => self.wrong(choosing, asks, now),
            };
        }
        match again(choosing) {
            Ok(choosing) => self.ask(choosing, false, now),
            Err(choosing) => self.silent(&choosing, asks, now),
        }
    }

    fn chosen(&mut self, choosing: Choosing, asks: Asks<'_>, at: usize, now: Now) -> State {
        let by = By::Keys(choosing.typed);
        match asks {
            Asks::Menu(menu) => match menu.keys.get(at) {
                Some((_, target)) => self.go(choosing.step, *target, by, now),
                None => self.farewell(Cause::Done),
            },
            Asks::Language(step) => {
                let chosen = step.keys.get(at).map_or(step.silence, |(_, language)| *language);
                self.speaks(chosen);
                self.go(choosing.step, step.goto, by, now)
            }
        }
    }

    fn wrong(&mut self, choosing: Choosing, asks: Asks<'_>, now: Now) -> State {
        match again(choosing) {
            Ok(choosing) => self.ask(choosing, true, now),
            Err(choosing) => match asks {
                Asks::Menu(Menu { invalid: Some(target), .. }) => self.go(choosing.step, *target, By::Invalid, now),
                _ => self.silent(&choosing, asks, now),
            },
        }
    }

    fn silent(&mut self, choosing: &Choosing, asks: Asks<'_>, now: Now) -> State {
        match asks {
            Asks::Menu(Menu { silence: Some(target), .. }) => self.go(choosing.step, *target, By::Silence, now),
            Asks::Menu(_) => self.farewell(Cause::Silent),
            Asks::Language(step) => {
                self.speaks(step.silence);
                self.go(choosing.step, step.goto, By::Silence, now)
            }
        }
    }

    fn speaks(&mut self, language: Language) {
        self.language = language;
    }
}

/// One try fewer; an error when that was the last.
fn again(mut choosing: Choosing) -> Result<Choosing, Choosing> {
    choosing.tries = choosing.tries.saturating_sub(1);
    if choosing.tries > 0 { Ok(choosing) } else { Err(choosing) }
}
