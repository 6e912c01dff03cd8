//! Plans and callers of chance: every valid plan ends every call, and the week is what each minute says.

use std::fmt::Write;

use nightdesk::clock::Utc;
use nightdesk::flow::simulate::{Transcripts, What, simulate, week};
use nightdesk::flow::{Setting, TURNS_MAX, route};
use nightdesk::ids::Language;
use nightdesk::plan::{CheckContext, Plan};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::line;

/// One step of a plan of chance.
#[derive(Clone, Debug)]
struct Chance {
    kind: &'static str,
    to: Vec<Index>,
    keys: Vec<&'static str>,
    number: u8,
}

fn chance() -> impl Strategy<Value = Chance> {
    let kind = select(vec!["menu", "menu", "menu", "info", "message", "say", "language", "oncall", "owner", "hangup"]);
    let keys = prop::sample::subsequence(vec!["0", "1", "2", "21", "22", "3", "345", "*", "#", "9"], 1..7);
    (kind, prop::collection::vec(any::<Index>(), 10), keys, 0..4u8).prop_map(|(kind, to, keys, number)| Chance {
        kind,
        to,
        keys,
        number,
    })
}

/// A text of these steps. Ways without a key lead down the text, so that it may be valid.
fn text(steps: &[Chance], hours: &str) -> String {
    let name = |at: usize| format!("{}.s{at}", steps[at].kind);
    let mut text = format!(
        "[line]\nlanguage = [\"de\", \"en\"]\nhours = \"h\"\nopen = \"{}\"\nclosed = \"{}\"\n",
        name(0),
        name(steps.len() - 1)
    );
    let _ = writeln!(text, "[hours.h]\n{hours}");
    text.push_str("[rota.r]\npeople = [\"p\"]\n[person.p]\nname = \"Dienst\"\nphone = \"+493023125001\"\n");
    for (at, step) in steps.iter().enumerate() {
        let down = |index: &Index| if at + 1 < steps.len() { at + 1 + index.index(steps.len() - at - 1) } else { at };
        let last = at + 1 == steps.len();
        let [first, second, others @ ..] = &step.to[..] else { unreachable!() };
        let _ = writeln!(text, "[{}]", name(at));
        let say = "say.de = \"Eins, zwei {until}. Drei.\"\nsay.en = \"One, two {until}. Three.\"\n";
        match step.kind {
            "menu" => {
                text.push_str(say);
                for (key, to) in step.keys.iter().zip(others) {
                    let _ = writeln!(text, "key.\"{key}\" = \"{}\"", name(to.index(steps.len())));
                }
                let _ = writeln!(text, "repeat = {}", step.number);
                if !last {
                    let _ = writeln!(text, "silence = \"{}\"\ninvalid = \"{}\"", name(down(first)), name(down(second)));
                }
            }
            "info" => text.push_str(say),
            "message" if step.number > 1 && !last => {
                let _ = writeln!(
                    text,
                    "{say}goto = \"{}\"\nkey.0 = \"{}\"",
                    name(down(first)),
                    name(second.index(steps.len()))
                );
            }
            "message" => {}
            "say" if !last => {
                let _ = writeln!(text, "{say}goto = \"{}\"", name(down(first)));
            }
            "language" => {
                let _ = writeln!(
                    text,
                    "say = \"Deutsch, one.\"\nkey.1 = \"de\"\nkey.2 = \"en\"\ngoto = \"{}\"",
                    name(down(first))
                );
            }
            "oncall" => {
                let _ = writeln!(text, "rota = \"r\"\nconfirm = \"1\"\nelse = \"{}\"", name(down(first)));
            }
            _ => text.push_str(say),
        }
    }
    text
}

struct Silence;

impl Transcripts for Silence {
    fn transcript(&self, _language: Language, prompt: &str) -> Option<String> {
        Some(prompt.to_owned())
    }
}

fn context(text: &str) -> CheckContext {
    let _ = text;
    let ids = ["greeting", "leave-message", "goodbye"].map(str::to_owned);
    let each = Language::ALL.into_iter().map(|language| (language, ids.iter().cloned().collect()));
    CheckContext { prompts: each.collect(), ..CheckContext::default() }
}

fn hours() -> impl Strategy<Value = String> {
    let window = (0..23u8, 0..60u8, 1..20u8).prop_map(|(hour, minute, length)| {
        let until = (hour + length) % 24;
        if until == hour { "00:00-24:00".to_owned() } else { format!("{hour:02}:{minute:02}-{until:02}:{minute:02}") }
    });
    let day = select(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let closed = select(vec!["", "closed = [\"10-25\", \"2026-03-28..2026-03-30 Umbau\", \"12-31 from 12:00\"]\n"]);
    (prop::collection::btree_map(day, window, 1..6), closed, any::<bool>()).prop_map(|(days, closed, holidays)| {
        let mut text: String = days.iter().map(|(day, window)| format!("{day} = [\"{window}\"]\n")).collect();
        text.push_str(closed);
        if holidays {
            text.push_str("holidays = \"DE-BY\"\n");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_global_rejects: 40_000, ..ProptestConfig::default() })]

    #[test]
    fn every_valid_plan_ends_every_call(
        steps in prop::collection::vec(chance(), 1..9),
        hours in hours(),
        keys in prop::collection::vec(select("0123456789*#,…_".chars().collect::<Vec<_>>()), 0..400),
        at in 0..31_536_000_i64,
    ) {
        let text = text(&steps, &hours);
        let checked = Plan::parse(&text, &context(&text));
        let Some(plan) = checked.plan else { return Err(TestCaseError::reject("not a valid plan")) };
        let setting = Setting::of(plan, "Nightdesk");
        let at = Utc(1_767_225_600_000 + at * 1000);
        let keys: String = keys.into_iter().collect();
        let told = simulate(&setting, &line::somebody(), at, &keys, &Silence);
        prop_assert!(matches!(told.heard.last().map(|heard| &heard.what), Some(What::Ends { .. })), "{text}\n{keys}\n{}", told.told(Language::En));
        let entered = told.heard.iter().filter(|heard| matches!(heard.what, What::Step { .. })).count();
        prop_assert!(entered <= usize::from(TURNS_MAX), "{entered} steps");
        // Nobody who presses nothing waits for ever: a call without keys is over in minutes.
        let silent = simulate(&setting, &line::somebody(), at, "", &Silence);
        let length_ms = silent.heard.last().map_or(0, |heard| heard.after_ms);
        prop_assert!(length_ms < 40 * 60_000, "{length_ms} ms\n{text}");
    }

    #[test]
    fn the_week_is_what_each_minute_says(hours in hours(), day in 0..365_i64) {
        let text = format!(
            "[line]\nhours = \"h\"\nopen = \"hangup.auf\"\nclosed = \"hangup.zu\"\non.sat = \"hangup.sa\"\n[hours.h]\n{hours}\
             [hangup.auf]\n[hangup.zu]\n[hangup.sa]\n"
        );
        let Some(plan) = Plan::parse(&text, &context(&text)).plan else { return Err(TestCaseError::reject("overlap")) };
        let setting = Setting::of(plan, "Nightdesk");
        let from = Utc(1_767_225_600_000 + day * 86_400_000 + 40 * 60_000);
        let week = week(&setting, &line::somebody(), from);
        let mut at = from;
        for stretch in &week {
            prop_assert_eq!(stretch.starts, at, "a hole");
            while at < stretch.ends {
                let found = route(&setting, &line::somebody(), at);
                let nightdesk::plan::To::Step(step) = found.target.to else { unreachable!() };
                prop_assert_eq!(&setting.plan.step(step).unwrap().name, &stretch.step);
                prop_assert_eq!(found.explained(&setting), stretch.why.clone());
                at = Utc(at.0 + 7 * 60_000);
            }
            let last = route(&setting, &line::somebody(), Utc(stretch.ends.0 - 1));
            prop_assert_eq!(last.explained(&setting), stretch.why.clone());
            at = stretch.ends;
        }
        prop_assert!(at.0 - from.0 >= 6 * 86_400_000);
    }
}
