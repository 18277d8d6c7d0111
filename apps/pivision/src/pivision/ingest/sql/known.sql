-- Was this number of this device, in this run of it, stored before?
SELECT id AS frame_id, sha256, received_at
FROM capture
WHERE device_id = :device_id AND boot_id = :boot_id AND seq = :seq
