-- Under which other texts is each of these customers known?
SELECT bill_code.customer_id AS customer_id, bill_code.raw AS text
FROM bill_code JOIN customer ON customer.id = bill_code.customer_id
WHERE bill_code.customer_id IN (SELECT value FROM json_each(:customers)) AND bill_code.raw <> customer.name
UNION
SELECT alias.customer_id, alias.name
FROM alias JOIN customer ON customer.id = alias.customer_id
WHERE alias.customer_id IN (SELECT value FROM json_each(:customers)) AND alias.active AND alias.name <> customer.name
ORDER BY 1, 2
