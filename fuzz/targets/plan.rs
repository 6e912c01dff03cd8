//! Plans: any bytes give a plan or findings, each inside the text; calls through a plan end.
#![no_main]

use nightdesk::clock::Utc;
use nightdesk::flow::simulate::{Transcripts, simulate};
use nightdesk::flow::{Setting, Visitor};
use nightdesk::plan::{CheckContext, Language, Plan, Severity, render};

struct Ids;

impl Transcripts for Ids {
    fn transcript(&self, _language: Language, prompt: &str) -> Option<String> {
        Some(prompt.to_owned())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let checked = Plan::parse_bytes(bytes, &CheckContext::default());
    let errors = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(checked.plan.is_none(), errors, "a plan counts where no error is");
    if let Ok(text) = std::str::from_utf8(bytes) {
        for finding in &checked.findings {
            assert!(text.get(finding.place.start..finding.place.end).is_some(), "{finding:?}");
        }
        for language in Language::ALL {
            render(&checked.findings, "plan.toml", text, language);
        }
    }
    if let Some(plan) = checked.plan.filter(|_| bytes.len() < 8_000) {
        // The last bytes are the caller's keys.
        let pressed = bytes.iter().rev().take(40).map(|byte| char::from(b"0123456789*#,_"[usize::from(byte % 14)]));
        let told = simulate(
            &Setting::of(plan, "x"),
            &Visitor::default(),
            Utc(1_795_197_600_000),
            &pressed.collect::<String>(),
            &Ids,
        );
        assert!(told.heard.len() < 10_000, "a call that does not end");
    }
});
