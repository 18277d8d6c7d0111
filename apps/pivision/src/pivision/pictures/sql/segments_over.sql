-- In which closed segments does nobody need a frame any more?
-- Needed are frames that wait, those that failed since a day, those after a detector's saved state, those a detector keeps, and those of a recording.
SELECT segment.id, segment.path
FROM segment
WHERE segment.closed_at IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM capture
      LEFT JOIN detector_state ON detector_state.device_id = capture.device_id
      WHERE capture.segment_id = segment.id
        AND (
            capture.status = 'queued'
            OR (capture.status = 'failed' AND capture.received_at > :failed_after)
            OR (capture.status = 'processed' AND capture.id > coalesce(detector_state.capture_id, 0))
            OR capture.id IN (SELECT value FROM json_each(coalesce(detector_state.keep, '[]')))
            OR capture.id IN (SELECT value FROM json_each(:keep))
            OR EXISTS (
                SELECT 1 FROM recording
                WHERE recording.device_id = capture.device_id AND recording.keep_until > :now
                  AND capture.received_at BETWEEN recording.started_at AND recording.ends_at
            )
        )
  )
ORDER BY segment.id
