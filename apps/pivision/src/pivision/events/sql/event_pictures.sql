-- Which pictures does the event have, or had?
SELECT role, capture_id, path, width, height, bytes, stored_at, deleted_at
FROM event_picture
WHERE event_id = :event_id
ORDER BY CASE role WHEN 'pre' THEN 0 WHEN 'during' THEN 1 WHEN 'post' THEN 2 ELSE 3 END
