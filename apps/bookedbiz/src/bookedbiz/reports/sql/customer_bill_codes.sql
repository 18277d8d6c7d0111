-- Under which texts of the Bill Code column does this customer come?
SELECT raw
FROM bill_code
WHERE customer_id = :customer_id OR (id = -:customer_id AND customer_id IS NULL)
ORDER BY raw
