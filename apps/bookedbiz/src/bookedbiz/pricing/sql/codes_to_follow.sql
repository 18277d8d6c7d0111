-- Of which bill codes has the summary by price other languages than the summary `booked`?
SELECT DISTINCT bill_code_id FROM (
    SELECT bill_code_id, COALESCE(assigned_language_id, language_id) AS language_id, spots FROM booked
    UNION ALL
    SELECT bill_code_id, language_id, -spots FROM priced
)
GROUP BY bill_code_id, language_id
HAVING SUM(spots) <> 0
