//! Which room leans on which, read from paths that start at the crate's root.

use super::bones::{bones, without_tests};
use super::line_of;

/// Nouns: types and rules in mod.rs, SQL in store.rs.
const NOUNS: &[&str] = &[
    "tenant", "number", "contact", "message", "callback", "seat", "calllog", "person", "prompt", "revision", "opening",
    // Rows of the others, read only and joined by SQL.
    "history",
];

/// Who may lean on whom besides `ids` (everyone may) and a room on itself.
const EDGES: &[(&str, &[&str])] = &[
    ("ids", &["clock"]),
    ("clock", &[]),
    ("config", &["clock", NOUN]),
    ("sip", &["clock"]),
    ("sdp", &["clock"]),
    ("media", &["clock"]),
    ("hours", &["clock"]),
    ("oncall", &["clock"]),
    // Slots lie within opening hours.
    ("slots", &["clock", "hours"]),
    // What may be dialled, and called back.
    ("dial", &["clock"]),
    ("speech", &["clock"]),
    ("plan", &["clock", "hours", "oncall", "slots", "dial"]),
    ("flow", &["clock", "plan", "hours", "oncall", "slots", "dial", "speech"]),
    ("call", &["clock", "flow", "sip", "sdp", "media"]),
    ("db", &["clock"]),
    // Invitations carry a calendar's text.
    ("jobs", &["clock", "config", "db", "slots", NOUN]),
    ("web", &["clock", "config", "db", "jobs", "plan", "flow", "hours", "slots", "dial", NOUN]),
    ("run", &[ANY]),
    (
        "sim",
        &["clock", "sip", "sdp", "media", "hours", "oncall", "slots", "dial", "speech", "plan", "flow", "call", "run"],
    ),
    ("main", &[ANY]),
    // The command line, a part of the binary.
    ("cli", &[ANY]),
];
const NOUN: &str = "any noun";
const ANY: &str = "any";

/// Edges of `file` that the table does not have.
pub fn findings(file: &str, room: &str, text: &str) -> Vec<String> {
    let code = without_tests(&bones(text));
    let mut findings = Vec::new();
    for (at, path) in leans(file, &code) {
        let mut parts = path.split("::");
        let to = parts.next().unwrap_or_default();
        let inside = parts.next().unwrap_or_default();
        let line = line_of(&code, at);
        if !known(room) {
            findings.push(format!(
                "{file}:{line}: the room `{room}` is not in the table of tests/it/tidy/edges.rs: add it"
            ));
            return findings;
        }
        if known(to) && !may(file, room, to) {
            findings.push(format!("{file}:{line}: `{room}` leans on `{to}`: {}", advice(room)));
        }
        if room == "run" && to == "web" && inside.starts_with(char::is_lowercase) && is_module(to, inside) {
            findings.push(format!("{file}:{line}: `run` reaches into `web::{inside}`: use what src/web/mod.rs offers"));
        }
    }
    findings
}

/// Nouns that are made of a pure room's words.
const NOUN_EDGES: &[(&str, &str)] = &[
    // Only a text that was checked becomes a revision.
    ("revision", "plan"),
    // A plan may name lists of contacts; its check asks which there are.
    ("revision", "contact"),
    // An override is one of `hours`, with an id and a row; the times that people type are read by its clock.
    ("opening", "hours"),
    // A seat is one of a slot, in the opening hours of a calendar.
    ("seat", "slots"),
    ("seat", "hours"),
    // Whether a number may be called back.
    ("callback", "dial"),
    // An entry keeps the rules of its plan.
    ("callback", "plan"),
];

fn known(room: &str) -> bool {
    NOUNS.contains(&room) || EDGES.iter().any(|(from, _)| *from == room)
}

fn may(file: &str, from: &str, to: &str) -> bool {
    if from == to || to == "ids" || (from == "ids" && to == "clock") {
        return true;
    }
    if NOUNS.contains(&from) {
        let store = file.ends_with("/store.rs") || file.contains("/store/");
        return to == "clock" || to == "tenant" || (store && to == "db") || NOUN_EDGES.contains(&(from, to));
    }
    let allowed = EDGES.iter().find(|(room, _)| *room == from).map_or(&[][..], |(_, to)| to);
    allowed.iter().any(|a| *a == ANY || *a == to || (*a == NOUN && NOUNS.contains(&to)))
}

fn advice(room: &str) -> String {
    match EDGES.iter().find(|(from, _)| *from == room) {
        Some((_, [])) => "it may lean on nobody: give it what it needs as a value".to_owned(),
        Some((_, to)) => {
            format!("it may lean on ids, {}: move the part, or turn it round with an action", to.join(", "))
        }
        None => {
            "a noun leans on ids, clock, tenant, and its store.rs on db: join nouns in src/run or src/web".to_owned()
        }
    }
}

/// A module of its own, not something that the room offers at its door.
fn is_module(room: &str, name: &str) -> bool {
    let dir = super::root().join("src").join(room);
    dir.join(format!("{name}.rs")).is_file() || dir.join(name).is_dir()
}

/// Every path from the crate's root in `code`: `crate::a::b`, the binary's `nightdesk::a`, and enough `super`s.
fn leans(file: &str, code: &str) -> Vec<(usize, String)> {
    let mut found = paths(code, "crate");
    if ["src/main.rs", "src/cli.rs"].contains(&file) {
        found.extend(paths(code, "nightdesk"));
    }
    found.extend(paths(code, &vec!["super"; depth(file)].join("::")));
    found.sort();
    found
}

/// How many `super` lead from the file to the crate's root.
fn depth(file: &str) -> usize {
    let rest = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    rest.split('/').count()
}

/// Paths that start with `start`, braces opened: `crate::{a::b, c}` gives `a::b` and `c`, each with the place of `start`.
pub fn paths(code: &str, start: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let word = format!("{start}::");
    for (at, _) in code.match_indices(&word) {
        let inside_a_name = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if !inside_a_name {
            let mut opened = Vec::new();
            open(&code[at + word.len()..], "", &mut opened);
            found.extend(opened.into_iter().filter(|p| !p.is_empty()).map(|p| (at, p)));
        }
    }
    found
}

/// Reads one use tree from the start of `text`, gives its paths and how far it went.
fn open(text: &str, before: &str, into: &mut Vec<String>) -> usize {
    let name_end =
        text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '*')).unwrap_or(text.len());
    let path = format!("{before}{}", &text[..name_end]);
    if !(text[name_end..].starts_with('{') && (path.is_empty() || path.ends_with("::"))) {
        into.push(path.trim_end_matches(':').to_owned());
        return name_end;
    }
    let mut at = name_end + 1;
    while at < text.len() {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        at += space;
        match text[at..].chars().next() {
            Some('}') | None => break,
            Some(_) => at += open(&text[at..], &path, into).max(1),
        }
        // `a as b` keeps `a`.
        at += text[at..].find([',', '}']).unwrap_or(text.len() - at);
    }
    at + 1
}

#[test]
fn paths_are_read_with_their_braces() {
    let read = |code: &str| paths(code, "crate").into_iter().map(|(_, p)| p).collect::<Vec<_>>();
    assert_eq!(read("use crate::a::B; let x = crate::c::d(1);"), ["a::B", "c::d"]);
    assert_eq!(read("use crate::{a::{B, C as D, e::*}, f};"), ["a::B", "a::C", "a::e::*", "f"]);
    assert_eq!(read("use crate::{\n    a,\n    b::{self, C},\n};\nuse crate::d;"), ["a", "b::self", "b::C", "d"]);
    assert_eq!(read("pub(crate) fn a() {} mycrate::b"), [""; 0]);
}

#[test]
fn forbidden_edges_are_named_with_their_place() {
    let found = |file: &str, room: &str, text: &str| findings(file, room, text);
    assert_eq!(found("src/sip/msg.rs", "sip", "use crate::{ids::LegId, clock::Now};").len(), 0);
    let refused = found("src/sip/msg.rs", "sip", "\nuse crate::media::Stream;");
    assert_eq!(refused.len(), 1);
    assert!(refused[0].starts_with("src/sip/msg.rs:2: `sip` leans on `media`"), "{refused:?}");
    assert_eq!(found("src/sip/mod.rs", "sip", "use super::media::X;").len(), 1);
    assert_eq!(found("src/sip/a.rs", "sip", "use super::media::X; use super::super::sdp::Y;").len(), 1);
    assert_eq!(found("src/call/mod.rs", "call", "use crate::{flow, sip, sdp, media};").len(), 0);
    assert_eq!(found("src/flow/mod.rs", "flow", "use crate::{plan, sip};").len(), 1);
    assert_eq!(found("src/flow/mod.rs", "flow", "#[cfg(test)]\nmod tests { use crate::sip; }").len(), 0);
    assert_eq!(found("src/attic/mod.rs", "attic", "use crate::sip;").len(), 1);
}

#[test]
fn nouns_and_the_shell_have_their_own_rules() {
    let found = |file: &str, room: &str, text: &str| findings(file, room, text).len();
    assert_eq!(found("src/message/store.rs", "message", "use crate::{db::Db, tenant::Tenant};"), 0);
    assert_eq!(found("src/message/mod.rs", "message", "use crate::db::Db;"), 1);
    assert_eq!(found("src/message/store.rs", "message", "use crate::person::Person;"), 1);
    assert_eq!(found("src/web/mod.rs", "web", "use crate::{message, calllog, db, plan, flow};"), 0);
    assert_eq!(found("src/web/mod.rs", "web", "use crate::{sip, media, call};"), 3);
    assert_eq!(found("src/run/mod.rs", "run", "use crate::{sip, web, message};"), 0);
    assert_eq!(found("src/main.rs", "main", "use nightdesk::{run, web};"), 0);
    assert_eq!(found("src/sim/mod.rs", "sim", "use crate::{sip, run, message};"), 1);
}
