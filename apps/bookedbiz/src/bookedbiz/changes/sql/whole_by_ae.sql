-- What have these imports changed, by sales person, month and kind, all of it?
SELECT
    sales_person_id, month, kind,
    SUM(spots) AS spots,
    SUM(gross_cents) AS gross_cents,
    SUM(net_cents) AS net_cents
FROM changed_seller
WHERE batch_id IN (SELECT value FROM json_each(:batches))
GROUP BY sales_person_id, month, kind
