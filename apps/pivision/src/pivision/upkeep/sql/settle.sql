-- What a backup cannot bring back: frames on their way, and what was made of them. Nothing of before is told again.
DELETE FROM job;
UPDATE capture
SET status = 'failed', processed_at = :at, scores = '{"trouble":"not in the backup"}'
WHERE status = 'queued';
UPDATE capture SET segment_id = NULL, position = NULL WHERE segment_id IS NOT NULL;
DELETE FROM segment;
DELETE FROM detector_state;
DELETE FROM recording;
DELETE FROM enrolment_code WHERE used_at IS NULL;
UPDATE delivery SET given_up_at = :at, last_error = 'restored from a backup'
WHERE delivered_at IS NULL AND given_up_at IS NULL;
UPDATE device SET burst_until = NULL;
