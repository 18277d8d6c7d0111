-- What have these imports changed, by customer, contract and kind, of some months, people and bill codes?
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    change.contract_id, change.kind,
    SUM(change.spots) AS spots,
    SUM(change.gross_after_cents - change.gross_before_cents) AS gross_cents,
    SUM(change.net_after_cents - change.net_before_cents) AS net_cents
FROM change
JOIN bill_code ON bill_code.id = change.bill_code_id
WHERE change.batch_id IN (SELECT value FROM json_each(:batches))
  AND (:month IS NULL OR change.month = :month)
  AND (:people IS NULL OR change.sales_person_id IN (SELECT value FROM json_each(:people)))
  AND (:bill_codes IS NULL OR change.bill_code_id IN (SELECT value FROM json_each(:bill_codes)))
GROUP BY 1, change.contract_id, change.kind
