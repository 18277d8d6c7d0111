-- How much is kept of what?
SELECT (SELECT count(*) FROM event) AS events,
       (SELECT count(*) FROM event_picture WHERE deleted_at IS NULL) AS pictures,
       (SELECT coalesce(sum(bytes), 0) FROM event_picture WHERE deleted_at IS NULL) AS picture_bytes,
       (SELECT min(stored_at) FROM event_picture WHERE deleted_at IS NULL) AS oldest,
       (SELECT count(*) FROM segment) AS segments,
       (SELECT coalesce(sum(bytes), 0) FROM segment) AS segment_bytes,
       (SELECT count(*) FROM job WHERE status = 'queued') AS waiting,
       (SELECT count(*) FROM recording WHERE ends_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) AS recordings
