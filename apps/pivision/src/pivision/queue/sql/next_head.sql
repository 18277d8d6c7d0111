-- Which job is the next device's turn: the oldest of each device that waits, from one device on?
-- What was never tried waits for nothing: a time ahead is of a clock that was set back since.
-- A device with a job in work, or whose oldest job waits for its retry, is passed over: its frames stay in order.
SELECT job.id AS job_id, job.device_id, job.kills
FROM device
JOIN job ON job.id = (
    SELECT head.id FROM job AS head INDEXED BY job_waiting
    WHERE head.device_id = device.id AND head.status = 'queued'
    ORDER BY head.id
    LIMIT 1
)
WHERE device.id > :after AND device.id <= :until
  AND (job.run_after <= :now OR job.attempts = 0)
  AND NOT EXISTS (
      SELECT 1 FROM job AS taken INDEXED BY job_running WHERE taken.status = 'running' AND taken.device_id = device.id
  )
ORDER BY device.id
LIMIT 1
