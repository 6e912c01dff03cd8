-- A seat of a slot: held for a call until a moment, or booked for a callback. One row a seat: it cannot be
-- given twice.
CREATE TABLE seat (
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    calendar    TEXT COLLATE "C" NOT NULL,
    start_at    BIGINT NOT NULL,
    end_at      BIGINT NOT NULL,
    seat        BIGINT NOT NULL,
    -- Who holds it, and until when; none: it is booked.
    call        TEXT COLLATE "C",
    until_at    BIGINT,
    callback    TEXT COLLATE "C",
    PRIMARY KEY (tenant, calendar, start_at, seat),
    CHECK ((call IS NOT NULL AND until_at IS NOT NULL AND callback IS NULL)
        OR (call IS NULL AND until_at IS NULL AND callback IS NOT NULL))
);
CREATE INDEX seat_call ON seat (call) WHERE call IS NOT NULL;
CREATE INDEX seat_callback ON seat (callback) WHERE callback IS NOT NULL;

-- Callers who were, or are about to be, told by when somebody calls back, and have no entry yet: counted for others.
CREATE TABLE waiting_call (
    call        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    until_at    BIGINT NOT NULL
);
CREATE INDEX waiting_call_tenant ON waiting_call (tenant);

-- Raised first by everybody who gives seats or promises of a tenant: they take turns.
CREATE TABLE seat_turn (
    tenant      TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         BIGINT NOT NULL
);

-- What it is about, as the plan called it when it was taken; none: the step's name.
ALTER TABLE message ADD COLUMN matter TEXT;
-- What the caller was spoken to in.
ALTER TABLE message ADD COLUMN language TEXT;
-- The open callback that its caller added it to.
ALTER TABLE message ADD COLUMN adds TEXT;
