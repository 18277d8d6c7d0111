-- Which events are there, the newest first, from one on, and what does the one picture that stands for each show?
SELECT event.id, event.kind, event.slot, event.started_at, event.ended_at, event.confidence, event.summary, event.note,
       event.review, event.starred, event.observed_interaction, event.person_count, device.name AS device, device.title,
       json_extract(event.details, '$.last_seen_s') AS last_seen_s,
       shown.role AS shown, shown.width, shown.height, capture.captured_at,
       (SELECT group_concat(role) FROM event_picture
        WHERE event_picture.event_id = event.id AND event_picture.deleted_at IS NULL) AS roles
FROM event
JOIN device ON device.id = event.device_id
LEFT JOIN event_picture AS shown ON shown.event_id = event.id AND shown.role = (
    SELECT role FROM event_picture AS there
    WHERE there.event_id = event.id AND there.deleted_at IS NULL AND there.role IN ('during', 'post', 'pre')
    ORDER BY role
    LIMIT 1
)
LEFT JOIN capture ON capture.id = shown.capture_id
WHERE (event.started_at, event.id) < (:before_at, :before_id)
  AND event.started_at >= :since
  AND event.started_at < :until
  AND (:kind IS NULL OR event.kind = :kind)
  AND (:device IS NULL OR device.name = :device)
  AND (:review IS NULL OR event.review = :review)
  AND (:reviewed IS NULL OR (event.review <> 'new') = :reviewed)
  AND (:words IS NULL OR event.note LIKE '%' || :words || '%' ESCAPE '\'
                      OR event.summary LIKE '%' || :words || '%' ESCAPE '\')
  AND (:starred IS NULL OR event.starred = :starred)
ORDER BY event.started_at DESC, event.id DESC
LIMIT :most
