-- Retention ran, and what it did.
INSERT INTO health (name, last_success, details)
VALUES ('retention', :at, :details)
ON CONFLICT (name) DO UPDATE SET last_success = excluded.last_success, details = excluded.details
