//! Carries out the queue: a few jobs at once, each by whoever leased it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::clock::{System, Utc};
use crate::db::{Db, Error};
use crate::jobs::smtp::Post;
use crate::jobs::{Kind, Leased, Outcome, State, store};

/// How often the queue is looked at: others' work is seen so late at most.
const POLL: Duration = Duration::from_secs(1);
/// Jobs at once.
const AT_ONCE: usize = 4;
/// How often figures for `/metrics` are taken, in polls.
const GAUGES: u32 = 15;
/// How long running jobs have at a stop; what is not done then is done again when its lease has ended.
const STOP_MAX: Duration = Duration::from_secs(10);

/// One of those who carry out the queue.
#[derive(Clone)]
pub struct Runner {
    db: Db,
    post: Option<Arc<Post>>,
    /// Names it in leases.
    worker: String,
}

impl Runner {
    /// Without a post it takes no mails.
    pub fn new(db: Db, post: Option<Post>) -> Runner {
        Runner { db, post: post.map(Arc::new), worker: format!("{:016x}", rand::random::<u64>()) }
    }

    /// Carries out the queue until `stop`, and then what it has begun.
    pub fn start(self, clock: System, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut running = JoinSet::new();
            let mut added = self.db.jobs_watch();
            let mut polls = 0;
            while !stop.is_cancelled() {
                if polls % GAUGES == 0 {
                    self.gauges().await;
                }
                polls += 1;
                self.begin(&mut running, clock).await;
                tokio::select! {
                    () = tokio::time::sleep(POLL) => {}
                    _ = added.changed() => {}
                    Some(_) = running.join_next() => {}
                    () = stop.cancelled() => {}
                }
            }
            let rest = async { while running.join_next().await.is_some() {} };
            if tokio::time::timeout(STOP_MAX, rest).await.is_err() {
                tracing::warn!("jobs did not end in time; they are carried out again when their leases have ended");
            }
        })
    }

    async fn begin(&self, running: &mut JoinSet<()>, clock: System) {
        let most = AT_ONCE.saturating_sub(running.len());
        match self.take(most, clock.now().utc).await {
            Ok(jobs) => {
                for job in jobs {
                    let runner = self.clone();
                    running.spawn(async move {
                        let outcome = runner.outcome(&job, clock.now().utc).await;
                        if let Err(error) = runner.finish(&job, &outcome, clock.now().utc).await {
                            tracing::warn!(%error, job = %job.id, "a job is carried out again when its lease has ended");
                        }
                    });
                }
            }
            Err(error) => tracing::warn!(%error, "the queue of jobs is looked at later"),
        }
    }

    /// Carries out what is due, one after the other; gives how many. What the loop does, without time passing.
    pub async fn round(&self, now: Utc) -> Result<usize, Error> {
        let jobs = self.take(AT_ONCE, now).await?;
        for job in &jobs {
            let outcome = self.outcome(job, now).await;
            self.finish(job, &outcome, now).await?;
        }
        Ok(jobs.len())
    }

    async fn take(&self, most: usize, now: Utc) -> Result<Vec<Leased>, Error> {
        let kinds: &[Kind] = if self.post.is_some() { &[Kind::Mail] } else { &[] };
        store::take(&self.db, &self.worker, kinds, u32::try_from(most).unwrap_or(0), now).await
    }

    async fn outcome(&self, job: &Leased, now: Utc) -> Outcome {
        match (job.kind, &self.post) {
            (Kind::Mail, Some(post)) => post.send(job, now).await,
            (Kind::Mail, None) => Outcome::Later("there is no mail server in the settings".to_owned()),
        }
    }

    async fn finish(&self, job: &Leased, outcome: &Outcome, now: Utc) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        let state = store::finish(&mut tx, job, outcome, rand::random(), now).await?;
        tx.commit().await?;
        let result = match state {
            Some(State::Done) => "done",
            Some(State::Dead) => "dead",
            Some(_) => "later",
            None => "lost",
        };
        metrics::counter!("nightdesk_jobs_total", "kind" => job.kind.as_str(), "result" => result).increment(1);
        match outcome {
            Outcome::Later(error) | Outcome::Never(error) if result == "dead" => {
                tracing::warn!(job = %job.id, %error, "a job has failed for good: nightdesk job list");
            }
            Outcome::Later(error) => tracing::info!(job = %job.id, %error, "a job is tried again later"),
            _ => {}
        }
        Ok(())
    }

    async fn gauges(&self) {
        let Ok((waiting, dead)) = store::counts(&self.db).await else { return };
        for (state, count) in [("waiting", waiting), ("dead", dead)] {
            metrics::gauge!("nightdesk_jobs", "state" => state)
                .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        }
    }
}
