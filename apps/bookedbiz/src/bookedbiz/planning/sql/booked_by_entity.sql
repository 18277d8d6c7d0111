-- How much is booked for each entity and month? Entity 0: the sales person is no entity.
SELECT entity_id, month, sum(gross_cents) AS gross_cents
FROM sales
WHERE month BETWEEN :first_month AND :last_month
GROUP BY entity_id, month
