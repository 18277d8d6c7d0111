-- Who are the customers, what did they ever book, and when did they last air anything?
SELECT
    customer.id AS id,
    customer.name AS name,
    COALESCE(agency.name, '') AS agency,
    COALESCE(sector.name, '') AS sector,
    COALESCE(ae.name, '') AS ae,
    customer.active AS active,
    date(customer.created_at) AS created_on,
    COALESCE(rows.spots, 0) AS spots,
    COALESCE(rows.gross_cents, 0) AS gross_cents,
    date(aired.last_air_day * 86400, 'unixepoch') AS last_air_date,
    rows.last_month AS last_month
FROM customer
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN account ON account.customer_id = customer.id
LEFT JOIN ae ON ae.id = account.ae_id
LEFT JOIN (
    SELECT customer_id, SUM(spots) AS spots,
        SUM(gross_cents) FILTER (WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1))
            AS gross_cents,
        MAX(month) AS last_month
    FROM sold
    GROUP BY +customer_id  -- the plus: all of it is read, and in its own order that is done sooner
) AS rows ON rows.customer_id = customer.id
LEFT JOIN (
    SELECT customer_id, MAX((SELECT MAX(last_air_day) FROM booked WHERE bill_code_id = bill_code.id)) AS last_air_day
    FROM bill_code
    GROUP BY customer_id
) AS aired ON aired.customer_id = customer.id
WHERE customer.merged_into_id IS NULL
ORDER BY gross_cents DESC, customer.name
