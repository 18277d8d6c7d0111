-- By which name does the view `sales` show each id of one kind?
SELECT id, name FROM customer WHERE :kind = 'customer'
UNION ALL
SELECT -id, COALESCE(NULLIF(raw, ''), '(no bill code)') FROM bill_code WHERE customer_id IS NULL AND :kind = 'customer'
UNION ALL
SELECT id, name FROM ae WHERE :kind = 'ae'
UNION ALL
SELECT 0, 'Unknown' WHERE :kind = 'ae'
UNION ALL
SELECT ae.id, COALESCE(entity.name, 'Unmatched') FROM ae LEFT JOIN entity ON entity.ae_id = ae.id WHERE :kind = 'entity'
UNION ALL
SELECT 0, 'Unmatched' WHERE :kind = 'entity'
UNION ALL
SELECT -1, 'WorldLink' WHERE :kind = 'entity'
UNION ALL
SELECT market.id, COALESCE(shown.code, market.code)
FROM market LEFT JOIN market AS shown ON shown.id = market.report_as_id WHERE :kind = 'market'
UNION ALL
SELECT id, name FROM language WHERE :kind = 'language'
UNION ALL
SELECT customer.id, COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END)
FROM customer LEFT JOIN sector ON sector.id = customer.sector_id WHERE :kind = 'class'
UNION ALL
SELECT revenue_type.id, COALESCE(meant.name, revenue_type.name)
FROM revenue_type LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id WHERE :kind = 'revenue_type'
UNION ALL
SELECT spot_type.id, IIF(spot_type.status = 'pending', '', COALESCE(meant.code, spot_type.code))
FROM spot_type LEFT JOIN spot_type AS meant ON meant.id = spot_type.reads_as_id WHERE :kind = 'spot_type'
UNION ALL
SELECT id, grp FROM language WHERE :kind = 'language_group'
UNION ALL
SELECT id, code FROM language WHERE :kind = 'language_code'
