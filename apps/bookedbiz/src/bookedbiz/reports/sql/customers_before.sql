-- Which customers had any revenue row before this month, whoever sold it?
SELECT id AS customer_id
FROM (SELECT id FROM customer UNION ALL SELECT -id FROM bill_code WHERE customer_id IS NULL) AS buyers
WHERE EXISTS (SELECT 1 FROM sold_revenue WHERE customer_id = buyers.id AND month < :month)
