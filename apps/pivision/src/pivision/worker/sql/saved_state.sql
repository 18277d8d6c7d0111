-- How did the detector of this camera stand when it was put away?
SELECT capture_id, phase, body, arrays, keep, saved_at
FROM detector_state
WHERE device_id = :device_id
