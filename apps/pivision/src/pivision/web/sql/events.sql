-- Which events are there, the newest first, from one on?
SELECT event.id, event.kind, event.slot, event.started_at, event.ended_at, event.confidence, event.summary, event.note,
       event.review, event.starred, event.observed_interaction, device.name AS device, device.title,
       (SELECT group_concat(role) FROM event_picture
        WHERE event_picture.event_id = event.id AND event_picture.deleted_at IS NULL) AS roles
FROM event
JOIN device ON device.id = event.device_id
WHERE (:before_at IS NULL OR (event.started_at, event.id) < (:before_at, :before_id))
  AND (:kind IS NULL OR event.kind = :kind)
  AND (:device IS NULL OR device.name = :device)
  AND (:review IS NULL OR event.review = :review)
  AND (:since IS NULL OR event.started_at >= :since)
  AND (:until IS NULL OR event.started_at < :until)
  AND (:words IS NULL OR event.note LIKE '%' || :words || '%' OR event.summary LIKE '%' || :words || '%')
  AND (:starred IS NULL OR event.starred = :starred)
ORDER BY event.started_at DESC, event.id DESC
LIMIT :most
