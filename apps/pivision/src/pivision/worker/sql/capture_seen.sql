-- The picture was looked at.
UPDATE capture
SET status = :status, processed_at = :at, scores = :scores
WHERE id = :capture_id
