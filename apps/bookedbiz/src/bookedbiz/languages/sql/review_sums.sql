-- How many rows wait for somebody to look at their language, and for how much? As review_queue adds them up; Trade apart.
SELECT COALESCE(SUM(spots), 0) AS spots, COALESCE(SUM(gross_cents), 0) AS gross_cents
FROM coded_revenue
WHERE language_method IN (SELECT name FROM language_method WHERE review = 1)
  AND NOT (:known_pass AND language_method = 'business_review_required'
           AND language_id IN (SELECT id FROM language WHERE id <> 0 AND status = 'confirmed'))
