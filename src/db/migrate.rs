//! Bringing a database to this program's schema: steps in order, each in a transaction, under a lock.

use sqlx::AnyPool;
use sqlx::AssertSqlSafe;

use super::{Engine, Error, Fields, OpenError};

/// One step. A step that has been released is never changed: a further one is added.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "first",
        sqlite: include_str!("migrations/sqlite/0001_first.sql"),
        postgres: include_str!("migrations/postgres/0001_first.sql"),
    },
    Step {
        version: 2,
        name: "plan",
        sqlite: include_str!("migrations/sqlite/0002_plan.sql"),
        postgres: include_str!("migrations/postgres/0002_plan.sql"),
    },
    Step {
        version: 3,
        name: "prompt",
        sqlite: include_str!("migrations/sqlite/0003_prompt.sql"),
        postgres: include_str!("migrations/postgres/0003_prompt.sql"),
    },
    Step {
        version: 4,
        name: "message_step",
        sqlite: include_str!("migrations/sqlite/0004_message_step.sql"),
        postgres: include_str!("migrations/postgres/0004_message_step.sql"),
    },
    Step {
        version: 5,
        name: "contact",
        sqlite: include_str!("migrations/sqlite/0005_contact.sql"),
        postgres: include_str!("migrations/postgres/0005_contact.sql"),
    },
    Step {
        version: 6,
        name: "callback",
        sqlite: include_str!("migrations/sqlite/0006_callback.sql"),
        postgres: include_str!("migrations/postgres/0006_callback.sql"),
    },
    Step {
        version: 7,
        name: "contact_more",
        sqlite: include_str!("migrations/sqlite/0007_contact_more.sql"),
        postgres: include_str!("migrations/postgres/0007_contact_more.sql"),
    },
    Step {
        version: 8,
        name: "seat",
        sqlite: include_str!("migrations/sqlite/0008_seat.sql"),
        postgres: include_str!("migrations/postgres/0008_seat.sql"),
    },
    Step {
        version: 9,
        name: "job",
        sqlite: include_str!("migrations/sqlite/0009_job.sql"),
        postgres: include_str!("migrations/postgres/0009_job.sql"),
    },
    Step {
        version: 10,
        name: "idempotency",
        sqlite: include_str!("migrations/sqlite/0010_idempotency.sql"),
        postgres: include_str!("migrations/postgres/0010_idempotency.sql"),
    },
];

/// PostgreSQL's advisory lock that a starting program holds: "night" in ASCII.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock(474215442548) AS TEXT)";

/// Takes all steps that are missing. Several programs that start at once take turns.
pub(super) async fn run(engine: Engine, writer: &AnyPool, at: &str) -> Result<(), OpenError> {
    let database = |error: Error| OpenError::Database { at: at.to_owned(), error };
    loop {
        let begun = match engine {
            Engine::Sqlite => writer.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => writer.begin().await,
        };
        let mut tx = begun.map_err(|e| database(e.into()))?;
        if engine == Engine::Postgres {
            sqlx::query(LOCK).execute(&mut *tx).await.map_err(|e| database(e.into()))?;
        }
        let taken = taken(&mut tx).await.map_err(database)?;
        let known = STEPS.last().map_or(0, |step| step.version);
        if let Some(found) = taken.iter().copied().find(|found| *found > known) {
            return Err(OpenError::Newer { found, known });
        }
        // Steps of different work are merged in any order: what counts is which were taken, not how far.
        let Some(step) = STEPS.iter().find(|step| !taken.contains(&step.version)) else { return Ok(()) };
        take(engine, &mut tx, step).await.map_err(|error| OpenError::Migration {
            version: step.version,
            name: step.name,
            error,
        })?;
        tx.commit().await.map_err(|e| database(e.into()))?;
        tracing::info!(version = step.version, name = step.name, "schema step taken");
    }
}

/// The steps that were taken.
async fn taken(conn: &mut sqlx::AnyConnection) -> Result<Vec<i64>, Error> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_step (version BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL)")
        .execute(&mut *conn)
        .await?;
    let rows = sqlx::query("SELECT version FROM schema_step").fetch_all(conn).await?;
    rows.iter().map(|row| row.number("version")).collect()
}

async fn take(engine: Engine, conn: &mut sqlx::AnyConnection, step: &Step) -> Result<(), Error> {
    let text = match engine {
        Engine::Sqlite => step.sqlite,
        Engine::Postgres => step.postgres,
    };
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO schema_step (version, name) VALUES ($1, $2)")
        .bind(step.version)
        .bind(step.name)
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_in_order() {
        let versions: Vec<i64> = STEPS.iter().map(|s| s.version).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]), "{versions:?}");
    }
}
