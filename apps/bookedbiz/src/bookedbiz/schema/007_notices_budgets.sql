-- What the station is told and whether it arrived, versions of the budget, what is expected of sectors, merged agencies.

CREATE TABLE notice (                      -- one thing that somebody is told
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN
               ('imported', 'failed', 'not ready', 'refused', 'nothing imported', 'check', 'digest', 'try')),
    loud   INTEGER NOT NULL CHECK (loud IN (0, 1)),
    title  TEXT NOT NULL,
    body   TEXT NOT NULL
) STRICT;

CREATE INDEX notice_by_kind ON notice (kind, at);

CREATE TABLE notice_way (                  -- how it was to go out; what has no sent_at is tried again
    id         INTEGER PRIMARY KEY,
    notice_id  INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
    way        TEXT NOT NULL CHECK (way IN ('ntfy', 'webhook', 'mail')),
    user_id    INTEGER REFERENCES user (id),          -- by mail to this person; NULL: as the settings say
    tries      INTEGER NOT NULL DEFAULT 0,
    sent_at    TEXT,
    error      TEXT                        -- why the last try failed, without address or topic
) STRICT;

CREATE UNIQUE INDEX notice_way_once ON notice_way (notice_id, way, COALESCE(user_id, 0));
CREATE INDEX notice_way_waiting ON notice_way (notice_id) WHERE sent_at IS NULL;

CREATE TABLE digest_subscription (         -- who gets the day's changes by mail; an AE those of their own book
    user_id  INTEGER PRIMARY KEY REFERENCES user (id),
    since    TEXT NOT NULL
) STRICT;

CREATE TABLE budget_version (              -- the budgets of the active one are in `plan`, where every report reads them
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    key      TEXT NOT NULL UNIQUE,
    active   INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1)),
    made_at  TEXT NOT NULL,
    made_by  TEXT NOT NULL,
    note     TEXT
) STRICT;

CREATE UNIQUE INDEX budget_version_active ON budget_version (active) WHERE active = 1;

INSERT INTO budget_version (name, key, active, made_at, made_by)
VALUES ('Budget', 'budget', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'bookedbiz');

CREATE TABLE version_budget (              -- the budgets of the versions that are not active
    version_id    INTEGER NOT NULL REFERENCES budget_version (id),
    entity_id     INTEGER NOT NULL REFERENCES entity (id),
    month         INTEGER NOT NULL CHECK (month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12),
    budget_cents  INTEGER NOT NULL CHECK (budget_cents >= 0),
    PRIMARY KEY (version_id, entity_id, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE sector_expectation (          -- what of an entity's budget is to come from a sector
    entity_id     INTEGER NOT NULL REFERENCES entity (id),
    month         INTEGER NOT NULL CHECK (month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12),
    sector_id     INTEGER NOT NULL REFERENCES sector (id),
    amount_cents  INTEGER NOT NULL CHECK (amount_cents >= 0),
    PRIMARY KEY (entity_id, month, sector_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE agency ADD COLUMN merged_into_id INTEGER REFERENCES agency (id);    -- NULL: it stands for itself
