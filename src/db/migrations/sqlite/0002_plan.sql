-- One row: a counter that every write raises on which lines depend (plans, overrides, prompts, numbers,
-- tenants), in its own transaction. Running programs look at it, and read again when it has grown.
CREATE TABLE line_change (
    seq         INTEGER NOT NULL
) STRICT;
INSERT INTO line_change (seq) VALUES (0);

-- Numbers that a plan names are the tenant's while it counts; those given by hand stay.
ALTER TABLE number ADD COLUMN from_plan INTEGER NOT NULL DEFAULT 0;

CREATE TABLE plan_revision (
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    seq         INTEGER NOT NULL CHECK (seq > 0),
    -- plan::limits::TEXT_BYTES_MAX
    text        TEXT NOT NULL CHECK (length(CAST(text AS BLOB)) <= 2097152),
    author      TEXT NOT NULL,
    note        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    based_on    INTEGER,
    restores    INTEGER,
    PRIMARY KEY (tenant, seq)
) STRICT;

CREATE TABLE opening_override (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    open        INTEGER NOT NULL,
    from_at     INTEGER NOT NULL,
    until_at    INTEGER NOT NULL CHECK (until_at > from_at),
    reason      TEXT,
    author      TEXT NOT NULL,
    set_at      INTEGER NOT NULL,
    lifted_at   INTEGER
) STRICT;
CREATE INDEX opening_override_newest ON opening_override (tenant, set_at DESC, id DESC);
CREATE INDEX opening_override_end ON opening_override (until_at) WHERE lifted_at IS NULL;

-- The PIN with which an owner reaches the mailbox by phone: a keyed hash, and how often it was guessed.
CREATE TABLE owner_pin (
    tenant      TEXT PRIMARY KEY NOT NULL REFERENCES tenant (id),
    hash        TEXT NOT NULL,
    wrong_count INTEGER NOT NULL DEFAULT 0,
    locked_at   INTEGER,
    set_at      INTEGER NOT NULL,
    author      TEXT NOT NULL
) STRICT;
