-- What have these imports changed, by customer, contract and kind, all of it?
SELECT
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    changed_contract.contract_id, changed_contract.kind,
    SUM(changed_contract.spots) AS spots,
    SUM(changed_contract.gross_cents) AS gross_cents,
    SUM(changed_contract.net_cents) AS net_cents
FROM changed_contract
JOIN bill_code ON bill_code.id = changed_contract.bill_code_id
WHERE changed_contract.batch_id IN (SELECT value FROM json_each(:batches))
GROUP BY 1, changed_contract.contract_id, changed_contract.kind
