-- What did the detector measure in the newest pictures, from one on?
SELECT id, received_at, scores
FROM capture INDEXED BY capture_by_time
WHERE device_id = :device_id AND received_at > :after AND scores IS NOT NULL
ORDER BY received_at DESC
LIMIT :most
