//! Plan in, findings out.

mod broken;
mod mutated;
pub(super) mod shipped;
mod walked;

use super::*;

/// The plan of the design, word for word.
const DESIGN: &str = include_str!("design.toml");

/// Every section and key.
const EVERYTHING: &str = include_str!("everything.toml");

/// What the design's plan takes for known.
fn known() -> CheckContext {
    let prompts = ["begruessung-abend", "notdienst-kosten", "nachricht", "nachricht-notfall", "greeting", "goodbye"];
    let prompts: HashSet<String> = prompts.map(str::to_owned).into();
    CheckContext {
        prompts: [(Language::De, prompts.clone()), (Language::En, prompts)].into(),
        people: ["schulz", "yildiz"].map(str::to_owned).into(),
        calendars: ["rueckruf".to_owned()].into(),
        lists: Some(["stammkunden".to_owned()].into()),
        foreign_numbers: ["+49711999999".to_owned()].into(),
        today: None,
    }
}

/// Everything that is said about a text, in both languages.
fn said(text: &str) -> String {
    let checked = Plan::parse(text, &known());
    let errors = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(checked.plan.is_none(), errors, "a plan counts where no error is");
    let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
    let [de, en] = Language::ALL.map(|language| render(&checked.findings, "plan.toml", text, language));
    format!("{}\n{de}\n{en}", codes.join(" "))
}

#[test]
fn the_plan_of_the_design_is_clean() {
    let checked = Plan::parse(DESIGN, &known());
    assert_eq!(render(&checked.findings, "abend.toml", DESIGN, Language::De), "");
    let plan = checked.plan.expect("a plan");
    assert_eq!(plan.line.numbers, ["+49711123456"]);
    assert_eq!(plan.steps().len(), 6);
    let menu = plan.step(plan.step_named("menu.abend").expect("a menu")).expect("a step");
    assert_eq!((menu.place.line, menu.place.column), (21, 2));
    let Kind::Menu(menu) = &menu.kind else { panic!("a menu") };
    let keys: Vec<&str> = menu.keys.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["1", "2", "3"]);
    let hours = plan.line_hours().expect("hours");
    assert_eq!(hours.closures.iter().map(|place| place.line).collect::<Vec<_>>(), [13, 13, 13]);
}

#[test]
fn a_misspelt_target_is_found_as_the_design_shows_it() {
    let text = DESIGN.replacen("\"oncall.notdienst\"", "\"oncall.notdinst\"", 1);
    let checked = Plan::parse(&text, &known());
    assert!(checked.plan.is_none());
    let shown = render(&checked.findings, "abend.toml", &text, Language::En);
    let design = "\
× target \"oncall.notdinst\" does not exist
   ╭─[abend.toml:23:12]
23 │ key.1    = \"oncall.notdinst\"
   ·            ────────┬────────
   ·                    ╰── where the call should go
   help: did you mean \"oncall.notdienst\"?
⚠ \"oncall.notdienst\" is never reached
";
    assert!(shown.starts_with(design), "{shown}");
    insta::assert_snapshot!(said(&text));
}

#[test]
fn findings_are_json_for_the_page() {
    let text = DESIGN.replacen("\"oncall.notdienst\"", "\"oncall.notdinst\"", 1);
    let checked = Plan::parse(&text, &known());
    insta::assert_snapshot!(serde_json::to_string_pretty(&checked.findings).expect("json"));
}

#[test]
fn every_code_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md");
    if std::env::var_os("NIGHTDESK_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).expect("a directory");
        std::fs::write(path, findings_md()).expect("docs/findings.md");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == findings_md(), "docs/findings.md is old: NIGHTDESK_WRITE_DOCS=1 cargo test --lib plan::");
}

#[test]
fn codes_are_in_order_and_whole() {
    let mut ids: Vec<&str> = CODES.iter().map(|info| info.id).collect();
    for (at, info) in CODES.iter().enumerate() {
        assert_eq!(info.code as usize, at, "{}", info.id);
        for (de, en) in [info.message, info.label, info.help, info.about] {
            assert_eq!(de.is_empty(), en.is_empty(), "{}: both languages", info.id);
            for hole in ["{0}", "{1}", "{2}", "{3}"] {
                assert_eq!(de.contains(hole), en.contains(hole), "{}: {hole} in both languages", info.id);
            }
        }
    }
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), CODES.len());
}

#[test]
fn ten_thousand_steps_are_read() {
    let mut text = String::from("[line]\nnumbers = [\"+49711123456\"]\nopen = \"say.s0\"\n");
    for at in 0..limits::STEPS_MAX - 1 {
        text.push_str(&format!("[say.s{at}]\nsay = \"Guten Tag.\"\ngoto = \"say.s{}\"\n", at + 1));
    }
    let last = format!("[say.s{}]\nsay = \"Ende der Ansage.\"\n", limits::STEPS_MAX - 1);
    let checked = Plan::parse(&format!("{text}{last}"), &known());
    assert_eq!(checked.findings, []);
    assert_eq!(checked.plan.expect("a plan").steps().len(), limits::STEPS_MAX);
    // One circle of ten thousand, and one step too many.
    let circle = last.trim_end().to_owned() + "\ngoto = \"say.s0\"\n[say.more]\nsay = \"Zu viel.\"\n";
    let checked = Plan::parse(&format!("{text}{circle}"), &known());
    assert_eq!(checked.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["P202", "P003"]);
    // Ten thousand slips cost no more than some.
    let slips = text.replace("goto = \"say.s", "goto = \"say.z");
    let checked = Plan::parse(&slips, &known());
    assert_eq!(checked.findings.len(), limits::FINDINGS_MAX + 1);
}

#[test]
fn what_is_said_is_told_apart() {
    let text = "[line]\nbusiness = \"Meier\"\nopen = \"hangup.h\"\nclosed = \"say.a\"\nhours = \"h\"\n[hours.h]\ndaily = \"08:00-12:00\"\n\
                [say.a]\nsay = [\"greeting\", \"Wir sind bis {until} nicht da.\", \"{hours.today}\"]\n[hangup.h]\n";
    let checked = Plan::parse(text, &known());
    assert_eq!(render(&checked.findings, "p", text, Language::En), "");
    let plan = checked.plan.expect("a plan");
    let Some(Kind::Say(step)) = plan.steps().next().map(|(_, step)| &step.kind) else { panic!("say") };
    let text = |text: &str, value| Piece::Text(Template { text: text.to_owned(), values: vec![value] });
    assert_eq!(
        step.say.get(Language::De),
        [
            Piece::Prompt("greeting".to_owned()),
            text("Wir sind bis {until} nicht da.", Value::Until),
            text("{hours.today}", Value::HoursToday)
        ]
    );
}

#[test]
fn what_is_spoken_can_be_rendered() {
    // The room of words takes each template that the checker lets through, with these values and no others.
    let values = Value::ALL
        .into_iter()
        .fold(crate::speech::Values::new(), |values, value| values.with(value.name(), crate::speech::Say::Number(1)));
    let render = |text: &str| crate::speech::render(text, &values, Language::De);
    for text in ["Bis { until }.", "{business}{caller}", "Gut."] {
        assert!(Plan::parse(&spoken(text), &known()).plan.is_some() && render(text).is_ok(), "{text}");
    }
    for text in ["Bis {until", "Bis until}", "{{until}}", "{}", "{bis}", "{until}}"] {
        assert!(Plan::parse(&spoken(text), &known()).plan.is_none() && render(text).is_err(), "{text}");
    }
    assert!(Plan::parse(&spoken("… !"), &known()).plan.is_none(), "nothing is heard");
    let longest = "ß".repeat(limits::SPOKEN_MAX);
    assert!(Plan::parse(&spoken(&longest), &known()).plan.is_some() && render(&longest).is_ok());
}

fn spoken(text: &str) -> String {
    let hours = "hours = \"h\"\nclosed = \"say.a\"\n[hours.h]\ndaily = \"08:00-12:00\"\n";
    format!("[line]\nopen = \"say.a\"\n{hours}[say.a]\nsay = \"{text}\"\n")
}

#[test]
fn a_sentence_whose_value_is_not_known_is_left_out() {
    let template = |text: &str| {
        let values: Vec<Value> =
            Value::ALL.into_iter().filter(|value| text.contains(&format!("{{{}}}", value.name()))).collect();
        Template { text: text.to_owned(), values }
    };
    let without = |text: &str, unknown: &[Value]| {
        template(text).known(|value| !unknown.contains(&value)).map(|text| text.into_owned())
    };
    let both = "Wir haben {until} geschlossen. Grund: {reason}. Für den Notdienst drücken Sie die Eins.";
    assert_eq!(without(both, &[]).as_deref(), Some(both));
    for (text, unknown, said) in [
        (both, Value::Reason, "Wir haben {until} geschlossen. Für den Notdienst drücken Sie die Eins."),
        (both, Value::Until, "Grund: {reason}. Für den Notdienst drücken Sie die Eins."),
        ("Frau Dr. Muster ist am 24. Dezember z. B. {until} da.  Gut!", Value::Until, "Gut!"),
        ("Bis {until}! Warum? {reason}. Ja.", Value::Until, "Warum? {reason}. Ja."),
        ("Bis {until}! Warum? {reason}. Ja.", Value::Reason, "Bis {until}! Warum? Ja."),
        ("Sie sind { caller }. Ja", Value::Caller, "Ja"),
        ("Version 1.5 gilt {until}. Öffnungszeit 8.30 Uhr", Value::Until, "Öffnungszeit 8.30 Uhr"),
    ] {
        let template = Template { values: vec![unknown], ..template(text) };
        assert_eq!(template.known(|value| value != unknown).as_deref(), Some(said), "{text}");
    }
    assert_eq!(without("Wir haben {until} geschlossen.", &[Value::Until]), None);
    assert_eq!(without("{reason}", &[Value::Reason]), None);
}

#[test]
fn a_roster_is_looked_through_for_four_weeks() {
    let text = "[line]\nopen = \"oncall.o\"\n[oncall.o]\nsay = \"greeting\"\nrota = \"r\"\nconfirm = \"1\"\nelse = \"hangup.h\"\n\
                [hangup.h]\n[rota.r]\nshift.a = { people = \"schulz\", daily = \"08:00-20:00\", closed = [\"12-24 from 18:00\"] }\n\
                shift.b = { people = \"yildiz\", daily = \"20:00-08:00\", holidays = \"DE-BW\" }\n";
    let said = |text: &str, today: Option<Date>| {
        let checked = Plan::parse(text, &CheckContext { today, ..known() });
        assert!(checked.plan.is_some());
        let findings = checked.findings.iter().map(|finding| format!("{} {}", finding.code, finding.message.en));
        findings.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(said(text, None), "");
    assert_eq!(said(text, Some(jiff::civil::date(2026, 11, 21))), "");
    let first = Some(jiff::civil::date(2026, 12, 1));
    assert_eq!(
        said(text, first),
        "P404 nobody is on call: Thu 2026-12-24 18:00–Thu 2026-12-24 20:00, \
         Fri 2026-12-25 20:00–Sat 2026-12-26 08:00, Sat 2026-12-26 20:00–Sun 2026-12-27 08:00"
    );
    assert_eq!(said(&format!("{text}gaps = true\n"), first), "");
    // The end of the last day is not the end of a duty, and its first morning belongs to the night before.
    let night = text.replace(", holidays = \"DE-BW\"", "").replace(", closed = [\"12-24 from 18:00\"]", "");
    assert_eq!(said(&night, first), "");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let checked = Plan::parse_bytes(b"[line]\nname = \"M\xfcller\"\n", &known());
    assert_eq!(checked.findings.iter().map(|f| (f.code, f.place.line)).collect::<Vec<_>>(), [("P002", 2)]);
}

#[test]
fn everything_that_the_language_knows_is_read() {
    let text = EVERYTHING;
    let checked = Plan::parse(text, &known());
    assert_eq!(render(&checked.findings, "everything.toml", text, Language::En), "");
    let plan = checked.plan.expect("a plan");
    assert_eq!(plan.line.days.len(), 4);
    let rule = &plan.rules[1];
    assert_eq!((rule.name.as_str(), rule.open, rule.callers.len()), ("nachbarn", Some(true), 4));
    assert_eq!(rule.callers[..2], [Caller::Country("AT".to_owned()), Caller::Prefix("+49711".to_owned())]);
    let step = |name: &str| &plan.step(plan.step_named(name).expect(name)).expect(name).kind;
    let Kind::Info(info) = step("info.zeiten") else { panic!("info") };
    assert_eq!(info.goto.to, To::Back);
    let Kind::Menu(menu) = step("menu.start") else { panic!("menu") };
    let keys: Vec<&str> = menu.keys.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["0", "1", "2", "*", "#", "31"]);
    assert_ne!(menu.say.get(Language::De), menu.say.get(Language::En));
    assert_eq!((menu.barge_in, menu.repeat, menu.gap.as_secs()), (false, 1, 3));
    let Kind::Message(message) = step("message.a") else { panic!("message") };
    let keys: Vec<&str> = message.keys.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["0", "*"]);
    assert!(matches!(step("owner.ich"), Kind::Owner(owner) if !owner.say.is_empty()));
    assert_eq!(
        (message.max.as_secs(), message.promise.map(|p| p.as_secs()), message.notify.len()),
        (180, Some(28_800), 4)
    );
    let Kind::Ring(ring) = step("ring.team") else { panic!("ring") };
    assert_eq!((ring.strategy, ring.confirm, ring.call.len()), (Strategy::InTurn, Some('5'), 2));
    the_desk_is_typed(&plan);
    assert_eq!(plan.rotas["dienst"].turn, Some(Turn::Monthly(1, "08:00".parse().expect("a time"))));
    let hours = plan.line_hours().expect("hours");
    assert_eq!(hours.hours.parts().closures.len(), hours.closures.len());
    assert_eq!(hours.week.map(|place| place.map_or(0, |place| place.line)), [26, 26, 26, 26, 27, 28, 0]);
}

fn the_desk_is_typed(plan: &Plan) {
    let minutes = |minutes: u64| std::time::Duration::from_secs(minutes * 60);
    let step = |name: &str| plan.step(plan.step_named(name).expect(name)).expect(name);
    assert_eq!(step("message.a").matter(), "heizung");
    assert_eq!(step("message.b").matter(), "message.b");
    assert_eq!(step("slots.termin").matter(), "termin");
    let Kind::Slots(slots) = &step("slots.termin").kind else { panic!("slots") };
    assert_eq!((slots.asap, slots.reason, slots.goto.is_some()), (false, Some(minutes(1) / 2), true));
    let Kind::Slots(slots) = &step("slots.abend").kind else { panic!("slots") };
    assert_eq!((slots.asap, slots.reason, slots.goto.is_some()), (true, None, false));
    let calendar = plan.calendar("termine").expect("a calendar");
    assert_eq!((calendar.length, calendar.buffer), (minutes(20), minutes(5)));
    assert!(matches!(calendar.seats, crate::slots::Seats::Staff { each: 2, people } if people.len() == 2));
    assert_eq!(Some(&calendar.hours), plan.line_hours().map(|part| &part.hours));
    let calendar = plan.calendar("abend").expect("a calendar");
    assert_eq!(calendar.hours.parts().openings.len(), 1);
    assert!(matches!(calendar.seats, crate::slots::Seats::Fixed(1)));
    assert!(plan.calendar("rueckruf").is_none());
    assert_eq!(plan.crew(), crate::slots::Crew { at_once: 3, each: minutes(15) });
    assert_eq!(*plan.callback_hours(), plan.hours["spaet"].hours);
    let policy = plan.policy();
    assert_eq!((policy.home.as_str(), policy.allow.len()), ("49", 2));
    let callbacks = &plan.callbacks;
    assert_eq!((callbacks.missed, callbacks.again, callbacks.open, callbacks.tries), (false, false, 2, 4));
    assert_eq!((callbacks.retry.len(), callbacks.strangers), (2, 10));
    assert_eq!(callbacks.message.map(|target| target.to), plan.step_named("message.nachtrag").map(To::Step));
    assert_eq!(callbacks.human.map(|target| target.to), plan.step_named("oncall.nachtrag").map(To::Step));
}

#[test]
fn a_plan_without_a_desk_has_the_usual_one() {
    let plan = Plan::parse("[line]\nopen = \"hangup.h\"\n[hangup.h]\n", &known()).plan.expect("a plan");
    assert_eq!(*plan.callback_hours(), crate::hours::Hours::always());
    assert_eq!((plan.crew().at_once, plan.crew().each.as_secs()), (1, 600));
    assert!(plan.callbacks.message.is_none() && plan.callbacks.retry.len() == 3);
    assert!(!plan.callbacks.missed, "who heard an announcement missed nobody");
    let plan = Plan::parse("[line]\nopen = \"message.m\"\n[message.m]\n", &known()).plan.expect("a plan");
    assert!(plan.callbacks.missed);
}

#[test]
fn limits_hold() {
    let head = "[line]\nopen = \"menu.m\"\n";
    let keys: String = (0..=limits::KEYS_MAX).map(|key| format!("key.{key:04} = \"hangup.h\"\n")).collect();
    let menu = format!("{head}[menu.m]\nsay = \"greeting\"\nsilence = \"hangup.h\"\n{keys}[hangup.h]\n");
    let rules: String = (0..=limits::RULES_MAX)
        .map(|at| format!("[rule.r{at}]\ncaller = \"+49711{at:06}\"\nto = \"hangup.h\"\n"))
        .collect();
    let rules = format!("[line]\nopen = \"hangup.h\"\n[hangup.h]\n{rules}");
    let say = format!("[line]\nopen = \"say.s\"\n[say.s]\nsay = \"{}\"\n", "Ja. ".repeat(limits::SPOKEN_MAX));
    let long = " ".repeat(limits::TEXT_BYTES_MAX + 1);
    for text in [menu, rules, say, long] {
        let checked = Plan::parse(&text, &known());
        assert_eq!(checked.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["P003"]);
    }
}

#[test]
fn closures_that_are_over_are_named() {
    let text = "[line]\nopen = \"hangup.h\"\nclosed = \"hangup.h\"\nhours = \"h\"\n[hangup.h]\n[hours.h]\nmon = \"08:00-09:00\"\n\
                closed = [\"2026-11-20\", \"2026-11-19..2026-11-21\", \"11-01\"]\n\"2026-11-20\" = \"08:00-09:00\"\n";
    let today = Some(jiff::civil::date(2026, 11, 21));
    let checked =
        Plan::parse(&text.replace("\"2026-11-20\" =", "\"2026-11-18\" ="), &CheckContext { today, ..known() });
    let found: Vec<_> = checked.findings.iter().map(|finding| (finding.code, finding.place.column)).collect();
    assert_eq!(found, [("P309", 11), ("P309", 1)]);
    // Open and closed on the same date is for the hours to say.
    let checked = Plan::parse(text, &known());
    assert_eq!(checked.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["P304"]);
}

#[test]
fn values_are_typed() {
    let seconds = |text: &str| value::duration(text).map(|duration| duration.as_millis());
    assert_eq!(seconds("1h30m"), Some(5_400_000));
    assert_eq!(seconds("500ms"), Some(500));
    for bad in ["", "5", "m", "5 m", "5m1h", "5m5m", "-5s", "5S", "٥s", "9999999s", "1.5h"] {
        assert_eq!(seconds(bad), None, "{bad}");
    }
    for text in ["25s", "3m", "1h30m", "14d", "1d2h3m4s5ms", "0s"] {
        assert_eq!(value::show_duration(value::duration(text).expect(text)), text);
    }
    for (number, code) in
        [("+4915112345678", "49"), ("+12125550123", "1"), ("+3531234567", "353"), ("+390612345", "39")]
    {
        assert_eq!(value::country_code(number), code);
    }
    for mailbox in [
        "+491701312345678",
        "+4915205012345678",
        "+436647712345678",
        "+41860791234567",
        "+4917255123456789",
        "+491711312345678",
        "+49171131234567",
        "+491703312345678",
        "+491725012345678",
        "+491779912345678",
        "+4915113123456789",
        "+491715512345678",
    ] {
        assert!(value::mailbox(mailbox).is_some(), "{mailbox}");
    }
    // Among them the mobile numbers that the Bundesnetzagentur and Ofcom keep free for books and films.
    for human in [
        "+4917112345678",
        "+491715012345",
        "+491703312345",
        "+4917255123456",
        "+4915250123456",
        "+49711131234567",
        "+431711312345678",
        "+436647712345",
        "+4917312345678",
        "+4915228817386",
        "+4915254599371",
        "+491729925904",
        "+491749091317",
        "+447700900123",
        "+493023125001",
        "+886212345678",
    ] {
        assert_eq!(value::mailbox(human), None, "{human}");
        assert!(!value::is_premium(human), "{human}");
    }
    for premium in
        ["+499001234567", "+4918012345", "+439001234", "+49138123", "+49700123456", "+4932221234", "+447012345678"]
    {
        assert!(value::is_premium(premium), "{premium}");
    }
    for (text, prompt) in [
        ("greeting", true),
        ("error-invalid", true),
        ("a.b", true),
        ("Hallo", false),
        ("hallo welt", false),
        ("hallo.", false),
        ("", false),
        ("grüße", false),
    ] {
        assert_eq!(value::is_prompt(text), prompt, "{text}");
    }
}

#[test]
fn every_key_is_in_the_reference_and_in_the_great_plan() {
    let reference = include_str!("../../../docs/plans.md");
    let sections: [(&str, &[&str]); 17] = [
        ("line", line::LINE_KEYS),
        ("rule", line::RULE_KEYS),
        ("hours", times::KEYS),
        ("menu", steps::MENU),
        ("info", steps::INFO),
        ("message", steps::MESSAGE),
        ("slots", steps::SLOTS),
        ("oncall", steps::ONCALL),
        ("ring", steps::RING),
        ("say", steps::SAY),
        ("language", steps::LANGUAGE),
        ("owner", steps::OWNER),
        ("hangup", steps::HANGUP),
        ("person", people::PERSON),
        ("rota", people::ROTA),
        ("calendar", desk::CALENDAR),
        ("callbacks", desk::CALLBACKS),
    ];
    for (section, keys) in sections {
        // Either its own row, or its own chapter.
        let row = reference.lines().find(|line| line.starts_with(&format!("| `[{section}.x]`")));
        let chapter = reference.split("## ").find(|part| part.starts_with(&format!("`[{section}")));
        let told = row.or(chapter).unwrap_or_else(|| panic!("[{section}] in docs/plans.md"));
        for key in keys {
            let forms = [format!("`{key}`"), format!("`{key}."), format!("`{key} ")];
            assert!(forms.iter().any(|form| told.contains(form)), "{key} of [{section}] in docs/plans.md");
        }
        assert!(EVERYTHING.contains(&format!("[{section}")), "{section}");
    }
    for kind in STEP_KINDS.iter().chain(&OTHER_SECTIONS) {
        assert!(reference.contains(&format!("[{kind}")), "{kind}");
    }
    for value in Value::ALL {
        assert!(reference.contains(&format!("`{{{}}}`", value.name())), "{}", value.name());
    }
}
