-- Which cells were repaired or could not be read, and what is booked on their rows?
SELECT issue.code AS code, COUNT(DISTINCT spot.id) AS spots, COALESCE(SUM(spot.gross_cents), 0) AS gross_cents
FROM issue
JOIN spot ON spot.id = issue.spot_id
GROUP BY issue.code
