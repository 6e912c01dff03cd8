//! Finding the database, and how its connections are set.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Connection, Executor};

use super::{Db, Engine, OpenError, migrate};

/// How long a transaction waits for its turn before it is told `Busy`.
const TURN_WAIT_MAX: Duration = Duration::from_secs(10);
/// Readers of one process.
const READERS: u32 = 4;
/// Writers of one process on a server; SQLite has one.
const WRITERS_POSTGRES: u32 = 4;

/// WAL: readers see the last commit while the writer writes. FULL: a commit is on the disk, also
/// after a power cut; WAL with NORMAL loses the last ones.
const SQLITE_WRITER: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 1000;";
const SQLITE_READER: &str = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";

pub(super) async fn open(at: &str) -> Result<Db, OpenError> {
    sqlx::any::install_default_drivers();
    if at.starts_with("postgres://") || at.starts_with("postgresql://") {
        return postgres(at).await;
    }
    let path = at.strip_prefix("sqlite:").map_or(at, |rest| rest.strip_prefix("//").unwrap_or(rest));
    if path.is_empty() || path.contains("://") {
        return Err(OpenError::Address(without_password(at)));
    }
    sqlite(Path::new(path)).await
}

async fn postgres(at: &str) -> Result<Db, OpenError> {
    let named = without_password(at);
    let database = |e: sqlx::Error| OpenError::Database { at: without_password(at), error: e.into() };
    proved(at, None).await.map_err(database)?;
    let writer =
        AnyPoolOptions::new().max_connections(WRITERS_POSTGRES).acquire_timeout(TURN_WAIT_MAX).connect(at).await;
    let writer = writer.map_err(database)?;
    migrate::run(Engine::Postgres, &writer, &named).await?;
    let reader = AnyPoolOptions::new().max_connections(READERS).acquire_timeout(TURN_WAIT_MAX).connect(at).await;
    Ok(Db::new(Engine::Postgres, writer, reader.map_err(database)?))
}

async fn sqlite(path: &Path) -> Result<Db, OpenError> {
    let path = std::path::absolute(path).map_err(|_| OpenError::Address(path.display().to_string()))?;
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    std::fs::create_dir_all(&folder)
        .map_err(|error| OpenError::Folder { folder: folder.display().to_string(), error })?;
    let at = path.display().to_string();
    let database = |e: sqlx::Error| OpenError::Database { at: path.display().to_string(), error: e.into() };

    let writer = sqlite_pool(&path, "rwc", 1, SQLITE_WRITER).await.map_err(database)?;
    migrate::run(Engine::Sqlite, &writer, &at).await?;
    let reader = sqlite_pool(&path, "rw", READERS, SQLITE_READER).await.map_err(database)?;
    Ok(Db::new(Engine::Sqlite, writer, reader))
}

async fn sqlite_pool(path: &Path, mode: &str, max: u32, pragmas: &'static str) -> Result<AnyPool, sqlx::Error> {
    let text = path.to_str().ok_or_else(|| sqlx::Error::Configuration("the path is not UTF-8".into()))?;
    let url = format!("sqlite://{}?mode={mode}", percent_encoded(text));
    proved(&url, Some(pragmas)).await?;
    AnyPoolOptions::new()
        .max_connections(max)
        .min_connections(1)
        .acquire_timeout(TURN_WAIT_MAX)
        // The connection is a file: it does not age, and its statements stay prepared.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            Box::pin(async move {
                conn.execute(sqlx::raw_sql(pragmas)).await?;
                Ok(())
            })
        })
        .connect(&url)
        .await
}

/// Connects once by hand: a pool tries again until its time is over and then says nothing but that.
async fn proved(url: &str, pragmas: Option<&'static str>) -> Result<(), sqlx::Error> {
    let mut conn = sqlx::AnyConnection::connect(url).await?;
    if let Some(pragmas) = pragmas {
        conn.execute(sqlx::raw_sql(pragmas)).await?;
    }
    conn.close().await
}

/// RFC 3986 §2.1, all but unreserved characters and `/`.
fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The address as it may be shown: what stands between `//user:` and `@` is left out, and the query too.
fn without_password(at: &str) -> String {
    let at = at.split('?').next().unwrap_or(at);
    let Some((scheme, rest)) = at.split_once("://") else { return at.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or("")),
        None => at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Fields;

    #[tokio::test]
    async fn a_commit_is_on_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path().join("x.db").to_str().unwrap()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        for (pragma, expected) in
            [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 10_000)]
        {
            let row = sqlx::query(pragma).fetch_one(tx.conn()).await.unwrap();
            let column = pragma.replace("PRAGMA busy_", "").replace("PRAGMA ", "");
            assert_eq!(row.number(&column).unwrap(), expected, "{pragma}");
        }
        let error = sqlx::query("DELETE FROM tenant").execute(db.read()).await.unwrap_err();
        assert!(error.to_string().contains("readonly"), "readers only read: {error}");
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://me:s3:c@ret@host/db?password=x"), "postgres://me@host/db");
        assert_eq!(without_password("postgres:///db?password=x"), "postgres:///db");
        assert_eq!(without_password("mysql://a:b@c/d"), "mysql://a@c/d");
    }

    #[test]
    fn paths_survive_the_address() {
        assert_eq!(percent_encoded("/tmp/ä ?#%/x.db"), "/tmp/%C3%A4%20%3F%23%25/x.db");
    }
}
