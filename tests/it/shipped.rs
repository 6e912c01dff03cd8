//! What callers of the plans that ship hear, at the moments of tests/data/moments.tsv: golden texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;
use nightdesk::clock::Utc;
use nightdesk::flow::simulate::{What, simulate};
use nightdesk::flow::{Contact, Setting, Visitor};
use nightdesk::ids::Language;
use nightdesk::plan::Plan;
use nightdesk::run::{plans, sounds::Sounds};

/// Moments of each plan at least.
const LEAST: usize = 12;

struct Moment<'t> {
    at: &'t str,
    step: &'t str,
    caller: &'t str,
    keys: &'t str,
    why: &'t str,
}

fn moments() -> BTreeMap<&'static str, Vec<Moment<'static>>> {
    let mut all: BTreeMap<&str, Vec<Moment>> = BTreeMap::new();
    for line in include_str!("../data/moments.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [plan, at, step, caller, keys, why] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("six fields: {line}")
        };
        assert!(keys.chars().all(|key| "0123456789*#…".contains(key)) && !why.is_empty(), "{line}");
        all.entry(plan).or_default().push(Moment { at, step, caller, keys, why });
    }
    all
}

fn setting(name: &str) -> Setting {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans").join(name).with_extension("toml");
    let checked = Plan::parse_bytes(&std::fs::read(&path).expect(name), &plans::known().unwrap());
    assert_eq!(checked.findings, [], "{name} checks clean");
    Setting::of(checked.plan.expect(name), "Nightdesk")
}

fn visitor(caller: &str, setting: &Setting) -> Visitor {
    let called = setting.plan.line.numbers.first().cloned().unwrap_or_default();
    let shown = |caller: &str| Some(caller.to_owned());
    match caller {
        "withheld" => Visitor { caller: None, trusted: false, called, contact: None },
        "vip" => {
            let contact = Some(Contact { vip: true, ..Contact::default() });
            Visitor { caller: shown("+493023125077"), trusted: true, called, contact }
        }
        number => Visitor { caller: shown(number), trusted: true, called, contact: None },
    }
}

#[test]
fn every_plan_that_ships_has_its_moments() {
    let moments = moments();
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans")).unwrap();
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(moments.get(name).is_some_and(|all| all.len() >= LEAST), "{name} has {LEAST} moments");
    }
}

#[test]
fn callers_of_shipped_plans_hear_what_is_written_down() {
    let sounds = Sounds::open().unwrap();
    for (name, moments) in moments() {
        let setting = setting(name);
        let mut golden = String::new();
        // Words that were written out before are cut short.
        let mut heard = BTreeSet::new();
        for Moment { at, step, caller, keys, why } in moments {
            let moment: Timestamp = at.parse().expect(at);
            let told = simulate(&setting, &visitor(caller, &setting), Utc(moment.as_millisecond()), keys, &sounds);
            assert_eq!(told.step, step, "{name} {at}: {why}");
            assert!(
                matches!(told.heard.last().map(|last| &last.what), Some(What::Ends { .. })),
                "{name} {at}: it ends"
            );
            for heard in &told.heard {
                if let What::Says { text, prompt } = &heard.what {
                    assert!(
                        !text.is_empty() || matches!(prompt.as_deref(), Some("message" | "draft")),
                        "{name} {at}: something is said"
                    );
                }
            }
            let language = setting.plan.line.languages.first().copied().unwrap_or(Language::De);
            let pressed = if keys.is_empty() { String::new() } else { format!(" · {keys}") };
            let _ = writeln!(golden, "## {why}{pressed}");
            for line in told.told(language).lines() {
                let known = line.starts_with("        »") && !heard.insert(line.to_owned());
                let short: String = line.chars().take(60).collect();
                let _ = writeln!(golden, "{}", if known { format!("{short}…") } else { line.to_owned() });
            }
        }
        insta::assert_snapshot!(name, golden);
    }
}
