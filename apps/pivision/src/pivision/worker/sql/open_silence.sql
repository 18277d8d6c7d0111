-- Since when is the camera silent?
SELECT id, started_at
FROM event
WHERE device_id = :device_id AND kind = 'camera_offline' AND ended_at IS NULL
ORDER BY id DESC
LIMIT 1
