-- What do the closed months hold now, with the sum of the row hashes in two halves?
SELECT
    month,
    COUNT(*) AS spots,
    COALESCE(SUM(gross_cents), 0) AS gross_cents,
    COALESCE(SUM(net_cents), 0) AS net_cents,
    SUM(row_hash >> 32) AS high,
    SUM(row_hash & 4294967295) AS low
FROM spot
WHERE month IN (SELECT month FROM month_status WHERE status = 'closed')
GROUP BY month
