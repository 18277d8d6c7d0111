-- Which completed imports do not account for every line they read? (id, what they say)
SELECT batch.id, rows_read || ' read, ' || rows_stored || ' stored, ' || rows_skipped || ' skipped; sheets '
    || (SELECT SUM(rows_read) FROM batch_sheet WHERE batch_id = batch.id)
FROM batch
WHERE status = 'completed'
  AND (rows_read <> rows_stored + rows_skipped
       OR rows_stored <> rows_left + rows_added + rows_unchanged
       OR rows_read <> (SELECT SUM(rows_read) FROM batch_sheet WHERE batch_id = batch.id)
       OR (same_as IS NULL AND mode <> 'TRAFFIC'
           AND rows_skipped <> (SELECT COALESCE(SUM(rows), 0) FROM batch_skip WHERE batch_id = batch.id)))
