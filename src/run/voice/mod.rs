//! Sentences that are only known during a call, as sound: made once, and kept.
//!
//! [`Voice::ready`] gives what is there, at once; [`Voice::speak`] orders what is not, and says when it is
//! there. Neither waits. An order is looked for in the file cache, then an English sentence is joined from
//! recordings where all of it is recorded ([`english`]), and everything else is spoken by a child process
//! ([`super::pico`]). Nothing here ends a call: what cannot be spoken is `None`, a line of the log and a
//! count of `nightdesk_speech_total`.

pub mod english;
mod files;
mod memory;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, mpsc};

use super::pico;
use super::worker::{Task, Worker, WorkerError};
use crate::ids::Language;
use crate::media::Clip;
use crate::media::level::RATE_HZ;
use crate::speech;
use english::Fragments;
use files::Files;
use memory::Memory;

/// Sentences that wait to be made; more are refused.
const QUEUE_MAX: usize = 64;
/// Who waits for one sentence.
const WAITERS_MAX: usize = 1000;
/// Sentences that are made at the same time.
const MAKERS: usize = 2;
/// Letters of a clip's name.
const NAME_MAX: usize = 80;

/// What a sentence is kept under: SHA-256 of voice, language and words.
type Key = [u8; 32];
/// Somebody who waits for a sentence.
type Done = Box<dyn FnOnce(Option<Arc<Clip>>) + Send>;

/// Speaks. Cheap to clone; what was ordered is made as long as one of them is left.
#[derive(Clone)]
pub struct Voice {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Order>,
}

struct Shared {
    state: Mutex<State>,
    files: Files,
    fragments: Fragments,
    worker: Worker,
    voices: PathBuf,
}

#[derive(Default)]
struct State {
    memory: Memory,
    waiting: HashMap<Key, Vec<Done>>,
}

/// A sentence to be made. Dropped, it tells all who wait what became of it: also where the work
/// panicked or the program stops.
struct Order {
    shared: Arc<Shared>,
    key: Key,
    language: Language,
    words: String,
    made: Option<Arc<Clip>>,
}

/// Where the voices and kept sentences are in a data directory.
pub fn folder(data: &Path) -> PathBuf {
    data.join("speech")
}

impl Voice {
    /// Keeps its files in `folder` (see [`folder`]), and speaks by children of `worker`. In a runtime of
    /// tokio. Without a folder that can be written it speaks all the same, as long as the voices were there.
    pub fn start(folder: &Path, worker: Worker) -> Voice {
        let voices = folder.join("voices");
        if let Err(error) = pico::install(&voices) {
            tracing::error!(folder = %voices.display(), %error, "the voices cannot be written: sentences stay unsaid");
        }
        // The child's working directory is another.
        let voices = std::path::absolute(&voices).unwrap_or(voices);
        let (files, fragments) = (Files::open(folder), Fragments::shipped());
        let state = Mutex::default();
        let shared = Arc::new(Shared { state, files, fragments, worker, voices });
        let (queue, orders) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(serve(orders));
        Voice { shared, queue }
    }

    /// The sentence, where it is made already and in memory. `words` as `speech` makes them.
    pub fn ready(&self, language: Language, words: &str) -> Option<Arc<Clip>> {
        let key = self.shared.key(language, words);
        self.shared.state().memory.get(&key)
    }

    /// Orders a sentence, and calls `done` with it when it can be played: on another thread, or before
    /// this returns where it is known at once. `None` where it cannot be spoken.
    pub fn speak(&self, language: Language, words: &str, done: impl FnOnce(Option<Arc<Clip>>) + Send + 'static) {
        let done: Done = Box::new(done);
        if words.chars().count() > pico::TEXT_MAX || !speech::is_spoken(words, language) {
            count("refused");
            tracing::warn!(%language, letters = words.len(), "a text that is not made of words is not spoken");
            return done(None);
        }
        let key = self.shared.key(language, words);
        let mut state = self.shared.state();
        if let Some(clip) = state.memory.get(&key) {
            drop(state);
            return done(Some(clip));
        }
        match state.waiting.entry(key) {
            Entry::Occupied(waiting) if waiting.get().len() >= WAITERS_MAX => {
                drop(state);
                count("busy");
                return done(None);
            }
            // Somebody ordered it already.
            Entry::Occupied(mut waiting) => return waiting.get_mut().push(done),
            Entry::Vacant(waiting) => waiting.insert(vec![done]),
        };
        // An order that does not fit is dropped by `try_send`, which wants the state.
        drop(state);
        let shared = Arc::clone(&self.shared);
        let order = Order { shared, key, language, words: words.to_owned(), made: None };
        if self.queue.try_send(order).is_err() {
            count("busy");
            tracing::warn!("too many sentences wait to be spoken: one stays unsaid");
        }
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voice").finish_non_exhaustive()
    }
}

impl Shared {
    /// A panic elsewhere leaves a cache that is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, language: Language, words: &str) -> Key {
        let recorded = match language {
            Language::De => "",
            Language::En => self.fragments.version(),
        };
        let made_by = [pico::version(language), recorded, language.as_str(), words];
        Sha256::digest(made_by.join("\n")).into()
    }
}

/// Makes what is ordered, so many at a time, until no [`Voice`] is left.
async fn serve(mut orders: mpsc::Receiver<Order>) {
    let makers = Arc::new(Semaphore::new(MAKERS));
    while let Some(order) = orders.recv().await {
        let Ok(maker) = Arc::clone(&makers).acquire_owned().await else { return };
        tokio::spawn(async move {
            carry_out(order).await;
            drop(maker);
        });
    }
}

async fn carry_out(mut order: Order) {
    let (shared, key) = (Arc::clone(&order.shared), order.key);
    let kept = {
        let (shared, name) = (Arc::clone(&shared), order.name());
        blocking(move || shared.files.read(&key).map(|pcm| clip(&name, &pcm))).await
    };
    if kept.is_some() {
        count("kept");
        order.made = kept;
        return;
    }
    let pcm = match made(&order).await {
        Ok(pcm) => Arc::new(pcm),
        Err(error) => {
            count("failed");
            // Not the words: they can be names and numbers of people.
            tracing::warn!(language = %order.language, letters = order.words.len(), %error, "a sentence stays unsaid");
            return;
        }
    };
    count("made");
    let (name, samples) = (order.name(), Arc::clone(&pcm));
    order.made = blocking(move || Some(clip(&name, &samples))).await;
    // Told before it is written: a call waits, the disk does not.
    drop(order);
    let written = move || {
        shared.files.write(&key, &pcm);
        Some(())
    };
    blocking(written).await;
}

/// The sound of a sentence, from recordings or from a child.
async fn made(order: &Order) -> Result<Vec<i16>, WorkerError> {
    if order.language == Language::En {
        let (shared, words) = (Arc::clone(&order.shared), order.words.clone());
        if let Some(pcm) = blocking(move || shared.fragments.joined(&words)).await {
            return Ok(pcm);
        }
    }
    let asked = pico::asked(order.language, &order.shared.voices, &order.words);
    order.shared.worker.run(Task::Speak, asked).await.map(|bytes| pico::answered(&bytes))
}

/// On a thread that may wait; none also where it panicked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok().flatten()
}

fn clip(name: &str, pcm: &[i16]) -> Arc<Clip> {
    Arc::new(Clip::from_pcm(name, RATE_HZ, pcm))
}

impl Order {
    /// What a call's history calls it: how it begins.
    fn name(&self) -> String {
        self.words.chars().take(NAME_MAX).collect()
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.shared.state();
            if let Some(clip) = &self.made {
                state.memory.put(self.key, clip);
            }
            state.waiting.remove(&self.key).unwrap_or_default()
        };
        for done in waiting {
            done(self.made.clone());
        }
    }
}

fn count(result: &'static str) {
    metrics::counter!("nightdesk_speech_total", "result" => result).increment(1);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
