-- What the station plans: budget and forecast by entity and month with every change, switches, tokens of workbooks.
--
-- A plan says nothing with NULL: no budget set, no forecast entered. 0 is a number somebody has entered.

CREATE TABLE plan (                        -- as it is now; a month of an entity without a line has no plan
    entity_id       INTEGER NOT NULL REFERENCES entity (id),
    month           INTEGER NOT NULL CHECK (month BETWEEN 190001 AND 299912 AND month % 100 BETWEEN 1 AND 12),
    budget_cents    INTEGER CHECK (budget_cents >= 0),
    forecast_cents  INTEGER CHECK (forecast_cents >= 0),    -- as entered, never filled from the budget
    new_accounts    INTEGER CHECK (new_accounts >= 0),
    new_cents       INTEGER CHECK (new_cents >= 0),         -- to come from new accounts
    PRIMARY KEY (entity_id, month),
    CHECK (COALESCE(budget_cents, forecast_cents, new_accounts, new_cents) IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX plan_by_month ON plan (month);

CREATE TABLE plan_session (                -- changes that were saved together
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    saved_at  TEXT NOT NULL,
    saved_by  TEXT NOT NULL,
    source    TEXT NOT NULL CHECK (source IN ('planning', 'reset', 'budget', 'import')),
    note      TEXT
) STRICT;

CREATE TABLE plan_change (                 -- append-only: the history of each cell
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES plan_session (id),
    entity_id   INTEGER NOT NULL REFERENCES entity (id),
    month       INTEGER NOT NULL,
    item        TEXT NOT NULL CHECK (item IN ('budget', 'forecast', 'new_accounts', 'new_dollars')),
    old         INTEGER,                   -- cents, or accounts; NULL = nothing entered
    new         INTEGER,
    CHECK (old IS NOT new)
) STRICT;

CREATE INDEX plan_change_by_cell ON plan_change (entity_id, month);
CREATE INDEX plan_change_by_session ON plan_change (session_id);

CREATE TRIGGER plan_change_is_never_changed BEFORE UPDATE ON plan_change
BEGIN SELECT RAISE(ABORT, 'the history of the plans is append-only'); END;

CREATE TRIGGER plan_change_is_never_deleted BEFORE DELETE ON plan_change
BEGIN SELECT RAISE(ABORT, 'the history of the plans is append-only'); END;

CREATE TABLE switch (                      -- what the station allows; one without a line is off
    name        TEXT PRIMARY KEY,
    is_on       INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    changed_at  TEXT NOT NULL,
    changed_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE export_token (                -- who may fetch the workbook exports; the token itself is kept nowhere
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    digest      TEXT,                      -- SHA-256, hexadecimal; NULL = opens nothing any more
    created_at  TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    revoked_at  TEXT,
    revoked_by  TEXT,
    CHECK (digest IS NULL OR revoked_at IS NULL)
) STRICT;

CREATE UNIQUE INDEX export_token_by_name ON export_token (name) WHERE revoked_at IS NULL;

-- The newest spot with a contract behind each line of the summary: the exports take a broker's share from it.
ALTER TABLE booked ADD COLUMN newest_contract_spot_id INTEGER;

UPDATE booked SET newest_contract_spot_id = newest.spot_id
FROM (
    SELECT spot.month, spot.revenue_type_id, spot.bill_code_id, spot.sales_person_id, spot.market_id, spot.language_id,
        spot.spot_type_id, COALESCE(lower(trim(label.text)) = 'agency', 0) AS is_agency, MAX(spot.id) AS spot_id
    FROM spot
    LEFT JOIN label ON label.id = spot.agency_flag_id
    WHERE spot.contract_id IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
) AS newest
WHERE booked.month = newest.month AND booked.revenue_type_id = newest.revenue_type_id
  AND booked.bill_code_id = newest.bill_code_id AND booked.sales_person_id = newest.sales_person_id
  AND booked.market_id = newest.market_id AND booked.language_id = newest.language_id
  AND booked.spot_type_id = newest.spot_type_id AND booked.is_agency = newest.is_agency;

-- The view as it was, with what the exports and the plans go by: ids, texts as the cells have them, groups.
DROP VIEW revenue;

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
    date(booked.last_air_day * 86400, 'unixepoch')                      AS last_air_date,
    CASE WHEN bill_code.is_worldlink THEN (SELECT id FROM entity WHERE name = 'WorldLink')
         ELSE COALESCE(entity.id, 0) END                                AS entity_id,    -- 0 = Unmatched
    COALESCE(sector.grp, 'Unassigned')                                  AS sector_group,
    language.grp                                                        AS language_group,
    booked.bill_code_id                                                 AS bill_code_id,
    booked.sales_person_id                                              AS sales_person_id,
    booked.market_id                                                    AS market_id,    -- as the cell has it
    booked.revenue_type_id                                              AS revenue_type_id,
    booked.is_agency                                                    AS is_agency,
    booked.newest_contract_spot_id                                      AS newest_contract_spot_id
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
