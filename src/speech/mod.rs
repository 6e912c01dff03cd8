//! What is said, as text: numbers, digits, dates, times, spans, counts and owners' own words, written out
//! for a voice in German and English.
//!
//! A voice misreads "3.3." and "9:30", and joined fragments are not understood after G.711 where whole
//! sentences are. So everything that changes from call to call is first made into a sentence **in words**
//! here: no digit, no symbol, no markup is left ([`is_spoken`]). The room is pure: dates and times are
//! local civil ones that the caller of the room has taken from `now` and the line's time zone.
//!
//! ## From a sentence to sound
//! - **German**: [`render`] (or [`Say::in_words`]) gives the sentence, [`chunks`] the pieces that a
//!   synthesiser takes. The whole sentence is synthesised by one voice and kept under the hash of its text
//!   and the voice, so the same sentence is made once. Never join German fragments.
//! - **English**: no second speaker may enter a call whose prompts are recorded by another, so a sentence
//!   is looked up in recorded pieces, longest first: the sentence, then its parts between commas, then
//!   runs of words ("on Tuesday", "the third of March", "nine thirty", "a m"). The words here come from a
//!   closed vocabulary, in the same spelling as the table of fragments. A piece takes the falling recording
//!   where it stands before a full stop or at the end, otherwise the level one. Where a part is missing
//!   (a name, text that the owner typed), the whole sentence is synthesised instead, not the part alone.
//!   The table of fragments is `prompts/say.en.tsv`; a test holds it against the golden sentences.
//!
//! ## What a template gives and takes
//! Templates are whole sentences of the owner with [`PLACEHOLDERS`]. Values are worded so that they stand
//! in the sentences for which they are made; what each one says, and where, is documented at [`Say`].

mod chunks;
mod de;
mod digits;
mod en;
mod noun;
mod speakable;
mod template;
#[cfg(test)]
mod tests;
mod when;

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time, Weekday};

pub use crate::ids::Language;
pub use chunks::{CHUNK_WORDS_MAX, WORD_LETTERS_MAX, chunks};
pub use noun::Noun;
pub use speakable::{TEXT_MAX, is_spoken, speakable};
pub use template::{PLACEHOLDERS, TEMPLATE_MAX, TemplateError, Values, placeholders, render};

/// Something whose words depend on a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// A number: "minus einundzwanzig", "one hundred and one".
    Number(i64),
    /// Digit by digit, for codes: "eins null null eins". Letters are spelled; `*`, `#` and `+` have names.
    Digits(String),
    /// A telephone number in any usual spelling, in pairs and threes with pauses between them. Empty, or
    /// without a digit: "unbekannte Nummer", "unknown number".
    Phone(String),
    /// How many: "keine Nachrichten", "eine Nachricht", "zwei Nachrichten", as after "Sie haben".
    Count {
        /// How many.
        n: u64,
        /// Of what.
        noun: Noun,
    },
    /// A time of day: "neun Uhr dreißig", "nine thirty a m".
    Time(Time),
    /// A day: "heute", "am Dienstag, dem dritten März". The year is said where it is far away.
    Date {
        /// The day.
        date: Date,
        /// The day on which it is said.
        today: Date,
    },
    /// A day and a time: "morgen um neun Uhr dreißig", "am Dienstag, dem dritten März, um ein Uhr".
    DateTime {
        /// The moment.
        at: DateTime,
        /// The moment at which it is said.
        now: DateTime,
    },
    /// "Dienstag".
    Weekday(Weekday),
    /// How long, in its two largest units: "eine Stunde und fünfzehn Minuten", as after "dauert".
    Duration(Duration),
    /// In how long: "in zwei Tagen", "in five minutes".
    In(Duration),
    /// How long a state lasts: "bis morgen, acht Uhr", "bis zum siebten Januar".
    Until {
        /// When it ends.
        end: End,
        /// The moment at which it is said.
        now: DateTime,
    },
    /// The opening hours of a day, in their order: "von sieben Uhr dreißig bis zwölf Uhr und von dreizehn
    /// bis siebzehn Uhr"; without windows "geschlossen".
    Hours(Vec<Window>),
    /// The latest moment of something promised: "spätestens morgen, Dienstag, bis zwölf Uhr".
    Promise {
        /// The latest moment.
        by: DateTime,
        /// The moment at which it is said.
        now: DateTime,
    },
    /// Names and owners' text, made speakable by [`speakable`].
    Text(String),
}

/// When a state ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At this moment. Midnight is said as the end of the day before: "bis einschließlich Mittwoch, den
    /// sechsten Januar".
    At(DateTime),
    /// On this day, at an hour that is not told: "bis morgen", "bis Montag", "bis zum siebten Januar".
    On(Date),
}

/// One stretch of opening hours. One that ends at or before its start ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Opens.
    pub from: Time,
    /// Closes; 00:00 is the end of the day.
    pub to: Time,
}

/// How a line speaks. Made from a language, it is the usual way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manner {
    /// German or English.
    pub language: Language,
    /// How half hours are said.
    pub half_hours: HalfHours,
    /// How English tells the morning from the evening.
    pub part_of_day: PartOfDay,
    /// Country code whose numbers are said without it, with a leading zero; `None` says it always.
    pub home: Option<u16>,
}

/// How half hours are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HalfHours {
    /// "neun Uhr dreißig", "nine thirty".
    Read,
    /// "halb zehn", "half past nine". In German up to noon only: "halb fünf" leaves open which.
    Named,
}

/// How English tells the morning from the evening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartOfDay {
    /// "nine a m".
    Letters,
    /// "nine o'clock in the morning".
    Phrase,
}

impl From<Language> for Manner {
    /// Times are read, English uses "a m", and German numbers (as in [`crate::ids::dialled`]) are at home.
    fn from(language: Language) -> Manner {
        Manner { language, half_hours: HalfHours::Read, part_of_day: PartOfDay::Letters, home: Some(49) }
    }
}

impl Say {
    /// The words, without a full stop. `manner`: a [`Language`] or a whole [`Manner`].
    pub fn in_words(&self, manner: impl Into<Manner>) -> String {
        let manner = manner.into();
        match self {
            Say::Digits(text) => digits::spelled(text, manner.language),
            Say::Phone(text) => digits::phone(text, manner),
            Say::Text(text) => speakable(text, manner.language),
            Say::Count { n, noun } => noun.count(*n, manner.language),
            _ => match manner.language {
                Language::De => self.in_german(manner),
                Language::En => self.in_english(manner),
            },
        }
    }

    fn in_german(&self, manner: Manner) -> String {
        let voice = de::German { half_hours: manner.half_hours };
        match self {
            Say::Number(n) => de::number(*n),
            Say::Time(time) => voice.time(when::Clock::from(*time)),
            Say::Date { date, today } => de::on_day(*date, *today),
            Say::DateTime { at, now } => voice.moment(*at, now.date()),
            Say::Weekday(weekday) => de::weekday(*weekday).to_owned(),
            Say::Duration(length) => de::lasting(*length),
            Say::In(length) => de::in_how_long(*length),
            Say::Until { end, now } => voice.until(*end, now.date()),
            Say::Hours(windows) => voice.hours(windows),
            Say::Promise { by, now } => voice.promise(*by, now.date()),
            Say::Digits(_) | Say::Phone(_) | Say::Text(_) | Say::Count { .. } => String::new(),
        }
    }

    fn in_english(&self, manner: Manner) -> String {
        let voice = en::English { half_hours: manner.half_hours, part_of_day: manner.part_of_day };
        match self {
            Say::Number(n) => en::number(*n),
            Say::Time(time) => voice.time(when::Clock::from(*time)),
            Say::Date { date, today } => en::on_day(*date, *today),
            Say::DateTime { at, now } => voice.moment(*at, now.date()),
            Say::Weekday(weekday) => en::weekday(*weekday).to_owned(),
            Say::Duration(length) => en::lasting(*length),
            Say::In(length) => format!("in {}", en::lasting(*length)),
            Say::Until { end, now } => voice.until(*end, now.date()),
            Say::Hours(windows) => voice.hours(windows),
            Say::Promise { by, now } => voice.promise(*by, now.date()),
            Say::Digits(_) | Say::Phone(_) | Say::Text(_) | Say::Count { .. } => String::new(),
        }
    }
}

/// The word at `at` of a table; nothing where the table has none.
fn word<'a>(table: &[&'a str], at: impl TryInto<usize>) -> &'a str {
    at.try_into().ok().and_then(|at| table.get(at)).copied().unwrap_or_default()
}
