-- What have these imports changed, by sales person, month and kind, of some months, people and bill codes?
SELECT
    sales_person_id, month, kind,
    SUM(spots) AS spots,
    SUM(gross_after_cents - gross_before_cents) AS gross_cents,
    SUM(net_after_cents - net_before_cents) AS net_cents
FROM change
WHERE batch_id IN (SELECT value FROM json_each(:batches))
  AND (:month IS NULL OR month = :month)
  AND (:people IS NULL OR sales_person_id IN (SELECT value FROM json_each(:people)))
  AND (:bill_codes IS NULL OR bill_code_id IN (SELECT value FROM json_each(:bill_codes)))
GROUP BY sales_person_id, month, kind
