-- Which contracts have spots from this month on, whose are they, and what do these spots bring?
SELECT
    contract.number AS number,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(ae.name, 'Unknown') AS ae,
    count(*) AS spots,
    COALESCE(sum(spot.gross_cents), 0) AS gross_cents,
    min(spot.month) AS first_month,
    max(spot.month) AS last_month
FROM spot
JOIN contract ON contract.id = spot.contract_id
JOIN bill_code ON bill_code.id = spot.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = spot.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
WHERE spot.month >= :month
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
GROUP BY contract.id, 3, 4
ORDER BY gross_cents DESC, contract.number
