//! Plans that were cut, doubled and mixed up: never a panic, never a place outside the text.

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy;

use super::{DESIGN, known};
use crate::plan::{Language, OTHER_SECTIONS, Place, Plan, STEP_KINDS, Severity, render};

/// Words and signs of a plan, blanks and line ends among them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if !c.is_alphanumeric() && !"_-".contains(c) {
            if start < at {
                tokens.push(&text[start..at]);
            }
            tokens.push(&text[at..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    tokens.push(&text[start..]);
    tokens
}

fn places_are_inside(text: &str) {
    let checked = Plan::parse(text, &known());
    let errors = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(checked.plan.is_none(), errors, "{text}");
    for finding in &checked.findings {
        let Place { start, end, line, .. } = finding.place;
        assert!(start <= end && text.get(start..end).is_some(), "{finding:?} in {text}");
        assert!((1..=text.lines().count() + 1).contains(&line), "{finding:?} in {text}");
        assert!(!finding.message.de.is_empty() && !finding.message.en.is_empty());
    }
    for language in Language::ALL {
        render(&checked.findings, "plan.toml", text, language);
    }
}

/// What to do with a token: where, how, and another token.
fn slips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, prop::sample::Index)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..5_u8, any::<prop::sample::Index>()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn slips_are_findings(slips in slips(), which in any::<prop::sample::Index>()) {
        let texts = super::shipped::all();
        let (_, text) = which.get(&texts);
        let original = tokens(text);
        let mut mutated: Vec<String> = original.iter().map(|token| (*token).to_owned()).collect();
        for (at, how, other) in slips {
            let at = at.index(mutated.len());
            match how {
                0 => drop(mutated.remove(at)),
                1 => mutated.insert(at, mutated[at].clone()),
                2 => mutated[at] = (*other.get(&original)).to_owned(),
                3 => mutated[at].push('ß'),
                _ => mutated.truncate(at.max(1)),
            }
            if mutated.is_empty() {
                break;
            }
        }
        places_are_inside(&mutated.concat());
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        places_are_inside(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        Plan::parse_bytes(&bytes, &known());
    }

    #[test]
    fn any_value_is_read(
        section in prop::sample::select(STEP_KINDS.iter().chain(&OTHER_SECTIONS).copied().collect::<Vec<_>>()),
        key in prop::sample::select(vec!["say", "key.1", "hours", "mon-fri", "closed", "people", "shift.a", "phone", "for", "goto", "else", "caller", "\"12-24\"", "numbers", "de", "turn", "promise"]),
        value in "(\"\\PC{0,20}\"|-?[0-9]{1,25}|true|\\[[0-9\", ]{0,12}\\]|2026-12-24|1e9|\\{ a = 1 \\})",
    ) {
        let name = if section == "line" { "" } else { ".x" };
        places_are_inside(&format!("[{section}{name}]\n{key} = {value}\n"));
        places_are_inside(&format!("{DESIGN}\n[{section}{name}]\n{key} = {value}\n"));
    }
}
