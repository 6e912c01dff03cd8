-- A tenant's own prompts. The file of a version is named by its id and stands before its row.
-- deleted_at: its time is up, its file goes next, then the row.
CREATE TABLE prompt_version (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    prompt      TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    seq         INTEGER NOT NULL,
    source      TEXT NOT NULL CHECK (source IN ('upload', 'text', 'phone')),
    transcript  TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    level       INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    author      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    current     INTEGER NOT NULL,
    deleted_at  INTEGER,
    UNIQUE (tenant, language, prompt, seq)
) STRICT;
CREATE UNIQUE INDEX prompt_current ON prompt_version (tenant, language, prompt) WHERE current = 1;
CREATE INDEX prompt_deleted ON prompt_version (deleted_at) WHERE deleted_at IS NOT NULL;
