-- Counts of requests that are too old.
DELETE FROM ingest_minute
WHERE (minute, endpoint, code) IN (
    SELECT minute, endpoint, code FROM ingest_minute WHERE minute < :before ORDER BY minute LIMIT :most
)
