-- Of which class is each customer, said by whom, and what did it bring this year and last?
SELECT
    customer.id AS id,
    customer.name AS name,
    COALESCE(sector.name, '') AS sector,
    COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END) AS class,
    customer.class IS NOT NULL AS is_said,
    COALESCE(money.now_cents, 0) AS now_cents,
    COALESCE(money.before_cents, 0) AS before_cents
FROM customer
LEFT JOIN sector ON sector.id = customer.sector_id
LEFT JOIN (
    SELECT customer_id, SUM(gross_cents) FILTER (WHERE month / 100 = :year) AS now_cents,
        SUM(gross_cents) FILTER (WHERE month / 100 = :year - 1) AS before_cents
    FROM sold_revenue
    WHERE month BETWEEN (:year - 1) * 100 + 1 AND :year * 100 + 12
    GROUP BY customer_id
) AS money ON money.customer_id = customer.id
WHERE customer.merged_into_id IS NULL AND customer.active
  AND (:part = '' OR instr(customer.key, :part))
  AND (:class = '' OR COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END) = :class)
ORDER BY MAX(ABS(COALESCE(money.now_cents, 0)), ABS(COALESCE(money.before_cents, 0))) DESC, customer.name
