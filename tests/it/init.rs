//! `nightdesk init` from outside: what is typed comes through a pipe.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nightdesk::plan::{CheckContext, Plan};

fn init(directory: &Path, options: &[&str], typed: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nightdesk"))
        .arg("init")
        .args(options)
        .current_dir(directory)
        .env("LC_ALL", "de_DE.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses an option does not read what is typed.
    let _ = child.stdin.take().unwrap().write_all(typed);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A plan of a file; no prompt but those that ship is needed.
fn plan(file: &Path) -> Plan {
    let written = std::fs::read_to_string(file).unwrap();
    let checked = Plan::parse(&written, &CheckContext::default());
    assert_eq!(checked.findings, [], "{written}");
    checked.plan.unwrap()
}

#[test]
fn answers_become_a_plan() {
    let home = tempfile::tempdir().unwrap();
    let typed = "\nSalon Muster\nfrisör\n5\nBayrn\n\nDi-Fr 9-18, Sa 8\nDi-Fr 9-18; Sa 8-13\n12\n030 23125-041\n";
    let made = init(home.path(), &[], typed.as_bytes());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let written = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    assert!(written.contains("sat      = [\"08:00-13:00\"]") && written.contains("12-24 from 12:00"), "{written}");
    let plan = plan(&home.path().join("plan.toml"));
    assert_eq!(plan.line.business.as_deref(), Some("Salon Muster"));
    insta::assert_snapshot!(text(&made.stdout));
}

#[test]
fn what_is_there_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let options = ["shop/line.toml", "--yes", "--business", "Sample Shop", "--language", "en", "--trade", "office"];
    assert!(init(home.path(), &options, b"").status.success());
    let file = home.path().join("shop/line.toml");
    let first = std::fs::read_to_string(&file).unwrap();
    let again = init(home.path(), &options, b"");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("--force"), "{}", text(&again.stderr));
    let other = [&options[..], &["--hours", "sat 9-12", "--force"]].concat();
    assert!(init(home.path(), &other, b"").status.success());
    assert_ne!(std::fs::read_to_string(&file).unwrap(), first);
    assert_eq!(std::fs::read_dir(home.path().join("shop")).unwrap().count(), 1, "nothing is left beside it");
    plan(&file);
}

#[test]
fn an_input_that_ends_or_makes_no_sense_ends_without_a_plan() {
    let home = tempfile::tempdir().unwrap();
    let long = vec![b'x'; 100_000];
    let wrong = b"nirgends\n".repeat(50);
    for (typed, code) in [
        (&b""[..], 1),
        (b"\nSalon", 1),
        (b"\nSalon Muster\n5\n", 1),
        (b"\n\xff\xfe\x00\x1b[2J\n", 1),
        (b"\xc3\x28\n\n\n", 1),
        (&long, 2),
        (&wrong, 2),
    ] {
        let ended = init(home.path(), &[], typed);
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{said}");
        assert!(said.starts_with("nightdesk: ") && said.lines().count() == 1, "{said}");
    }
    for options in [
        &["--yes"][..],
        &["--yes", "--business", "???"],
        &["--yes", "--business", "Salon", "--land", "Atlantis"],
        &["--yes", "--business", "Salon", "--hours", "9-17"],
        &["--yes", "--business", "Salon", "--trade", "99"],
        &["--yes", "--business", "Salon", "--eves", "25"],
        &["--yes", "--business", "Salon", "--phone", "0171 13 1234567"],
        &["--yes", "--business", "Salon", "--language", "fr"],
    ] {
        let refused = init(home.path(), options, b"");
        assert_eq!(refused.status.code(), Some(2), "{options:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("--"), "{}", text(&refused.stderr));
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was written");
}

#[test]
fn a_closed_input_is_an_end() {
    let home = tempfile::tempdir().unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_nightdesk"))
        .args(["init", "somewhere"])
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(!home.path().join("somewhere").exists());
}
