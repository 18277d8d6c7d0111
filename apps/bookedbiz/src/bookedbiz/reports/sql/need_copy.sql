-- For which customers is a spot of today or later still without its commercial, the first to air at the top?
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    count(*) AS spots,
    COALESCE(sum(spot.gross_cents), 0) AS gross_cents,
    date(min(spot.air_day) * 86400, 'unixepoch') AS first_air_date,
    min(spot.air_day) - :today AS days_left
FROM spot
JOIN sales_person ON sales_person.id = spot.sales_person_id
JOIN bill_code ON bill_code.id = spot.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
WHERE spot.month >= :month
  AND spot.air_day >= :today
  AND spot.media_id IN (SELECT id FROM label WHERE text LIKE '%NEED COPY%')
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
GROUP BY 1
ORDER BY min(spot.air_day), gross_cents DESC
