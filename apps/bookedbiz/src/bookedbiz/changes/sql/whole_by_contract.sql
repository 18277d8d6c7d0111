-- What have these imports changed, by customer, contract and kind, all of it?
-- Customer and contract are one number, which is grouped sooner than two: see changes.summed.
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) * 4294967296 + contract_id AS customer_contract,
    IIF(kind = 'edited', 'moved', kind) AS kind, SUM(spots) AS spots,
    SUM(CASE :measure WHEN 'net' THEN net_cents ELSE gross_cents END) AS cents
FROM changed_contract
JOIN bill_code ON bill_code.id = changed_contract.bill_code_id
WHERE batch_id IN (SELECT value FROM json_each(:batches))
GROUP BY 1, 2
