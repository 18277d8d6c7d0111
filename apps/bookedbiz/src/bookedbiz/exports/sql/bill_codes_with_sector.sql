-- Which bill codes are there, and which is the primary sector of each one's customer?
SELECT bill_code.id AS id, bill_code.raw AS raw, sector.name AS sector
FROM bill_code
LEFT JOIN customer ON customer.id = bill_code.customer_id
LEFT JOIN sector ON sector.id = customer.sector_id
