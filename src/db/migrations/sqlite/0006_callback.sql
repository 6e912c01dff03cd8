-- Everything that still needs a human. A name of a call, contact, person or message is no foreign key: an entry
-- outlives what it speaks of. `rank` and `rank_at` are callback::Rank of the row: the list is sorted by them.
-- `state_until` is the end of a claim or a snooze, `state_at` when somebody was reached or it ended. What is
-- searched (`sought`) is folded by the program.
CREATE TABLE callback (
    id             TEXT PRIMARY KEY NOT NULL,
    tenant         TEXT NOT NULL REFERENCES tenant (id),
    party          TEXT NOT NULL,
    contact        TEXT,
    caller         TEXT,
    given          TEXT,
    number         TEXT,
    leave_why      TEXT,
    leave_by       TEXT,
    name           TEXT NOT NULL,
    matter         TEXT,
    step           TEXT,
    called         TEXT NOT NULL,
    language       TEXT NOT NULL CHECK (language IN ('de', 'en')),
    urgent         INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'reached', 'snoozed', 'done', 'given_up')),
    holder         TEXT,
    state_until    INTEGER,
    state_at       INTEGER,
    outcome        TEXT,
    over_by        TEXT,
    assigned_to    TEXT,
    assigned_until INTEGER,
    slot_calendar  TEXT,
    slot_start     INTEGER,
    slot_end       INTEGER,
    created_at     INTEGER NOT NULL,
    opened_at      INTEGER NOT NULL,
    last_at        INTEGER NOT NULL,
    calls          INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    tried_at       INTEGER,
    promised_at    INTEGER,
    broken_at      INTEGER,
    held           INTEGER NOT NULL,
    note           TEXT NOT NULL,
    rules          TEXT NOT NULL,
    version        INTEGER NOT NULL,
    rank           INTEGER NOT NULL,
    rank_at        INTEGER NOT NULL,
    sought         TEXT NOT NULL,
    CHECK ((state IN ('claimed', 'reached')) = (holder IS NOT NULL)),
    CHECK ((state IN ('claimed', 'snoozed')) = (state_until IS NOT NULL)),
    CHECK ((slot_start IS NULL) = (slot_end IS NULL))
) STRICT;
CREATE INDEX callback_order ON callback (tenant, rank, rank_at, id);
CREATE INDEX callback_party ON callback (tenant, party);
CREATE INDEX callback_caller ON callback (tenant, caller) WHERE caller IS NOT NULL;
CREATE INDEX callback_contact ON callback (contact) WHERE contact IS NOT NULL;
CREATE INDEX callback_made ON callback (tenant, created_at);
CREATE INDEX callback_opened ON callback (tenant, opened_at);
CREATE INDEX callback_lease ON callback (state_until) WHERE state = 'claimed';

CREATE TABLE callback_call (
    callback    TEXT NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    call        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('status', 'missed', 'message', 'soon', 'slot')),
    at          INTEGER NOT NULL,
    message     TEXT,
    PRIMARY KEY (callback, call)
) STRICT;
CREATE INDEX callback_call_call ON callback_call (call);
CREATE INDEX callback_call_message ON callback_call (message) WHERE message IS NOT NULL;

-- callback: none while the call that was told it has no entry yet.
CREATE TABLE promise (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    callback    TEXT REFERENCES callback (id) ON DELETE CASCADE,
    call        TEXT,
    kind        TEXT NOT NULL CHECK (kind IN ('slot', 'soon', 'message')),
    words       TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    told_at     INTEGER NOT NULL,
    latest_at   INTEGER NOT NULL,
    slot_start  INTEGER,
    state       TEXT NOT NULL CHECK (state IN ('open', 'kept', 'tried', 'broken', 'withdrawn')),
    settled_at  INTEGER,
    warn_at     INTEGER,
    warned_at   INTEGER,
    tried_at    INTEGER
) STRICT;
CREATE INDEX promise_callback ON promise (callback) WHERE callback IS NOT NULL;
CREATE INDEX promise_call ON promise (call) WHERE callback IS NULL;
CREATE INDEX promise_latest ON promise (latest_at) WHERE state = 'open';
CREATE INDEX promise_warn ON promise (warn_at) WHERE state = 'open' AND warned_at IS NULL;
CREATE INDEX promise_figures ON promise (tenant, latest_at);

CREATE TABLE attempt (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    callback    TEXT NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    person      TEXT,
    result      TEXT NOT NULL CHECK (result IN ('reached', 'no_answer', 'busy', 'mailbox', 'wrong_number')),
    note        TEXT NOT NULL,
    is_first    INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    booked      INTEGER NOT NULL,
    undone      INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_callback ON attempt (callback, at);
CREATE INDEX attempt_figures ON attempt (tenant, opened_at) WHERE is_first = 1;

-- before: how the entry was, as JSON, where a person may take the line back.
CREATE TABLE callback_event (
    callback    TEXT NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    before      TEXT,
    PRIMARY KEY (callback, seq)
) STRICT, WITHOUT ROWID;

-- Raised first by each call that comes in: those of a tenant take turns, so that one party has one entry.
CREATE TABLE callback_turn (
    tenant      TEXT PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         INTEGER NOT NULL
) STRICT;
