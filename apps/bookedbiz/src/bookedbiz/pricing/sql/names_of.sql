-- By which name is each id of one kind shown?
SELECT sales_person_id AS id, ae AS name FROM seller WHERE :kind = 'ae'
UNION ALL
SELECT customer_id, customer FROM buyer WHERE :kind = 'customer'
UNION ALL
SELECT id, name FROM sector WHERE :kind = 'sector'
UNION ALL
SELECT 0, 'Unassigned' WHERE :kind = 'sector'
UNION ALL
SELECT market.id, COALESCE(shown.code, market.code)
FROM market LEFT JOIN market AS shown ON shown.id = market.report_as_id WHERE :kind = 'market'
UNION ALL
SELECT id, name FROM language WHERE :kind = 'language'
