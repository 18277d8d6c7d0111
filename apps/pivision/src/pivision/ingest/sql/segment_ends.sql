-- Which segments were not closed, or have pictures that wait; and where does the last promised picture of each end?
SELECT segment.id AS segment_id,
       segment.path,
       segment.closed_at,
       coalesce((SELECT max(position + bytes) FROM capture INDEXED BY capture_by_segment
                 WHERE segment_id = segment.id), 0) AS ends
FROM segment
WHERE segment.closed_at IS NULL
   OR EXISTS (SELECT 1 FROM capture INDEXED BY capture_by_segment
              WHERE capture.segment_id = segment.id AND capture.status = 'queued')
