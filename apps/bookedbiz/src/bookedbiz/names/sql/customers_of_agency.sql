-- Who are the customers of this agency, and what have they booked?
SELECT
    customer.id AS id,
    customer.name AS name,
    customer.active AS active,
    customer.merged_into_id AS merged_into_id,
    COALESCE(SUM(booked.spots), 0) AS spots,
    COALESCE(SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END), 0) AS gross_cents
FROM customer
LEFT JOIN bill_code ON bill_code.customer_id = customer.id
LEFT JOIN booked ON booked.bill_code_id = bill_code.id
LEFT JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
WHERE :agency_id IN (customer.agency_id, customer.via_agency_id)
GROUP BY customer.id
ORDER BY gross_cents DESC, customer.name
