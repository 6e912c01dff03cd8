-- One row: a counter that every write raises on which lines depend (plans, overrides, prompts, numbers,
-- tenants), in its own transaction. Running programs look at it, and read again when it has grown.
CREATE TABLE line_change (
    seq         BIGINT NOT NULL
);
INSERT INTO line_change (seq) VALUES (0);

-- Numbers that a plan names are the tenant's while it counts; those given by hand stay.
ALTER TABLE number ADD COLUMN from_plan BIGINT NOT NULL DEFAULT 0;

CREATE TABLE plan_revision (
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    seq         BIGINT NOT NULL CHECK (seq > 0),
    -- plan::limits::TEXT_BYTES_MAX
    text        TEXT NOT NULL CHECK (octet_length(text) <= 2097152),
    author      TEXT NOT NULL,
    note        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    based_on    BIGINT,
    restores    BIGINT,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE opening_override (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    open        BIGINT NOT NULL,
    from_at     BIGINT NOT NULL,
    until_at    BIGINT NOT NULL CHECK (until_at > from_at),
    reason      TEXT,
    author      TEXT NOT NULL,
    set_at      BIGINT NOT NULL,
    lifted_at   BIGINT
);
CREATE INDEX opening_override_newest ON opening_override (tenant, set_at DESC, id DESC);
CREATE INDEX opening_override_end ON opening_override (until_at) WHERE lifted_at IS NULL;

-- The PIN with which an owner reaches the mailbox by phone: a keyed hash, and how often it was guessed.
CREATE TABLE owner_pin (
    tenant      TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES tenant (id),
    hash        TEXT NOT NULL,
    wrong_count BIGINT NOT NULL DEFAULT 0,
    locked_at   BIGINT,
    set_at      BIGINT NOT NULL,
    author      TEXT NOT NULL
);
