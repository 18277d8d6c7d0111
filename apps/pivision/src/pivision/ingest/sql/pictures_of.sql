-- Which pictures does the segment promise, and what are their bytes?
SELECT id, position, bytes, sha256 FROM capture INDEXED BY capture_by_segment WHERE segment_id = :segment_id
