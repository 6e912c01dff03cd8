//! Random plans against a naive caller: whoever does nothing is led round for ever exactly where the
//! checker says so, and a step is never reached exactly where no way leads to it.

use std::collections::HashSet;

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy;

use super::known;
use crate::plan::Plan;

/// A step as the test knows it: a menu with keys, or an announcement. Targets are steps; none is `back` for
/// an announcement and the end for a menu.
#[derive(Clone, Debug)]
struct Step {
    menu: bool,
    keys: Vec<usize>,
    quiet: Option<usize>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    (1..9_usize).prop_flat_map(|n| {
        let step = (any::<bool>(), prop::collection::vec(0..n, 1..4), prop::option::weighted(0.7, 0..n));
        prop::collection::vec(step.prop_map(|(menu, keys, quiet)| Step { menu, keys, quiet }), n)
    })
}

fn name(steps: &[Step], at: usize) -> String {
    format!("{}.s{at}", if steps[at].menu { "menu" } else { "info" })
}

fn text(steps: &[Step]) -> String {
    let mut text = format!("[line]\nopen = \"{}\"\n", name(steps, 0));
    for (at, step) in steps.iter().enumerate() {
        text.push_str(&format!("[{}]\nsay = \"greeting\"\n", name(steps, at)));
        let quiet = step.quiet.map(|to| name(steps, to));
        if step.menu {
            for (key, to) in step.keys.iter().enumerate() {
                text.push_str(&format!("key.{key} = \"{}\"\n", name(steps, *to)));
            }
            text.extend(quiet.map(|to| format!("silence = \"{to}\"\n")));
        } else {
            text.extend(quiet.map(|to| format!("goto = \"{to}\"\n")));
        }
    }
    text
}

/// Whether a caller at `at` who does nothing is still there after many steps.
fn for_ever(steps: &[Step], mut at: usize) -> bool {
    let mut menu = None;
    for _ in 0..10 * steps.len() {
        let step = &steps[at];
        if step.menu {
            menu = Some(at);
        }
        let back = if step.menu { None } else { menu };
        let Some(to) = step.quiet.or(back) else { return false };
        at = to;
    }
    true
}

fn reached(steps: &[Step]) -> HashSet<usize> {
    let mut reached = HashSet::from([0]);
    loop {
        let more: Vec<usize> = reached
            .iter()
            .flat_map(|at: &usize| {
                let step = &steps[*at];
                let keys = if step.menu { step.keys.as_slice() } else { &[] };
                keys.iter().copied().chain(step.quiet)
            })
            .collect();
        let before = reached.len();
        reached.extend(more);
        if reached.len() == before {
            return reached;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_checker_sees_what_callers_meet(steps in steps()) {
        let text = text(&steps);
        let checked = Plan::parse(&text, &known());
        let found = |code: &str| checked.findings.iter().any(|finding| finding.code == code);
        let round = (0..steps.len()).any(|at| for_ever(&steps, at));
        assert_eq!(found("P202"), round, "{text}\n{:?}", checked.findings);
        assert_eq!(found("P201"), reached(&steps).len() < steps.len(), "{text}");
        assert_eq!(checked.plan.is_none(), round, "{text}\n{:?}", checked.findings);
    }
}
