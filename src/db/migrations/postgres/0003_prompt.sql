-- A tenant's own prompts. The file of a version is named by its id and stands before its row.
-- deleted_at: its time is up, its file goes next, then the row.
CREATE TABLE prompt_version (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    prompt      TEXT COLLATE "C" NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('de', 'en')),
    seq         BIGINT NOT NULL,
    source      TEXT NOT NULL CHECK (source IN ('upload', 'text', 'phone')),
    transcript  TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    level       BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    author      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    current     BIGINT NOT NULL,
    deleted_at  BIGINT,
    UNIQUE (tenant, language, prompt, seq)
);
CREATE UNIQUE INDEX prompt_current ON prompt_version (tenant, language, prompt) WHERE current = 1;
CREATE INDEX prompt_deleted ON prompt_version (deleted_at) WHERE deleted_at IS NOT NULL;
