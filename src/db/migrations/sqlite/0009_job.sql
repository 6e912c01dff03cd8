-- Work that must survive: written with what caused it, done by any process, at least once.
-- Of one topic only the newest is done. Who leased a job last is told by leased_by and attempts together.
CREATE TABLE job (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    kind        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    key         TEXT NOT NULL,
    topic       TEXT,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead', 'superseded')),
    created_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    lease_until INTEGER,
    leased_by   TEXT,
    last_error  TEXT,
    done_at     INTEGER,
    UNIQUE (tenant, key)
) STRICT;
CREATE INDEX job_due ON job (state, due_at);
CREATE INDEX job_topic ON job (tenant, topic);
