-- What did this import change most, in gross dollars?
SELECT
    change.kind AS kind,
    change.month AS month,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(ae.name, 'Unknown') AS ae,
    contract.number AS contract,
    change.spots AS spots,
    change.gross_after_cents - change.gross_before_cents AS gross_cents
FROM change
JOIN bill_code ON bill_code.id = change.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = change.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
LEFT JOIN contract ON contract.id = change.contract_id
WHERE change.batch_id = :batch_id
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
ORDER BY abs(change.gross_after_cents - change.gross_before_cents) DESC, change.id
LIMIT :count
