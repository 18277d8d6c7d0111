-- Which completed imports do not account for every line they read, or for their spots' numbers? (id, what they say)
SELECT batch.id, rows_read || ' read, ' || rows_stored || ' stored, ' || rows_skipped || ' skipped; sheets '
    || (SELECT SUM(rows_read) FROM batch_sheet WHERE batch_id = batch.id)
FROM batch
WHERE status = 'completed'
  AND (rows_read <> rows_stored + rows_skipped
       OR rows_stored <> rows_left + rows_added + rows_unchanged
       OR rows_read <> (SELECT SUM(rows_read) FROM batch_sheet WHERE batch_id = batch.id)
       OR (same_as IS NULL AND mode <> 'TRAFFIC'
           AND rows_skipped <> (SELECT COALESCE(SUM(rows), 0) FROM batch_skip WHERE batch_id = batch.id)))
UNION ALL
SELECT batch.id, COUNT(*) || ' spots beyond ' || COALESCE(first_spot_id || ' to ' || last_spot_id, 'none')
FROM spot
JOIN batch ON batch.id = spot.batch_id
WHERE (spot.id BETWEEN batch.first_spot_id AND batch.last_spot_id) IS NOT 1
GROUP BY batch.id
