-- What is the highest number of the run, and when was that picture taken and received?
SELECT seq, captured_at, received_at
FROM capture
WHERE device_id = :device_id AND boot_id = :boot_id
ORDER BY seq DESC
LIMIT 1
