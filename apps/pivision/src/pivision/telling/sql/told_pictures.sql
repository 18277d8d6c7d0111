-- Which pictures of the event are there to be sent, the most telling first?
SELECT role, path
FROM event_picture
WHERE event_id = :event_id AND deleted_at IS NULL AND doomed_at IS NULL AND role IN ('pre', 'during', 'post')
ORDER BY CASE role WHEN 'post' THEN 0 WHEN 'during' THEN 1 ELSE 2 END
