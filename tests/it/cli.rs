//! The command line from outside: the program on a directory of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command said, and its exit code; times and ids as `…`.
fn run(data: &Path, line: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightdesk"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NIGHTDESK_")) {
        command.env_remove(name);
    }
    command.args(line).arg("--data").arg(data).current_dir(data).env("USER", "inhaber");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let said = [out.stdout, out.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let said = said.replace(&data.display().to_string(), "DIR");
    let said: Vec<String> = said.lines().map(plain).collect();
    format!("$ nightdesk {}\n{}\n→ {}\n", line.join(" "), said.join("\n"), out.status.code().unwrap_or(-1))
}

/// A line without what differs from run to run.
fn plain(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let stamp = bare.len() == 24 && bare.ends_with('Z') && bare.contains('T');
        let id = bare.len() == 36 && bare.matches('-').count() == 4;
        if stamp || id { word.replace(bare, "…") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn plan(length: &str, step: &str) -> String {
    format!(
        "[line]\nnumbers = [\"+493023125001\"]\nopen = \"{step}\"\n\n[message.a]\nsay = \"greeting\"\nmax = \"{length}\"\n"
    )
}

#[test]
fn plans_are_applied_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let write = |name: &str, text: &str| std::fs::write(data.join(name), text).unwrap();
    write("good.toml", &plan("3m", "message.a"));
    write("long.toml", &plan("4m", "message.a"));
    write("bad.toml", &plan("3m", "message.b"));
    let mut told = run(data, &["plan", "history"], "");
    told += &run(data, &["tenant", "add", "Praxis am Markt"], "");
    told += &run(data, &["plan", "apply", "bad.toml", "--in", "en"], "");
    told += &run(data, &["plan", "history"], "");
    told += &run(data, &["plan", "apply", "good.toml", "--note", "am Anfang"], "");
    told += &run(data, &["plan", "apply", "good.toml"], "");
    told += &run(data, &["plan", "apply", "long.toml", "--dry-run"], "");
    told += &run(data, &["plan", "apply", "-", "--author", "Werkstatt"], &plan("4m", "message.a"));
    told += &run(data, &["plan", "apply", "good.toml", "--based-on", "1"], "");
    told += &run(data, &["plan", "diff"], "");
    told += &run(data, &["plan", "rollback", "1", "--note", "war besser"], "");
    told += &run(data, &["plan", "rollback", "9"], "");
    told += &run(data, &["plan", "history"], "");
    told += &run(data, &["plan", "show"], "");
    told += &run(data, &["plan", "diff", "1", "3"], "");
    told += &run(data, &["number", "list"], "");
    told += &run(data, &["plan", "apply", "long.toml", "--plan-dir", "plans"], "");
    insta::assert_snapshot!(told);
}

#[test]
fn tenants_have_numbers_and_pins() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let mut told = run(data, &["tenant", "list"], "");
    told += &run(data, &["tenant", "add", "Praxis"], "");
    told += &run(data, &["tenant", "add", "Office", "--language", "en", "--timezone", "Europe/London"], "");
    told += &run(data, &["number", "add", "030 23125 001"], "");
    told += &run(data, &["number", "add", "+493023125001", "--tenant", "office"], "");
    told += &run(data, &["number", "add", "+493023125002", "--tenant", "Office"], "");
    told += &run(data, &["number", "add", "so nicht"], "");
    told += &run(data, &["tenant", "list"], "");
    told += &run(data, &["number", "list", "--tenant", "+493023125002", "--json"], "");
    told += &run(data, &["number", "remove", "+493023125001"], "");
    told += &run(data, &["number", "list", "--tenant", "nobody"], "");
    told += &run(data, &["tenant", "pin", "show"], "");
    told += &run(data, &["tenant", "pin", "unlock"], "");
    told += &run(data, &["tenant", "pin", "set"], "123456\n");
    told += &run(data, &["tenant", "pin", "set"], "473926\n");
    told += &run(data, &["tenant", "pin", "show"], "");
    assert!(!told.contains("473926"));
    assert_eq!(std::fs::metadata(data.join("nightdesk.key")).unwrap().len(), 32);
    insta::assert_snapshot!(told);
}

#[test]
fn hours_are_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    run(data, &["tenant", "add", "Praxis"], "");
    let mut told = run(data, &["opening", "show"], "");
    told += &run(data, &["opening", "close", "--until", "next opening"], "");
    told += &run(data, &["opening", "close", "--until", "whenever"], "");
    told += &run(data, &["opening", "close", "--until", "2020-01-01T08:00"], "");
    let set = [
        "opening",
        "close",
        "--from",
        "2098-03-30T02:30",
        "--until",
        "2098-10-26T02:30",
        "--reason",
        " Umbau\n im Haus",
    ];
    told += &run(data, &set, "");
    told += &run(data, &["override", "closed", "--from", "2098-03-29T20:00", "--until", "2098-03-31 24:00"], "");
    told += &run(data, &["opening", "list"], "");
    told += &run(data, &["opening", "lift"], "");
    told += &run(data, &["opening", "lift", "x"], "");
    insta::assert_snapshot!(told);
    // Until now changes at each run, so it is looked at apart.
    let open = run(data, &["opening", "close", "--until", "tomorrow 08:00", "--json"], "");
    assert!(open.ends_with("→ 0\n") && open.contains("\"open\": false"), "{open}");
    let shown = run(data, &["opening", "show"], "");
    assert!(shown.contains("closed until") && shown.contains("(override)"), "{shown}");
    assert!(run(data, &["opening", "lift"], "").ends_with("is lifted\n→ 0\n"));
    assert!(run(data, &["opening", "show"], "").contains("open (hours)"));
}
