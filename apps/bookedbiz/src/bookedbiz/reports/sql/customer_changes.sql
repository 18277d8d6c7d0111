-- What have the imports since then changed for this customer, the latest first?
SELECT
    batch.finished_at AS finished_at,
    change.kind AS kind,
    change.month AS month,
    contract.number AS contract,
    change.spots AS spots,
    change.gross_after_cents - change.gross_before_cents AS gross_cents
FROM change
JOIN batch ON batch.id = change.batch_id
JOIN sales_person ON sales_person.id = change.sales_person_id
LEFT JOIN contract ON contract.id = change.contract_id
WHERE change.batch_id >= :first_batch_id
  AND batch.status = 'completed'
  AND change.bill_code_id IN (
        SELECT id FROM bill_code
        WHERE customer_id = :customer_id OR (id = -:customer_id AND customer_id IS NULL))
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
ORDER BY change.id DESC
LIMIT :count
