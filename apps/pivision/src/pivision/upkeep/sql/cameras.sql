-- When was each camera that is wanted heard, and how often is it to send?
SELECT device.id, device.name, device.last_seen_at, device.clock_offset_s,
       EXISTS (SELECT 1 FROM device_key WHERE device_key.device_id = device.id AND revoked_at IS NULL) AS enrolled
FROM device
WHERE enabled = 1
ORDER BY device.name
