-- Times are milliseconds UTC, ids are UUIDv7 text, truth is 0 or 1, JSON is text.
-- COLLATE "C" on ids: they are ordered by their bytes, as SQLite orders them.
CREATE TABLE tenant (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    timezone    TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE number (
    number      TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    created_at  BIGINT NOT NULL
);
CREATE INDEX number_tenant ON number (tenant);

CREATE TABLE call (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    caller      TEXT,
    caller_name TEXT NOT NULL,
    called      TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at    BIGINT,
    outcome     TEXT
);
CREATE INDEX call_newest ON call (tenant, started_at DESC, id DESC);
CREATE INDEX call_open ON call (started_at) WHERE ended_at IS NULL;

CREATE TABLE call_event (
    call        TEXT COLLATE "C" NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (call, seq)
);

CREATE TABLE message (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    call        TEXT COLLATE "C" NOT NULL REFERENCES call (id),
    caller      TEXT,
    caller_name TEXT NOT NULL,
    called      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('recording', 'new', 'heard', 'missed', 'purged')),
    urgent      BIGINT NOT NULL DEFAULT 0,
    damaged     BIGINT NOT NULL DEFAULT 0,
    duration_ms BIGINT,
    rate_hz     BIGINT,
    peak        BIGINT,
    sha256      TEXT,
    peaks       TEXT,
    path        TEXT,
    transcript  TEXT,
    kept_at     BIGINT,
    heard_at    BIGINT,
    deleted_at  BIGINT
);
CREATE INDEX message_newest ON message (tenant, at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX message_call ON message (call);
CREATE INDEX message_open ON message (state) WHERE state IN ('recording', 'purged');
CREATE INDEX message_deleted ON message (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE take (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    message     TEXT COLLATE "C" NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('recording', 'kept', 'replaced', 'empty', 'lost')),
    file        TEXT NOT NULL,
    total_ms    BIGINT,
    sound_ms    BIGINT,
    started_at  BIGINT NOT NULL,
    UNIQUE (message, seq)
);
CREATE INDEX take_open ON take (message) WHERE state = 'recording';

CREATE TABLE person (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('owner', 'agent')),
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    created_at  BIGINT NOT NULL
);
CREATE INDEX person_tenant ON person (tenant, created_at);

CREATE TABLE login_token (
    hash        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    person      TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE TABLE session (
    hash        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    data        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

-- Append-only: see the triggers. No foreign keys: it outlives what it speaks of.
CREATE TABLE audit (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    person      TEXT COLLATE "C" NOT NULL,
    action      TEXT NOT NULL,
    object      TEXT NOT NULL
);
CREATE INDEX audit_newest ON audit (tenant, at DESC, id DESC);
CREATE INDEX audit_object ON audit (object, person, action, at);
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
