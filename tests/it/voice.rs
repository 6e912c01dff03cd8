//! Sentences as sound: made once, kept in memory and in files, and nobody waits who must not.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nightdesk::ids::Language;
use nightdesk::media::{Clip, Prompts, g711};
use nightdesk::run::voice::english::{Fragments, Piece};
use nightdesk::run::voice::{Voice, folder};
use nightdesk::run::worker::Worker;
use tokio::sync::oneshot;

const GERMAN: &str = "Ihr Rückruf ist am Dienstag, dem dritten März, um neun Uhr dreißig.";
const ENGLISH: &str = "Today we are open from seven thirty a m to noon and from one to six p m.";

/// A data directory, and a program that counts how often it is started.
struct House {
    dir: tempfile::TempDir,
}

impl House {
    fn new() -> House {
        let house = House { dir: tempfile::tempdir().unwrap() };
        house.program("counted", &format!("echo >>{}\nexec {} \"$@\"", house.tally(), env!("CARGO_BIN_EXE_nightdesk")));
        house
    }

    fn folder(&self) -> PathBuf {
        folder(self.dir.path())
    }

    fn tally(&self) -> String {
        self.dir.path().join("tally").display().to_string()
    }

    fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn voice(&self) -> Voice {
        Voice::start(&self.folder(), Worker::of(self.dir.path().join("counted"), 2))
    }

    /// One whose children cannot be started.
    fn mute(&self) -> Voice {
        Voice::start(&self.folder(), Worker::of(PathBuf::from("/nowhere/nightdesk"), 2))
    }

    fn children(&self) -> usize {
        std::fs::read(self.tally()).map_or(0, |tally| tally.len())
    }

    /// The kept sentences, when there are `count`: they are written after the call has what it wants.
    async fn kept(&self, count: usize) -> Vec<PathBuf> {
        let wavs = || -> Vec<PathBuf> {
            let all = std::fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path());
            all.filter(|path| path.extension().is_some_and(|ending| ending == "wav")).collect()
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), async {
            while wavs().len() < count {
                tokio::task::yield_now().await;
            }
            wavs()
        })
        .await
        .unwrap()
    }
}

fn order(voice: &Voice, language: Language, words: &str) -> oneshot::Receiver<Option<Arc<Clip>>> {
    let (tell, told) = oneshot::channel();
    voice.speak(language, words, move |clip| drop(tell.send(clip)));
    told
}

#[tokio::test]
async fn a_sentence_that_many_want_is_made_once() {
    let house = House::new();
    let voice = house.voice();
    assert!(voice.ready(Language::De, GERMAN).is_none());
    let orders: Vec<_> = (0..20).map(|_| order(&voice, Language::De, GERMAN)).collect();
    let mut clips = Vec::new();
    for told in orders {
        clips.push(told.await.unwrap().unwrap());
    }
    assert!(clips.iter().all(|clip| Arc::ptr_eq(clip, &clips[0])));
    assert!(Arc::ptr_eq(&voice.ready(Language::De, GERMAN).unwrap(), &clips[0]));
    assert!(Arc::ptr_eq(&order(&voice, Language::De, GERMAN).await.unwrap().unwrap(), &clips[0]));
    assert!((3.0..6.0).contains(&clips[0].duration().as_secs_f32()), "{:?}", clips[0].duration());
    assert!(GERMAN.starts_with(&clips[0].name));
    assert_eq!(house.children(), 1);
    // The same words in another language are another sentence.
    assert!(voice.ready(Language::En, GERMAN).is_none());
}

#[tokio::test]
async fn a_restart_finds_what_was_made_and_makes_again_what_is_damaged() {
    let house = House::new();
    let made = order(&house.voice(), Language::De, GERMAN).await.unwrap().unwrap();
    let files = house.kept(1).await;
    let found = order(&house.mute(), Language::De, GERMAN).await.unwrap().unwrap();
    assert!(found.pcma == made.pcma && found.g722 == made.g722);
    let mut bytes = std::fs::read(&files[0]).unwrap();
    bytes[5000] ^= 0x40;
    std::fs::write(&files[0], bytes).unwrap();
    let voice = house.voice();
    assert!(order(&house.mute(), Language::De, GERMAN).await.unwrap().is_none(), "damaged, and no child to be had");
    let again = order(&voice, Language::De, GERMAN).await.unwrap().unwrap();
    assert!(again.pcma == made.pcma);
    assert_eq!(house.children(), 2);
}

#[tokio::test]
async fn what_cannot_be_spoken_is_none() {
    let house = House::new();
    let mute = house.mute();
    assert!(order(&mute, Language::De, GERMAN).await.unwrap().is_none());
    assert!(mute.ready(Language::De, GERMAN).is_none());
    let voice = house.voice();
    let long = "a".repeat(10_000);
    for words in ["<genfile file=\"/tmp/x.wav\">", "Zimmer 3", "🙂", &long] {
        assert!(order(&voice, Language::De, words).await.unwrap().is_none(), "{words}");
    }
    assert_eq!(house.children(), 0, "no child sees such a text");
    for words in ["", "... !"] {
        assert!(order(&voice, Language::De, words).await.unwrap().is_none(), "{words}");
    }
    // A failure is not kept: it may go well the next time.
    assert!(order(&voice, Language::De, GERMAN).await.unwrap().is_some());
}

/// The prompts that ship were spoken by the same voice in another program: what it says is what is asked.
#[tokio::test]
async fn the_words_of_a_prompt_sound_like_the_prompt() {
    let prompts = Prompts::shipped("de").unwrap();
    let house = House::new();
    let voice = house.voice();
    for id in ["marked-urgent", "record-warning"] {
        let clip = order(&voice, Language::De, prompts.transcript(id).unwrap()).await.unwrap().unwrap();
        let heard: Vec<i16> = clip.pcma.iter().map(|byte| g711::alaw(*byte)).collect();
        let likeness =
            crate::hear::correlation(&[vec![0; 2000], heard, vec![0; 2000]].concat(), &crate::hear::prompt("de", id));
        assert!(likeness > 0.9, "{id}: {likeness}");
    }
}

#[tokio::test]
async fn a_full_queue_is_said_at_once_and_everybody_is_told_at_the_end() {
    let house = House::new();
    let stuck = house.program("stuck", "exec sleep 600");
    let voice = Voice::start(&house.folder(), Worker::of(stuck, 2));
    let text = |n: usize| "na ".repeat(n + 1);
    // This thread does not give way, so nothing leaves the queue.
    let mut orders: Vec<_> = (0..100).map(|n| order(&voice, Language::De, &text(n))).collect();
    let refused = orders.iter_mut().filter_map(|told| told.try_recv().ok()).filter(Option::is_none).count();
    assert_eq!(refused, 100 - 64);
    let mut waiting = order(&voice, Language::De, &text(0));
    assert!(waiting.try_recv().is_err(), "it is in the making");
}

#[tokio::test]
async fn english_is_joined_where_all_of_it_is_recorded_and_spoken_whole_where_not() {
    let house = House::new();
    let joined = order(&house.mute(), Language::En, ENGLISH).await.unwrap().unwrap();
    let fragments = Fragments::shipped();
    let heard = Clip::from_pcm("heard", 16_000, &fragments.joined(ENGLISH).unwrap());
    assert!(joined.pcma == heard.pcma);
    // Each recording is in it, in its place.
    let pieces = fragments.pieces(ENGLISH).unwrap();
    assert!(pieces.iter().filter(|piece| matches!(piece, Piece::Recording(_))).count() >= 5, "{pieces:?}");
    let voice = house.voice();
    let whole = order(&voice, Language::En, "We are closed until eight a m on Monday, says Smith.").await.unwrap();
    assert!(whole.is_some());
    assert_eq!(house.children(), 1);
}

/// Not a test of speed, which would fail on a busy machine: `--ignored --nocapture` prints it.
#[tokio::test]
#[ignore = "prints how long a sentence takes"]
async fn how_long_a_sentence_takes() {
    let house = House::new();
    let voice = Voice::start(&house.folder(), Worker::of(Path::new(env!("CARGO_BIN_EXE_nightdesk")).to_owned(), 2));
    for (language, words) in [(Language::De, GERMAN), (Language::De, "Guten Tag."), (Language::En, ENGLISH)] {
        let started = std::time::Instant::now();
        let clip = order(&voice, language, words).await.unwrap().unwrap();
        println!("{:?} for {:?}: {words}", started.elapsed(), clip.duration());
    }
}
