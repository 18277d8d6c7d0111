-- How is each camera, and what happened in front of it?
SELECT device.id, device.name, device.title, device.enabled, device.online, device.last_seen_at, device.last_frame_at,
       device.burst_until, device.battery_mv, device.rssi, device.spool_depth, device.config_seen,
       coalesce((SELECT max(version) FROM device_config WHERE device_config.device_id = device.id), 0) AS version,
       (SELECT body FROM device_config WHERE device_config.device_id = device.id ORDER BY version DESC LIMIT 1) AS body,
       coalesce(detector_state.phase, 'idle') AS phase,
       (SELECT count(*) FROM event INDEXED BY event_by_device
        WHERE event.device_id = device.id AND event.started_at >= :since AND event.kind = 'interaction_detected') AS visits,
       (SELECT count(*) FROM event INDEXED BY event_by_device
        WHERE event.device_id = device.id AND event.started_at >= :since AND event.kind IN ('stock_changed', 'restocked'))
           AS changes
FROM device
LEFT JOIN detector_state ON detector_state.device_id = device.id
ORDER BY device.name
