-- Which imports ended between these moments, the latest first?
SELECT id, finished_at, file_name, rows_added, rows_removed, undoes,
       gross_after_cents - gross_before_cents AS gross_cents
FROM batch
WHERE status = 'completed' AND finished_at >= :since AND finished_at < :until
ORDER BY id DESC
