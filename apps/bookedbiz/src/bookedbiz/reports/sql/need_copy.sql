-- For which customers is a spot of today or later still without its commercial, the first to air at the top?
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    sum(waiting.spots) AS spots,
    sum(waiting.gross_cents) AS gross_cents,
    date(min(waiting.air_day) * 86400, 'unixepoch') AS first_air_date,
    min(waiting.air_day) - :today AS days_left
FROM waiting
JOIN sales_person ON sales_person.id = waiting.sales_person_id
JOIN bill_code ON bill_code.id = waiting.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
WHERE waiting.month >= :month
  AND waiting.air_day >= :today
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
GROUP BY 1
ORDER BY min(waiting.air_day), sum(waiting.gross_cents) DESC
