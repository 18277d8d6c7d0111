-- Which customers are behind what is booked for an entity, or for the company, in these months?
-- `customer` stands bare beside the sums: it is the same on every line of a customer_id.
SELECT customer, sum(spots) AS spots, sum(gross_cents) AS gross_cents
FROM sales
WHERE month BETWEEN :first_month AND :last_month
  AND (:entity_id IS NULL OR entity_id = :entity_id)
GROUP BY customer_id
ORDER BY sum(gross_cents) DESC, customer
