-- Which pictures of events should be there?
SELECT path, bytes, host
FROM event_picture INDEXED BY event_picture_present
WHERE deleted_at IS NULL
ORDER BY path
