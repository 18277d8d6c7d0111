-- The ledger: every airing the Commercial Log names, who it belongs to, and what each import changed.
--
-- Money is integer cents. A month is the broadcast month's label as yyyymm (202611). A day is counted from
-- 1970-01-01: date(air_day * 86400, 'unixepoch') prints it. A moment is ISO-8601 text in UTC. An id 0 in a
-- lookup table stands for an empty cell, so that no summary key is ever NULL.
-- `key` columns hold names.text.name_key(text), made by that one function; texts are compared by it alone.

-- ---------------------------------------------------------------------------------------------- imports

CREATE TABLE batch (                       -- one import, successful or not
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at          TEXT NOT NULL,
    finished_at         TEXT,              -- NULL while running
    mode                TEXT NOT NULL CHECK (mode IN ('WEEKLY_UPDATE', 'HISTORICAL', 'MANUAL', 'TRAFFIC')),
    file_name           TEXT NOT NULL,     -- as given; the content is kept as workbooks/<file_sha256>.xlsx
    file_sha256         TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
    imported_by         TEXT NOT NULL,
    rows_read           INTEGER NOT NULL DEFAULT 0,    -- lines below the header, blank ones included
    rows_stored         INTEGER NOT NULL DEFAULT 0,    -- accepted: in the ledger, or in a month this import left alone
    rows_skipped        INTEGER NOT NULL DEFAULT 0,    -- each with a reason in batch_skip
    rows_left           INTEGER NOT NULL DEFAULT 0,    -- of the accepted, those of months that were left alone
    rows_added          INTEGER NOT NULL DEFAULT 0,
    rows_removed        INTEGER NOT NULL DEFAULT 0,
    rows_unchanged      INTEGER NOT NULL DEFAULT 0,    -- these kept their ids
    issues              INTEGER NOT NULL DEFAULT 0,    -- cells of the file that were repaired or could not be read
    gross_before_cents  INTEGER NOT NULL DEFAULT 0,    -- of the months it touched
    gross_after_cents   INTEGER NOT NULL DEFAULT 0,
    same_as             INTEGER REFERENCES batch (id), -- byte-identical with the file of that batch: nothing was read
    error               TEXT,                          -- why it failed
    CHECK (status <> 'completed' OR rows_read = rows_stored + rows_skipped),
    CHECK (status <> 'completed' OR rows_stored = rows_left + rows_added + rows_unchanged)
) STRICT;

CREATE INDEX batch_by_file ON batch (file_sha256);

CREATE TABLE sheet (                       -- names of the sheets that rows came from
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE batch_sheet (                 -- what one sheet of the workbook brought
    batch_id      INTEGER NOT NULL REFERENCES batch (id),
    sheet_id      INTEGER NOT NULL REFERENCES sheet (id),
    rows_read     INTEGER NOT NULL,
    rows_stored   INTEGER NOT NULL,
    rows_skipped  INTEGER NOT NULL,
    issues        INTEGER NOT NULL,
    gross_cents   INTEGER NOT NULL,
    net_cents     INTEGER NOT NULL,
    total_cents   INTEGER,                 -- gross of the sheet's own TOTAL line, if it has one
    PRIMARY KEY (batch_id, sheet_id),
    CHECK (rows_read = rows_stored + rows_skipped)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_month (                 -- what became of each month of the file
    batch_id            INTEGER NOT NULL REFERENCES batch (id),
    month               INTEGER NOT NULL,
    outcome             TEXT NOT NULL CHECK (outcome IN
                            ('imported', 'unchanged', 'closed', 'waiting for close', 'kept', 'not ticked')),
    file_rows           INTEGER NOT NULL,  -- in the workbook; 0 for a month that only the ledger has (kept)
    rows_before         INTEGER NOT NULL,
    rows_after          INTEGER NOT NULL,
    rows_added          INTEGER NOT NULL,
    rows_removed        INTEGER NOT NULL,
    gross_before_cents  INTEGER NOT NULL,
    gross_after_cents   INTEGER NOT NULL,
    net_before_cents    INTEGER NOT NULL,
    net_after_cents     INTEGER NOT NULL,
    PRIMARY KEY (batch_id, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_skip (                  -- how many lines were not stored, and why
    batch_id  INTEGER NOT NULL REFERENCES batch (id),
    sheet_id  INTEGER NOT NULL REFERENCES sheet (id),
    reason    TEXT NOT NULL CHECK (reason IN ('blank', 'header', 'total', 'no month or date')),
    rows      INTEGER NOT NULL,
    PRIMARY KEY (batch_id, sheet_id, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE skipped_row (                 -- each line that was not stored, blank ones apart
    batch_id  INTEGER NOT NULL REFERENCES batch (id),
    sheet_id  INTEGER NOT NULL REFERENCES sheet (id),
    row       INTEGER NOT NULL,            -- as Excel numbers it
    reason    TEXT NOT NULL,
    content   TEXT NOT NULL,               -- its cells, for the person who looks
    PRIMARY KEY (batch_id, sheet_id, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE month_status (                -- a month without a line is open
    month      INTEGER PRIMARY KEY CHECK (month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12),
    status     TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    closed_at  TEXT,
    closed_by  TEXT,
    note       TEXT
) STRICT;

CREATE TABLE month_seal (                  -- what a month held when it was closed: any later difference shows
    id           INTEGER PRIMARY KEY,
    month        INTEGER NOT NULL,
    batch_id     INTEGER NOT NULL REFERENCES batch (id),
    sealed_at    TEXT NOT NULL,
    spots        INTEGER NOT NULL,
    gross_cents  INTEGER NOT NULL,
    net_cents    INTEGER NOT NULL,
    digest       INTEGER NOT NULL          -- sum of the row hashes modulo 2^63, in any order
) STRICT;

-- ------------------------------------------------------------------------------------------------ names

CREATE TABLE sector (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    grp    TEXT NOT NULL                   -- Commercial, Financial, Healthcare, Outreach, Political, Other
) STRICT;

CREATE TABLE agency (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    key     TEXT NOT NULL UNIQUE,
    active  INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE advertiser (                  -- who is advertised, through whichever agency
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    key     TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE customer (                    -- an advertiser through an agency: commission, order and contact go by the pair
    id             INTEGER PRIMARY KEY,
    advertiser_id  INTEGER NOT NULL REFERENCES advertiser (id),
    agency_id      INTEGER REFERENCES agency (id),    -- the first of the chain; NULL = direct
    via_agency_id  INTEGER REFERENCES agency (id),    -- the second of the chain
    name           TEXT NOT NULL,          -- Agency:Agency:Advertiser
    key            TEXT NOT NULL UNIQUE,
    sector_id      INTEGER REFERENCES sector (id),    -- the primary one; NULL = Unassigned
    active         INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at     TEXT NOT NULL
) STRICT;

CREATE INDEX customer_by_advertiser ON customer (advertiser_id);

CREATE TABLE ae (                          -- account executives; House is one of them
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    key     TEXT NOT NULL UNIQUE,
    active  INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE entity (                      -- a name that owns budget, forecast and booked
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL CHECK (kind IN ('AE', 'House', 'Agency')),
    ae_id   INTEGER UNIQUE REFERENCES ae (id),        -- NULL for WorldLink, which goes by the bill code
    active  INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE alias (                       -- another spelling of a name, whatever its case, width or spaces
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('bill_code', 'advertiser', 'agency', 'ae')),
    name           TEXT NOT NULL,
    key            TEXT NOT NULL,
    customer_id    INTEGER REFERENCES customer (id),
    advertiser_id  INTEGER REFERENCES advertiser (id),
    agency_id      INTEGER REFERENCES agency (id),
    ae_id          INTEGER REFERENCES ae (id),
    confidence     INTEGER NOT NULL DEFAULT 100 CHECK (confidence BETWEEN 1 AND 100),
    active         INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    made_by        TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    note           TEXT,
    UNIQUE (kind, key),
    CHECK ((kind = 'bill_code') = (customer_id IS NOT NULL)),
    CHECK ((kind = 'advertiser') = (advertiser_id IS NOT NULL)),
    CHECK ((kind = 'agency') = (agency_id IS NOT NULL)),
    CHECK ((kind = 'ae') = (ae_id IS NOT NULL))
) STRICT;

CREATE TABLE noise_phrase (                -- endings of a bill code that do not change whom it names
    id      INTEGER PRIMARY KEY,
    phrase  TEXT NOT NULL UNIQUE,
    part    TEXT NOT NULL CHECK (part IN ('anywhere', 'customer'))  -- of the whole code | of its customer, once
) STRICT;

CREATE TABLE bill_code (                   -- each distinct text of the Bill Code column; fixing a name is one update
    id             INTEGER PRIMARY KEY,
    raw            TEXT NOT NULL UNIQUE,   -- as the cell has it
    key            TEXT NOT NULL,
    agency_text    TEXT,                   -- what the grammar made of it
    customer_text  TEXT NOT NULL,
    is_worldlink   INTEGER NOT NULL CHECK (is_worldlink IN (0, 1)),
    customer_id    INTEGER REFERENCES customer (id),  -- NULL while unresolved
    first_batch_id INTEGER REFERENCES batch (id)
) STRICT;

CREATE INDEX bill_code_by_customer ON bill_code (customer_id);
CREATE INDEX bill_code_by_key ON bill_code (key);

CREATE TABLE sales_person (                -- each distinct text of the Sales Person column
    id     INTEGER PRIMARY KEY,
    raw    TEXT NOT NULL UNIQUE,
    key    TEXT NOT NULL,
    ae_id  INTEGER REFERENCES ae (id)      -- NULL while unmatched
) STRICT;

CREATE TABLE market (                      -- a code seen for the first time is pending, and its money counts
    id            INTEGER PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('confirmed', 'pending')),
    report_as_id  INTEGER REFERENCES market (id)      -- an older code that is reported under another
) STRICT;

CREATE TABLE language (
    id      INTEGER PRIMARY KEY,
    code    TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    grp     TEXT NOT NULL,
    status  TEXT NOT NULL CHECK (status IN ('confirmed', 'pending'))
) STRICT;

CREATE TABLE revenue_type (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    is_trade  INTEGER NOT NULL DEFAULT 0 CHECK (is_trade IN (0, 1)),  -- barter: stored, and no revenue
    status    TEXT NOT NULL CHECK (status IN ('confirmed', 'pending'))
) STRICT;

CREATE TABLE spot_type (
    id      INTEGER PRIMARY KEY,
    code    TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    status  TEXT NOT NULL CHECK (status IN ('confirmed', 'pending'))  -- a pending one is reported as blank
) STRICT;

CREATE TABLE synonym (                     -- other spellings of a code
    kind    TEXT NOT NULL CHECK (kind IN ('revenue_type', 'spot_type', 'language', 'market')),
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,                 -- the name or code of the lookup table
    review  INTEGER NOT NULL DEFAULT 0 CHECK (review IN (0, 1)),      -- 1 = mapped, and listed as an issue
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE contract (
    id              INTEGER PRIMARY KEY,
    number          TEXT NOT NULL UNIQUE,
    first_batch_id  INTEGER REFERENCES batch (id)
) STRICT;

CREATE TABLE label (                       -- free text that repeats: media, format, flags
    id    INTEGER PRIMARY KEY,
    text  TEXT NOT NULL UNIQUE
) STRICT;

-- ------------------------------------------------------------------------------------------------ spots

CREATE TABLE spot (                        -- one airing; duplicates are legitimate and all kept
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    row_hash         INTEGER NOT NULL,     -- 64 bits over sheet and all 29 cleaned cells
    batch_id         INTEGER NOT NULL REFERENCES batch (id),          -- the import that added it
    sheet_id         INTEGER NOT NULL REFERENCES sheet (id),
    month            INTEGER NOT NULL CHECK (month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12),
    month_derived    INTEGER NOT NULL CHECK (month_derived IN (0, 1)),
    bill_code_id     INTEGER NOT NULL REFERENCES bill_code (id),
    air_day          INTEGER,
    end_day          INTEGER,
    time_in_s        INTEGER,              -- seconds after midnight
    time_out_s       INTEGER,
    length_s         INTEGER,
    media_id         INTEGER REFERENCES label (id),
    comments         TEXT,                 -- usually the time it really aired
    language_id      INTEGER NOT NULL REFERENCES language (id),
    format_id        INTEGER REFERENCES label (id),
    unit             TEXT,
    line             TEXT,
    spot_type_id     INTEGER NOT NULL REFERENCES spot_type (id),
    estimate         TEXT,
    gross_cents      INTEGER,              -- NULL when the cell could not be read
    make_good_id     INTEGER REFERENCES label (id),
    value_cents      INTEGER,              -- Spot Value: repeats gross
    broker_cents     INTEGER,
    priority_id      INTEGER REFERENCES label (id),
    net_cents        INTEGER,
    sales_person_id  INTEGER NOT NULL REFERENCES sales_person (id),
    revenue_type_id  INTEGER NOT NULL REFERENCES revenue_type (id),
    billing_type     TEXT,                 -- Calendar, Broadcast, or what the cell says
    agency_flag_id   INTEGER REFERENCES label (id),
    affidavit_id     INTEGER REFERENCES label (id),
    contract_id      INTEGER REFERENCES contract (id),
    market_id        INTEGER NOT NULL REFERENCES market (id)
) STRICT;

CREATE INDEX spot_by_month ON spot (month, row_hash);
CREATE INDEX spot_by_bill_code ON spot (bill_code_id, month);
CREATE INDEX spot_by_contract ON spot (contract_id) WHERE contract_id IS NOT NULL;

CREATE TABLE issue (                       -- a cell of a stored row that was repaired or could not be read
    spot_id   INTEGER NOT NULL REFERENCES spot (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,            -- column of the workbook, from 0
    code      TEXT NOT NULL,               -- workbook.issues names them
    raw       TEXT NOT NULL,               -- what the cell says
    row       INTEGER NOT NULL,            -- Excel's row number in the import that added the spot
    PRIMARY KEY (spot_id, position, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX issue_by_code ON issue (code);

-- ------------------------------------------------------------------------------------- kept with each import

CREATE TABLE booked (                      -- the summary every report reads; importing.summary keeps it
    month             INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),
    spot_type_id      INTEGER NOT NULL REFERENCES spot_type (id),
    is_agency         INTEGER NOT NULL,    -- 1 where the Agency? cell says Agency
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    broker_cents      INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,    -- gross above 0
    paid_gross_cents  INTEGER NOT NULL,
    min_gross_cents   INTEGER,
    max_gross_cents   INTEGER,
    first_air_day     INTEGER,
    last_air_day      INTEGER,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id, is_agency)
) STRICT, WITHOUT ROWID;

CREATE INDEX booked_by_bill_code ON booked (bill_code_id);

CREATE TABLE change (                      -- what an import changed, by contract
    id                  INTEGER PRIMARY KEY,
    batch_id            INTEGER NOT NULL REFERENCES batch (id),
    kind                TEXT NOT NULL CHECK (kind IN ('booked', 'cancelled', 'repriced', 'moved', 'edited')),
    month               INTEGER NOT NULL,
    bill_code_id        INTEGER NOT NULL REFERENCES bill_code (id),   -- as it is now, or was when cancelled
    sales_person_id     INTEGER NOT NULL REFERENCES sales_person (id),
    contract_id         INTEGER REFERENCES contract (id),
    columns             TEXT NOT NULL,     -- names of the columns that differ, with commas; empty for booked, cancelled
    spots               INTEGER NOT NULL,
    gross_before_cents  INTEGER NOT NULL,
    gross_after_cents   INTEGER NOT NULL,
    net_before_cents    INTEGER NOT NULL,
    net_after_cents     INTEGER NOT NULL
) STRICT;

CREATE INDEX change_by_batch ON change (batch_id);

CREATE TABLE snapshot (                    -- for pacing: what was booked at the end of a day; only lines that moved
    month            INTEGER NOT NULL,
    entity_id        INTEGER NOT NULL,     -- 0 = unmatched
    revenue_type_id  INTEGER NOT NULL REFERENCES revenue_type (id),
    market_id        INTEGER NOT NULL REFERENCES market (id),
    sector_id        INTEGER NOT NULL,     -- 0 = unassigned
    taken_on         TEXT NOT NULL,        -- the station's date
    spots            INTEGER NOT NULL,
    gross_cents      INTEGER NOT NULL,
    net_cents        INTEGER NOT NULL,
    PRIMARY KEY (month, entity_id, revenue_type_id, market_id, sector_id, taken_on)
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------------------------------------- people and audit

CREATE TABLE user (
    id             INTEGER PRIMARY KEY,
    email          TEXT NOT NULL UNIQUE COLLATE NOCASE,
    first_name     TEXT NOT NULL,
    last_name      TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('admin', 'management', 'ae', 'viewer')),
    ae_id          INTEGER REFERENCES ae (id),        -- whose book is theirs
    password_hash  TEXT,                   -- argon2; NULL = cannot log in by password
    active         INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at     TEXT NOT NULL,
    last_login_at  TEXT
) STRICT;

CREATE TABLE audit (                       -- append-only
    id      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    key     TEXT NOT NULL,
    old     TEXT,
    new     TEXT,
    extra   TEXT
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- --------------------------------------------------------------------------------- the only source of booked

-- Trade is left out and blank revenue types stay in, here and nowhere else.
-- customer_id is negative (and unique to the bill code) while the bill code is unresolved.
CREATE VIEW revenue AS
SELECT
    booked.month                                                        AS month,
    COALESCE(bill_code.customer_id, -bill_code.id)                      AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(advertiser.name, NULLIF(bill_code.customer_text, ''), '(no bill code)') AS advertiser,
    CASE WHEN customer.id IS NULL THEN bill_code.agency_text ELSE agency.name END AS agency,
    COALESCE(sector.name, 'Unassigned')                                 AS sector,
    sales_person.ae_id                                                  AS ae_id,
    COALESCE(ae.name, 'Unknown')                                        AS ae,
    CASE WHEN bill_code.is_worldlink THEN 'WorldLink'
         ELSE COALESCE(entity.name, 'Unmatched') END                    AS entity,
    COALESCE(shown_market.code, market.code)                            AS market,
    language.name                                                       AS language,
    revenue_type.name                                                   AS revenue_type,
    CASE spot_type.status WHEN 'confirmed' THEN spot_type.code ELSE '' END AS spot_type,
    booked.spots                                                        AS spots,
    booked.gross_cents                                                  AS gross_cents,
    booked.net_cents                                                    AS net_cents,
    booked.broker_cents                                                 AS broker_cents,
    booked.paid_spots                                                   AS paid_spots,
    booked.paid_gross_cents                                             AS paid_gross_cents,
    date(booked.first_air_day * 86400, 'unixepoch')                     AS first_air_date,
    date(booked.last_air_day * 86400, 'unixepoch')                      AS last_air_date
FROM booked
JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
JOIN bill_code ON bill_code.id = booked.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
LEFT JOIN advertiser ON advertiser.id = customer.advertiser_id
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN sector ON sector.id = customer.sector_id
JOIN sales_person ON sales_person.id = booked.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
LEFT JOIN entity ON entity.ae_id = sales_person.ae_id
JOIN market ON market.id = booked.market_id
LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
JOIN language ON language.id = booked.language_id
JOIN spot_type ON spot_type.id = booked.spot_type_id
WHERE revenue_type.is_trade = 0;
