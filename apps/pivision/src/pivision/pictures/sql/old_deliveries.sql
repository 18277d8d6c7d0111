-- What was told to others long ago.
DELETE FROM delivery
WHERE id IN (
    SELECT id FROM delivery
    WHERE coalesce(delivered_at, given_up_at) < :before
    ORDER BY id
    LIMIT :most
)
