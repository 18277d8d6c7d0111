-- A picture of the event; a later one of the same role takes its place.
INSERT INTO event_picture (event_id, role, capture_id, path, width, height, bytes, stored_at, host)
VALUES (:event_id, :role, :capture_id, :path, :width, :height, :bytes, :stored_at, :host)
ON CONFLICT (event_id, role) DO UPDATE SET
    capture_id = excluded.capture_id, path = excluded.path, width = excluded.width, height = excluded.height,
    bytes = excluded.bytes, host = excluded.host
WHERE doomed_at IS NULL
