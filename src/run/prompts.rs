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
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::files::hex;
use crate::call::Clips;
use crate::db::{Change, Db, Error, Noun};
use crate::ids::{Language, PromptVersionId, TenantId};
use crate::media::prompts::{Prompts, PromptsError};
use crate::media::{Clip, ClipError};
use crate::prompt::{self, FOLDER, SECONDS_MAX, Version};
use crate::tenant::Tenant;

/// Bytes of a version's file that are read: the longest, with its silence and its header.
const FILE_BYTES_MAX: u64 = 32_000 * (SECONDS_MAX as u64 + 2);

/// The prompts that ship, in each language.
#[derive(Debug)]
pub struct Shipped {
    german: Prompts,
    english: Prompts,
}

impl Shipped {
    /// Reads what is in the binary; nothing is encoded yet.
    pub fn read() -> Result<Arc<Shipped>, PromptsError> {
        let read = |language: Language| Prompts::shipped(language.as_str());
        Ok(Arc::new(Shipped { german: read(Language::De)?, english: read(Language::En)? }))
    }

    /// Those of a language.
    pub fn of(&self, language: Language) -> &Prompts {
        match language {
            Language::De => &self.german,
            Language::En => &self.english,
        }
    }
}

/// One own prompt, ready.
#[derive(Clone, Debug)]
struct Own {
    version: PromptVersionId,
    clip: Arc<Clip>,
}

type Owns = HashMap<Language, HashMap<String, Own>>;

/// The prompts of one tenant.
#[derive(Debug)]
pub struct Library {
    shipped: Arc<Shipped>,
    folder: PathBuf,
    own: ArcSwap<Owns>,
    /// One reading at a time: an older answer must not replace a newer one.
    reading: tokio::sync::Mutex<()>,
}

impl Library {
    /// With the shipped prompts alone until [`Library::reload`]. `data` is the data directory.
    pub fn new(shipped: Arc<Shipped>, data: &Path) -> Library {
        Library { shipped, folder: data.join(FOLDER), own: ArcSwap::default(), reading: tokio::sync::Mutex::new(()) }
    }

    /// Reads what is current now. Called after every change, whoever made it; only versions that are new
    /// are read from the disk.
    pub async fn reload(&self, db: &Db, tenant: &Tenant) -> Result<(), Error> {
        let _alone = self.reading.lock().await;
        let current = prompt::store::current_all(db, tenant).await?;
        let (before, folder) = (self.own.load_full(), self.folder.clone());
        let read = tokio::task::spawn_blocking(move || load(&folder, &before, &current)).await;
        // The reading is lost only when the program ends.
        if let Ok(own) = read {
            self.own.store(Arc::new(own));
        }
        Ok(())
    }

    /// The owner's current version, else the shipped prompt.
    pub fn clip(&self, language: Language, id: &str) -> Option<Arc<Clip>> {
        let own = self.own.load();
        let own = own.get(&language).and_then(|prompts| prompts.get(id)).map(|own| Arc::clone(&own.clip));
        own.or_else(|| self.shipped.of(language).clip(id))
    }

    /// As a line that speaks `language` asks for them.
    pub fn spoken_in(self: &Arc<Self>, language: Language) -> Arc<dyn Clips> {
        Arc::new(Spoken { library: Arc::clone(self), language })
    }
}

struct Spoken {
    library: Arc<Library>,
    language: Language,
}

impl Clips for Spoken {
    fn clip(&self, id: &str) -> Option<Arc<Clip>> {
        self.library.clip(self.language, id)
    }
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
                let ready = Own { version: version.id, clip };
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
    shipped: Arc<Shipped>,
    data: PathBuf,
    open: Mutex<HashMap<TenantId, (Tenant, Arc<Library>)>>,
}

impl Libraries {
    /// None yet. `data` is the data directory.
    pub fn new(shipped: Arc<Shipped>, data: &Path) -> Arc<Libraries> {
        Arc::new(Libraries { shipped, data: data.to_owned(), open: Mutex::default() })
    }

    /// Encodes what ships in a language, so that no call has to wait for it.
    pub fn encode(&self, language: Language) -> Result<(), PromptsError> {
        self.shipped.of(language).encode_all()
    }

    /// The library of a tenant, read at the first asking.
    pub async fn of(&self, db: &Db, tenant: &Tenant) -> Result<Arc<Library>, Error> {
        let known = self.known(tenant.id());
        if let Some((_, library)) = known {
            return Ok(library);
        }
        let library = Arc::new(Library::new(Arc::clone(&self.shipped), &self.data));
        // Known first, read then: what changes in between is told to it.
        let library = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&open.entry(tenant.id()).or_insert_with(|| (tenant.clone(), library)).1)
        };
        library.reload(db, tenant).await?;
        Ok(library)
    }

    /// Reads one tenant's prompts again, where it is served here.
    pub async fn reload(&self, db: &Db, tenant: TenantId) {
        if let Some((tenant, library)) = self.known(tenant)
            && let Err(error) = library.reload(db, &tenant).await
        {
            tracing::warn!(%error, tenant = tenant.name(), "changed prompts are read later");
        }
    }

    /// Reads all again: after a gap, or when another process has changed something.
    pub async fn reload_all(&self, db: &Db) {
        let all: Vec<TenantId> = self.open.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        for tenant in all {
            self.reload(db, tenant).await;
        }
    }

    /// Reads again what this process changes, until `stop`.
    pub async fn follow(self: Arc<Self>, db: Db, mut changes: Receiver<Change>, stop: CancellationToken) {
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = stop.cancelled() => return,
            };
            match change {
                Ok(change) if change.noun == Noun::Prompt => self.reload(&db, change.tenant).await,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.reload_all(&db).await,
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn known(&self, tenant: TenantId) -> Option<(Tenant, Arc<Library>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
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
fn strays(folder: &Path, old: std::time::SystemTime) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let old = entries.filter(|entry| entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at < old));
    old.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
