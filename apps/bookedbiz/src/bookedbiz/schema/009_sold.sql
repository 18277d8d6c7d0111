-- The summary `booked` again without spellings: what each customer bought of whom, where and in which language. A third
-- as many lines, and names in place of texts: the pages that are asked most read it, through the view `sales`.
--
-- Triggers keep it, line by line, whoever changes `booked` or says what a text means: it cannot disagree with them.

CREATE TABLE sold (
    month             INTEGER NOT NULL,
    customer_id       INTEGER NOT NULL,    -- negative: the bill code's id, while nobody has said who it is
    ae_id             INTEGER NOT NULL,    -- 0 = unmatched
    is_worldlink      INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),     -- as the cell has it
    language_id       INTEGER NOT NULL REFERENCES language (id),   -- as assigned, else as the cell has it
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,
    paid_gross_cents  INTEGER NOT NULL,
    PRIMARY KEY (month, customer_id, ae_id, is_worldlink, revenue_type_id, market_id, language_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sold_no_more ON sold (month) WHERE spots = 0;         -- empty but while a trigger runs

INSERT INTO sold
SELECT booked.month, COALESCE(bill_code.customer_id, -bill_code.id), COALESCE(sales_person.ae_id, 0),
    bill_code.is_worldlink, booked.revenue_type_id, booked.market_id,
    COALESCE(booked.assigned_language_id, booked.language_id), SUM(booked.spots),
    SUM(booked.gross_cents), SUM(booked.net_cents), SUM(booked.paid_spots), SUM(booked.paid_gross_cents)
FROM booked
JOIN bill_code ON bill_code.id = booked.bill_code_id
JOIN sales_person ON sales_person.id = booked.sales_person_id
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- A line of `booked` comes, changes (its key never does) or goes.

CREATE TRIGGER sold_with_new_booked AFTER INSERT ON booked BEGIN
    INSERT INTO sold
    SELECT NEW.month, COALESCE(bill_code.customer_id, -bill_code.id), COALESCE(sales_person.ae_id, 0),
        bill_code.is_worldlink, NEW.revenue_type_id, NEW.market_id,
        COALESCE(NEW.assigned_language_id, NEW.language_id), NEW.spots, NEW.gross_cents, NEW.net_cents,
        NEW.paid_spots, NEW.paid_gross_cents
    FROM bill_code JOIN sales_person ON sales_person.id = NEW.sales_person_id
    WHERE bill_code.id = NEW.bill_code_id
    ON CONFLICT DO UPDATE SET spots = spots + excluded.spots, gross_cents = gross_cents + excluded.gross_cents,
        net_cents = net_cents + excluded.net_cents, paid_spots = paid_spots + excluded.paid_spots,
        paid_gross_cents = paid_gross_cents + excluded.paid_gross_cents;
END;

CREATE TRIGGER sold_with_changed_booked AFTER UPDATE ON booked
WHEN (OLD.spots, OLD.gross_cents, OLD.net_cents, OLD.paid_spots, OLD.paid_gross_cents,
      COALESCE(OLD.assigned_language_id, OLD.language_id))
    IS NOT (NEW.spots, NEW.gross_cents, NEW.net_cents, NEW.paid_spots, NEW.paid_gross_cents,
            COALESCE(NEW.assigned_language_id, NEW.language_id)) BEGIN
    INSERT INTO sold
    SELECT NEW.month, COALESCE(bill_code.customer_id, -bill_code.id), COALESCE(sales_person.ae_id, 0),
        bill_code.is_worldlink, NEW.revenue_type_id, NEW.market_id, side.language_id, side.spots, side.gross_cents,
        side.net_cents, side.paid_spots, side.paid_gross_cents
    FROM (SELECT COALESCE(OLD.assigned_language_id, OLD.language_id) AS language_id, -OLD.spots AS spots,
              -OLD.gross_cents AS gross_cents, -OLD.net_cents AS net_cents, -OLD.paid_spots AS paid_spots,
              -OLD.paid_gross_cents AS paid_gross_cents
          UNION ALL SELECT COALESCE(NEW.assigned_language_id, NEW.language_id), NEW.spots, NEW.gross_cents,
              NEW.net_cents, NEW.paid_spots, NEW.paid_gross_cents) AS side
    JOIN bill_code ON bill_code.id = NEW.bill_code_id
    JOIN sales_person ON sales_person.id = NEW.sales_person_id
    WHERE true
    ON CONFLICT DO UPDATE SET spots = spots + excluded.spots, gross_cents = gross_cents + excluded.gross_cents,
        net_cents = net_cents + excluded.net_cents, paid_spots = paid_spots + excluded.paid_spots,
        paid_gross_cents = paid_gross_cents + excluded.paid_gross_cents;
    DELETE FROM sold WHERE spots = 0;
END;

CREATE TRIGGER sold_without_gone_booked AFTER DELETE ON booked BEGIN
    INSERT INTO sold
    SELECT OLD.month, COALESCE(bill_code.customer_id, -bill_code.id), COALESCE(sales_person.ae_id, 0),
        bill_code.is_worldlink, OLD.revenue_type_id, OLD.market_id,
        COALESCE(OLD.assigned_language_id, OLD.language_id), -OLD.spots, -OLD.gross_cents, -OLD.net_cents,
        -OLD.paid_spots, -OLD.paid_gross_cents
    FROM bill_code JOIN sales_person ON sales_person.id = OLD.sales_person_id
    WHERE bill_code.id = OLD.bill_code_id
    ON CONFLICT DO UPDATE SET spots = spots + excluded.spots, gross_cents = gross_cents + excluded.gross_cents,
        net_cents = net_cents + excluded.net_cents, paid_spots = paid_spots + excluded.paid_spots,
        paid_gross_cents = paid_gross_cents + excluded.paid_gross_cents;
    DELETE FROM sold WHERE spots = 0;
END;

-- Somebody says who a bill code or a sales person is: what was sold under it changes hands.

CREATE TRIGGER sold_to_another_customer AFTER UPDATE OF customer_id ON bill_code
WHEN OLD.customer_id IS NOT NEW.customer_id BEGIN
    INSERT INTO sold
    SELECT booked.month, side.customer_id, COALESCE(sales_person.ae_id, 0), NEW.is_worldlink, booked.revenue_type_id,
        booked.market_id, COALESCE(booked.assigned_language_id, booked.language_id), SUM(side.sign * booked.spots),
        SUM(side.sign * booked.gross_cents), SUM(side.sign * booked.net_cents), SUM(side.sign * booked.paid_spots),
        SUM(side.sign * booked.paid_gross_cents)
    FROM (SELECT COALESCE(OLD.customer_id, -OLD.id) AS customer_id, -1 AS sign
          UNION ALL SELECT COALESCE(NEW.customer_id, -NEW.id), 1) AS side
    JOIN booked ON booked.bill_code_id = NEW.id
    JOIN sales_person ON sales_person.id = booked.sales_person_id
    GROUP BY 1, 2, 3, 5, 6, 7
    ON CONFLICT DO UPDATE SET spots = spots + excluded.spots, gross_cents = gross_cents + excluded.gross_cents,
        net_cents = net_cents + excluded.net_cents, paid_spots = paid_spots + excluded.paid_spots,
        paid_gross_cents = paid_gross_cents + excluded.paid_gross_cents;
    DELETE FROM sold WHERE spots = 0;
END;

CREATE TRIGGER sold_by_another_ae AFTER UPDATE OF ae_id ON sales_person
WHEN OLD.ae_id IS NOT NEW.ae_id BEGIN
    INSERT INTO sold
    SELECT booked.month, COALESCE(bill_code.customer_id, -bill_code.id), side.ae_id, bill_code.is_worldlink,
        booked.revenue_type_id, booked.market_id, COALESCE(booked.assigned_language_id, booked.language_id),
        SUM(side.sign * booked.spots), SUM(side.sign * booked.gross_cents), SUM(side.sign * booked.net_cents),
        SUM(side.sign * booked.paid_spots), SUM(side.sign * booked.paid_gross_cents)
    FROM (SELECT COALESCE(OLD.ae_id, 0) AS ae_id, -1 AS sign UNION ALL SELECT COALESCE(NEW.ae_id, 0), 1) AS side
    JOIN booked ON booked.sales_person_id = NEW.id
    JOIN bill_code ON bill_code.id = booked.bill_code_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT DO UPDATE SET spots = spots + excluded.spots, gross_cents = gross_cents + excluded.gross_cents,
        net_cents = net_cents + excluded.net_cents, paid_spots = paid_spots + excluded.paid_spots,
        paid_gross_cents = paid_gross_cents + excluded.paid_gross_cents;
    DELETE FROM sold WHERE spots = 0;
END;

-- As the view `revenue`, under the same names and by the same rules: Trade is left out, blank revenue types stay in.
CREATE VIEW sales AS
SELECT
    sold.month                                                          AS month,
    sold.customer_id                                                    AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(sector.name, 'Unassigned')                                 AS sector,
    NULLIF(sold.ae_id, 0)                                               AS ae_id,
    COALESCE(ae.name, 'Unknown')                                        AS ae,
    CASE WHEN sold.is_worldlink THEN 'WorldLink'
         ELSE COALESCE(entity.name, 'Unmatched') END                    AS entity,
    CASE WHEN sold.is_worldlink THEN (SELECT id FROM entity WHERE name = 'WorldLink')
         ELSE COALESCE(entity.id, 0) END                                AS entity_id,    -- 0 = Unmatched
    COALESCE(shown_market.code, market.code)                            AS market,
    language.name                                                       AS language,
    CASE WHEN revenue_type.reads_as_id IS NULL THEN revenue_type.name
         ELSE (SELECT name FROM revenue_type AS meant WHERE meant.id = revenue_type.reads_as_id) END AS revenue_type,
    COALESCE(sector.grp, 'Unassigned')                                  AS sector_group,
    language.grp                                                        AS language_group,
    COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END) AS class,
    sold.spots                                                          AS spots,
    sold.gross_cents                                                    AS gross_cents,
    sold.net_cents                                                      AS net_cents,
    sold.paid_spots                                                     AS paid_spots,
    sold.paid_gross_cents                                               AS paid_gross_cents
FROM sold
JOIN revenue_type ON revenue_type.id = sold.revenue_type_id
LEFT JOIN customer ON customer.id = sold.customer_id
LEFT JOIN bill_code ON bill_code.id = -sold.customer_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN ae ON ae.id = sold.ae_id
LEFT JOIN entity ON entity.ae_id = sold.ae_id
LEFT JOIN market ON market.id = sold.market_id
LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
LEFT JOIN language ON language.id = sold.language_id
WHERE revenue_type.is_trade = 0;

-- The lines of `booked` that are revenue, by the same rule, for who goes by ids and not by names.
CREATE VIEW booked_revenue AS
SELECT * FROM booked WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);
