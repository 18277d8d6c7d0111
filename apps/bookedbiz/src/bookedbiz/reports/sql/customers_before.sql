-- Which customers had any revenue row before this month, whoever sold it?
SELECT DISTINCT customer_id
FROM sold_revenue
WHERE month < :month
