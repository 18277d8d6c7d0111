-- Which cameras are covered, moved, dark or silent now?
SELECT event.id, event.kind, event.started_at, event.summary, device.name, device.title
FROM event
JOIN device ON device.id = event.device_id
WHERE event.ended_at IS NULL AND device.enabled = 1
  AND event.kind IN ('camera_obstructed', 'scene_shifted', 'camera_dark', 'camera_offline')
  AND event.id = (
      SELECT max(newest.id) FROM event AS newest
      WHERE newest.device_id = event.device_id AND newest.kind = event.kind
  )
ORDER BY event.started_at
