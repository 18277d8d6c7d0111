-- What pages add up anew at every look, added up once: by each import, from what it stored itself.
--
-- `…_now` says what each summary must be; importing.summary and languages.assignment store what it says of a month, and
-- `bookedbiz check` compares the two.

CREATE VIEW coded_now AS                   -- the summary `booked` by the codes of its cells, and the language found
SELECT
    month, revenue_type_id, spot_type_id, market_id, language_id,
    COALESCE(assigned_language_id, language_id) AS assigned_language_id, COALESCE(language_method, '') AS language_method,
    SUM(spots) AS spots, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
FROM booked
GROUP BY month, revenue_type_id, spot_type_id, market_id, language_id, COALESCE(assigned_language_id, language_id),
    COALESCE(language_method, '');

CREATE TABLE coded (
    month                 INTEGER NOT NULL,
    revenue_type_id       INTEGER NOT NULL REFERENCES revenue_type (id),
    spot_type_id          INTEGER NOT NULL REFERENCES spot_type (id),
    market_id             INTEGER NOT NULL REFERENCES market (id),
    language_id           INTEGER NOT NULL REFERENCES language (id),
    assigned_language_id  INTEGER NOT NULL REFERENCES language (id),
    language_method       TEXT NOT NULL,
    spots                 INTEGER NOT NULL,
    gross_cents           INTEGER NOT NULL,
    net_cents             INTEGER NOT NULL,
    PRIMARY KEY (month, revenue_type_id, spot_type_id, market_id, language_id, assigned_language_id, language_method)
) STRICT, WITHOUT ROWID;

-- The lines of it that are revenue, by the same rule as the view `revenue`, for who goes by ids and not by names.
CREATE VIEW coded_revenue AS
SELECT * FROM coded WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

INSERT INTO coded SELECT * FROM coded_now;

CREATE VIEW credited_now AS                -- the summary `booked` by sales person
SELECT month, sales_person_id, revenue_type_id, SUM(spots) AS spots, SUM(gross_cents) AS gross_cents
FROM booked
GROUP BY month, sales_person_id, revenue_type_id;

CREATE TABLE credited (
    month            INTEGER NOT NULL,
    sales_person_id  INTEGER NOT NULL REFERENCES sales_person (id),
    revenue_type_id  INTEGER NOT NULL REFERENCES revenue_type (id),
    spots            INTEGER NOT NULL,
    gross_cents      INTEGER NOT NULL,
    PRIMARY KEY (month, sales_person_id, revenue_type_id)
) STRICT, WITHOUT ROWID;

INSERT INTO credited SELECT * FROM credited_now;

-- What an import changed, without what only a question about one month or one book needs. Written with the changes, which
-- are never changed afterwards.

CREATE VIEW changed_contract_now AS
SELECT
    batch_id, bill_code_id, COALESCE(contract_id, 0) AS contract_id, kind, SUM(spots) AS spots,
    SUM(gross_after_cents - gross_before_cents) AS gross_cents, SUM(net_after_cents - net_before_cents) AS net_cents
FROM change
GROUP BY batch_id, bill_code_id, COALESCE(contract_id, 0), kind;

CREATE TABLE changed_contract (
    batch_id      INTEGER NOT NULL REFERENCES batch (id),
    bill_code_id  INTEGER NOT NULL REFERENCES bill_code (id),
    contract_id   INTEGER NOT NULL,        -- 0 = none
    kind          TEXT NOT NULL,
    spots         INTEGER NOT NULL,
    gross_cents   INTEGER NOT NULL,
    net_cents     INTEGER NOT NULL,
    PRIMARY KEY (batch_id, bill_code_id, contract_id, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO changed_contract SELECT * FROM changed_contract_now;

CREATE VIEW changed_seller_now AS
SELECT
    batch_id, sales_person_id, month, kind, SUM(spots) AS spots,
    SUM(gross_after_cents - gross_before_cents) AS gross_cents, SUM(net_after_cents - net_before_cents) AS net_cents
FROM change
GROUP BY batch_id, sales_person_id, month, kind;

CREATE TABLE changed_seller (
    batch_id         INTEGER NOT NULL REFERENCES batch (id),
    sales_person_id  INTEGER NOT NULL REFERENCES sales_person (id),
    month            INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    spots            INTEGER NOT NULL,
    gross_cents      INTEGER NOT NULL,
    net_cents        INTEGER NOT NULL,
    PRIMARY KEY (batch_id, sales_person_id, month, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO changed_seller SELECT * FROM changed_seller_now;

-- An import numbers the spots that it adds one after the other: the cells that it repaired are found without its spots.
ALTER TABLE batch ADD COLUMN first_spot_id INTEGER;      -- NULL: it added none
ALTER TABLE batch ADD COLUMN last_spot_id INTEGER;

UPDATE batch SET first_spot_id = found.first_id, last_spot_id = found.last_id
FROM (
    SELECT batch_id, MIN(id) AS first_id, MAX(id) AS last_id
    FROM (SELECT batch_id, id FROM spot UNION ALL SELECT batch_id, id FROM removed_spot)
    GROUP BY batch_id
) AS found
WHERE found.batch_id = batch.id;

-- When a bill code aired last, and since when somebody buys, without reading all that is booked.
DROP INDEX booked_by_bill_code;
CREATE INDEX booked_by_bill_code ON booked (bill_code_id, last_air_day);
CREATE INDEX sold_by_customer ON sold (customer_id, month);
