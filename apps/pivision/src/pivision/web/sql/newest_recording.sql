-- Is every picture of this camera kept, or was it?
SELECT started_at, ends_at, keep_until, made_by
FROM recording
WHERE device_id = :device_id
ORDER BY id DESC
LIMIT 1
