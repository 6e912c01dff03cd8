//! What becomes of an upload, a text, a recording; and what callers hear then.

use std::io::Cursor;
use std::sync::Arc;

use nightdesk::call::Clips;
use nightdesk::clock::System;
use nightdesk::ids::{Language, PersonId, PromptVersionId};
use nightdesk::media::Clip;
use nightdesk::media::clip::read_wav;
use nightdesk::media::level::{LEVEL_DB, active_level_db};
use nightdesk::person::{self, Actor};
use nightdesk::prompt::store::{self, KeepError};
use nightdesk::prompt::{
    CURRENT_MS_MAX, FOLDER, NewVersion, Place, Refusal, Source, TEXT_CHARS_MAX, UPLOAD_BYTES_MAX, VERSIONS_MAX, Version,
};
use nightdesk::run::prompts::{Libraries, Library, tidy};
use nightdesk::run::sounds::Sounds;
use nightdesk::run::studio::Studio;
use nightdesk::tenant::Tenant;
use nightdesk::web::Studio as _;

use super::{studio, studio_on};
use crate::support::{Fresh, at};

/// A tone of 700 Hz that comes and goes like syllables.
pub fn tone(rate_hz: u32, samples: usize) -> Vec<i16> {
    let step = 700.0 * std::f32::consts::TAU / rate_hz as f32;
    (0..samples).map(|n| (9000.0 * (n as f32 * step).sin()) as i16).collect()
}

/// A WAV file of that tone on all channels.
pub fn wav(rate_hz: u32, channels: u16, bits: u16, float: bool, frames: usize) -> Vec<u8> {
    let sample_format = if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int };
    let spec = hound::WavSpec { channels, sample_rate: rate_hz, bits_per_sample: bits, sample_format };
    let mut file = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for sample in tone(rate_hz, frames) {
        for _ in 0..channels {
            match (float, bits) {
                (true, _) => writer.write_sample(f32::from(sample) / 32_768.0).unwrap(),
                (_, 24) => writer.write_sample(i32::from(sample) << 8).unwrap(),
                (_, 8) => writer.write_sample(sample >> 8).unwrap(),
                _ => writer.write_sample(sample).unwrap(),
            }
        }
    }
    writer.finalize().unwrap();
    file.into_inner()
}

struct Room {
    fresh: Fresh,
    tenant: Tenant,
    studio: Studio,
    by: Actor,
}

impl Room {
    async fn new() -> Room {
        let fresh = Fresh::sqlite().await;
        let tenant = fresh.tenant("Praxis").await;
        let studio = studio(&fresh, System::new());
        Room { fresh, tenant, studio, by: Actor::Person(PersonId::new(at(0), [7; 10])) }
    }

    async fn upload(&self, place: &Place, file: Vec<u8>) -> Result<Version, KeepError> {
        self.studio.upload(&self.tenant, self.by, place, file, "Guten  Tag.\n").await
    }

    async fn library(&self) -> Library {
        let library = Library::new(Arc::new(Sounds::open().unwrap()), self.fresh.dir.path());
        library.reload(&self.fresh.db, &self.tenant).await.unwrap();
        library
    }

    fn samples(&self, version: &Version) -> Vec<i16> {
        let (rate_hz, samples) = read_wav(&std::fs::read(self.studio.file(version.id)).unwrap()).unwrap();
        assert_eq!(rate_hz, 16_000);
        samples
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.fresh.dir.path().join(FOLDER)).unwrap().count()
    }
}

pub fn greeting() -> Place {
    Place { language: Language::De, prompt: "greeting".parse().unwrap() }
}

fn refusal(kept: Result<Version, KeepError>) -> Refusal {
    match kept {
        Err(KeepError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_upload_becomes_a_master() {
    let room = Room::new().await;
    // Two seconds of silence, quiet sound, two seconds of silence; two channels at 44.1 kHz.
    let quiet = tone(44_100, 44_100).into_iter().map(|sample| sample / 40);
    let silence = || std::iter::repeat_n(0, 88_200);
    let pcm: Vec<i16> = silence().chain(quiet).chain(silence()).collect();
    let version = room.upload(&greeting(), nightdesk::media::take::wav(44_100, &pcm)).await.unwrap();
    assert_eq!((version.seq, version.source, version.current), (1, Source::Upload, true));
    assert_eq!(version.transcript, "Guten Tag.", "blanks are one");
    let samples = room.samples(&version);
    assert!((active_level_db(&samples) - LEVEL_DB).abs() < 0.3, "{}", active_level_db(&samples));
    assert!((version.level + 200).abs() <= 3, "{}", version.level);
    assert!(samples.iter().all(|sample| sample.unsigned_abs() <= 23_198), "3 dB under full scale");
    // 1 s of sound and some steps of grace, 100 ms before it, 200 ms behind.
    assert!((1300..=1420).contains(&version.duration_ms), "{}", version.duration_ms);
    assert!(samples[..1600].iter().chain(&samples[samples.len() - 3200..]).all(|sample| *sample == 0));
    assert_eq!(version.duration_ms, samples.len() as u64 / 16);
    let lines = person::store::audit_lines(&room.fresh.db, &room.tenant, 9).await.unwrap();
    let expected = ("prompt_set", format!("de/greeting {}", version.id), room.by);
    assert_eq!((lines[0].action.as_str(), lines[0].object.clone(), lines[0].actor), expected);
}

#[tokio::test]
async fn what_is_no_prompt_is_refused_and_leaves_nothing() {
    let room = Room::new().await;
    let flat = |value: i16| nightdesk::media::take::wav(16_000, &vec![value; 32_000]);
    let square: Vec<i16> = (0..32_000).map(|n| if n / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    let mut click = vec![0_i16; 32_000];
    click[16_000..16_040].fill(20_000);
    let long = nightdesk::media::take::wav(8000, &vec![100; 8000 * 181]);
    for (file, expected) in [
        (b"no audio at all".to_vec(), Refusal::NotAudio),
        (Vec::new(), Refusal::NotAudio),
        (vec![0; UPLOAD_BYTES_MAX + 1], Refusal::TooLarge),
        (long, Refusal::TooLong),
        (wav(48_000, 9, 16, false, 4800), Refusal::Channels(9)),
        (wav(44_101, 1, 16, false, 4410), Refusal::Rate(44_101)),
        (flat(0), Refusal::Silent),
        (flat(4000), Refusal::Silent),
        (nightdesk::media::take::wav(16_000, &square), Refusal::Clipped),
    ] {
        assert_eq!(refusal(room.upload(&greeting(), file).await), expected);
    }
    let words = "a".repeat(TEXT_CHARS_MAX + 1);
    let file = wav(16_000, 1, 16, false, 16_000);
    let long = room.studio.upload(&room.tenant, room.by, &greeting(), file, &words).await;
    assert_eq!(refusal(long), Refusal::TextTooLong);
    for (text, expected) in [("", Refusal::NoText), (" … 🙂 ", Refusal::NoText), (&words, Refusal::TextTooLong)] {
        assert_eq!(refusal(room.studio.say(&room.tenant, room.by, &greeting(), text).await), expected, "{text:.20}");
    }
    assert_eq!(store::versions(&room.fresh.db, &room.tenant).await.unwrap(), []);
    assert_eq!(room.files(), 0);

    // What is made and then has no room leaves no file.
    let long = NewVersion {
        id: PromptVersionId::new(at(0), [1; 10]),
        place: Place { language: Language::En, ..greeting() },
        source: Source::Upload,
        transcript: String::new(),
        duration_ms: CURRENT_MS_MAX,
        level: -200,
        sha256: String::new(),
        author: "console".to_owned(),
        at: at(0),
    };
    let mut tx = room.fresh.db.write().await.unwrap();
    store::add_version(&mut tx, &room.tenant, &long).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refusal(room.upload(&greeting(), wav(16_000, 1, 16, false, 16_000)).await), Refusal::TooMuch);
    assert_eq!(person::store::audit_lines(&room.fresh.db, &room.tenant, 9).await.unwrap(), []);
    assert_eq!(room.files(), 0);
}

#[tokio::test]
async fn text_is_spoken_in_both_languages() {
    let room = Room::new().await;
    for (language, text) in
        [(Language::De, "Wir öffnen am 3.3. um 9:30 Uhr wieder."), (Language::En, "We open again at 9:30 tomorrow.")]
    {
        let place = Place { language, ..greeting() };
        let version = room.studio.say(&room.tenant, room.by, &place, text).await.unwrap();
        assert_eq!((version.source, version.transcript.as_str()), (Source::Text, text), "as it was typed");
        assert!((1500..8000).contains(&version.duration_ms), "{}", version.duration_ms);
        assert!((active_level_db(&room.samples(&version)) - LEVEL_DB).abs() < 0.5);
    }
}

#[tokio::test]
async fn what_was_spoken_at_a_telephone_is_kept() {
    let room = Room::new().await;
    let kept = room.studio.recorded(&room.tenant, room.by, &greeting(), 8000, tone(8000, 16_000)).await.unwrap();
    assert_eq!((kept.source, kept.transcript.as_str(), kept.current), (Source::Phone, "", true));
    assert!(kept.duration_ms >= 2200, "{}", kept.duration_ms);
    let silent = room.studio.recorded(&room.tenant, room.by, &greeting(), 8000, vec![0; 16_000]).await;
    assert_eq!(refusal(silent), Refusal::Silent);
    let long = room.studio.recorded(&room.tenant, room.by, &greeting(), 8000, vec![9; 8000 * 181]).await;
    assert_eq!(refusal(long), Refusal::TooLong);
}

#[tokio::test]
async fn a_full_disk_takes_no_prompts() {
    let room = Room::new().await;
    let studio = studio_on(&room.fresh, System::new(), u64::MAX);
    let refused = studio.recorded(&room.tenant, room.by, &greeting(), 8000, tone(8000, 16_000)).await;
    assert!(matches!(refused, Err(KeepError::NoRoom)), "{refused:?}");
    assert_eq!(room.files(), 0);
}

/// The sound of a clip, told apart by its length.
fn heard(clip: Option<Arc<Clip>>) -> usize {
    clip.map_or(0, |clip| clip.pcma.len())
}

#[tokio::test]
async fn callers_hear_the_owners_prompt_and_never_nothing() {
    let room = Room::new().await;
    let (language, sounds) = (Language::De, Sounds::open().unwrap());
    let original = heard(sounds.clip(language, "greeting"));
    let library = Arc::new(room.library().await);
    assert_eq!(heard(library.clip(language, "greeting")), original);
    let own = room.upload(&greeting(), wav(16_000, 1, 16, false, 64_000)).await.unwrap();
    assert_eq!(heard(library.clip(language, "greeting")), original, "until it is told");
    library.reload(&room.fresh.db, &room.tenant).await.unwrap();
    let ours = heard(library.clip(language, "greeting"));
    assert!((33_000..=36_000).contains(&ours), "{ours}");
    let english = heard(sounds.clip(Language::En, "greeting"));
    assert_eq!(heard(library.clip(Language::En, "greeting")), english, "the other language stays");

    // A plan's own prompt that nothing ships for.
    let named = Place { language, prompt: "unsere-begruessung".parse().unwrap() };
    assert!(library.clip(language, "unsere-begruessung").is_none());
    room.upload(&named, wav(16_000, 1, 16, false, 32_000)).await.unwrap();
    library.reload(&room.fresh.db, &room.tenant).await.unwrap();
    assert!(heard(library.clip(language, "unsere-begruessung")) > 0);

    // Damaged, cut off, or gone: the shipped one is heard, and nothing breaks.
    let path = room.studio.file(own.id);
    let good = std::fs::read(&path).unwrap();
    let mut other = good.clone();
    other[100] ^= 1;
    for bad in [Some(other), Some(good[..2000].to_vec()), Some(Vec::new()), None] {
        match bad {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        assert_eq!(heard(room.library().await.clip(language, "greeting")), original);
    }
    assert_eq!(heard(library.clip(language, "greeting")), ours, "what is in memory stays");
    std::fs::write(&path, good).unwrap();
    assert_eq!(heard(room.library().await.clip(language, "greeting")), ours);

    room.studio.reset(&room.tenant, room.by, &greeting()).await.unwrap();
    library.reload(&room.fresh.db, &room.tenant).await.unwrap();
    assert_eq!(heard(library.clip(language, "greeting")), original);
    let lines = person::store::audit_lines(&room.fresh.db, &room.tenant, 9).await.unwrap();
    assert!(lines.iter().any(|line| line.action == "prompt_reset" && line.object == "de/greeting"), "{lines:?}");
}

#[tokio::test]
async fn a_change_of_any_process_is_heard_and_told() {
    let room = Room::new().await;
    let (db, id) = (&room.fresh.db, room.tenant.id());
    let libraries = Libraries::new(Arc::new(Sounds::open().unwrap()), room.fresh.dir.path());
    let library = libraries.of(id);
    let before = heard(library.clip(Language::De, "greeting"));
    let changes = db.line_changes().await.unwrap();
    room.upload(&greeting(), wav(16_000, 1, 16, false, 64_000)).await.unwrap();
    assert_ne!(db.line_changes().await.unwrap(), changes, "who looks at the counter sees it");
    assert_eq!(libraries.reload_all(db).await.unwrap(), [(id, greeting())]);
    let ours = heard(library.clip(Language::De, "greeting"));
    assert_ne!(ours, before);
    assert_eq!(libraries.reload_all(db).await.unwrap(), [], "nothing else since");
    room.studio.reset(&room.tenant, room.by, &greeting()).await.unwrap();
    assert_eq!(libraries.reload_all(db).await.unwrap(), [(id, greeting())]);
    assert_eq!(heard(library.clip(Language::De, "greeting")), before);
}

#[tokio::test]
async fn files_go_with_their_versions_and_strays_go() {
    let room = Room::new().await;
    let file = wav(16_000, 1, 16, false, 16_000);
    let first = room.upload(&greeting(), file.clone()).await.unwrap();
    for _ in 0..VERSIONS_MAX {
        let samples = tone(16_000, 16_000);
        room.studio.recorded(&room.tenant, room.by, &greeting(), 16_000, samples).await.unwrap();
    }
    assert!(!room.studio.file(first.id).exists());
    assert!(!store::has_row(&room.fresh.db, first.id).await.unwrap());
    assert_eq!(room.files(), VERSIONS_MAX);

    let folder = room.fresh.dir.path().join(FOLDER);
    let stray = folder.join(format!("{}.wav", first.id));
    let part = folder.join(format!("{}.wav.part", first.id));
    for path in [&stray, &part, &folder.join("README")] {
        std::fs::write(path, &file).unwrap();
    }
    let now = std::time::SystemTime::now();
    tidy(&room.fresh.db, room.fresh.dir.path(), now - std::time::Duration::from_secs(3600)).await.unwrap();
    assert!(stray.exists(), "it may be on its way");
    tidy(&room.fresh.db, room.fresh.dir.path(), now + std::time::Duration::from_secs(60)).await.unwrap();
    assert!(!stray.exists() && !part.exists());
    assert_eq!(room.files(), VERSIONS_MAX + 1, "what is not ours stays");
}
