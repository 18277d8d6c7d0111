-- Which codes wait, which are known, and what do those mean that were found to be another one?
SELECT 'market' AS kind, market.id AS id, market.code AS code, market.name AS name, market.status AS status,
    meant.code AS reads_as
FROM market LEFT JOIN market AS meant ON meant.id = market.report_as_id
UNION ALL
SELECT 'language', language.id, language.code, language.name, language.status, meant.code
FROM language LEFT JOIN language AS meant ON meant.id = language.reads_as_id
UNION ALL
SELECT 'spot_type', spot_type.id, spot_type.code, spot_type.name, spot_type.status, meant.code
FROM spot_type LEFT JOIN spot_type AS meant ON meant.id = spot_type.reads_as_id
UNION ALL
SELECT 'revenue_type', revenue_type.id, revenue_type.name, CASE WHEN revenue_type.is_trade THEN 'barter' ELSE '' END,
    revenue_type.status, meant.name
FROM revenue_type LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
ORDER BY kind, code
