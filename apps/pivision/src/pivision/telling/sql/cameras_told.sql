-- Which cameras are there, and what is going on in front of them?
SELECT device.name, device.title, device.online,
       EXISTS (
           SELECT 1 FROM event
           WHERE event.device_id = device.id AND event.kind = 'interaction_detected' AND event.ended_at IS NULL
       ) AS visited
FROM device
WHERE device.enabled = 1
ORDER BY device.id
