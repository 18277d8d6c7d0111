-- Which contracts came with an import since then, the latest first? Those of the ledger's first day are no news.
SELECT
    batch.finished_at AS added_at,
    contract.number AS contract,
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(ae.name, 'Unknown') AS ae,
    min(spot.month) AS first_month,
    max(spot.month) AS last_month,
    count(*) AS spots,
    COALESCE(sum(spot.gross_cents), 0) AS gross_cents
FROM contract
CROSS JOIN batch ON batch.id = contract.first_batch_id  -- CROSS keeps the order: few contracts are new, all spots are many
CROSS JOIN spot ON spot.contract_id = contract.id
JOIN revenue_type ON revenue_type.id = spot.revenue_type_id
JOIN bill_code ON bill_code.id = spot.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = spot.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
WHERE batch.finished_at >= :since
  AND date(batch.finished_at) > (SELECT date(min(finished_at)) FROM batch WHERE status = 'completed')
  AND revenue_type.is_trade = 0
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
  AND (:ae IS NULL OR ae.name = :ae)
GROUP BY contract.id, 3, sales_person.ae_id
ORDER BY batch.finished_at DESC, gross_cents DESC
