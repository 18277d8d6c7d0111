-- Was this number of this device, in this run of it, stored before; or was it lost before anybody was told?
SELECT id AS frame_id, sha256, received_at, status = 'failed' AND segment_id IS NULL AS lost
FROM capture
WHERE device_id = :device_id AND boot_id = :boot_id AND seq = :seq
