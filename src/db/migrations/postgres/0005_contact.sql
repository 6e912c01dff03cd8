-- A person known to the business by number(s). What is searched and what it is sorted by are folded by
-- the program (contact::fold): neither engine folds umlauts by itself, and not alike.
CREATE TABLE contact (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    name        TEXT NOT NULL,
    note        TEXT NOT NULL,
    vip         BIGINT NOT NULL,
    blocked     BIGINT NOT NULL,
    sort        TEXT COLLATE "C" NOT NULL,
    sought      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL
);
CREATE INDEX contact_sorted ON contact (tenant, sort, id);

-- In the one form of numbers (ids::dialled); a number belongs to one contact of a tenant.
CREATE TABLE contact_number (
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    number      TEXT COLLATE "C" NOT NULL,
    contact     TEXT COLLATE "C" NOT NULL REFERENCES contact (id),
    seq         BIGINT NOT NULL,
    PRIMARY KEY (tenant, number)
);
CREATE INDEX contact_number_contact ON contact_number (contact);

CREATE TABLE contact_list (
    tenant      TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    list        TEXT COLLATE "C" NOT NULL,
    contact     TEXT COLLATE "C" NOT NULL REFERENCES contact (id),
    PRIMARY KEY (tenant, list, contact)
);
CREATE INDEX contact_list_contact ON contact_list (contact);

-- Raised with line_change by every write of a tenant's contacts, so that only those are read again.
CREATE TABLE contact_change (
    tenant      TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         BIGINT NOT NULL
);
