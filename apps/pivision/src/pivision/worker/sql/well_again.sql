-- A part of the appliance that was in trouble is well again.
UPDATE health
SET last_success = :at
WHERE name = :name AND last_error_at IS NOT NULL AND (last_success IS NULL OR last_success < last_error_at)
