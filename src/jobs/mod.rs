//! Work that must survive: a row, written in the transaction of what caused it, done by any process.
//!
//! * **At least once.** A job is leased, carried out, and then done. A process that dies in between leaves a lease
//!   that ends, and the job is carried out again; who receives the same thing twice knows it by its key.
//! * **Once for each key.** What is enqueued under a key that is there already is the same work.
//! * **The newest of a topic.** A later job of a topic supersedes those that are still to be done, so that a
//!   cancellation is never followed by the invitation that had to wait.
//! * **Nothing is dropped in silence.** What was refused for good, or failed too often, is dead: it is shown
//!   (`nightdesk job list`) and can be tried again.
//!
//! A file per kind; [`crate::run::jobs`] carries them out.

pub mod mail;
pub mod smtp;
pub mod store;

use std::time::Duration;

use crate::clock::Utc;
use crate::ids::{JobId, TenantId};

/// How long a worker has for a job; it is another's after that.
pub const LEASE: Duration = Duration::from_secs(300);
/// A job that failed so often is dead: after three days and a half.
pub const ATTEMPTS_MAX: u32 = 14;
/// What was done is kept so long, and its key with it.
pub const DONE_KEPT: Duration = Duration::from_secs(14 * 86_400);
/// What is dead is kept so long.
pub const DEAD_KEPT: Duration = Duration::from_secs(90 * 86_400);

/// Wait after the first failure; doubled by each further one.
const BACKOFF_FIRST: Duration = Duration::from_secs(60);
const BACKOFF_MAX: Duration = Duration::from_secs(86_400);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$what])* $variant),+ }

        impl $name {
            /// All, in order.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// As rows spell it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($word => Ok($name::$variant),)+ _ => Err(UnknownWord) }
            }
        }
    };
}

/// A word of a row that this program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an unknown word")]
pub struct UnknownWord;

words!(
    /// What is to be done.
    Kind {
        /// Send a mail: [`mail`].
        Mail = "mail",
    }
);

words!(
    /// How far it is.
    State {
        /// Waits until it is due.
        Queued = "queued",
        /// Leased by a worker.
        Running = "running",
        /// Over.
        Done = "done",
        /// Failed for good: somebody looks at it.
        Dead = "dead",
        /// A newer one of its topic is done instead.
        Superseded = "superseded",
    }
);

/// What is put into the queue.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What is to be done.
    pub kind: Kind,
    /// What its kind needs, as JSON.
    pub payload: String,
    /// The same work has the same key.
    pub key: String,
    /// Of one topic only the newest is done.
    pub topic: Option<String>,
    /// Not before.
    pub due: Utc,
}

/// A job that this worker has until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to be done.
    pub kind: Kind,
    /// What its kind needs, as JSON.
    pub payload: String,
    /// The same work has the same key.
    pub key: String,
    /// Which try this is, from 1.
    pub attempts: u32,
    /// Who has it.
    worker: String,
}

/// A job as an operator sees it: without its payload, which names people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// As the row spells it: a newer program may know more kinds.
    pub kind: String,
    /// How far it is.
    pub state: State,
    /// The same work has the same key.
    pub key: String,
    /// When it was enqueued.
    pub created_at: Utc,
    /// When it is tried next.
    pub due_at: Utc,
    /// Tries so far.
    pub attempts: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// When it was over.
    pub done_at: Option<Utc>,
}

/// How carrying out a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// There is nothing to do any more; why.
    Moot(&'static str),
    /// It may go well later.
    Later(String),
    /// It will not, unless somebody changes something.
    Never(String),
}

/// How long to wait after so many tries; `spread` in 0..1 keeps those that failed together apart.
pub fn backoff(attempts: u32, spread: f64) -> Duration {
    let doubled = BACKOFF_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    doubled.min(BACKOFF_MAX).mul_f64(0.8 + 0.2 * spread.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_day_and_spread() {
        let minutes = |attempts| backoff(attempts, 1.0).as_secs() / 60;
        assert_eq!([1, 2, 3, 11, 12, 14].map(minutes), [1, 2, 4, 1024, 1440, 1440]);
        assert_eq!(backoff(1, 0.0), Duration::from_secs(48));
        assert_eq!(backoff(u32::MAX, 9.0), BACKOFF_MAX);
        let all: Duration = (1..ATTEMPTS_MAX).map(|attempts| backoff(attempts, 0.0)).sum();
        assert!(all > Duration::from_secs(2 * 86_400), "a server may be down for a weekend: {all:?}");
    }

    #[test]
    fn words_are_read_back() {
        assert!(State::ALL.iter().all(|state| state.as_str().parse() == Ok(*state)));
        assert!(Kind::ALL.iter().all(|kind| kind.as_str().parse() == Ok(*kind)));
        assert_eq!("x".parse::<Kind>(), Err(UnknownWord));
    }
}
