-- Do the imports account for the spots that are there? (spots, added less removed)
SELECT spots, added FROM
    (SELECT COUNT(*) AS spots FROM spot),
    (SELECT COALESCE(SUM(rows_added - rows_removed), 0) AS added FROM batch WHERE status = 'completed' AND same_as IS NULL)
WHERE spots <> added
