-- What the station decides about its rows: the language of each, the class of each customer, what an unknown code means.
--
-- The language of a line of the summary is a pure function of four columns (revenue type, type, code, and the bill code
-- for which somebody has set it), so it is kept on the line itself. The code as the cell has it stays beside it.

CREATE TABLE language_category (           -- which rows need a language; a pair without a line is 'review'
    revenue_type_id  INTEGER NOT NULL REFERENCES revenue_type (id),
    spot_type_id     INTEGER REFERENCES spot_type (id),    -- NULL = every type that has no line of its own
    category         TEXT NOT NULL CHECK (category IN ('language required', 'default English', 'review')),
    UNIQUE (revenue_type_id, spot_type_id)
) STRICT;

INSERT INTO language_category (revenue_type_id, spot_type_id, category) VALUES
    (1, 1, 'language required'),           -- Internal Ad Sales (and what was called Local) with COM, BNS
    (1, 2, 'language required'),
    (2, NULL, 'default English'),          -- Direct Response Sales, Paid Programming, Branded Content
    (3, NULL, 'default English'),
    (4, NULL, 'default English'),
    (5, 4, 'default English'),             -- Other with SVC, PRD
    (5, 5, 'default English');

CREATE TABLE language_method (             -- how a language was found, and how far it can be trusted
    name        TEXT PRIMARY KEY,
    words       TEXT NOT NULL,
    confidence  REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    status      TEXT NOT NULL CHECK (status IN ('determined', 'undetermined', 'default', 'invalid')),
    review      INTEGER NOT NULL CHECK (review IN (0, 1))   -- 1 = somebody has to look
) STRICT, WITHOUT ROWID;

INSERT INTO language_method (name, words, confidence, status, review) VALUES
    ('manual', 'set by hand', 1.0, 'determined', 0),
    ('business_rule_default_english', 'English by the kind of business', 1.0, 'default', 0),
    ('auto_default_com_bb', 'commercial or billboard without a code', 1.0, 'default', 0),
    ('undetermined_flagged', 'undetermined at trafficking', 0.0, 'undetermined', 1),
    ('invalid_code_flagged', 'unknown code', 0.0, 'invalid', 1),
    ('business_review_required', 'kind of row that needs a look', 0.5, 'undetermined', 1),
    ('direct_mapping', 'by its code', 1.0, 'determined', 0),
    ('default_english', 'no code', 0.5, 'default', 0);

CREATE TABLE language_step (               -- the first that holds gives the language; a condition that is NULL always holds
    position   INTEGER PRIMARY KEY,
    method     TEXT NOT NULL REFERENCES language_method (name),
    category   TEXT,
    is_com_bb  INTEGER,                    -- 1 = of type COM or BB
    code       TEXT CHECK (code IN ('blank', 'undetermined', 'unknown', 'known')),
    gives      TEXT NOT NULL CHECK (gives IN ('English', 'code'))
) STRICT;

INSERT INTO language_step (position, method, category, is_com_bb, code, gives) VALUES
    (10, 'business_rule_default_english', 'default English', NULL, NULL, 'English'),
    (20, 'auto_default_com_bb', NULL, 1, 'blank', 'English'),
    (21, 'auto_default_com_bb', NULL, 1, 'undetermined', 'English'),
    (30, 'undetermined_flagged', NULL, NULL, 'undetermined', 'code'),
    (40, 'invalid_code_flagged', NULL, NULL, 'unknown', 'code'),
    (50, 'business_review_required', 'review', NULL, 'known', 'code'),
    (51, 'business_review_required', 'review', NULL, NULL, 'English'),
    (60, 'direct_mapping', NULL, NULL, 'known', 'code'),
    (70, 'default_english', NULL, NULL, NULL, 'English');

CREATE TABLE language_rule (               -- somebody said it: of this bill code, rows with this code are in that language
    bill_code_id          INTEGER NOT NULL REFERENCES bill_code (id),
    language_id           INTEGER NOT NULL REFERENCES language (id),    -- as the cells have it
    assigned_language_id  INTEGER NOT NULL REFERENCES language (id),
    made_at               TEXT NOT NULL,
    made_by               TEXT NOT NULL,
    PRIMARY KEY (bill_code_id, language_id)
) STRICT, WITHOUT ROWID;

-- A code that somebody has found to mean another one; market has its report_as_id for it.
ALTER TABLE language ADD COLUMN reads_as_id INTEGER REFERENCES language (id);
ALTER TABLE spot_type ADD COLUMN reads_as_id INTEGER REFERENCES spot_type (id);
ALTER TABLE revenue_type ADD COLUMN reads_as_id INTEGER REFERENCES revenue_type (id);   -- with that one's is_trade

-- NULL: nobody has said it; political in the sector group Political, else regular.
ALTER TABLE customer ADD COLUMN class TEXT CHECK (class IN ('regular', 'irregular', 'political'));

-- The language of a row by its revenue type, type and code, before anybody has set another one.
CREATE VIEW language_answer AS
SELECT
    asked.revenue_type_id                                               AS revenue_type_id,
    asked.spot_type_id                                                  AS spot_type_id,
    asked.language_id                                                   AS language_id,
    asked.category                                                      AS category,
    step.method                                                         AS method,
    CASE step.gives WHEN 'English' THEN (SELECT id FROM language WHERE code = 'E') ELSE asked.meant_id END
                                                                        AS assigned_language_id
FROM (
    SELECT
        revenue_type.id AS revenue_type_id,
        spot_type.id AS spot_type_id,
        language.id AS language_id,
        meant.id AS meant_id,
        shown_type.code IN ('COM', 'BB') AND shown_type.status = 'confirmed' AS is_com_bb,
        CASE WHEN meant.id = 0 THEN 'blank' WHEN meant.code = 'L' THEN 'undetermined'
             WHEN meant.status = 'pending' THEN 'unknown' ELSE 'known' END AS code,
        COALESCE(
            (SELECT category FROM language_category AS one
             WHERE one.revenue_type_id = COALESCE(revenue_type.reads_as_id, revenue_type.id)
               AND one.spot_type_id = CASE shown_type.status WHEN 'confirmed' THEN shown_type.id ELSE 0 END),
            (SELECT category FROM language_category AS every
             WHERE every.revenue_type_id = COALESCE(revenue_type.reads_as_id, revenue_type.id)
               AND every.spot_type_id IS NULL),
            'review') AS category
    FROM revenue_type
    CROSS JOIN spot_type
    CROSS JOIN language
    JOIN spot_type AS shown_type ON shown_type.id = COALESCE(spot_type.reads_as_id, spot_type.id)
    JOIN language AS meant ON meant.id = COALESCE(language.reads_as_id, language.id)
) AS asked
JOIN language_step AS step ON step.position = (
    SELECT MIN(position) FROM language_step AS one
    WHERE (one.category IS NULL OR one.category = asked.category)
      AND (one.is_com_bb IS NULL OR one.is_com_bb = asked.is_com_bb)
      AND (one.code IS NULL OR one.code = asked.code)
);

ALTER TABLE booked ADD COLUMN assigned_language_id INTEGER REFERENCES language (id);  -- languages.assignment keeps both
ALTER TABLE booked ADD COLUMN language_method TEXT REFERENCES language_method (name);

UPDATE booked SET assigned_language_id = answer.assigned_language_id, language_method = answer.method
FROM language_answer AS answer
WHERE answer.revenue_type_id = booked.revenue_type_id AND answer.spot_type_id = booked.spot_type_id
  AND answer.language_id = booked.language_id;

-- Every line of the summary with its names. Reports read the two views below: what is revenue, and what is barter.
DROP VIEW revenue;

CREATE VIEW booked_named AS
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
    language.name                                                       AS language,    -- as assigned
    CASE WHEN revenue_type.reads_as_id IS NULL THEN revenue_type.name
         ELSE (SELECT name FROM revenue_type AS meant WHERE meant.id = revenue_type.reads_as_id) END AS revenue_type,
    CASE WHEN spot_type.status = 'pending' THEN ''
         WHEN spot_type.reads_as_id IS NULL THEN spot_type.code
         ELSE (SELECT code FROM spot_type AS meant WHERE meant.id = spot_type.reads_as_id) END AS spot_type,
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
    booked.newest_contract_spot_id                                      AS newest_contract_spot_id,
    COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END) AS class,
    booked.language_id                                                  AS raw_language_id,    -- as the cell has it
    booked.language_method                                              AS language_method,
    booked.spot_type_id                                                 AS spot_type_id,
    booked.max_gross_cents                                              AS max_gross_cents,
    revenue_type.is_trade                                               AS is_trade
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
JOIN language ON language.id = COALESCE(booked.assigned_language_id, booked.language_id)
JOIN spot_type ON spot_type.id = booked.spot_type_id;

-- Trade is left out and blank revenue types stay in, here and nowhere else.
CREATE VIEW revenue AS
SELECT
    month, customer_id, customer, advertiser, agency, sector, ae_id, ae, entity, market, language, revenue_type, spot_type,
    spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents, first_air_date, last_air_date, entity_id,
    sector_group, language_group, bill_code_id, sales_person_id, market_id, revenue_type_id, is_agency,
    newest_contract_spot_id, class, raw_language_id, language_method, spot_type_id, max_gross_cents
FROM booked_named
WHERE is_trade = 0;

-- What was given for something other than money: no revenue, and accounted for on its own.
CREATE VIEW barter AS
SELECT
    month, customer_id, customer, agency, sector, ae_id, ae, entity, market, language, revenue_type, spot_type,
    spots, gross_cents, net_cents
FROM booked_named
WHERE is_trade = 1;
