-- How much of it is each camera's?
SELECT device.name, device.title, count(DISTINCT event.id) AS events, count(event_picture.role) AS pictures,
       coalesce(sum(event_picture.bytes), 0) AS bytes
FROM device
LEFT JOIN event ON event.device_id = device.id
LEFT JOIN event_picture ON event_picture.event_id = event.id AND event_picture.deleted_at IS NULL
GROUP BY device.id
ORDER BY device.name
