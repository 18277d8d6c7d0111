-- Which import changed something last, of those that were not taken back?
SELECT id, file_name, mode, finished_at, imported_by, rows_added, rows_removed, gross_before_cents, gross_after_cents
FROM batch
WHERE status = 'completed'
  AND same_as IS NULL
  AND undoes IS NULL
  AND mode <> 'TRAFFIC'
  AND id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
  AND (rows_added > 0 OR rows_removed > 0 OR id IN (SELECT batch_id FROM month_seal))
ORDER BY id DESC
LIMIT 1
