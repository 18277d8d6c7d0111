-- So many requests of this minute ended so.
INSERT INTO ingest_minute (minute, endpoint, code, requests, total_ms, slowest_ms, bytes)
VALUES (:minute, :endpoint, :code, :requests, :total_ms, :slowest_ms, :bytes)
ON CONFLICT (minute, endpoint, code) DO UPDATE
SET requests = requests + excluded.requests,
    total_ms = total_ms + excluded.total_ms,
    slowest_ms = max(slowest_ms, excluded.slowest_ms),
    bytes = bytes + excluded.bytes
