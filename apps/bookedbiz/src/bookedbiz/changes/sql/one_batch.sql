-- What did this import do?
SELECT id, finished_at, file_name, rows_added, rows_removed, undoes,
       gross_after_cents - gross_before_cents AS gross_cents
FROM batch
WHERE status = 'completed' AND id = :batch
