-- Which pictures of events were stored before this moment? Starred ones stay.
SELECT event_picture.event_id, event_picture.role, event_picture.path, event_picture.bytes
FROM event_picture INDEXED BY event_picture_present
JOIN event ON event.id = event_picture.event_id
WHERE event_picture.deleted_at IS NULL AND event_picture.stored_at <= :before AND event.starred = 0
ORDER BY event_picture.stored_at
LIMIT :most
