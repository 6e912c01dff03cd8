//! Owners' own prompts: rows on both engines, what is made of uploads, what callers hear of it.

mod desk;
mod hostile;
mod made;
mod outside;
mod rows;

use std::path::Path;
use std::sync::Arc;

use nightdesk::clock::System;
use nightdesk::db::Db;
use nightdesk::run::sounds::Sounds;
use nightdesk::run::studio::Studio;

use crate::support::Fresh;

/// A studio beside a fresh database, whose children are the program under test.
pub fn studio(fresh: &Fresh, clock: System) -> Studio {
    studio_on(fresh, clock, 0)
}

/// A recording as owners send it.
pub fn speech_file() -> Vec<u8> {
    made::wav(44_100, 2, 16, false, 66_150)
}

/// One that keeps so many bytes of the disk free.
pub fn studio_on(fresh: &Fresh, clock: System, disk_low: u64) -> Studio {
    let sounds = Arc::new(Sounds::open().unwrap());
    Studio::open(fresh.db.clone(), clock, fresh.dir.path(), disk_low, sounds, crate::worker::worker(2)).unwrap()
}

/// One beside any database.
pub fn studio_in(db: &Db, data: &Path) -> Studio {
    let sounds = Arc::new(Sounds::open().unwrap());
    Studio::open(db.clone(), System::new(), data, 0, sounds, crate::worker::worker(2)).unwrap()
}
