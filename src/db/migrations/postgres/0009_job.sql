-- Work that must survive: written with what caused it, done by any process, at least once.
-- Of one topic only the newest is done. Who leased a job last is told by leased_by and attempts together.
CREATE TABLE job (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    kind        TEXT COLLATE "C" NOT NULL,
    payload     TEXT NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    topic       TEXT COLLATE "C",
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead', 'superseded')),
    created_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    lease_until BIGINT,
    leased_by   TEXT,
    last_error  TEXT,
    done_at     BIGINT,
    UNIQUE (tenant, key)
);
CREATE INDEX job_due ON job (state, due_at);
CREATE INDEX job_topic ON job (tenant, topic);
