-- Which events began in the period, the oldest first?
SELECT event.id, device.name AS device, event.kind, event.slot, event.started_at, event.ended_at, event.confidence,
       event.observed_interaction, event.summary, event.review, event.note, event.starred, event.details
FROM event
JOIN device ON device.id = event.device_id
WHERE (:since IS NULL OR event.started_at >= :since)
  AND (:until IS NULL OR event.started_at < :until)
  AND (:device IS NULL OR device.name = :device)
  AND (:kind IS NULL OR event.kind = :kind)
ORDER BY event.started_at, event.id
