//! The ratchet of the design: who may lean on whom, what a pure room never touches, how long things grow.
//!
//! All of it is textual and needs no compiler: [`bones`] strips comments, strings and test code, the rules
//! look at what is left. Each finding names the place and what to do. Move a room when it is wrong, here and
//! in src/ARCHITECTURE.md.

mod bones;
mod edges;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bones::{bones, without_tests};

/// Rooms that decide and touch nothing: no runtime, no socket, no SQL, no file, no clock.
const PURE: &[&str] =
    &["sip", "sdp", "media", "hours", "oncall", "slots", "dial", "speech", "plan", "flow", "call", "ids"];

/// What a pure room never names, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("tokio", "carry it out in src/run and tell the room by an event"),
    ("sqlx", "put SQL into the store.rs of its noun"),
    ("axum", "HTTP lives in src/web"),
    ("std::net::Udp", "sockets live in src/run; IpAddr and SocketAddr are fine"),
    ("std::net::Tcp", "sockets live in src/run; IpAddr and SocketAddr are fine"),
    ("std::fs", "files are opened by src/run; give the room bytes"),
    ("std::thread", "threads live in src/run"),
    ("clock::System", "the room is told `now`; only the shell holds a clock"),
];

/// Lines of code that a function may have, as clippy counts them: without blanks and comments.
const FUNCTION_LINES_MAX: usize = 70;
/// Lines that a file may have.
const FILE_LINES_MAX: usize = 900;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files of the repository that are committed or about to be, relative to its root.
fn files() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = match git {
        Ok(out) if out.status.success() => String::from_utf8_lossy(&out.stdout).into_owned(),
        _ => String::new(),
    };
    let mut files: Vec<String> =
        listed.split('\0').filter(|f| !f.is_empty() && root().join(f).is_file()).map(str::to_owned).collect();
    if files.is_empty() {
        walk(&root(), &mut files); // a source archive without .git
    }
    files.sort();
    files.dedup();
    files
}

fn walk(dir: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).expect("a readable source tree").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let skipped = ["target", "data", "node_modules", "dist", "out", ".git"];
        if path.is_dir() && !skipped.iter().any(|s| name == *s) {
            walk(&path, into);
        } else if path.is_file() {
            into.push(path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/"));
        }
    }
}

fn text(file: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(root().join(file)).expect(file)).into_owned()
}

fn sources() -> impl Iterator<Item = (String, String)> {
    files().into_iter().filter(|f| f.ends_with(".rs")).map(|f| (f.clone(), text(&f)))
}

/// The room that a file of src/ belongs to; none for lib.rs and for test files.
fn room(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("src/")?;
    if rest == "lib.rs" || rest.ends_with("/tests.rs") || rest.contains("/tests/") {
        return None;
    }
    Some(rest.split('/').next()?.trim_end_matches(".rs"))
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn fail(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}\n", findings.join("\n  "));
}

#[test]
fn rooms_lean_only_on_whom_they_may() {
    let mut findings = Vec::new();
    for (file, text) in sources() {
        if let Some(room) = room(&file) {
            findings.extend(edges::findings(&file, room, &text));
        }
    }
    fail("edges between rooms (src/ARCHITECTURE.md)", &findings);
}

#[test]
fn pure_rooms_touch_nothing() {
    let mut findings = Vec::new();
    for (file, text) in sources() {
        if room(&file).is_some_and(|room| PURE.contains(&room)) {
            findings.extend(impure(&file, &text));
        }
    }
    fail("pure rooms", &findings);
}

fn impure(file: &str, text: &str) -> Vec<String> {
    let code = without_tests(&bones(text));
    let mut findings = Vec::new();
    for (word, instead) in IMPURE {
        for (at, _) in code.match_indices(word) {
            let starts_a_name = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let ends_a_name = word.ends_with("Udp") || word.ends_with("Tcp") || {
                !code[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            };
            if starts_a_name && ends_a_name {
                findings.push(format!("{file}:{}: `{word}` in a pure room: {instead}", line_of(&code, at)));
            }
        }
    }
    findings.extend(grouped_std(file, &code));
    findings
}

/// `use std::{fs, …}` and `use std::net::{UdpSocket, …}`: the same names behind a brace.
fn grouped_std(file: &str, code: &str) -> Vec<String> {
    edges::paths(code, "std")
        .into_iter()
        .filter(|(_, path)| {
            let path = path.as_str();
            path == "fs" || path.starts_with("fs::") || path.starts_with("net::Udp") || path.starts_with("net::Tcp")
        })
        .filter(|(at, _)| code[*at..].starts_with("std::{") || code[*at..].starts_with("std::net::{"))
        .map(|(at, path)| format!("{file}:{}: `std::{path}` in a pure room: src/run carries it out", line_of(code, at)))
        .collect()
}

#[test]
fn only_the_clock_reads_the_time() {
    let mut findings = Vec::new();
    for (file, text) in sources().filter(|(f, _)| f != "src/clock.rs" && room(f).is_some()) {
        findings.extend(reads_time(&file, &text));
    }
    fail("one clock", &findings);
}

fn reads_time(file: &str, text: &str) -> Vec<String> {
    let code = without_tests(&bones(text));
    let reads = ["::now(", "::now_utc(", "::now_v7("].iter().flat_map(|word| code.match_indices(word));
    reads
        .map(|(at, _)| {
            format!("{file}:{}: reads the time: be told `now`, or ask the shell's clock::System", line_of(&code, at))
        })
        .collect()
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    for (file, text) in sources() {
        findings.extend(long_functions(&file, &text));
    }
    fail("functions", &findings);
}

fn long_functions(file: &str, text: &str) -> Vec<String> {
    let code = bones(text);
    bones::functions(&code)
        .into_iter()
        .filter_map(|(name, body)| {
            let lines = code[body.clone()].lines().filter(|l| !l.trim().is_empty()).count().saturating_sub(2);
            (lines > FUNCTION_LINES_MAX).then(|| {
                let line = line_of(&code, body.start);
                format!(
                    "{file}:{line}: fn {name} has {lines} lines, {FUNCTION_LINES_MAX} are the limit: name its parts"
                )
            })
        })
        .collect()
}

#[test]
fn files_stay_short() {
    let written = |f: &str| {
        let name = f.rsplit('/').next().unwrap_or(f);
        let kinds = [".rs", ".ts", ".svelte", ".py", ".css", ".mjs", ".sh"];
        (kinds.iter().any(|k| name.ends_with(k)) || name == "dev") && !made_by_a_tool(f)
    };
    let findings: Vec<String> = files()
        .into_iter()
        .filter(|f| written(f))
        .filter_map(|f| {
            let lines = text(&f).lines().count();
            (lines > FILE_LINES_MAX).then(|| {
                format!("{f}:{FILE_LINES_MAX}: {lines} lines, {FILE_LINES_MAX} are the limit: give a part of it a file")
            })
        })
        .collect();
    fail("files", &findings);
}

/// Typed clients are printed from openapi.json, not written.
fn made_by_a_tool(file: &str) -> bool {
    file.ends_with(".d.ts") || file.ends_with("schema.ts") || file.contains("/generated/")
}

#[test]
fn the_readme_names_both_commands() {
    let readme = text("README.md");
    let mut findings = Vec::new();
    for command in ["./dev demo", "./dev test"] {
        if !readme.contains(command) {
            findings.push(format!("README.md:1: `{command}` is not named: a newcomer starts with it"));
        }
    }
    if !text(".ci/run").contains("./dev test") {
        findings.push(".ci/run:1: must run `./dev test`: what CI runs is what the README promises".to_owned());
    }
    fail("newcomer's commands", &findings);
}

#[test]
fn no_path_of_one_machine_is_committed() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|f| !f.ends_with(".lock") && !f.ends_with("package-lock.json")) {
        let bytes = std::fs::read(root().join(file)).expect("a readable file");
        if !bytes.contains(&0) {
            findings.extend(machine_paths(file, &String::from_utf8_lossy(&bytes)));
        }
    }
    fail("machine paths", &findings);
}

fn machine_paths(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for home in ["work", "root"] {
        let path = format!("/{home}/");
        for (at, _) in text.match_indices(&path) {
            let before = text[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
            let names_more = text[at + path.len()..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '.');
            if !inside && names_more {
                findings.push(format!(
                    "{file}:{}: `{path}…` exists on one machine only: make it relative",
                    line_of(text, at)
                ));
            }
        }
    }
    findings
}

#[test]
fn prompts_speak_both_languages() {
    let all = files();
    let of = |language: &str| -> BTreeSet<String> {
        let dir = format!("prompts/{language}/");
        all.iter().filter_map(|f| f.strip_prefix(&dir)).map(str::to_owned).collect()
    };
    fail("prompts", &unpaired("prompts/de", &of("de"), "prompts/en", &of("en")));
}

#[test]
fn migrations_exist_for_both_engines() {
    let all = files();
    let of = |engine: &str| -> BTreeSet<String> {
        let dir = format!("src/db/migrations/{engine}/");
        all.iter().filter_map(|f| f.strip_prefix(&dir)).map(str::to_owned).collect()
    };
    let (sqlite, postgres) = (of("sqlite"), of("postgres"));
    let mut findings = unpaired("src/db/migrations/sqlite", &sqlite, "src/db/migrations/postgres", &postgres);
    for (engine, names) in [("sqlite", &sqlite), ("postgres", &postgres)] {
        findings.extend(doubled_numbers(&format!("src/db/migrations/{engine}"), names));
    }
    fail("migrations", &findings);
}

fn unpaired(left: &str, in_left: &BTreeSet<String>, right: &str, in_right: &BTreeSet<String>) -> Vec<String> {
    let lacks = |dir: &str, name: &String, other: &str| format!("{dir}/{name}:1: is missing in {other}: add it there");
    let only_left = in_left.difference(in_right).map(|n| lacks(left, n, right));
    only_left.chain(in_right.difference(in_left).map(|n| lacks(right, n, left))).collect()
}

fn doubled_numbers(dir: &str, names: &BTreeSet<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let number = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
    names
        .iter()
        .filter(|n| n.ends_with(".sql") && !seen.insert(number(n)))
        .map(|n| format!("{dir}/{n}:1: its number is taken: take the next one"))
        .collect()
}

/// The rules themselves, on small pieces: each must be able to fail.
mod itself {
    use super::*;

    #[test]
    fn impure_words_are_seen_in_code_only() {
        let found = |text: &str| impure("src/sip/x.rs", text).len();
        assert_eq!(found("use tokio::net::UdpSocket;"), 1);
        assert_eq!(found("let s = std::net::UdpSocket::bind(a);"), 1);
        assert_eq!(found("use std::net::{IpAddr, UdpSocket};"), 1);
        assert_eq!(found("use std::{fmt, fs};"), 1);
        assert_eq!(found("use std::net::{IpAddr, SocketAddr};"), 0);
        assert_eq!(found("// tokio\n/* sqlx */ let a = \"axum\"; let tokio_like = 1;"), 0);
        assert_eq!(found("#[cfg(test)]\nmod tests { use std::fs; }"), 0);
        assert_eq!(found("use crate::clock::System;"), 1);
    }

    #[test]
    fn clock_readers_are_seen() {
        assert_eq!(reads_time("src/run/x.rs", "let t = Instant::now();").len(), 1);
        assert_eq!(reads_time("src/run/x.rs", "let t = self.clock.now(); // Instant::now()").len(), 0);
        assert_eq!(
            reads_time("src/run/x.rs", "\n\nUtc::now()"),
            ["src/run/x.rs:3: reads the time: be told `now`, or ask the shell's clock::System"]
        );
    }

    #[test]
    fn long_functions_are_counted_without_blanks_and_comments() {
        let body = |lines: usize| format!("fn a() {{\n{}}}\n", "    b();\n\n    // why\n".repeat(lines));
        assert_eq!(long_functions("x.rs", &body(FUNCTION_LINES_MAX)).len(), 0);
        assert_eq!(long_functions("x.rs", &body(FUNCTION_LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn machine_paths_are_seen() {
        let bad = format!("cd /{}/main and /{}/.cargo", "work", "root");
        assert_eq!(machine_paths("README.md", &bad).len(), 2);
        assert_eq!(machine_paths("README.md", "src/work/x, /root, https://a.example/network/x").len(), 0);
    }

    #[test]
    fn what_has_no_partner_is_named() {
        let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(
            unpaired("l", &set(&["a", "b"]), "r", &set(&["a", "c"])),
            ["l/b:1: is missing in r: add it there", "r/c:1: is missing in l: add it there"]
        );
        assert_eq!(doubled_numbers("m", &set(&["0001_a.sql", "0001_b.sql", "0002_c.sql"])).len(), 1);
    }

    #[test]
    fn files_have_rooms() {
        assert_eq!(room("src/sip/msg/uri.rs"), Some("sip"));
        assert_eq!(room("src/sdp.rs"), Some("sdp"));
        assert_eq!(room("src/sip/tests.rs"), None);
        assert_eq!(room("tests/it/main.rs"), None);
    }
}
