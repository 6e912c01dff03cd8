//! What is said about times and the callback.

use super::{About, Chosen, Dialogue};
use crate::clock::{Now, Utc};
use crate::flow::desk::{Told, When};
use crate::flow::phrases::{Phrase, capital, key_name};
use crate::flow::{Flow, Say};
use crate::ids::Language;
use crate::slots::Slot;

pub(super) const NONE_FREE: Phrase =
    Phrase("Zurzeit ist leider keine Zeit frei.", "We are sorry, there is no free time at the moment.");
pub(super) const NONE_LATER: Phrase = Phrase("Spätere Zeiten gibt es leider nicht.", "There are no later times.");
pub(super) const NONE_THAT_DAY: Phrase =
    Phrase("An diesem Tag ist leider nichts mehr frei.", "There is no free time on that day.");
pub(super) const TOO_FAR: Phrase =
    Phrase("So weit im Voraus können wir noch nichts zusagen.", "That day is too far away.");
pub(super) const PAST: Phrase = Phrase("Dieser Tag ist schon vorbei.", "That day has already passed.");
pub(super) const GONE: Phrase =
    Phrase("Diese Zeit ist leider nicht mehr frei.", "We are sorry, that time is no longer free.");
pub(super) const TOO_MANY: Phrase = Phrase(
    "Es sind leider schon zu viele Rückrufe vorgemerkt.",
    "We are sorry, too many callbacks have been booked already.",
);
pub(super) const NOT_CALLED: Phrase =
    Phrase("Diese Nummer können wir leider nicht zurückrufen.", "We are sorry, we cannot call that number.");
pub(super) const REASON: Phrase = Phrase(
    "Bitte sagen Sie nach dem Ton in einem Satz, worum es geht, oder legen Sie einfach auf.",
    "Please say after the tone in one sentence what it is about, or simply hang up.",
);
const ONE_FREE: Phrase = Phrase("Diese Zeit ist frei.", "This time is free.");
const SOME_FREE: Phrase = Phrase("Diese Zeiten sind frei.", "These times are free.");
const LATER: Phrase = Phrase("Für spätere Zeiten", "For later times");
const ANOTHER_DAY: Phrase = Phrase("Für einen anderen Tag", "For another day");
const SOON: Phrase = Phrase("Für einen Rückruf so bald wie möglich", "For a callback as soon as possible");
const AGAIN: Phrase = Phrase("Um alles noch einmal zu hören,", "To hear this again");
const NOTHING: Phrase = Phrase("Wenn nichts davon passt,", "If none of these suits you");
const YES: Phrase = Phrase("Wenn Sie das möchten,", "If that is right");
const OTHER_TIMES: Phrase = Phrase("Für andere Zeiten", "For another time");
const RIGHT: Phrase = Phrase("Wenn das richtig ist,", "If that is right");
const ANOTHER_NUMBER: Phrase = Phrase("Für eine andere Nummer", "For another number");
const HOUR: Phrase = Phrase(
    "Bitte geben Sie die Stunde mit zwei Ziffern ein. Für neun Uhr zum Beispiel null neun.",
    "Please enter the hour with two digits. For nine a m, for example, zero nine.",
);
const ANY_HOUR: Phrase =
    Phrase("Wenn sie gleich ist, drücken Sie die Rautetaste.", "For any hour, press the hash key.");
const NUMBER: Phrase = Phrase(
    "Bitte geben Sie die Telefonnummer mit Vorwahl ein. Zum Schluss drücken Sie die Rautetaste.",
    "Please enter the phone number with its area code, and press the hash key when you have finished.",
);
const NO_NUMBER: Phrase = Phrase(
    "Wenn Sie keine eingeben möchten, drücken Sie nur die Rautetaste.",
    "To go on without one, press the hash key alone.",
);

impl Flow {
    /// The words of a question.
    pub(super) fn slots_question(&self, dialogue: &Dialogue, about: &About, now: Now) -> Vec<Say> {
        match about {
            About::Offers { slots, later } => self.offers_told(dialogue, slots, *later, now),
            About::Day => self.prompts(&["owner-day", "owner-back"]),
            About::Hour(_) => vec![self.phrase(HOUR), self.phrase(ANY_HOUR)],
            About::Soon(latest) => {
                let mut words = vec![self.sentence(&self.soon_told(*latest, None, now))];
                words.extend([self.key_phrase(YES, '1'), self.key_phrase(OTHER_TIMES, '2')]);
                words.push(self.key_phrase(NOTHING, '0'));
                words
            }
            About::Own(_) => {
                let number = self.number_words(self.visitor.caller.as_deref().unwrap_or_default());
                let told = match self.language {
                    Language::De => format!("Wir rufen Sie unter der Nummer {number} zurück."),
                    Language::En => format!("Your number is {number}."),
                };
                vec![self.sentence(&told), self.key_phrase(RIGHT, '1'), self.key_phrase(ANOTHER_NUMBER, '2')]
            }
            About::Number(_) => vec![self.phrase(NUMBER), self.phrase(NO_NUMBER)],
            About::Typed(_, number) => {
                let number = self.number_words(number);
                let told = match self.language {
                    Language::De => format!("Die Nummer ist {number}."),
                    Language::En => format!("Your number is {number}."),
                };
                vec![self.sentence(&told), self.key_phrase(RIGHT, '1'), self.key_phrase(ANOTHER_NUMBER, '2')]
            }
        }
    }

    fn offers_told(&self, dialogue: &Dialogue, slots: &[Slot], later: bool, now: Now) -> Vec<Say> {
        let mut words = vec![self.phrase(if slots.len() == 1 { ONE_FREE } else { SOME_FREE })];
        for (slot, key) in slots.iter().zip('1'..='3') {
            let when = capital(&self.slot_words(slot.start, now));
            words.push(match (self.language, key_name(key, self.language)) {
                (Language::De, key) => self.sentence(&format!("{when}, die {key}.")),
                (Language::En, key) => self.sentence(&format!("{when}, press {key}.")),
            });
        }
        if later {
            words.push(self.key_item(LATER, '4'));
        }
        words.push(self.key_item(ANOTHER_DAY, '5'));
        if self.offers_soon(dialogue) {
            words.push(self.key_item(SOON, '6'));
        }
        words.extend([self.key_item(AGAIN, '9'), self.key_item(NOTHING, '0')]);
        words
    }

    /// What is told of a callback, and kept.
    pub(super) fn callback_told(&self, chosen: &Chosen, number: Option<&str>, moves: bool, now: Now) -> Told {
        let (words, latest) = match &chosen.0 {
            When::Slot { slot, .. } => (self.slot_told(slot.start, number, moves, now), slot.end),
            When::Soon { latest } => (self.soon_told(*latest, number, now), *latest),
        };
        let words = crate::speech::speakable(&words, self.language);
        Told { words, language: self.language, latest }
    }

    fn slot_told(&self, start: Utc, number: Option<&str>, moves: bool, now: Now) -> String {
        let when = self.slot_words(start, now);
        let number = number.map(|number| self.number_words(number));
        match (self.language, number) {
            (Language::De, Some(number)) => format!("Ihr Rückruf ist {when}, unter der Nummer {number}."),
            (Language::De, None) if moves => format!("Ihr Rückruf ist jetzt {when}."),
            (Language::De, None) => format!("Ihr Rückruf ist {when}."),
            (Language::En, Some(number)) => format!("Your callback is {when}. Your number is {number}."),
            (Language::En, None) => format!("Your callback is {when}."),
        }
    }

    fn soon_told(&self, latest: Utc, number: Option<&str>, now: Now) -> String {
        let latest = self.latest_words(latest, now);
        let number = number.map(|number| self.number_words(number));
        match (self.language, number) {
            (Language::De, Some(number)) => {
                format!("Wir rufen Sie so bald wie möglich zurück, {latest}, unter der Nummer {number}.")
            }
            (Language::De, None) => format!("Wir rufen Sie so bald wie möglich zurück, {latest}."),
            (Language::En, Some(number)) => format!("We will call you back {latest}. Your number is {number}."),
            (Language::En, None) => format!("We will call you back {latest}."),
        }
    }
}
