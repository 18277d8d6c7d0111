-- Which money counts under no customer, no account executive, no sector?
SELECT
    CASE WHEN sold.customer_id > 0 THEN 'no_sector' WHEN bill_code.raw = '' THEN 'blank_bill_code'
         ELSE 'unresolved_bill_code' END AS problem,
    SUM(sold.spots) AS spots,
    SUM(sold.gross_cents) AS gross_cents
FROM sold
JOIN revenue_type ON revenue_type.id = sold.revenue_type_id AND NOT revenue_type.is_trade
LEFT JOIN bill_code ON bill_code.id = -sold.customer_id
WHERE sold.customer_id < 0 OR sold.customer_id IN (SELECT id FROM customer WHERE sector_id IS NULL)
GROUP BY 1
UNION ALL
SELECT
    CASE sales_person.raw WHEN '' THEN 'blank_sales_person' ELSE 'unknown_sales_person' END,
    SUM(unmatched.spots),
    SUM(unmatched.gross_cents)
FROM (
    SELECT sales_person_id, SUM(spots) AS spots, SUM(gross_cents) AS gross_cents
    FROM credited
    WHERE sales_person_id IN (SELECT id FROM sales_person WHERE ae_id IS NULL)
      AND revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
    GROUP BY sales_person_id
) AS unmatched
JOIN sales_person ON sales_person.id = unmatched.sales_person_id
GROUP BY 1
