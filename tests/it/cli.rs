//! The command line from outside: the program on a directory of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use nightdesk::db::Db;
use nightdesk::jobs::{Kind, NewJob, Outcome, store};
use nightdesk::tenant;

use crate::support::START;

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

#[test]
fn contacts_are_kept_imported_and_blocked() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(data.join(name), bytes).unwrap();
    let table = "Name;Telefon;Listen;Wichtig\r\nApotheke;030 23125-042;Stamm;ja\r\nB\u{e4}cker;03023125043;;\r\n\
        Ohne;;;\r\nDoppelt;+493023125042;;\r\n=1+1;+493023125044;;vielleicht\r\n";
    // As a spreadsheet on Windows saves it.
    let western: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    write("kunden.csv", &western);
    write("bild.csv", b"\x89PNG\r\n\x1a\n\0\0");
    write(
        "plan.toml",
        b"[line]\nopen = \"message.a\"\n[rule.s]\ncaller = \"list:stamm\"\nto = \"message.b\"\n[message.a]\n[message.b]\n",
    );
    run(data, &["tenant", "add", "Praxis"], "");
    run(data, &["tenant", "add", "Kanzlei"], "");
    let mut told = run(data, &["contact", "import", "kunden.csv", "--dry-run"], "");
    told += &run(data, &["contact", "list"], "");
    told += &run(data, &["contact", "import", "kunden.csv"], "");
    told += &run(data, &["contact", "import", "-", "--list", "Gute Kunden", "--json"], "number\n+493023125043\n");
    told += &run(data, &["contact", "import", "bild.csv"], "");
    told += &run(data, &["contact", "import", "fehlt.csv"], "");
    told += &run(data, &["contact", "import", "-"], "Name;Ort\nA;B\n");
    told += &run(data, &["contact", "list"], "");
    told += &run(data, &["contact", "list", "b\u{e4}ck", "--json"], "");
    told += &run(data, &["contact", "list", "--tenant", "Kanzlei"], "");
    told += &run(data, &["contact", "add", "030 23125045", "--name", "Fahrdienst", "--list", "stamm", "--vip"], "");
    told += &run(data, &["contact", "add", "+493023125045"], "");
    told += &run(data, &["contact", "add", "keine"], "");
    let set = ["contact", "set", "+493023125045", "--no-vip", "--number", "+493023125046", "--no-list", "Stamm"];
    told += &run(data, &set, "");
    told += &run(data, &["contact", "set", "+493023125045", "--no-number", "+493023125045", "--note", "zieht um"], "");
    told += &run(data, &["contact", "set", "+493023125045", "--vip"], "");
    told += &run(data, &["contact", "block", "030 23125 099"], "");
    told += &run(data, &["contact", "block", "+493023125046"], "");
    told += &run(data, &["contact", "unblock", "+493023125046"], "");
    told += &run(data, &["contact", "unblock", "+493023125098"], "");
    told += &run(data, &["contact", "remove", "+493023125046"], "");
    told += &run(data, &["contact", "remove", "+493023125046"], "");
    told += &run(data, &["contact", "export"], "");
    told += &run(data, &["contact", "unblock", "+493023125099"], "");
    told += &run(data, &["contact", "unblock", "+493023125099"], "");
    told += &run(data, &["plan", "apply", "plan.toml"], "");
    insta::assert_snapshot!(told);
    // Who is known is known to the simulation too, unless it is said otherwise.
    let step = |more: &[&str]| {
        let told = run(data, &[&["simulate", "--in", "en", "--at", "2026-11-20T19:00"], more].concat(), "");
        told.contains("message.b")
    };
    assert!(step(&["--caller", "+493023125042"]));
    assert!(!step(&["--caller", "+493023125042", "--contact", "no"]));
    assert!(!step(&["--caller", "+493023125043"]));
    assert!(step(&["--caller", "+493023125043", "--contact", "list:stamm"]));
    assert!(!step(&["--caller", "withheld"]));
    assert!(!step(&["--caller", "+493023125042", "--plan", "plan.toml"]), "a plan alone knows nobody");
}

#[test]
fn callbacks_are_worked_off() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let mut told = run(data, &["tenant", "add", "Praxis"], "");
    told += &run(data, &["callback", "list"], "");
    told += &run(data, &["callback", "next"], "");
    told += &run(data, &["login"], "").lines().next().map(|line| format!("{line}\n")).unwrap();
    told += &run(data, &["callback", "next"], "");
    let add = ["callback", "add", "030 23125-041", "--name", "Hausmeister", "--matter", "heizung", "--note", "tropft"];
    told += &run(data, &add, "");
    told += &run(data, &["callback", "add", "+493023125042", "--urgent", "--json"], "");
    told += &run(data, &["callback", "add", "keine"], "");
    let id = |nth: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nightdesk"));
        let out = command.args(["callback", "list", "--all", "--json", "--data"]).arg(data).output().unwrap();
        let all: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        all[nth]["id"].as_str().unwrap().to_owned()
    };
    let (urgent, other) = (id(0), id(1));
    let line = |words: &[&str]| run(data, &[&["callback"], words].concat(), "").replace(&other, "…");
    told += &line(&["list"]);
    told += &line(&["list", "heiz"]);
    told += &line(&["show", &other]);
    told += &line(&["next", "--as", "niemand"]);
    told += &line(&["next"]).replace(&urgent, "…");
    told += &line(&["claim", &other]);
    told += &line(&["release", &other]);
    told += &line(&["release", &other]);
    told += &line(&["attempt", &other, "answered"]).lines().nth(1).map(|line| format!("{line}\n")).unwrap();
    told += &line(&["attempt", &other, "wrong_number", "--note", "Bäckerei"]);
    told += &line(&["undo", &other]);
    told += &line(&["undo", &other]);
    told += &line(&["number", "set", &other, "030 23125043"]);
    told += &line(&["number", "allow", &other]);
    told += &line(&["admit", &other]);
    told += &line(&["number", "set", &other, "0900 123456"]);
    told += &line(&["claim", &other]);
    told += &line(&["number", "allow", &other]);
    told += &line(&["snooze", &other, "2020-01-01T08:00"]);
    told += &line(&["note", &other, "ruft selbst an"]);
    told += &line(&["urgent", &other]);
    told += &line(&["assign", &other]);
    told += &line(&["attempt", &other, "reached"]);
    told += &line(&["done", &other, "appointment", "--note", "Dienstag"]);
    told += &line(&["list", "--done"]);
    told += &line(&["claim", &other]);
    told += &line(&["reopen", &other]);
    told += &line(&["give-up", &other]);
    told += &line(&["show", &other, "--json"]).lines().filter(|line| line.contains("\"kind\"")).collect::<String>();
    told += "\n";
    told += &line(&["show", "0"]);
    told += &line(&["figures"]);
    insta::assert_snapshot!(without_times(&told));
}

/// `Sun 2026-11-22 04:30 CET` as `…`; figures by hour are left out.
fn without_times(told: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let date = |word: &str| word.len() == 10 && word.bytes().filter(|b| *b == b'-').count() == 2;
        let mut kept: Vec<&str> = Vec::new();
        let mut skip = 0;
        for (at, word) in words.iter().enumerate() {
            if skip > 0 {
                skip -= 1;
            } else if words.get(at + 1).is_some_and(|next| date(next)) && word.len() == 3 {
                kept.push("…");
                skip = 3;
            } else {
                kept.push(word);
            }
        }
        kept.join(" ")
    };
    let by_hour = |line: &&str| line.get(4..7) == Some(":00");
    told.lines().filter(|text| !by_hour(text)).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn contacts_are_put_together_greeted_and_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    run(data, &["tenant", "add", "Praxis"], "");
    let cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Küche Süd\r\nitem1.TEL;type=pref:030 23125-0 App. 42\r\nTEL;type=fax:030 23125099\r\n\
                 EMAIL:kueche@example.org\r\nLANG:en\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Niemand\r\nEND:VCARD\r\n";
    let mut told = run(data, &["contact", "import", "-"], cards);
    told += &run(data, &["contact", "export"], "");
    told += &run(data, &["contact", "add", "+493023125043", "--name", "Lager", "--list", "stamm", "--blocked"], "");
    told += &run(data, &["contact", "set", "+493023125043", "--mail", "so nicht"], "");
    told += &run(data, &["contact", "set", "+493023125043", "--speaks", "fr"], "");
    told += &run(data, &["contact", "merge", "+49302312542", "+493023125043"], "");
    told += &run(data, &["contact", "list"], "");
    told += &run(data, &["contact", "undo"], "");
    told += &run(data, &["contact", "undo"], "");
    told += &run(data, &["contact", "undo", "--list"], "");
    told += &run(data, &["contact", "merge", "+49302312542", "+493023125043"], "");
    told += &run(data, &["contact", "split", "030 23125043", "--name", "Lager"], "");
    told += &run(data, &["contact", "name", "+493023125043", "--out", "name.wav"], "");
    told +=
        &run(data, &["contact", "name", "+493023125043", "--say", "Guten Tag, liebes Lager.", "--out", "name.wav"], "");
    assert!(data.join("name.wav").is_file());
    let name = run(data, &["contact", "name", "+493023125043", "--confirm", "--json"], "");
    assert!(name.contains("\"confirmed\": true"), "{name}");
    told += &run(data, &["contact", "name", "+493023125043", "--remove"], "");
    told += &run(data, &["contact", "timeline", "+493023125043"], "");
    told += &run(data, &["contact", "timeline", "+493023125043", "--json"], "");
    let cards = run(data, &["contact", "export", "--vcard"], "");
    assert!(cards.contains("TEL;VALUE=uri;PREF=1:tel:+493023125043"), "{cards}");
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn jobs_are_listed_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let mut told = run(data, &["job", "list"], "");
    told += &run(data, &["tenant", "add", "Praxis"], "");
    told += &run(data, &["job", "list"], "");
    let db = Db::open(&data.join("nightdesk.db").display().to_string()).await.unwrap();
    let tenant = tenant::store::all(&db).await.unwrap().remove(0);
    let mut tx = db.write().await.unwrap();
    for key in ["invite/a", "invite/b"] {
        let payload = "{}".to_owned();
        let new = NewJob { kind: Kind::Mail, payload, key: key.into(), topic: None, due: START };
        store::enqueue(&mut tx, &tenant, &new, START).await.unwrap();
    }
    tx.commit().await.unwrap();
    let leased = store::take(&db, "w", Kind::ALL, 9, START).await.unwrap();
    let mut tx = db.write().await.unwrap();
    let no = Outcome::Never("550 5.1.1 no such person".into());
    store::finish(&mut tx, leased.iter().find(|job| job.key == "invite/a").unwrap(), &no, 0.0, START).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    told += &run(data, &["job", "list", "--state", "dead"], "");
    told += &run(data, &["job", "list", "--state", "dead", "--json"], "");
    told += &run(data, &["job", "retry"], "");
    told += &run(data, &["job", "retry", "x"], "");
    told += &run(data, &["job", "retry", "0199c4a0-0000-7000-8000-000000000000"], "");
    told += &run(data, &["job", "retry", "--all"], "");
    told += &run(data, &["job", "retry", "--all", "--json"], "");
    told += &run(data, &["job", "list", "--state", "queued"], "");
    insta::assert_snapshot!(told);
}
