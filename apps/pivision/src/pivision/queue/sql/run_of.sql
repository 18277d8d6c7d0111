-- Which jobs of the device come first, as many as may be taken together?
SELECT id AS job_id, kills, attempts, run_after
FROM job INDEXED BY job_waiting
WHERE device_id = :device_id AND status = 'queued'
ORDER BY id
LIMIT :most
