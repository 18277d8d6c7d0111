-- What is booked for a month at the end of the day, by entity, type, market and sector, where it differs from before?
INSERT OR REPLACE INTO snapshot
WITH latest AS (
    SELECT *, MAX(taken_on) FROM snapshot WHERE month = :month
    GROUP BY entity_id, revenue_type_id, market_id, sector_id
), fresh AS (
    SELECT
        CASE WHEN bill_code.is_worldlink THEN (SELECT id FROM entity WHERE name = 'WorldLink')
             ELSE COALESCE(entity.id, 0) END AS entity_id,
        booked.revenue_type_id AS revenue_type_id,
        booked.market_id AS market_id,
        COALESCE(customer.sector_id, 0) AS sector_id,
        SUM(booked.spots) AS spots, SUM(booked.gross_cents) AS gross_cents, SUM(booked.net_cents) AS net_cents
    FROM booked
    JOIN bill_code ON bill_code.id = booked.bill_code_id
    LEFT JOIN customer ON customer.id = bill_code.customer_id
    JOIN sales_person ON sales_person.id = booked.sales_person_id
    LEFT JOIN entity ON entity.ae_id = sales_person.ae_id
    WHERE booked.month = :month
    GROUP BY 1, 2, 3, 4
), now AS (
    SELECT entity_id, revenue_type_id, market_id, sector_id, spots, gross_cents, net_cents FROM fresh
    UNION ALL
    SELECT entity_id, revenue_type_id, market_id, sector_id, 0, 0, 0 FROM latest
    WHERE (entity_id, revenue_type_id, market_id, sector_id) NOT IN
          (SELECT entity_id, revenue_type_id, market_id, sector_id FROM fresh)
)
SELECT :month, entity_id, revenue_type_id, market_id, sector_id, :taken_on, spots, gross_cents, net_cents
FROM now
EXCEPT
SELECT :month, entity_id, revenue_type_id, market_id, sector_id, :taken_on, spots, gross_cents, net_cents
FROM latest
