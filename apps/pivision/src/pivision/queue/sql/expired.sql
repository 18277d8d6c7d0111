-- Which jobs are in the hands of nobody any more? A lease longer than any that is given: the clock was set back.
SELECT id AS job_id, capture_id, attempts, kills
FROM job INDEXED BY job_running
WHERE status = 'running' AND (lease_until <= :now OR lease_until > :latest)
ORDER BY id
