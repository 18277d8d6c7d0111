-- Which sector does each customer that has one belong to?
SELECT customer.id AS customer_id, sector.name AS sector
FROM customer
JOIN sector ON sector.id = customer.sector_id
