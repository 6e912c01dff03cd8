//! Recorded names of contacts, ready in memory: read when they change, never while somebody rings.
//!
//! How much it can be is limited where a name is confirmed ([`contact::NAMES_MS_MAX`]). What cannot be read is left
//! out: the call begins without it.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::files::hex;
use crate::clock::Utc;
use crate::contact::{self, NAME_SECONDS_MAX, NAMES, NameClip, name_file};
use crate::db::{Db, Error};
use crate::ids::NameClipId;
use crate::media::Clip;

/// As calls' timelines name all of them: whose it is stands elsewhere.
const CLIP: &str = "name";
/// Bytes of a file that are read: the longest, with its silence and its header.
const FILE_BYTES_MAX: u64 = 32_000 * (NAME_SECONDS_MAX as u64 + 2);

/// Those of one tenant.
pub(super) type Names = HashMap<NameClipId, Arc<Clip>>;

/// Reads those of `current` that `before` has not. Gives none where all are as they were.
pub(super) fn load(data: &Path, before: &Names, current: &[NameClip]) -> Option<Names> {
    if before.len() == current.len() && current.iter().all(|clip| before.contains_key(&clip.id)) {
        return None;
    }
    let mut names = Names::new();
    for clip in current {
        match before.get(&clip.id).map(Arc::clone).map_or_else(|| read(data, clip), Ok) {
            Ok(ready) => {
                names.insert(clip.id, ready);
            }
            Err(error) => {
                let clip = clip.id;
                tracing::error!(%clip, %error, "a recorded name cannot be read and is not said: record it again");
            }
        }
    }
    Some(names)
}

fn read(data: &Path, clip: &NameClip) -> anyhow::Result<Arc<Clip>> {
    let mut wav = Vec::new();
    let file = data.join(NAMES).join(name_file(clip.id));
    std::fs::File::open(file)?.take(FILE_BYTES_MAX).read_to_end(&mut wav)?;
    anyhow::ensure!(hex(&Sha256::digest(&wav)) == clip.sha256, "its file is not the one that was kept");
    Ok(Arc::new(Clip::from_wav(CLIP, &wav)?))
}

/// Removes the files of recordings that nobody has any more, and files that a crash left without a row.
pub async fn tidy(db: &Db, data: &Path, now: Utc, old: std::time::SystemTime) -> Result<(), Error> {
    let folder = data.join(NAMES);
    let due = contact::store::names_due(db, now).await?;
    if !due.is_empty() {
        let (ids, names): (Vec<NameClipId>, Vec<String>) = due.into_iter().unzip();
        // Files first: a row without a file is tried again, a file without a row would stay for ever.
        super::files::remove(&folder, &names);
        let mut tx = db.write().await?;
        contact::store::names_purged(&mut tx, &ids).await?;
        tx.commit().await?;
    }
    for name in super::prompts::strays(&folder, old) {
        let id = name.split('.').next().and_then(|id| id.parse::<NameClipId>().ok());
        let Some(id) = id else { continue };
        if !contact::store::has_name(db, id).await? || name.ends_with(".part") {
            super::files::remove(&folder, &[name]);
        }
    }
    Ok(())
}
