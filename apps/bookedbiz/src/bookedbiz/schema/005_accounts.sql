-- Accounts: who looks after a customer or an agency, whom one talks to there, what was said, and what figures say of it.

CREATE TABLE account (                     -- one for every customer and every agency, made with it
    id             INTEGER PRIMARY KEY,
    customer_id    INTEGER UNIQUE REFERENCES customer (id) ON DELETE CASCADE,
    agency_id      INTEGER UNIQUE REFERENCES agency (id) ON DELETE CASCADE,
    ae_id          INTEGER REFERENCES ae (id),        -- who looks after it now; NULL = nobody. Not who sold a row
    commission_bp  INTEGER CHECK (commission_bp BETWEEN 0 AND 10000),  -- 1500 = 15 %; NULL = never reviewed, which is not 0
    order_basis    TEXT CHECK (order_basis IN ('gross', 'net')),       -- NULL = not said
    po_number      TEXT NOT NULL DEFAULT '',
    edi            INTEGER CHECK (edi IN (0, 1)),     -- NULL = not said
    edi_code       TEXT NOT NULL DEFAULT '' CHECK (length(edi_code) <= 10),
    affidavit      INTEGER NOT NULL DEFAULT 0 CHECK (affidavit IN (0, 1)),
    notes          TEXT NOT NULL DEFAULT '',
    CHECK ((customer_id IS NULL) <> (agency_id IS NULL))
) STRICT;

CREATE INDEX account_by_ae ON account (ae_id);

INSERT INTO account (customer_id) SELECT id FROM customer ORDER BY id;
INSERT INTO account (agency_id) SELECT id FROM agency ORDER BY id;

CREATE TRIGGER a_customer_is_an_account AFTER INSERT ON customer
BEGIN INSERT INTO account (customer_id) VALUES (NEW.id); END;

CREATE TRIGGER an_agency_is_an_account AFTER INSERT ON agency
BEGIN INSERT INTO account (agency_id) VALUES (NEW.id); END;

CREATE TABLE assignment (                  -- who looked after an account from when to when
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES account (id),
    ae_id        INTEGER NOT NULL REFERENCES ae (id),
    from_at      TEXT NOT NULL,
    until_at     TEXT,                     -- NULL: still does
    assigned_by  TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX assignment_of_now ON assignment (account_id) WHERE until_at IS NULL;
CREATE INDEX assignment_by_account ON assignment (account_id);

CREATE TABLE contact (                     -- somebody at a customer or an agency
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES account (id),
    name        TEXT NOT NULL,
    title       TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL CHECK (role IN
                    ('decision maker', 'account manager', 'billing', 'technical', 'traffic', 'other')),
    email       TEXT NOT NULL DEFAULT '',
    phone       TEXT NOT NULL DEFAULT '',
    is_primary  INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    active      INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    CHECK (active OR NOT is_primary)
) STRICT;

CREATE INDEX contact_by_account ON contact (account_id);
CREATE UNIQUE INDEX one_primary_contact ON contact (account_id) WHERE is_primary;

CREATE TABLE address (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES account (id),
    kind        TEXT NOT NULL CHECK (kind IN ('billing', 'shipping', 'PO box', 'office', 'other')),
    street      TEXT NOT NULL DEFAULT '',
    city        TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL DEFAULT '',
    zip         TEXT NOT NULL DEFAULT '',
    is_primary  INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1))
) STRICT;

CREATE INDEX address_by_account ON address (account_id);
CREATE UNIQUE INDEX one_primary_address ON address (account_id) WHERE is_primary;

CREATE TABLE activity (                    -- what was said and done, and what is to be done
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES account (id),
    kind        TEXT NOT NULL CHECK (kind IN ('note', 'call', 'email', 'meeting', 'status change', 'follow-up')),
    text        TEXT NOT NULL,
    contact_id  INTEGER REFERENCES contact (id),
    author      TEXT NOT NULL,             -- e-mail of who wrote it
    at          TEXT NOT NULL,
    due_on      TEXT,                      -- the station's date
    done_at     TEXT,
    done_by     TEXT,
    CHECK ((kind = 'follow-up') = (due_on IS NOT NULL)),
    CHECK (done_at IS NULL OR due_on IS NOT NULL)
) STRICT;

CREATE INDEX activity_by_account ON activity (account_id, at);
CREATE INDEX activity_by_moment ON activity (at);
CREATE INDEX follow_up_by_due ON activity (due_on) WHERE due_on IS NOT NULL AND done_at IS NULL;

-- ------------------------------------------------------------------------- what the imports say: accounts.refresh keeps it

CREATE TABLE account_figures (             -- cents without Trade; an agency has those of its customers
    account_id      INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    year_cents      INTEGER NOT NULL,      -- aired in the 12 months up to the day of the refresh
    before_cents    INTEGER NOT NULL,      -- in the 12 months before those
    ahead_cents     INTEGER NOT NULL,      -- booked to air after it
    ever_cents      INTEGER NOT NULL,
    ahead_spots     INTEGER NOT NULL,
    first_air_day   INTEGER,
    last_air_day    INTEGER,               -- of what has aired
    active_months   INTEGER NOT NULL,      -- of the last 24, by label
    recent_cents    INTEGER NOT NULL,      -- of the 3 months before the current one, by label
    earlier_cents   INTEGER NOT NULL,      -- of the 3 before those
    coming_cents    INTEGER NOT NULL,      -- of the current month and the 2 after it
    markets         TEXT NOT NULL          -- codes of the last 12 months and of what is ahead, with commas
) STRICT;

CREATE TABLE account_signal (              -- one line from the day a signal shows to the day it is gone
    id             INTEGER PRIMARY KEY,
    account_id     INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL CHECK (kind IN
                       ('churned', 'renewal gap', 'declining', 'gone quiet', 'new account', 'growing')),
    label          TEXT NOT NULL,          -- its numbers, as of the last refresh
    opened_on      TEXT NOT NULL,          -- the station's date
    closed_on      TEXT,                   -- when it was no longer there
    state          TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'acknowledged', 'snoozed', 'dismissed')),
    state_at       TEXT,
    state_by       TEXT,
    reason         TEXT NOT NULL DEFAULT '',
    snoozed_until  TEXT,                   -- from that date on it is new again
    CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
    CHECK (state NOT IN ('snoozed', 'dismissed') OR reason <> '')
) STRICT;

CREATE UNIQUE INDEX one_open_signal ON account_signal (account_id, kind) WHERE closed_on IS NULL;

CREATE TABLE account_refresh (             -- the last time that figures and signals were computed, and how that went
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    tried_at      TEXT NOT NULL,
    refreshed_at  TEXT,                    -- the last that went well: figures are as of then
    took_ms       INTEGER,
    error         TEXT                     -- why the last did not
) STRICT;

CREATE TABLE signal_threshold (            -- what the station has set otherwise than accounts.thresholds has it
    name        TEXT PRIMARY KEY,
    value       INTEGER NOT NULL CHECK (value >= 0),
    changed_at  TEXT NOT NULL,
    changed_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------------------------------------------ saved filters

CREATE TABLE saved_filter (                -- a name for a report's address
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    path        TEXT NOT NULL CHECK (substr(path, 1, 1) = '/'),
    query       TEXT NOT NULL,
    shared      INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),
    created_at  TEXT NOT NULL,
    UNIQUE (user_id, name)
) STRICT;

-- --------------------------------------------------------------------------------------------------- views

-- Accounts that stand for themselves, with the names that pages show.
CREATE VIEW account_shown AS
SELECT
    account.id                                                         AS id,
    CASE WHEN account.customer_id IS NULL THEN 'agency' ELSE 'customer' END AS kind,
    account.customer_id                                                AS customer_id,
    account.agency_id                                                  AS agency_id,
    COALESCE(customer.name, own.name)                                  AS name,
    COALESCE(customer.key, own.key)                                    AS key,
    COALESCE(customer.active, own.active)                              AS active,
    COALESCE(sector.name, '')                                          AS sector,
    parent.id                                                          AS parent_id,     -- the agency's account
    agency.name                                                        AS agency,
    account.ae_id                                                      AS ae_id,
    ae.name                                                            AS ae,
    account.commission_bp                                              AS commission_bp,
    COALESCE(account.commission_bp, parent.commission_bp)              AS commission_in_force_bp,
    account.order_basis                                                AS order_basis,
    account.po_number                                                  AS po_number,
    account.edi                                                        AS edi,
    account.edi_code                                                   AS edi_code,
    account.affidavit                                                  AS affidavit,
    account.notes                                                      AS notes
FROM account
LEFT JOIN customer ON customer.id = account.customer_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN agency AS own ON own.id = account.agency_id
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN account AS parent ON parent.agency_id = customer.agency_id
LEFT JOIN ae ON ae.id = account.ae_id
WHERE customer.merged_into_id IS NULL;

-- Whose contacts, addresses and activities an account shows: its own, and those of customers that were merged into it.
CREATE VIEW account_member AS
WITH RECURSIVE member (account_id, customer_id, member_id) AS (
    SELECT id, customer_id, id FROM account
    UNION
    SELECT member.account_id, customer.id, account.id
    FROM member
    JOIN customer ON customer.merged_into_id = member.customer_id
    JOIN account ON account.customer_id = customer.id
)
SELECT account_id, member_id FROM member;
