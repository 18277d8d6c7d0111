-- In which markets does each customer buy, from that month on?
SELECT customer_id, group_concat(DISTINCT market) AS markets
FROM revenue
WHERE customer_id > 0 AND month >= :month
GROUP BY customer_id
