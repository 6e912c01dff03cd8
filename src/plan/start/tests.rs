//! Whatever is answered, the plan that comes of it checks clean.

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy;

use super::*;
use crate::plan::tests::shipped::shipped_prompts;
use crate::plan::{Plan, render};

fn start(trade: Trade, language: Language, week_typed: &str, phone: Option<&str>) -> Start {
    let code = if language == Language::De { "DE-BW" } else { "GB-ENG" };
    let name = if language == Language::De { "Muster & Söhne" } else { "Sample & Sons" };
    Start {
        business: business(name).expect("a name"),
        region: code.parse().expect("a region"),
        week: week(week_typed).expect("a week"),
        eves: Eves::Closed,
        trade,
        language,
        phone: phone.map(str::to_owned),
    }
}

fn clean(start: &Start) -> String {
    let text = start.text();
    let checked = Plan::parse(&text, &shipped_prompts());
    assert_eq!(render(&checked.findings, "plan.toml", &text, Language::En), "", "{text}");
    assert!(checked.plan.is_some());
    assert!(text.lines().count() <= 60, "{} lines:\n{text}", text.lines().count());
    let comments = text.lines().filter(|line| line.contains("# ")).count();
    assert!(comments >= 8, "{comments} comments:\n{text}");
    text
}

const WEEKS: [&str; 6] = [
    "Mo-Fr 8-12, 13-17; Sa 9-12",
    "mon-fri 9am-5pm",
    "täglich 0-24",
    "Mo 8-8:10",
    "Mo 8-9 Di 8-10 Mi 8-11 Do 8-12 Fr 8-13 Sa 8-14 So 8-15",
    "Fr, Sa 18-2",
];

#[test]
fn every_trade_starts_with_a_clean_plan() {
    for (trade, ..) in TRADES {
        for language in Language::ALL {
            for typed in WEEKS {
                let ours = if language == Language::De { "+493023125011" } else { "+442079460011" };
                for phone in [None, Some(ours)] {
                    clean(&start(trade, language, typed, phone));
                }
            }
        }
    }
}

#[test]
fn two_plans_to_start_from() {
    let eves = Eves::Until(ClockTime::new(12, 0).expect("noon"));
    let plumber = Start { eves, ..start(Trade::Plumber, Language::De, WEEKS[0], Some("+493023125011")) };
    insta::assert_snapshot!("plumber", clean(&plumber));
    insta::assert_snapshot!("practice", clean(&start(Trade::Practice, Language::En, WEEKS[1], None)));
    let shop = Start { eves: Eves::Open, ..start(Trade::Shop, Language::De, WEEKS[0], None) };
    insta::assert_snapshot!("shop", clean(&shop));
    insta::assert_snapshot!("announcement", clean(&start(Trade::AnnouncementOnly, Language::De, WEEKS[0], None)));
}

fn windows() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::btree_set(0..25_u8, 0..6).prop_map(|times| {
        let times: Vec<u8> = times.into_iter().collect();
        times.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_answers_give_a_clean_plan(
        name in ".{1,100}", windows in prop::array::uniform7(windows()), eves in 0..3_u8, hour in 1..24_u8,
        which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(),
        german in any::<bool>(), subscriber in prop::option::of(10_000_u32..99_999),
    ) {
        let days = ["mo", "di", "mi", "do", "fr", "sa", "so"];
        let typed: String = days.iter().zip(&windows).filter(|(_, windows)| !windows.is_empty())
            .map(|(day, windows)| {
                let windows: Vec<String> = windows.iter().map(|(from, to)| format!("{from}-{to}")).collect();
                format!("{day} {}; ", windows.join(", "))
            })
            .collect();
        let (Some(business), Ok(week)) = (business(&name), week(&typed)) else { return Ok(()) };
        let regions: Vec<Region> = Region::all().collect();
        let region = *place.get(&regions);
        let eves = match eves {
            0 => Eves::Closed,
            1 => Eves::Open,
            _ => Eves::Until(ClockTime::new(hour, 30).expect("a time")),
        };
        let phone = subscriber.map(|digits| format!("+{}20{digits}", country(region).calling_code));
        let language = if german { Language::De } else { Language::En };
        clean(&Start { business, region, week, eves, trade: which.get(&TRADES).0, language, phone });
    }

    #[test]
    fn whatever_is_typed_is_a_week_or_a_sentence(typed in "([mdfs][oira]|mon|tue|[0-9]{1,4}|[-–,;:. ]|am|pm|bis|zu|.){0,30}") {
        match week(&typed) {
            Ok(found) => {
                for language in Language::ALL {
                    let again = week(&week_text(&found, language));
                    assert_eq!(again.as_ref(), Ok(&found), "{typed}");
                }
            }
            Err(BadWeek(text)) => assert!(!text.de.is_empty() && text.en.len() < 200),
        }
        let _ = region(&typed);
        let _ = Trade::named(&typed);
    }
}

#[test]
fn hours_are_typed_in_many_ways() {
    for (typed, read) in [
        ("Mo-Fr 8-12, 13-17; Sa 9-12", "Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00"),
        ("mon-fri 9-17", "Mo-Fr 09:00-17:00"),
        ("Montag bis Freitag von 8.30 bis 12 Uhr und 13–16:45 Uhr", "Mo-Fr 08:30-12:00, 13:00-16:45"),
        ("Mo, Di, Do: 8-12; Mi: zu", "Mo-Di 08:00-12:00; Do 08:00-12:00"),
        ("täglich 10-22, Mo Ruhetag", "Di-So 10:00-22:00"),
        ("Mon to Fri 9am-5pm, Sat 10-2pm, Sun 1-5 pm", "Mo-Fr 09:00-17:00; Sa 10:00-14:00; So 13:00-17:00"),
        ("Mo-Fr 8-12; Mo-Do 13-17", "Mo-Do 08:00-12:00, 13:00-17:00; Fr 08:00-12:00"),
        ("mo-fr 0800-1200", "Mo-Fr 08:00-12:00"),
        ("Fr-Mo 18-2", "Mo 18:00-02:00; Fr-So 18:00-02:00"),
        ("montags 8-12 am Samstag 9-12", "Mo 08:00-12:00; Sa 09:00-12:00"),
        ("daily noon-midnight", "Mo-So 12:00-24:00"),
    ] {
        let week = week(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(week_text(&week, Language::De), read, "{typed}");
    }
    let said = |typed: &str| week(typed).expect_err(typed).to_string();
    let all: String = [
        "",
        "9-17",
        "Mo-Fr",
        "Mo 9-5",
        "Mo 8-25",
        "Mo 8",
        "Mo 8-12, 11-13",
        "Freitga 8-12",
        "Mo 8-12 €",
        "Mo zu",
        "pm",
    ]
    .map(|typed| format!("{typed:?}: {}\n", said(typed)))
    .concat();
    insta::assert_snapshot!(all);
}

#[test]
fn regions_are_typed_in_many_ways() {
    for (typed, code) in [
        ("DE-BW", "DE-BW"),
        (" bw ", "DE-BW"),
        ("Baden Wuerttemberg", "DE-BW"),
        ("bayern", "DE-BY"),
        ("Bavaria", "DE-BY"),
        ("NRW", "DE-NW"),
        ("AT-9", "AT"),
        ("Wien", "AT"),
        ("Zürich", "CH-ZH"),
        ("zurich", "CH-ZH"),
        ("gb-eng", "GB-ENG"),
        ("UK", "GB-ENG"),
        ("Deutschland", "DE"),
    ] {
        assert_eq!(region(typed).map(Region::code), Ok(code), "{typed}");
    }
    assert_eq!(region("Baden-Wurttemberg").map_err(|near| near.map(Region::code)), Err(Some("DE-BW")));
    assert_eq!(region("Sachsn").map_err(|near| near.map(Region::code)), Err(Some("DE-SN")));
    assert_eq!(region("Atlantis"), Err(None));
    let bw = region("BW").expect("a region");
    assert_eq!(number("030 23125-011", bw).as_deref(), Some("+493023125011"));
    assert_eq!(number("+44 20 7946 0011", bw).as_deref(), Some("+442079460011"));
    assert_eq!(number("0043 1 23456", bw).as_deref(), Some("+43123456"));
    assert_eq!((number("23125", bw), number("030 abc", bw), number("", bw)), (None, None, None));
}

#[test]
fn trades_are_the_files_that_ship() {
    for (trade, de, en) in TRADES {
        for (name, language) in [(de, Language::De), (en, Language::En)] {
            let path = format!("{}/dialplans/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{path}");
            assert_eq!((Trade::named(name), trade.name(language)), (Some(trade), name));
        }
    }
    assert_eq!(
        (Trade::named("2"), Trade::named(" Büro "), Trade::named("0"), Trade::named("99")),
        (Some(Trade::Plumber), Some(Trade::Office), None, None)
    );
}
