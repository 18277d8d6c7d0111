-- How many rows has each table, and when was the newest of them written?
SELECT 'device' AS name, count(*) AS rows, max(created_at) AS last_write FROM device
UNION ALL
SELECT 'device_config', count(*), max(made_at) FROM device_config
UNION ALL
SELECT 'capture', count(*), (SELECT received_at FROM capture ORDER BY id DESC LIMIT 1) FROM capture
UNION ALL
SELECT 'job', count(*), (SELECT created_at FROM job ORDER BY id DESC LIMIT 1) FROM job
UNION ALL
SELECT 'segment', count(*), (SELECT opened_at FROM segment ORDER BY id DESC LIMIT 1) FROM segment
UNION ALL
SELECT 'event', count(*), (SELECT created_at FROM event ORDER BY id DESC LIMIT 1) FROM event
UNION ALL
SELECT 'event_picture', count(*), max(stored_at) FROM event_picture
UNION ALL
SELECT 'delivery', count(*), max(delivered_at) FROM delivery
UNION ALL
SELECT 'ingest_minute', count(*), max(minute) FROM ingest_minute
UNION ALL
SELECT 'user', count(*), max(created_at) FROM user
UNION ALL
SELECT 'audit', count(*), (SELECT at FROM audit ORDER BY id DESC LIMIT 1) FROM audit
