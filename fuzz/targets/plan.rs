//! Plans: any bytes give a plan or findings, each inside the text.
#![no_main]

use nightdesk::plan::{CheckContext, Language, Plan, Severity, render};

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
});
