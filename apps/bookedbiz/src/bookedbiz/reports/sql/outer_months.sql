-- Which are the first and the last month with revenue?
SELECT
    (SELECT month FROM sales ORDER BY month LIMIT 1) AS first_month,
    (SELECT month FROM sales ORDER BY month DESC LIMIT 1) AS last_month
