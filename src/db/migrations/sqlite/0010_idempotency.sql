-- What a request with an Idempotency-Key was answered, for a day: asked again, the same is answered and nothing is
-- done twice. Written in the transaction of the change itself.
CREATE TABLE idempotency (
    person      TEXT NOT NULL REFERENCES person (id),
    route       TEXT NOT NULL,
    key         TEXT NOT NULL,
    -- SHA-256 of the body.
    body_hash   TEXT NOT NULL,
    made_at     INTEGER NOT NULL,
    -- None while the request runs: seen by nobody but itself.
    status      INTEGER,
    etag        TEXT,
    answer      TEXT,
    PRIMARY KEY (person, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_made ON idempotency (made_at);

-- Who knows the secret reads the booked times of a calendar; of the secret only the hash is kept.
CREATE TABLE calendar_feed (
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    calendar    TEXT NOT NULL,
    hash        TEXT NOT NULL,
    made_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, calendar)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX calendar_feed_hash ON calendar_feed (hash);

-- To whom the invitation of a booked time goes; each letter about it has a higher number.
CREATE TABLE seat_mail (
    callback    TEXT PRIMARY KEY NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    mail        TEXT NOT NULL,
    sequence    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
