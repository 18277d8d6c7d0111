-- The summary `booked` again without languages, types and counts: what the sheet export tells, half as many lines.

CREATE VIEW exported_now AS
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, is_agency, SUM(gross_cents) AS gross_cents,
    SUM(net_cents) AS net_cents, SUM(broker_cents) AS broker_cents,
    MAX(newest_contract_spot_id) AS newest_contract_spot_id
FROM booked
GROUP BY month, revenue_type_id, bill_code_id, sales_person_id, market_id, is_agency;

CREATE TABLE exported (
    month                    INTEGER NOT NULL,
    revenue_type_id          INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id             INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id          INTEGER NOT NULL REFERENCES sales_person (id),
    market_id                INTEGER NOT NULL REFERENCES market (id),
    is_agency                INTEGER NOT NULL,
    gross_cents              INTEGER NOT NULL,
    net_cents                INTEGER NOT NULL,
    broker_cents             INTEGER NOT NULL,
    newest_contract_spot_id  INTEGER,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, is_agency)
) STRICT, WITHOUT ROWID;

INSERT INTO exported SELECT * FROM exported_now;
