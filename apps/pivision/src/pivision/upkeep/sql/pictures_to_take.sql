-- Which pictures of events are there?
SELECT path
FROM event_picture
WHERE deleted_at IS NULL AND doomed_at IS NULL
ORDER BY event_id, role
