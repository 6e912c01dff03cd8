//! docs/findings.md, and the words of the TOML parser in German.

use super::codes::CODES;
use super::finding::{Severity, Text};

/// The documentation of all codes, as docs/findings.md holds it.
pub fn findings_md() -> String {
    let mut out = String::from(
        "# Befunde · Findings\n\n\
         Was `nightdesk check` und die Seite zu einem Plan sagen. Made from the table in src/plan/codes.rs: \
         `NIGHTDESK_WRITE_DOCS=1 cargo test --lib plan::` writes it anew.\n\n\
         Ein Fehler (×) heißt: der Plan gilt nicht. Ein Hinweis (⚠): er gilt, aber jemand sollte hinsehen.\n\
         An error (×): the plan does not count. A warning (⚠): it counts, but somebody should look.\n",
    );
    for info in &CODES {
        let sign = match info.severity {
            Severity::Error => '×',
            Severity::Warning => '⚠',
        };
        out.push_str(&format!("\n## {} {sign}\n\n", info.id));
        for (message, help, about) in
            [(info.message.0, info.help.0, info.about.0), (info.message.1, info.help.1, info.about.1)]
        {
            out.push_str(&format!("- **{}**\n  {about}", holes(message)));
            if !help.is_empty() {
                out.push_str(&format!(" → {}", holes(help)));
            }
            out.push('\n');
        }
    }
    out
}

/// Holes as people read them.
fn holes(template: &str) -> String {
    ["{0}", "{1}", "{2}", "{3}"].iter().fold(template.to_owned(), |text, hole| text.replace(hole, "…"))
}

/// What the TOML parser says, most usual first.
const SYNTAX: &[(&str, &str)] = &[
    ("duplicate key", "dieser Schlüssel steht schon weiter oben"),
    ("string values must be quoted", "Texte stehen in Anführungszeichen"),
    ("invalid basic string", "der Text ist nicht zu Ende: es fehlt ein Anführungszeichen"),
    ("invalid multi-line basic string", "der mehrzeilige Text ist nicht zu Ende"),
    ("unclosed table", "es fehlt ]"),
    ("unclosed array", "die Liste ist nicht zu Ende: es fehlt ]"),
    ("unclosed inline table", "es fehlt }"),
    ("missing comma", "es fehlt ein Komma"),
    ("extra comma", "ein Komma zu viel"),
    ("missing assignment", "es fehlt ="),
    ("key with no value", "hinter dem Schlüssel fehlt = und ein Wert"),
    ("missing value", "es fehlt ein Wert"),
    ("invalid unquoted key", "Schlüssel mit anderen Zeichen als a–z, 0–9, - und _ stehen in Anführungszeichen"),
    ("unquoted keys cannot be empty", "es fehlt ein Schlüssel"),
    ("unexpected leading zero", "Zahlen beginnen nicht mit 0; Texte stehen in Anführungszeichen"),
    ("missing escaped value", "nach \\ steht kein bekanntes Zeichen"),
    ("carriage return", "ein Zeilenende, das keines ist"),
    ("cannot recurse further", "zu tief verschachtelt"),
    ("missing closing quote", "es fehlt ein Anführungszeichen"),
    ("missing opening quote", "es fehlt ein Anführungszeichen"),
    ("unexpected content", "das gehört nicht hierher"),
    ("unexpected key or value", "das gehört nicht hierher"),
];

/// The parser's message in both languages.
pub(super) fn syntax(message: &str) -> Text {
    let german = SYNTAX.iter().find(|(english, _)| message.starts_with(english)).map(|(_, german)| *german);
    Text::new(german.unwrap_or(message), message)
}
