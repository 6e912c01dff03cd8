//! Questions that the engine puts by itself: said, said again, answered by one key or by some digits.

use std::time::Duration;

use super::typed::Digits;
use super::{Action, Flow, Say, Timer};
use crate::clock::Now;

/// A question is said this often to somebody who presses nothing or something wrong.
const PATIENCE: u8 = 3;
/// How long a caller may think after it.
const CHOICE_MAX: Duration = Duration::from_secs(7);
/// Between digits that people read from somewhere.
const DIGITS_GAP: Duration = Duration::from_secs(5);

/// A question about `T`, and what was pressed so far.
#[derive(Debug)]
pub(super) struct Question<T> {
    /// What it is about.
    pub about: T,
    /// Digits so far.
    pub typed: Digits,
    /// How often it may still be said, this time included.
    tries: u8,
    /// It was said to its end, or cut short by a key.
    said: bool,
}

impl<T> Question<T> {
    pub(super) fn new(about: T) -> Question<T> {
        Question { about, typed: Digits::default(), tries: PATIENCE, said: false }
    }

    /// One try fewer; an error when that was the last.
    pub(super) fn again(mut self) -> Result<Question<T>, T> {
        self.tries = self.tries.saturating_sub(1);
        if self.tries > 0 { Ok(self) } else { Err(self.about) }
    }
}

/// What a key is to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Nothing: an impatient thumb, a digit that is not the last.
    Nothing,
    /// The one key that was asked for.
    Key(char),
    /// All digits are typed.
    Typed,
    /// What was typed is taken back.
    Cleared,
    /// Back, before any digit.
    Back,
}

impl Flow {
    /// Puts a question in these words.
    pub(super) fn put_question<T>(&mut self, mut question: Question<T>, words: Vec<Say>, now: Now) -> Question<T> {
        question.typed.clear();
        question.said = !self.say_all(words);
        self.timer = None;
        if question.said {
            self.set_timer(Timer::Choice, CHOICE_MAX, now);
        }
        question
    }

    /// It was said to its end.
    pub(super) fn question_said<T>(&mut self, question: &mut Question<T>, now: Now) {
        if !question.said && question.typed.is_empty() {
            self.set_timer(Timer::Choice, CHOICE_MAX, now);
        }
        question.said = true;
    }

    /// A key. `digits`: how many are asked for; one is a choice, of more `#` ends those that are fewer.
    pub(super) fn question_key<T>(
        &mut self,
        question: &mut Question<T>,
        digits: usize,
        key: char,
        now: Now,
    ) -> Pressed {
        let one = digits == 1;
        // A # that comes late, of an impatient thumb, is no mistake; A to D are on no telephone.
        if !(key.is_ascii_digit() || key == '*' || (key == '#' && !one)) {
            return Pressed::Nothing;
        }
        if !question.said {
            question.said = true;
            self.act(Action::Hush);
        }
        self.timer = None;
        match key {
            '*' if question.typed.is_empty() => Pressed::Back,
            '*' => {
                question.typed.clear();
                Pressed::Cleared
            }
            '#' => Pressed::Typed,
            digit if one => Pressed::Key(digit),
            digit => {
                question.typed.push(digit);
                if question.typed.len() >= digits {
                    return Pressed::Typed;
                }
                self.set_timer(Timer::DigitGap, DIGITS_GAP, now);
                Pressed::Nothing
            }
        }
    }
}
