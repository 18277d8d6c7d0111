-- The oldest pictures of a device that wait, and the newest one: what may be left out of them?
SELECT job.id AS job_id,
       job.capture_id,
       coalesce(capture.captured_at, capture.received_at) AS taken_at,
       json_extract(capture.meta, '$.burst') AS burst,
       job.attempts,
       (SELECT max(id) FROM capture AS newest WHERE newest.device_id = :device_id) AS newest_id
FROM job INDEXED BY job_waiting
JOIN capture ON capture.id = job.capture_id
WHERE job.device_id = :device_id AND job.status = 'queued'
ORDER BY job.id
LIMIT :most
