-- Who are the customers, what did they ever book, and when did they last air anything?
SELECT
    customer.id AS id,
    customer.name AS name,
    COALESCE(agency.name, '') AS agency,
    COALESCE(sector.name, '') AS sector,
    COALESCE(ae.name, '') AS ae,
    customer.active AS active,
    date(customer.created_at) AS created_on,
    COALESCE(SUM(rows.spots), 0) AS spots,
    COALESCE(SUM(rows.gross_cents), 0) AS gross_cents,
    date(MAX(rows.last_air_day) * 86400, 'unixepoch') AS last_air_date,
    MAX(rows.last_month) AS last_month
FROM customer
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN account ON account.customer_id = customer.id
LEFT JOIN ae ON ae.id = account.ae_id
LEFT JOIN bill_code ON bill_code.customer_id = customer.id
LEFT JOIN (
    SELECT booked.bill_code_id AS bill_code_id, SUM(booked.spots) AS spots,
        SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END) AS gross_cents,
        MAX(booked.last_air_day) AS last_air_day, MAX(booked.month) AS last_month
    FROM booked
    JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
    GROUP BY booked.bill_code_id
) AS rows ON rows.bill_code_id = bill_code.id
WHERE customer.merged_into_id IS NULL
GROUP BY customer.id
ORDER BY gross_cents DESC, customer.name
