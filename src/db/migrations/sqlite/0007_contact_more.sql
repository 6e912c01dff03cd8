-- Contacts in full: a language, mail addresses (JSON), how often a card was written (ETag, undo).
ALTER TABLE contact ADD COLUMN language TEXT;
ALTER TABLE contact ADD COLUMN mail TEXT NOT NULL DEFAULT '[]';
ALTER TABLE contact ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- How a contact is greeted by name: the file names/ID.wav. One of a contact; without a contact its file is
-- removed from gone_at on. Only what an owner has confirmed is ever played.
CREATE TABLE contact_name (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    contact     TEXT UNIQUE REFERENCES contact (id),
    transcript  TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    author      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    confirmed   INTEGER NOT NULL DEFAULT 0,
    gone_at     INTEGER
) STRICT;
CREATE INDEX contact_name_gone ON contact_name (gone_at) WHERE gone_at IS NOT NULL;

-- Merges and splits, with what was before as JSON: they can be undone while nothing has changed since.
CREATE TABLE contact_edit (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    kind        TEXT NOT NULL CHECK (kind IN ('merge', 'split')),
    at          INTEGER NOT NULL,
    author      TEXT NOT NULL,
    label       TEXT NOT NULL,
    state       TEXT NOT NULL,
    undone_at   INTEGER
) STRICT;
CREATE INDEX contact_edit_newest ON contact_edit (tenant, at DESC, id DESC);

-- The history of a number is read newest first.
CREATE INDEX call_caller ON call (tenant, caller, started_at DESC, id DESC);
CREATE INDEX message_caller ON message (tenant, caller, at DESC, id DESC) WHERE deleted_at IS NULL;
