//! How contacts are greeted by name: made as prompts are, kept with the contact.

use sha2::{Digest, Sha256};

use super::{Made, Studio, Task, failed, undecoded};
use crate::contact::{self, NAME_SECONDS_MAX, NAME_TEXT_MAX, NAMES, NameClip, NewNameClip, name_file};
use crate::ids::{ContactId, Language, NameClipId};
use crate::person::{Action, Actor};
use crate::prompt::store::KeepError;
use crate::prompt::{Refusal, UPLOAD_BYTES_MAX};
use crate::run::files::{hex, write_whole};
use crate::run::{disk, files};
use crate::tenant::Tenant;

impl Studio {
    pub(super) async fn name_of_file(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        file: Vec<u8>,
        transcript: &str,
    ) -> Result<Option<NameClip>, KeepError> {
        let transcript = words(transcript)?;
        if file.len() > UPLOAD_BYTES_MAX {
            return Err(Refusal::TooLarge.into());
        }
        let wav = self.worker.run(Task::Decode, file).await.map_err(undecoded)?;
        self.keep_name(tenant, by, contact, transcript, wav).await
    }

    pub(super) async fn name_of_text(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        language: Language,
        text: &str,
    ) -> Result<Option<NameClip>, KeepError> {
        let transcript = words(text)?;
        if transcript.is_empty() {
            return Err(Refusal::NoText.into());
        }
        let wav = self.spoken(language, &transcript).await?;
        self.keep_name(tenant, by, contact, transcript, wav).await
    }

    async fn keep_name(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        transcript: String,
        wav: Vec<u8>,
    ) -> Result<Option<NameClip>, KeepError> {
        if disk::free_bytes(&self.data).is_some_and(|free| free < self.disk_low) {
            return Err(KeepError::NoRoom);
        }
        let at = self.clock.now().utc;
        let id = NameClipId::new(at, rand::random());
        let (duration_ms, sha256) = self.write_name(id, wav).await?;
        let new = NewNameClip { id, transcript, duration_ms, sha256, author: by.to_string(), at };
        let added = self.add_name(tenant, by, contact, &new).await;
        if !matches!(added, Ok(Some(_))) {
            files::remove(&self.data.join(NAMES), &[name_file(id)]);
        }
        added
    }

    async fn add_name(
        &self,
        tenant: &Tenant,
        by: Actor,
        contact: ContactId,
        new: &NewNameClip,
    ) -> Result<Option<NameClip>, KeepError> {
        let mut tx = self.db.write().await?;
        if !contact::store::set_name(&mut tx, tenant, contact, new).await? {
            return Ok(None);
        }
        self.audit(&mut tx, tenant, by, Action::NameSet, &format!("{contact} {}", new.id)).await?;
        tx.commit().await?;
        let NewNameClip { id, transcript, duration_ms, sha256, at, .. } = new.clone();
        Ok(Some(NameClip { id, transcript, duration_ms, sha256, created_at: at, confirmed: false }))
    }

    /// Length and hash of the file, which stands then.
    async fn write_name(&self, id: NameClipId, wav: Vec<u8>) -> Result<(u64, String), KeepError> {
        let folder = self.data.join(NAMES);
        let written = tokio::task::spawn_blocking(move || {
            let made = Made::of(&wav)?;
            if made.duration_ms > u64::from(NAME_SECONDS_MAX) * 1000 {
                return Err(Refusal::LongName.into());
            }
            std::fs::create_dir_all(&folder).map_err(failed)?;
            write_whole(&folder, &name_file(id), &wav).map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => KeepError::NoRoom,
                _ => failed(error),
            })?;
            Ok((made.duration_ms, hex(&Sha256::digest(&wav))))
        });
        written.await.map_err(failed)?
    }
}

fn words(text: &str) -> Result<String, Refusal> {
    let text = super::words(text)?;
    if text.chars().count() > NAME_TEXT_MAX { Err(Refusal::LongNameText) } else { Ok(text) }
}
