-- A person known to the business by number(s). What is searched and what it is sorted by are folded by
-- the program (contact::fold): neither engine folds umlauts by itself, and not alike.
CREATE TABLE contact (
    id          TEXT PRIMARY KEY NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    name        TEXT NOT NULL,
    note        TEXT NOT NULL,
    vip         INTEGER NOT NULL,
    blocked     INTEGER NOT NULL,
    sort        TEXT NOT NULL,
    sought      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_sorted ON contact (tenant, sort, id);

-- In the one form of numbers (ids::dialled); a number belongs to one contact of a tenant.
CREATE TABLE contact_number (
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    number      TEXT NOT NULL,
    contact     TEXT NOT NULL REFERENCES contact (id),
    seq         INTEGER NOT NULL,
    PRIMARY KEY (tenant, number)
) STRICT;
CREATE INDEX contact_number_contact ON contact_number (contact);

CREATE TABLE contact_list (
    tenant      TEXT NOT NULL REFERENCES tenant (id),
    list        TEXT NOT NULL,
    contact     TEXT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (tenant, list, contact)
) STRICT;
CREATE INDEX contact_list_contact ON contact_list (contact);

-- Raised with line_change by every write of a tenant's contacts, so that only those are read again.
CREATE TABLE contact_change (
    tenant      TEXT PRIMARY KEY NOT NULL REFERENCES tenant (id),
    seq         INTEGER NOT NULL
) STRICT;
