//! The number to call: the caller's own, or another by keys; read back in digits and confirmed.

use super::{About, Chosen, Dialogue, say};
use crate::clock::Now;
use crate::flow::Flow;
use crate::flow::question::Question;
use crate::flow::typed::Digits;
use crate::flow::walk::State;
use crate::ids;

impl Flow {
    /// The own number, where there is one that may be called; otherwise one by keys.
    pub(super) fn ask_number(&mut self, dialogue: Dialogue, chosen: Chosen, now: Now) -> State {
        let Some(own) = self.visitor.caller.clone() else {
            return self.put_slots(dialogue, About::Number(chosen), now);
        };
        if !self.may_be_called(&own) {
            let sorry = self.phrase(say::NOT_CALLED);
            self.lead.push(sorry);
            return self.put_slots(dialogue, About::Number(chosen), now);
        }
        self.put_slots(dialogue, About::Own(chosen), now)
    }

    /// 1: it is right; 2: another.
    pub(super) fn number_chosen(&mut self, dialogue: Dialogue, about: About, key: char, now: Now) -> State {
        match (about, key) {
            (About::Own(chosen), '1') => self.book(dialogue, chosen, None, now),
            (About::Typed(chosen, number), '1') => {
                let number = Some(number).filter(|number| self.visitor.caller.as_ref() != Some(number));
                self.book(dialogue, chosen, number, now)
            }
            (About::Own(chosen) | About::Typed(chosen, _), _) => self.put_slots(dialogue, About::Number(chosen), now),
            (about, _) => self.put_slots(dialogue, about, now),
        }
    }

    pub(super) fn number_typed(&mut self, dialogue: Dialogue, question: Question<About>, now: Now) -> State {
        if question.typed.is_empty() {
            return self.give_up(dialogue, now);
        }
        let number =
            typed_number(&question.typed, self.setting.plan.line.home()).filter(|number| self.may_be_called(number));
        match (number, &question.about) {
            (Some(number), About::Number(chosen)) => {
                let about = About::Typed(chosen.clone(), number);
                self.put_slots(dialogue, about, now)
            }
            _ => {
                let sorry = vec![self.phrase(say::NOT_CALLED)];
                self.put_slots_again(dialogue, question, sorry, now)
            }
        }
    }

    /// Nobody runs up a bill by asking to be called back.
    fn may_be_called(&self, number: &str) -> bool {
        self.setting.plan.policy().allows(number)
    }
}

/// A number as it was typed, in the one form, `home` being the country code of the line; none without area code.
fn typed_number(typed: &Digits, home: &str) -> Option<String> {
    let typed = typed.reveal();
    match typed.strip_prefix('0') {
        Some(national) if !national.starts_with('0') => Some(format!("+{home}{national}")),
        _ => Some(ids::dialled(typed)).filter(|number| number.starts_with('+')),
    }
}
