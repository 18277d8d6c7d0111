-- Which are the newest pictures of the camera in which nobody was, and that are still there?
SELECT id
FROM capture INDEXED BY capture_by_time
WHERE device_id = :device_id AND segment_id IS NOT NULL AND status = 'processed'
  AND json_extract(scores, '$.phase') = 'idle'
ORDER BY received_at DESC, id DESC
LIMIT :most
