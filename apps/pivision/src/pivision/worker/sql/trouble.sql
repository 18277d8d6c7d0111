-- A part of the appliance is in trouble.
INSERT INTO health (name, last_error_at, last_error)
VALUES (:name, :at, :error)
ON CONFLICT (name) DO UPDATE SET last_error_at = excluded.last_error_at, last_error = excluded.last_error
