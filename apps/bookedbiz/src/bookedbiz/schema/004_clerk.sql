-- What a clerk takes back: merged customers, bill codes that are left as they are, and the spots that an import took out.

ALTER TABLE customer ADD COLUMN merged_into_id INTEGER REFERENCES customer (id);     -- NULL: it stands for itself
ALTER TABLE bill_code ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)); -- nobody is to be asked
ALTER TABLE batch ADD COLUMN undoes INTEGER REFERENCES batch (id);                    -- this batch took that one back

CREATE TABLE removed_spot (                -- of the last imports: to be put back by an undo, with the id it had
    removed_in       INTEGER NOT NULL REFERENCES batch (id),
    id               INTEGER NOT NULL,
    row_hash         INTEGER NOT NULL,
    batch_id         INTEGER NOT NULL REFERENCES batch (id),
    sheet_id         INTEGER NOT NULL REFERENCES sheet (id),
    month            INTEGER NOT NULL,
    month_derived    INTEGER NOT NULL,
    bill_code_id     INTEGER NOT NULL REFERENCES bill_code (id),
    air_day          INTEGER,
    end_day          INTEGER,
    time_in_s        INTEGER,
    time_out_s       INTEGER,
    length_s         INTEGER,
    media_id         INTEGER REFERENCES label (id),
    comments         TEXT,
    language_id      INTEGER NOT NULL REFERENCES language (id),
    format_id        INTEGER REFERENCES label (id),
    unit             TEXT,
    line             TEXT,
    spot_type_id     INTEGER NOT NULL REFERENCES spot_type (id),
    estimate         TEXT,
    gross_cents      INTEGER,
    make_good_id     INTEGER REFERENCES label (id),
    value_cents      INTEGER,
    broker_cents     INTEGER,
    priority_id      INTEGER REFERENCES label (id),
    net_cents        INTEGER,
    sales_person_id  INTEGER NOT NULL REFERENCES sales_person (id),
    revenue_type_id  INTEGER NOT NULL REFERENCES revenue_type (id),
    billing_type     TEXT,
    agency_flag_id   INTEGER REFERENCES label (id),
    affidavit_id     INTEGER REFERENCES label (id),
    contract_id      INTEGER REFERENCES contract (id),
    market_id        INTEGER NOT NULL REFERENCES market (id),
    PRIMARY KEY (removed_in, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE removed_issue (               -- the issues of those spots
    removed_in  INTEGER NOT NULL REFERENCES batch (id),
    spot_id     INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    code        TEXT NOT NULL,
    raw         TEXT NOT NULL,
    row         INTEGER NOT NULL,
    PRIMARY KEY (removed_in, spot_id, position, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX spot_by_batch ON spot (batch_id);
