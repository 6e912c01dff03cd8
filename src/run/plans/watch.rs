//! Hears of changes in a directory.

use std::path::Path;

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// How often a directory is looked through that cannot be watched.
const POLL: std::time::Duration = std::time::Duration::from_secs(2);

/// Tells of each change until it is dropped. A directory that cannot be watched (some network file systems, no
/// watches left) is looked through.
pub(super) fn start(dir: &Path, tell: mpsc::Sender<()>) -> Option<Box<dyn Watcher + Send>> {
    let heard = {
        let tell = tell.clone();
        move |event: notify::Result<Event>| hear(&event, &tell)
    };
    let native = RecommendedWatcher::new(heard, Config::default()).and_then(|mut watcher| {
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    let error = match native {
        Ok(watcher) => return Some(Box::new(watcher)),
        Err(error) => error,
    };
    tracing::warn!(%error, dir = %dir.display(), "the directory of plans cannot be watched and is looked through");
    let config = Config::default().with_poll_interval(POLL);
    let mut watcher = PollWatcher::new(move |event: notify::Result<Event>| hear(&event, &tell), config).ok()?;
    watcher.watch(dir, RecursiveMode::NonRecursive).ok()?;
    Some(Box::new(watcher))
}

/// Our own reading is no change. One that waits already is enough.
fn hear(event: &notify::Result<Event>, tell: &mpsc::Sender<()>) {
    let read = matches!(event, Ok(Event { kind: EventKind::Access(_), .. }));
    if !read {
        let _ = tell.try_send(());
    }
}
