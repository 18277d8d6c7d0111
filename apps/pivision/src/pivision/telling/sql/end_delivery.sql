-- The message arrived, or is not told any more.
UPDATE delivery
SET delivered_at = :delivered_at, given_up_at = :given_up_at, attempts = attempts + 1, last_error = :why
WHERE id = :delivery_id
