//! Findings as people read them in a terminal.

use super::finding::{Finding, Lines, Severity};
use super::read::short;
use crate::ids::Language;

/// Characters of a line of the plan that are shown.
const WIDTH_MAX: usize = 160;

/// All `findings` of `text`, a file of this name:
///
/// ```text
/// × target "oncall.notdinst" does not exist
///    ╭─[abend.toml:23:12]
/// 23 │ key.1    = "oncall.notdinst"
///    ·            ────────┬────────
///    ·                    ╰── where the call should go
///    help: did you mean "oncall.notdienst"?
/// ```
pub fn render(findings: &[Finding], file: &str, text: &str, language: Language) -> String {
    let lines = Lines::new(text);
    findings.iter().map(|finding| one(finding, file, &lines, language)).collect()
}

fn one(finding: &Finding, file: &str, lines: &Lines<'_>, language: Language) -> String {
    let place = finding.place;
    let sign = match finding.severity {
        Severity::Error => '×',
        Severity::Warning => '⚠',
    };
    let margin = " ".repeat(place.line.to_string().len() + 1);
    let mut out = format!("{sign} {}\n", finding.message.get(language));
    out.push_str(&format!("{margin}╭─[{file}:{}:{}]\n", place.line, place.column));
    let shown = lines.line(place.line);
    if place.column <= WIDTH_MAX && !shown.trim().is_empty() {
        let clean = |c: char| if c.is_control() { ' ' } else { c };
        let code: String = shown.chars().take(WIDTH_MAX).map(clean).collect();
        out.push_str(&format!("{} │ {code}\n", place.line));
        out.push_str(&underline(finding, lines, &margin, language));
    }
    if let Some(help) = &finding.help {
        let word = match language {
            Language::De => "Hilfe",
            Language::En => "help",
        };
        out.push_str(&format!("{margin}{word}: {}\n", help.get(language)));
    }
    out
}

fn underline(finding: &Finding, lines: &Lines<'_>, margin: &str, language: Language) -> String {
    let place = finding.place;
    // What goes on in further lines is underlined to the end of its first.
    let rest = lines.line(place.line).chars().count().saturating_sub(place.column - 1);
    let length = lines.length(place).min(rest).clamp(1, WIDTH_MAX);
    let before = " ".repeat(place.column - 1);
    let label = finding.label.get(language);
    if label.is_empty() {
        return format!("{margin}· {before}{}\n", "─".repeat(length));
    }
    let half = (length - 1) / 2;
    let line = format!("{}┬{}", "─".repeat(half), "─".repeat(length - 1 - half));
    format!("{margin}· {before}{line}\n{margin}· {before}{}╰── {}\n", " ".repeat(half), short(label))
}
