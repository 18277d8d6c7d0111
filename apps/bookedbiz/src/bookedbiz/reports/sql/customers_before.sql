-- Which customers had any revenue row before this month, whoever sold it?
SELECT DISTINCT customer_id
FROM revenue
WHERE month < :month
