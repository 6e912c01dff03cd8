//! What the callers of a tenant hear: its own prompts over those that ship, ready in memory.
//!
//! A [`Library`] is read at the start and swapped whole when something changed; calls take a clip out of
//! it without waiting for anybody. What cannot be read is no dead end: the shipped prompt is heard.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use sha2::{Digest, Sha256};

use super::files::hex;
use super::names::{self, Names};
use super::sounds::Sounds;
use crate::call::Clips;
use crate::contact::{self, NameClip};
use crate::db::{Db, Error};
use crate::ids::{Language, NameClipId, PromptVersionId, TenantId};
use crate::media::{Clip, ClipError};
use crate::prompt::{self, FOLDER, Place, SECONDS_MAX, Version};
use crate::tenant::Tenant;

/// Bytes of a version's file that are read: the longest, with its silence and its header.
const FILE_BYTES_MAX: u64 = 32_000 * (SECONDS_MAX as u64 + 2);

/// One own prompt, ready.
#[derive(Clone, Debug)]
struct Own {
    place: Place,
    version: PromptVersionId,
    clip: Arc<Clip>,
}

type Owns = HashMap<Language, HashMap<String, Own>>;

/// The prompts of one tenant.
#[derive(Debug)]
pub struct Library {
    sounds: Arc<Sounds>,
    folder: PathBuf,
    own: ArcSwap<Owns>,
    data: PathBuf,
    names: ArcSwap<Names>,
    /// One reading at a time: an older answer must not replace a newer one.
    reading: tokio::sync::Mutex<()>,
}

impl Library {
    /// With the shipped prompts alone until [`Library::reload`]. `data` is the data directory.
    pub fn new(sounds: Arc<Sounds>, data: &Path) -> Library {
        Library {
            sounds,
            folder: data.join(FOLDER),
            own: ArcSwap::default(),
            data: data.to_owned(),
            names: ArcSwap::default(),
            reading: tokio::sync::Mutex::new(()),
        }
    }

    /// Reads what is current now.
    pub async fn reload(&self, db: &Db, tenant: &Tenant) -> Result<(), Error> {
        self.take(prompt::store::current_all(db, tenant).await?).await;
        Ok(())
    }

    /// Takes these versions for what is current. Only those that are new are read from the disk. Gives the
    /// places at which something else is heard now.
    async fn take(&self, current: Vec<Version>) -> Vec<Place> {
        let _alone = self.reading.lock().await;
        let (before, folder) = (self.own.load_full(), self.folder.clone());
        let old = Arc::clone(&before);
        let read = tokio::task::spawn_blocking(move || load(&folder, &old, &current)).await;
        // The reading is lost only when the program ends.
        let Ok(own) = read else { return Vec::new() };
        let changed = changed(&before, &own);
        self.own.store(Arc::new(own));
        changed
    }
}

impl Library {
    /// Takes these recorded names for all that may be said.
    async fn take_names(&self, current: Vec<NameClip>) {
        let _alone = self.reading.lock().await;
        let (before, data) = (self.names.load_full(), self.data.clone());
        let read = tokio::task::spawn_blocking(move || names::load(&data, &before, &current)).await;
        if let Ok(Some(names)) = read {
            self.names.store(Arc::new(names));
        }
    }
}

impl Clips for Library {
    /// The owner's current version, else the shipped prompt.
    fn clip(&self, language: Language, id: &str) -> Option<Arc<Clip>> {
        let own = self.own.load();
        let own = own.get(&language).and_then(|prompts| prompts.get(id)).map(|own| Arc::clone(&own.clip));
        own.or_else(|| self.sounds.clip(language, id))
    }

    fn name(&self, id: NameClipId) -> Option<Arc<Clip>> {
        self.names.load().get(&id).map(Arc::clone)
    }

    fn spoken(&self, language: Language, words: &str) -> Option<Arc<Clip>> {
        self.sounds.spoken(language, words)
    }
}

/// Where one has a version that the other has not.
fn changed(before: &Owns, after: &Owns) -> Vec<Place> {
    let versions = |owns: &Owns| -> HashMap<Place, PromptVersionId> {
        let all = owns.values().flat_map(HashMap::values);
        all.map(|own| (own.place.clone(), own.version)).collect()
    };
    let (before, after) = (versions(before), versions(after));
    let mut places: Vec<Place> = before.keys().chain(after.keys()).cloned().collect();
    places.sort();
    places.dedup();
    places.retain(|place| before.get(place) != after.get(place));
    places
}

fn load(folder: &Path, before: &Owns, current: &[Version]) -> Owns {
    let mut own = Owns::new();
    for version in current {
        let (language, id) = (version.place.language, version.place.prompt.as_str());
        let known = before.get(&language).and_then(|prompts| prompts.get(id)).filter(|own| own.version == version.id);
        let clip = match known {
            Some(own) => Ok(Arc::clone(&own.clip)),
            None => read(folder, version).map(Arc::new),
        };
        match clip {
            Ok(clip) => {
                let ready = Own { place: version.place.clone(), version: version.id, clip };
                own.entry(language).or_default().insert(id.to_owned(), ready);
            }
            Err(error) => {
                let (prompt, version) = (&version.place, version.id);
                tracing::error!(%prompt, %version, %error, "an own prompt cannot be read: the shipped one is heard");
            }
        }
    }
    own
}

/// Why the file of a version is not played.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("its file cannot be read: {0}; restore the folder {FOLDER} from a backup, or make the prompt again")]
    Io(#[from] io::Error),
    #[error(
        "its file is not the one that was kept; restore the folder {FOLDER} from a backup, or make the prompt again"
    )]
    Changed,
    #[error(transparent)]
    Clip(#[from] ClipError),
}

fn read(folder: &Path, version: &Version) -> Result<Clip, ReadError> {
    let mut wav = Vec::new();
    std::fs::File::open(folder.join(prompt::file_name(version.id)))?.take(FILE_BYTES_MAX).read_to_end(&mut wav)?;
    if hex(&Sha256::digest(&wav)) != version.sha256 {
        return Err(ReadError::Changed);
    }
    Ok(Clip::from_wav(version.place.prompt.as_str(), &wav)?)
}

/// The libraries of all tenants that this process serves.
#[derive(Debug)]
pub struct Libraries {
    sounds: Arc<Sounds>,
    data: PathBuf,
    open: Mutex<HashMap<TenantId, Arc<Library>>>,
}

impl Libraries {
    /// None yet. `data` is the data directory.
    pub fn new(sounds: Arc<Sounds>, data: &Path) -> Libraries {
        Libraries { sounds, data: data.to_owned(), open: Mutex::default() }
    }

    /// What all of them share.
    pub fn sounds(&self) -> Arc<Sounds> {
        Arc::clone(&self.sounds)
    }

    /// The library of a tenant; with the shipped prompts alone until [`Libraries::reload_all`].
    pub fn of(&self, tenant: TenantId) -> Arc<Library> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Library::new(Arc::clone(&self.sounds), &self.data));
        Arc::clone(open.entry(tenant).or_insert_with(new))
    }

    /// Reads what is current now, of all tenants: at the start, and when the database says that lines have
    /// changed, whichever process did it. Gives where something else is heard now.
    pub async fn reload_all(&self, db: &Db) -> Result<Vec<(TenantId, Place)>, Error> {
        let mut current = prompt::store::current_of_all(db).await?;
        let known: Vec<TenantId> = self.open.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        for tenant in known {
            current.entry(tenant).or_default();
        }
        let mut changed = Vec::new();
        for (tenant, versions) in current {
            changed.extend(self.of(tenant).take(versions).await.into_iter().map(|place| (tenant, place)));
        }
        let mut names = contact::store::names_of_all(db).await?;
        let open: Vec<TenantId> = self.open.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        for tenant in open {
            names.entry(tenant).or_default();
        }
        for (tenant, names) in names {
            self.of(tenant).take_names(names).await;
        }
        Ok(changed)
    }
}

/// Removes the files of versions whose time is up, and files that a crash left without a row.
pub async fn tidy(db: &Db, data: &Path, old: std::time::SystemTime) -> Result<(), Error> {
    let folder = data.join(FOLDER);
    let due = prompt::store::purge_due(db).await?;
    if !due.is_empty() {
        let (ids, names): (Vec<PromptVersionId>, Vec<String>) = due.into_iter().unzip();
        // Files first: a row without a file is tried again, a file without a row would stay for ever.
        super::files::remove(&folder, &names);
        let mut tx = db.write().await?;
        prompt::store::purged(&mut tx, &ids).await?;
        tx.commit().await?;
    }
    for name in strays(&folder, old) {
        let id = name.split('.').next().and_then(|id| id.parse::<PromptVersionId>().ok());
        let Some(id) = id else { continue };
        if !prompt::store::has_row(db, id).await? || name.ends_with(".part") {
            super::files::remove(&folder, &[name]);
        }
    }
    Ok(())
}

/// Files that were last written before `old`.
pub(super) fn strays(folder: &Path, old: std::time::SystemTime) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let old = entries.filter(|entry| entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at < old));
    old.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
