-- Which cells of the rows that this import added were repaired or could not be read, and what do the first of them say?
-- Issues are found by the numbers of its spots, which are not read one by one: an import may hold 100,000.
SELECT issue.code, count(*) AS cells, count(DISTINCT issue.spot_id) AS spots, min(issue.row) AS first_row,
    group_concat(DISTINCT issue.raw) AS says
FROM batch
CROSS JOIN issue ON issue.spot_id BETWEEN batch.first_spot_id AND batch.last_spot_id
CROSS JOIN spot ON spot.id = issue.spot_id AND spot.batch_id = batch.id
WHERE batch.id = :batch_id
GROUP BY issue.code
ORDER BY cells DESC, issue.code;
