-- Who has sold how much to each account that nobody looks after, from that month on? The most first.
SELECT account.id AS account_id, revenue.ae_id AS ae_id, SUM(revenue.gross_cents) AS cents
FROM revenue
JOIN customer ON customer.id = revenue.customer_id
JOIN ae ON ae.id = revenue.ae_id AND ae.active
JOIN account ON account.ae_id IS NULL AND (account.customer_id = customer.id OR account.agency_id = customer.agency_id)
WHERE revenue.month >= :month
GROUP BY account.id, revenue.ae_id
HAVING cents > 0
ORDER BY account.id, cents DESC, revenue.ae_id
