-- Which frames should be there, and where?
SELECT capture.id AS capture_id, capture.status, capture.position, capture.bytes, segment.path
FROM capture INDEXED BY capture_by_segment
JOIN segment ON segment.id = capture.segment_id
WHERE capture.segment_id IS NOT NULL
ORDER BY capture.id
