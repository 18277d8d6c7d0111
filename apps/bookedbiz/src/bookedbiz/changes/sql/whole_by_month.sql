-- What have these imports changed, by month and kind, all of it?
SELECT month, kind, SUM(spots) AS spots, SUM(CASE :measure WHEN 'net' THEN net_cents ELSE gross_cents END) AS cents
FROM changed_seller
WHERE batch_id IN (SELECT value FROM json_each(:batches))
GROUP BY month, kind
