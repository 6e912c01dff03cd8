//! Dangerous work in children: every limit stops what it is there for.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use nightdesk::ids::Language;
use nightdesk::media::level::{LEVEL_DB, active_level_db};
use nightdesk::run::pico;
use nightdesk::run::worker::{Task, Worker, WorkerError};

/// The program under test starts its children from its own file; the tests are another program.
pub fn worker(children_max: usize) -> Worker {
    Worker::of(PathBuf::from(env!("CARGO_BIN_EXE_nightdesk")), children_max)
}

#[tokio::test]
async fn work_comes_back_or_is_refused_in_words() {
    let worker = worker(2);
    let input: Vec<u8> = (0..=255).cycle().take(700_000).collect();
    assert_eq!(worker.run(Task::Echo, input.clone()).await, Ok(input));
    assert_eq!(worker.run(Task::Echo, Vec::new()).await, Ok(Vec::new()));
    // Also: nothing of our environment, where secrets may be, is in the child.
    let refused = WorkerError::Refused("no, with 0 variables".to_owned());
    assert_eq!(worker.run(Task::Echo, b"!".to_vec()).await, Err(refused));
    let big = vec![0; Task::Echo.limits().input_bytes + 1];
    assert_eq!(worker.run(Task::Echo, big).await, Err(WorkerError::TooBig));
}

#[tokio::test]
async fn a_task_that_loops_is_ended_by_its_processor_time() {
    let started = Instant::now();
    assert_eq!(worker(1).run(Task::Loop, Vec::new()).await, Err(WorkerError::TimedOut));
    assert!(started.elapsed() < Task::Loop.limits().wall / 2, "by the clock: {:?}", started.elapsed());
}

#[tokio::test]
async fn a_task_that_only_waits_is_ended_by_the_clock() {
    assert_eq!(worker(1).run(Task::Sleep, Vec::new()).await, Err(WorkerError::TimedOut));
}

#[tokio::test]
async fn a_task_that_eats_memory_or_prints_for_ever_is_too_big() {
    let worker = worker(2);
    let (eaten, printed) = tokio::join!(worker.run(Task::Eat, Vec::new()), worker.run(Task::Print, Vec::new()));
    assert_eq!((eaten, printed), (Err(WorkerError::TooBig), Err(WorkerError::TooBig)));
}

#[tokio::test]
async fn a_task_writes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("written");
    let done = worker(1).run(Task::Write, path.to_str().unwrap().as_bytes().to_vec()).await;
    assert!(matches!(&done, Err(WorkerError::Broken(_) | WorkerError::Refused(_))), "{done:?}");
    assert_eq!(std::fs::read(&path).unwrap_or_default(), b"");
}

#[tokio::test]
async fn children_wait_for_a_place() {
    let worker = worker(1);
    let started = Instant::now();
    let wall = Task::Sleep.limits().wall;
    let all: Vec<_> = futures_util::future::join_all((0..3).map(|_| worker.run(Task::Sleep, Vec::new()))).await;
    assert_eq!(all, [const { Err(WorkerError::TimedOut) }; 3]);
    assert!(started.elapsed() >= 3 * wall, "{:?}", started.elapsed());
    // Who waits no longer frees the place.
    assert!(tokio::time::timeout(Duration::from_millis(50), worker.run(Task::Sleep, Vec::new())).await.is_err());
    assert_eq!(worker.run(Task::Echo, b"still".to_vec()).await, Ok(b"still".to_vec()));
}

#[tokio::test]
async fn a_program_that_is_none_is_broken_not_a_panic() {
    let gone = Worker::of(PathBuf::from("/nowhere/nightdesk"), 1);
    assert!(matches!(gone.run(Task::Echo, Vec::new()).await, Err(WorkerError::Broken(_))));
    let other = Worker::of(PathBuf::from("/bin/false"), 1);
    assert!(matches!(other.run(Task::Echo, vec![0; 100_000]).await, Err(WorkerError::Broken(_))));
}

fn pcm(bytes: &[u8]) -> Vec<i16> {
    pico::answered(bytes)
}

async fn said(language: Language, words: &str) -> Result<Vec<u8>, WorkerError> {
    // Beside the tests' program: nothing removes what a static holds.
    static VOICES: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("voices");
        pico::install(&folder).unwrap();
        folder
    });
    worker(2).run(Task::Speak, pico::asked(language, &VOICES, words)).await
}

#[tokio::test]
async fn sentences_are_spoken_at_the_level_of_the_prompts() {
    let sentences = [
        (Language::De, "Ihr Rückruf ist am Dienstag, dem dritten März, um neun Uhr dreißig.", 3.0..6.0),
        (Language::De, "Guten Tag. Wir sind heute nicht zu erreichen. Bitte rufen Sie morgen wieder an.", 3.5..8.0),
        (Language::En, "We are closed until eight a m on Monday.", 1.8..4.5),
    ];
    for (language, words, seconds) in sentences {
        let bytes = said(language, words).await.unwrap();
        let sound = pcm(&bytes);
        let level = active_level_db(&sound);
        assert!((level - LEVEL_DB).abs() < 0.5, "{words}: {level} dBFS");
        assert!(seconds.contains(&(sound.len() as f32 / 16_000.0)), "{words}: {} samples", sound.len());
        assert!(sound.iter().all(|v| v.unsigned_abs() < 23_300), "{words}: over the peak");
        assert_eq!(said(language, words).await.unwrap(), bytes, "{words}: other bytes the second time");
    }
}

#[tokio::test]
async fn hostile_texts_are_refused_or_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("written.wav");
    let markup = format!("<genfile file=\"{}\">Guten Tag</genfile>", file.display());
    for words in [&markup, "Guten Tag 🙂", "", "... , !", "Zahl 3", "a\0b", "<", "&lt;"] {
        let refused = said(Language::De, words).await;
        assert!(matches!(refused, Err(WorkerError::Refused(_))), "{words:?}: {:?}", refused.map(|bytes| bytes.len()));
    }
    assert!(!file.exists());
    for input in [&b""[..], b"de", b"fr\n/\nbonjour", b"de\n/\n\xff", b"de\n/nowhere\nja", b"de\n/\nja"] {
        let refused = worker(1).run(Task::Speak, input.to_vec()).await;
        assert!(matches!(refused, Err(WorkerError::Refused(_))), "{input:?}");
    }
    // One word of many letters, many words, and too many.
    assert!(pcm(&said(Language::De, &"a".repeat(600)).await.unwrap()).len() > 16_000 * 20);
    let long = said(Language::De, "guten Tag, ".repeat(180).trim()).await.unwrap();
    assert!(pcm(&long).len() > 16_000 * 60, "{} s", long.len() / 32_000);
    let longer = said(Language::De, &"a".repeat(10_000)).await;
    assert_eq!(longer, Err(WorkerError::Refused("too long: 5000 letters are the most".to_owned())));
}
