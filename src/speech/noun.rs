//! What is counted, with its grammar.

use super::{Language, de, en};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// "Nachricht", "message".
    Message,
    /// "neue Nachricht", "new message".
    NewMessage,
    /// "dringende Nachricht", "urgent message".
    UrgentMessage,
    /// "Anruf", "call".
    Call,
    /// "verpasster Anruf", "missed call".
    MissedCall,
    /// "Rückruf", "callback".
    Callback,
    /// "Anrufer", "caller".
    Caller,
    /// "Versuch", "attempt".
    Attempt,
    /// "Termin", "appointment".
    Appointment,
    /// "Person".
    Person,
    /// "Sekunde", "second".
    Second,
    /// "Minute".
    Minute,
    /// "Stunde", "hour".
    Hour,
    /// "Tag", "day".
    Day,
    /// "Woche", "week".
    Week,
    /// "Monat", "month".
    Month,
}

impl Noun {
    /// All of them.
    pub const ALL: [Noun; 16] = [
        Noun::Message,
        Noun::NewMessage,
        Noun::UrgentMessage,
        Noun::Call,
        Noun::MissedCall,
        Noun::Callback,
        Noun::Caller,
        Noun::Attempt,
        Noun::Appointment,
        Noun::Person,
        Noun::Second,
        Noun::Minute,
        Noun::Hour,
        Noun::Day,
        Noun::Week,
        Noun::Month,
    ];

    /// "keine Nachrichten", "einen Anruf", "two calls".
    pub(super) fn count(self, n: u64, language: Language) -> String {
        let [none, one, many] = match language {
            Language::De => self.german(),
            Language::En => self.english(),
        };
        match (n, language) {
            (0, _) => none.to_owned(),
            (1, _) => one.to_owned(),
            (_, Language::De) => format!("{} {many}", de::cardinal(n, "ein")),
            (_, Language::En) => format!("{} {many}", en::cardinal(n)),
        }
    }

    /// None, one, and what follows the number of many: accusative, as after "Sie haben".
    fn german(self) -> [&'static str; 3] {
        match self {
            Noun::Message => ["keine Nachrichten", "eine Nachricht", "Nachrichten"],
            Noun::NewMessage => ["keine neuen Nachrichten", "eine neue Nachricht", "neue Nachrichten"],
            Noun::UrgentMessage => {
                ["keine dringenden Nachrichten", "eine dringende Nachricht", "dringende Nachrichten"]
            }
            Noun::Call => ["keine Anrufe", "einen Anruf", "Anrufe"],
            Noun::MissedCall => ["keine verpassten Anrufe", "einen verpassten Anruf", "verpasste Anrufe"],
            Noun::Callback => ["keine Rückrufe", "einen Rückruf", "Rückrufe"],
            Noun::Caller => ["keine Anrufer", "einen Anrufer", "Anrufer"],
            Noun::Attempt => ["keine Versuche", "einen Versuch", "Versuche"],
            Noun::Appointment => ["keine Termine", "einen Termin", "Termine"],
            Noun::Person => ["keine Personen", "eine Person", "Personen"],
            Noun::Second => ["keine Sekunden", "eine Sekunde", "Sekunden"],
            Noun::Minute => ["keine Minuten", "eine Minute", "Minuten"],
            Noun::Hour => ["keine Stunden", "eine Stunde", "Stunden"],
            Noun::Day => ["keine Tage", "einen Tag", "Tage"],
            Noun::Week => ["keine Wochen", "eine Woche", "Wochen"],
            Noun::Month => ["keine Monate", "einen Monat", "Monate"],
        }
    }

    fn english(self) -> [&'static str; 3] {
        match self {
            Noun::Message => ["no messages", "one message", "messages"],
            Noun::NewMessage => ["no new messages", "one new message", "new messages"],
            Noun::UrgentMessage => ["no urgent messages", "one urgent message", "urgent messages"],
            Noun::Call => ["no calls", "one call", "calls"],
            Noun::MissedCall => ["no missed calls", "one missed call", "missed calls"],
            Noun::Callback => ["no callbacks", "one callback", "callbacks"],
            Noun::Caller => ["no callers", "one caller", "callers"],
            Noun::Attempt => ["no attempts", "one attempt", "attempts"],
            Noun::Appointment => ["no appointments", "one appointment", "appointments"],
            Noun::Person => ["no people", "one person", "people"],
            Noun::Second => ["no seconds", "one second", "seconds"],
            Noun::Minute => ["no minutes", "one minute", "minutes"],
            Noun::Hour => ["no hours", "one hour", "hours"],
            Noun::Day => ["no days", "one day", "days"],
            Noun::Week => ["no weeks", "one week", "weeks"],
            Noun::Month => ["no months", "one month", "months"],
        }
    }
}
