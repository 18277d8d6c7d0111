-- The picture whose bytes were lost is here again: its old row makes room.
DELETE FROM capture
WHERE device_id = :device_id AND boot_id = :boot_id AND seq = :seq AND status = 'failed' AND segment_id IS NULL
