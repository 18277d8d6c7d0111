-- What have these imports changed, by month and kind, of some months, people and bill codes?
SELECT month, kind, SUM(spots) AS spots, SUM(CASE :measure WHEN 'net' THEN net_after_cents - net_before_cents
                           ELSE gross_after_cents - gross_before_cents END) AS cents
FROM change
WHERE batch_id IN (SELECT value FROM json_each(:batches))
  AND (:month IS NULL OR month = :month)
  AND (:people IS NULL OR sales_person_id IN (SELECT value FROM json_each(:people)))
  AND (:bill_codes IS NULL OR bill_code_id IN (SELECT value FROM json_each(:bill_codes)))
GROUP BY month, kind
