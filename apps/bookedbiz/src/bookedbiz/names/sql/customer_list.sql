-- Which customers are there, and what have they booked?
SELECT
    customer.id AS id,
    customer.name AS name,
    customer.active AS active,
    merged.id AS merged_id,
    merged.name AS merged_into,
    COALESCE(sector.name, '') AS sector,
    COALESCE(SUM(booked.spots), 0) AS spots,
    COALESCE(SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END), 0) AS gross_cents
FROM customer
LEFT JOIN customer AS merged ON merged.id = customer.merged_into_id
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN bill_code ON bill_code.customer_id = customer.id
LEFT JOIN booked ON booked.bill_code_id = bill_code.id
LEFT JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
WHERE (:id IS NULL OR customer.id = :id)
  AND (:part = '' OR instr(customer.key, :part))
GROUP BY customer.id
ORDER BY gross_cents DESC, customer.name
LIMIT :count
