-- A device was heard of; what it did not tell stays as it was.
UPDATE device
SET last_seen_at = :at,
    last_frame_at = coalesce(:last_frame_at, last_frame_at),
    boot_id = coalesce(:boot_id, boot_id),
    last_config_at = CASE WHEN :config_seen IS NULL THEN last_config_at ELSE :at END,
    config_seen = coalesce(:config_seen, config_seen),
    clock_offset_s = coalesce(:clock_offset_s, clock_offset_s),
    fw_version = coalesce(:fw_version, fw_version),
    rssi = coalesce(:rssi, rssi),
    battery_mv = coalesce(:battery_mv, battery_mv),
    temperature_c = coalesce(:temperature_c, temperature_c),
    uptime_s = coalesce(:uptime_s, uptime_s),
    free_heap = coalesce(:free_heap, free_heap),
    reset_reason = coalesce(:reset_reason, reset_reason),
    spool_depth = coalesce(:spool_depth, spool_depth)
WHERE id = :device_id
