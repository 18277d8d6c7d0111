-- Which agencies are there, how many customers has each, and what have these booked?
SELECT
    agency.id AS id,
    agency.name AS name,
    agency.active AS active,
    merged.id AS merged_id,
    merged.name AS merged_into,
    count(DISTINCT customer.id) AS customers,
    COALESCE(SUM(booked.spots), 0) AS spots,
    COALESCE(SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END), 0) AS gross_cents
FROM agency
LEFT JOIN agency AS merged ON merged.id = agency.merged_into_id
LEFT JOIN customer ON agency.id IN (customer.agency_id, customer.via_agency_id)
LEFT JOIN bill_code ON bill_code.customer_id = customer.id
LEFT JOIN booked ON booked.bill_code_id = bill_code.id
LEFT JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
WHERE (:id IS NULL OR agency.id = :id)
  AND (:part = '' OR instr(agency.key, :part))
GROUP BY agency.id
ORDER BY gross_cents DESC, agency.name
LIMIT :count
