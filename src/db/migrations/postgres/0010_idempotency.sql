-- What a request with an Idempotency-Key was answered, for a day: asked again, the same is answered and nothing is
-- done twice. Written in the transaction of the change itself.
CREATE TABLE idempotency (
    person      TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    route       TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the body.
    body_hash   TEXT COLLATE "C" NOT NULL,
    made_at     BIGINT NOT NULL,
    -- None while the request runs: seen by nobody but itself.
    status      BIGINT,
    etag        TEXT COLLATE "C",
    answer      TEXT COLLATE "C",
    PRIMARY KEY (person, route, key)
);
CREATE INDEX idempotency_made ON idempotency (made_at);

-- Who knows the secret reads the booked times of a calendar; of the secret only the hash is kept.
CREATE TABLE calendar_feed (
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    calendar    TEXT COLLATE "C" NOT NULL,
    hash        TEXT COLLATE "C" NOT NULL,
    made_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, calendar)
);
CREATE UNIQUE INDEX calendar_feed_hash ON calendar_feed (hash);

-- To whom the invitation of a booked time goes; each letter about it has a higher number.
CREATE TABLE seat_mail (
    callback    TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    mail        TEXT COLLATE "C" NOT NULL,
    sequence    BIGINT NOT NULL
);
