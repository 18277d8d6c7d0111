-- The worker is well, and what it does.
INSERT INTO health (name, last_success, details)
VALUES (:name, :at, :details)
ON CONFLICT (name) DO UPDATE SET last_success = excluded.last_success, details = excluded.details
