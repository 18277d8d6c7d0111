-- What airs on each day, of one bill code and month label? The view says which revenue types count.
SELECT air_day, COUNT(*) AS spots, COALESCE(SUM(gross_cents), 0) AS cents
FROM spot
WHERE bill_code_id = :bill_code_id
  AND month = :month
  AND revenue_type_id IN (
        SELECT revenue_type_id FROM revenue WHERE bill_code_id = :bill_code_id AND month = :month)
GROUP BY air_day
