-- Which agencies are there, how many customers has each, and what have these booked?
SELECT
    agency.id AS id,
    agency.name AS name,
    agency.active AS active,
    merged.id AS merged_id,
    merged.name AS merged_into,
    count(DISTINCT customer.id) AS customers,
    COALESCE(SUM(bought.spots), 0) AS spots,
    COALESCE(SUM(bought.gross_cents), 0) AS gross_cents
FROM agency
LEFT JOIN agency AS merged ON merged.id = agency.merged_into_id
LEFT JOIN customer ON agency.id IN (customer.agency_id, customer.via_agency_id)
LEFT JOIN (
    SELECT customer_id, SUM(spots) AS spots,
        SUM(gross_cents) FILTER (WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1))
            AS gross_cents
    FROM sold
    GROUP BY customer_id
) AS bought ON bought.customer_id = customer.id
WHERE (:id IS NULL OR agency.id = :id)
  AND (:part = '' OR instr(agency.key, :part))
GROUP BY agency.id
ORDER BY gross_cents DESC, agency.name
LIMIT :count
