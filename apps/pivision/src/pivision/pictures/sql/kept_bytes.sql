-- How many bytes do the pictures of events take?
SELECT coalesce(sum(bytes), 0) AS bytes
FROM event_picture
WHERE deleted_at IS NULL
