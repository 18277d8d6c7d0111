-- How much have the imports since then added and taken away?
SELECT
    count(*) AS batches,
    COALESCE(sum(rows_added), 0) AS rows_added,
    COALESCE(sum(rows_removed), 0) AS rows_removed,
    COALESCE(sum(gross_after_cents - gross_before_cents), 0) AS gross_cents
FROM batch
WHERE status = 'completed' AND finished_at >= :since
