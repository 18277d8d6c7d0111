-- Which pictures were given up, and why?
SELECT job.id AS job_id, device.name AS device, job.capture_id, job.attempts, job.kills, job.last_error, job.created_at
FROM job INDEXED BY job_dead
JOIN device ON device.id = job.device_id
WHERE job.status = 'dead'
ORDER BY job.id DESC
LIMIT :most
