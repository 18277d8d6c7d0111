-- How many rows has this bill code with this code, and how much do they bring?
SELECT COALESCE(SUM(spots), 0), COALESCE(SUM(gross_cents), 0)
FROM booked
WHERE bill_code_id = :bill_code_id AND language_id = :language_id
