-- Which imports' changes do not add up to what their months gained? (id, gained, as the changes say)
SELECT batch.id, gross_after_cents - gross_before_cents AS gained,
    COALESCE((SELECT SUM(change.gross_after_cents - change.gross_before_cents) FROM change WHERE batch_id = batch.id), 0)
        AS told
FROM batch
WHERE status = 'completed' AND same_as IS NULL AND gained <> told
