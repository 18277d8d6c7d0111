-- Is this event there already?
SELECT id, ended_at
FROM event
WHERE device_id = :device_id AND kind = :kind AND slot = :slot AND start_capture_id = :start_capture_id
  AND started_at = :started_at
