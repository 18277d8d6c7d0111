-- What hangs on codes that wait to be confirmed, by all four codes of a line?
SELECT
    market_id, language_id, spot_type_id, revenue_type_id,
    SUM(spots) AS spots, SUM(gross_cents) AS gross_cents, MIN(month) AS first_month, MAX(month) AS last_month
FROM coded
WHERE market_id IN (SELECT id FROM market WHERE status = 'pending')
   OR language_id IN (SELECT id FROM language WHERE status = 'pending')
   OR spot_type_id IN (SELECT id FROM spot_type WHERE status = 'pending')
   OR revenue_type_id IN (SELECT id FROM revenue_type WHERE status = 'pending')
GROUP BY market_id, language_id, spot_type_id, revenue_type_id
