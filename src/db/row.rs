//! Reading rows: what a column holds must be what we put there, else the database is damaged.

use std::str::FromStr;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::Error;
use crate::clock::Utc;

/// Typed access to the columns of a row.
pub(crate) trait Fields {
    /// A text.
    fn text(&self, column: &str) -> Result<String, Error>;
    /// A text that may be absent.
    fn text_maybe(&self, column: &str) -> Result<Option<String>, Error>;
    /// A number.
    fn number(&self, column: &str) -> Result<i64, Error>;
    /// A number that may be absent.
    fn number_maybe(&self, column: &str) -> Result<Option<i64>, Error>;

    /// An id, or a word of an enum.
    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, Error> {
        let text = self.text(column)?;
        text.parse().map_err(|_| Error::Corrupt(format!("{column} holds {text:?}")))
    }

    /// A time.
    fn at(&self, column: &str) -> Result<Utc, Error> {
        Ok(Utc(self.number(column)?))
    }

    /// A time that may not have come.
    fn at_maybe(&self, column: &str) -> Result<Option<Utc>, Error> {
        Ok(self.number_maybe(column)?.map(Utc))
    }

    /// True or false.
    fn truth(&self, column: &str) -> Result<bool, Error> {
        Ok(self.number(column)? != 0)
    }

    /// A number that is never negative; absent is zero.
    fn count(&self, column: &str) -> Result<u64, Error> {
        let number = self.number_maybe(column)?.unwrap_or(0);
        u64::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
    }
}

impl Fields for AnyRow {
    fn text(&self, column: &str) -> Result<String, Error> {
        Ok(self.try_get(column)?)
    }

    fn text_maybe(&self, column: &str) -> Result<Option<String>, Error> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &str) -> Result<i64, Error> {
        Ok(self.try_get(column)?)
    }

    fn number_maybe(&self, column: &str) -> Result<Option<i64>, Error> {
        Ok(self.try_get(column)?)
    }
}
