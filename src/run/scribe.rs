//! The task that writes rows for calls: what comes within some milliseconds goes into one transaction
//! of few statements, so that the disk is synced once for many calls. Calls never wait for it; where its word matters to the caller (the row
//! before the beep, "saved") an answer comes back after the commit.
//!
//! While the database cannot be written, rows wait here in order and are tried again; new messages are
//! refused, so that the caller hears the truth.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::mpsc;

use super::disk::Disk;
use super::files::{Heard, Recordings};
use super::lines::ServedLine;
use super::rows;
use crate::call::{Finish, Note, StoreAction, StoreEvent};
use crate::calllog;
use crate::clock::Utc;
use crate::db::{Db, Error};
use crate::ids::{CallId, LegId, dialled};
use crate::plan::Plan;
use crate::sip::Invite;
use crate::tenant::Tenant;

/// Most that goes into one transaction: some 400 calls. A slow disk takes as long for one as for all.
const BATCH: usize = 4096;
/// Rows that wait while the database is away: some 5,000 calls. Timeline notes go first.
const WAITING_MAX: usize = 50_000;
/// New calls are refused above this.
const BEHIND: usize = 20_000;
const RETRY: Duration = Duration::from_secs(1);
/// After the first word others are waited for: a transaction and its sync cost the same for one row as
/// for a hundred, and nobody hears 20 ms before "gespeichert".
const GATHER: Duration = Duration::from_millis(20);

/// What is to be written.
#[derive(Debug)]
pub enum ToScribe {
    /// A call came in.
    Begin {
        /// Its leg.
        leg: LegId,
        /// Whose it is.
        tenant: Tenant,
        /// Its row.
        call: Box<calllog::Call>,
        /// What it follows.
        plan: Plan,
        /// The caller is not wanted.
        blocked: bool,
    },
    /// For its timeline.
    Note {
        /// Of which call.
        leg: LegId,
        /// What.
        note: Note,
    },
    /// What the call asks.
    Store {
        /// Which call.
        leg: LegId,
        /// What.
        action: StoreAction,
    },
    /// A take's file is finished.
    Finished {
        /// Which call.
        leg: LegId,
        /// As it was asked.
        finish: Finish,
        /// What the recorder made of it.
        result: std::io::Result<Option<Heard>>,
    },
}

impl ToScribe {
    /// The row of an incoming call.
    pub fn begin(leg: LegId, id: CallId, served: &ServedLine, invite: &Invite, at: Utc) -> ToScribe {
        let caller = Some(dialled(invite.caller())).filter(|caller| !invite.anonymous && !caller.is_empty());
        let call = calllog::Call {
            id,
            caller,
            caller_name: if invite.anonymous { String::new() } else { invite.from_name.clone() },
            called: dialled(&invite.request_user),
            started_at: at,
            answered_at: None,
            ended_at: None,
            outcome: None,
        };
        let blocked = call.caller.as_deref().and_then(|caller| served.contacts.of(caller)).is_some_and(|of| of.blocked);
        let plan = served.line.setting.plan.clone();
        ToScribe::Begin { leg, tenant: served.tenant.clone(), call: Box::new(call), plan, blocked }
    }
}

/// Who is told what became of it: must not wait.
pub type Listener = Arc<dyn Fn(LegId, StoreEvent) + Send + Sync>;

/// The scribe, from outside.
#[derive(Clone, Debug)]
pub struct Handle {
    inbox: mpsc::UnboundedSender<ToScribe>,
    waiting: Arc<AtomicUsize>,
    /// Works that the database did not take yet.
    queued: Arc<AtomicUsize>,
}

impl Handle {
    /// Hands it over.
    pub fn send(&self, what: ToScribe) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.inbox.send(what);
    }

    /// So much waits that new calls are refused.
    pub fn is_behind(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) + self.queued.load(Ordering::Relaxed) > BEHIND
    }
}

/// What a scribe works with.
pub struct Scribe {
    /// The database.
    pub db: Db,
    /// The recordings.
    pub recordings: Recordings,
    /// Their disk.
    pub disk: Arc<Disk>,
    /// Who is told.
    pub listener: Listener,
}

/// One call that is being written about.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub tenant: Tenant,
    pub call: calllog::Call,
    pub plan: Plan,
    /// The caller is not wanted: a call without a message is nobody's business.
    pub blocked: bool,
}

/// One thing to write, with all it needs.
#[derive(Debug)]
pub(super) struct Work {
    pub leg: LegId,
    pub context: Arc<Context>,
    pub what: What,
}

/// What is written.
#[derive(Debug)]
pub(super) enum What {
    Begin,
    Notes(Vec<Note>),
    Store(StoreAction),
    Finished(Finish, Result<Option<Heard>, std::io::ErrorKind>),
}

/// Starts it on the runtime. It ends when all handles are gone and all is written.
pub fn start(scribe: Scribe) -> (Handle, tokio::task::JoinHandle<()>) {
    let (inbox, mail) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let queued = Arc::new(AtomicUsize::new(0));
    let handle = Handle { inbox, waiting: Arc::clone(&waiting), queued: Arc::clone(&queued) };
    let writer = Writer { scribe, mail, waiting, queued, calls: FxHashMap::default(), queue: VecDeque::new() };
    (handle, tokio::spawn(writer.run()))
}

struct Writer {
    scribe: Scribe,
    mail: mpsc::UnboundedReceiver<ToScribe>,
    waiting: Arc<AtomicUsize>,
    queued: Arc<AtomicUsize>,
    calls: FxHashMap<LegId, Arc<Context>>,
    queue: VecDeque<Work>,
}

impl Writer {
    async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let got = if self.queue.is_empty() {
                self.mail.recv_many(&mut batch, BATCH).await
            } else {
                // The database was away: new words queue up behind the old ones meanwhile.
                tokio::time::timeout(RETRY, self.mail.recv_many(&mut batch, BATCH)).await.unwrap_or(usize::MAX)
            };
            if got == 0 {
                self.write().await;
                return;
            }
            if batch.len() < BATCH {
                tokio::time::sleep(GATHER).await;
            }
            while batch.len() < BATCH
                && let Ok(what) = self.mail.try_recv()
            {
                batch.push(what);
            }
            self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
            let away = !self.queue.is_empty();
            for what in batch.drain(..) {
                self.queue(what, away);
            }
            self.write().await;
            self.queued.store(self.queue.len(), Ordering::Relaxed);
        }
    }

    fn queue(&mut self, what: ToScribe, away: bool) {
        let (leg, what) = match what {
            ToScribe::Begin { leg, tenant, call, plan, blocked } => {
                self.calls.insert(leg, Arc::new(Context { tenant, call: *call, plan, blocked }));
                (leg, What::Begin)
            }
            ToScribe::Note { leg, note } => return self.queue_note(leg, note),
            ToScribe::Store { leg, action: StoreAction::Load { message } } => return self.load(leg, message),
            ToScribe::Store { leg, action: StoreAction::Prepare { take, .. } }
                if away || !self.scribe.disk.has_room() =>
            {
                tracing::error!("a message is refused: no room on the disk, or the database is away");
                (self.scribe.listener)(leg, StoreEvent::Refused(take));
                return;
            }
            ToScribe::Store { leg, action } => (leg, What::Store(action)),
            ToScribe::Finished { leg, finish, result } => {
                (leg, What::Finished(finish, result.map_err(|error| error.kind())))
            }
        };
        let over = matches!(what, What::Store(StoreAction::End { .. }));
        let context = if over { self.calls.remove(&leg) } else { self.calls.get(&leg).cloned() };
        self.queue.extend(context.map(|context| Work { leg, context, what }));
    }

    /// Notes of one call that follow each other become one statement.
    fn queue_note(&mut self, leg: LegId, note: Note) {
        if let Some(Work { what: What::Notes(notes), .. }) = self.queue.iter_mut().rev().take(64).find(|w| w.leg == leg)
        {
            notes.push(note);
        } else if let Some(context) = self.calls.get(&leg).cloned()
            && self.queue.len() < WAITING_MAX
        {
            self.queue.push_back(Work { leg, context, what: What::Notes(vec![note]) });
        }
    }

    fn load(&self, leg: LegId, message: crate::ids::MessageId) {
        let (recordings, listener) = (self.scribe.recordings.clone(), Arc::clone(&self.scribe.listener));
        tokio::task::spawn_blocking(move || {
            listener(leg, StoreEvent::Loaded(recordings.clip(message).map(Arc::new)));
        });
    }

    /// Everything in one transaction; where that fails, one by one, so that one bad row costs itself only.
    async fn write(&mut self) {
        if self.queue.is_empty() {
            return;
        }
        match self.write_all().await {
            Ok(answers) => {
                self.queue.clear();
                self.answer(answers);
            }
            Err(error) => {
                tracing::warn!(%error, waiting = self.queue.len(), "rows are written one by one");
                self.write_each().await;
            }
        }
    }

    async fn write_all(&mut self) -> Result<Vec<(LegId, StoreEvent)>, Error> {
        let mut tx = self.scribe.db.write().await?;
        let answers = rows::write(&mut tx, self.queue.iter()).await?;
        tx.commit().await?;
        Ok(answers)
    }

    async fn write_each(&mut self) {
        while let Some(work) = self.queue.front() {
            let mut written = write_one(&self.scribe.db, work).await;
            if matches!(written, Err(Error::Full(_))) && self.scribe.disk.give_up_reserve() {
                written = write_one(&self.scribe.db, work).await;
            }
            match written {
                Ok(answers) => {
                    self.queue.pop_front();
                    self.answer(answers);
                }
                Err(error @ (Error::Busy(_) | Error::Gone(_) | Error::Full(_) | Error::ReadOnly(_))) => {
                    tracing::error!(%error, waiting = self.queue.len(), "rows wait for the database");
                    self.refuse_waiting();
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, call = %work.context.call.id, "a row is lost");
                    let answer = rows::refused(work).map(|answer| (work.leg, answer));
                    self.queue.pop_front();
                    self.answer(answer);
                }
            }
        }
    }

    /// Callers are not kept waiting for a database that is away: they hear the truth now. What is
    /// already on disk is safe: its rows follow, or are made from the files at the next start.
    fn refuse_waiting(&mut self) {
        let answers: Vec<_> = self.queue.iter().filter_map(|work| Some((work.leg, rows::refused(work)?))).collect();
        self.queue.retain(|work| !matches!(work.what, What::Store(StoreAction::Prepare { .. })));
        self.answer(answers);
    }

    fn answer(&self, answers: impl IntoIterator<Item = (LegId, StoreEvent)>) {
        for (leg, answer) in answers {
            (self.scribe.listener)(leg, answer);
        }
    }
}

async fn write_one(db: &Db, work: &Work) -> Result<Vec<(LegId, StoreEvent)>, Error> {
    let mut tx = db.write().await?;
    let answers = rows::write(&mut tx, std::iter::once(work)).await?;
    tx.commit().await?;
    Ok(answers)
}
