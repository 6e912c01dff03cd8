//! The database: one SQL text for SQLite (the default) and PostgreSQL.
//!
//! * [`Db::read`] gives connections that read; [`Db::write`] opens a [`Tx`]. SQLite has one writer
//!   connection, so that writers queue here in order and never meet `SQLITE_BUSY`.
//! * A [`Tx`] collects what it changed and publishes it at its commit: who hears of a change finds it.
//! * Times are bound as milliseconds UTC, never taken from the database; ids are UUIDv7 text.
//! * A transaction that is dropped is rolled back.

mod error;
mod migrate;
mod open;
mod row;
mod told;

use std::sync::Arc;

use sqlx::{Any, AnyConnection, AnyPool};
use tokio::sync::{broadcast, watch};

use crate::ids::TenantId;

pub use error::{Error, OpenError};
pub(crate) use row::Fields;
use told::Told;
pub use told::{Missed, Place};

/// Which database stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of our own.
    Sqlite,
    /// A server.
    Postgres,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A message of [`crate::message`].
    Message,
    /// A call of [`crate::calllog`].
    Call,
    /// A prompt of [`crate::prompt`]; its id is the place, `de/greeting`.
    Prompt,
    /// The plan of [`crate::revision`]; its id is the revision.
    Plan,
    /// An override of [`crate::opening`].
    Opening,
    /// A contact of [`crate::contact`]; without an id: several.
    Contact,
    /// A callback of `crate::callback`.
    Callback,
    /// Seats of a calendar of `crate::seat`; its id is the calendar's name.
    Seat,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It can be seen for the first time, or again.
    Created,
    /// It is different.
    Changed,
    /// It can no longer be seen.
    Deleted,
}

/// Something that a tenant can see has changed, and is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number in this process, from 1: given when it is told.
    pub seq: u64,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub noun: Noun,
    /// Which.
    pub id: String,
    /// How.
    pub kind: ChangeKind,
}

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    writer: AnyPool,
    reader: AnyPool,
    changes: Told,
    /// Raised at each commit of this process after [`Tx::lines_changed`].
    lines: watch::Sender<u64>,
    /// Raised at each commit of this process after [`Tx::jobs_added`].
    jobs: watch::Sender<u64>,
}

impl Db {
    /// Opens a database, makes it where it is missing, and brings it to this program's schema.
    ///
    /// `at` is a path of an SQLite file (or `sqlite:PATH`), or `postgres://…`.
    pub async fn open(at: &str) -> Result<Db, OpenError> {
        open::open(at).await
    }

    fn new(engine: Engine, writer: AnyPool, reader: AnyPool) -> Db {
        let (lines, jobs) = (watch::channel(0).0, watch::channel(0).0);
        Db(Arc::new(Inner { engine, writer, reader, changes: Told::new(), lines, jobs }))
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// Opens a transaction on the writer; waits for its turn (`Busy` after some seconds).
    pub async fn write(&self) -> Result<Tx, Error> {
        let inner = match self.0.engine {
            // A transaction that reads first and writes then cannot be upgraded when another has
            // written in between; IMMEDIATE takes the write lock at once.
            Engine::Sqlite => match self.0.writer.begin_with("BEGIN IMMEDIATE").await {
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    self.discard_writer().await?;
                    self.0.writer.begin_with("BEGIN IMMEDIATE").await?
                }
                begun => begun?,
            },
            Engine::Postgres => self.0.writer.begin().await?,
        };
        Ok(Tx { inner, changes: Vec::new(), lines: false, jobs: false, db: Arc::clone(&self.0) })
    }

    /// A full disk or a failing one makes SQLite roll back by itself, and the connection then counts a
    /// transaction that is no more: it would refuse every other one for ever. It is closed, and the
    /// pool opens a new one.
    async fn discard_writer(&self) -> Result<(), Error> {
        tracing::warn!("the writer's connection to the database is opened anew");
        Ok(self.0.writer.acquire().await?.close().await?)
    }

    /// Where reading statements go.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.0.reader
    }

    /// Everything that is committed from now on, of all tenants: the listener filters.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// The same, with what was told since a place.
    pub fn changes_since(&self, place: Place) -> Missed {
        self.0.changes.since(place)
    }

    /// Where a listener is who has heard the change of this number.
    pub fn place(&self, seq: u64) -> Place {
        self.0.changes.place(seq)
    }

    /// Tells of a change that another process has committed, as if it had been made here.
    pub fn announce(&self, change: Change) {
        self.0.changes.tell(change);
    }

    /// How often what lines depend on was changed, by any process. One small row.
    pub async fn line_changes(&self) -> Result<i64, Error> {
        sqlx::query("SELECT seq FROM line_change").fetch_one(self.read()).await?.number("seq")
    }

    /// Wakes who waits when this process has changed what lines depend on; others' changes are seen by
    /// [`Db::line_changes`].
    pub fn lines_watch(&self) -> watch::Receiver<u64> {
        self.0.lines.subscribe()
    }

    /// Wakes who waits when this process has put work into the queue; others' is seen by asking.
    pub fn jobs_watch(&self) -> watch::Receiver<u64> {
        self.0.jobs.subscribe()
    }

    /// Asks the database for a sign of life: a read and, without changing anything, the writer.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT COUNT(*) FROM tenant").fetch_one(self.read()).await?;
        self.write().await?.inner.rollback().await?;
        Ok(())
    }

    /// Closes all connections after their work; SQLite folds its log into the file.
    pub async fn close(&self) {
        self.0.reader.close().await;
        self.0.writer.close().await;
    }
}

/// A transaction on the writer. Dropped without [`Tx::commit`], it never was.
#[derive(Debug)]
pub struct Tx {
    inner: sqlx::Transaction<'static, Any>,
    changes: Vec<Change>,
    lines: bool,
    jobs: bool,
    db: Arc<Inner>,
}

/// A point in a transaction to go back to: how many changes had been collected.
#[derive(Debug)]
#[must_use = "a mark is kept or undone"]
pub struct Mark {
    changes: usize,
    lines: bool,
}

impl Tx {
    /// Makes it durable, then tells the listeners of [`Db::changes`].
    ///
    /// It is done to its end also where the caller stops waiting, as a request does whose browser went
    /// away: a change that is committed and not told would be missed by all pages.
    pub async fn commit(self) -> Result<(), Error> {
        let Tx { inner, changes, lines, jobs, db } = self;
        let done = tokio::spawn(async move {
            inner.commit().await?;
            for change in changes {
                db.changes.tell(change);
            }
            if lines {
                db.lines.send_modify(|seq| *seq += 1);
            }
            if jobs {
                db.jobs.send_modify(|seq| *seq += 1);
            }
            Ok(())
        });
        done.await.unwrap_or_else(|_| Err(Error::Gone("the program is ending".to_owned())))
    }

    /// Marks this point, so that one of many works in a transaction can fail alone.
    pub async fn mark(&mut self) -> Result<Mark, Error> {
        sqlx::query("SAVEPOINT mark").execute(&mut *self.inner).await?;
        Ok(Mark { changes: self.changes.len(), lines: self.lines })
    }

    /// Keeps what was done since the mark.
    pub async fn keep_mark(&mut self, _mark: Mark) -> Result<(), Error> {
        sqlx::query("RELEASE SAVEPOINT mark").execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Undoes what was done since the mark, also where a statement has failed.
    pub async fn undo_mark(&mut self, mark: Mark) -> Result<(), Error> {
        sqlx::query("ROLLBACK TO SAVEPOINT mark").execute(&mut *self.inner).await?;
        sqlx::query("RELEASE SAVEPOINT mark").execute(&mut *self.inner).await?;
        self.changes.truncate(mark.changes);
        self.lines = mark.lines;
        Ok(())
    }

    /// Nobody else writes while this transaction lasts: SQLite has one writer. On PostgreSQL those who must come one
    /// after the other take a row first.
    pub(crate) fn is_alone(&self) -> bool {
        self.db.engine == Engine::Sqlite
    }

    /// Where statements go.
    pub(crate) fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// To be called by every write on which lines depend: plans, overrides, prompts, numbers, tenants,
    /// contacts. Every process reads its lines again within a second of the commit.
    ///
    /// Called before the rest of a transaction, it also makes such writers take turns on PostgreSQL.
    pub(crate) async fn lines_changed(&mut self) -> Result<(), Error> {
        if !self.lines {
            sqlx::query("UPDATE line_change SET seq = seq + 1").execute(&mut *self.inner).await?;
            self.lines = true;
        }
        Ok(())
    }

    /// To be called by every write that puts work into the queue: this process looks at once after the commit.
    pub(crate) fn jobs_added(&mut self) {
        self.jobs = true;
    }

    /// Remembers a change; the same change twice is told once, a change of what is new is not told.
    pub(crate) fn changed(&mut self, tenant: TenantId, noun: Noun, id: impl ToString, kind: ChangeKind) {
        let id = id.to_string();
        let last = self.changes.iter().rev().find(|c| c.noun == noun && c.id == id).map(|c| c.kind);
        let told = last == Some(kind) || (last == Some(ChangeKind::Created) && kind == ChangeKind::Changed);
        if !told {
            self.changes.push(Change { seq: 0, tenant, noun, id, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a full disk does to a transaction, by the same error: no more pages.
    #[tokio::test]
    async fn a_full_disk_does_not_end_writing_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("full.db").display().to_string()).await.unwrap();
        let limit = |pages: u32| sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
        let fill = "INSERT INTO tenant (id, name, language, timezone, created_at) VALUES ($1, $2, 'de', 'UTC', 0)";
        for _ in 0..3 {
            let mut tx = db.write().await.unwrap();
            limit(1).execute(tx.conn()).await.unwrap();
            let long = "x".repeat(1 << 20);
            let failed = sqlx::query(fill).bind("a").bind(long).execute(tx.conn()).await.map_err(Error::from);
            assert!(matches!(failed, Err(Error::Full(_))), "{failed:?}");
        }
        limit(1_000_000).execute(&db.0.writer).await.unwrap();
        let mut tx = db.write().await.unwrap();
        sqlx::query(fill).bind("b").bind("short").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        let rows = sqlx::query("SELECT id FROM tenant").fetch_all(db.read()).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}
