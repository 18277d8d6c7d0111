-- What is told of an event?
SELECT event.id, event.kind, event.slot, event.started_at, event.ended_at, event.confidence, event.summary, event.details,
       event.device_id, device.name AS device, device.title,
       (SELECT path FROM event_picture
        WHERE event_picture.event_id = event.id AND event_picture.deleted_at IS NULL
        ORDER BY CASE role WHEN 'post' THEN 0 WHEN 'during' THEN 1 ELSE 2 END LIMIT 1) AS picture
FROM event
JOIN device ON device.id = event.device_id
WHERE event.id = :event_id
