-- Which cells were repaired or could not be read, and what is booked on their rows?
SELECT code, SUM(spots) AS spots, SUM(gross_cents) AS gross_cents
FROM flawed
GROUP BY code
