-- What should the summary by air date say of a month?
INSERT INTO temp.fresh_aired
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    spot_type_id, language_id,
    COUNT(*), COALESCE(SUM(gross_cents), 0), COALESCE(SUM(net_cents), 0),
    COUNT(*) FILTER (WHERE gross_cents > 0),
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0),
    MIN(gross_cents) FILTER (WHERE gross_cents > 0), MAX(gross_cents) FILTER (WHERE gross_cents > 0)
FROM airing
WHERE month = :month
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
