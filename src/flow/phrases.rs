//! Sentences of the engine's own about times, numbers and callbacks, in words.
//!
//! Each is a sentence of its own, so that those that never change are made once. The English ones are worded so
//! that most of them can be joined from what is recorded.

use super::route::local;
use super::told::slot_words;
use super::{Flow, Say};
use crate::clock::{Now, Utc};
use crate::ids::Language;
use crate::speech;

/// A sentence in German and English.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase(pub &'static str, pub &'static str);

pub(super) const THANKS: Phrase = Phrase("Vielen Dank.", "Thank you.");

/// What a key is called, as in "wählen Sie die Eins", "press one".
pub(super) fn key_name(key: char, language: Language) -> &'static str {
    const NAMES: [(&str, &str); 10] = [
        ("Null", "zero"),
        ("Eins", "one"),
        ("Zwei", "two"),
        ("Drei", "three"),
        ("Vier", "four"),
        ("Fünf", "five"),
        ("Sechs", "six"),
        ("Sieben", "seven"),
        ("Acht", "eight"),
        ("Neun", "nine"),
    ];
    let name = key.to_digit(10).and_then(|digit| NAMES.get(usize::try_from(digit).ok()?));
    name.map_or("", |(de, en)| if language == Language::De { de } else { en })
}

impl Flow {
    /// A sentence.
    pub(super) fn phrase(&self, Phrase(de, en): Phrase) -> Say {
        self.sentence(match self.language {
            Language::De => de,
            Language::En => en,
        })
    }

    /// A sentence with a key at its end: "Für spätere Zeiten" and "wählen Sie die Vier.".
    pub(super) fn key_phrase(&self, Phrase(de, en): Phrase, key: char) -> Say {
        let name = key_name(key, self.language);
        self.sentence(&match self.language {
            Language::De => format!("{de} wählen Sie die {name}."),
            Language::En => format!("{en}, press {name}."),
        })
    }

    /// The same among others, shorter: "Für spätere Zeiten die Vier.".
    pub(super) fn key_item(&self, phrase: Phrase, key: char) -> Say {
        match self.language {
            Language::De => self.sentence(&format!("{} die {}.", phrase.0, key_name(key, self.language))),
            Language::En => self.key_phrase(phrase, key),
        }
    }

    /// A sentence that is in words already, or nearly.
    pub(super) fn sentence(&self, text: &str) -> Say {
        Say::Spoken { words: speech::speakable(text, self.language), language: self.language }
    }

    /// A booked time, as after "Ihr Rückruf ist": "morgen, Dienstag, um neun Uhr dreißig".
    pub(super) fn slot_words(&self, start: Utc, now: Now) -> String {
        slot_words(start, &self.setting.plan.line.zone, self.language, now.utc)
    }

    /// The latest moment of a promise: "spätestens morgen, Dienstag, bis zwölf Uhr".
    pub(super) fn latest_words(&self, by: Utc, now: Now) -> String {
        let zone = &self.setting.plan.line.zone;
        speech::Say::Promise { by: local(by, zone), now: local(now.utc, zone) }.in_words(self.language)
    }

    /// A moment that was: "heute um neun Uhr".
    pub(super) fn moment_words(&self, at: Utc, now: Now) -> String {
        let zone = &self.setting.plan.line.zone;
        speech::Say::DateTime { at: local(at, zone), now: local(now.utc, zone) }.in_words(self.language)
    }

    /// A number in digits.
    pub(super) fn number_words(&self, number: &str) -> String {
        speech::Say::Phone(number.to_owned()).in_words(self.language)
    }
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
