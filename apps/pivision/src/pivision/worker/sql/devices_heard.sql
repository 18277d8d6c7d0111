-- When was each camera that is wanted heard last?
SELECT id, name, online, last_seen_at
FROM device
WHERE enabled = 1 AND last_seen_at IS NOT NULL
ORDER BY id
