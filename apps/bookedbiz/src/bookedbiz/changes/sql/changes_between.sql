-- What have these imports changed, by customer, account executive, contract, month and kind?
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(ae.name, 'Unknown') AS ae,
    COALESCE(contract.number, '') AS contract,
    change.month AS month,
    change.kind AS kind,
    SUM(change.spots) AS spots,
    SUM(change.gross_after_cents - change.gross_before_cents) AS gross_cents,
    SUM(change.net_after_cents - change.net_before_cents) AS net_cents
FROM change
JOIN batch ON batch.id = change.batch_id
JOIN bill_code ON bill_code.id = change.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = change.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
LEFT JOIN contract ON contract.id = change.contract_id
WHERE change.batch_id BETWEEN :first_batch AND :last_batch
  AND batch.status = 'completed'
  AND (:month IS NULL OR change.month = :month)
  AND (:ae IS NULL OR COALESCE(ae.name, 'Unknown') = :ae)
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
GROUP BY 1, change.sales_person_id, change.contract_id, change.month, change.kind
