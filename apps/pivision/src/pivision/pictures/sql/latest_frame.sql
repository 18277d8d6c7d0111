-- Where does the newest picture of the device lie that is still there?
SELECT capture.id AS capture_id, capture.device_id, capture.received_at, capture.width, capture.height, capture.bytes,
       capture.position, segment.path
FROM capture INDEXED BY capture_by_time
JOIN segment ON segment.id = capture.segment_id
WHERE capture.device_id = :device_id
ORDER BY capture.received_at DESC, capture.id DESC
LIMIT 1
