-- Pictures' rows that are too old, and whose bytes are gone.
DELETE FROM capture
WHERE id IN (
    SELECT id FROM capture INDEXED BY capture_by_age
    WHERE received_at < :before AND segment_id IS NULL AND status <> 'queued'
    ORDER BY received_at
    LIMIT :most
)
