-- Which keys of the device open anything at this moment, the newest first?
SELECT hint, created_at, expires_at, last_used_at
FROM device_key
WHERE device_id = :device_id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
ORDER BY id DESC
