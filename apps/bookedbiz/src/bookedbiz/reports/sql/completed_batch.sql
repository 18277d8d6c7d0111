-- What did that import do, if it succeeded?
SELECT
    id, started_at, finished_at, mode, file_name, status, imported_by,
    rows_read, rows_stored, rows_skipped, rows_added, rows_removed, rows_unchanged, issues,
    gross_before_cents, gross_after_cents, error
FROM batch
WHERE status = 'completed' AND id = :id
