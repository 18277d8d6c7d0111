-- What has each customer booked, by bill code and month label, and when does it air?
SELECT
    customer_id, bill_code_id, month,
    SUM(spots) AS spots,
    SUM(gross_cents) AS cents,
    unixepoch(MIN(first_air_date)) / 86400 AS first_day,
    unixepoch(MAX(last_air_date)) / 86400 AS last_day
FROM revenue
WHERE customer_id > 0
GROUP BY customer_id, bill_code_id, month
