-- What do a month's airings come to, by all that makes their price?
INSERT INTO temp.fresh_cell
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    length_bucket, day_part, day_type,
    COUNT(*), COALESCE(SUM(gross_cents), 0), COALESCE(SUM(net_cents), 0),
    COUNT(*) FILTER (WHERE gross_cents > 0),
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0),
    COALESCE(SUM(net_cents) FILTER (WHERE gross_cents > 0), 0),
    TOTAL(1.0 * gross_cents * gross_cents) FILTER (WHERE gross_cents > 0),
    COALESCE(SUM(length_s) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0),
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0),
    MIN(gross_cents) FILTER (WHERE gross_cents > 0), MAX(gross_cents) FILTER (WHERE gross_cents > 0)
FROM airing
WHERE month = :month
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
