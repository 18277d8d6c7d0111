-- What has this customer, or have the customers of this agency, booked per month?
SELECT month, SUM(gross_cents) AS cents
FROM revenue
WHERE bill_code_id IN (
        SELECT bill_code.id FROM bill_code JOIN customer ON customer.id = bill_code.customer_id
        WHERE customer.id = :customer_id OR customer.agency_id = :agency_id)
  AND month BETWEEN :first AND :last
GROUP BY month
