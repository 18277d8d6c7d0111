-- How did all requests go that are still counted?
SELECT endpoint, code, sum(requests) AS requests, sum(bytes) AS bytes
FROM ingest_minute
GROUP BY endpoint, code
ORDER BY endpoint, code
