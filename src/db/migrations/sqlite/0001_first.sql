-- Times are milliseconds UTC, ids are UUIDv7 text, truth is 0 or 1, JSON is text.
-- STRICT: a text in a number column is refused here as PostgreSQL refuses it.
CREATE TABLE tenant (
    id          TEXT PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    timezone    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE number (
    number      TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX number_tenant ON number (tenant);

CREATE TABLE call (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    caller      TEXT,
    caller_name TEXT NOT NULL,
    called      TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at    INTEGER,
    outcome     TEXT
) STRICT;
CREATE INDEX call_newest ON call (tenant, started_at DESC, id DESC);
CREATE INDEX call_open ON call (started_at) WHERE ended_at IS NULL;

CREATE TABLE call_event (
    call        TEXT NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (call, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    call        TEXT NOT NULL REFERENCES call (id),
    caller      TEXT,
    caller_name TEXT NOT NULL,
    called      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('recording', 'new', 'heard', 'missed', 'purged')),
    urgent      INTEGER NOT NULL DEFAULT 0,
    damaged     INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER,
    rate_hz     INTEGER,
    peak        INTEGER,
    sha256      TEXT,
    peaks       TEXT,
    path        TEXT,
    transcript  TEXT,
    kept_at     INTEGER,
    heard_at    INTEGER,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX message_newest ON message (tenant, at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX message_call ON message (call);
CREATE INDEX message_open ON message (state) WHERE state IN ('recording', 'purged');
CREATE INDEX message_deleted ON message (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE take (
    id          TEXT PRIMARY KEY NOT NULL,
    message     TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('recording', 'kept', 'replaced', 'empty', 'lost')),
    file        TEXT NOT NULL,
    total_ms    INTEGER,
    sound_ms    INTEGER,
    started_at  INTEGER NOT NULL,
    UNIQUE (message, seq)
) STRICT;
CREATE INDEX take_open ON take (message) WHERE state = 'recording';

CREATE TABLE person (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('owner', 'agent')),
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX person_tenant ON person (tenant, created_at);

CREATE TABLE login_token (
    hash        TEXT PRIMARY KEY NOT NULL,
    person      TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

CREATE TABLE session (
    hash        TEXT PRIMARY KEY NOT NULL,
    data        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expires ON session (expires_at);

-- Append-only: see the triggers. No foreign keys: it outlives what it speaks of.
CREATE TABLE audit (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    person      TEXT NOT NULL,
    action      TEXT NOT NULL,
    object      TEXT NOT NULL
) STRICT;
CREATE INDEX audit_newest ON audit (tenant, at DESC, id DESC);
CREATE INDEX audit_object ON audit (object, person, action, at);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
