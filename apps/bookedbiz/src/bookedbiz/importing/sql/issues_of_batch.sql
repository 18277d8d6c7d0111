-- Which cells of the rows that this import added were repaired or could not be read, and what do the first of them say?
SELECT issue.code, count(*) AS cells, count(DISTINCT issue.spot_id) AS spots, min(issue.row) AS first_row,
    group_concat(DISTINCT issue.raw) AS says
FROM issue CROSS JOIN spot ON spot.id = issue.spot_id -- issues are few, an import may hold 100,000 rows
WHERE spot.batch_id = :batch_id
GROUP BY issue.code
ORDER BY cells DESC, issue.code;
