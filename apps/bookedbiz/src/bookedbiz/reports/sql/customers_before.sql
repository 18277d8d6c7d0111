-- Which customers had any revenue row before this month, whoever sold it?
SELECT DISTINCT customer_id
FROM sales
WHERE month < :month
