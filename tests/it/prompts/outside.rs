//! `nightdesk prompt` from outside, as a person or a script runs it; and plans that name own prompts.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nightdesk::clock::System;
use nightdesk::config::{Config, Values};
use nightdesk::db::Db;
use nightdesk::ids::Language;
use nightdesk::person::{self, Actor};
use nightdesk::run::plans::Plans;
use nightdesk::run::voice::Voice;
use nightdesk::tenant::{self, NewTenant, Tenant};
use nightdesk::web::Studio as _;
use serde_json::{Value, json};

use super::made::{greeting, wav};
use super::studio_in;

/// A data directory with one business.
struct Place {
    dir: tempfile::TempDir,
    db: Db,
    tenant: Tenant,
}

impl Place {
    async fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&dir.path().join("nightdesk.db").display().to_string()).await.unwrap();
        let new = NewTenant { name: "Praxis".into(), language: Language::De, timezone: "Europe/Berlin".into() };
        let mut tx = db.write().await.unwrap();
        let tenant = tenant::store::create(&mut tx, &new, System::new().now().utc).await.unwrap();
        tx.commit().await.unwrap();
        Place { dir, db, tenant }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn run(&self, words: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nightdesk"))
            .arg("prompt")
            .args(words)
            .arg("--data")
            .arg(self.path())
            .env_clear()
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who refuses early reads no more of it.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn good(&self, words: &[&str]) -> String {
        let output = self.run(words, b"");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words, b"");
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }
}

fn of<'v>(lines: &'v Value, language: &str, id: &str) -> &'v Value {
    lines.as_array().unwrap().iter().find(|line| line["language"] == language && line["id"] == id).unwrap()
}

#[tokio::test]
async fn a_prompt_from_the_terminal() {
    let place = Place::new().await;
    let file = place.path().join("gruss.wav");
    std::fs::write(&file, wav(44_100, 2, 16, false, 88_200)).unwrap();
    let file = file.to_str().unwrap();
    let told = place.good(&["set", "greeting", file, "--transcript", "Grüß Gott."]);
    assert!(told.contains("de/greeting: version 1 is current, 2."), "{told}");
    let told = place.good(&["say", "greeting", "Wir öffnen um 9:30 Uhr."]);
    assert!(told.contains("version 2"), "{told}");

    let list: Value = serde_json::from_str(&place.good(&["list", "--json"])).unwrap();
    let line = of(&list, "de", "greeting");
    let expected = json!({"language": "de", "id": "greeting", "transcript": "Wir öffnen um 9:30 Uhr.",
        "own": true, "shipped": true, "versions": 2});
    assert_eq!(line, &expected);
    assert_eq!(of(&list, "en", "greeting")["own"], false);
    let history: Value = serde_json::from_str(&place.good(&["history", "greeting", "--json"])).unwrap();
    assert_eq!((&history[0]["version"], &history[0]["source"]), (&json!(2), &json!("text")));
    assert_eq!(history[1]["transcript"], "Grüß Gott.");

    // The sound goes to standard output, what is told does not.
    let played = place.run(&["play", "greeting"], b"");
    let kept = std::fs::read(history[0]["file"].as_str().unwrap()).unwrap();
    assert!(played.status.success() && played.stdout == kept);
    assert!(String::from_utf8_lossy(&played.stderr).contains("(own, version 2): Wir öffnen"), "{played:?}");
    let out = place.path().join("out.wav");
    place.good(&["play", "greeting", "--version", "shipped", "--out", out.to_str().unwrap()]);
    assert!(std::fs::read(&out).unwrap().starts_with(b"RIFF"));

    assert!(place.good(&["restore", "greeting", "1"]).contains("version 1 is current"));
    assert!(place.good(&["history", "greeting"]).contains("*   1"));
    assert!(place.good(&["reset", "greeting"]).contains("the shipped prompt is heard"));
    assert!(place.good(&["say", "greeting", "We are closed.", "--language", "en"]).contains("en/greeting: version 1"));
    let lines = person::store::audit_lines(&place.db, &place.tenant, 9).await.unwrap();
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| line.actor == Actor::Console), "{lines:?}");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_the_next_step() {
    let place = Place::new().await;
    for (words, told) in [
        (&["set", "greeting", "/nowhere/a.wav"][..], "/nowhere/a.wav cannot be read"),
        (&["set", "Gruß", "/dev/null"], "not the id of a prompt"),
        (&["set", "greeting", "/dev/zero"], "20 MB"),
        (&["set", "greeting", "/dev/null"], "save it as WAV"),
        (&["say", "greeting", "…"], "nothing to be spoken"),
        (&["play", "greting"], "did you mean \"greeting\"?"),
        (&["play", "unsere-begruessung"], "nightdesk prompt list"),
        (&["history", "unsere-begruessung"], "nightdesk prompt list"),
        (&["reset", "unsere-begruessung"], "nightdesk prompt list"),
        (&["restore", "greeting", "7"], "nightdesk prompt history greeting"),
        (&["list", "--tenant", "Kanzlei"], "nightdesk tenant list"),
    ] {
        let words_told = place.refused(words);
        assert!(words_told.contains(told), "{words:?}: {words_told}");
    }
    let piped = place.run(&["set", "greting", "-"], &wav(16_000, 1, 16, false, 16_000));
    assert!(piped.status.success(), "{piped:?}");
    let warned = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert!(warned.contains("did you mean \"greeting\"?"), "{warned}");
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_nightdesk"))
        .args(["prompt", "list", "--data"])
        .arg(elsewhere.path())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("--data"), "{output:?}");
}

const PLAN: &str = "[line]\nlanguage = \"de\"\ntimezone = \"Europe/Berlin\"\nopen = \"message.x\"\n\n\
     [message.x]\nsay = [\"unsere-begruessung\", \"leave-message\"]\n";

#[tokio::test]
async fn a_plan_names_an_own_prompt_and_lines_say_it() {
    let place = Place::new().await;
    let (db, tenant) = (&place.db, &place.tenant);
    let given = |name: &str| (name == "data").then(|| place.path().display().to_string());
    let config = Config::read(&Values::gather(None, |_| None, given).unwrap()).unwrap();
    let voice = || Voice::start(&place.path().join("speech"), crate::worker::worker(1));
    let mut plans = Plans::open(db, &config, System::new(), voice()).await.unwrap();
    let basis = plans.basis();
    let check = || async {
        let now = System::new().now().utc;
        let context = nightdesk::revision::store::context(db, tenant, &basis.known, now).await.unwrap();
        nightdesk::revision::Draft::check(PLAN, &context)
    };
    let (draft, findings) = check().await;
    assert!(draft.is_none() && format!("{findings:?}").contains("unsere-begruessung"), "{findings:?}");

    let own = nightdesk::prompt::Place { prompt: "unsere-begruessung".parse().unwrap(), ..greeting() };
    let studio = studio_in(db, place.path());
    studio.upload(tenant, Actor::Console, &own, wav(16_000, 1, 16, false, 32_000), "").await.unwrap();
    let (draft, findings) = check().await;
    let draft = draft.unwrap_or_else(|| panic!("{findings:?}"));
    let mut tx = db.write().await.unwrap();
    let origin = nightdesk::revision::Origin::default();
    let now = System::new().now().utc;
    nightdesk::revision::store::apply(&mut tx, tenant, &draft, &origin, now).await.unwrap();
    tx.commit().await.unwrap();
    plans.refresh(false).await.unwrap();
    let running = plans.running().of(tenant.id()).unwrap();
    assert_eq!((running.revision, running.held_back.is_none()), (Some(1), true));
    let said = || nightdesk::call::Clips::clip(&*plans.libraries().of(tenant.id()), Language::De, "unsere-begruessung");
    assert!(said().is_some(), "read with the lines");

    // Gone back to nothing: callers miss it, the plan goes on, also after a start.
    studio.reset(tenant, Actor::Console, &own).await.unwrap();
    plans.refresh(false).await.unwrap();
    let fresh = Plans::open(db, &config, System::new(), voice()).await.unwrap();
    assert_eq!(fresh.running().of(tenant.id()).unwrap().revision, Some(1));
    let clip = nightdesk::call::Clips::clip(&*plans.libraries().of(tenant.id()), Language::De, "unsere-begruessung");
    assert!(clip.is_none());
}
