-- A seat of a slot: held for a call until a moment, or booked for a callback. One row a seat: it cannot be
-- given twice.
CREATE TABLE seat (
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    calendar    TEXT NOT NULL,
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL,
    seat        INTEGER NOT NULL,
    -- Who holds it, and until when; none: it is booked.
    call        TEXT,
    until_at    INTEGER,
    callback    TEXT,
    PRIMARY KEY (tenant, calendar, start_at, seat),
    CHECK ((call IS NOT NULL AND until_at IS NOT NULL AND callback IS NULL)
        OR (call IS NULL AND until_at IS NULL AND callback IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX seat_call ON seat (call) WHERE call IS NOT NULL;
CREATE INDEX seat_callback ON seat (callback) WHERE callback IS NOT NULL;

-- Callers who were, or are about to be, told by when somebody calls back, and have no entry yet: counted for others.
CREATE TABLE waiting_call (
    call        TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    until_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX waiting_call_tenant ON waiting_call (tenant);

-- Raised first by everybody who gives seats or promises of a tenant: they take turns.
CREATE TABLE seat_turn (
    tenant      TEXT PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What it is about, as the plan called it when it was taken; none: the step's name.
ALTER TABLE message ADD COLUMN matter TEXT;
-- What the caller was spoken to in.
ALTER TABLE message ADD COLUMN language TEXT;
-- The open callback that its caller added it to.
ALTER TABLE message ADD COLUMN adds TEXT;
