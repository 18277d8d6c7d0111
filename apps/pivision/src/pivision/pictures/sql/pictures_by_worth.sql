-- Which pictures go first when room is short? The oldest, and starred ones after all others.
SELECT event_picture.event_id, event_picture.role, event_picture.path, event_picture.bytes
FROM event_picture
JOIN event ON event.id = event_picture.event_id
WHERE event_picture.deleted_at IS NULL
ORDER BY event.starred, event_picture.stored_at, event_picture.event_id
