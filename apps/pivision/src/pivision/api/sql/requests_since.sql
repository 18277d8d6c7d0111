-- How did the requests go since then, in steps of five minutes?
SELECT substr(minute, 1, 14) || printf('%02d', CAST(substr(minute, 15, 2) AS INTEGER) / 5 * 5) || 'Z' AS step,
       sum(CASE WHEN code IN ('ok', 'duplicate', 'not_modified') THEN requests ELSE 0 END) AS ok,
       sum(CASE WHEN code IN ('ok', 'duplicate', 'not_modified') THEN 0 ELSE requests END) AS failed,
       sum(total_ms) AS total_ms,
       max(slowest_ms) AS slowest_ms
FROM ingest_minute
WHERE minute >= :since AND endpoint = :endpoint
GROUP BY step
ORDER BY step
