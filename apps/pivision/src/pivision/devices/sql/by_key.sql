-- Whose key is this, is it still good, and what is that device to be told?
SELECT device_key.id AS key_id,
       device_key.digest,
       device_key.last_used_at,
       device.id AS device_id,
       device.name,
       device.enabled,
       device.signs,
       device.burst_until,
       coalesce((SELECT max(version) FROM device_config WHERE device_config.device_id = device.id), 0) AS config_version
FROM device_key
JOIN device ON device.id = device_key.device_id
WHERE device_key.lookup = :lookup
  AND device_key.revoked_at IS NULL
  AND (device_key.expires_at IS NULL OR device_key.expires_at > :now)
