-- Take this job: whoever has the lease works on it until it ends.
UPDATE job
SET status = 'running', attempts = attempts + 1, lease_owner = :owner, lease_until = :until
WHERE id = :job_id AND status = 'queued'
RETURNING id AS job_id, device_id, capture_id, attempts, kills
