-- Which months do the summaries by price, part of the day and air date tell otherwise than the spots? (summary, month, both)
WITH spots AS (
    SELECT month, COUNT(*) || ' spots, ' || COALESCE(SUM(gross_cents), 0) || '/' || COALESCE(SUM(net_cents), 0) || '/'
        || COUNT(*) FILTER (WHERE gross_cents > 0) || '/'
        || COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0) || ' cents' AS said
    FROM spot GROUP BY month
), summaries AS (
    SELECT 'priced' AS summary, month, SUM(spots) || ' spots, ' || SUM(gross_cents) || '/' || SUM(net_cents) || '/'
        || SUM(paid_spots) || '/' || SUM(paid_gross_cents) || ' cents' AS said
    FROM priced GROUP BY month
    UNION ALL
    SELECT 'parted', month, SUM(spots) || ' spots, ' || SUM(gross_cents) || '/' || SUM(net_cents) || '/'
        || SUM(paid_spots) || '/' || SUM(paid_gross_cents) || ' cents'
    FROM parted GROUP BY month
    UNION ALL
    SELECT 'aired', month, SUM(spots) || ' spots, ' || SUM(gross_cents) || '/' || SUM(net_cents) || '/'
        || SUM(paid_spots) || '/' || SUM(paid_gross_cents) || ' cents'
    FROM aired GROUP BY month
), asked AS (
    SELECT 'priced' AS summary UNION ALL SELECT 'parted' UNION ALL SELECT 'aired'
)
SELECT asked.summary, spots.month, spots.said, COALESCE(summaries.said, 'nothing')
FROM asked JOIN spots
LEFT JOIN summaries ON summaries.summary = asked.summary AND summaries.month = spots.month
WHERE summaries.said IS NOT spots.said
UNION ALL
SELECT summary, month, 'nothing', said FROM summaries WHERE month NOT IN (SELECT month FROM spots)
