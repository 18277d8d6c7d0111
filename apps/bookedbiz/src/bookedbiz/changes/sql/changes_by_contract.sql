-- What have these imports changed, by customer, contract and kind, of some months, people and bill codes?
-- Customer and contract are one number, which is grouped sooner than two: see changes.summed.
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) * 4294967296 + COALESCE(change.contract_id, 0) AS customer_contract,
    IIF(kind = 'edited', 'moved', kind) AS kind, SUM(spots) AS spots,
    SUM(CASE :measure WHEN 'net' THEN net_after_cents - net_before_cents
                           ELSE gross_after_cents - gross_before_cents END) AS cents
FROM change
JOIN bill_code ON bill_code.id = change.bill_code_id
WHERE batch_id IN (SELECT value FROM json_each(:batches))
  AND (:month IS NULL OR month = :month)
  AND (:people IS NULL OR sales_person_id IN (SELECT value FROM json_each(:people)))
  AND (:bill_codes IS NULL OR bill_code_id IN (SELECT value FROM json_each(:bill_codes)))
GROUP BY 1, 2
