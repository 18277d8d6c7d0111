-- Whose is each bill code, as reports name them?
SELECT
    bill_code.id AS id,
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer
FROM bill_code
LEFT JOIN customer ON customer.id = bill_code.customer_id
