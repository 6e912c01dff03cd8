//! Where an owner's prompts are made: any recording, or text, becomes a file of ours and a row.
//!
//! What strangers recorded is decoded, and text is spoken, in a child process ([`super::worker`]); both
//! come out as masters do: 16 kHz, 16 bit, one channel, the level of the shipped prompts, a little
//! silence at both ends. The file stands, synced, before its row.

mod name;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::disk;
use super::files::{hex, length_ms, write_whole};
use super::pico;
use super::prompts::tidy;
use super::sounds::Sounds;
use super::voice;
use super::worker::{Done, Task, Worker, WorkerError};
use crate::clock::System;
use crate::contact::NameClip;
use crate::db::{Db, Tx};
use crate::ids::{ContactId, Language, PromptVersionId};
use crate::media::decode::{DecodeError, decode};
use crate::media::{clip, level, resample, take};
use crate::person::{self, Action, Actor};
use crate::prompt::store::{self, KeepError};
use crate::prompt::{self, FOLDER, NewVersion, Place, Refusal, SECONDS_MAX, Source, TEXT_CHARS_MAX, Version};
use crate::speech;
use crate::tenant::Tenant;
use crate::web;

/// A master has 100 ms of silence before its sound and 200 ms behind it: one that is shorter than this is
/// a click.
const SAMPLES_MIN: usize = level::RATE_HZ as usize * 4 / 10;
/// The folder of the voices, below that of what the program says.
const VOICES: &str = "voices";
/// Shipped for `nightdesk demo`: what its caller says, no prompt of a line.
const DEMO_CALLER: &str = "demo-caller";
/// What owners hear by telephone begins like this: no caller ever does.
const OF_OWNERS: &str = "owner-";
/// At this height a sample is at the end of its range.
const FULL_SCALE: u16 = 32_700;
/// Where more than one in so many samples is there, little of a voice is left.
const OVERDRIVEN_ONE_IN: usize = 7;

/// Makes prompts, and keeps them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Studio {
    db: Db,
    clock: System,
    data: Arc<Path>,
    disk_low: u64,
    sounds: Arc<Sounds>,
    worker: Worker,
}

/// What is to be kept besides the sound.
struct Label<'a> {
    tenant: &'a Tenant,
    by: Actor,
    place: &'a Place,
    source: Source,
    transcript: String,
}

impl Studio {
    /// Below the data directory `data`, while its disk has `disk_low` bytes free. Makes the folder.
    pub fn open(
        db: Db,
        clock: System,
        data: &Path,
        disk_low: u64,
        sounds: Arc<Sounds>,
        worker: Worker,
    ) -> std::io::Result<Studio> {
        std::fs::create_dir_all(data.join(FOLDER))?;
        Ok(Studio { db, clock, data: data.into(), disk_low, sounds, worker })
    }

    /// Keeps what was spoken at a telephone. `rate_hz` is one of [`resample::RATES_HZ`].
    pub async fn recorded(
        &self,
        tenant: &Tenant,
        by: Actor,
        place: &Place,
        rate_hz: u32,
        samples: Vec<i16>,
    ) -> Result<Version, KeepError> {
        if samples.len() as u64 > u64::from(SECONDS_MAX) * u64::from(rate_hz) {
            return Err(Refusal::TooLong.into());
        }
        let wav = tokio::task::spawn_blocking(move || master(rate_hz, &samples)).await.map_err(failed)??;
        self.keep(Label { tenant, by, place, source: Source::Phone, transcript: String::new() }, wav).await
    }

    /// Makes the version before the present one current; where there is none before it, the shipped prompt.
    /// `false` where the shipped one is what is heard.
    pub async fn step_back(&self, tenant: &Tenant, by: Actor, place: &Place) -> Result<bool, KeepError> {
        let versions = store::history(&self.db, tenant, place).await?;
        let Some(current) = versions.iter().find(|version| version.current) else { return Ok(false) };
        match versions.iter().find(|version| version.seq < current.seq) {
            Some(older) => Ok(web::Studio::restore(self, tenant, by, place, older.id).await?.is_some()),
            None => web::Studio::reset(self, tenant, by, place).await,
        }
    }

    /// The WAV file of a version, whole.
    pub fn file(&self, version: PromptVersionId) -> PathBuf {
        self.data.join(FOLDER).join(prompt::file_name(version))
    }

    async fn keep(&self, label: Label<'_>, wav: Vec<u8>) -> Result<Version, KeepError> {
        if disk::free_bytes(&self.data).is_some_and(|free| free < self.disk_low) {
            return Err(KeepError::NoRoom);
        }
        let at = self.clock.now().utc;
        let id = PromptVersionId::new(at, rand::random());
        let made = self.write(id, wav).await?;
        let new = NewVersion {
            id,
            place: label.place.clone(),
            source: label.source,
            transcript: label.transcript,
            duration_ms: made.duration_ms,
            level: made.level,
            sha256: made.sha256,
            author: label.by.to_string(),
            at,
        };
        let added = self.add(label.tenant, label.by, &new).await;
        if added.is_err() {
            super::files::remove(&self.data.join(FOLDER), &[prompt::file_name(id)]);
        }
        let version = added?;
        self.tidy().await;
        Ok(version)
    }

    async fn add(&self, tenant: &Tenant, by: Actor, new: &NewVersion) -> Result<Version, KeepError> {
        let mut tx = self.db.write().await?;
        let version = store::add_version(&mut tx, tenant, new).await?;
        self.audit(&mut tx, tenant, by, Action::PromptSet, &format!("{} {}", new.place, new.id)).await?;
        tx.commit().await?;
        Ok(version)
    }

    async fn write(&self, id: PromptVersionId, wav: Vec<u8>) -> Result<Made, KeepError> {
        let folder = self.data.join(FOLDER);
        let written = tokio::task::spawn_blocking(move || {
            let made = Made::of(&wav)?;
            write_whole(&folder, &prompt::file_name(id), &wav).map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => KeepError::NoRoom,
                _ => failed(error),
            })?;
            Ok(made)
        });
        written.await.map_err(failed)?
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        by: Actor,
        action: Action,
        object: &str,
    ) -> Result<(), KeepError> {
        Ok(person::store::audit(tx, tenant, self.clock.now().utc, by, action, object).await?)
    }

    /// A text as the voice says it: a master.
    async fn spoken(&self, language: Language, text: &str) -> Result<Vec<u8>, KeepError> {
        let words = speech::speakable(text, language);
        if !words.chars().any(char::is_alphanumeric) {
            return Err(Refusal::NoText.into());
        }
        let folder = voice::folder(&self.data).join(VOICES);
        let voices = tokio::task::spawn_blocking(move || {
            pico::install(&folder)?;
            // The child works elsewhere.
            folder.canonicalize()
        });
        let voices = voices.await.map_err(failed)?.map_err(failed)?;
        let said = self.worker.run(Task::Speak, pico::asked(language, &voices, &words)).await;
        let samples = pico::answered(&said.map_err(failed)?);
        let fits = samples.len() as u64 <= u64::from(SECONDS_MAX) * u64::from(level::RATE_HZ);
        if fits { Ok(take::wav(level::RATE_HZ, &samples)) } else { Err(Refusal::TooLong.into()) }
    }

    /// What could not be removed now is removed by the housekeeping.
    async fn tidy(&self) {
        if let Err(error) = tidy(&self.db, &self.data, std::time::UNIX_EPOCH).await {
            tracing::warn!(%error, "old versions of prompts are removed later");
        }
    }
}

#[async_trait]
impl web::Studio for Studio {
    fn shipped(&self, language: Language) -> Vec<web::ShippedPrompt> {
        let Some(prompts) = self.sounds.shipped(language) else { return Vec::new() };
        let named = |id: &str| web::ShippedPrompt {
            id: id.to_owned(),
            transcript: prompts.transcript(id).unwrap_or_default().to_owned(),
        };
        prompts.ids().filter(|id| *id != DEMO_CALLER && !id.starts_with(OF_OWNERS)).map(named).collect()
    }

    fn shipped_wav(&self, place: &Place) -> Option<Vec<u8>> {
        self.sounds.shipped(place.language)?.wav(place.prompt.as_str())
    }

    async fn upload(
        &self,
        tenant: &Tenant,
        by: Actor,
        place: &Place,
        file: Vec<u8>,
        transcript: &str,
    ) -> Result<Version, KeepError> {
        let transcript = words(transcript)?;
        if file.len() > prompt::UPLOAD_BYTES_MAX {
            return Err(Refusal::TooLarge.into());
        }
        let wav = self.worker.run(Task::Decode, file).await.map_err(undecoded)?;
        self.keep(Label { tenant, by, place, source: Source::Upload, transcript }, wav).await
    }

    async fn say(&self, tenant: &Tenant, by: Actor, place: &Place, text: &str) -> Result<Version, KeepError> {
        let transcript = words(text)?;
        if transcript.is_empty() {
            return Err(Refusal::NoText.into());
        }
        let wav = self.spoken(place.language, &transcript).await?;
        self.keep(Label { tenant, by, place, source: Source::Text, transcript }, wav).await
    }

    async fn name_upload(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        file: Vec<u8>,
        transcript: &str,
    ) -> Result<Option<NameClip>, KeepError> {
        self.name_of_file(tenant, by, contact, file, transcript).await
    }

    async fn name_say(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        language: Language,
        text: &str,
    ) -> Result<Option<NameClip>, KeepError> {
        self.name_of_text(tenant, by, contact, language, text).await
    }

    async fn restore(
        &self,
        tenant: &Tenant,
        by: Actor,
        place: &Place,
        version: PromptVersionId,
    ) -> Result<Option<Version>, KeepError> {
        let mut tx = self.db.write().await?;
        let restored = store::restore(&mut tx, tenant, place, version).await?;
        if restored.is_some() {
            self.audit(&mut tx, tenant, by, Action::PromptRestored, &format!("{place} {version}")).await?;
            tx.commit().await?;
        }
        Ok(restored)
    }

    async fn reset(&self, tenant: &Tenant, by: Actor, place: &Place) -> Result<bool, KeepError> {
        let mut tx = self.db.write().await?;
        let was = store::reset(&mut tx, tenant, place).await?;
        if was {
            self.audit(&mut tx, tenant, by, Action::PromptReset, &place.to_string()).await?;
            tx.commit().await?;
        }
        Ok(was)
    }
}

/// What a row says of a file.
struct Made {
    duration_ms: u64,
    level: i32,
    sha256: String,
}

impl Made {
    fn of(wav: &[u8]) -> Result<Made, KeepError> {
        let (rate_hz, samples) = clip::read_wav(wav).map_err(failed)?;
        Ok(Made {
            duration_ms: length_ms(samples.len(), rate_hz),
            level: (level::active_level_db(&samples) * 10.0).round() as i32,
            sha256: hex(&Sha256::digest(wav)),
        })
    }
}

fn failed(error: impl std::fmt::Display) -> KeepError {
    KeepError::Failed(error.to_string())
}

fn words(text: &str) -> Result<String, Refusal> {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > TEXT_CHARS_MAX { Err(Refusal::TextTooLong) } else { Ok(text) }
}

fn undecoded(error: WorkerError) -> KeepError {
    match error {
        WorkerError::Refused(why) => serde_json::from_str(&why).unwrap_or(Refusal::NotAudio).into(),
        WorkerError::TooBig | WorkerError::TimedOut => Refusal::NotAudio.into(),
        WorkerError::Broken(why) => KeepError::Failed(why),
    }
}

/// The child's work of [`Task::Decode`]: an owner's file becomes a master, or is refused with a
/// [`Refusal`] as JSON.
pub(super) fn decode_task(file: &[u8]) -> Done {
    // A decoder that panics has met a file that is no audio; its words are of no use to anybody.
    std::panic::set_hook(Box::new(|_| {}));
    let made = catch_unwind(|| from_file(file)).unwrap_or(Err(Refusal::NotAudio));
    made.map_err(|refusal| serde_json::to_string(&refusal).unwrap_or_default())
}

fn from_file(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    let decoded = decode(file.to_vec(), SECONDS_MAX).map_err(|error| match error {
        DecodeError::NotAudio => Refusal::NotAudio,
        DecodeError::TooLong => Refusal::TooLong,
        DecodeError::Channels(channels) => Refusal::Channels(channels),
        DecodeError::Rate(rate_hz) => Refusal::Rate(rate_hz),
    })?;
    master(decoded.rate_hz, &decoded.samples)
}

/// The WAV file of a master.
fn master(rate_hz: u32, samples: &[i16]) -> Result<Vec<u8>, Refusal> {
    let full = samples.iter().filter(|sample| sample.unsigned_abs() >= FULL_SCALE).count();
    if full * OVERDRIVEN_ONE_IN > samples.len() {
        return Err(Refusal::Clipped);
    }
    let samples = resample::resample(samples, rate_hz, level::RATE_HZ);
    let made = level::mastered(&samples).map_err(|_| Refusal::Silent)?;
    if made.len() < SAMPLES_MIN { Err(Refusal::Silent) } else { Ok(take::wav(level::RATE_HZ, &made)) }
}
