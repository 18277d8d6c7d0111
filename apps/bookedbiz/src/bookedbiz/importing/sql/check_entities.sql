-- Is every row of revenue with exactly one entity? (what, by entity, company)
SELECT 'gross', entities, company FROM
    (SELECT COALESCE(SUM(gross_cents), 0) AS entities FROM revenue),
    (SELECT COALESCE(SUM(gross_cents), 0) AS company FROM booked
     WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade))
WHERE entities <> company
