-- Where does this picture lie?
SELECT capture.id AS capture_id, capture.device_id, capture.received_at, capture.width, capture.height, capture.bytes,
       capture.position, segment.path
FROM capture
LEFT JOIN segment ON segment.id = capture.segment_id
WHERE capture.id = :capture_id
