//! What there is of plans besides rows: prompts that ship, and the plan of who has none.

use std::time::Duration;

use anyhow::Result;

use crate::config::Config;
use crate::ids::Language;
use crate::media::Prompts;
use crate::plan::CheckContext;
use crate::revision::Basis;

/// For a process with these settings.
pub fn basis(config: &Config) -> Result<Basis> {
    let standard = Language::ALL.into_iter().map(|language| (language, standard(config, language))).collect();
    Ok(Basis { known: known()?, standard, dir: config.plan_dir.clone() })
}

/// What every plan may name.
pub fn known() -> Result<CheckContext> {
    let mut context = CheckContext::default();
    for language in Language::ALL {
        let prompts = Prompts::shipped(language.as_str())?;
        context.prompts.insert(language, prompts.ids().map(str::to_owned).collect());
    }
    Ok(context)
}

/// Greet, beep, record, and a way in for the owner: with the lengths of the settings, as far as a plan may have them.
fn standard(config: &Config, language: Language) -> String {
    let (about, owner) = match language {
        Language::De => (
            "# Gilt, solange es keinen eigenen Plan gibt: abnehmen und eine Nachricht aufnehmen.\n\
             # Die Sterntaste führt während der Ansage zum Eingang für Sie selbst (Geheimzahl: nightdesk tenant pin set).",
            "owner.zugang",
        ),
        Language::En => (
            "# Holds while there is no plan of your own: answer, and take a message.\n\
             # The star key leads to your own entry while this is heard (PIN: nightdesk tenant pin set).",
            "owner.entry",
        ),
    };
    let within = |length: Duration, least: u64, most: u64| {
        length.clamp(Duration::from_secs(least), Duration::from_secs(most)).as_millis()
    };
    format!(
        "{about}\n\n[line]\nlanguage = \"{language}\"\ntimezone = \"{{timezone}}\"\nopen     = \"message.standard\"\n\n\
         [message.standard]\nsay      = [\"greeting\", \"leave-message\"]\n\
         key.\"*\"  = \"{owner}\"\n\
         max      = \"{}\"\nsilence  = \"{}\"\nwait     = \"{}\"\nmin      = \"{}\"\n\n[{owner}]\n",
        plain(within(config.message_max, 10, 1_800)),
        plain(within(config.silence_after, 3, 60)),
        plain(within(config.silence_before, 5, 60)),
        plain(within(config.message_min, 0, 10)),
    )
}

/// Milliseconds as a plan writes them.
fn plain(ms: u128) -> String {
    match ms {
        _ if ms > 0 && ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Values;
    use crate::plan::{Kind, Plan};

    #[test]
    fn the_standard_plan_is_good_with_any_settings() {
        let read = |given: &[(&str, &str)]| {
            let find = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let basis = basis(&Config::read(&Values::gather(None, |_| None, find).unwrap()).unwrap()).unwrap();
            Language::ALL.map(|language| {
                let text = basis.standard(language, "Europe/Vienna");
                let checked = Plan::parse(&text, &basis.known);
                assert_eq!(checked.findings, [], "{text}");
                checked.plan.unwrap()
            })
        };
        for plan in read(&[]) {
            let Some(Kind::Message(message)) = plan.steps().next().map(|(_, step)| &step.kind) else { panic!() };
            let seconds = [message.max, message.silence, message.wait, message.min].map(|length| length.as_secs());
            assert_eq!((seconds, plan.line.timezone.as_str()), ([300, 8, 15, 1], "Europe/Vienna"));
        }
        read(&[("message-max", "5s"), ("silence-after", "0s"), ("silence-before", "2h"), ("message-min", "1500ms")]);
    }
}
