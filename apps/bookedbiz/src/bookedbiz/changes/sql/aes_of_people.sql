-- Which account executive is each sales person?
SELECT sales_person.id AS id, sales_person.ae_id AS ae_id, COALESCE(ae.name, 'Unknown') AS ae
FROM sales_person
LEFT JOIN ae ON ae.id = sales_person.ae_id
