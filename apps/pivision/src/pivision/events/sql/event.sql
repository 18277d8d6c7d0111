-- Everything about one event.
SELECT event.id, event.kind, event.slot, event.start_capture_id, event.started_at, event.ended_at, event.confidence,
       event.observed_interaction, event.person_count, event.summary, event.details, event.note, event.review, event.reviewed_by,
       event.reviewed_at, event.starred, event.device_id, device.name AS device, device.title, device.privacy_blur,
       (SELECT max(id) FROM event AS earlier
        WHERE earlier.device_id = event.device_id AND earlier.id < event.id) AS earlier_id,
       (SELECT min(id) FROM event AS later
        WHERE later.device_id = event.device_id AND later.id > event.id) AS later_id
FROM event
JOIN device ON device.id = event.device_id
WHERE event.id = :event_id
