-- Which sales persons are no entity, and how much hangs on each?
SELECT
    COALESCE(NULLIF(sales_person.raw, ''), '(blank)') AS sales_person,
    sum(revenue.spots) AS spots,
    sum(revenue.gross_cents) AS gross_cents
FROM revenue
JOIN sales_person ON sales_person.id = revenue.sales_person_id
WHERE revenue.month BETWEEN :first_month AND :last_month AND revenue.entity_id = 0
GROUP BY sales_person.key
ORDER BY sum(revenue.gross_cents) DESC, sales_person.key
