-- Put the detector of this camera away.
INSERT INTO detector_state (device_id, capture_id, phase, body, arrays, keep, saved_at)
VALUES (:device_id, :capture_id, :phase, :body, :arrays, :keep, :saved_at)
ON CONFLICT (device_id) DO UPDATE SET
    capture_id = excluded.capture_id, phase = excluded.phase, body = excluded.body, arrays = excluded.arrays,
    keep = excluded.keep, saved_at = excluded.saved_at
