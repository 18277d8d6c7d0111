-- Which months does the summary tell otherwise than the spots? (month, as summed from the spots, as in the summary)
WITH spots AS (
    SELECT month, COUNT(*) || ' spots, ' || COALESCE(SUM(gross_cents), 0) || '/' || COALESCE(SUM(net_cents), 0) || '/'
        || COALESCE(SUM(broker_cents), 0) || '/' || COUNT(*) FILTER (WHERE gross_cents > 0) || ' cents' AS said
    FROM spot GROUP BY month
), summary AS (
    SELECT month, SUM(spots) || ' spots, ' || SUM(gross_cents) || '/' || SUM(net_cents) || '/'
        || SUM(broker_cents) || '/' || SUM(paid_spots) || ' cents' AS said
    FROM booked GROUP BY month
)
SELECT month, spots.said, COALESCE(summary.said, 'nothing') FROM spots LEFT JOIN summary USING (month)
WHERE spots.said IS NOT summary.said
UNION ALL
SELECT month, 'nothing', summary.said FROM summary WHERE month NOT IN (SELECT month FROM spots)
