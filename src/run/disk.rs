//! Room on the disk: recordings are refused before it is full, and a reserve is given up so that the
//! number and the time of a caller can still be written when it is.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// Given up when the disk is full: room for some ten thousand rows.
const RESERVE_BYTES: u64 = 8 * 1024 * 1024;

/// The disk that holds the data.
#[derive(Debug)]
pub struct Disk {
    dir: PathBuf,
    low_water: u64,
    reserved: AtomicBool,
}

impl Disk {
    /// Watches the disk of `dir`; below `low_water` bytes no recording begins.
    pub fn watch(dir: &Path, low_water: u64) -> Disk {
        let disk = Disk { dir: dir.to_owned(), low_water, reserved: AtomicBool::new(false) };
        disk.restore_reserve();
        disk
    }

    /// A message of the longest kind still fits.
    pub fn has_room(&self) -> bool {
        self.free().is_none_or(|free| free >= self.low_water)
    }

    /// Frees the reserve. True if there was one: what failed for want of room may be tried again.
    pub fn give_up_reserve(&self) -> bool {
        let had = self.reserved.swap(false, Ordering::Relaxed);
        if had {
            let removed = fs::remove_file(self.reserve());
            tracing::error!(freed = removed.is_ok(), dir = %self.dir.display(), "the disk is full: free some room");
        }
        had
    }

    /// Sets the reserve aside again once there is room.
    pub fn restore_reserve(&self) {
        let roomy = self.free().is_none_or(|free| free >= self.low_water.saturating_add(RESERVE_BYTES));
        if roomy && !self.reserved.load(Ordering::Relaxed) {
            match set_aside(&self.reserve()) {
                Ok(()) => self.reserved.store(true, Ordering::Relaxed),
                Err(error) => tracing::warn!(%error, "no reserve can be set aside on the disk"),
            }
        }
    }

    fn free(&self) -> Option<u64> {
        free_bytes(&self.dir)
    }

    fn reserve(&self) -> PathBuf {
        self.dir.join("reserve")
    }
}

/// What is free on the disk of `dir`; none where it does not say.
pub fn free_bytes(dir: &Path) -> Option<u64> {
    let found = statvfs(dir).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

fn set_aside(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES)?;
    Ok(())
}
