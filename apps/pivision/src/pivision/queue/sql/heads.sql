-- Of which devices does the oldest picture wait since before this moment, while nobody is in front of the camera?
SELECT device.id AS device_id, head.id AS job_id
FROM device
JOIN job AS head ON head.id = (
    SELECT first.id FROM job AS first INDEXED BY job_waiting
    WHERE first.device_id = device.id AND first.status = 'queued'
    ORDER BY first.id
    LIMIT 1
)
JOIN capture ON capture.id = head.capture_id
LEFT JOIN detector_state ON detector_state.device_id = device.id
WHERE capture.received_at <= :waits_since AND coalesce(detector_state.phase, 'idle') = 'idle'
ORDER BY device.id
