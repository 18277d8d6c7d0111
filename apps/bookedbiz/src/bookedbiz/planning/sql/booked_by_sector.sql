-- How much is booked in each sector, by quarter?
SELECT sector, (month % 100 + 2) / 3 AS quarter, sum(gross_cents) AS gross_cents
FROM revenue
WHERE month BETWEEN :first_month AND :last_month
GROUP BY sector, quarter
