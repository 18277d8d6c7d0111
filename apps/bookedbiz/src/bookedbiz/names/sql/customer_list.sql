-- Which customers are there, and what have they booked?
SELECT
    customer.id AS id,
    customer.name AS name,
    customer.active AS active,
    merged.id AS merged_id,
    merged.name AS merged_into,
    COALESCE(sector.name, '') AS sector,
    COALESCE(bought.spots, 0) AS spots,
    COALESCE(bought.gross_cents, 0) AS gross_cents
FROM customer
LEFT JOIN customer AS merged ON merged.id = customer.merged_into_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN (
    SELECT customer_id, SUM(spots) AS spots,
        SUM(gross_cents) FILTER (WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1))
            AS gross_cents
    FROM sold
    GROUP BY customer_id
) AS bought ON bought.customer_id = customer.id
WHERE (:id IS NULL OR customer.id = :id)
  AND (:part = '' OR instr(customer.key, :part))
ORDER BY gross_cents DESC, customer.name
LIMIT :count
