-- What waits for a time that no retry ever names, because the clock was set back, waits no longer.
UPDATE job
SET run_after = :now
WHERE status = 'queued' AND run_after > :latest
  AND id IN (
      SELECT (SELECT head.id FROM job AS head INDEXED BY job_waiting
              WHERE head.device_id = device.id AND head.status = 'queued' ORDER BY head.id LIMIT 1)
      FROM device
  )
