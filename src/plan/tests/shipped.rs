//! The plans that ship check clean with the prompts that ship, and say what they have to say briefly.

use std::collections::HashSet;
use std::fmt::Write;

use jiff::civil::date;

use crate::plan::{CheckContext, Kind, Language, Piece, Plan, Step, To, Value, render};
use crate::speech::{self, End, Say, Values, Window};

macro_rules! shipped {
    ($($name:literal)+) => {
        /// Each file of `dialplans/`; a test holds the list complete.
        pub(super) const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../dialplans/", $name, ".toml")))),+];
    };
}

shipped! {
    "announcement-only" "arztpraxis" "bilingual" "buero" "friseur" "gasthaus" "hair-salon" "it-service" "kanzlei"
    "klempner" "law-office" "medical-practice" "message-only" "nur-ansage" "nur-nachricht" "office" "plumber"
    "restaurant" "systemhaus" "zweisprachig"
}

/// Words that fit into ten seconds at the pace of each voice, measured at the prompts that ship.
const WORDS_OF_TEN_SECONDS: [(Language, usize); 2] = [(Language::De, 24), (Language::En, 30)];

/// Plans to be mutated: those that ship, and the design's.
pub(super) fn all() -> Vec<(&'static str, &'static str)> {
    let ours = [("design", super::DESIGN), ("everything", super::EVERYTHING)];
    SHIPPED.iter().copied().chain(ours).collect()
}

/// Only the prompts that ship are known; today is fixed.
pub(in crate::plan) fn shipped_prompts() -> CheckContext {
    let ids = |manifest: &str| -> HashSet<String> {
        let prompts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(manifest).expect("a manifest");
        prompts.keys().cloned().collect()
    };
    let prompts = [
        (Language::De, ids(include_str!("../../../prompts/de/manifest.json"))),
        (Language::En, ids(include_str!("../../../prompts/en/manifest.json"))),
    ];
    CheckContext { prompts: prompts.into(), today: Some(date(2026, 12, 1)), ..CheckContext::default() }
}

pub(super) fn plan(name: &str, text: &str) -> Plan {
    let checked = Plan::parse(text, &shipped_prompts());
    assert_eq!(render(&checked.findings, name, text, Language::De), "", "{name}");
    checked.plan.expect("a plan")
}

#[test]
fn every_shipped_plan_is_listed() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/dialplans");
    let entries = std::fs::read_dir(directory).expect("dialplans");
    let mut files: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    files.sort();
    let listed: Vec<String> = SHIPPED.iter().map(|(name, _)| format!("{name}.toml")).collect();
    assert_eq!(files, listed);
}

#[test]
fn shipped_plans_are_clean_and_explained() {
    for (name, text) in SHIPPED {
        let plan = plan(name, text);
        let comments = text.lines().filter(|line| line.contains("# ")).count();
        assert!(comments >= 5, "{name} explains itself");
        assert!(text.lines().count() <= 90, "{name} fits on a screen or two");
        assert!(text.lines().all(|line| line.chars().count() <= 220), "{name}");
        for day in ["12-24", "12-31"] {
            assert!(text.contains(&format!("\"{day}")), "{name} says what holds on {day}");
        }
        assert!(plan.line.numbers.iter().all(|number| is_fictional(number)), "{name}");
        let phones = plan.people.values().filter_map(|person| person.phone.as_ref());
        assert!(phones.clone().all(|number| is_fictional(number)), "{name}");
        assert!(plan.rotas.values().all(|rota| !rota.gaps), "{name}: somebody is always on call");
    }
}

#[test]
fn shipped_plans_stay_clean() {
    for (name, text) in SHIPPED {
        for month in 1..=12 {
            let today = Some(date(2029, month, 24));
            let checked = Plan::parse(text, &CheckContext { today, ..shipped_prompts() });
            assert_eq!(checked.findings, [], "{name} in month {month}");
        }
    }
}

/// Kept free for books and films by the Bundesnetzagentur and Ofcom.
fn is_fictional(number: &str) -> bool {
    ["+493023125", "+4420794600", "+447700900"].iter().any(|range| number.starts_with(range))
}

/// What a call might hear: closed for a while, with a reason.
fn values(plan: &Plan, language: Language) -> Values {
    let now = date(2026, 12, 24).at(18, 0, 0, 0);
    let time = |hour: i8| jiff::civil::time(hour, 30, 0, 0);
    let reason = plan.hours.values().flat_map(|hours| &hours.hours.parts().closures).find_map(|c| c.reason.clone());
    let fallback = if language == Language::De { "Betriebsferien" } else { "a holiday" };
    Value::ALL.into_iter().fold(Values::new(), |values, value| {
        let say = match value {
            Value::Business => Say::Text(plan.line.business.clone().unwrap_or_default()),
            Value::Caller => Say::Phone("+493023125099".to_owned()),
            Value::Until => Say::Until { end: End::At(date(2026, 12, 28).at(7, 30, 0, 0)), now },
            Value::Promise => Say::Promise { by: date(2026, 12, 28).at(11, 30, 0, 0), now },
            Value::HoursToday => {
                Say::Hours(vec![Window { from: time(7), to: time(12) }, Window { from: time(13), to: time(16) }])
            }
            Value::Reason => Say::Text(reason.clone().unwrap_or(fallback.to_owned())),
        };
        values.with(value.name(), say)
    })
}

/// What each step says, as the voice gets it.
fn spoken(plan: &Plan, language: Language) -> Vec<(String, Vec<String>)> {
    let values = values(plan, language);
    let piece = |piece: &Piece| match piece {
        Piece::Prompt(id) => format!("({id})"),
        Piece::Text(text) => speech::render(&text.text, &values, language).expect("a sentence"),
    };
    let said = |(_, step): (_, &Step)| {
        let pieces: Vec<String> = step.kind.say().get(language).iter().map(piece).collect();
        (step.name.clone(), pieces)
    };
    plan.steps().map(said).filter(|(_, pieces)| !pieces.is_empty()).collect()
}

#[test]
fn what_shipped_plans_say_is_brief_and_in_words() {
    let mut all = String::new();
    for (name, text) in SHIPPED {
        let plan = plan(name, text);
        writeln!(all, "# {name}").expect("text");
        for language in plan.line.languages.clone() {
            let (_, most) = WORDS_OF_TEN_SECONDS.into_iter().find(|(of, _)| *of == language).expect("a pace");
            for (step, pieces) in spoken(&plan, language) {
                writeln!(all, "{step} ({language})").expect("text");
                for piece in &pieces {
                    writeln!(all, "    {piece}").expect("text");
                    assert!(piece.starts_with('(') || speech::is_spoken(piece, language), "{name} {step}: {piece}");
                    for sentence in piece.split_inclusive(". ") {
                        let words = sentence.split_whitespace().count();
                        assert!(words <= most, "{name} {step}: {words} words are a long sentence: {sentence}");
                    }
                }
                let words: usize = pieces.iter().map(|piece| piece.split_whitespace().count()).sum();
                assert!(words <= 2 * most + most / 3, "{name} {step}: {words} words are too many");
            }
        }
    }
    insta::assert_snapshot!(all);
}

/// Whoever calls hears who answers, and within ten seconds what can be done.
#[test]
fn shipped_plans_greet_briefly_with_the_name() {
    for (name, text) in SHIPPED {
        let plan = plan(name, text);
        for target in [Some(&plan.line.open), plan.line.closed.as_ref()].into_iter().flatten() {
            let To::Step(id) = target.to else { panic!("{name}") };
            let step = plan.step(id).expect("a step");
            let language = plan.line.languages[0];
            let (_, most) = WORDS_OF_TEN_SECONDS.into_iter().find(|(of, _)| *of == language).expect("a pace");
            let said = spoken(&plan, language).into_iter().find(|(of, _)| *of == step.name).expect("a greeting").1;
            let words = said.first().expect("a piece").split_whitespace().count();
            assert!(words <= most, "{name} {}: {words} words before the choices", step.name);
            let named = |piece: &Piece| match piece {
                Piece::Text(text) => text.values.contains(&Value::Business),
                Piece::Prompt(id) => id == "greeting",
            };
            assert!(step.kind.say().get(language).iter().any(named), "{name} {} says who answers", step.name);
        }
    }
}

#[test]
fn shipped_menus_say_each_key_and_nothing_else() {
    let digits = [
        ("1", "die Eins", "press one"),
        ("2", "die Zwei", "press two"),
        ("3", "die Drei", "press three"),
        ("4", "die Vier", "press four"),
        ("5", "die Fünf", "press five"),
    ];
    for (name, text) in SHIPPED {
        let plan = plan(name, text);
        for (_, step) in plan.steps() {
            let Kind::Menu(menu) = &step.kind else { continue };
            for language in plan.line.languages.clone() {
                let said: String =
                    spoken(&plan, language).into_iter().find(|(of, _)| *of == step.name).expect("words").1.join(" ");
                for (key, de, en) in digits {
                    let word = if language == Language::De { de } else { en };
                    let has = menu.keys.iter().any(|(of, _)| of == key);
                    assert_eq!(said.contains(word), has, "{name} {} {key}: {said}", step.name);
                }
            }
        }
    }
}
