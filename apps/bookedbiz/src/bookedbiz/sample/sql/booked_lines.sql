-- What is booked for each month from then on, by entity, type, market and sector, as a snapshot has it?
SELECT
    booked.month AS month,
    CASE WHEN bill_code.is_worldlink THEN (SELECT id FROM entity WHERE name = 'WorldLink')
         ELSE COALESCE(entity.id, 0) END AS entity_id,
    booked.revenue_type_id AS revenue_type_id,
    booked.market_id AS market_id,
    COALESCE(customer.sector_id, 0) AS sector_id,
    SUM(booked.spots) AS spots,
    SUM(booked.gross_cents) AS gross_cents,
    SUM(booked.net_cents) AS net_cents
FROM booked
JOIN bill_code ON bill_code.id = booked.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = booked.sales_person_id
LEFT JOIN entity ON entity.ae_id = sales_person.ae_id
WHERE booked.month >= :first_month
GROUP BY 1, 2, 3, 4, 5
