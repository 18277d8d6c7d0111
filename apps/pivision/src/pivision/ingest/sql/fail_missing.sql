-- The bytes of this picture are gone: say so, whoever asks for them later.
UPDATE capture
SET status = CASE status WHEN 'queued' THEN 'failed' ELSE status END,
    processed_at = coalesce(processed_at, :at),
    scores = CASE status WHEN 'queued' THEN '{"error":"file missing"}' ELSE scores END,
    segment_id = NULL,
    position = NULL
WHERE id = :capture_id
