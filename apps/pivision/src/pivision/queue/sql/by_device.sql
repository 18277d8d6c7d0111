-- How much waits of each device, and since when?
SELECT device.id AS device_id,
       device.name,
       count(job.id) AS jobs,
       (SELECT received_at FROM capture WHERE capture.id = (
            SELECT head.capture_id FROM job AS head INDEXED BY job_waiting
            WHERE head.device_id = device.id AND head.status = 'queued' ORDER BY head.id LIMIT 1
        )) AS oldest_at
FROM device
LEFT JOIN job INDEXED BY job_waiting ON job.device_id = device.id AND job.status = 'queued'
GROUP BY device.id
ORDER BY device.id
