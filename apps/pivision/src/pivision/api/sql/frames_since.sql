-- Which pictures since then are still there, the oldest first?
SELECT id
FROM (
    SELECT id, received_at
    FROM capture INDEXED BY capture_by_time
    WHERE device_id = :device_id AND received_at > :after AND segment_id IS NOT NULL AND status = 'processed'
    ORDER BY received_at DESC
    LIMIT :most
)
ORDER BY received_at, id
