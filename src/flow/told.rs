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
    let when = speech::Say::DateTime { at: local(slot.start, zone), now: local(now, zone) }.in_words(language);
    let words = match (language, moves) {
        (Language::De, false) => format!("Ihr Rückruf ist {when}."),
        (Language::De, true) => format!("Ihr Rückruf ist jetzt {when}."),
        (Language::En, _) => format!("Your callback is {when}."),
    };
    Told { words: speech::speakable(&words, language), language, latest: slot.end }
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
        assert_eq!(told(Language::De, false), "Ihr Rückruf ist morgen um neun Uhr dreißig.");
        assert_eq!(told(Language::De, true), "Ihr Rückruf ist jetzt morgen um neun Uhr dreißig.");
        assert_eq!(told(Language::En, false), "Your callback is tomorrow at nine thirty a m.");
    }
}
