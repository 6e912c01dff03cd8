-- Everything that still needs a human. A name of a call, contact, person or message is no foreign key: an entry
-- outlives what it speaks of. `rank` and `rank_at` are callback::Rank of the row: the list is sorted by them.
-- `state_until` is the end of a claim or a snooze, `state_at` when somebody was reached or it ended. What is
-- searched (`sought`) is folded by the program.
CREATE TABLE callback (
    id             TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant         TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    party          TEXT COLLATE "C" NOT NULL,
    contact        TEXT COLLATE "C",
    caller         TEXT COLLATE "C",
    given          TEXT,
    number         TEXT,
    leave_why      TEXT,
    leave_by       TEXT,
    name           TEXT NOT NULL,
    matter         TEXT COLLATE "C",
    step           TEXT,
    called         TEXT COLLATE "C" NOT NULL,
    language       TEXT NOT NULL CHECK (language IN ('de', 'en')),
    urgent         BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'reached', 'snoozed', 'done', 'given_up')),
    holder         TEXT COLLATE "C",
    state_until    BIGINT,
    state_at       BIGINT,
    outcome        TEXT,
    over_by        TEXT,
    assigned_to    TEXT COLLATE "C",
    assigned_until BIGINT,
    slot_calendar  TEXT,
    slot_start     BIGINT,
    slot_end       BIGINT,
    created_at     BIGINT NOT NULL,
    opened_at      BIGINT NOT NULL,
    last_at        BIGINT NOT NULL,
    calls          BIGINT NOT NULL,
    attempts       BIGINT NOT NULL,
    tried_at       BIGINT,
    promised_at    BIGINT,
    broken_at      BIGINT,
    held           BIGINT NOT NULL,
    note           TEXT NOT NULL,
    rules          TEXT NOT NULL,
    version        BIGINT NOT NULL,
    rank           BIGINT NOT NULL,
    rank_at        BIGINT NOT NULL,
    sought         TEXT COLLATE "C" NOT NULL,
    CHECK ((state IN ('claimed', 'reached')) = (holder IS NOT NULL)),
    CHECK ((state IN ('claimed', 'snoozed')) = (state_until IS NOT NULL)),
    CHECK ((slot_start IS NULL) = (slot_end IS NULL))
);
CREATE INDEX callback_order ON callback (tenant, rank, rank_at, id);
CREATE INDEX callback_party ON callback (tenant, party);
CREATE INDEX callback_caller ON callback (tenant, caller) WHERE caller IS NOT NULL;
CREATE INDEX callback_contact ON callback (contact) WHERE contact IS NOT NULL;
CREATE INDEX callback_made ON callback (tenant, created_at);
CREATE INDEX callback_opened ON callback (tenant, opened_at);
CREATE INDEX callback_lease ON callback (state_until) WHERE state = 'claimed';

CREATE TABLE callback_call (
    callback    TEXT COLLATE "C" NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    call        TEXT COLLATE "C" NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('status', 'missed', 'message', 'soon', 'slot')),
    at          BIGINT NOT NULL,
    message     TEXT COLLATE "C",
    PRIMARY KEY (callback, call)
);
CREATE INDEX callback_call_call ON callback_call (call);
CREATE INDEX callback_call_message ON callback_call (message) WHERE message IS NOT NULL;

-- callback: none while the call that was told it has no entry yet.
CREATE TABLE promise (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    callback    TEXT COLLATE "C" REFERENCES callback (id) ON DELETE CASCADE,
    call        TEXT COLLATE "C",
    kind        TEXT NOT NULL CHECK (kind IN ('slot', 'soon', 'message')),
    words       TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    told_at     BIGINT NOT NULL,
    latest_at   BIGINT NOT NULL,
    slot_start  BIGINT,
    state       TEXT NOT NULL CHECK (state IN ('open', 'kept', 'tried', 'broken', 'withdrawn')),
    settled_at  BIGINT,
    warn_at     BIGINT,
    warned_at   BIGINT,
    tried_at    BIGINT
);
CREATE INDEX promise_callback ON promise (callback) WHERE callback IS NOT NULL;
CREATE INDEX promise_call ON promise (call) WHERE callback IS NULL;
CREATE INDEX promise_latest ON promise (latest_at) WHERE state = 'open';
CREATE INDEX promise_warn ON promise (warn_at) WHERE state = 'open' AND warned_at IS NULL;
CREATE INDEX promise_figures ON promise (tenant, latest_at);

CREATE TABLE attempt (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    callback    TEXT COLLATE "C" NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    at          BIGINT NOT NULL,
    person      TEXT COLLATE "C",
    result      TEXT NOT NULL CHECK (result IN ('reached', 'no_answer', 'busy', 'mailbox', 'wrong_number')),
    note        TEXT NOT NULL,
    is_first    BIGINT NOT NULL,
    opened_at   BIGINT NOT NULL,
    booked      BIGINT NOT NULL,
    undone      BIGINT NOT NULL
);
CREATE INDEX attempt_callback ON attempt (callback, at);
CREATE INDEX attempt_figures ON attempt (tenant, opened_at) WHERE is_first = 1;

-- before: how the entry was, as JSON, where a person may take the line back.
CREATE TABLE callback_event (
    callback    TEXT COLLATE "C" NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    detail      TEXT NOT NULL,
    before      TEXT,
    PRIMARY KEY (callback, seq)
);

-- Raised first by each call that comes in: those of a tenant take turns, so that one party has one entry.
CREATE TABLE callback_turn (
    tenant      TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         BIGINT NOT NULL
);
