//! The plans that ship check clean with the prompts that ship.

use std::collections::HashSet;

use crate::plan::{CheckContext, Language, Plan, render};

const SHIPPED: [(&str, &str); 4] = [
    ("nur-nachricht.toml", include_str!("../../../dialplans/nur-nachricht.toml")),
    ("message-only.toml", include_str!("../../../dialplans/message-only.toml")),
    ("buero.toml", include_str!("../../../dialplans/buero.toml")),
    ("office.toml", include_str!("../../../dialplans/office.toml")),
];

/// Plans to be mutated: those that ship, and the design's.
pub(super) fn all() -> Vec<(&'static str, &'static str)> {
    SHIPPED.into_iter().chain([("design.toml", super::DESIGN), ("everything.toml", super::EVERYTHING)]).collect()
}

/// Only the prompts that ship are known.
fn shipped_prompts() -> CheckContext {
    let ids = |manifest: &str| -> HashSet<String> {
        let prompts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(manifest).expect("a manifest");
        prompts.keys().cloned().collect()
    };
    let prompts = [
        (Language::De, ids(include_str!("../../../prompts/de/manifest.json"))),
        (Language::En, ids(include_str!("../../../prompts/en/manifest.json"))),
    ];
    CheckContext { prompts: prompts.into(), ..CheckContext::default() }
}

#[test]
fn shipped_plans_are_clean() {
    for (name, text) in SHIPPED {
        let checked = Plan::parse(text, &shipped_prompts());
        assert_eq!(render(&checked.findings, name, text, Language::De), "", "{name}");
        assert!(checked.plan.is_some(), "{name}");
        let comments = text.lines().filter(|line| line.contains('#')).count();
        assert!(comments >= 3, "{name} explains itself");
    }
}
