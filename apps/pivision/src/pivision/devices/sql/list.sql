-- Which devices are there, when was each heard of, what waits of it, and which configuration is in force?
SELECT device.id,
       device.name,
       device.title,
       device.enabled,
       device.created_at,
       device.last_seen_at,
       device.last_frame_at,
       device.last_config_at,
       device.config_seen,
       device.boot_id,
       device.fw_version,
       device.rssi,
       device.battery_mv,
       device.temperature_c,
       device.uptime_s,
       device.free_heap,
       device.reset_reason,
       device.spool_depth,
       device.clock_offset_s,
       device.burst_until,
       device.online,
       device.notes,
       device.privacy_blur,
       device.signs,
       coalesce((SELECT max(version) FROM device_config WHERE device_config.device_id = device.id), 0) AS config_version,
       (SELECT received_at FROM capture WHERE capture.id = (
            SELECT head.capture_id FROM job AS head INDEXED BY job_waiting
            WHERE head.device_id = device.id AND head.status = 'queued' ORDER BY head.id LIMIT 1
        )) AS waits_since
FROM device
WHERE :name IS NULL OR device.name = :name
ORDER BY device.name
