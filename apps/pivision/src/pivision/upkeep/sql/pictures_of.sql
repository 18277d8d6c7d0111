-- Which pictures does the event still have?
SELECT role, path
FROM event_picture
WHERE event_id = :event_id AND deleted_at IS NULL AND doomed_at IS NULL
ORDER BY role
