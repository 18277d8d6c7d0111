-- The bytes of these pictures are gone: say so, whoever asks for them later.
UPDATE capture
SET status = CASE status WHEN 'queued' THEN 'failed' ELSE status END,
    processed_at = coalesce(processed_at, :at),
    scores = CASE status WHEN 'queued' THEN '{"error":"file missing"}' ELSE scores END,
    segment_id = NULL,
    position = NULL
WHERE segment_id = :segment_id AND position + bytes > :size
RETURNING id, (SELECT id FROM job WHERE job.capture_id = capture.id) AS job_id
