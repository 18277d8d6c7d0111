-- Recordings whose frames are long gone.
DELETE FROM recording
WHERE id IN (SELECT id FROM recording WHERE keep_until < :before ORDER BY id LIMIT :most)
