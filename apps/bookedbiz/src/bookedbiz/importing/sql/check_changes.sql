-- Which imports' changes do not add up to what their months gained? (id, gained, as the changes say, also when summed)
SELECT batch.id, gross_after_cents - gross_before_cents AS gained,
    COALESCE((SELECT SUM(change.gross_after_cents - change.gross_before_cents) FROM change WHERE batch_id = batch.id), 0)
        AS told
FROM batch
WHERE status = 'completed' AND same_as IS NULL AND gained <> told
UNION ALL
SELECT batch_id, told, summed
FROM (
    SELECT batch_id, SUM(gross_cents) FILTER (WHERE is_told) AS told, SUM(gross_cents) FILTER (WHERE NOT is_told) AS summed
    FROM (
        SELECT batch_id, 1 AS is_told, gross_cents FROM changed_contract_now
        UNION ALL SELECT batch_id, 0, gross_cents FROM changed_contract
    )
    GROUP BY batch_id
)
WHERE told IS NOT summed
UNION ALL
SELECT batch_id, told, summed
FROM (
    SELECT batch_id, SUM(gross_cents) FILTER (WHERE is_told) AS told, SUM(gross_cents) FILTER (WHERE NOT is_told) AS summed
    FROM (
        SELECT batch_id, 1 AS is_told, gross_cents FROM changed_seller_now
        UNION ALL SELECT batch_id, 0, gross_cents FROM changed_seller
    )
    GROUP BY batch_id
)
WHERE told IS NOT summed
