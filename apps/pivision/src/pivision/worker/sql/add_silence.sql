-- A camera went silent, or came back.
INSERT INTO event (device_id, kind, start_capture_id, started_at, ended_at, confidence, summary, details, created_at)
VALUES (:device_id, :kind, 0, :started_at, :ended_at, 1, :summary, '{}', :created_at)
ON CONFLICT DO NOTHING
RETURNING id
