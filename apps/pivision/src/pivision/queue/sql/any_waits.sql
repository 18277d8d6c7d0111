-- Does anything wait at all?
SELECT 1 FROM job INDEXED BY job_waiting WHERE status = 'queued' LIMIT 1
