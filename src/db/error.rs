//! What can go wrong with a database, sorted by who can do something about it.

use sqlx::error::{DatabaseError, ErrorKind};

/// Why a statement or a transaction failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others hold it. Trying again helps.
    #[error("the database is busy: {0}; try again")]
    Busy(String),
    /// It cannot be reached. Trying again helps when it is back.
    #[error("the database cannot be reached: {0}; check that it runs and that the address is right")]
    Gone(String),
    /// No room. Someone must make some.
    #[error("the disk of the database is full: {0}; make room, nothing that was kept is lost")]
    Full(String),
    /// It, or its folder, may not be written.
    #[error("the database cannot be written: {0}; check who owns its folder and how it is mounted")]
    ReadOnly(String),
    /// It holds what it cannot hold, or its disk fails. Someone must restore a backup.
    #[error("the database is damaged: {0}; stop, keep a copy of it, and restore a backup")]
    Corrupt(String),
    /// A row with this key is there already, or one that is referred to is missing.
    #[error("the database refused a row: {0}")]
    Conflict(String),
    /// Our own mistake: a statement that is wrong.
    #[error("a statement is wrong: {0}; this is a fault of the program, please report it")]
    Misuse(String),
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither a path nor an address that we know.
    #[error("{0:?} is no database: give the path of a file, or postgres://user@host/name")]
    Address(String),
    /// Its folder could not be made.
    #[error("the folder {folder} cannot be made: {error}; make it, or choose another with --data")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// Written by a newer program.
    #[error(
        "the database has schema {found}, this program knows up to {known}: it was written by a newer \
         version. Start that version, or restore a backup made before the update"
    )]
    Newer {
        /// Its schema.
        found: i64,
        /// Our newest.
        known: i64,
    },
    /// A step of the schema failed; nothing of it was kept.
    #[error("schema step {version} ({name}) failed: {error}")]
    Migration {
        /// Its number.
        version: i64,
        /// Its name.
        name: &'static str,
        /// Why.
        error: Error,
    },
    /// Anything else.
    #[error("{at}: {error}")]
    Database {
        /// Which database; without a password.
        at: String,
        /// Why.
        error: Error,
    },
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(database) => by_code(database.as_ref(), text),
            sqlx::Error::PoolTimedOut => Error::Busy(text),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Error::Gone(text)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Error::Corrupt(text),
            _ => Error::Misuse(text),
        }
    }
}

fn by_code(error: &dyn DatabaseError, text: String) -> Error {
    match error.kind() {
        ErrorKind::Other => {}
        _ => return Error::Conflict(text),
    }
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        // SQLite's codes have at most four digits, PostgreSQL's always five characters.
        Ok(number) if code.len() < 5 => by_sqlite_code(number, text),
        _ => by_sqlstate(&code, text),
    }
}

/// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn by_sqlite_code(code: u32, text: String) -> Error {
    match code & 0xff {
        5 | 6 => Error::Busy(text),
        8 => Error::ReadOnly(text),
        13 => Error::Full(text),
        14 => Error::Gone(text),
        10 | 11 | 26 => Error::Corrupt(text),
        19 => Error::Conflict(text),
        _ => Error::Misuse(text),
    }
}

/// PostgreSQL manual, appendix A.
fn by_sqlstate(code: &str, text: String) -> Error {
    match code {
        "40001" | "40P01" | "55P03" | "53300" | "57014" => Error::Busy(text),
        "53100" | "53200" => Error::Full(text),
        "25006" | "42501" => Error::ReadOnly(text),
        _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("28") || code == "3D000" => {
            Error::Gone(text)
        }
        _ if code.starts_with("XX") || code.starts_with("58") => Error::Corrupt(text),
        _ if code.starts_with("23") || code.starts_with("P0") => Error::Conflict(text),
        _ => Error::Misuse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blame_by_code() {
        let t = String::new;
        assert!(matches!(by_sqlite_code(517, t()), Error::Busy(_)), "SQLITE_BUSY_SNAPSHOT");
        assert!(matches!(by_sqlite_code(13, t()), Error::Full(_)));
        assert!(matches!(by_sqlite_code(779, t()), Error::Corrupt(_)), "SQLITE_CORRUPT_INDEX");
        assert!(matches!(by_sqlstate("53100", t()), Error::Full(_)));
        assert!(matches!(by_sqlstate("57P01", t()), Error::Gone(_)), "admin_shutdown");
        assert!(matches!(by_sqlstate("42601", t()), Error::Misuse(_)), "syntax error");
    }
}
