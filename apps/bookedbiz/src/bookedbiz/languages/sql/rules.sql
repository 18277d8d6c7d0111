-- Which languages did somebody set by hand, the newest first, and what hangs on each?
SELECT
    rule.bill_code_id AS bill_code_id,
    bill_code.raw AS bill_code,
    rule.language_id AS language_id,
    raw_language.code AS raw_code,
    language.name AS language,
    rule.made_at AS made_at,
    rule.made_by AS made_by,
    (SELECT COALESCE(SUM(spots), 0) FROM booked
     WHERE booked.bill_code_id = rule.bill_code_id AND booked.language_id = rule.language_id) AS spots,
    (SELECT COALESCE(SUM(gross_cents), 0) FROM booked
     WHERE booked.bill_code_id = rule.bill_code_id AND booked.language_id = rule.language_id) AS gross_cents
FROM language_rule AS rule
JOIN bill_code ON bill_code.id = rule.bill_code_id
JOIN language AS raw_language ON raw_language.id = rule.language_id
JOIN language ON language.id = rule.assigned_language_id
ORDER BY rule.made_at DESC, bill_code.raw, raw_language.code
