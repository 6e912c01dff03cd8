//! What is told of a booked time where nobody speaks: to who booked it on a website. In the words of the telephone.

use jiff::tz::TimeZone;

use super::desk::Told;
use super::route::local;
use crate::clock::Utc;
use crate::ids::Language;
use crate::slots::Slot;
use crate::speech;

/// The promise of a booked time. `moves`: it comes in the place of another.
pub fn slot_told(slot: Slot, zone: &TimeZone, language: Language, moves: bool, now: Utc) -> Told {
    let when = slot_words(slot.start, zone, language, now);
    let words = match (language, moves) {
        (Language::De, false) => format!("Ihr Rückruf ist {when}."),
        (Language::De, true) => format!("Ihr Rückruf ist jetzt {when}."),
        (Language::En, _) => format!("Your callback is {when}."),
    };
    Told { words: speech::speakable(&words, language), language, latest: slot.end }
}

/// A booked time, as after "Ihr Rückruf ist": "morgen, Dienstag, um neun Uhr dreißig".
pub(super) fn slot_words(start: Utc, zone: &TimeZone, language: Language, now: Utc) -> String {
    let (at, now) = (local(start, zone), local(now, zone));
    let whole = || speech::Say::DateTime { at, now }.in_words(language);
    let days = (1..=2).filter_map(|days| now.date().checked_add(jiff::Span::new().days(days)).ok());
    // Midnight of a day has words of its own, and the weekday of a day after those is said anyway.
    if at.time() == jiff::civil::Time::midnight() || !days.into_iter().any(|day| day == at.date()) {
        return whole();
    }
    let day = speech::Say::Date { date: at.date(), today: now.date() }.in_words(language);
    let weekday = speech::Say::Weekday(at.date().weekday()).in_words(language);
    let time = speech::Say::Time(at.time()).in_words(language);
    match language {
        Language::De => format!("{day}, {weekday}, um {time}"),
        Language::En => format!("{day}, {weekday}, at {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_telephone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // Friday, 2026-11-20, 19:00; Saturday 09:30.
        let now = Utc(1_795_197_600_000);
        let start = Utc(now.0 + 14 * 3_600_000 + 1_800_000);
        let slot = Slot { start, end: Utc(start.0 + 900_000) };
        let told = |language, moves| slot_told(slot, &zone, language, moves, now).words;
        assert_eq!(told(Language::De, false), "Ihr Rückruf ist morgen, Samstag, um neun Uhr dreißig.");
        assert_eq!(told(Language::De, true), "Ihr Rückruf ist jetzt morgen, Samstag, um neun Uhr dreißig.");
        assert_eq!(told(Language::En, false), "Your callback is tomorrow, Saturday, at nine thirty a m.");
    }
}
