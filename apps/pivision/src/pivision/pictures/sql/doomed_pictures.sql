-- Which pictures were to go when a run was cut?
SELECT event_id, role, path, bytes
FROM event_picture INDEXED BY event_picture_present
WHERE deleted_at IS NULL AND doomed_at IS NOT NULL
