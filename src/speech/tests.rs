//! Golden sentences (`tests/data/say.*.tsv`: kind, input, words), and what holds for all of them.
//!
//! After a change of wording, `SAY_BLESS=1 cargo test --lib speech::` writes the tables anew: read the diff.

mod numbers;

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;

const TABLES: [(Language, &str, &str); 2] = [
    (Language::De, "tests/data/say.de.tsv", include_str!("../../tests/data/say.de.tsv")),
    (Language::En, "tests/data/say.en.tsv", include_str!("../../tests/data/say.en.tsv")),
];

/// The sentence of one row.
fn said(kind: &str, input: &str, language: Language) -> String {
    let usual = Manner::from(language);
    let manner = match kind {
        "time-half" | "moment-half" | "hours-half" => Manner { half_hours: HalfHours::Named, ..usual },
        "time-phrase" | "hours-phrase" => Manner { part_of_day: PartOfDay::Phrase, ..usual },
        "time-half-phrase" => Manner { half_hours: HalfHours::Named, part_of_day: PartOfDay::Phrase, ..usual },
        "phone-abroad" => Manner { home: None, ..usual },
        _ => usual,
    };
    let (first, second) = input.split_once(" said ").unwrap_or((input, ""));
    let moment = |text: &str| text.parse::<DateTime>().unwrap_or_else(|e| panic!("{text}: {e}"));
    let day = |text: &str| text.parse::<Date>().unwrap_or_else(|e| panic!("{text}: {e}"));
    let seconds = |text: &str| Duration::from_secs(text.parse().unwrap());
    let say = match kind {
        "render" => return render(input, &values(), manner).unwrap(),
        "number" => Say::Number(input.parse().unwrap()),
        "digits" => Say::Digits(input.to_owned()),
        "phone" | "phone-abroad" => Say::Phone(input.to_owned()),
        "count" => {
            let (n, noun) = input.split_once(' ').unwrap();
            let noun = Noun::ALL.into_iter().find(|each| format!("{each:?}") == noun).unwrap();
            Say::Count { n: n.parse().unwrap(), noun }
        }
        "time" | "time-half" | "time-phrase" | "time-half-phrase" => Say::Time(input.parse().unwrap()),
        "date" => Say::Date { date: day(first), today: day(second) },
        "moment" | "moment-half" => Say::DateTime { at: moment(first), now: moment(second) },
        "weekday" => Say::Weekday(day(input).weekday()),
        "duration" => Say::Duration(seconds(input)),
        "in" => Say::In(seconds(input)),
        "until" if first.contains('T') => Say::Until { end: End::At(moment(first)), now: moment(second) },
        "until" => Say::Until { end: End::On(day(first)), now: moment(second) },
        "promise" => Say::Promise { by: moment(first), now: moment(second) },
        "hours" | "hours-half" | "hours-phrase" => Say::Hours(windows(input)),
        "text" => Say::Text(input.to_owned()),
        _ => panic!("{kind:?} is no kind of row"),
    };
    say.in_words(manner)
}

/// What templates of the tables are given: Friday evening, the weekend before them.
fn values() -> Values {
    let now = DateTime::constant(2026, 3, 6, 18, 5, 0, 0);
    let monday = DateTime::constant(2026, 3, 9, 8, 0, 0, 0);
    Values::new()
        .with("business", Say::Text("Müller & Söhne GmbH".to_owned()))
        .with("caller", Say::Phone("+4915112345678".to_owned()))
        .with("hours.today", Say::Hours(windows("07:30-12:00 13:00-18:00")))
        .with("promise", Say::Promise { by: monday.saturating_add(4.hours()), now })
        .with("until", Say::Until { end: End::At(monday), now })
}

/// "07:30-12:00 13:00-17:00"; "-" for none.
fn windows(input: &str) -> Vec<Window> {
    let time = |text: &str| text.parse::<Time>().unwrap();
    input
        .split(' ')
        .filter_map(|window| window.split_once('-').filter(|(from, _)| !from.is_empty()))
        .map(|(from, to)| Window { from: time(from), to: time(to) })
        .collect()
}

#[test]
fn golden_sentences() {
    for (language, path, table) in TABLES {
        let mut wrong = Vec::new();
        let mut now = String::new();
        for line in table.lines() {
            let mut columns = line.split('\t');
            let (kind, input) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
            let wanted = columns.next().unwrap_or_default();
            let words = said(kind, input, language);
            assert!(is_spoken(&words, language), "{line}: {words}");
            if words != wanted {
                wrong.push(format!("{kind} {input}\n    wanted: {wanted}\n    said:   {words}"));
            }
            now.push_str(&format!("{kind}\t{input}\t{words}\n"));
        }
        if std::env::var_os("SAY_BLESS").is_some() {
            std::fs::write(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path), now).unwrap();
        } else {
            assert!(wrong.is_empty(), "{path}: {} sentences\n{}", wrong.len(), wrong.join("\n"));
        }
        assert!(table.lines().count() >= 300, "{path}");
    }
}

/// The words are of a local time that the shell made; here both clock changes of Berlin.
#[test]
fn clock_changes_do_not_move_a_day() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let local = |text: &str| berlin.to_datetime(text.parse::<Timestamp>().unwrap());
    let said = |at: &str, now: &str| Say::DateTime { at: local(at), now: local(now) }.in_words(Language::De);
    // 23 hours and a quarter, and 24 and a half: the next day both times.
    assert_eq!(said("2026-03-29T21:45:00Z", "2026-03-28T22:30:00Z"), "morgen um dreiundzwanzig Uhr fünfundvierzig");
    assert_eq!(said("2026-10-25T22:30:00Z", "2026-10-24T22:00:00Z"), "heute um dreiundzwanzig Uhr dreißig");
    // 02:30 comes twice on one of them, and on the other 02:00 is 03:00.
    assert_eq!(said("2026-10-25T00:30:00Z", "2026-10-24T10:00:00Z"), "morgen um zwei Uhr dreißig");
    assert_eq!(said("2026-10-25T01:30:00Z", "2026-10-24T10:00:00Z"), "morgen um zwei Uhr dreißig");
    assert_eq!(said("2026-03-29T01:00:00Z", "2026-03-29T00:59:00Z"), "heute um drei Uhr");
}

#[test]
fn every_hour_and_minute_has_its_words() {
    for minute in 0..24 * 60 {
        let time = Time::midnight().wrapping_add(minute.minutes());
        let german = Say::Time(time).in_words(Language::De);
        assert!(german.contains(" Uhr") && !german.contains("eins Uhr"), "{time}: {german}");
        for half_hours in [HalfHours::Read, HalfHours::Named] {
            for part_of_day in [PartOfDay::Letters, PartOfDay::Phrase] {
                for language in [Language::De, Language::En] {
                    let manner = Manner { half_hours, part_of_day, ..Manner::from(language) };
                    let words = Say::Time(time).in_words(manner);
                    assert!(is_spoken(&words, language), "{words}");
                    assert!(!words.contains("viertel") && !words.contains("  "), "{words}");
                }
            }
        }
    }
}

#[test]
fn abroad_is_not_at_home() {
    let abroad = Manner { home: Some(43), ..Manner::from(Language::De) };
    assert_eq!(Say::Phone("+43 1 58858".to_owned()).in_words(abroad), "null eins, fünf acht acht, fünf acht");
}

fn language() -> impl Strategy<Value = Language> {
    prop_oneof![Just(Language::De), Just(Language::En)]
}

fn manner() -> impl Strategy<Value = Manner> {
    let half_hours = prop_oneof![Just(HalfHours::Read), Just(HalfHours::Named)];
    let part_of_day = prop_oneof![Just(PartOfDay::Letters), Just(PartOfDay::Phrase)];
    (language(), half_hours, part_of_day, proptest::option::of(any::<u16>()))
        .prop_map(|(language, half_hours, part_of_day, home)| Manner { language, half_hours, part_of_day, home })
}

fn time() -> impl Strategy<Value = Time> {
    (0..24i8, 0..60i8, 0..60i8).prop_map(|(h, m, s)| Time::new(h, m, s, 0).unwrap())
}

fn date() -> impl Strategy<Value = Date> {
    // Dates that jiff can hold, its ends included.
    let wild = (-9999..=9999i16, 1..=12i8, 1..=28i8).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap());
    let near = (0..800i64).prop_map(|days| Date::constant(2026, 1, 1).saturating_add(days.days()));
    prop_oneof![1 => wild, 6 => near, 1 => Just(Date::MIN), 1 => Just(Date::MAX)]
}

fn moment() -> impl Strategy<Value = DateTime> {
    (date(), time()).prop_map(|(date, time)| DateTime::from_parts(date, time))
}

fn say() -> impl Strategy<Value = Say> {
    let end = prop_oneof![moment().prop_map(End::At), date().prop_map(End::On)];
    let window = (time(), time()).prop_map(|(from, to)| Window { from, to });
    prop_oneof![
        any::<i64>().prop_map(Say::Number),
        "[0-9A-Za-z*# +-]{0,30}".prop_map(Say::Digits),
        "[+0-9/() -]{0,40}".prop_map(Say::Phone),
        any::<String>().prop_map(Say::Phone),
        any::<String>().prop_map(Say::Digits),
        (prop_oneof![any::<u64>(), 0..200u64], proptest::sample::select(&Noun::ALL[..]))
            .prop_map(|(n, noun)| Say::Count { n, noun }),
        time().prop_map(Say::Time),
        (date(), date()).prop_map(|(date, today)| Say::Date { date, today }),
        (moment(), moment()).prop_map(|(at, now)| Say::DateTime { at, now }),
        date().prop_map(|date| Say::Weekday(date.weekday())),
        (0..=u64::MAX, 0..40u32).prop_map(|(s, shift)| Say::Duration(Duration::from_secs(s >> shift))),
        (0..1_000_000u64).prop_map(|s| Say::In(Duration::from_secs(s))),
        (end, moment()).prop_map(|(end, now)| Say::Until { end, now }),
        proptest::collection::vec(window, 0..5).prop_map(Say::Hours),
        (moment(), moment()).prop_map(|(by, now)| Say::Promise { by, now }),
    ]
}

/// Owner's text with what makes trouble.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[0-9.,:/+€%-]{1,12}",
        proptest::sample::select(vec![
            "9:30",
            "Uhr",
            "24/7",
            "z.",
            "B.",
            "3.3.",
            "<genfile file=a.wav>",
            "</",
            "Mo-Fr",
            "Nr.",
            "12",
            "am",
            "a.m.",
            "pm",
            "€",
            "+49 711",
            "(",
            ")",
            "-",
            "Fr.",
            "St.",
            "März",
            "March",
            "3rd",
            "\u{308}",
            "u\u{308}",
            "＜ａ＞",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn all_that_is_said_is_words(say in say(), manner in manner()) {
        let words = say.in_words(manner);
        prop_assert!(is_spoken(&words, manner.language), "{words}");
        prop_assert!(!words.contains("  ") && words == words.trim(), "{words:?}");
        // A value stands in owner's text without being read a second time.
        prop_assert_eq!(speakable(&words, manner.language), words);
    }

    #[test]
    fn any_text_becomes_words(text in text(), language in language()) {
        let words = speakable(&text, language);
        prop_assert!(is_spoken(&words, language), "{words}");
        prop_assert!(!words.contains("  ") && words == words.trim(), "{words:?}");
        let pieces = chunks(&words);
        for piece in &pieces {
            prop_assert!(piece.split(' ').count() <= CHUNK_WORDS_MAX);
            prop_assert!(piece.split(' ').all(|word| (1..=WORD_LETTERS_MAX).contains(&word.chars().count())));
        }
        let bare = |text: &str| text.replace(' ', "");
        prop_assert_eq!(bare(&pieces.concat()), bare(&words));
    }

    #[test]
    fn any_template_is_rendered_or_refused(template in "([{}]|[a-z. ]|\\{business\\}|\\PC){0,40}", language in language()) {
        let values = Values::new().with("business", Say::Text("Salon 3".to_owned()));
        match render(&template, &values, language) {
            Ok(words) => prop_assert!(is_spoken(&words, language)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
