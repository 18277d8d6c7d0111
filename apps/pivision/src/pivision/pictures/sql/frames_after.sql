-- Which pictures of the device came after this one, were looked at, and are still there?
SELECT capture.id AS capture_id, capture.device_id, capture.received_at, capture.width, capture.height, capture.bytes,
       capture.position, segment.path
FROM capture
JOIN segment ON segment.id = capture.segment_id
WHERE capture.device_id = :device_id AND capture.id > :after AND capture.status = 'processed'
ORDER BY capture.id
LIMIT :most
